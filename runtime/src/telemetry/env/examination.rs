//! A look at every variable, also at those that code, other variables or the exporters leave unused.

use super::reader::Reader;
use super::table::{self, TABLE};

/// Says what is wrong with values that nobody has read.
///
/// What is wrong with the others has been said in the same words, and is not said again.
pub(super) fn examine(reader: &mut Reader<'_>) {
    let protocols = [
        table::OTEL_EXPORTER_OTLP_PROTOCOL,
        table::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
        table::OTEL_EXPORTER_OTLP_METRICS_PROTOCOL,
        table::OTEL_EXPORTER_OTLP_LOGS_PROTOCOL,
    ];
    let is_grpc = protocols.into_iter().any(|variable| {
        let text = reader.text(variable).and_then(Result::ok);
        text.is_some_and(|text| text.eq_ignore_ascii_case("grpc"))
    });
    for &variable in TABLE {
        let Some(value) = reader.unread(variable) else { continue };
        let form = variable.form();
        if let Some(problem) = form.problem(&value, is_grpc) {
            reader.warn_of_unused(variable, problem, form.expected());
        }
    }
}
