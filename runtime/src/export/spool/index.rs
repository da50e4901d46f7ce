//! What is on disk, as far as this process is to send it.

use std::collections::BTreeMap;

use super::entry::{Entry, EntryName};

/// From which end the next one is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Oldest,
    Newest,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    entries: BTreeMap<EntryName, Entry>,
    bytes: u64,
    /// It is not dropped while somebody tries to send it.
    in_flight: Option<EntryName>,
}

impl Index {
    pub(super) fn insert(&mut self, name: EntryName, entry: Entry) {
        if let Some(before) = self.entries.insert(name, entry) {
            self.bytes -= before.bytes;
        }
        self.bytes += entry.bytes;
    }

    pub(super) fn remove(&mut self, name: EntryName) -> Option<Entry> {
        if self.in_flight == Some(name) {
            self.in_flight = None;
        }
        let entry = self.entries.remove(&name)?;
        self.bytes -= entry.bytes;
        Some(entry)
    }

    pub(super) fn entry(&self, name: EntryName) -> Option<Entry> {
        self.entries.get(&name).copied()
    }

    /// The first one from this end that `is_wanted`.
    pub(super) fn end(&self, end: End, is_wanted: impl Fn(EntryName) -> bool) -> Option<EntryName> {
        let mut names = self.entries.keys().copied();
        match end {
            End::Oldest => names.find(|name| is_wanted(*name)),
            End::Newest => names.rfind(|name| is_wanted(*name)),
        }
    }

    /// Takes out the oldest ones until `wanted` bytes have room; none where they would have none even then.
    pub(super) fn make_room(&mut self, wanted: u64, most: u64) -> Vec<(EntryName, Entry)> {
        let mut dropped = Vec::new();
        let staying = self.in_flight.and_then(|name| self.entry(name)).map_or(0, |it| it.bytes);
        if wanted > 0 && staying.saturating_add(wanted) > most {
            return dropped;
        }
        while self.bytes.saturating_add(wanted) > most {
            let mut oldest = self.entries.keys().filter(|name| self.in_flight != Some(**name));
            let Some(name) = oldest.next().copied() else { break };
            dropped.extend(self.remove(name).map(|entry| (name, entry)));
        }
        dropped
    }

    pub(super) fn has_room(&self, wanted: u64, most: u64) -> bool {
        self.bytes.saturating_add(wanted) <= most
    }

    /// An entry that somebody is about to send, or nobody any more.
    pub(super) fn set_in_flight(&mut self, name: Option<EntryName>) {
        self.in_flight = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(microseconds: u64) -> EntryName {
        EntryName { microseconds, run: 7 }
    }

    fn full() -> Index {
        let mut index = Index::default();
        for number in [3, 1, 2] {
            index.insert(name(number), Entry { items: 1, bytes: 100 });
        }
        index
    }

    #[test]
    fn the_oldest_give_way_and_no_more_than_need_be() {
        let mut index = full();
        let dropped: Vec<_> = index.make_room(150, 350).into_iter().map(|(name, _)| name).collect();
        assert_eq!(dropped, [name(1)]);
        assert_eq!(
            (index.end(End::Oldest, |_| true), index.end(End::Newest, |_| true)),
            (Some(name(2)), Some(name(3)))
        );
        assert_eq!(index.end(End::Oldest, |it| it != name(2)), Some(name(3)));
    }

    #[test]
    fn nothing_gives_way_to_what_would_not_fit_even_then() {
        let mut index = full();
        assert_eq!(index.make_room(351, 350), []);
        index.set_in_flight(Some(name(1)));
        assert_eq!(index.make_room(251, 350), []);
        assert_eq!(index.make_room(250, 350).len(), 2);
    }

    #[test]
    fn what_is_being_sent_does_not_give_way() {
        let mut index = full();
        index.set_in_flight(Some(name(1)));
        let dropped: Vec<_> = index.make_room(100, 200).into_iter().map(|(name, _)| name).collect();
        assert_eq!(dropped, [name(2), name(3)]);
        assert!(index.has_room(100, 200) && !index.has_room(101, 200));
        index.remove(name(1));
        assert!(index.has_room(200, 200));
    }
}
