//! A span as it is handed over: what the caller writes into its first words.

use opentelemetry::trace::SpanKind;

use super::words::Word;
use crate::semconv::{attribute, operation};

/// What kind of operation a span stands for; decides its names and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    Workflow,
    Stage,
    Chat,
    TextCompletion,
    GenerateContent,
    Embeddings,
    Agent,
    Tool,
    Retrieval,
    Span,
}

impl OperationKind {
    /// Whether a model answers, which it may do chunk by chunk.
    pub(crate) fn is_generation(self) -> bool {
        matches!(self, Self::Chat | Self::TextCompletion | Self::GenerateContent)
    }

    /// The attribute whose value stands behind the operation in the name of its span.
    pub(crate) fn subject(self) -> Option<&'static str> {
        match self {
            Self::Workflow => Some(attribute::WORKFLOW_NAME),
            Self::Agent => Some(attribute::AGENT_NAME),
            Self::Tool => Some(attribute::TOOL_NAME),
            Self::Retrieval => Some(attribute::DATA_SOURCE_ID),
            Self::Stage | Self::Span => None,
            _ => Some(attribute::REQUEST_MODEL),
        }
    }

    /// Whether it asks a model, and so costs money.
    pub(crate) fn is_model_call(self) -> bool {
        self.is_generation() || self == Self::Embeddings
    }
}

/// The value of `gen_ai.operation.name`; empty where there is none.
pub(crate) fn operation_name(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Workflow => operation::INVOKE_WORKFLOW,
        OperationKind::Chat => operation::CHAT,
        OperationKind::TextCompletion => operation::TEXT_COMPLETION,
        OperationKind::GenerateContent => operation::GENERATE_CONTENT,
        OperationKind::Embeddings => operation::EMBEDDINGS,
        OperationKind::Agent => operation::INVOKE_AGENT,
        OperationKind::Tool => operation::EXECUTE_TOOL,
        OperationKind::Retrieval => operation::RETRIEVAL,
        OperationKind::Stage | OperationKind::Span => "",
    }
}

/// How a span ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Exit {
    #[default]
    Ok,
    Error,
    Cancelled,
    Panicked,
    /// A stream that was dropped before its end.
    Abandoned,
}

/// The fixed part of a record's first word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// Words in the record, this one included.
    pub(crate) words: u32,
    /// How much stands aside.
    pub(crate) asides: u32,
    pub(crate) operation: OperationKind,
    pub(crate) kind: Kind,
    pub(crate) exit: Exit,
    pub(crate) trace_flags: u8,
    pub(crate) parent_is_remote: bool,
    /// Whether a model call in this one told its cost.
    pub(crate) is_cost_told_inside: bool,
}

#[cfg(feature = "telemetry")]
impl Head {
    /// Of an operation of which nothing else is known.
    pub(crate) fn of(operation: OperationKind) -> Self {
        Self {
            words: 0,
            asides: 0,
            operation,
            kind: Kind::Internal,
            exit: Exit::Ok,
            trace_flags: 0,
            parent_is_remote: false,
            is_cost_told_inside: false,
        }
    }
}

/// `SpanKind` as one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Client,
    Server,
    Producer,
    Consumer,
    Internal,
}

impl From<SpanKind> for Kind {
    fn from(kind: SpanKind) -> Self {
        match kind {
            SpanKind::Client => Self::Client,
            SpanKind::Server => Self::Server,
            SpanKind::Producer => Self::Producer,
            SpanKind::Consumer => Self::Consumer,
            SpanKind::Internal => Self::Internal,
        }
    }
}

impl From<Kind> for SpanKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Client => Self::Client,
            Kind::Server => Self::Server,
            Kind::Producer => Self::Producer,
            Kind::Consumer => Self::Consumer,
            Kind::Internal => Self::Internal,
        }
    }
}

/// What a span is known by, and when it was; three words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    pub(crate) parent_span_id: u64,
    /// Wall clock, nanoseconds since the Unix epoch.
    pub(crate) start: u64,
    /// Monotonic clock, nanoseconds.
    pub(crate) duration: u64,
}

/// The words that a record begins with.
pub(crate) const PREAMBLE: usize = 4;

#[allow(clippy::cast_possible_truncation, reason = "the two halves of an id")]
pub(crate) fn preamble(head: Head, identity: Identity) -> [Word; PREAMBLE] {
    [
        Word::Head(head),
        Word::Pair((identity.trace_id >> 64) as u64, identity.trace_id as u64),
        Word::Pair(identity.span_id, identity.parent_span_id),
        Word::Pair(identity.start, identity.duration),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_24_bytes() {
        assert_eq!(size_of::<Word>(), 24);
    }
}
