//! Log records as OTLP has them.

use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord as Sent, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;

use crate::export::log_record::LogRecord;

/// One request, its records by their scopes in the order of the first of each.
pub(super) fn request(
    resource: &ResourceAttributesWithSchema,
    records: Vec<LogRecord>,
) -> ExportLogsServiceRequest {
    let mut scopes = Vec::new();
    let mut scope_logs: Vec<ScopeLogs> = Vec::new();
    for record in records {
        let place = scopes.iter().position(|scope| *scope == record.scope).unwrap_or_else(|| {
            scopes.push(record.scope.clone());
            scope_logs.push(ScopeLogs {
                scope: Some(InstrumentationScope::from((&record.scope, None))),
                schema_url: record.scope.schema_url().unwrap_or_default().to_owned(),
                log_records: Vec::new(),
            });
            scopes.len() - 1
        });
        if let Some(scope) = scope_logs.get_mut(place) {
            scope.log_records.push(sent(record));
        }
    }
    if scope_logs.is_empty() {
        return ExportLogsServiceRequest::default();
    }
    let resource_logs = vec![ResourceLogs {
        resource: Some(Resource {
            attributes: resource.attributes.0.clone(),
            dropped_attributes_count: 0,
            entity_refs: Vec::new(),
        }),
        scope_logs,
        schema_url: resource.schema_url.clone().unwrap_or_default(),
    }];
    ExportLogsServiceRequest { resource_logs }
}

fn sent(record: LogRecord) -> Sent {
    let has_span = record.trace_id != opentelemetry::TraceId::INVALID;
    Sent {
        time_unix_nano: record.time.map(nanoseconds).unwrap_or_default(),
        observed_time_unix_nano: nanoseconds(record.observed),
        severity_number: record.severity.map(|severity| severity as i32).unwrap_or_default(),
        severity_text: record.severity_text.unwrap_or_default().to_owned(),
        body: record.body.map(AnyValue::from),
        attributes: record
            .attributes
            .into_iter()
            .map(|(key, value)| KeyValue {
                key: key.into(),
                value: Some(AnyValue::from(value)),
                key_strindex: 0,
            })
            .collect(),
        dropped_attributes_count: record.dropped_attributes,
        flags: u32::from(record.trace_flags.to_u8()),
        trace_id: if has_span { record.trace_id.to_bytes().to_vec() } else { Vec::new() },
        span_id: if has_span { record.span_id.to_bytes().to_vec() } else { Vec::new() },
        event_name: record.event_name.to_owned(),
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
