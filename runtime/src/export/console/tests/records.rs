//! Log records, a line each.

use std::time::{Duration, UNIX_EPOCH};

use opentelemetry::logs::{AnyValue, Severity};
use opentelemetry::trace::{SpanId, TraceFlags, TraceId};
use opentelemetry::{InstrumentationScope, Key};

use super::super::screen::Screen;
use super::given::{console, plain};
use crate::export::Delivery;
use crate::export::log_record::{LogRecord, of_json, text};

fn record() -> LogRecord {
    // 2023-11-14T22:13:20Z.
    let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_004);
    LogRecord {
        time: Some(time),
        observed: time,
        severity: Some(Severity::Warn),
        severity_text: None,
        event_name: "order.refused",
        body: Some(text("not today")),
        attributes: vec![
            (Key::new("why"), text("no stock")),
            (Key::new("count"), AnyValue::Int(3)),
            (Key::new("items"), of_json(serde_json::json!([{"id": 7, "fresh": true}]))),
        ],
        dropped_attributes: 2,
        trace_id: TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4701),
        span_id: SpanId::from(1),
        trace_flags: TraceFlags::SAMPLED,
        scope: InstrumentationScope::builder("theirs").build(),
    }
}

fn printed(screen: Screen, records: &[LogRecord]) -> String {
    let (mut console, paper) = console(screen);
    assert_eq!(console.export_records(records), Delivery::complete());
    assert_eq!(paper.writes().len(), 1, "in one go");
    paper.text()
}

#[test]
fn a_record_is_a_line_with_everything_that_it_says() {
    let mut bare = record();
    bare.severity = None;
    bare.event_name = "";
    bare.body = None;
    bare.attributes.clear();
    bare.dropped_attributes = 0;
    bare.trace_id = TraceId::INVALID;
    let text = printed(plain(), &[record(), bare]);
    let expected = "
22:13:20.004Z  WARN   order.refused  not today  why=\"no stock\"  count=3  items=[{fresh: true, id: 7}]  2 attributes dropped  trace 4bf92f35…
22:13:20.004Z  -
";
    assert_eq!(text, expected);
}

#[test]
fn hostile_text_drives_no_terminal_and_fills_no_screen() {
    let mut hostile = record();
    hostile.body = Some(text("\u{1b}[2J\nWARN forged\u{202e}"));
    hostile.attributes = (0..40)
        .map(|number| (Key::new(format!("k{number}\u{7}")), text("ä".repeat(10_000))))
        .collect();
    let text = printed(Screen::fixed(None, false, false), &[hostile]);
    assert_eq!(text.trim_start().lines().count(), 1, "{text}");
    assert!(text.is_ascii() && !text.contains(['\u{1b}', '\u{7}']), "{text}");
    assert!(text.contains("16 more attributes"), "{text}");
    assert!(text.len() < 5_000, "{}", text.len());
}
