//! From the threads that end spans to the export thread: one ring per thread, nobody waits.

mod sink;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry_sdk::trace::SpanData;
use rtrb::{Consumer, Producer, RingBuffer};
use tokio::sync::Notify;

pub(crate) use self::sink::IntakeHub;
use super::drops::{Cause, Drops};
use super::record::clear;
use super::span_data;
use crate::identity::Associations;
use crate::span::words::{Aside, Word, Words};

/// Words that all rings together may take: 16 MiB. Beyond it a new thread gets a small ring, and
/// what that has no room for goes beside it.
const WORDS: usize = 16 * 1024 * 1024 / (size_of::<Word>() + size_of::<Aside>() / WORDS_PER_ASIDE);
/// Small rings may take as much once more. Beyond it threads share one queue: they may come and go
/// by the ten thousands while an exporter stalls.
const WORDS_AT_MOST: usize = 2 * WORDS;
/// How many threads' queues fit into the shared one.
const SHARED_QUEUES: usize = 16;
/// What a queued span takes, as a rule; a ring has room for `OTEL_BSP_MAX_QUEUE_SIZE` of them.
const WORDS_PER_SPAN: usize = 24;
const SMALL_RING: usize = 1024;
/// Bytes after which one look at the intake ends: exporters may have no room for more.
const SLICE_BYTES: usize = 4 * 1024 * 1024;
/// What stands aside has a ring of its own, of so many places for each word's.
const WORDS_PER_ASIDE: usize = 8;

/// What every thread and the export thread share.
#[derive(Debug)]
pub(crate) struct Intake {
    /// Rings that the export thread has not seen yet.
    new: Mutex<Vec<Ring>>,
    /// Ended spans of other OpenTelemetry code.
    foreign: Mutex<Vec<Foreign>>,
    /// What threads without a ring of their own have ended.
    shared: Side,
    words: AtomicUsize,
    /// Spans per thread, and of other code, that may wait here.
    limit: usize,
    /// Spans after which the export thread is woken ahead of its schedule.
    batch: usize,
    /// Whether every ended root wakes the export thread: somebody is watching.
    eager: bool,
    closed: AtomicBool,
    /// Nobody takes anything any more.
    over: AtomicBool,
    /// What stands aside of words, and spans that found no room among them, all together.
    bytes: AtomicUsize,
    bytes_limit: usize,
    pub(crate) drops: Drops,
    pub(crate) wake: Notify,
}

/// An ended span of other OpenTelemetry code.
#[derive(Debug)]
pub(crate) struct Foreign {
    pub(crate) span: SpanData,
    /// What it shares with others.
    pub(crate) associations: Option<Arc<Associations>>,
}

/// A span that found no room in its thread's ring: too large, or one too many for the ring's memory
/// though not for the queue.
#[derive(Debug)]
struct Spilled {
    words: Box<[Word]>,
    asides: Vec<Aside>,
}

/// What a thread and the export thread share beside the ring.
#[derive(Debug, Default)]
struct Side {
    /// Spans that the export thread has taken.
    taken: AtomicUsize,
    /// Locked for the moment of a push or of a take.
    spilled: Mutex<Vec<Spilled>>,
    /// Spans that were here when somebody last asked for everything.
    owed: AtomicUsize,
}

/// The export thread's end of one thread's ring.
#[derive(Debug)]
struct Ring {
    words: Consumer<Word>,
    asides: Consumer<Aside>,
    side: Arc<Side>,
    /// Words that were here when somebody last asked for everything.
    owed: usize,
    /// The thread has ended, and everything it wrote is taken.
    is_over: bool,
}

/// A ring, as its thread sees it.
struct Own {
    words: Producer<Word>,
    asides: Producer<Aside>,
    side: Arc<Side>,
    given: usize,
}

impl Intake {
    pub(crate) fn new(limit: usize, bytes_limit: usize, batch: usize, eager: bool) -> Self {
        Self {
            new: Mutex::default(),
            foreign: Mutex::default(),
            shared: Side::default(),
            words: AtomicUsize::new(0),
            limit,
            batch: batch.min(limit / 2).max(1),
            eager,
            closed: AtomicBool::new(false),
            over: AtomicBool::new(false),
            bytes: AtomicUsize::new(0),
            bytes_limit,
            drops: Drops::default(),
            wake: Notify::new(),
        }
    }

