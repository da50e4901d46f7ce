//! A span as it is handed over: what the caller writes into its first words, and what the export thread
//! reads from all of them.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::Value;
use opentelemetry::trace::{Event, Link, SpanKind, TraceState};

use super::gaps::Gaps;
use super::room::Excess;
use super::value::widen;
use super::words::{Aside, Word, after_text};
use crate::content::Piece;
use crate::identity::Associations;
use crate::semconv::{self, attribute, error_type};

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

    /// Whether it asks a model, and so costs money.
    pub(crate) fn is_model_call(self) -> bool {
        self.is_generation() || self == Self::Embeddings
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
#[derive(Clone, Copy, Debug)]
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

/// A record as the export thread sees it.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) head: Head,
    pub(crate) identity: Identity,
    pub(crate) name: Cow<'static, str>,
    /// In the order set; a key that was set again holds its last value.
    pub(crate) attributes: Vec<(Cow<'static, str>, Value)>,
    pub(crate) events: Vec<Event>,
    pub(crate) links: Vec<Link>,
    pub(crate) trace_state: TraceState,
    /// What other code said about the status, when it said anything.
    pub(crate) status: Option<Result<(), Cow<'static, str>>>,
    pub(crate) excess: Excess,
    pub(crate) gaps: Option<Box<Gaps>>,
    /// No attributes yet: metrics have none of it.
    pub(crate) associations: Option<Arc<Associations>>,
    /// What was captured, each key once; no attributes yet.
    pub(crate) content: Vec<Piece>,
}

impl Record {
    /// Reads one record; `None` where the words are not whole.
    pub(crate) fn read(words: &[Word], asides: &mut [Aside]) -> Option<Self> {
        let [
            Word::Head(head),
            Word::Pair(high, low),
            Word::Pair(span_id, parent_span_id),
            Word::Pair(start, duration),
            words @ ..,
        ] = words
        else {
            return None;
        };
        let mut record = Self {
            head: *head,
            identity: Identity {
                trace_id: (u128::from(*high) << 64) | u128::from(*low),
                span_id: *span_id,
                parent_span_id: *parent_span_id,
                start: *start,
                duration: *duration,
            },
            name: Cow::Borrowed(""),
            attributes: Vec::with_capacity(words.len() / 2),
            events: Vec::new(),
            links: Vec::new(),
            trace_state: TraceState::NONE,
            status: None,
            excess: Excess::default(),
            gaps: None,
            associations: None,
            content: Vec::new(),
        };
        // Nobody sees such a span; its metrics are made of few attributes.
        let is_measured_only = head.trace_flags & 1 == 0 && asides.is_empty();
        let mut reader = Reader { words: words.iter(), asides };
        while let Some(word) = reader.words.next() {
            match *word {
                Word::Key(key) if is_measured_only && !semconv::is_measured(key) => reader.skip(),
                Word::Key(key) => record.set(Cow::Borrowed(key), reader.value()?),
                Word::OwnedKey => record.set(reader.text()?, reader.value()?),
                Word::HiddenKey(_) => reader.skip(),
                Word::Name => record.name = reader.text()?,
                Word::StatusOk => record.status = Some(Ok(())),
                Word::StatusError => record.status = Some(Err(reader.text()?)),
                Word::Excess(excess) => record.excess = excess,
                Word::Aside(number) => match reader.aside(number)? {
                    Aside::Event(event) => record.events.push(*event),
                    Aside::Link(link) => record.links.push(*link),
                    Aside::State(state) => record.trace_state = *state,
                    Aside::Gaps(gaps) => record.gaps = Some(gaps),
                    Aside::Associations(shared) => record.associations = Some(shared),
                    Aside::Content(piece) => record.capture(*piece),
                    Aside::Gone => {}
                    Aside::Text(_) | Aside::Array(_) => return None,
                },
                _ => return None,
            }
        }
        // Other code may call it an error and not say which.
        if head.exit == Exit::Error && record.attribute(attribute::ERROR_TYPE).is_none() {
            record.set(Cow::Borrowed(attribute::ERROR_TYPE), Value::from(error_type::OTHER));
        }
        Some(record)
    }

    /// A later piece of the same key wins.
    fn capture(&mut self, piece: Piece) {
        match self.content.iter_mut().find(|known| known.key() == piece.key()) {
            Some(known) => *known = piece,
            None => self.content.push(piece),
        }
    }

    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: Value) {
        if let Some(slot) = self.attributes.iter_mut().find(|(known, _)| *known == key) {
            slot.1 = value;
        } else {
            self.attributes.push((key, value));
        }
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<&Value> {
        self.attributes.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }
}

/// What is left of a record's words, and what stands aside of them.
struct Reader<'r> {
    words: std::slice::Iter<'r, Word>,
    asides: &'r mut [Aside],
}

