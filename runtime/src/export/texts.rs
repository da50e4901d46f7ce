//! Texts on their way out: which of them masks look at, and one copy of those that come again and again.

use std::borrow::Cow;
use std::fmt;
use std::ptr;
use std::sync::Arc;

use opentelemetry::{Array, KeyValue, StringValue, Value};

use crate::content::mask::{Masks, Nature};
use crate::semconv::Measured;
use crate::span::words::TEXT_PER_WORD;

/// What is known of keys and texts: constants by where they are, for they never change, short texts by their
/// bytes.
pub(crate) struct Texts {
    masks: Arc<Masks>,
    keys: Places<(&'static str, Facts)>,
    /// Those in which there is nothing to mask.
    constants: Places<&'static str>,
    short: Places<Short>,
    names: Places<Name>,
}

/// What follows from a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) nature: Nature,
    pub(super) measured: Option<Measured>,
    /// One bit, the same for equal keys and as a rule another for others.
    pub(super) mark: u64,
}

/// A text as it stands in words.
#[derive(Debug)]
pub(super) enum Text<'w> {
    Constant(&'static str),
    /// Of one word: so many bytes.
    Short(u8, &'w [u8; TEXT_PER_WORD]),
    Long(String),
}

/// A text that came before.
struct Short {
    length: u8,
    bytes: [u8; TEXT_PER_WORD],
    text: Arc<str>,
    is_clean: bool,
}

/// The name of a span that follows from its operation and what that is done to; there is nothing to mask
/// in it.
struct Name {
    operation: &'static str,
    subject: StringValue,
    whole: String,
}

impl fmt::Debug for Texts {
    /// Without the texts.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Texts").field("masks", &self.masks).finish_non_exhaustive()
    }
}

impl Texts {
    pub(crate) fn new(masks: Arc<Masks>) -> Self {
        Self {
            masks,
            keys: Places::new(),
            constants: Places::new(),
            short: Places::new(),
            names: Places::new(),
        }
    }

    #[inline]
    pub(super) fn facts(&mut self, key: &'static str) -> Facts {
        let place = of_address(key);
        match self.keys.find(place, |(known, _)| ptr::eq(*known, key)) {
            Some((_, facts)) => *facts,
            None => self.new_facts(place, key),
        }
    }

    #[cold]
    fn new_facts(&mut self, place: usize, key: &'static str) -> Facts {
        let facts = Facts::of(key);
        self.keys.put(place, (key, facts));
        facts
    }

    /// A value with this text, and whether it is still to be masked.
    #[inline]
    pub(super) fn value(
        &mut self,
        nature: Nature,
        text: Text<'_>,
        is_unmasked: &mut bool,
    ) -> Option<StringValue> {
        let (text, is_clean) = match text {
            Text::Short(length, bytes) => {
                let short = self.short(length, bytes)?;
                (StringValue::from(Arc::clone(&short.text)), short.is_clean)
            }
            Text::Constant(text) => (StringValue::from(text), self.is_clean(text)),
            Text::Long(text) => {
                let is_clean = nature.is_plain() && self.masks.is_clean(&text);
                (StringValue::from(text), is_clean)
            }
        };
        *is_unmasked = !(nature.is_identifier || is_clean && nature.is_plain());
        Some(text)
    }

    /// Masks the value of an attribute.
    pub(super) fn mask(&self, attribute: &mut KeyValue, nature: Nature) {
        self.masks.attribute(attribute.key.as_str(), nature, &mut attribute.value);
    }

    /// Masks a text that has no key.
    pub(super) fn mask_text(&mut self, text: &mut Cow<'static, str>) {
        let is_clean = match text {
            Cow::Borrowed(constant) => constant.is_empty() || self.is_clean(constant),
            Cow::Owned(_) => false,
        };
        if is_clean {
            return;
        }
        if let Cow::Owned(masked) = self.masks.text(text) {
            *text = Cow::Owned(masked);
        } else if let Cow::Borrowed(constant) = text
            && !self.masks.has_functions()
        {
            self.constants.put(of_address(constant), constant);
        }
    }

