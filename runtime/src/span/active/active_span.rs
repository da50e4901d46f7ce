//! Our span as other OpenTelemetry code sees it.

use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Event, Link, Span, SpanContext, Status};

use super::{State, open_span};
use crate::semconv;
use crate::span::record::Exit;
use crate::span::room::Occupancy;
use crate::span::words::Word;

/// Its state is known by its id.
#[derive(Debug)]
pub(super) struct ActiveSpan {
    pub(super) span_context: SpanContext,
    pub(super) sampled: bool,
}

impl ActiveSpan {
    fn write(&self, write: impl FnOnce(&mut State)) {
        open_span::write(&self.span_context, write);
    }
}

impl Drop for ActiveSpan {
    fn drop(&mut self) {
        open_span::let_go(&self.span_context);
    }
}

impl Span for ActiveSpan {
    fn add_event_with_timestamp<T>(
        &mut self,
        name: T,
        timestamp: SystemTime,
        attributes: Vec<KeyValue>,
    ) where
        T: Into<Cow<'static, str>>,
    {
        if self.sampled {
            let event = Event::new(name, timestamp, attributes, 0);
            self.write(|state| {
                if state.occupancy.as_mut().is_none_or(Occupancy::takes_event) {
                    state.words.event(event);
                }
            });
        }
    }

    fn span_context(&self) -> &SpanContext {
        &self.span_context
    }

    fn is_recording(&self) -> bool {
        self.sampled && open_span::write(&self.span_context, |_| ()).is_some()
    }

    /// What metrics are made of is taken even when the span is not sampled.
    fn set_attribute(&mut self, attribute: KeyValue) {
        if !self.sampled && !semconv::is_measured(attribute.key.as_str()) {
            return;
        }
        self.write(|state| {
            state.words.owned_key(attribute.key.as_str());
            state.words.owned_value(attribute.value);
        });
    }

    fn set_status(&mut self, status: Status) {
        self.write(|state| match status {
            Status::Unset => {}
            // OpenTelemetry: once Ok, always Ok; only the outcome of the operation says otherwise.
            Status::Error { .. } if state.said == Some(true) => {}
            Status::Ok => {
                state.said = Some(true);
                state.words.push(Word::StatusOk);
            }
            Status::Error { description } => {
                state.said = Some(false);
                state.words.push(Word::StatusError);
                state.words.cow(description);
            }
        });
    }

    fn update_name<T>(&mut self, new_name: T)
    where
        T: Into<Cow<'static, str>>,
    {
        let name = new_name.into();
        self.write(|state| {
            state.words.push(Word::Name);
            state.words.cow(name);
        });
    }

    fn add_link(&mut self, span_context: SpanContext, attributes: Vec<KeyValue>) {
        if self.sampled {
            let link = Link::new(span_context, attributes, 0);
            self.write(|state| {
                if state.occupancy.as_mut().is_none_or(Occupancy::takes_link) {
                    state.words.link(link);
                }
            });
        }
    }

    fn end_with_timestamp(&mut self, _: SystemTime) {
        self.write(|state| state.end(Exit::Ok));
    }
}
