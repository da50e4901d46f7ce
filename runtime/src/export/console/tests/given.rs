//! Spans made by hand, and a console whose text can be read back.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::super::ConsoleExporter;
use super::super::screen::Screen;
use crate::semconv::{SCOPE_NAME, attribute, event, operation};

/// One write per entry.
#[derive(Clone, Default)]
pub(super) struct Paper(Arc<Mutex<Vec<String>>>);

impl Paper {
    pub(super) fn writes(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// With a line break in front, as in a literal that starts on its own line.
    pub(super) fn text(&self) -> String {
        format!("\n{}", self.writes().concat())
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(String::from_utf8(bytes.to_vec()).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Not a terminal: no width, no colours.
pub(super) fn plain() -> Screen {
    Screen::fixed(None, false, true)
}

pub(super) fn console(screen: Screen) -> (ConsoleExporter, Paper) {
    let paper = Paper::default();
    (ConsoleExporter::new(screen, Box::new(paper.clone())), paper)
}

/// What is on paper after one batch.
pub(super) fn printed(screen: Screen, spans: impl IntoIterator<Item = Given>) -> String {
    let (mut console, paper) = console(screen);
    let delivery = console.export_spans(batch(spans));
    assert_eq!(delivery, super::super::Delivery::complete());
    paper.text()
}

pub(super) fn batch(spans: impl IntoIterator<Item = Given>) -> Vec<SpanData> {
    spans.into_iter().map(|given| given.0).collect()
}

#[derive(Clone)]
pub(super) struct Given(pub(super) SpanData);

/// The time that spans count from.
fn zero() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

/// A root of trace 1 with a scope of its own, from 0 to 10 ms.
pub(super) fn foreign(id: u64, name: &'static str) -> Given {
    Given(SpanData {
        span_context: SpanContext::new(
            TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4701),
            SpanId::from(id),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: name.into(),
        start_time: zero(),
        end_time: zero() + Duration::from_millis(10),
        attributes: Vec::new(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("sqlx").build(),
    })
}

fn ours(id: u64, name: &'static str) -> Given {
    let mut given = foreign(id, name);
    given.0.instrumentation_scope = InstrumentationScope::builder(SCOPE_NAME).build();
    given
}

pub(super) fn pipeline(id: u64, name: &'static str) -> Given {
    let mut given = ours(id, name)
        .with(attribute::OPERATION_NAME, operation::INVOKE_WORKFLOW)
        .with(attribute::WORKFLOW_NAME, name);
    given.0.name = format!("invoke_workflow {name}").into();
    given
}

pub(super) fn stage(id: u64, name: &'static str) -> Given {
    ours(id, name).with(attribute::STAGE_NAME, name)
}

pub(super) fn chat(id: u64, input: i64, output: i64) -> Given {
    ours(id, "chat gpt-4o-mini")
        .kind(SpanKind::Client)
        .with(attribute::OPERATION_NAME, operation::CHAT)
        .with(attribute::PROVIDER_NAME, "openai")
        .with(attribute::REQUEST_MODEL, "gpt-4o-mini")
        .with(attribute::USAGE_INPUT_TOKENS, input)
        .with(attribute::USAGE_OUTPUT_TOKENS, output)
}

pub(super) fn agent(id: u64, name: &'static str) -> Given {
    let mut given = ours(id, name)
        .with(attribute::OPERATION_NAME, operation::INVOKE_AGENT)
        .with(attribute::AGENT_NAME, name);
    given.0.name = format!("invoke_agent {name}").into();
    given
}

pub(super) fn tool(id: u64, name: &'static str) -> Given {
    let mut given = ours(id, name)
        .with(attribute::OPERATION_NAME, operation::EXECUTE_TOOL)
        .with(attribute::TOOL_NAME, name);
    given.0.name = format!("execute_tool {name}").into();
    given
}

pub(super) fn retrieval(id: u64, name: &'static str) -> Given {
    ours(id, name)
        .kind(SpanKind::Client)
        .with(attribute::OPERATION_NAME, operation::RETRIEVAL)
        .with(attribute::PROVIDER_NAME, "qdrant")
}

impl Given {
    pub(super) fn under(mut self, parent: u64) -> Self {
        self.0.parent_span_id = SpanId::from(parent);
        self
    }

    pub(super) fn under_remote(mut self, parent: u64) -> Self {
        self.0.parent_span_is_remote = true;
        self.under(parent)
    }

    /// The last digits of the trace id.
    pub(super) fn in_trace(mut self, trace: u128) -> Self {
        let old = &self.0.span_context;
        self.0.span_context = SpanContext::new(
            TraceId::from(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4700 + trace),
            old.span_id(),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        );
        self
    }

    pub(super) fn micros(mut self, start: u64, took: u64) -> Self {
        self.0.start_time = zero() + Duration::from_micros(start);
        self.0.end_time = self.0.start_time + Duration::from_micros(took);
        self
    }

    pub(super) fn millis(self, start: u64, took: u64) -> Self {
        self.micros(start * 1000, took * 1000)
    }

    pub(super) fn kind(mut self, kind: SpanKind) -> Self {
        self.0.span_kind = kind;
        self
    }

    pub(super) fn with(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.0.attributes.push(KeyValue::new(key, value));
        self
    }

    pub(super) fn failed(mut self, description: &'static str) -> Self {
        self.0.status = Status::error(description);
        self
    }

    pub(super) fn exception(self, kind: &str, message: &str, stacktrace: &str) -> Self {
        let mut attributes = vec![
            KeyValue::new(attribute::EXCEPTION_TYPE, kind.to_owned()),
            KeyValue::new(attribute::EXCEPTION_MESSAGE, message.to_owned()),
        ];
        if !stacktrace.is_empty() {
            attributes.push(KeyValue::new(attribute::EXCEPTION_STACKTRACE, stacktrace.to_owned()));
        }
        self.event_with(event::EXCEPTION, attributes)
    }

    pub(super) fn event(self, name: &'static str) -> Self {
        self.event_with(name, Vec::new())
    }

    fn event_with(mut self, name: &'static str, attributes: Vec<KeyValue>) -> Self {
        self.0.events.events.push(Event::new(name, zero(), attributes, 0));
        self
    }

    pub(super) fn link(mut self) -> Self {
        self.0.links.links.push(Link::new(SpanContext::NONE, Vec::new(), 0));
        self
    }
}
