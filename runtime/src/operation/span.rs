//! A span that is none of the other operations.

use std::borrow::Cow;
use std::future::Future;

use opentelemetry::trace::SpanKind;

use super::builder;
use crate::span::active::Draft;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};

/// A span of any name and kind, without a metric.
///
/// ```
/// use spanline::SpanBuilder;
/// use spanline::opentelemetry::trace::SpanKind;
///
/// let parsed = SpanBuilder::new("parse")
///     .kind(SpanKind::Internal)
///     .run_blocking(|| "5".parse::<u8>());
/// # assert_eq!(parsed, Ok(5));
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct SpanBuilder(Option<Draft>);

impl SpanBuilder {
    /// A span with this name.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Span, Kind::Internal);
            draft.name(name.into());
            draft
        }))
    }

    /// Client, server, producer, consumer or, by default, internal.
    pub fn kind(mut self, kind: SpanKind) -> Self {
        if let Some(draft) = &mut self.0 {
            draft.set_kind(kind);
        }
        self
    }
}

builder!(SpanBuilder);
