//! Content: the switch, the mode, the definitions of tools.

use super::{ALL, assert_decided, environment, quiet, settings};
use crate::content::choice::{ContentCapture, ContentMode};
use crate::telemetry::env::exporter::Available;
use crate::telemetry::settings::{Overrides, Settings};

const SWITCH: &str = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

fn with(available: Available, variables: &[(&str, &str)], code: &Overrides) -> Settings {
    Settings::with_available(&environment(variables), code, available).unwrap()
}

#[test]
fn the_switch_is_a_word_in_any_case() {
    for (word, capture) in [
        ("NO_CONTENT", ContentCapture::NoContent),
        ("Span_Only", ContentCapture::SpanOnly),
        ("event_only", ContentCapture::EventOnly),
        ("SPAN_AND_EVENT", ContentCapture::SpanAndEvent),
        ("true", ContentCapture::SpanOnly),
        ("FALSE", ContentCapture::NoContent),
    ] {
        let variables = [(SWITCH, word), ("OTEL_LOGS_EXPORTER", "console")];
        let settings = with(ALL, &variables, &Overrides::default());
        assert_eq!(settings.warnings, Vec::<String>::new(), "{word}");
        assert_eq!(settings.content.capture, capture, "{word}");
    }
    assert_decided(&quiet(&[]), "content: no_content (default)");
}

#[test]
fn an_unknown_word_captures_nothing_and_an_unknown_mode_no_text() {
    let settings =
        with(ALL, &[(SWITCH, "yes"), ("SPANLINE_CONTENT_MODE", "plain")], &Overrides::default());
    assert_eq!(settings.content.capture, ContentCapture::NoContent);
    assert_eq!(settings.content.mode, ContentMode::Length);
    let expected = "one of no_content, span_only, event_only, span_and_event, true, false";
    assert_eq!(
        settings.warnings,
        [
            format!("{SWITCH}: \"yes\" is unknown; expected {expected}; using no_content"),
            String::from(
                "SPANLINE_CONTENT_MODE: \"plain\" is unknown; \
                 expected one of full, length, hash; using length"
            ),
        ]
    );
}

#[test]
fn code_wins_over_the_switch() {
    let code = Overrides {
        content_capture: Some(ContentCapture::EventOnly),
        content_mode: Some(ContentMode::Hash),
        full_tool_definitions: Some(false),
        ..Overrides::default()
    };
    let variables = [
        (SWITCH, "span_only"),
        ("SPANLINE_CONTENT_MODE", "full"),
        ("SPANLINE_CONTENT_TOOL_DEFINITIONS", "full"),
    ];
    let content = with(ALL, &variables, &code).content;
    assert_eq!((content.capture, content.mode), (ContentCapture::EventOnly, ContentMode::Hash));
    assert!(!content.full_definitions);
}

#[test]
fn without_the_feature_the_warning_names_it() {
    let without = Available { content: false, ..ALL };
    let settings = with(without, &[(SWITCH, "span_only")], &Overrides::default());
    assert_eq!(settings.content.capture, ContentCapture::NoContent);
    assert_eq!(
        settings.warnings,
        [format!(
            "{SWITCH}: \"span_only\" captures content, which is not compiled in; \
             expected the feature `content` of spanline; using no_content"
        )]
    );
    let settings = with(without, &[(SWITCH, "no_content")], &Overrides::default());
    assert_eq!(settings.warnings, Vec::<String>::new());
}

#[test]
fn tools_are_named_unless_they_are_to_be_described() {
    assert!(!quiet(&[]).content.full_definitions);
    let described = settings(&[("SPANLINE_CONTENT_TOOL_DEFINITIONS", "Full")]);
    assert!(described.content.full_definitions);
}