    /// From now on everything is refused, and counted.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    /// From now on what is in a ring stays there, and whoever wrote it counts it.
    pub(crate) fn finish(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Takes an ended span of other OpenTelemetry code.
    pub(crate) fn submit_foreign(&self, span: Foreign) {
        let bytes = span_data::bytes(&span.span);
        let waiting = {
            let mut foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(cause) = self.admit(foreign.len(), bytes) {
                self.drops.add(cause, 1);
                return;
            }
            foreign.push(span);
            foreign.len()
        };
        if self.eager || waiting >= self.batch {
            self.wake.notify_one();
        }
    }

    /// Whether one more may come where so many wait; if so, it takes so many bytes from now on.
    fn admit(&self, waiting: usize, bytes: usize) -> Result<(), Cause> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(Cause::ShutDown);
        }
        if waiting >= self.limit {
            return Err(Cause::QueueFull);
        }
        if self.take_bytes(bytes) { Ok(()) } else { Err(Cause::QueueBytes) }
    }

    /// Whether there is room for so many bytes; one that is larger finds it where nothing else waits.
    fn take_bytes(&self, bytes: usize) -> bool {
        // As a rule there are none: then nothing is touched that threads share.
        if bytes == 0 {
            return true;
        }
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let has_room = before == 0 || before + bytes <= self.bytes_limit;
        if !has_room {
            self.release(bytes);
        }
        has_room
    }

    fn release(&self, bytes: usize) {
        if bytes > 0 {
            self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    fn ring(&self) -> Option<Own> {
        let wanted = self.limit.saturating_mul(WORDS_PER_SPAN).max(SMALL_RING);
        let taken = self.words.load(Ordering::Relaxed);
        let left = WORDS.saturating_sub(taken);
        let capacity = if wanted <= left / 4 { wanted } else { (left / 4).max(SMALL_RING) };
        if capacity < wanted {
            // Rings of ended threads may be waiting to be given back.
            self.wake.notify_one();
        }
        if taken + capacity > WORDS_AT_MOST {
            return None;
        }
        self.words.fetch_add(capacity, Ordering::Relaxed);
        let (producer, consumer) = RingBuffer::new(capacity);
        let (asides, asides_out) = RingBuffer::new(capacity / WORDS_PER_ASIDE);
        let side = Arc::new(Side::default());
        self.new.lock().unwrap_or_else(PoisonError::into_inner).push(Ring {
            words: consumer,
            asides: asides_out,
            side: Arc::clone(&side),
            owed: 0,
            is_over: false,
        });
        Some(Own { words: producer, asides, side, given: 0 })
    }

    /// Whether there was room.
    fn share(&self, span: Spilled) -> bool {
        let mut shared = self.shared.lock();
        if shared.len() >= self.limit.saturating_mul(SHARED_QUEUES) {
            return false;
        }
        shared.push(span);
        true
    }
}

/// What is left of one look at the intake.
#[derive(Debug)]
struct Budget {
    records: usize,
    bytes: usize,
}

impl Budget {
    fn has_some(&self) -> bool {
        self.records > 0 && self.bytes > 0
    }

    /// One record of so many bytes.
    fn spend(&mut self, bytes: usize) {
        self.records -= 1;
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

impl Spilled {
    fn bytes(&self) -> usize {
        size_of_val(&*self.words) + bytes_of(&self.asides)
    }

    fn new(preamble: &[Word], words: &mut Words) -> Self {
        Self {
            words: [preamble, words.as_slice()].concat().into_boxed_slice(),
            asides: std::mem::take(words.asides()),
        }
    }
}

impl Own {
    /// Writes a record, if there is room for all of it.
    fn write(&mut self, preamble: &[Word], words: &mut Words) -> bool {
        let count = preamble.len() + words.len();
        if !has_room(&self.words, count) || !has_room(&self.asides, words.asides().len()) {
            return false;
        }
        if !words.asides().is_empty() {
            for aside in words.asides().drain(..) {
                let _ = self.asides.push(aside);
            }
        }
        // Nobody reads a record before all of its words are there.
        self.words.push_entire_slice(preamble).is_ok()
            && self.words.push_entire_slice(words.as_slice()).is_ok()
    }

    /// Spans that wait here.
    fn waiting(&self) -> usize {
        self.given.wrapping_sub(self.side.taken.load(Ordering::Relaxed))
    }
}

fn bytes_of(asides: &[Aside]) -> usize {
    asides.iter().map(Aside::bytes).sum()
}

fn has_room<T>(ring: &Producer<T>, count: usize) -> bool {
    ring.cached_slots() >= count || ring.slots() >= count
}

/// The export thread's view of everything that is handed over.
#[derive(Debug)]
pub(crate) struct Outlet {
    intake: Arc<Intake>,
    rings: Vec<Ring>,
    /// The ring that comes first next time, so that no thread keeps the others waiting.
    next: usize,
    /// Foreign spans that waited when somebody last asked for everything.
    owed: usize,
    /// Memory for what stands aside of one record.
    aside: Vec<Aside>,
}

/// Reads a record's words and what stands aside of them; says whether they were whole.
pub(crate) trait Read: FnMut(&[Word], &mut [Aside]) -> bool {}

impl<F: FnMut(&[Word], &mut [Aside]) -> bool> Read for F {}

/// What one look at the intake brought.
#[derive(Debug)]
pub(crate) struct Slice {
    /// Ended spans of other OpenTelemetry code.
    pub(crate) foreign: Vec<Foreign>,
    /// Whether more is waiting.
    pub(crate) more: bool,
}

impl Outlet {
    pub(crate) fn new(intake: Arc<Intake>) -> Self {
        Self { intake, rings: Vec::new(), next: 0, owed: 0, aside: Vec::new() }
    }

    fn see_new(&mut self) {
        let mut new = self.intake.new.lock().unwrap_or_else(PoisonError::into_inner);
        self.rings.append(&mut new);
    }

    /// Remembers how much is waiting now.
    pub(crate) fn mark(&mut self) {
        self.see_new();
        for ring in &mut self.rings {
            ring.owed = ring.words.slots();
            ring.side.mark();
        }
        self.intake.shared.mark();
        self.owed = self.intake.foreign.lock().unwrap_or_else(PoisonError::into_inner).len();
    }

    /// Whether some of what waited at the mark still does.
    pub(crate) fn owes(&self) -> bool {
        let sides = || self.rings.iter().map(|ring| &*ring.side).chain([&self.intake.shared]);
        self.owed > 0
            || self.rings.iter().any(|ring| ring.owed > 0)
            || sides().any(|side| side.owed.load(Ordering::Relaxed) > 0)
    }

    /// Takes at most `budget` records and as many foreign spans, oldest first within each thread.
    /// Whatever was handed over before this call is seen.
    pub(crate) fn take(&mut self, budget: usize, mut read: impl Read) -> Slice {
        self.see_new();
        let shared = &self.intake.shared;
        let mut left = Budget { records: budget.div_ceil(2), bytes: SLICE_BYTES };
        shared.take(&mut left, &mut read, &self.intake);
        left.records += budget / 2;
        let mut more = false;
        let rings = self.rings.len();
        for offset in 0..rings {
            let Some(ring) = self.rings.get_mut((self.next + offset) % rings) else { continue };
            ring.is_over = ring.words.is_abandoned();
            ring.take(&mut left, &mut read, &mut self.aside, &self.intake);
            if !ring.words.is_empty() || !ring.side.lock().is_empty() {
                ring.is_over = false;
                more = true;
            }
        }
        more |= !shared.lock().is_empty();
        self.next = if rings == 0 { 0 } else { (self.next + 1) % rings };
        let words = &self.intake.words;
        self.rings.retain(|ring| {
            if ring.is_over {
                words.fetch_sub(ring.words.buffer().capacity(), Ordering::Relaxed);
            }
            !ring.is_over
        });
        let mut waiting = self.intake.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = Budget { records: budget, bytes: left.bytes.max(1) };
        let mut taken = 0;
        while let Some(next) = waiting.get(taken)
            && left.has_some()
        {
            left.spend(span_data::bytes(&next.span));
            taken += 1;
        }
        self.owed = self.owed.saturating_sub(taken);
        let rest = waiting.split_off(taken);
        let foreign = std::mem::replace(&mut *waiting, rest);
        let bytes = foreign.iter().map(|it| span_data::bytes(&it.span)).sum();
        self.intake.release(bytes);
        Slice { foreign, more: more || !waiting.is_empty() }
    }
}

impl Side {
    fn lock(&self) -> MutexGuard<'_, Vec<Spilled>> {
        self.spilled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, budget: &mut Budget, read: &mut impl Read, intake: &Intake) {
        let spilled = {
            let mut spilled = self.lock();
            let mut taken = 0;
            while let Some(next) = spilled.get(taken)
                && budget.has_some()
            {
                budget.spend(next.bytes());
                taken += 1;
            }
            let rest = spilled.split_off(taken);
            std::mem::replace(&mut *spilled, rest)
        };
        let owed = self.owed.load(Ordering::Relaxed);
        self.owed.store(owed.saturating_sub(spilled.len()), Ordering::Relaxed);
        for mut span in spilled {
            intake.release(span.bytes());
            self.book(read(&span.words, &mut span.asides), intake);
        }
    }

    fn mark(&self) {
        self.owed.store(self.lock().len(), Ordering::Relaxed);
    }

    fn book(&self, is_read: bool, intake: &Intake) {
        if !is_read {
            intake.drops.add(Cause::Unreadable, 1);
        }
        self.taken.fetch_add(1, Ordering::Relaxed);
    }
}

impl Ring {
    fn take(
        &mut self,
        budget: &mut Budget,
        read: &mut impl Read,
        aside: &mut Vec<Aside>,
        intake: &Intake,
    ) {
        self.side.take(budget, read, intake);
        // Only what is there now: a thread that writes on and on must not keep us here.
        let mut words_left = self.words.slots();
        while words_left > 0 && budget.has_some() {
            let Ok(Word::Head(head)) = self.words.peek() else { return };
            let (count, asides) = (head.words as usize, head.asides as usize);
            // What stands aside is there before the words are.
            let Ok(chunk) = self.words.read_chunk(count) else { return };
            if asides > 0 {
                let Ok(asides) = self.asides.read_chunk(asides) else { return };
                aside.extend(asides);
                let bytes = bytes_of(aside);
                intake.release(bytes);
                budget.bytes = budget.bytes.saturating_sub(bytes);
            }
            let is_read = match chunk.as_slices() {
                (whole, []) => read(whole, aside),
                (first, rest) => read(&[first, rest].concat(), aside),
            };
            clear(aside);
            chunk.commit_all();
            self.side.book(is_read, intake);
            words_left = words_left.saturating_sub(count);
            self.owed = self.owed.saturating_sub(count);
            budget.spend(count * size_of::<Word>());
        }
    }
}
