//! The compact form of a span: words of 24 bytes, written by the caller, read by the export thread.
//!
//! Keys are static, numbers inline, text is cut into words: to end a span is to copy its words into this
//! thread's ring. What owns memory stands aside.

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::{Event, Link, TraceState};
use opentelemetry::{Array, KeyValue, Value};

use super::gaps::Gaps;
use super::record::Head;
use super::room::Excess;
use super::value::{ValueRef, bytes_of, bytes_of_array};
use crate::content::Piece;
use crate::identity::Associations;

/// Text above this stands aside: cutting it would fill the ring.
pub(crate) const INLINE_TEXT: usize = 1024;
pub(crate) const TEXT_PER_WORD: usize = 21;
/// Room for so many is kept for the next span.
const KEPT: usize = 256;

/// The smallest piece of a record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word {
    /// What starts every record.
    Head(Head),
    Pair(u64, u64),
    /// The key of the attribute whose value follows.
    Key(&'static str),
    /// The key follows, as text, and then the value.
    OwnedKey,
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
    /// The name follows, as text.
    Name,
    StatusOk,
    /// The description of an error status follows, as text.
    StatusError,
    /// What found no room while the span was open.
    Excess(Excess),
    /// The number of what stands aside.
    Aside(u32),
}

/// What owns memory.
#[derive(Debug, Default)]
pub(crate) enum Aside {
    /// It was taken or forgotten.
    #[default]
    Gone,
    Text(Box<str>),
    Array(Box<Array>),
    Event(Box<Event>),
    Link(Box<Link>),
    State(Box<TraceState>),
    /// The times between the chunks of a stream.
    Gaps(Box<Gaps>),
    /// What the span shares with others.
    Associations(Arc<Associations>),
    /// What was captured.
    Content(Box<Piece>),
}

impl Aside {
    /// What it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let of = |attributes: &[KeyValue]| -> usize {
            let values: usize = attributes.iter().map(|it| bytes_of(&it.value)).sum();
            size_of_val(attributes) + values
        };
        match self {
            // What is shared is there anyway.
            Self::Gone | Self::State(_) | Self::Associations(_) => 0,
            Self::Text(text) => text.len(),
            Self::Array(array) => bytes_of_array(array),
            Self::Event(event) => size_of::<Event>() + of(&event.attributes),
            Self::Link(link) => size_of::<Link>() + of(&link.attributes),
            Self::Gaps(_) => size_of::<Gaps>(),
            Self::Content(piece) => piece.bytes(),
        }
    }
}

/// The words of a span that is still open.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Word>,
    asides: Vec<Aside>,
}

impl Words {
    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(crate) fn as_slice(&self) -> &[Word] {
        &self.words
    }

    pub(crate) fn aside(&self, number: u32) -> Option<&Aside> {
        self.asides.get(number as usize)
    }

    /// Forgets everything; much memory is not kept.
    pub(crate) fn clear(&mut self) {
        if self.words.is_empty() && self.asides.is_empty() {
            return;
        }
        if self.words.capacity().max(self.asides.capacity()) > KEPT {
            *self = Self::default();
        }
        self.words.clear();
        if !self.asides.is_empty() {
            self.asides.clear();
        }
    }

    pub(crate) fn asides(&mut self) -> &mut Vec<Aside> {
        &mut self.asides
    }

    /// Takes everything out of others.
    pub(crate) fn append(&mut self, others: &mut Self) {
        let before = self.asides.len();
        self.words.extend(others.words.drain(..).map(|word| match word {
            Word::Aside(number) => Word::Aside(at(before + number as usize)),
            word => word,
        }));
        self.asides.append(&mut others.asides);
    }

    pub(crate) fn push(&mut self, word: Word) {
        self.words.push(word);
    }

    pub(crate) fn put_aside(&mut self, aside: Aside) {
        self.words.push(Word::Aside(at(self.asides.len())));
        self.asides.push(aside);
    }

    pub(crate) fn event(&mut self, event: Event) {
        self.put_aside(Aside::Event(Box::new(event)));
    }

    pub(crate) fn link(&mut self, link: Link) {
        self.put_aside(Aside::Link(Box::new(link)));
    }

    pub(crate) fn content(&mut self, piece: Piece) {
        self.put_aside(Aside::Content(Box::new(piece)));
    }

    pub(crate) fn gaps(&mut self, gaps: Option<Box<Gaps>>) {
        if let Some(gaps) = gaps {
            self.put_aside(Aside::Gaps(gaps));
        }
    }

    /// Appends an attribute; later ones with the same key win.
    pub(crate) fn attribute(&mut self, key: &'static str, value: Option<ValueRef<'_>>) {
        if let Some(value) = value {
            self.pair(Word::Key(key), value);
        }
    }

    /// A key of one word, and its value.
    fn pair(&mut self, key: Word, value: ValueRef<'_>) {
        self.words.push(key);
        self.value(value);
    }

    /// Appends what is read here and not exported.
    pub(crate) fn hidden(&mut self, key: &'static str, value: ValueRef<'_>) {
        self.pair(Word::HiddenKey(key), value);
    }

    /// Appends an attribute whose text is known at compile time.
    pub(crate) fn fixed(&mut self, key: &'static str, value: &'static str) {
        self.words.extend([Word::Key(key), Word::Static(value)]);
    }

    /// Appends an attribute whose text may be known at compile time.
    pub(crate) fn named(&mut self, key: &'static str, text: Cow<'static, str>) {
        self.words.push(Word::Key(key));
        self.cow(text);
    }

