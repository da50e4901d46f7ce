//! What is known by an id, for as long as somebody says so.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const SHARDS: u64 = 64;

/// In pieces, by the lowest bits of an id: the spans of one thread have these in common, so that threads do
/// not wait for each other.
#[derive(Debug)]
pub(crate) struct Registry<T>(Vec<Mutex<Shard<T>>>);

/// Places of a shard, by the next bits of an id: spans of one thread come one place after the other.
pub(crate) const PLACES: u64 = 64;

#[derive(Debug)]
struct Shard<T> {
    places: Vec<Option<(u128, T)>>,
    /// What found its place taken.
    more: HashMap<u128, T, BuildHasherDefault<Bits>>,
}

impl<T> Default for Shard<T> {
    fn default() -> Self {
        Self { places: Vec::new(), more: HashMap::default() }
    }
}

/// A random id is its own hash.
#[derive(Debug, Default)]
struct Bits(u64);

impl Hasher for Bits {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    #[allow(clippy::cast_possible_truncation, reason = "the two halves of an id")]
    fn write_u128(&mut self, id: u128) {
        // Those that a place has in common are of no use to its shard's map.
        self.0 = ((id >> 64) as u64 ^ id as u64).rotate_right((SHARDS * PLACES).trailing_zeros());
    }
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| Mutex::default()).collect())
    }
}

impl<T: Clone> Registry<T> {
    fn shard(&self, id: u128) -> Option<MutexGuard<'_, Shard<T>>> {
        #[allow(clippy::cast_possible_truncation, reason = "some bits of an id")]
        let shard = self.0.get(id as usize % SHARDS as usize)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn get(&self, id: u128) -> Option<T> {
        let shard = self.shard(id)?;
        match shard.places.get(place(id))? {
            Some((known, value)) if *known == id => Some(value.clone()),
            _ => shard.more.get(&id).cloned(),
        }
    }

    pub(crate) fn insert(&self, id: u128, value: T) {
        let Some(mut shard) = self.shard(id) else { return };
        if shard.places.is_empty() {
            shard.places = (0..PLACES).map(|_| None).collect();
        }
        let Shard { places, more } = &mut *shard;
        let _before = match places.get_mut(place(id)) {
            Some(free @ None) => {
                *free = Some((id, value));
                if more.is_empty() { None } else { more.remove(&id) }
            }
            Some(Some((known, before))) if *known == id => Some(std::mem::replace(before, value)),
            _ => more.insert(id, value),
        };
        // What was there goes when the lock is not held.
        drop(shard);
    }

    /// Gives what was known, to be dropped when the lock is not held.
    pub(crate) fn remove(&self, id: u128) -> Option<T> {
        let mut shard = self.shard(id)?;
        let at = shard.places.get_mut(place(id))?;
        if let Some((_, known)) = at.take_if(|(known, _)| *known == id) {
            return Some(known);
        }
        let known = shard.more.remove(&id);
        // After a rush.
        if shard.more.is_empty() && shard.more.capacity() > 1024 {
            shard.more = HashMap::default();
        }
        known
    }

    #[cfg(feature = "telemetry")]
    pub(crate) fn clear(&self) {
        for shard in &self.0 {
            let _known = std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

#[allow(clippy::cast_possible_truncation, reason = "some bits of an id")]
fn place(id: u128) -> usize {
    (id as u64 / SHARDS % PLACES) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_the_same_place_is_known_all_the_same() {
        let registry = Registry::default();
        let ids = || (0..10_u128).map(|number| (number << 64) | 7);
        for id in ids() {
            registry.insert(id, id + 1);
        }
        registry.insert(7, 70);
        assert_eq!(registry.get(7), Some(70));
        assert!(ids().skip(1).all(|id| registry.get(id) == Some(id + 1)));
        assert_eq!(registry.remove(7), Some(70));
        // Its place is free, and what is known elsewhere stays known.
        registry.insert(11 << 64 | 7, 5);
        assert!(ids().skip(1).all(|id| registry.remove(id) == Some(id + 1)));
        assert_eq!((registry.get(11 << 64 | 7), registry.get(7)), (Some(5), None));
    }
}
