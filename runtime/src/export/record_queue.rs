//! Log records that other threads hand to the export thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::drops::{Cause, Drops};
use super::log_record::LogRecord;

/// What every thread and the export thread share.
#[derive(Debug)]
pub(crate) struct RecordQueue {
    state: Mutex<State>,
    /// Records that may wait here.
    limit: usize,
    /// Records after which the export thread is woken ahead of its schedule.
    batch: usize,
    bytes_limit: usize,
    pub(crate) drops: Drops,
    pub(crate) wake: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<LogRecord>,
    bytes: usize,
    is_closed: bool,
    /// Records that were here when somebody last asked for everything.
    owed: usize,
}

impl RecordQueue {
    /// Where somebody is watching, each record wakes the export thread.
    pub(crate) fn new(limit: usize, bytes_limit: usize, batch: usize, is_watched: bool) -> Self {
        let batch = if is_watched { 1 } else { batch.min(limit / 2).max(1) };
        Self {
            state: Mutex::default(),
            limit,
            batch,
            bytes_limit,
            drops: Drops::default(),
            wake: Notify::new(),
        }
    }

    pub(crate) fn submit(&self, record: LogRecord) {
        let waiting = {
            let mut state = self.lock();
            let bytes = record.bytes();
            let refused = if state.is_closed {
                Some(Cause::ShutDown)
            } else if state.waiting.len() >= self.limit {
                Some(Cause::QueueFull)
            } else if state.bytes + bytes > self.bytes_limit {
                Some(Cause::QueueBytes)
            } else {
                None
            };
            if let Some(cause) = refused {
                self.drops.add(cause, 1);
                return;
            }
            state.bytes += bytes;
            state.waiting.push(record);
            state.waiting.len()
        };
        if waiting >= self.batch {
            self.wake.notify_one();
        }
    }

    /// Takes at most `budget` records, oldest first, and says whether more are waiting.
    pub(crate) fn take(&self, budget: usize) -> (Vec<LogRecord>, bool) {
        let mut state = self.lock();
        let taken = state.waiting.len().min(budget);
        let rest = state.waiting.split_off(taken);
        let records = std::mem::replace(&mut state.waiting, rest);
        state.owed = state.owed.saturating_sub(taken);
        state.bytes -= records.iter().map(LogRecord::bytes).sum::<usize>();
        (records, !state.waiting.is_empty())
    }

    /// Remembers how much is waiting now.
    pub(crate) fn mark(&self) {
        let mut state = self.lock();
        state.owed = state.waiting.len();
    }

    /// Whether some of what waited at the mark still does.
    pub(crate) fn owes(&self) -> bool {
        self.lock().owed > 0
    }

    /// From now on everything is refused, and counted.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
    }

    /// What is here and will not be taken any more is lost, and counted.
    pub(crate) fn count_the_rest(&self) {
        let lost = std::mem::take(&mut self.lock().waiting).len();
        self.drops.add(Cause::ShutDown, lost as u64);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
