//! A span by its ids, for whoever has something to say about it later.

use std::fmt;
use std::str::FromStr;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

use super::{parse_traceparent, traceparent};
use crate::span::value::{Text, ValueRef};

/// What stands between the `traceparent` and the id of the response.
const SEPARATOR: char = ';';

/// A span by its ids, to be kept beside an answer and named when the answer is judged: minutes later,
/// or in another process. See [`evaluate`](crate::evaluate()).
///
/// As text it is a [W3C `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header), and
/// behind a `;` the provider's id of the response, where that is known. The text stays the same from
/// version to version; a plain `traceparent` is a reference too. With the feature `serde` it is
/// serialized as that text.
///
/// ```
/// use spanline::SpanReference;
///
/// let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01;chatcmpl-1";
/// let reference: SpanReference = text.parse()?;
/// assert_eq!(reference.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// assert_eq!(reference.response_id(), Some("chatcmpl-1"));
/// assert_eq!(reference.to_string(), text);
/// # Ok::<(), spanline::InvalidSpanReference>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct SpanReference {
    trace_id: TraceId,
    span_id: SpanId,
    trace_flags: TraceFlags,
    response_id: Option<String>,
}

impl SpanReference {
    /// `None` for a context without a span.
    pub(crate) fn new(span: &SpanContext) -> Option<Self> {
        span.is_valid().then(|| Self {
            trace_id: span.trace_id(),
            span_id: span.span_id(),
            trace_flags: TraceFlags::default().with_sampled(span.is_sampled()),
            response_id: None,
        })
    }

    /// With the provider's id of the response, by which backends find it as well; `None` and an empty
    /// one leave it as it is.
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn with_response_id(mut self, id: impl Text) -> Self {
        if let Some(ValueRef::Text(id)) = id.value()
            && !id.is_empty()
        {
            self.response_id = Some(id.to_owned());
        }
        self
    }

    /// The trace's id in 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        self.trace_id.to_string()
    }

    /// The span's id in 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        self.span_id.to_string()
    }

    /// Whether the span was recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.trace_flags.is_sampled()
    }

    /// The provider's id of the response.
    #[must_use]
    pub fn response_id(&self) -> Option<&str> {
        self.response_id.as_deref()
    }

    /// The span alone, as a `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> String {
        traceparent(&self.span_context()).unwrap_or_default()
    }

    pub(crate) fn span_context(&self) -> SpanContext {
        let Self { trace_id, span_id, trace_flags, .. } = *self;
        SpanContext::new(trace_id, span_id, trace_flags, true, TraceState::NONE)
    }
}

impl fmt::Display for SpanReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.traceparent())?;
        match &self.response_id {
            Some(id) => write!(formatter, "{SEPARATOR}{id}"),
            None => Ok(()),
        }
    }
}

/// A text that is no [`SpanReference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSpanReference;

impl fmt::Display for InvalidSpanReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "not a reference to a span; expected a traceparent, and behind a `;` the id of a response",
        )
    }
}

impl std::error::Error for InvalidSpanReference {}

impl FromStr for SpanReference {
    type Err = InvalidSpanReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (span, response_id) = match text.split_once(SEPARATOR) {
            Some((_, "")) => return Err(InvalidSpanReference),
            Some((span, id)) => (span, Some(id)),
            None => (text, None),
        };
        let span = parse_traceparent(span).ok_or(InvalidSpanReference)?;
        let reference = Self::new(&span).ok_or(InvalidSpanReference)?;
        Ok(reference.with_response_id(response_id))
    }
}

impl TryFrom<&str> for SpanReference {
    type Error = InvalidSpanReference;

    fn try_from(text: &str) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl TryFrom<String> for SpanReference {
    type Error = InvalidSpanReference;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SpanReference> for String {
    fn from(reference: SpanReference) -> Self {
        reference.to_string()
    }
}
