//! What became of everything: exported, lost, and why.

use std::fmt::Display;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Different reasons that are kept; further ones only count.
const REASONS: usize = 8;

/// One exporter's account, shared with whoever asks for its health.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// `traces` or `metrics`.
    pub(crate) signal: &'static str,
    /// Which exporter, in a reader's words: `traces to otlp http://localhost:4317`.
    pub(crate) destination: String,
    account: Mutex<Account>,
}

/// The figures of one exporter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) exported_spans: u64,
    pub(crate) exported_points: u64,
    pub(crate) lost_spans: u64,
    pub(crate) lost_points: u64,
    /// Different reasons in the order they came up, each with how many items it cost.
    pub(crate) reasons: Vec<(String, u64)>,
    /// What the backend took but had something to say about.
    pub(crate) remarks: Vec<String>,
    pub(crate) last_success: Option<SystemTime>,
    pub(crate) last_failure: Option<(SystemTime, String)>,
    /// What waits for this exporter.
    pub(crate) queued_spans: usize,
    pub(crate) queued_points: u64,
}

/// What an account is kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Span,
    Point,
}

impl Ledger {
    pub(crate) fn new(signal: &'static str, destination: &impl Display) -> Self {
        let destination = format!("{signal} to {destination}");
        Self { signal, destination, account: Mutex::default() }
    }

    pub(crate) fn account(&self) -> Account {
        self.lock().clone()
    }

    pub(crate) fn queued_spans(&self) -> usize {
        self.lock().queued_spans
    }

    pub(crate) fn enqueue_spans(&self, spans: usize) {
        self.lock().queued_spans += spans;
    }

    pub(crate) fn dequeue_spans(&self, spans: usize) {
        let mut account = self.lock();
        account.queued_spans = account.queued_spans.saturating_sub(spans);
    }

    pub(crate) fn enqueue_points(&self, points: u64) {
        self.lock().queued_points += points;
    }

    pub(crate) fn dequeue_points(&self, points: u64) {
        let mut account = self.lock();
        account.queued_points = account.queued_points.saturating_sub(points);
    }

    pub(crate) fn exported(&self, item: Item, count: u64) {
        if count == 0 {
            return;
        }
        let mut account = self.lock();
        match item {
            Item::Span => account.exported_spans += count,
            Item::Point => account.exported_points += count,
        }
        account.last_success = Some(SystemTime::now());
    }

    pub(crate) fn remark(&self, remark: String) {
        let mut account = self.lock();
        if account.remarks.len() < REASONS && !account.remarks.contains(&remark) {
            account.remarks.push(remark);
        }
    }

    pub(crate) fn lost(&self, item: Item, count: u64, reason: &str) {
        if count == 0 {
            return;
        }
        let mut account = self.lock();
        match item {
            Item::Span => account.lost_spans += count,
            Item::Point => account.lost_points += count,
        }
        account.last_failure = Some((SystemTime::now(), reason.to_owned()));
        let known = account.reasons.iter_mut().find(|(known, _)| known == reason);
        if let Some((_, lost)) = known {
            *lost += count;
        } else if account.reasons.len() < REASONS {
            account.reasons.push((reason.to_owned(), count));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
