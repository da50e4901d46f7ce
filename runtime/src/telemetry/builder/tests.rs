//! Every setter.

use super::*;
use crate::{ContentCapture, ContentMode, Mask, Sampler, TailSampling};

#[test]
#[allow(clippy::too_many_lines, reason = "it has lines for each setting")]
fn each_setting_has_a_setter() {
    let second = Duration::from_secs(1);
    let builder = Telemetry::builder()
        .enabled(false)
        .service_name("name")
        .service_version("version")
        .environment("environment")
        .resource_attribute("key", 1)
        .traces_to([ExporterName::Otlp])
        .metrics_to([ExporterName::Console])
        .logs_to([ExporterName::File])
        .console(true)
        .file("file")
        .zipkin_endpoint("zipkin")
        .prometheus_address("host", 20)
        .otlp_endpoint("endpoint")
        .otlp_protocol(Protocol::HttpJson)
        .otlp_header("name", "value")
        .otlp_headers_file("headers")
        .otlp_timeout(second)
        .spool("spool")
        .spool_limit(70_000)
        .otlp_gzip(true)
        .otlp_certificate("certificate")
        .otlp_client_certificate("client certificate", "client key")
        .sampler(Sampler::AlwaysOff)
        .sample_if(|_| true)
        .tail_sampling(TailSampling::new().errors().ratio(0.5))
        .batch_delay(second * 2)
        .queue_size(3)
        .batch_size(4)
        .batch_timeout(second * 5)
        .queue_bytes(21)
        .drop_first(DropFirst::Oldest)
        .attribute_count_limit(6)
        .event_count_limit(7)
        .link_count_limit(8)
        .event_attribute_count_limit(9)
        .link_attribute_count_limit(10)
        .attribute_length_limit(11)
        .record_batch_delay(second * 14)
        .record_queue_size(15)
        .record_batch_size(16)
        .record_batch_timeout(second * 17)
        .record_attribute_count_limit(18)
        .record_attribute_length_limit(19)
        .exceptions_on_spans(true)
        .inference_events(true)
        .errors(ErrorDetail::Debug)
        .capture_content(ContentCapture::EventOnly)
        .content_mode(ContentMode::Hash)
        .full_tool_definitions(true)
        .metric_interval(second * 12)
        .metric_timeout(second * 13)
        .delta_temporality(true)
        .exponential_histograms(true)
        .propagators([Propagator::Baggage])
        .price(Price::new("provider", "model"))
        .conventions([Convention::GenAiMain])
        .prefix("prefix")
        .identity_baggage(["session"], ["*.example.com"])
        .content_limit(14)
        .masks([Mask::Iban])
        .mask_with(|_| None);
    #[cfg(feature = "mask-patterns")]
    let builder = builder.mask("ticket", "T-1");
    let Overrides {
        disabled,
        service_name,
        service_version,
        environment,
        attributes,
        traces,
        metrics,
        logs,
        console,
        file,
        has_span_exporter,
        endpoint,
        protocol,
        headers,
        header_file,
        timeout,
        spool,
        spool_bytes,
        gzip,
        certificate,
        client_certificate,
        client_key,
        sampler,
        sample_if,
        tail_sampling,
        batch_delay,
        batch_queue,
        batch_size,
        batch_timeout,
        queue_bytes,
        drop_first,
        span_attributes,
        span_events,
        span_links,
        event_attributes,
        link_attributes,
        value_length,
        record_delay,
        record_queue,
        record_batch_size,
        record_timeout,
        record_attributes,
        record_value_length,
        exceptions_on_spans,
        inference_events,
        content_limit,
        masks,
        #[cfg(feature = "mask-patterns")]
        mask_patterns,
        mask_functions,
        error_detail,
        content_capture,
        content_mode,
        full_tool_definitions,
        metric_interval,
        metric_timeout,
        temporality,
        propagators,
        prices,
        conventions,
        prefix,
        baggage_keys,
        baggage_hosts,
        zipkin_endpoint,
        prometheus_host,
        prometheus_port,
        exponential_histograms,
    } = builder.overrides;
    assert_eq!(disabled, Some(true));
    let texts =
        [service_name, service_version, environment, endpoint, zipkin_endpoint, prometheus_host];
    assert_eq!(
        texts.map(Option::unwrap),
        ["name", "version", "environment", "endpoint", "zipkin", "host"].map(String::from)
    );
    assert_eq!(prometheus_port, Some(20));
    assert_eq!(exponential_histograms, Some(true));
    assert_eq!(attributes, [KeyValue::new("key", 1)]);
    assert_eq!(traces, Some(vec![ExporterName::Otlp]));
    assert_eq!(metrics, Some(vec![ExporterName::Console]));
    assert_eq!(logs, Some(vec![ExporterName::File]));
    assert_eq!((exceptions_on_spans, inference_events), (Some(true), Some(true)));
    assert_eq!((console, gzip), (Some(true), Some(true)));
    let paths = [file, certificate, client_certificate, client_key, spool];
    assert_eq!(
        paths.map(Option::unwrap),
        ["file", "certificate", "client certificate", "client key", "spool"].map(PathBuf::from)
    );
    assert!(!has_span_exporter);
    assert_eq!(protocol, Some(Protocol::HttpJson));
    assert_eq!(error_detail, Some(ErrorDetail::Debug));
    assert_eq!(content_capture, Some(ContentCapture::EventOnly));
    assert_eq!(content_mode, Some(ContentMode::Hash));
    assert_eq!(full_tool_definitions, Some(true));
    assert_eq!(headers, [(String::from("name"), String::from("value"))]);
    assert_eq!(header_file, Some(PathBuf::from("headers")));
    assert_eq!(sampler, Some(Sampler::AlwaysOff));
    assert!(sample_if.is_some());
    assert_eq!(tail_sampling.unwrap().to_string(), "errors,ratio=0.5");
    let durations = [
        timeout,
        batch_delay,
        batch_timeout,
        metric_interval,
        metric_timeout,
        record_delay,
        record_timeout,
    ];
    let seconds = durations.map(|it| it.map(|it| it.as_secs()));
    assert_eq!(seconds, [1, 2, 5, 12, 13, 14, 17].map(Some));
    let counts = [
        batch_queue,
        batch_size,
        span_attributes,
        span_events,
        span_links,
        event_attributes,
        link_attributes,
        value_length,
        record_queue,
        record_batch_size,
        record_attributes,
        record_value_length,
        content_limit,
        queue_bytes,
        spool_bytes,
    ];
    assert_eq!(counts, [3, 4, 6, 7, 8, 9, 10, 11, 15, 16, 18, 19, 14, 21, 70_000].map(Some));
    assert_eq!(drop_first, Some(DropFirst::Oldest));
    assert_eq!(masks, Some(vec![Mask::Iban]));
    #[cfg(feature = "mask-patterns")]
    assert_eq!(mask_patterns, [(String::from("ticket"), String::from("T-1"))]);
    assert_eq!(mask_functions.len(), 1);
    assert_eq!(temporality, Some(Temporality::Delta));
    assert_eq!(propagators, Some(vec![Propagator::Baggage]));
    assert_eq!(prices, [Price::new("provider", "model")]);
    assert_eq!(conventions, Some(vec![Convention::GenAiMain]));
    assert_eq!(prefix, Some(String::from("prefix")));
    assert_eq!(baggage_keys, Some(vec![String::from("session")]));
    assert_eq!(baggage_hosts, Some(vec![String::from("*.example.com")]));
}
