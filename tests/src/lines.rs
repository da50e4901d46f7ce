//! The file exporter's lines, read as OTLP.

use std::collections::HashMap;
use std::io::Read;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;

use crate::metric::Metrics;
use crate::trace::Trace;

/// Everything that a file has told so far.
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    /// The beginning of a line whose end is not written yet.
    rest: String,
    pub traces: HashMap<String, Vec<Span>>,
    /// The scope that made each span, by the span's id.
    pub scopes: HashMap<Vec<u8>, InstrumentationScope>,
    pub resource: Option<Resource>,
    /// Each collection, in order.
    pub collections: Vec<ExportMetricsServiceRequest>,
    /// Each log record, in order.
    pub records: Vec<LogRecord>,
}

impl<R: Read> Lines<R> {
    pub fn new(source: R) -> Self {
        Self {
            source,
            rest: String::new(),
            traces: HashMap::new(),
            scopes: HashMap::new(),
            resource: None,
            collections: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Takes in what was written since.
    pub fn read(&mut self) {
        self.source.read_to_string(&mut self.rest).unwrap();
        let Some(end) = self.rest.rfind('\n') else { return };
        let rest = self.rest.split_off(end + 1);
        let lines = std::mem::replace(&mut self.rest, rest);
        for line in lines.lines() {
            self.line(line);
        }
    }

    fn line(&mut self, line: &str) {
        if line.starts_with("{\"resourceMetrics\"") {
            self.collections.push(serde_json::from_str(line).unwrap());
            return;
        }
        if line.starts_with("{\"resourceLogs\"") {
            let request: ExportLogsServiceRequest = serde_json::from_str(line).unwrap();
            let scopes = request.resource_logs.into_iter().flat_map(|of| of.scope_logs);
            self.records.extend(scopes.flat_map(|of| of.log_records));
            return;
        }
        let request: ExportTraceServiceRequest = serde_json::from_str(line).unwrap();
        for of_resource in request.resource_spans {
            self.resource = of_resource.resource;
            for of_scope in of_resource.scope_spans {
                for span in of_scope.spans {
                    let scope = of_scope.scope.clone().unwrap_or_default();
                    self.scopes.insert(span.span_id.clone(), scope);
                    self.traces.entry(hex(&span.trace_id)).or_default().push(span);
                }
            }
        }
    }

    pub fn trace(&self, id: &str) -> Trace {
        Trace::new(self.traces.get(id).cloned().unwrap_or_default())
    }

    /// All spans of all traces.
    pub fn all(&self) -> Trace {
        Trace::new(self.traces.values().flatten().cloned().collect())
    }

    /// The last collection.
    pub fn metrics(&self) -> Metrics {
        Metrics::new(self.collections.last().cloned().unwrap_or_default())
    }
}

/// An id as people read it.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
