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
/// bytes. Where two want one place, the later one has it.
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
    name: String,
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
        let slot = self.keys.of_address(key);
        match slot {
            Some((known, facts)) if ptr::eq(*known, key) => *facts,
            slot => {
                let facts = Facts::of(key);
                *slot = Some((key, facts));
                facts
            }
        }
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
                let is_clean = self.masks.is_clean(&text);
                (StringValue::from(text), is_clean)
            }
        };
        *is_unmasked = !nature.is_identifier && !(is_clean && nature.is_plain());
        Some(text)
    }

    /// Masks the value of an attribute.
    pub(super) fn mask(&self, attribute: &mut KeyValue, nature: Nature) {
        self.masks.attribute(attribute.key.as_str(), nature, &mut attribute.value);
    }

    /// Masks a text that has no key.
    pub(super) fn mask_text(&mut self, text: &mut Cow<'static, str>) {
        let is_clean = match text {
            Cow::Borrowed(constant) => self.is_clean(constant),
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
            *self.constants.of_address(constant) = Some(constant);
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
        let slot = self.names.of_address(subject.as_str());
        if let Some(known) = slot
            && ptr::eq(known.subject.as_str(), subject.as_str())
            && ptr::eq(known.operation, operation)
        {
            return Cow::Owned(known.name.clone());
        }
        let name = [operation, " ", subject.as_str()].concat();
        // Identifiers are not masked as attributes.
        if let Cow::Owned(masked) = self.masks.text(&name) {
            return Cow::Owned(masked);
        }
        let kept = subject.clone().into_owned();
        let is_shared = ptr::eq(kept.as_str(), subject.as_str());
        if is_shared && !self.masks.has_functions() {
            *slot = Some(Name { operation, subject: kept, name: name.clone() });
        }
        Cow::Owned(name)
    }

    /// Whether it is known that there is nothing to mask in this constant.
    #[inline]
    fn is_clean(&mut self, constant: &'static str) -> bool {
        match self.constants.of_address(constant) {
            Some(known) if ptr::eq(*known, constant) => true,
            slot => {
                let is_clean = self.masks.is_clean(constant);
                if is_clean {
                    *slot = Some(constant);
                }
                is_clean
            }
        }
    }

    #[inline]
    fn short(&mut self, length: u8, bytes: &[u8; TEXT_PER_WORD]) -> Option<&Short> {
        let slot = self.short.of_bytes(bytes);
        let is_known =
            slot.as_ref().is_some_and(|known| known.length == length && known.bytes == *bytes);
        if !is_known {
            let text = str::from_utf8(bytes.get(..usize::from(length))?).ok()?;
            let is_clean = self.masks.is_clean(text);
            *slot = Some(Short { length, bytes: *bytes, text: Arc::from(text), is_clean });
        }
        slot.as_ref()
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

/// Room for so many of what is known; each has one place where it can be.
struct Places<T>(Box<[Option<T>; PLACES]>);

/// A power of two.
const PLACES: usize = 1024;
/// Its upper bits depend on all bits of what it is multiplied with.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

impl<T> Places<T> {
    fn new() -> Self {
        Self(Box::new([const { None }; PLACES]))
    }

    #[inline]
    fn of_address(&mut self, text: &str) -> &mut Option<T> {
        let address = text.as_ptr().addr();
        // Neighbours in memory are neighbours here, a page and the next one are not the same.
        &mut self.0[(address ^ (address / PLACES)) % PLACES]
    }

    #[inline]
    fn of_bytes(&mut self, bytes: &[u8; TEXT_PER_WORD]) -> &mut Option<T> {
        // Three words that have all bytes, some of them twice.
        let [first, middle, last] = [0, 8, TEXT_PER_WORD - 8].map(|start| {
            let word = bytes.get(start..).and_then(|rest| rest.first_chunk());
            u64::from_le_bytes(word.copied().unwrap_or_default())
        });
        let mixed = first ^ middle.rotate_left(21) ^ last.rotate_left(42);
        let place = mixed.wrapping_mul(MULTIPLIER) >> (u64::BITS - PLACES.ilog2());
        #[allow(clippy::cast_possible_truncation, reason = "as many bits as there are places")]
        &mut self.0[place as usize % PLACES]
    }
}
