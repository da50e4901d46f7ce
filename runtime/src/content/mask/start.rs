//! Where in a text something can start, told by two bytes: most texts are done with then.

use super::Kinds;

/// What starts with a byte, and what may when it is the second one: two bytes in a row start what both
/// have the bit of.
static BYTES: [(u16, u16); 256] = table();

/// Whatever follows.
const COLON: u16 = 1;
const DIGIT: u16 = 1 << 1;
const AT: u16 = 1 << 2;
const UPPER: u16 = 1 << 3;
/// A mark of an earlier pass.
const MARKED: u16 = 1 << 4;
const DASH: u16 = 1 << 5;
/// The words of an authorization.
const SCHEME: u16 = 1 << 6;
/// Known forms, some of whose starts share a bit: `grk` for `gh`, `rk`.
const FORMS: [u16; 9] =
    [1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15];

const SECRETS: u16 = {
    let mut bits = COLON | DASH | SCHEME;
    let mut form = 0;
    while form < FORMS.len() {
        bits |= FORMS[form];
        form += 1;
    }
    bits
};

/// What starts with which byte, and which bytes are next.
const PAIRS: [(u16, &[u8], &[u8]); 12] = [
    (MARKED, b"[", b"m"),
    (DASH, b"-", b"-"),
    (SCHEME, b"Bb", b"AEae"),
    (FORMS[0], b"A", b"IKS"),
    (FORMS[1], b"e", b"y"),
    (FORMS[2], b"g", b"hils"),
    (FORMS[3], b"h", b"f"),
    (FORMS[4], b"np", b"p"),
    (FORMS[5], b"p", b"c"),
    (FORMS[6], b"rs", b"gk8"),
    (FORMS[7], b"w", b"h"),
    (FORMS[8], b"x", b"ao"),
];

const fn table() -> [(u16, u16); 256] {
    // The first byte alone decides.
    let mut table = [(0, COLON | DIGIT | AT); 256];
    table[b':' as usize].0 = COLON;
    table[b'=' as usize].0 = COLON;
    table[b'@' as usize].0 = AT;
    let mut digit = b'0';
    while digit <= b'9' {
        table[digit as usize].0 = DIGIT;
        digit += 1;
    }
    // The country of a bank account is two letters.
    let mut letter = b'A';
    while letter <= b'Z' {
        table[letter as usize].0 = UPPER;
        table[letter as usize].1 |= UPPER;
        letter += 1;
    }
    let mut pair = 0;
    while pair < PAIRS.len() {
        let (bit, first, second) = PAIRS[pair];
        let mut at = 0;
        while at < first.len() {
            table[first[at] as usize].0 |= bit;
            at += 1;
        }
        at = 0;
        while at < second.len() {
            table[second[at] as usize].1 |= bit;
            at += 1;
        }
        pair += 1;
    }
    table
}

/// What can start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starts(u16);

impl Starts {
    /// Anything, wherever it stands.
    #[cfg(test)]
    pub(super) const EVERYWHERE: Self = Self(0);

    /// What these masks look for.
    pub(super) fn of(kinds: Kinds) -> Self {
        let Kinds { secrets, email, card, iban } = kinds;
        let bits = |is_on: bool, bits: u16| u16::from(is_on) * bits;
        let personal = bits(email, AT) | bits(card, DIGIT) | bits(iban, UPPER);
        Self(MARKED | bits(secrets, SECRETS) | personal)
    }

    /// Whether nothing can start anywhere.
    pub(super) fn is_clean(self, text: &str) -> bool {
        self.first(text.as_bytes()).is_none()
    }

    /// How many bytes stand before the first place where something can start.
    pub(super) fn first(self, text: &[u8]) -> Option<usize> {
        #[cfg(test)]
        if self.0 == Self::EVERYWHERE.0 {
            return (!text.is_empty()).then_some(0);
        }
        let mut before = 0;
        for (at, byte) in text.iter().enumerate() {
            let (first, second) = BYTES[usize::from(*byte)];
            if before & second != 0 {
                return Some(at - 1);
            }
            before = first & self.0;
        }
        // Behind the last byte is nothing that a pair ends in.
        (before & BYTES[0].1 != 0).then(|| text.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::form;
    use super::*;

    #[test]
    fn every_form_can_be_known_by_its_first_two_bytes() {
        let secrets = Starts::of(Kinds::SECRETS);
        for first in 0..=u8::MAX {
            for form in form::forms(first) {
                assert_eq!(form.start.as_bytes()[0], first, "{form:?}");
                assert_eq!(secrets.first(form.start.as_bytes()), Some(0), "{form:?}");
            }
        }
    }

    #[test]
    fn words_start_nothing() {
        for kinds in [Kinds::SECRETS, Kinds::ALL] {
            for words in ["", "a", "-", "The question of a question - not a one", "é→ü A b"] {
                assert_eq!(Starts::of(kinds).first(words.as_bytes()), None, "{words}");
            }
        }
    }
}
