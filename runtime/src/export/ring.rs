//! From the threads that end spans to the export thread: one ring per thread, nobody waits.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use opentelemetry_sdk::trace::SpanData;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};
use rtrb::{Consumer, Producer, RingBuffer};
use tokio::sync::Notify;

use crate::span::dispatch::{Hub, Sink};
use crate::span::record::{Head, Identity, Record, Word, Words};

/// Words that all rings together may take: 16 MiB. Beyond it a new thread gets a small ring.
const WORDS: usize = 16 * 1024 * 1024 / size_of::<Word>();
/// What a queued span takes, as a rule; a ring has room for `OTEL_BSP_MAX_QUEUE_SIZE` of them.
const WORDS_PER_SPAN: usize = 24;
const SMALL_RING: usize = 1024;

/// What every thread and the export thread share.
#[derive(Debug)]
pub(crate) struct Intake {
    /// Rings that the export thread has not seen yet.
    new: Mutex<Vec<Ring>>,
    /// Ended spans of other OpenTelemetry code.
    foreign: Mutex<Vec<SpanData>>,
    words: AtomicUsize,
    /// Spans per thread, and of other code, that may wait here.
    limit: usize,
    /// Spans after which the export thread is woken ahead of its schedule.
    batch: usize,
    /// Whether every ended root wakes the export thread: somebody is watching.
    eager: bool,
    closed: AtomicBool,
    dropped: AtomicU64,
    pub(crate) wake: Notify,
}

/// The export thread's end of one thread's ring.
#[derive(Debug)]
struct Ring {
    words: Consumer<Word>,
    taken: Arc<AtomicUsize>,
    /// The thread has ended, and everything it wrote is taken.
    is_over: bool,
}

/// A thread's own end.
struct ThreadSink {
    words: Producer<Word>,
    taken: Arc<AtomicUsize>,
    given: usize,
    since_wake: usize,
    random: SmallRng,
    intake: Arc<Intake>,
}

/// What spans are handed to.
#[derive(Debug)]
pub(crate) struct IntakeHub(pub(crate) Arc<Intake>);

impl Intake {
    pub(crate) fn new(limit: usize, batch: usize, eager: bool) -> Self {
        Self {
            new: Mutex::default(),
            foreign: Mutex::default(),
            words: AtomicUsize::new(0),
            limit,
            batch: batch.min(limit / 2).max(1),
            eager,
            closed: AtomicBool::new(false),
            dropped: AtomicU64::new(0),
            wake: Notify::new(),
        }
    }

    /// Spans that found no room, or nobody to take them, so far.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(crate) fn count_dropped(&self, spans: u64) {
        self.dropped.fetch_add(spans, Ordering::Relaxed);
    }

    /// From now on everything is refused, and counted.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// Takes an ended span of other OpenTelemetry code.
    pub(crate) fn submit_foreign(&self, span: SpanData) {
        let waiting = {
            let mut foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
            if foreign.len() >= self.limit || self.closed.load(Ordering::SeqCst) {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                return;
            }
            foreign.push(span);
            foreign.len()
        };
        if self.eager || waiting >= self.batch {
            self.wake.notify_one();
        }
    }

    fn ring(&self) -> (Producer<Word>, Arc<AtomicUsize>) {
        let wanted = self.limit.saturating_mul(WORDS_PER_SPAN).max(SMALL_RING);
        let left = WORDS.saturating_sub(self.words.load(Ordering::Relaxed));
        let capacity = if wanted <= left / 4 { wanted } else { (left / 4).max(SMALL_RING) };
        self.words.fetch_add(capacity, Ordering::Relaxed);
        let (producer, consumer) = RingBuffer::new(capacity);
        let taken = Arc::new(AtomicUsize::new(0));
        self.new.lock().unwrap_or_else(PoisonError::into_inner).push(Ring {
            words: consumer,
            taken: Arc::clone(&taken),
            is_over: false,
        });
        (producer, taken)
    }
}