    /// The name of a span: its operation, and what that is done to.
    pub(super) fn name(
        &mut self,
        operation: &'static str,
        subject: Option<&Value>,
    ) -> Cow<'static, str> {
        let subject = match subject {
            None => return Cow::Borrowed(operation),
            Some(Value::String(subject)) => Cow::Borrowed(subject),
            Some(other) => Cow::Owned(StringValue::from(other.as_str().into_owned())),
        };
        // What is kept holds on to its subject: where that is, no other text can be.
        let place = of_address(subject.as_str());
        let is_known = |known: &Name| {
            ptr::eq(known.subject.as_str(), subject.as_str()) && ptr::eq(known.operation, operation)
        };
        if let Some(known) = self.names.find(place, is_known) {
            return Cow::Owned(known.whole.clone());
        }
        let name = [operation, " ", subject.as_str()].concat();
        // Identifiers are not masked as attributes.
        if let Cow::Owned(masked) = self.masks.text(&name) {
            return Cow::Owned(masked);
        }
        let kept = subject.clone().into_owned();
        let is_shared = ptr::eq(kept.as_str(), subject.as_str());
        if is_shared && !self.masks.has_functions() {
            self.names.put(place, Name { operation, subject: kept, whole: name.clone() });
        }
        Cow::Owned(name)
    }

    /// Whether it is known that there is nothing to mask in this constant.
    #[inline]
    fn is_clean(&mut self, constant: &'static str) -> bool {
        let place = of_address(constant);
        if self.constants.find(place, |known| ptr::eq(*known, constant)).is_some() {
            return true;
        }
        let is_clean = self.masks.is_clean(constant);
        if is_clean {
            self.constants.put(place, constant);
        }
        is_clean
    }

    #[inline]
    fn short(&mut self, length: u8, bytes: &[u8; TEXT_PER_WORD]) -> Option<&Short> {
        let place = of_bytes(bytes);
        let is_it = |known: &Short| known.length == length && known.bytes == *bytes;
        let way = match self.short.way(place, is_it) {
            Some(way) => way,
            None => self.put_short(place, length, bytes)?,
        };
        self.short.get(place, way)
    }

    #[cold]
    fn put_short(
        &mut self,
        place: usize,
        length: u8,
        bytes: &[u8; TEXT_PER_WORD],
    ) -> Option<usize> {
        let text = str::from_utf8(bytes.get(..usize::from(length))?).ok()?;
        let is_clean = self.masks.is_clean(text);
        self.short.put(place, Short { length, bytes: *bytes, text: Arc::from(text), is_clean });
        Some(0)
    }
}

impl Facts {
    pub(super) fn of(key: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(MULTIPLIER);
        let hash = key.bytes().fold(0, mix);
        Self { nature: Nature::of(key), measured: Measured::of(key), mark: 1 << (hash >> 58) }
    }
}

impl Text<'_> {
    pub(super) fn into_cow(self) -> Option<Cow<'static, str>> {
        Some(match self {
            Self::Constant(text) => Cow::Borrowed(text),
            Self::Short(length, bytes) => {
                let text = str::from_utf8(bytes.get(..usize::from(length))?).ok()?;
                Cow::Owned(text.to_owned())
            }
            Self::Long(text) => Cow::Owned(text),
        })
    }
}

/// Whether masks may look at this value at all.
pub(super) fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Array(Array::String(_)))
}

/// Room for so much of what is known. Each has two places where it can be, the first one for what came
/// last.
struct Places<T>(Box<[[Option<T>; 2]; PLACES]>);

/// A power of two.
const PLACES: usize = 512;
/// Its upper bits depend on all bits of what it is multiplied with.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl<T> Places<T> {
    fn new() -> Self {
        Self(Box::new([const { [const { None }; 2] }; PLACES]))
    }

    #[inline]
    fn find(&self, place: usize, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        self.get(place, self.way(place, is_it)?)
    }

    /// In which of its two places it is.
    #[inline]
    fn way(&self, place: usize, is_it: impl Fn(&T) -> bool) -> Option<usize> {
        self.0[place % PLACES].iter().position(|known| known.as_ref().is_some_and(&is_it))
    }

    #[inline]
    fn get(&self, place: usize, way: usize) -> Option<&T> {
        self.0[place % PLACES][way % 2].as_ref()
    }

    fn put(&mut self, place: usize, known: T) {
        let [first, second] = &mut self.0[place % PLACES];
        *second = first.replace(known);
    }
}

/// The place of what is known of a text by where it is.
#[inline]
fn of_address(text: &str) -> usize {
    place(text.as_ptr().addr() as u64)
}

/// The place of what is known of a text by its bytes.
#[inline]
fn of_bytes(bytes: &[u8; TEXT_PER_WORD]) -> usize {
    // Three numbers that have all bytes, some of them twice.
    let [first, middle, last] = [0, 8, TEXT_PER_WORD - 8].map(|start| {
        let number = bytes.get(start..).and_then(|rest| rest.first_chunk());
        u64::from_le_bytes(number.copied().unwrap_or_default())
    });
    place(first ^ middle.rotate_left(21) ^ last.rotate_left(42))
}

#[inline]
fn place(number: u64) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "as many bits as there are places")]
    let place = (number.wrapping_mul(MULTIPLIER) >> (u64::BITS - PLACES.ilog2())) as usize;
    place
}