impl Reader<'_> {
    fn aside(&mut self, number: u32) -> Option<Aside> {
        self.asides.get_mut(number as usize).map(std::mem::take)
    }

    fn skip(&mut self) {
        self.words = after_text(self.words.as_slice()).iter();
    }

    fn text(&mut self) -> Option<Cow<'static, str>> {
        let first = *self.words.next()?;
        self.text_from(first)
    }

    fn text_from(&mut self, first: Word) -> Option<Cow<'static, str>> {
        match first {
            Word::Static(text) => Some(Cow::Borrowed(text)),
            Word::Aside(number) => {
                let Aside::Text(text) = self.aside(number)? else { return None };
                Some(Cow::Owned(text.into_string()))
            }
            Word::Text { length, more: false, bytes } => {
                let text = std::str::from_utf8(bytes.get(..usize::from(length))?).ok()?;
                Some(Cow::Owned(text.to_owned()))
            }
            Word::Text { .. } => self.pieces(first),
            _ => None,
        }
    }

    /// Text of several words.
    fn pieces(&mut self, first: Word) -> Option<Cow<'static, str>> {
        let rest = self.words.as_slice();
        let count = rest.len() - after_text(rest).len();
        // As much as there is, so that nothing is moved when it becomes a value.
        let length = |word: &Word| match word {
            Word::Text { length, .. } => usize::from(*length),
            _ => 0,
        };
        let all = || std::iter::once(&first).chain(rest.iter().take(count));
        let mut text = Vec::with_capacity(all().map(length).sum());
        for word in all() {
            let Word::Text { length, bytes, .. } = word else { return None };
            text.extend_from_slice(bytes.get(..usize::from(*length))?);
        }
        self.words = rest.get(count..)?.iter();
        String::from_utf8(text).ok().map(Cow::Owned)
    }

    fn value(&mut self) -> Option<Value> {
        let first = *self.words.next()?;
        Some(match first {
            Word::Bool(value) => Value::Bool(value),
            Word::Int(value) => Value::I64(value),
            Word::Float(value) => Value::F64(value),
            Word::Single(value) => Value::F64(widen(value)),
            Word::Aside(number) => match self.aside(number)? {
                Aside::Array(array) => Value::Array(*array),
                Aside::Text(text) => Value::String(text.into_string().into()),
                _ => return None,
            },
            text => match self.text_from(text)? {
                Cow::Borrowed(text) => Value::String(text.into()),
                Cow::Owned(text) => Value::String(text.into()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::value::ValueRef;
    use crate::span::words::{INLINE_TEXT, Words};

    fn read_back(mut words: Words) -> Record {
        let head = Head {
            words: 0,
            asides: 0,
            operation: OperationKind::Stage,
            kind: Kind::Internal,
            exit: Exit::Ok,
            trace_flags: 1,
            parent_is_remote: false,
            is_cost_told_inside: false,
        };
        let identity = Identity {
            trace_id: (7 << 64) | 9,
            span_id: 3,
            parent_span_id: 2,
            start: 5,
            duration: 6,
        };
        let whole = [preamble(head, identity).as_slice(), words.as_slice()].concat();
        Record::read(&whole, words.asides()).unwrap()
    }

    #[test]
    fn a_word_is_24_bytes() {
        assert_eq!(size_of::<Word>(), 24);
    }

    #[test]
    fn text_of_every_length_comes_back_whole() {
        for length in (0..70).chain([INLINE_TEXT - 1, INLINE_TEXT, INLINE_TEXT + 1, 100_000]) {
            let text: String = "añ→".chars().cycle().take(length).collect();
            let mut words = Words::default();
            words.attribute("k", Some(ValueRef::Text(&text)));
            let record = read_back(words);
            assert_eq!(record.attribute("k"), Some(&Value::from(text)));
        }
    }

    #[test]
    fn a_key_set_twice_holds_the_last_value() {
        let mut words = Words::default();
        words.attribute("k", Some(ValueRef::Int(1)));
        words.attribute("other", Some(ValueRef::Bool(true)));
        words.attribute("k", Some(ValueRef::Float(0.5)));
        let record = read_back(words);
        assert_eq!(record.attributes.len(), 2);
        assert_eq!(record.attribute("k"), Some(&Value::F64(0.5)));
    }

    #[test]
    fn identity_survives() {
        let record = read_back(Words::default());
        assert_eq!(record.identity.trace_id, (7 << 64) | 9);
        assert_eq!((record.identity.span_id, record.identity.parent_span_id), (3, 2));
        assert_eq!((record.identity.start, record.identity.duration), (5, 6));
    }
}
