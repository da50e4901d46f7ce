//! What waits for one exporter, and what gives way where that is too much.

#[cfg(test)]
#[cfg(all(feature = "file", feature = "otlp-http"))]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry::logs::Severity;
use tokio::sync::Notify;

use super::log_record::LogRecord;
use super::pending::Batch;
use super::route::Parcel;
use crate::telemetry::overload::DropFirst;

/// How much may wait for one exporter, what it is sending included, and what is dropped on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Spans, or log records.
    pub(crate) items: usize,
    pub(crate) bytes: usize,
    pub(crate) drop_first: DropFirst,
}

/// An exporter's queue.
#[derive(Debug)]
pub(crate) struct Queue {
    bounds: Bounds,
    state: Mutex<State>,
    arrived: Notify,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Parcel>,
    held: Amount,
    /// Nobody takes anything any more.
    is_over: bool,
}

/// So many spans, or log records, and what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

/// How many were dropped, by what there was too much of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    pub(crate) by_items: usize,
    pub(crate) by_bytes: usize,
}

/// What of an item decides whether it stays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub(crate) bytes: usize,
    /// A root, an error: what a person looks for first.
    pub(crate) is_valuable: bool,
}

/// What waits in batches.
pub(crate) trait Items: Sized {
    fn amount(&self) -> Amount;
    fn measures(&self) -> Vec<Measure>;
    /// Leaves those, by their places.
    fn retain(&mut self, is_kept: &[bool]);
    fn into_parcel(held: Held<Self>) -> Parcel;
    fn in_parcel(parcel: &mut Parcel) -> Option<&mut Held<Self>>;
}

/// A batch in a queue.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub(crate) batch: T,
    pub(crate) amount: Amount,
}

impl Queue {
    pub(crate) fn new(bounds: Bounds) -> Self {
        Self { bounds, state: Mutex::default(), arrived: Notify::new() }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Queues what no bounds hold for. Whether somebody takes it.
    pub(crate) fn push(&self, parcel: Parcel) -> bool {
        let mut state = self.lock();
        if state.is_over {
            return false;
        }
        state.waiting.push_back(parcel);
        drop(state);
        self.arrived.notify_one();
        true
    }

    /// Queues a batch, and drops of it or of what waits what is beyond the bounds; `None` where nobody
    /// takes it.
    pub(crate) fn offer<T: Items>(&self, batch: T) -> Option<Dropped> {
        let amount = batch.amount();
        let mut held = Held { batch, amount };
        let mut state = self.lock();
        if state.is_over {
            return None;
        }
        let mut excess = Excess {
            items: (state.held.items + amount.items).saturating_sub(self.bounds.items),
            bytes: (state.held.bytes + amount.bytes).saturating_sub(self.bounds.bytes),
            dropped: Dropped::default(),
        };
        if state.held.items == 0 && amount.items == 1 {
            // Nothing else waits, and it is there anyway.
            excess.bytes = 0;
        }
        match self.bounds.drop_first {
            DropFirst::Newest => {
                excess.take_from(&mut held, Order::NewestFirst, false);
                state.add(held);
            }
            DropFirst::Oldest => {
                state.add(held);
                state.make_room::<T>(&mut excess, false);
            }
            DropFirst::LeastValuable => {
                state.add(held);
                state.make_room::<T>(&mut excess, true);
                state.make_room::<T>(&mut excess, false);
            }
        }
        drop(state);
        self.arrived.notify_one();
        Some(excess.dropped)
    }

    /// Whether a batch of this size would be too much, and is better left where it is; where the newest
    /// is not what is dropped, what waits gives way.
    pub(crate) fn is_full(&self, batch: Amount) -> bool {
        let held = self.lock().held;
        self.bounds.drop_first == DropFirst::Newest
            && (held.items + batch.items > self.bounds.items
                || held.bytes + batch.bytes > self.bounds.bytes)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add<T: Items>(&mut self, held: Held<T>) {
        if held.amount.items > 0 {
            self.held.items += held.amount.items;
            self.held.bytes += held.amount.bytes;
            self.waiting.push_back(T::into_parcel(held));
        }
    }

    /// Drops what is in excess of what waits, the oldest first.
    fn make_room<T: Items>(&mut self, excess: &mut Excess, spares_valuable: bool) {
        for parcel in &mut self.waiting {
            if !excess.is_any() {
                break;
            }
            let Some(held) = T::in_parcel(parcel) else { continue };
            let before = held.amount;
            excess.take_from(held, Order::OldestFirst, spares_valuable);
            self.held.items -= before.items - held.amount.items;
            self.held.bytes -= before.bytes - held.amount.bytes;
        }
        let is_empty = |parcel: &mut Parcel| T::in_parcel(parcel).is_some_and(|it| it.is_empty());
        self.waiting.retain_mut(|parcel| !is_empty(parcel));
    }
}

impl<T> Held<T> {
    fn is_empty(&self) -> bool {
        self.amount.items == 0
    }
}

/// Only how much waits: what, is the program's.
impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("State")
            .field("held", &self.held)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    OldestFirst,
    NewestFirst,
}

/// What is still to be dropped, and what was.
#[derive(Debug)]
struct Excess {
    items: usize,
    bytes: usize,
    dropped: Dropped,
}

impl Excess {
    fn is_any(&self) -> bool {
        self.items > 0 || self.bytes > 0
    }

