//! The compact form of a span: words of 24 bytes, written by the caller, read by the export thread.
//!
//! Keys are static, numbers inline, short text is cut into words: ending a span copies words into
//! this thread's ring and frees nothing that another thread would have to.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{Event, Link, SpanKind, TraceState};
use opentelemetry::{Array, Value};

use super::gaps::Gaps;
use super::room::Excess;
use super::value::{ValueRef, widen};
use crate::content::Piece;
use crate::identity::Associations;
use crate::semconv::{attribute, error_type};

/// Text above this travels as one box: cutting it would fill the ring.
const INLINE_TEXT: usize = 1024;
const TEXT_PER_WORD: usize = 21;

/// The smallest piece of a record.
#[derive(Debug)]
pub(crate) enum Word {
    /// What starts every record.
    Head(Head),
    Pair(u64, u64),
    /// The key of the attribute whose value follows.
    Key(&'static str),
    OwnedKey(Box<str>),
    /// The key of a value that totals and prices read, for which the conventions have no attribute on
    /// this operation.
    HiddenKey(&'static str),
    Bool(bool),
    Int(i64),
    Float(f64),
    Single(f32),
    Static(&'static str),
    /// A piece of text; `more` says that the next word continues it.
    Text {
        length: u8,
        more: bool,
        bytes: [u8; TEXT_PER_WORD],
    },
    Large(Box<str>),
    Array(Box<Array>),
    /// The name follows, as text.
    Name,
    Event(Box<Event>),
    Link(Box<Link>),
    State(Box<TraceState>),
    StatusOk,
    /// The description of an error status follows, as text.
    StatusError,
    /// What found no room while the span was open.
    Excess(Excess),
    /// The times between the chunks of a stream.
    Gaps(Box<Gaps>),
    /// What the span shares with others.
    Associations(Arc<Associations>),
    /// What was captured.
    Content(Box<Piece>),
}

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

impl Identity {
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of an id")]
    pub(crate) fn words(self) -> [Word; 3] {
        [
            Word::Pair((self.trace_id >> 64) as u64, self.trace_id as u64),
            Word::Pair(self.span_id, self.parent_span_id),
            Word::Pair(self.start, self.duration),
        ]
    }
}

/// The words of a span that is still open.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<Word>);

impl Words {
    pub(crate) fn reuse(buffer: Vec<Word>) -> Self {
        debug_assert!(buffer.is_empty(), "a pooled buffer is empty");
        Self(buffer)
    }

    pub(crate) fn into_buffer(self) -> Vec<Word> {
        self.0
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_slice(&self) -> &[Word] {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all words out of others.
    pub(crate) fn append(&mut self, others: &mut Self) {
        self.0.append(&mut others.0);
    }

    pub(crate) fn push(&mut self, word: Word) {
        self.0.push(word);
    }

    /// Appends an attribute; later ones with the same key win.
    pub(crate) fn attribute(&mut self, key: &'static str, value: Option<ValueRef<'_>>) {
        if let Some(value) = value {
            self.0.push(Word::Key(key));
            self.value(value);
        }
    }

    /// Appends what is read here and not exported.
    pub(crate) fn hidden(&mut self, key: &'static str, value: ValueRef<'_>) {
        self.0.push(Word::HiddenKey(key));
        self.value(value);
    }

    /// Appends an attribute whose text is known at compile time.
    pub(crate) fn fixed(&mut self, key: &'static str, value: &'static str) {
        self.0.push(Word::Key(key));
        self.0.push(Word::Static(value));
    }

    pub(crate) fn owned_key(&mut self, key: Cow<'static, str>) {
        self.0.push(match key {
            Cow::Borrowed(key) => Word::Key(key),
            Cow::Owned(key) => Word::OwnedKey(key.into_boxed_str()),
        });
    }

    pub(crate) fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Bool(value) => self.0.push(Word::Bool(value)),
            ValueRef::Int(value) => self.0.push(Word::Int(value)),
            ValueRef::Float(value) => self.0.push(Word::Float(value)),
            ValueRef::Single(value) => self.0.push(Word::Single(value)),
            ValueRef::Text(text) => self.text(text),
            ValueRef::Array(array) => self.0.push(Word::Array(Box::new(array))),
        }
    }

    /// Text that other OpenTelemetry code already owns.
    pub(crate) fn owned_value(&mut self, value: Value) {
        match value {
            Value::Bool(value) => self.0.push(Word::Bool(value)),
            Value::I64(value) => self.0.push(Word::Int(value)),
            Value::F64(value) => self.0.push(Word::Float(value)),
            Value::Array(array) => self.0.push(Word::Array(Box::new(array))),
            other => self.text(&other.as_str()),
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        if text.len() > INLINE_TEXT {
            self.0.push(Word::Large(text.into()));
            return;
        }
        let mut rest = text.as_bytes();
        loop {
            let length = rest.len().min(TEXT_PER_WORD);
            let (piece, tail) = rest.split_at(length);
            let mut bytes = [0; TEXT_PER_WORD];
            if let Some(target) = bytes.get_mut(..length) {
                target.copy_from_slice(piece);
            }
            #[allow(clippy::cast_possible_truncation, reason = "at most the bytes of a word")]
            self.0.push(Word::Text { length: length as u8, more: !tail.is_empty(), bytes });
            if tail.is_empty() {
                return;
            }
            rest = tail;
        }
    }

    pub(crate) fn cow(&mut self, text: Cow<'static, str>) {
        match text {
            Cow::Borrowed(text) => self.0.push(Word::Static(text)),
            Cow::Owned(text) => self.text(&text),
        }
    }

    /// Whether an attribute of this name was written, or is hidden.
    pub(crate) fn contains(&self, wanted: &str) -> bool {
        self.0.iter().any(|word| match word {
            Word::Key(key) | Word::HiddenKey(key) => *key == wanted,
            Word::OwnedKey(key) => **key == *wanted,
            _ => false,
        })
    }

    /// What follows the last key of this name.
    fn value_of(&self, wanted: &str) -> Option<&[Word]> {
        let key = self.0.iter().rposition(|word| match word {
            Word::Key(key) => *key == wanted,
            Word::OwnedKey(key) => **key == *wanted,
            _ => false,
        })?;
        self.0.get(key + 1..)
    }

    /// The text of the attribute of this name.
    pub(crate) fn text_of(&self, wanted: &str) -> Option<String> {
        let mut text = Vec::new();
        for word in self.value_of(wanted)? {
            match word {
                Word::Static(text) => return Some((*text).to_owned()),
                Word::Large(text) => return Some(text.clone().into_string()),
                Word::Text { length, more, bytes } => {
                    text.extend_from_slice(bytes.get(..usize::from(*length))?);
                    if !more {
                        return String::from_utf8(text).ok();
                    }
                }
                _ => return None,
            }
        }
        None
    }

    /// Whether this text, of a word at most, is the last value of an attribute.
    pub(crate) fn has_text(&self, wanted: &str, text: &str) -> bool {
        match self.value_of(wanted).and_then(<[Word]>::first) {
            Some(Word::Static(found)) => *found == text,
            Some(Word::Text { length, more: false, bytes }) => {
                bytes.get(..usize::from(*length)) == Some(text.as_bytes())
            }
            _ => false,
        }
    }

    pub(crate) fn gaps(&mut self, gaps: Option<Box<Gaps>>) {
        self.0.extend(gaps.map(Word::Gaps));
    }

    /// Whether something of this key was captured.
    pub(crate) fn has_content(&self, wanted: &str) -> bool {
        self.0.iter().any(|word| matches!(word, Word::Content(piece) if piece.key() == wanted))
    }

    /// Forgets what was captured.
    pub(crate) fn discard_content(&mut self) {
        self.0.retain(|word| !matches!(word, Word::Content(_)));
    }

    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Word> + '_ {
        self.0.drain(..)
    }
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
    /// Reads one record; the words come from `Words` and are trusted to be whole.
    pub(crate) fn read(head: Head, mut words: impl Iterator<Item = Word>) -> Option<Self> {
        let (
            Some(Word::Pair(high, low)),
            Some(Word::Pair(span_id, parent_span_id)),
            Some(Word::Pair(start, duration)),
        ) = (words.next(), words.next(), words.next())
        else {
            return None;
        };
        let mut record = Self {
            head,
            identity: Identity {
                trace_id: (u128::from(high) << 64) | u128::from(low),
                span_id,
                parent_span_id,
                start,
                duration,
            },
            name: Cow::Borrowed(""),
            attributes: Vec::with_capacity(head.words as usize / 2),
            events: Vec::new(),
            links: Vec::new(),
            trace_state: TraceState::NONE,
            status: None,
            excess: Excess::default(),
            gaps: None,
            associations: None,
            content: Vec::new(),
        };
        while let Some(word) = words.next() {
            match word {
                Word::Key(key) => record.set(Cow::Borrowed(key), read_value(&mut words)?),
                Word::OwnedKey(key) => {
                    record.set(Cow::Owned(key.into_string()), read_value(&mut words)?);
                }
                Word::HiddenKey(_) => drop(read_value(&mut words)?),
                Word::Name => record.name = read_text(&mut words)?,
                Word::Event(event) => record.events.push(*event),
                Word::Link(link) => record.links.push(*link),
                Word::State(state) => record.trace_state = *state,
                Word::Gaps(gaps) => record.gaps = Some(gaps),
                Word::Associations(shared) => record.associations = Some(shared),
                Word::Content(piece) => record.capture(*piece),
                Word::StatusOk => record.status = Some(Ok(())),
                Word::StatusError => record.status = Some(Err(read_text(&mut words)?)),
                Word::Excess(excess) => record.excess = excess,
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

fn read_text(words: &mut impl Iterator<Item = Word>) -> Option<Cow<'static, str>> {
    read_text_from(words.next()?, words)
}

fn read_text_from(
    first: Word,
    words: &mut impl Iterator<Item = Word>,
) -> Option<Cow<'static, str>> {
    let mut bytes = Vec::new();
    let mut word = first;
    loop {
        match word {
            Word::Static(text) => return Some(Cow::Borrowed(text)),
            Word::Large(text) => return Some(Cow::Owned(text.into_string())),
            Word::Text { length, more, bytes: piece } => {
                bytes.extend_from_slice(piece.get(..usize::from(length))?);
                if !more {
                    return String::from_utf8(bytes).ok().map(Cow::Owned);
                }
                word = words.next()?;
            }
            _ => return None,
        }
    }
}

fn read_value(words: &mut impl Iterator<Item = Word>) -> Option<Value> {
    Some(match words.next()? {
        Word::Bool(value) => Value::Bool(value),
        Word::Int(value) => Value::I64(value),
        Word::Float(value) => Value::F64(value),
        Word::Single(value) => Value::F64(widen(value)),
        Word::Array(array) => Value::Array(*array),
        text => match read_text_from(text, words)? {
            Cow::Borrowed(text) => Value::String(text.into()),
            Cow::Owned(text) => Value::String(text.into()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(words: Words) -> Record {
        let head = Head {
            words: 0,
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
        Record::read(head, identity.words().into_iter().chain(words.into_buffer())).unwrap()
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
