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

    pub(super) fn end(&self, end: End) -> Option<EntryName> {
        let entry = match end {
            End::Oldest => self.entries.first_key_value(),
            End::Newest => self.entries.last_key_value(),
        };
        entry.map(|(name, _)| *name)
    }

    /// Takes out the oldest ones until `wanted` bytes have room.
    pub(super) fn make_room(&mut self, wanted: u64, most: u64) -> Vec<(EntryName, Entry)> {
        let mut dropped = Vec::new();
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
            (index.end(End::Oldest), index.end(End::Newest)),
            (Some(name(2)), Some(name(3)))
        );
    }

    #[test]
    fn what_is_being_sent_does_not_give_way() {
        let mut index = full();
        index.set_in_flight(Some(name(1)));
        let dropped: Vec<_> = index.make_room(100, 100).into_iter().map(|(name, _)| name).collect();
        assert_eq!(dropped, [name(2), name(3)]);
        assert!(!index.has_room(100, 100));
        index.remove(name(1));
        assert!(index.has_room(100, 100));
    }
}