    /// An attribute whose key somebody may have put together.
    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: ValueRef<'_>) {
        match key {
            Cow::Borrowed(key) => self.pair(Word::Key(key), value),
            Cow::Owned(key) => {
                self.owned_key(&key);
                self.value(value);
            }
        }
    }

    pub(crate) fn owned_key(&mut self, key: &str) {
        self.words.push(Word::OwnedKey);
        self.text(key);
    }

    pub(crate) fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Bool(value) => self.words.push(Word::Bool(value)),
            ValueRef::Int(value) => self.words.push(Word::Int(value)),
            ValueRef::Float(value) => self.words.push(Word::Float(value)),
            ValueRef::Single(value) => self.words.push(Word::Single(value)),
            ValueRef::Text(text) => self.text(text),
            ValueRef::Array(array) => self.put_aside(Aside::Array(Box::new(array))),
        }
    }

    /// Text that other OpenTelemetry code already owns.
    pub(crate) fn owned_value(&mut self, value: Value) {
        match value {
            Value::Bool(value) => self.words.push(Word::Bool(value)),
            Value::I64(value) => self.words.push(Word::Int(value)),
            Value::F64(value) => self.words.push(Word::Float(value)),
            Value::Array(array) => self.put_aside(Aside::Array(Box::new(array))),
            other => self.text(&other.as_str()),
        }
    }

    pub(crate) fn text(&mut self, text: &str) {
        if text.len() > INLINE_TEXT {
            return self.put_aside(Aside::Text(text.into()));
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
            self.words.push(Word::Text { length: length as u8, more: !tail.is_empty(), bytes });
            if tail.is_empty() {
                return;
            }
            rest = tail;
        }
    }

    pub(crate) fn cow(&mut self, text: Cow<'static, str>) {
        match text {
            Cow::Borrowed(text) => self.words.push(Word::Static(text)),
            Cow::Owned(text) => self.text(&text),
        }
    }

    /// Whether an attribute of this name was written, or is hidden.
    pub(crate) fn contains(&self, wanted: &str) -> bool {
        let is_hidden = |word: &Word| matches!(word, Word::HiddenKey(key) if same(key, wanted));
        self.words.iter().any(is_hidden) || self.value_of(wanted).is_some()
    }

    /// What follows the last key of this name.
    pub(super) fn value_of(&self, wanted: &str) -> Option<&[Word]> {
        let mut end = self.words.len();
        loop {
            let (before, _) = self.words.split_at_checked(end)?;
            end = before.iter().rposition(|word| match word {
                Word::Key(key) => same(key, wanted),
                Word::OwnedKey => true,
                _ => false,
            })?;
            let (key, rest) = self.words.split_at_checked(end)?.1.split_first()?;
            match key {
                Word::OwnedKey => {
                    let (key, value) = self.read_text(rest)?;
                    if key == wanted {
                        return Some(value);
                    }
                }
                _ => return Some(rest),
            }
        }
    }

    /// The text that these words begin with, and the words after it.
    pub(super) fn read_text<'w>(&'w self, words: &'w [Word]) -> Option<(Cow<'w, str>, &'w [Word])> {
        let (first, mut rest) = words.split_first()?;
        let mut text = Vec::new();
        let mut word = first;
        loop {
            match word {
                Word::Static(text) => return Some((Cow::Borrowed(text), rest)),
                Word::Aside(number) => {
                    let Aside::Text(text) = self.aside(*number)? else { return None };
                    return Some((Cow::Borrowed(text), rest));
                }
                Word::Text { length, more, bytes } => {
                    text.extend_from_slice(bytes.get(..usize::from(*length))?);
                    if !more {
                        return Some((Cow::Owned(String::from_utf8(text).ok()?), rest));
                    }
                    (word, rest) = rest.split_first()?;
                }
                _ => return None,
            }
        }
    }

    /// The text of the attribute of this name.
    pub(crate) fn text_of(&self, wanted: &str) -> Option<String> {
        Some(self.read_text(self.value_of(wanted)?)?.0.into_owned())
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

    /// Whether something of this key was captured.
    pub(crate) fn has_content(&self, wanted: &str) -> bool {
        self.asides.iter().any(|it| matches!(it, Aside::Content(piece) if piece.key() == wanted))
    }

    /// Forgets what was captured.
    pub(crate) fn discard_content(&mut self) {
        for aside in &mut self.asides {
            if matches!(aside, Aside::Content(_)) {
                *aside = Aside::Gone;
            }
        }
    }

    /// Replaces the words by some of them; what stands aside of the others goes.
    pub(crate) fn keep(&mut self, kept: Vec<Word>) {
        self.words = kept;
        let mut before = std::mem::take(&mut self.asides);
        for word in &mut self.words {
            if let Word::Aside(number) = word
                && let Some(aside) = before.get_mut(*number as usize)
            {
                *number = at(self.asides.len());
                self.asides.push(std::mem::take(aside));
            }
        }
    }
}

/// What follows the text that these words begin with.
pub(super) fn after_text(words: &[Word]) -> &[Word] {
    let last = words.iter().position(|word| !matches!(word, Word::Text { more: true, .. }));
    last.and_then(|last| words.get(last + 1..)).unwrap_or_default()
}

/// Keys are mostly one and the same constant.
fn same(key: &str, wanted: &str) -> bool {
    std::ptr::eq(key, wanted) || key == wanted
}

/// A span that holds more than this has no memory left for its words.
fn at(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
