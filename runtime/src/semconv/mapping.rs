//! What OpenTelemetry's specification calls things in formats that have no place for them.

/// Tags of [Zipkin](https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/).
#[cfg(feature = "zipkin")]
pub(crate) mod zipkin {
    use crate::semconv::attribute;

    pub(crate) const DROPPED_ATTRIBUTES: &str = "otel.dropped_attributes_count";
    pub(crate) const DROPPED_EVENTS: &str = "otel.dropped_events_count";
    pub(crate) const DROPPED_LINKS: &str = "otel.dropped_links_count";
    pub(crate) const ERROR: &str = "error";
    pub(crate) const SCOPE_NAME: &str = "otel.scope.name";
    pub(crate) const SCOPE_VERSION: &str = "otel.scope.version";
    pub(crate) const STATUS_CODE: &str = "otel.status_code";

    /// Attributes that name the other side, the best first; of an address with that of its port.
    pub(crate) const REMOTE: [(&str, Option<&str>); 11] = [
        ("peer.service", None),
        (attribute::SERVER_ADDRESS, None),
        ("net.peer.name", None),
        ("network.peer.address", Some("network.peer.port")),
        ("server.socket.domain", None),
        ("server.socket.address", Some("server.socket.port")),
        ("net.sock.peer.name", None),
        ("net.sock.peer.addr", Some("net.sock.peer.port")),
        ("peer.hostname", None),
        ("peer.address", None),
        ("db.name", None),
    ];
}

/// Metrics and labels of
/// [Prometheus](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).
#[cfg(feature = "prometheus")]
pub(crate) mod prometheus {
    /// What labels of the instrumentation scope start with.
    pub(crate) const SCOPE: &str = "otel_scope_";
    /// The metric with the resource.
    pub(crate) const TARGET_INFO: &str = "target_info";
    /// Its family, where there is a kind for such metrics.
    pub(crate) const TARGET: &str = "target";
}
