//! Whether content is captured, and in which form.

use super::exporter::Available;
use super::format::{Format as _, Words};
use super::reader::{Origin, Reader};
use super::table;
use crate::content::choice::{ContentCapture, ContentMode};
use crate::telemetry::settings::{ContentSettings, Overrides};

pub(super) const CAPTURES: Words<ContentCapture> = Words {
    known: &[
        ("no_content", ContentCapture::NoContent),
        ("span_only", ContentCapture::SpanOnly),
        ("event_only", ContentCapture::EventOnly),
        ("span_and_event", ContentCapture::SpanAndEvent),
        // What it was before there were events.
        ("true", ContentCapture::SpanOnly),
        ("false", ContentCapture::NoContent),
    ],
    unavailable: &[],
};

pub(super) const MODES: Words<ContentMode> = Words {
    known: &[
        ("full", ContentMode::Full),
        ("length", ContentMode::Length),
        ("hash", ContentMode::Hash),
    ],
    unavailable: &[],
};

pub(super) const TOOL_DEFINITIONS: Words<bool> =
    Words { known: &[("names", false), ("full", true)], unavailable: &[] };

pub(super) fn content(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
) -> ContentSettings {
    let variable = table::OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT;
    let usual = ContentCapture::NoContent;
    let (mut capture, mut origin) =
        reader.pick(&CAPTURES, overrides.content_capture, &[variable], usual);
    if capture != usual && !available.content {
        reader.warn(
            variable.name(),
            format_args!(
                "\"{}\" captures content, which is not compiled in",
                CAPTURES.show(&capture)
            ),
            "the feature `content` of spanline",
            CAPTURES.show(&usual),
        );
        (capture, origin) = (usual, Origin::Default);
    }
    reader.decide("content", CAPTURES.show(&capture), origin);
    let mode = mode(reader, overrides);
    let full_definitions = reader.setting(
        "content of tool definitions",
        &TOOL_DEFINITIONS,
        overrides.full_tool_definitions,
        &[table::SPANLINE_CONTENT_TOOL_DEFINITIONS],
        false,
    );
    ContentSettings { capture, mode, full_definitions }
}

/// A word that nobody knows was meant to keep text out.
fn mode(reader: &mut Reader<'_>, overrides: &Overrides) -> ContentMode {
    let variable = table::SPANLINE_CONTENT_MODE;
    let usual = ContentMode::default();
    let (mode, origin) = match (overrides.content_mode, reader.text(variable)) {
        (Some(mode), _) => (mode, Origin::Code),
        (None, None) => (usual, Origin::Default),
        (None, Some(text)) => {
            let mode = text.and_then(|text| MODES.parse(&text)).unwrap_or_else(|problem| {
                let using = MODES.show(&ContentMode::Length);
                reader.warn(variable.name(), problem, MODES.expected(&usual), using);
                ContentMode::Length
            });
            (mode, Origin::Variable(variable.name()))
        }
    };
    reader.decide("content mode", MODES.show(&mode), origin);
    mode
}
