//! A bad value and a good one for each variable of the documentation.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::run::no_text;
use super::support::authority::Authority;

/// How one variable is tried.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// With these, the variable is used.
    pub(crate) context: Vec<(String, OsString)>,
    /// None where the variable takes anything.
    pub(crate) bad: Option<OsString>,
    /// How messages show the bad value.
    pub(crate) shown: String,
    pub(crate) good: OsString,
    /// The line of `health` that the good value leads to.
    pub(crate) decision: String,
    /// The good value is good, and yet there is something to say about it.
    pub(crate) is_remarked: bool,
}

impl Case {
    fn new(name: &str, bad: &str, good: &str, decision: &str) -> Self {
        Self {
            name: name.to_owned(),
            context: Vec::new(),
            bad: Some(bad.into()),
            shown: format!("{bad:?}"),
            good: good.into(),
            decision: decision.replace('@', name),
            is_remarked: false,
        }
    }

    /// Takes every text, so that a bad value is none.
    fn text(name: &str, decision: &str) -> Self {
        let case = Self::new(name, "", "search", decision);
        Self { bad: Some(no_text()), shown: "\"s3\u{fffd}\"".to_owned(), ..case }
    }

    fn anything(name: &str) -> Self {
        Self { bad: None, ..Self::new(name, "", "anything", "") }
    }

    fn within(mut self, context: &[(&str, &OsStr)]) -> Self {
        self.context =
            context.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
        self
    }

    fn remarked(self) -> Self {
        Self { is_remarked: true, ..self }
    }

    /// The context, and the variable with `value`.
    pub(crate) fn with<'a>(&'a self, value: &'a OsStr) -> Vec<(&'a str, &'a OsStr)> {
        let context = self.context.iter().map(|(name, value)| (name.as_str(), value.as_os_str()));
        context.chain([(self.name.as_str(), value)]).collect()
    }
}

/// One for each variable; certificates are those of `authority`.
pub(crate) fn cases(authority: &Authority) -> Vec<Case> {
    let mut cases = general();
    cases.extend(destinations(authority));
    for (form, signal) in [("", "traces"), ("TRACES_", "traces"), ("METRICS_", "metrics")] {
        cases.extend(otlp(form, signal));
        cases.extend(encryption(form, signal, authority));
    }
    // Without an exporter of their own they are not looked at as closely.
    for mut case in otlp("LOGS_", "logs").into_iter().chain(encryption("LOGS_", "logs", authority))
    {
        case.context.push(("OTEL_LOGS_EXPORTER".into(), "otlp".into()));
        cases.push(case);
    }
    cases.extend(numbers());
    cases.extend(zipkin());
    cases.extend(spool(authority));
    cases.extend(prometheus());
    cases.extend(
        ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "TERM", "LC_ALL", "LC_CTYPE", "LANG"]
            .map(Case::anything),
    );
    cases.push(Case::new("COLUMNS", "many", "80", ""));
    cases
}