    /// Drops of a batch as much as is in excess.
    fn take_from<T: Items>(&mut self, held: &mut Held<T>, order: Order, spares_valuable: bool) {
        if !self.is_any() {
            return;
        }
        let measures = held.batch.measures();
        let mut is_kept = vec![true; measures.len()];
        let mut places: Vec<usize> = (0..measures.len()).collect();
        if order == Order::NewestFirst {
            places.reverse();
        }
        for place in places {
            if !self.is_any() {
                break;
            }
            let (Some(measure), Some(kept)) = (measures.get(place), is_kept.get_mut(place)) else {
                continue;
            };
            if spares_valuable && measure.is_valuable {
                continue;
            }
            *kept = false;
            if self.items > 0 {
                self.dropped.by_items += 1;
            } else {
                self.dropped.by_bytes += 1;
            }
            self.items = self.items.saturating_sub(1);
            self.bytes = self.bytes.saturating_sub(measure.bytes);
            held.amount.items = held.amount.items.saturating_sub(1);
            held.amount.bytes = held.amount.bytes.saturating_sub(measure.bytes);
        }
        held.batch.retain(&is_kept);
        if held.amount.items == 0 {
            // What the whole batch was thought to take was about right only.
            held.amount.bytes = 0;
        }
    }
}

/// The end of a queue at which its exporter takes; once it is gone, nobody does.
#[derive(Debug)]
pub(crate) struct Taker(Arc<Queue>);

impl Taker {
    pub(crate) fn new(queue: &Arc<Queue>) -> Self {
        Self(Arc::clone(queue))
    }

    /// What is next, once it is there.
    pub(crate) async fn next(&self) -> Parcel {
        loop {
            // No lock while it waits.
            let next = self.0.lock().waiting.pop_front();
            match next {
                Some(parcel) => return parcel,
                None => self.0.arrived.notified().await,
            }
        }
    }

    /// What was taken has been tried, whatever became of it.
    pub(crate) fn release(&self, amount: Amount) {
        let mut state = self.0.lock();
        state.held.items = state.held.items.saturating_sub(amount.items);
        state.held.bytes = state.held.bytes.saturating_sub(amount.bytes);
    }
}

impl Drop for Taker {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_over = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        // Wakes whoever waits for an answer to one of them.
        drop(waiting);
    }
}

impl Items for Vec<LogRecord> {
    fn amount(&self) -> Amount {
        Amount { items: self.len(), bytes: self.iter().map(LogRecord::bytes).sum() }
    }

    fn measures(&self) -> Vec<Measure> {
        let of = |record: &LogRecord| Measure {
            bytes: record.bytes(),
            is_valuable: record.severity.is_some_and(|severity| severity >= Severity::Warn),
        };
        self.iter().map(of).collect()
    }

    fn retain(&mut self, is_kept: &[bool]) {
        let mut is_kept = is_kept.iter();
        Vec::retain(self, |_| is_kept.next().copied().unwrap_or(true));
    }

    fn into_parcel(held: Held<Self>) -> Parcel {
        Parcel::Records(held)
    }

    fn in_parcel(parcel: &mut Parcel) -> Option<&mut Held<Self>> {
        match parcel {
            Parcel::Records(held) => Some(held),
            _ => None,
        }
    }
}

impl Items for Batch {
    fn amount(&self) -> Amount {
        Amount { items: self.len(), bytes: self.bytes() }
    }

    fn measures(&self) -> Vec<Measure> {
        Batch::measures(self)
    }

    fn retain(&mut self, is_kept: &[bool]) {
        Batch::retain(self, is_kept);
    }

    fn into_parcel(held: Held<Self>) -> Parcel {
        Parcel::Spans(held)
    }

    fn in_parcel(parcel: &mut Parcel) -> Option<&mut Held<Self>> {
        match parcel {
            Parcel::Spans(held) => Some(held),
            _ => None,
        }
    }
}
