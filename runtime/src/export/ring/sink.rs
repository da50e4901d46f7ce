//! A thread's own end: its ids, and where its ended spans go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

use super::{Intake, Own, Spilled, bytes_of, has_room};
use crate::export::drops::Cause;
use crate::span::dispatch::{Hub, Sink};
use crate::span::record::{Head, Identity, PREAMBLE, preamble};
use crate::span::registry::{PLACES, SHARDS};
use crate::span::words::Words;

/// What spans are handed to.
#[derive(Debug)]
pub(crate) struct IntakeHub(pub(crate) Arc<Intake>);

/// A thread's own end.
struct ThreadSink {
    own: Option<Own>,
    since_wake: usize,
    random: SmallRng,
    /// Of the registries of spans.
    shard: u64,
    /// Spans so far.
    spans: u64,
    intake: Arc<Intake>,
}

impl IntakeHub {
    fn thread_sink(&self, own: Option<Own>) -> Box<dyn Sink> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Box::new(ThreadSink {
            own,
            since_wake: 0,
            random: random(),
            shard: NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS,
            spans: 0,
            intake: Arc::clone(&self.0),
        })
    }
}

impl Hub for IntakeHub {
    fn sink(&self) -> Box<dyn Sink> {
        self.thread_sink(self.0.ring())
    }

    fn passing_sink(&self) -> Box<dyn Sink> {
        self.thread_sink(None)
    }
}

/// From the system: a generator of the thread may be gone already, and is the same in both processes
/// after a fork.
fn random() -> SmallRng {
    SmallRng::try_from_os_rng().unwrap_or_else(|_| {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let number = NEXT.fetch_add(1 << 32, Ordering::Relaxed);
        SmallRng::seed_from_u64(u64::from(now.subsec_nanos()) ^ now.as_secs() ^ number)
    })
}

/// What came too late for the last look at the ring is lost.
impl Drop for ThreadSink {
    fn drop(&mut self) {
        if let Some(own) = &self.own
            && self.intake.over.load(Ordering::SeqCst)
        {
            self.intake.drops.add(Cause::ShutDown, own.waiting() as u64);
        }
    }
}

impl Sink for ThreadSink {
    fn trace_id(&mut self) -> u128 {
        let (high, low) = (self.random.next_u64(), self.random.next_u64());
        ((u128::from(high) << 64) | u128::from(low)).max(1)
    }

    /// Random, but for the lowest bits: by these they are kept, those of one thread one place after the
    /// other.
    fn span_id(&mut self) -> u64 {
        const KEPT_BY: u64 = SHARDS * PLACES;
        self.spans = self.spans.wrapping_add(1);
        let random = self.random.next_u64() / KEPT_BY * KEPT_BY;
        random.max(KEPT_BY) + self.spans % PLACES * SHARDS + self.shard
    }

    fn submit(&mut self, mut head: Head, identity: Identity, words: &mut Words) {
        let intake = &self.intake;
        let waiting = self.own.as_ref().map_or(0, Own::waiting);
        let bytes = bytes_of(words.asides());
        if let Err(cause) = intake.admit(waiting, bytes) {
            intake.drops.add(cause, 1);
            return;
        }
        let is_root = identity.parent_span_id == 0 || head.parent_is_remote;
        let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
        head.words = count(PREAMBLE + words.len());
        head.asides = count(words.asides().len());
        let preamble = preamble(head, identity);
        let spill = |words: &mut Words| {
            let more = size_of_val(&preamble) + size_of_val(words.as_slice());
            let has_room = intake.take_bytes(more);
            if !has_room {
                intake.release(bytes);
                intake.drops.add(Cause::QueueBytes, 1);
            }
            has_room.then(|| Spilled::new(&preamble, words))
        };
        let is_filling = if let Some(own) = &mut self.own {
            let is_written = own.write(&preamble, words);
            if !is_written {
                let Some(spilled) = spill(words) else { return };
                own.side.lock().push(spilled);
            }
            own.given = own.given.wrapping_add(1);
            !is_written || !has_room(&own.words, own.words.buffer().capacity() / 2)
        } else {
            let Some(spilled) = spill(words) else { return };
            let all = spilled.bytes();
            if !intake.share(spilled) {
                intake.release(all);
                intake.drops.add(Cause::QueueFull, 1);
                return;
            }
            false
        };
        self.since_wake += 1;
        if (intake.eager && is_root)
            || self.since_wake >= intake.batch
            || (is_filling && self.since_wake > 8)
        {
            self.since_wake = 0;
            intake.wake.notify_one();
        }
    }
}
