//! What became of everything: exported, lost, and why.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::queue::{Bounds, Dropped};
use crate::telemetry::diagnostics::{Level, tell};
use crate::telemetry::health::SpoolHealth;

/// Different reasons that are kept; further ones only count.
const REASONS: usize = 8;

/// One exporter's account, shared with whoever asks for its health.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// `traces`, `metrics` or `logs`.
    pub(crate) signal: &'static str,
    /// Which exporter, in a reader's words: `traces to otlp http://localhost:4317`.
    pub(crate) destination: String,
    /// Where it waits to be asked, if it does.
    pub(crate) address: Option<SocketAddr>,
    account: Mutex<Account>,
}

/// The figures of one exporter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    pub(crate) spans: Tally,
    pub(crate) points: Tally,
    pub(crate) records: Tally,
    /// Different reasons in the order they came up, each with how many items it cost.
    pub(crate) reasons: Vec<(String, u64)>,
    /// What the backend took but had something to say about.
    pub(crate) remarks: Vec<String>,
    pub(crate) last_success: Option<SystemTime>,
    pub(crate) last_failure: Option<(SystemTime, String)>,
    /// Spans and log records that were made smaller, each too large for a request.
    pub(crate) shrunk_items: u64,
    pub(crate) spool: Option<SpoolHealth>,
}

/// How many of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// What waits for this exporter.
    pub(crate) queued: u64,
    pub(crate) exported: u64,
    pub(crate) lost: u64,
    /// Of those: because too many waited.
    pub(crate) dropped_by_items: u64,
    /// Because what waited took too many bytes.
    pub(crate) dropped_by_bytes: u64,
}

/// What an account is kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Span,
    Point,
    Record,
}

impl Item {
    pub(crate) const ALL: [Self; 3] = [Self::Span, Self::Point, Self::Record];

    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Span => "spans",
            Self::Point => "metric points",
            Self::Record => "log records",
        }
    }

    /// Whose exporters it is for.
    pub(crate) fn signal(self) -> &'static str {
        match self {
            Self::Span => "traces",
            Self::Point => "metrics",
            Self::Record => "logs",
        }
    }
}

impl Account {
    pub(super) fn export(&mut self, item: Item, count: u64) {
        if count > 0 {
            self.of(item).exported += count;
            self.last_success = Some(SystemTime::now());
        }
    }

    /// Whether the reason is a new one.
    pub(super) fn lose(&mut self, item: Item, count: u64, reason: &str) -> bool {
        if count == 0 {
            return false;
        }
        self.of(item).lost += count;
        self.last_failure = Some((SystemTime::now(), reason.to_owned()));
        if let Some((_, lost)) = self.reasons.iter_mut().find(|(known, _)| known == reason) {
            *lost += count;
            return false;
        }
        let has_room = self.reasons.len() < REASONS;
        if has_room {
            self.reasons.push((reason.to_owned(), count));
        }
        has_room
    }

    pub(crate) fn tally(&self, item: Item) -> Tally {
        match item {
            Item::Span => self.spans,
            Item::Point => self.points,
            Item::Record => self.records,
        }
    }

    pub(super) fn of(&mut self, item: Item) -> &mut Tally {
        match item {
            Item::Span => &mut self.spans,
            Item::Point => &mut self.points,
            Item::Record => &mut self.records,
        }
    }
}

impl Ledger {
    pub(crate) fn new(signal: &'static str, destination: &impl Display) -> Self {
        let destination = format!("{signal} to {destination}");
        Self { signal, destination, address: None, account: Mutex::default() }
    }

    /// Of an exporter that waits to be asked.
    #[cfg(feature = "prometheus")]
    pub(crate) fn listening(
        signal: &'static str,
        destination: &impl Display,
        address: SocketAddr,
    ) -> Self {
        Self { address: Some(address), ..Self::new(signal, destination) }
    }

    /// What it keeps account of.
    pub(crate) fn item(&self) -> Item {
        match self.signal {
            "metrics" => Item::Point,
            "logs" => Item::Record,
            _ => Item::Span,
        }
    }

    pub(crate) fn account(&self) -> Account {
        self.lock().clone()
    }

    pub(crate) fn queued(&self, item: Item) -> u64 {
        self.lock().of(item).queued
    }

    pub(crate) fn enqueue(&self, item: Item, count: u64) {
        self.lock().of(item).queued += count;
    }

    pub(crate) fn dequeue(&self, item: Item, count: u64) {
        let mut account = self.lock();
        let queued = &mut account.of(item).queued;
        *queued = queued.saturating_sub(count);
    }

    /// Empties what waits; how much that was.
    pub(crate) fn take_queued(&self, item: Item) -> u64 {
        std::mem::take(&mut self.lock().of(item).queued)
    }

    pub(crate) fn exported(&self, item: Item, count: u64) {
        self.lock().export(item, count);
        self.tell_exported(item, count);
    }

    pub(super) fn tell_exported(&self, item: Item, count: u64) {
        if count > 0 {
            tell(Level::Debug, format_args!("{}: {count} {} sent", self.destination, item.noun()));
        }
    }

    pub(crate) fn shrunk(&self, count: u64) {
        if count > 0 {
            self.lock().shrunk_items += count;
            let what = "larger than a request may be, and cut to fit";
            tell(Level::Info, format_args!("{}: {count} {what}", self.destination));
        }
    }

    pub(crate) fn remark(&self, remark: String) {
        let is_new = {
            let account = self.lock();
            account.remarks.len() < REASONS && !account.remarks.contains(&remark)
        };
        if is_new {
            tell(Level::Info, format_args!("{}: {remark}", self.destination));
            self.lock().remarks.push(remark);
        }
    }

    /// What found no room.
    pub(crate) fn dropped(&self, item: Item, dropped: Dropped, bounds: Bounds) {
        let Dropped { by_items, by_bytes } = dropped;
        if dropped == Dropped::default() {
            return;
        }
        let (destination, noun) = (&self.destination, item.noun());
        let many = format!("{destination}: queue of {} {noun} full", bounds.items);
        self.lost(item, by_items as u64, &many);
        let large = format!("{destination}: queue of {} bytes full", bounds.bytes);
        self.lost(item, by_bytes as u64, &large);
        // After that: of what is lost, no more is ever said to be dropped.
        let mut account = self.lock();
        let tally = account.of(item);
        tally.queued = tally.queued.saturating_sub((by_items + by_bytes) as u64);
        tally.dropped_by_items += by_items as u64;
        tally.dropped_by_bytes += by_bytes as u64;
    }

    pub(crate) fn lost(&self, item: Item, count: u64, reason: &str) {
        let is_new = self.lock().lose(item, count, reason);
        self.tell_lost(item, count, reason, is_new);
    }

    pub(super) fn tell_lost(&self, item: Item, count: u64, reason: &str, is_new: bool) {
        if count == 0 {
            return;
        }
        // What goes on being lost is told in `health`.
        let level = if is_new { Level::Warn } else { Level::Debug };
        let (destination, noun) = (&self.destination, item.noun());
        tell(level, format_args!("{destination}: {count} {noun} lost: {reason}"));
    }

    pub(super) fn lock(&self) -> std::sync::MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
