//! Booleans, numbers, words and lists.

use std::time::Duration;

use opentelemetry_sdk::metrics::Temporality;

use super::{assert_decided, attempt, quiet, settings, settings_of_code};
use crate::telemetry::env::Environment;
use crate::telemetry::settings::{
    Batch, Limits, LogLevel, Overrides, Propagator, Sampler, Settings,
};

type Show = fn(&Settings) -> String;

/// Name, a good value, what it shows as, the default, a bad value and the whole message about it.
type Case =
    (&'static str, &'static str, Show, &'static str, &'static str, &'static str, &'static str);

fn ms(duration: Duration) -> String {
    duration.as_millis().to_string()
}

const CASES: &[Case] = &[
    (
        "OTEL_BSP_SCHEDULE_DELAY",
        "250",
        |settings| ms(settings.batch.delay),
        "250",
        "5000",
        "abc",
        "OTEL_BSP_SCHEDULE_DELAY: \"abc\" is not a number of milliseconds; expected a whole number such as 5000; using 5000",
    ),
    (
        "OTEL_BSP_MAX_QUEUE_SIZE",
        "4096",
        |settings| settings.batch.queue.to_string(),
        "4096",
        "2048",
        "0",
        "OTEL_BSP_MAX_QUEUE_SIZE: \"0\" is below 1; expected a whole number such as 2048; using 2048",
    ),
    (
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
        "64",
        |settings| settings.batch.size.to_string(),
        "64",
        "512",
        "-1",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: \"-1\" is not a number; expected a whole number such as 512; using 512",
    ),
    (
        "OTEL_BSP_EXPORT_TIMEOUT",
        "1000",
        |settings| ms(settings.batch.timeout),
        "1000",
        "30000",
        "0",
        "OTEL_BSP_EXPORT_TIMEOUT: \"0\" is not above zero; expected a whole number such as 30000; using 30000",
    ),
    (
        "OTEL_METRIC_EXPORT_INTERVAL",
        "1000",
        |settings| ms(settings.metric_interval),
        "1000",
        "60000",
        "99999999999999999999999",
        "OTEL_METRIC_EXPORT_INTERVAL: \"99999999999999999999999\" is more than 2147483647 milliseconds; expected a whole number such as 60000; using 60000",
    ),
    (
        "OTEL_METRIC_EXPORT_TIMEOUT",
        "+7",
        |settings| ms(settings.metric_timeout),
        "7",
        "30000",
        "7.5",
        "OTEL_METRIC_EXPORT_TIMEOUT: \"7.5\" is not a number of milliseconds; expected a whole number such as 30000; using 30000",
    ),
    (
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
        "1000",
        |settings| settings.limits.attributes.to_string(),
        "1000",
        "128",
        "many",
        "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: \"many\" is not a number; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_SPAN_EVENT_COUNT_LIMIT",
        "0",
        |settings| settings.limits.events.to_string(),
        "0",
        "128",
        "2147483648",
        "OTEL_SPAN_EVENT_COUNT_LIMIT: \"2147483648\" is more than 2147483647; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_SPAN_LINK_COUNT_LIMIT",
        "5",
        |settings| settings.limits.links.to_string(),
        "5",
        "128",
        "1e3",
        "OTEL_SPAN_LINK_COUNT_LIMIT: \"1e3\" is not a number; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT",
        "6",
        |settings| settings.limits.event_attributes.to_string(),
        "6",
        "128",
        "x",
        "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: \"x\" is not a number; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
        "7",
        |settings| settings.limits.link_attributes.to_string(),
        "7",
        "128",
        "x",
        "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: \"x\" is not a number; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_ATTRIBUTE_COUNT_LIMIT",
        "9",
        |settings| settings.limits.attributes.to_string(),
        "9",
        "128",
        "x",
        "OTEL_ATTRIBUTE_COUNT_LIMIT: \"x\" is not a number; expected a whole number such as 128; using 128",
    ),
    (
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "4096",
        |settings| format!("{:?}", settings.limits.value_length),
        "Some(4096)",
        "None",
        "long",
        "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: \"long\" is not a number; expected a whole number such as 4096; using no limit",
    ),
    (
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        "10",
        |settings| format!("{:?}", settings.limits.value_length),
        "Some(10)",
        "None",
        "-5",
        "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: \"-5\" is not a number; expected a whole number such as 4096; using no limit",
    ),
    (
        "OTEL_SDK_DISABLED",
        "True",
        |settings| settings.disabled.to_string(),
        "true",
        "false",
        "1",
        "OTEL_SDK_DISABLED: \"1\" is neither true nor false; expected true or false; using false",
    ),
    (
        "OTEL_TRACING_ENABLED",
        "FALSE",
        |settings| settings.disabled.to_string(),
        "true",
        "false",
        "no",
        "OTEL_TRACING_ENABLED: \"no\" is neither true nor false; expected true or false; using true",
    ),
    (
        "OTEL_LOG_LEVEL",
        "ERROR",
        |settings| format!("{:?}", settings.log_level),
        "Error",
        "Info",
        "loud",
        "OTEL_LOG_LEVEL: \"loud\" is unknown; expected one of none, error, warn, info, debug, trace; using info",
    ),
    (
        "OTEL_TRACES_SAMPLER",
        "Always_Off",
        |settings| format!("{:?}", settings.sampler),
        "AlwaysOff",
        "ParentBasedAlwaysOn",
        "sometimes",
        "OTEL_TRACES_SAMPLER: \"sometimes\" is unknown; expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio; using parentbased_always_on",
    ),
    (
        "OTEL_PROPAGATORS",
        "Baggage, tracecontext ,baggage",
        |settings| format!("{:?}", settings.propagators),
        "[Baggage, TraceContext]",
        "[TraceContext, Baggage]",
        "w3c",
        "OTEL_PROPAGATORS: \"w3c\" is unknown; expected a list of tracecontext, baggage, or none; using tracecontext,baggage",
    ),
    (
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "DELTA",
        |settings| format!("{:?}", settings.temporality),
        "Delta",
        "Cumulative",
        "both",
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: \"both\" is unknown; expected one of cumulative, delta, lowmemory; using cumulative",
    ),
];

