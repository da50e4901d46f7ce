//! What is known by an id, for as long as somebody says so.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) const SHARDS: u64 = 64;

/// In pieces, by the lowest bits of an id: the spans of one thread have these in common, so that threads do
/// not wait for each other.
#[derive(Debug)]
pub(crate) struct Registry<T>(Vec<Mutex<Shard<T>>>);

type Shard<T> = HashMap<u128, T, BuildHasherDefault<Bits>>;

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
        // Those that a shard has in common are of no use to its map.
        self.0 = ((id >> 64) as u64 ^ id as u64).rotate_right(SHARDS.trailing_zeros());
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
        self.shard(id)?.get(&id).cloned()
    }

    pub(crate) fn insert(&self, id: u128, known: T) {
        let _before = self.shard(id).and_then(|mut shard| shard.insert(id, known));
    }

    /// Gives what was known, to be dropped when the lock is not held.
    pub(crate) fn remove(&self, id: u128) -> Option<T> {
        let mut shard = self.shard(id)?;
        let known = shard.remove(&id);
        // After a rush.
        if shard.is_empty() && shard.capacity() > 1024 {
            *shard = Shard::default();
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