fn general() -> Vec<Case> {
    vec![
        Case::new("OTEL_SDK_DISABLED", "1", "true", "disabled: true (@)"),
        Case::new("OTEL_TRACING_ENABLED", "0", "false", "disabled: true (@)"),
        Case::new("OTEL_LOG_LEVEL", "loud", "debug", "messages: debug (@)"),
        Case::new("OTEL_CONFIG_FILE", "otel.yaml", "otel.yaml", "").remarked(),
        Case::text("OTEL_SERVICE_NAME", "service.name: search (@)"),
        Case::new("OTEL_RESOURCE_ATTRIBUTES", "team", "team=a%2Cb", "team: a,b (@)").within(&[]),
        Case::text("OTEL_ENVIRONMENT", "deployment.environment.name: search (@)"),
        Case::text("DEPLOYMENT_ENV", "deployment.environment.name: search (@)"),
        Case::text("FLO_ENV", "deployment.environment.name: search (@)"),
        Case::new("OTEL_TRACES_SAMPLER", "sometimes", "always_off", "sampler: always_off (@)"),
        Case::new(
            "OTEL_TRACES_SAMPLER_ARG",
            "1.5",
            "0.25",
            "sampler: traceidratio of 0.25 (OTEL_TRACES_SAMPLER; share: @)",
        )
        .within(&[("OTEL_TRACES_SAMPLER", OsStr::new("traceidratio"))]),
        Case::new("OTEL_PROPAGATORS", "w3c", "baggage", "propagators: baggage (@)"),
        Case::new(
            "SPANLINE_BAGGAGE_KEYS",
            "a region",
            "session, region",
            "baggage keys: session,region (@)",
        ),
        Case::new(
            "SPANLINE_BAGGAGE_HOSTS",
            "https://a.example",
            "a.example,*.b.example",
            "baggage hosts: a.example,*.b.example (@)",
        ),
        Case::new("SPANLINE_ERRORS", "none", "type", "errors: type (@)"),
        Case::new(
            "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN",
            "log",
            "logs/dup",
            "exceptions: log records and events of spans (@)",
        )
        .within(&[("OTEL_LOGS_EXPORTER", OsStr::new("console"))]),
        Case::new(
            "OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT",
            "yes",
            "true",
            "inference events: true (@)",
        )
        .within(&[("OTEL_LOGS_EXPORTER", OsStr::new("console"))]),
        Case::new(
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "everything",
            "SPAN_AND_EVENT",
            "content: span_and_event (@)",
        )
        .within(&[("OTEL_LOGS_EXPORTER", OsStr::new("console"))]),
        Case::new("SPANLINE_CONTENT_MODE", "none", "hash", "content mode: hash (@)"),
        Case::new(
            "SPANLINE_CONTENT_TOOL_DEFINITIONS",
            "none",
            "full",
            "content of tool definitions: full (@)",
        ),
        Case::new(
            "SPANLINE_CONVENTIONS",
            "v1.40",
            "openinference,v1.41.1",
            "conventions: v1.41.1,openinference (@)",
        ),
        Case::new(
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "gen_ai_latest",
            "http,gen_ai_latest_experimental",
            "conventions: genai-main (@)",
        ),
        Case::new("SPANLINE_PREFIX", "gen_ai", "flowmason", "prefix: flowmason (@)"),
        Case::new(
            "SPANLINE_TAIL_SAMPLING",
            "slow=soon",
            "ratio=0.01, Errors,slow=1500ms",
            "tail sampling: errors,slow=1.5s,ratio=0.01 (@)",
        ),
        Case::new("SPANLINE_MASKS", "mails", "email, secrets", "masks: secrets,email (@)"),
        Case::new("SPANLINE_CONTENT_LIMIT", "63", "4096", "content limit, bytes: 4096 (@)"),
    ]
}