impl Hub for IntakeHub {
    fn sink(&self) -> Box<dyn Sink> {
        let (words, taken) = self.0.ring();
        Box::new(ThreadSink {
            words,
            taken,
            given: 0,
            since_wake: 0,
            random: SmallRng::from_rng(&mut rand::rng()),
            intake: Arc::clone(&self.0),
        })
    }
}

impl Sink for ThreadSink {
    fn trace_id(&mut self) -> u128 {
        let (high, low) = (self.random.next_u64(), self.random.next_u64());
        ((u128::from(high) << 64) | u128::from(low)).max(1)
    }

    fn span_id(&mut self) -> u64 {
        self.random.next_u64().max(1)
    }

    fn submit(&mut self, mut head: Head, identity: Identity, words: &mut Words) {
        let waiting = self.given.wrapping_sub(self.taken.load(Ordering::Relaxed));
        let intake = &self.intake;
        if waiting >= intake.limit || intake.closed.load(Ordering::SeqCst) {
            intake.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        // A span that would take much of the ring must still find room, however small the ring is.
        let is_large = words.len() > self.words.buffer().capacity() / 8;
        let packed = is_large.then(|| Word::Packed(words.drain().collect()));
        let count = 4 + words.len() + usize::from(is_large);
        head.words = u32::try_from(count).unwrap_or(u32::MAX);
        let Ok(room) = self.words.write_chunk_uninit(count) else {
            intake.dropped.fetch_add(1, Ordering::Relaxed);
            intake.wake.notify_one();
            return;
        };
        let is_root = identity.parent_span_id == 0 || head.parent_is_remote;
        room.fill_from_iter(
            std::iter::once(Word::Head(head))
                .chain(identity.words())
                .chain(packed)
                .chain(words.drain()),
        );
        self.given = self.given.wrapping_add(1);
        self.since_wake += 1;
        let half_full = self.words.cached_slots() < self.words.buffer().capacity() / 2;
        if (intake.eager && is_root)
            || self.since_wake >= intake.batch
            || (half_full && self.since_wake > 8)
        {
            self.since_wake = 0;
            intake.wake.notify_one();
        }
    }
}

/// The export thread's view of everything that is handed over.
#[derive(Debug)]
pub(crate) struct Outlet {
    intake: Arc<Intake>,
    rings: Vec<Ring>,
    /// The ring that comes first next time, so that no thread keeps the others waiting.
    next: usize,
}

/// What one look at the intake brought.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Ended spans of other OpenTelemetry code.
    pub(crate) foreign: Vec<SpanData>,
    /// Whether more is waiting.
    pub(crate) more: bool,
}

impl Outlet {
    pub(crate) fn new(intake: Arc<Intake>) -> Self {
        Self { intake, rings: Vec::new(), next: 0 }
    }

    /// Takes at most `budget` records and as many foreign spans, oldest first within each thread.
    /// Whatever was handed over before this call is seen.
    pub(crate) fn take(&mut self, budget: usize, mut record: impl FnMut(Record)) -> Slice {
        {
            let mut new = self.intake.new.lock().unwrap_or_else(PoisonError::into_inner);
            self.rings.append(&mut new);
        }
        let mut left = budget;
        let mut more = false;
        let rings = self.rings.len();
        for offset in 0..rings {
            let Some(ring) = self.rings.get_mut((self.next + offset) % rings) else { continue };
            ring.is_over = ring.words.is_abandoned();
            ring.take(&mut left, &mut record, &self.intake.dropped);
            if !ring.words.is_empty() {
                ring.is_over = false;
                more = true;
            }
        }
        self.next = if rings == 0 { 0 } else { (self.next + 1) % rings };
        let words = &self.intake.words;
        self.rings.retain(|ring| {
            if ring.is_over {
                words.fetch_sub(ring.words.buffer().capacity(), Ordering::Relaxed);
            }
            !ring.is_over
        });
        let mut waiting = self.intake.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = waiting.len().min(budget);
        let rest = waiting.split_off(taken);
        let foreign = std::mem::replace(&mut *waiting, rest);
        Slice { foreign, more: more || !waiting.is_empty() }
    }
}

