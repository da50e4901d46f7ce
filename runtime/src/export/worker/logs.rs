//! The export thread's log records.

use std::sync::Arc;

use crate::content::mask::Masks;
use crate::export::log_record::LogRecord;
use crate::export::queue::Amount;
use crate::export::record_queue::RecordQueue;
use crate::export::route::Route;
use crate::telemetry::settings::{Batch, Destination, RecordLimits};

/// Where log records come from and go to; without destinations none are made.
pub(crate) struct LogPlan {
    pub(crate) queue: Arc<RecordQueue>,
    pub(crate) destinations: Vec<Destination>,
    pub(crate) batch: Batch,
    pub(crate) limits: RecordLimits,
    pub(crate) masks: Arc<Masks>,
}

/// The way of log records.
pub(super) struct Logs {
    pub(super) queue: Arc<RecordQueue>,
    pub(super) routes: Vec<Route>,
    pub(super) batch: Batch,
    /// How much is a whole batch.
    batch_size: Amount,
    limits: RecordLimits,
    masks: Arc<Masks>,
    pub(super) pending: Vec<LogRecord>,
    /// Whether more is handed over than was taken in.
    pub(super) backlog: bool,
    /// Whether records are sent as they come: somebody is watching.
    eager: bool,
}

impl Logs {
    pub(super) fn new(plan: &LogPlan, batch_bytes: usize) -> Self {
        Self {
            queue: Arc::clone(&plan.queue),
            routes: Vec::new(),
            batch: plan.batch,
            batch_size: Amount { items: plan.batch.size, bytes: batch_bytes },
            limits: plan.limits,
            masks: Arc::clone(&plan.masks),
            pending: Vec::new(),
            backlog: false,
            eager: plan.destinations.contains(&Destination::Console),
        }
    }

    pub(super) fn is_wanted(&self) -> bool {
        !self.routes.is_empty()
    }

    /// As of spans.
    pub(super) fn is_full(&self) -> bool {
        self.is_wanted() && self.routes.iter().all(|route| route.is_full(self.batch_size))
    }

    /// Takes in one batch's worth of what other threads handed over.
    pub(super) fn take(&mut self) {
        let (records, more) = self.queue.take(self.batch.size);
        for mut record in records {
            record.mask(&self.masks);
            self.pending.push(record);
        }
        self.backlog = more;
        self.send_what_is_due();
    }

    pub(super) fn send_what_is_due(&mut self) {
        if self.eager && !self.backlog {
            self.send_pending();
        }
        while let Some(records) = self.whole_batch() {
            self.send_first(records);
        }
    }

    pub(super) fn send_pending(&mut self) {
        while !self.pending.is_empty() {
            self.send_first(self.whole_batch().unwrap_or(self.pending.len()));
        }
    }

    /// How many of the first ones are a whole batch, by their number or by their bytes.
    fn whole_batch(&self) -> Option<usize> {
        let Amount { items, bytes } = self.batch_size;
        let mut left = bytes;
        let is_last = |(place, record): (usize, &LogRecord)| {
            left = left.saturating_sub(record.bytes());
            (place + 1 >= items || left == 0).then_some(place + 1)
        };
        self.pending.iter().enumerate().find_map(is_last)
    }

    fn send_first(&mut self, records: usize) {
        let rest = self.pending.split_off(records);
        let batch = std::mem::replace(&mut self.pending, rest);
        self.send(batch);
    }

    fn send(&self, mut batch: Vec<LogRecord>) {
        for record in &mut batch {
            record.limit(self.limits);
        }
        if let Some((last, others)) = self.routes.split_last() {
            for route in others {
                route.records(batch.clone());
            }
            last.records(batch);
        }
    }
}
