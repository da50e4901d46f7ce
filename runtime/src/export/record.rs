//! A span as it is read from the words that its thread wrote.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::slice;
use std::sync::Arc;

use opentelemetry::trace::{Event, Link, TraceState};
use opentelemetry::{Key, KeyValue, Value};

use super::texts::{Facts, Text, Texts, is_text};
use crate::content::Piece;
use crate::content::mask::Nature;
use crate::identity::Associations;
use crate::semconv::{Measured, attribute, error_type};
use crate::span::detail::Extent;
use crate::span::gaps::Gaps;
use crate::span::record::{Exit, Head, Identity, OperationKind, operation_name};
use crate::span::room::Excess;
use crate::span::value::{bytes_of, widen};
use crate::span::words::{Aside, Word};

/// Room for so many of a kind is kept for the next record.
const KEPT: usize = 256;

/// One record, and the memory for the next one.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) head: Head,
    pub(crate) identity: Identity,
    /// Empty where it follows from the operation.
    pub(crate) name: Cow<'static, str>,
    /// First what follows from the operation, then in the order set; a key that was set again holds its
    /// last value.
    pub(crate) attributes: Vec<KeyValue>,
    /// Where in `attributes` those are that metrics read, counted from one; nowhere is zero.
    places: [usize; Measured::COUNT],
    /// The marks of all keys that were set: most that are set were not before.
    marks: u64,
    /// Bytes of all texts and lists that were set, at least as many as there are.
    pub(crate) text: usize,
    /// Attributes that masks have not looked at yet, each once.
    unmasked: Vec<(usize, Nature)>,
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
    /// Nobody's yet.
    pub(crate) fn new() -> Self {
        Self {
            head: Head::of(OperationKind::Span),
            identity: Identity::default(),
            name: Cow::Borrowed(""),
            attributes: Vec::new(),
            places: [0; Measured::COUNT],
            marks: 0,
            text: 0,
            unmasked: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            trace_state: TraceState::NONE,
            status: None,
            excess: Excess::default(),
            gaps: None,
            associations: None,
            content: Vec::new(),
        }
    }

    pub(crate) fn is_sampled(&self) -> bool {
        self.head.trace_flags & 1 == 1
    }

    /// Reads one record, with masks on its attributes, its name and its status; of one that is not
    /// sampled so much. Returns whether the words were whole.
    pub(super) fn read(
        &mut self,
        words: &[Word],
        asides: &mut [Aside],
        unsampled: Extent,
        texts: &mut Texts,
    ) -> bool {
        self.try_read(words, asides, unsampled, texts).is_some()
    }

    fn try_read(
        &mut self,
        words: &[Word],
        asides: &mut [Aside],
        unsampled: Extent,
        texts: &mut Texts,
    ) -> Option<()> {
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
        let identity = Identity {
            trace_id: (u128::from(*high) << 64) | u128::from(*low),
            span_id: *span_id,
            parent_span_id: *parent_span_id,
            start: *start,
            duration: *duration,
        };
        let extent = if head.trace_flags & 1 == 1 { Extent::All } else { unsampled };
        let is_wanted = |facts: Facts| match extent {
            Extent::All => true,
            Extent::Measured => facts.measured.is_some(),
            Extent::Nothing => false,
        };
        self.start(*head, identity, words.len() / 2);
        let mut reader = Reader { words: words.iter(), asides };
        while let Some(word) = reader.words.next() {
            match word {
                Word::Key(key) => {
                    let facts = texts.facts(key);
                    if is_wanted(facts) {
                        self.take(Key::from_static_str(key), facts, &mut reader, texts)?;
                    } else {
                        reader.skip();
                    }
                }
                Word::OwnedKey => {
                    let key = reader.text()?.into_cow()?;
                    let facts = Facts::of(&key);
                    if is_wanted(facts) {
                        self.take(Key::from(key), facts, &mut reader, texts)?;
                    } else {
                        reader.skip();
                    }
                }
                other => self.read_other(other, &mut reader)?,
            }
        }
        if extent != Extent::Nothing {
            self.mask(texts);
        }
        self.finish();
        Some(())
    }

    /// Reads the value of this key.
    #[allow(clippy::inline_always, reason = "to hand all of it over costs more than the rest")]
    #[inline(always)]
    fn take(
        &mut self,
        key: Key,
        facts: Facts,
        reader: &mut Reader<'_>,
        texts: &mut Texts,
    ) -> Option<()> {
        let mut is_unmasked = false;
        let value = reader.value(facts.nature, texts, &mut is_unmasked)?;
        let before = self.attributes.len();
        let place = self.put(key, facts, value);
        if is_unmasked {
            let is_known = || self.unmasked.iter().any(|(known, _)| *known == place);
            if place == before || !is_known() {
                self.unmasked.push((place, facts.nature));
            }
        }
        Some(())
    }

    /// Reads what is no attribute.
    fn read_other(&mut self, word: &Word, reader: &mut Reader<'_>) -> Option<()> {
        match word {
            Word::HiddenKey(_) => reader.skip(),
            Word::Name => self.name = reader.text()?.into_cow()?,
            Word::StatusOk => self.status = Some(Ok(())),
            Word::StatusError => self.status = Some(Err(reader.text()?.into_cow()?)),
            Word::Excess(excess) => self.excess = *excess,
            Word::Aside(number) => match reader.aside(*number)? {
                Aside::Event(event) => self.events.push(*event),
                Aside::Link(link) => self.links.push(*link),
                Aside::State(state) => self.trace_state = *state,
                Aside::Gaps(gaps) => self.gaps = Some(gaps),
                Aside::Associations(shared) => self.associations = Some(shared),
                Aside::Content(piece) => self.capture(*piece),
                Aside::Gone => {}
                Aside::Text(_) | Aside::Array(_) => return None,
            },
            _ => return None,
        }
        Some(())
    }

    /// Once, when everything has its last value: a function of the program's may not know what it has
    /// changed.
    fn mask(&mut self, texts: &mut Texts) {
        for (place, nature) in &self.unmasked {
            if let Some(attribute) = self.attributes.get_mut(*place) {
                let before = bytes_of(&attribute.value);
                texts.mask(attribute, *nature);
                // What stands in place of a text may be longer.
                self.text += bytes_of(&attribute.value).saturating_sub(before);
            }
        }
        texts.mask_text(&mut self.name);
        // Metrics have no place for it.
        if self.is_sampled()
            && let Some(Err(description)) = &mut self.status
        {
            texts.mask_text(description);
        }
    }

    /// Forgets the record before, and makes room for so many attributes.
    pub(super) fn start(&mut self, head: Head, identity: Identity, room: usize) {
        (self.head, self.identity) = (head, identity);
        self.name = Cow::Borrowed("");
        // A span takes its attributes with it: as a rule there is no room.
        let room = room + 1;
        if (room..=room.max(KEPT)).contains(&self.attributes.capacity()) {
            self.attributes.clear();
        } else {
            self.attributes = Vec::with_capacity(room);
        }
        self.places = [0; Measured::COUNT];
        self.marks = 0;
        self.text = 0;
        clear(&mut self.unmasked);
        clear(&mut self.events);
        clear(&mut self.links);
        self.trace_state = TraceState::NONE;
        self.status = None;
        self.excess = Excess::default();
        self.gaps = None;
        self.associations = None;
        clear(&mut self.content);
        match head.operation {
            OperationKind::Span => {}
            // The last name is not known yet.
            OperationKind::Stage => self.attributes.push(KeyValue::new(attribute::STAGE_NAME, "")),
            operation => {
                let name = operation_name(operation);
                self.attributes.push(KeyValue::new(attribute::OPERATION_NAME, name));
            }
        }
    }

    /// Adds what follows from the rest.
    pub(super) fn finish(&mut self) {
        if self.head.operation == OperationKind::Stage
            && let Some(own) = self.attributes.first_mut()
        {
            self.text += self.name.len();
            own.value = Value::String(self.name.clone().into());
        }
        // Other code may call it an error and not say which.
        if self.head.exit == Exit::Error && self.measured(Measured::ERROR_TYPE).is_none() {
            self.set(Cow::Borrowed(attribute::ERROR_TYPE), Value::from(error_type::OTHER));
        }
    }

    /// A later piece of the same key wins.
    fn capture(&mut self, piece: Piece) {
        match self.content.iter_mut().find(|known| known.key() == piece.key()) {
            Some(known) => *known = piece,
            None => self.content.push(piece),
        }
    }

    pub(crate) fn set(&mut self, key: Cow<'static, str>, value: Value) {
        let facts = Facts::of(&key);
        self.put(Key::from(key), facts, value);
    }

    /// Returns where it stands.
    #[allow(clippy::inline_always, reason = "to hand both over costs more than the rest")]
    #[inline(always)]
    fn put(&mut self, key: Key, facts: Facts, value: Value) -> usize {
        if self.marks & facts.mark != 0
            && let Some(place) = self.place_of(&key)
        {
            self.replace(place, value);
            return place;
        }
        self.marks |= facts.mark;
        self.text += bytes_of(&value);
        let place = self.attributes.len();
        self.attributes.push(KeyValue::new(key, value));
        if let Some(measured) = facts.measured {
            self.places[measured as usize] = place + 1;
        }
        place
    }

    #[cold]
    fn replace(&mut self, place: usize, value: Value) {
        self.text += bytes_of(&value);
        if let Some(known) = self.attributes.get_mut(place) {
            known.value = value;
        }
    }

    #[cold]
    fn place_of(&self, key: &Key) -> Option<usize> {
        let mut set = self.attributes.iter().enumerate().skip(self.own_attributes());
        set.find(|(_, known)| known.key == *key).map(|(place, _)| place)
    }

    /// How many attributes follow from what the operation is.
    fn own_attributes(&self) -> usize {
        usize::from(self.head.operation != OperationKind::Span)
    }

    /// What follows from the operation: its name, or that of the stage.
    pub(crate) fn own(&self) -> Option<&Value> {
        self.attributes.get(..self.own_attributes())?.first().map(|it| &it.value)
    }

    pub(crate) fn measured(&self, measured: Measured) -> Option<&Value> {
        let place = self.places[measured as usize];
        self.attributes.get(place.checked_sub(1)?).map(|it| &it.value)
    }

    pub(crate) fn attribute(&self, key: &str) -> Option<&Value> {
        let set = self.attributes.iter().skip(self.own_attributes());
        set.filter(|known| known.key.as_str() == key).map(|known| &known.value).next()
    }
}

