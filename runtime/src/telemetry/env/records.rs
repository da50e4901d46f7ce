//! How log records are gathered, how much they hold, and which events they tell.

use std::time::Duration;

use super::format::{Boolean, Count, Length, Milliseconds};
use super::list::{self, Listed};
use super::reader::{Origin, Reader};
use super::reading::batch_size;
use super::table;
use crate::content::choice::ContentCapture;
use crate::telemetry::settings::{Batch, ExceptionSignal, Overrides, RecordLimits};

pub(super) const EXCEPTION_SIGNALS_EXPECTED: &str = "logs or logs/dup";

pub(super) fn batch(reader: &mut Reader<'_>, overrides: &Overrides) -> Batch {
    let delay = reader.setting(
        "batch delay of log records, ms",
        &Milliseconds,
        overrides.record_delay,
        &[table::OTEL_BLRP_SCHEDULE_DELAY],
        Duration::from_secs(1),
    );
    let queue = reader.setting(
        "batch queue, log records",
        &Count { least: 1 },
        overrides.record_queue,
        &[table::OTEL_BLRP_MAX_QUEUE_SIZE],
        2048,
    );
    let variable = table::OTEL_BLRP_MAX_EXPORT_BATCH_SIZE;
    let code = overrides.record_batch_size;
    let size = batch_size(reader, "batch size, log records", variable, code, queue);
    let timeout = reader.setting(
        "batch timeout of log records, ms",
        &Milliseconds,
        overrides.record_timeout,
        &[table::OTEL_BLRP_EXPORT_TIMEOUT],
        Duration::from_secs(30),
    );
    Batch { delay, queue, size, timeout }
}

pub(super) fn limits(reader: &mut Reader<'_>, overrides: &Overrides) -> RecordLimits {
    let attributes = reader.setting(
        "attributes of a log record",
        &Count { least: 0 },
        overrides.record_attributes,
        &[table::OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT, table::OTEL_ATTRIBUTE_COUNT_LIMIT],
        128,
    );
    let value_length = reader.setting(
        "characters of a log record's value",
        &Length,
        overrides.record_value_length.map(Some),
        &[
            table::OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT,
            table::OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT,
        ],
        None,
    );
    RecordLimits { attributes, value_length }
}

/// On log records where these go somewhere, whatever the variable says; else on spans.
pub(super) fn exceptions(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    is_logging: bool,
) -> ExceptionSignal {
    let variable = table::OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN;
    let listed = match reader.text(variable) {
        None => None,
        Some(Err(problem)) => Some(Listed::unread(problem)),
        Some(Ok(text)) => Some(exception_signals(&text)),
    };
    let said = listed.as_ref().and_then(|listed| {
        // Of both words the one that says more.
        let both = listed.values.iter().find(|signal| **signal == ExceptionSignal::Both);
        both.or(listed.values.first()).copied()
    });
    let (signal, origin) = match (is_logging, overrides.exceptions_on_spans, said) {
        (false, ..) => (ExceptionSignal::Spans, Origin::Default),
        (true, Some(true), _) => (ExceptionSignal::Both, Origin::Code),
        (true, Some(false), _) => (ExceptionSignal::Logs, Origin::Code),
        (true, None, Some(signal)) => (signal, Origin::Variable(variable.name())),
        (true, None, None) => (ExceptionSignal::Logs, Origin::Default),
    };
    let shown = match signal {
        ExceptionSignal::Spans => "events of spans",
        ExceptionSignal::Logs => "log records",
        ExceptionSignal::Both => "log records and events of spans",
    };
    if let Some(listed) = &listed {
        reader.warn_list(variable, listed, EXCEPTION_SIGNALS_EXPECTED, shown);
    }
    if said.is_some() && !is_logging {
        let problem = "log records are exported nowhere";
        reader.warn(variable.name(), problem, table::OTEL_LOGS_EXPORTER.name(), shown);
    }
    reader.decide("exceptions", shown, origin);
    signal
}

pub(super) fn exception_signals(text: &str) -> Listed<ExceptionSignal> {
    let known = [("logs", ExceptionSignal::Logs), ("logs/dup", ExceptionSignal::Both)];
    list::parse(text, &known, &[])
}

pub(super) fn inference_events(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    capture: ContentCapture,
    is_logging: bool,
) -> bool {
    let variable = table::OTEL_INSTRUMENTATION_GENAI_EMIT_EVENT;
    // Content that is to go to events needs them.
    let usual = capture.is_on_events();
    let (emit, origin) = reader.pick(&Boolean, overrides.inference_events, &[variable], usual);
    if emit && !is_logging {
        let problem = "log records are exported nowhere";
        let to_blame = match origin {
            Origin::Default => table::OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
            _ => variable,
        };
        reader.warn(to_blame.name(), problem, table::OTEL_LOGS_EXPORTER.name(), "false");
    }
    let emit = emit && is_logging;
    reader.decide("inference events", emit, origin);
    emit
}