fn destinations(authority: &Authority) -> Vec<Case> {
    let nowhere = authority.file().join("spans.jsonl");
    let file = authority.file().with_file_name("spans.jsonl");
    let [nowhere, file] = [&nowhere, &file].map(|path| path.to_str().unwrap());
    let mut spanline_file =
        Case::new("SPANLINE_FILE", nowhere, file, &format!("traces: file {file} (@)"));
    spanline_file.shown = format!("`{nowhere}`");
    let prices = authority.file().with_file_name("prices.json");
    std::fs::write(&prices, r#"[{"provider": "local", "model": "m", "input": 0, "output": 0}]"#)
        .unwrap();
    let header_file = authority.file().with_file_name("headers");
    std::fs::write(&header_file, "api-key: secret\n").unwrap();
    let endpoint = |name: &str| {
        Case::new(
            name,
            "nonsense",
            "http://127.0.0.1:4317",
            "traces: otlp grpc http://127.0.0.1:4317 (@)",
        )
    };
    let mut of_metrics = endpoint("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
    of_metrics.decision = of_metrics.decision.replace("traces: ", "metrics: ");
    let mut of_logs = endpoint("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT");
    of_logs.decision = of_logs.decision.replace("traces: ", "logs: ");
    let agent = |name: &str, bad: &str, good: &str, host: &str| {
        let decision = format!("traces: jaeger grpc http://{host}:4317 (@)");
        Case::new(name, bad, good, &decision).remarked()
    };
    vec![
        Case::new("OTEL_TRACES_EXPORTER", "oltp", "none", "traces: none (@)"),
        Case::new("OTEL_METRICS_EXPORTER", "jaeger", "none", "metrics: none (@)"),
        Case::new("OTEL_LOGS_EXPORTER", "jaeger", "console", "logs: console (@)"),
        Case::new("OTEL_EXPORTER_TYPE", "prometheus", "console", "traces: console (@)"),
        spanline_file,
        Case::new(
            "SPANLINE_PRICES",
            authority.file().to_str().unwrap(),
            prices.to_str().unwrap(),
            "prices in a file: 1 (@)",
        ),
        Case::new(
            "SPANLINE_OTLP_HEADERS_FILE",
            authority.file().to_str().unwrap(),
            header_file.to_str().unwrap(),
            &format!("traces headers file: {} (@)", header_file.display()),
        )
        .within(&[("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new("http://127.0.0.1:4317"))]),
        endpoint("OTEL_EXPORTER_OTLP_ENDPOINT"),
        endpoint("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
        of_metrics,
        of_logs,
        endpoint("FLO_OTLP_ENDPOINT"),
        agent("OTEL_EXPORTER_JAEGER_AGENT_HOST", "two hosts", "127.0.0.1", "127.0.0.1"),
        agent("OTEL_EXPORTER_JAEGER_AGENT_PORT", "70000", "6831", "localhost"),
    ]
}

/// What a signal's form of the family says, or the general one.
fn otlp(form: &str, signal: &str) -> Vec<Case> {
    let otlp: [(&str, &OsStr); 1] = [("OTEL_TRACES_EXPORTER", OsStr::new("otlp"))];
    let case = |suffix: &str, bad: &str, good: &str, decision: &str| {
        let name = format!("OTEL_EXPORTER_OTLP_{form}{suffix}");
        Case::new(&name, bad, good, &format!("{signal} {decision} (@)")).within(&otlp)
    };
    let mut headers = case("HEADERS", "x-key=s3cret,s3cret", "x-key=s3cret", "headers: x-key");
    headers.shown = String::from("entry 2 does not start with a header name");
    vec![
        case("PROTOCOL", "http", "http/json", "protocol: http/json"),
        headers,
        case("TIMEOUT", "10s", "2000", "timeout, ms: 2000"),
        case("COMPRESSION", "zstd", "gzip", "compression: gzip"),
        case("INSECURE", "yes", "true", "scheme: http")
            .within(&[("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new("127.0.0.1:4317"))])
            .remarked(),
    ]
}

fn encryption(form: &str, signal: &str, authority: &Authority) -> Vec<Case> {
    let identity = authority.identity("client");
    let secure = ("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new("https://127.0.0.1:4317"));
    let missing = authority.file().with_file_name("missing.pem");
    let case = |suffix: &str, what: &str, good: &Path| {
        let name = format!("OTEL_EXPORTER_OTLP_{form}{suffix}");
        let good = good.to_str().unwrap();
        let decision = format!("{signal} {what}: {good} (@)");
        Case::new(&name, missing.to_str().unwrap(), good, &decision)
    };
    let trusted = authority.file();
    let certificate = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
    let key = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
    vec![
        case("CERTIFICATE", "certificate", &trusted).within(&[secure]),
        case("CLIENT_CERTIFICATE", "client certificate", &identity.certificate).within(&[
            secure,
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.as_os_str()),
            (certificate, identity.certificate.as_os_str()),
            (key, identity.key.as_os_str()),
        ]),
        case("CLIENT_KEY", "client key", &identity.key).within(&[
            secure,
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", trusted.as_os_str()),
            (certificate, identity.certificate.as_os_str()),
            (key, identity.key.as_os_str()),
        ]),
    ]
}

fn zipkin() -> [Case; 2] {
    let named = [("OTEL_TRACES_EXPORTER", OsStr::new("zipkin"))];
    let endpoint = "http://127.0.0.1:9411/spans";
    let decision = format!("traces: zipkin {endpoint} (OTEL_TRACES_EXPORTER; place: @)");
    [
        Case::new("OTEL_EXPORTER_ZIPKIN_ENDPOINT", "nonsense", endpoint, &decision),
        Case::new("OTEL_EXPORTER_ZIPKIN_TIMEOUT", "10s", "2000", "zipkin timeout, ms: 2000 (@)"),
    ]
    .map(|case| case.within(&named))
}

/// A folder that cannot be made is found when it is to be made, not before.
fn spool(authority: &Authority) -> [Case; 2] {
    let folder = authority.file().with_file_name("spool");
    let folder = folder.to_str().unwrap();
    let sent = ("OTEL_EXPORTER_OTLP_ENDPOINT", OsStr::new("http://127.0.0.1:4317"));
    let (place, limit) = ("SPANLINE_SPOOL_DIR", "SPANLINE_SPOOL_MAX_BYTES");
    let named = Case::new(place, "", folder, &format!("traces spool: {folder} (@)"));
    [
        Case { bad: None, ..named }.within(&[sent]),
        Case::new(limit, "65535", "65536", "traces spool, bytes: 65536 (@)")
            .within(&[sent, (place, OsStr::new(folder))]),
    ]
}

fn prometheus() -> [Case; 2] {
    let named = ("OTEL_METRICS_EXPORTER", OsStr::new("prometheus"));
    let port = "OTEL_EXPORTER_PROMETHEUS_PORT";
    let host = "OTEL_EXPORTER_PROMETHEUS_HOST";
    [
        Case::new(host, "two hosts", "127.0.0.1", "prometheus host: 127.0.0.1 (@)")
            .within(&[named, (port, OsStr::new("0"))]),
        Case::new(port, "65536", "0", "prometheus port: 0 (@)").within(&[named]),
    ]
}

fn numbers() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        ("OTEL_BSP_SCHEDULE_DELAY", "batch delay, ms"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "batch queue, spans"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "batch size, spans"),
        ("OTEL_BSP_EXPORT_TIMEOUT", "batch timeout, ms"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "batch delay of log records, ms"),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "batch queue, log records"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "batch size, log records"),
        ("OTEL_BLRP_EXPORT_TIMEOUT", "batch timeout of log records, ms"),
        ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "attributes of a log record"),
        ("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", "characters of a log record's value"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "metric interval, ms"),
        ("OTEL_METRIC_EXPORT_TIMEOUT", "metric timeout, ms"),
        ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "attributes of a span"),
        ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "characters of a value"),
        ("OTEL_SPAN_EVENT_COUNT_LIMIT", "events of a span"),
        ("OTEL_SPAN_LINK_COUNT_LIMIT", "links of a span"),
        ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "attributes of an event"),
        ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "attributes of a link"),
        ("OTEL_ATTRIBUTE_COUNT_LIMIT", "attributes of a link"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "characters of a value"),
    ]
    .into_iter()
    .map(|(name, what)| Case::new(name, "-1", "17", &format!("{what}: 17 (@)")))
    .collect();
    cases.push(Case::new(
        "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
        "both",
        "delta",
        "metric temporality: delta (@)",
    ));
    cases.push(Case::new(
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        "linear",
        "base2_exponential_bucket_histogram",
        "metric histograms: base2_exponential_bucket_histogram (@)",
    ));
    cases.push(Case::new("SPANLINE_QUEUE_MAX_BYTES", "65535", "65536", "queue, bytes: 65536 (@)"));
    cases.push(Case::new(
        "SPANLINE_DROP_FIRST",
        "random",
        "least_valuable",
        "dropped first: least_valuable (@)",
    ));
    cases
}