/// As a rule there is nothing to be dropped; much memory is not kept.
#[inline]
pub(super) fn clear<T>(items: &mut Vec<T>) {
    if items.capacity() > KEPT {
        *items = Vec::new();
    } else if !items.is_empty() {
        items.clear();
    }
}

/// What is left of a record's words, and what stands aside of them.
struct Reader<'r> {
    words: slice::Iter<'r, Word>,
    asides: &'r mut [Aside],
}

impl<'r> Reader<'r> {
    #[inline]
    fn aside(&mut self, number: u32) -> Option<Aside> {
        self.asides.get_mut(number as usize).map(std::mem::take)
    }

    #[inline]
    fn skip(&mut self) {
        while let Some(Word::Text { more: true, .. }) = self.words.next() {}
    }

    fn text(&mut self) -> Option<Text<'r>> {
        let first = self.words.next()?;
        self.text_from(first)
    }

    #[inline]
    fn text_from(&mut self, first: &'r Word) -> Option<Text<'r>> {
        match first {
            Word::Static(text) => Some(Text::Constant(text)),
            Word::Text { length, more: false, bytes } => Some(Text::Short(*length, bytes)),
            Word::Text { .. } => self.pieces(first),
            Word::Aside(number) => {
                let Aside::Text(text) = self.aside(*number)? else { return None };
                Some(Text::Long(text.into_string()))
            }
            _ => None,
        }
    }

    /// Text of several words.
    #[inline(never)]
    fn pieces(&mut self, first: &Word) -> Option<Text<'r>> {
        let rest = self.words.as_slice();
        let last = rest.iter().position(|word| !matches!(word, Word::Text { more: true, .. }))?;
        let (pieces, rest) = rest.split_at_checked(last + 1)?;
        // As much as there is, so that nothing is moved when it becomes a value.
        let length = |word: &Word| match word {
            Word::Text { length, .. } => usize::from(*length),
            _ => 0,
        };
        let all = || std::iter::once(first).chain(pieces);
        let mut text = Vec::with_capacity(all().map(length).sum());
        for word in all() {
            let Word::Text { length, bytes, .. } = word else { return None };
            text.extend_from_slice(bytes.get(..usize::from(*length))?);
        }
        self.words = rest.iter();
        String::from_utf8(text).ok().map(Text::Long)
    }

    #[allow(clippy::inline_always, reason = "see `take`, which alone calls it")]
    #[inline(always)]
    fn value(
        &mut self,
        nature: Nature,
        texts: &mut Texts,
        is_unmasked: &mut bool,
    ) -> Option<Value> {
        let first = self.words.next()?;
        let text = match first {
            Word::Bool(value) => return Some(Value::Bool(*value)),
            Word::Int(value) => return Some(Value::I64(*value)),
            Word::Float(value) => return Some(Value::F64(*value)),
            Word::Single(value) => return Some(Value::F64(widen(*value))),
            Word::Aside(number) => match self.aside(*number)? {
                Aside::Array(array) => {
                    let value = Value::Array(*array);
                    *is_unmasked = is_text(&value) && !nature.is_identifier;
                    return Some(value);
                }
                Aside::Text(text) => Text::Long(text.into_string()),
                _ => return None,
            },
            text => self.text_from(text)?,
        };
        texts.value(nature, text, is_unmasked).map(Value::String)
    }
}