#[test]
fn a_good_value_is_used_without_a_word() {
    for (name, good, show, shown, ..) in CASES {
        assert_eq!(show(&quiet(&[(name, good)])), *shown, "{name}");
        assert_eq!(show(&quiet(&[(name, &format!(" {good} "))])), *shown, "{name} with blanks");
    }
}

#[test]
fn a_bad_value_gives_one_message_and_the_default() {
    for (name, _, show, _, default, bad, message) in CASES {
        let settings = settings(&[(name, bad)]);
        assert_eq!(show(&settings), *default, "{name}");
        assert_eq!(settings.warnings, [*message]);
    }
}

#[test]
fn an_empty_value_is_no_value() {
    for (name, _, show, _, default, ..) in CASES {
        for empty in ["", "  "] {
            assert_eq!(show(&quiet(&[(name, empty)])), *default, "{name}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_value_that_is_not_text_gives_one_message_and_the_default() {
    use std::os::unix::ffi::OsStringExt as _;
    for (name, _, show, _, default, ..) in CASES {
        let asked = *name;
        let find = move |name: &str| {
            (name == asked).then(|| std::ffi::OsString::from_vec(vec![b'a', 0xff]))
        };
        let environment = Environment::new(find, None);
        let settings = Settings::from_environment(&environment, &Overrides::default()).unwrap();
        assert_eq!(show(&settings), *default, "{name}");
        let [warning] = settings.warnings.as_slice() else { panic!("{:?}", settings.warnings) };
        assert!(
            warning.starts_with(&format!("{name}: \"a\u{fffd}\" is not UTF-8; expected ")),
            "{warning}"
        );
    }
}

#[test]
fn a_long_bad_value_is_cut_in_the_message() {
    let settings = settings(&[("OTEL_BSP_SCHEDULE_DELAY", &"x".repeat(5000))]);
    let start = "x".repeat(80);
    let message = format!(
        "OTEL_BSP_SCHEDULE_DELAY: \"{start}\"… is not a number of milliseconds; expected a whole \
         number such as 5000; using 5000"
    );
    assert_eq!(settings.warnings, [message]);
}

#[test]
fn a_line_break_in_a_value_stays_inside_the_message() {
    let settings = settings(&[("OTEL_BSP_SCHEDULE_DELAY", "1\n\u{1b}[31m2")]);
    assert!(settings.warnings[0].contains(r#""1\n\u{1b}[31m2""#), "{}", settings.warnings[0]);
}

#[test]
fn a_limit_of_its_own_wins_over_the_general_one() {
    let limits = quiet(&[
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "50"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "3"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "100"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "20"),
    ])
    .limits;
    let expected = Limits {
        attributes: 50,
        events: 128,
        links: 128,
        event_attributes: 3,
        link_attributes: 50,
        value_length: Some(20),
        content: 32_000,
    };
    assert_eq!(limits, expected);
}

#[test]
fn a_bad_limit_gives_way_to_the_general_one() {
    let settings =
        settings(&[("OTEL_ATTRIBUTE_COUNT_LIMIT", "50"), ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "x")]);
    assert_eq!(settings.limits.attributes, 50);
    assert_eq!(
        settings.warnings,
        [
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: \"x\" is not a number; expected a whole number such as \
          128; using 50"
        ]
    );
    assert_decided(&settings, "attributes of a span: 50 (OTEL_ATTRIBUTE_COUNT_LIMIT)");
}

#[test]
fn a_batch_is_never_more_than_the_queue() {
    assert_eq!(quiet(&[("OTEL_BSP_MAX_QUEUE_SIZE", "100")]).batch.size, 100);
    let settings =
        settings(&[("OTEL_BSP_MAX_QUEUE_SIZE", "100"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "200")]);
    assert_eq!(settings.batch.size, 100);
    assert_eq!(
        settings.warnings,
        [
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 200 is more than the queue holds; expected at most 100; \
          using 100"
        ]
    );
}

#[test]
fn what_is_not_supported_is_named() {
    let settings = settings(&[("OTEL_CONFIG_FILE", "/etc/otel.yaml")]);
    assert_eq!(
        settings.warnings,
        ["OTEL_CONFIG_FILE: \"/etc/otel.yaml\" is a configuration file, which is not \
             supported; expected the other variables; using them",]
    );
}

#[test]
fn histograms_are_exponential_on_request_but_not_beside_prometheus() {
    let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    let exponential = (name, "BASE2_exponential_bucket_histogram");
    assert!(!quiet(&[]).exponential_histograms);
    assert!(quiet(&[exponential]).exponential_histograms);
    let code = Overrides { exponential_histograms: Some(false), ..Overrides::default() };
    assert!(!attempt(&[exponential], &code).unwrap().exponential_histograms);
    let settings = settings(&[exponential, ("OTEL_METRICS_EXPORTER", "otlp,prometheus")]);
    assert!(!settings.exponential_histograms);
    let warning = format!(
        "{name}: \"base2_exponential_bucket_histogram\" cannot be fetched by prometheus; expected \
         explicit_bucket_histogram beside it; using explicit_bucket_histogram"
    );
    assert_eq!(settings.warnings, [warning]);
}

#[test]
fn the_standard_switch_wins_over_the_other() {
    let both = |disabled, enabled| {
        quiet(&[("OTEL_SDK_DISABLED", disabled), ("OTEL_TRACING_ENABLED", enabled)])
    };
    assert!(!both("false", "false").disabled);
    let settings = both("true", "true");
    assert!(settings.disabled);
    assert_decided(&settings, "disabled: true (OTEL_SDK_DISABLED)");
}

#[test]
fn switched_off_nothing_is_sent_and_context_still_travels() {
    let settings =
        settings(&[("OTEL_SDK_DISABLED", "true"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "not a url")]);
    assert_eq!(
        settings.warnings,
        ["OTEL_EXPORTER_OTLP_ENDPOINT: \"not a url\" has a blank or a character outside ASCII; \
          expected a URL such as http://localhost:4318; it is not used"]
    );
    assert_eq!((settings.traces, settings.metrics), (vec![], vec![]));
    assert_eq!(settings.propagators, [Propagator::TraceContext, Propagator::Baggage]);
}

#[test]
fn code_wins_over_every_variable() {
    let overrides = Overrides {
        disabled: Some(false),
        sampler: Some(Sampler::TraceIdRatio(0.5)),
        batch_delay: Some(Duration::from_millis(1)),
        batch_queue: Some(20),
        batch_size: Some(3),
        batch_timeout: Some(Duration::from_millis(4)),
        span_attributes: Some(5),
        span_events: Some(6),
        span_links: Some(7),
        event_attributes: Some(8),
        link_attributes: Some(9),
        value_length: Some(10),
        record_attributes: Some(13),
        record_value_length: Some(14),
        metric_interval: Some(Duration::from_millis(11)),
        metric_timeout: Some(Duration::from_millis(12)),
        temporality: Some(Temporality::LowMemory),
        propagators: Some(vec![Propagator::Baggage, Propagator::Baggage]),
        ..Overrides::default()
    };
    // Every one with a bad value, which changes nothing and is still worth a word.
    let variables: Vec<(&str, &str)> = CASES
        .iter()
        .filter(|(name, ..)| *name != "OTEL_LOG_LEVEL")
        .map(|(name, _, _, _, _, bad, _)| (*name, *bad))
        .collect();
    let settings = attempt(&variables, &overrides).unwrap();
    let mut warnings = settings.warnings.clone();
    let mut expected: Vec<String> = CASES
        .iter()
        .filter(|(name, ..)| *name != "OTEL_LOG_LEVEL")
        .map(|(.., message)| {
            format!("{}; it is not used", message.rsplit_once("; using ").unwrap().0)
        })
        .collect();
    warnings.sort();
    expected.sort();
    assert_eq!(warnings, expected);
    assert!(!settings.disabled);
    assert_eq!(settings.sampler, Sampler::TraceIdRatio(0.5));
    let batch = Batch {
        delay: Duration::from_millis(1),
        queue: 20,
        size: 3,
        timeout: Duration::from_millis(4),
    };
    assert_eq!(settings.batch, batch);
    let limits = Limits {
        attributes: 5,
        events: 6,
        links: 7,
        event_attributes: 8,
        link_attributes: 9,
        value_length: Some(10),
        content: 32_000,
    };
    assert_eq!(settings.limits, limits);
    assert_eq!(settings.metric_interval, Duration::from_millis(11));
    assert_eq!(settings.metric_timeout, Duration::from_millis(12));
    assert_eq!(settings.temporality, Temporality::LowMemory);
    assert_eq!(settings.propagators, [Propagator::Baggage]);
    assert_decided(&settings, "batch delay, ms: 1 (code)");
    assert_decided(&settings, "sampler: traceidratio of 0.5 (code; share: code)");
}

#[test]
fn what_code_sets_out_of_range_is_named_too() {
    let settings = settings_of_code(&Overrides {
        sampler: Some(Sampler::ParentBasedTraceIdRatio(1.5)),
        batch_delay: Some(Duration::ZERO),
        batch_queue: Some(0),
        metric_interval: Some(Duration::MAX),
        span_links: Some(usize::MAX),
        ..Overrides::default()
    });
    assert_eq!(settings.sampler, Sampler::ParentBasedTraceIdRatio(1.0));
    assert_eq!(settings.batch.delay, Duration::from_secs(5));
    assert_eq!(settings.batch.queue, 2048);
    assert_eq!(settings.metric_interval, Duration::from_secs(60));
    assert_eq!(
        settings.warnings,
        [
            "OTEL_TRACES_SAMPLER_ARG: 1.5, set in code, is out of range; expected a number from 0 \
             to 1 such as 0.25; using 1",
            "OTEL_BSP_SCHEDULE_DELAY: 0, set in code, is out of range; expected a whole number \
             such as 5000; using 5000",
            "OTEL_BSP_MAX_QUEUE_SIZE: 0, set in code, is out of range; expected a whole number \
             such as 2048; using 2048",
            "OTEL_SPAN_LINK_COUNT_LIMIT: 18446744073709551615, set in code, is out of range; \
             expected a whole number such as 128; using 128",
            "OTEL_METRIC_EXPORT_INTERVAL: 18446744073709551615999, set in code, is out of range; \
             expected a whole number such as 60000; using 60000",
        ]
    );
}

#[test]
fn messages_have_an_order_of_severity() {
    assert!(LogLevel::None < LogLevel::Error && LogLevel::Error < LogLevel::Warn);
    assert!(LogLevel::Warn < LogLevel::Info && LogLevel::Info < LogLevel::Debug);
    assert!(LogLevel::Debug < LogLevel::Trace);
}

#[test]
fn the_process_is_an_environment() {
    let environment = Environment::of_process();
    assert!(environment.executable().is_some_and(|name| name.starts_with("spanline")));
    assert!(!format!("{:?}", super::environment(&[("SECRET", "s3cret")])).contains("s3cret"));
}