impl Ring {
    fn take(
        &mut self,
        budget: &mut usize,
        record: &mut impl FnMut(Record),
        unreadable: &AtomicU64,
    ) {
        // Only what is there now: a thread that writes on and on must not keep us here.
        let mut words_left = self.words.slots();
        while words_left > 0 && *budget > 0 {
            let Ok(Word::Head(head)) = self.words.peek() else { return };
            let (head, count) = (*head, head.words as usize);
            let Ok(chunk) = self.words.read_chunk(count) else { return };
            let mut words = chunk.into_iter();
            let read = words.next().and_then(|_| Record::read(head, &mut words));
            // What was not looked at is left in the ring by the chunk: take it all.
            words.by_ref().for_each(drop);
            drop(words);
            match read {
                Some(read) => record(read),
                None => {
                    unreadable.fetch_add(1, Ordering::Relaxed);
                }
            }
            self.taken.fetch_add(1, Ordering::Relaxed);
            words_left = words_left.saturating_sub(count);
            *budget -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::record::{Exit, Kind, OperationKind};
    use crate::span::value::ValueRef;

    fn hand_over(sink: &mut dyn Sink, number: u64) {
        let head = Head {
            words: 0,
            operation: OperationKind::Stage,
            kind: Kind::Internal,
            exit: Exit::Ok,
            trace_flags: 1,
            parent_is_remote: false,
        };
        let identity =
            Identity { trace_id: 1, span_id: number, parent_span_id: 9, start: 0, duration: 0 };
        let mut words = Words::default();
        words.attribute("n", Some(ValueRef::Text("some text of more than one word, surely")));
        sink.submit(head, identity, &mut words);
    }

    fn taken(outlet: &mut Outlet) -> Vec<u64> {
        let mut ids = Vec::new();
        while outlet.take(2, |record| ids.push(record.identity.span_id)).more {}
        ids
    }

    #[test]
    fn what_an_ended_thread_wrote_is_still_taken() {
        let intake = Arc::new(Intake::new(100, 10, false));
        let hub = IntakeHub(Arc::clone(&intake));
        let mut outlet = Outlet::new(Arc::clone(&intake));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut sink = hub.sink();
                (1..=5).for_each(|number| hand_over(&mut *sink, number));
            });
        });
        assert_eq!(taken(&mut outlet), [1, 2, 3, 4, 5]);
        assert_eq!(outlet.rings.len(), 0);
        assert_eq!(intake.words.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let intake = Arc::new(Intake::new(3, 10, false));
        let mut sink = IntakeHub(Arc::clone(&intake)).sink();
        let mut outlet = Outlet::new(Arc::clone(&intake));
        (1..=5).for_each(|number| hand_over(&mut *sink, number));
        assert_eq!(taken(&mut outlet), [1, 2, 3]);
        assert_eq!(intake.dropped(), 2);
        hand_over(&mut *sink, 6);
        assert_eq!(taken(&mut outlet), [6]);
    }

    #[test]
    fn no_thread_keeps_the_others_waiting() {
        let intake = Arc::new(Intake::new(100, 10, false));
        let hub = IntakeHub(Arc::clone(&intake));
        let (mut one, mut other) = (hub.sink(), hub.sink());
        (1..=6).for_each(|number| hand_over(&mut *one, number));
        (11..=12).for_each(|number| hand_over(&mut *other, number));
        let mut outlet = Outlet::new(Arc::clone(&intake));
        let mut ids = Vec::new();
        while outlet.take(2, |record| ids.push(record.identity.span_id)).more {}
        assert_eq!(ids, [1, 2, 11, 12, 3, 4, 5, 6]);
    }

    #[test]
    fn after_closing_everything_is_refused_and_counted() {
        let intake = Arc::new(Intake::new(3, 10, false));
        let mut sink = IntakeHub(Arc::clone(&intake)).sink();
        intake.close();
        hand_over(&mut *sink, 1);
        assert_eq!(taken(&mut Outlet::new(Arc::clone(&intake))), [] as [u64; 0]);
        assert_eq!(intake.dropped(), 1);
    }
}
