//! What a span that is open for long may hold: it is written to without end, and read once.

use std::collections::HashMap;

use super::words::{Aside, Word, Words, after_text};
use crate::semconv;

/// Words above which repetition is looked for.
const WORDS: usize = 4096;
/// Which of too many attributes stay is for the export thread to choose, from so many times as many.
const CHOICE: usize = 8;
const LEAST_CHOICE: usize = 1024;

/// How much of each kind a span may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) attributes: usize,
    pub(crate) events: usize,
    pub(crate) links: usize,
}

/// How much of each kind found no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excess {
    pub(crate) attributes: u32,
    pub(crate) events: u32,
    pub(crate) links: u32,
}

/// The books of one open span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occupancy {
    room: Room,
    events: usize,
    links: usize,
    /// Words above which repetition is looked for next time.
    words: usize,
    pub(crate) excess: Excess,
}

impl Room {
    /// How many attributes the export thread may choose from.
    pub(crate) fn choice(self) -> usize {
        self.attributes.saturating_mul(CHOICE).max(LEAST_CHOICE)
    }
}

impl Occupancy {
    pub(crate) fn new(room: Room) -> Self {
        Self { room, events: 0, links: 0, words: WORDS, excess: Excess::default() }
    }

    pub(crate) fn takes_event(&mut self) -> bool {
        takes(&mut self.events, self.room.events, &mut self.excess.events)
    }

    pub(crate) fn takes_link(&mut self) -> bool {
        takes(&mut self.links, self.room.links, &mut self.excess.links)
    }

    /// Makes room when there are many words: of what was set again the last value is kept.
    pub(crate) fn tidy(&mut self, words: &mut Words) {
        if words.len() > self.words {
            let excess = compact(words, self.room.choice());
            self.excess.attributes = self.excess.attributes.saturating_add(excess);
            self.words = words.len().saturating_mul(2).max(WORDS);
        }
    }
}

fn takes(count: &mut usize, most: usize, excess: &mut u32) -> bool {
    let has_room = *count < most;
    if has_room {
        *count += 1;
    } else {
        *excess = excess.saturating_add(1);
    }
    has_room
}

/// What replaces what was there before.
#[derive(PartialEq, Eq, Hash)]
enum Slot {
    Attribute(Box<str>),
    Hidden(&'static str),
    Content(&'static str),
    Name,
    StatusOk,
    StatusError,
}

impl Slot {
    /// `None` where nothing is replaced.
    fn of(entry: &[Word], words: &Words) -> Option<Self> {
        Some(match entry.first()? {
            Word::Key(key) => Self::Attribute((*key).into()),
            Word::OwnedKey => Self::Attribute(words.read_text(entry.get(1..)?)?.0.into()),
            Word::HiddenKey(key) => Self::Hidden(key),
            Word::Aside(number) => match words.aside(*number)? {
                Aside::Content(piece) => Self::Content(piece.key()),
                _ => return None,
            },
            Word::Name => Self::Name,
            Word::StatusOk => Self::StatusOk,
            Word::StatusError => Self::StatusError,
            _ => return None,
        })
    }
}

/// Returns how many attributes found no room.
fn compact(words: &mut Words, most: usize) -> u32 {
    let mut kept: Vec<&[Word]> = Vec::new();
    let mut places: HashMap<Slot, usize> = HashMap::new();
    let mut attributes = 0;
    let mut excess = 0_u32;
    for entry in entries(words.as_slice()) {
        let Some(slot) = Slot::of(entry, words) else {
            kept.push(entry);
            continue;
        };
        if let Some(place) = places.get(&slot) {
            if let Some(known) = kept.get_mut(*place) {
                *known = entry;
            }
            continue;
        }
        if let Slot::Attribute(key) = &slot {
            let most = match semconv::rank(key) {
                0 | semconv::RANK_OF_IDENTITY => usize::MAX,
                2 => most.saturating_mul(2),
                _ => most,
            };
            if attributes >= most {
                excess = excess.saturating_add(1);
                continue;
            }
            attributes += 1;
        }
        places.insert(slot, kept.len());
        kept.push(entry);
    }
    let kept = kept.concat();
    words.keep(kept);
    excess
}

/// Those of one key, event or status together.
fn entries(mut words: &[Word]) -> impl Iterator<Item = &[Word]> {
    std::iter::from_fn(move || {
        let value = match words.first()? {
            Word::Key(_) | Word::HiddenKey(_) | Word::Name | Word::StatusError => words.get(1..)?,
            Word::OwnedKey => after_text(words.get(1..)?),
            _ => words,
        };
        let (entry, rest) = words.split_at_checked(words.len() - after_text(value).len())?;
        words = rest;
        Some(entry)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::value::ValueRef;

    fn texts(words: &Words) -> Vec<String> {
        entries(words.as_slice()).map(|entry| format!("{entry:?}")).collect()
    }

    #[test]
    fn what_is_set_again_takes_the_place_of_what_was_there() {
        let long = "some text of more than one word, surely";
        let mut words = Words::default();
        words.attribute("a", Some(ValueRef::Int(1)));
        words.attribute("b", Some(ValueRef::Text("first")));
        words.attribute("a", Some(ValueRef::Text(long)));
        words.push(Word::Name);
        words.text("old");
        words.owned_key("b");
        words.value(ValueRef::Int(2));
        words.push(Word::Name);
        words.text("new");
        assert_eq!(compact(&mut words, 100), 0);

        let mut expected = Words::default();
        expected.attribute("a", Some(ValueRef::Text(long)));
        expected.owned_key("b");
        expected.value(ValueRef::Int(2));
        expected.push(Word::Name);
        expected.text("new");
        assert_eq!(texts(&words), texts(&expected));
    }

    #[test]
    fn what_matters_has_room_when_the_rest_has_none() {
        let mut words = Words::default();
        for key in ["one", "two", "three", "gen_ai.usage.input_tokens", "error.type"] {
            words.attribute(key, Some(ValueRef::Int(1)));
        }
        assert_eq!(compact(&mut words, 2), 1);
        assert_eq!(entries(words.as_slice()).count(), 4);
    }
}
