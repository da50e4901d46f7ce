//! What is on disk, in an exporter's account.

use std::path::PathBuf;

use super::entry::Entry;
use crate::export::ledger::Ledger;
use crate::telemetry::diagnostics::{Level, tell};
use crate::telemetry::health::SpoolHealth;

/// What became of a request that is on disk no longer.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) exported: u64,
    pub(crate) lost: u64,
    /// Of those: that nobody has sent.
    dropped: u64,
    /// Why something is lost, or what the receiver has to say.
    pub(crate) reason: Option<String>,
}

impl Outcome {
    /// What the receiver has taken, but for what it left out.
    pub(crate) fn answered(items: u64, lost: u64, reason: Option<String>) -> Self {
        Self { exported: items.saturating_sub(lost), lost, dropped: 0, reason }
    }

    /// Nobody has sent it.
    pub(super) fn dropped(items: u64, reason: String) -> Self {
        Self { exported: 0, lost: items, dropped: items, reason: Some(reason) }
    }
}

impl Ledger {
    pub(crate) fn begin_spool(&self, folder: PathBuf) {
        self.lock().spool = Some(SpoolHealth { folder, ..SpoolHealth::default() });
    }

    /// What was queued is on disk; false if it is counted as lost meanwhile.
    pub(crate) fn keep(&self, entry: Entry) -> bool {
        let mut account = self.lock();
        let queued = &mut account.of(self.item()).queued;
        let Some(left) = queued.checked_sub(entry.items) else { return false };
        *queued = left;
        if let Some(spool) = &mut account.spool {
            spool.waiting += entry.items;
            spool.bytes += entry.bytes;
        }
        true
    }

    /// An earlier run left it.
    pub(crate) fn recover(&self, entry: Entry) {
        if let Some(spool) = &mut self.lock().spool {
            spool.waiting += entry.items;
            spool.bytes += entry.bytes;
            spool.recovered += entry.items;
        }
    }

    /// It is on disk no longer, but exported or lost: never neither, whoever looks.
    pub(crate) fn leave_spool(&self, entry: Entry, outcome: Outcome) {
        let item = self.item();
        let Outcome { exported, lost, dropped, reason } = outcome;
        let reason = reason.map(|reason| format!("{}: {reason}", self.signal));
        let is_new = {
            let mut account = self.lock();
            if let Some(spool) = &mut account.spool {
                spool.waiting = spool.waiting.saturating_sub(entry.items);
                spool.bytes = spool.bytes.saturating_sub(entry.bytes);
                spool.dropped += dropped;
            }
            account.export(item, exported);
            account.lose(item, lost, reason.as_deref().unwrap_or_default())
        };
        self.tell_exported(item, exported);
        match reason {
            Some(remark) if lost == 0 => self.remark(remark),
            Some(reason) => self.tell_lost(item, lost, &reason, is_new),
            None => {}
        }
    }

    /// It is on disk no longer, and nobody has sent it.
    pub(crate) fn drop_from_spool(&self, entry: Entry, reason: &str) {
        self.leave_spool(entry, Outcome::dropped(entry.items, reason.to_owned()));
    }

    /// Why nothing can be written now, or that it can; told once, not with every request.
    pub(crate) fn set_spool_problem(&self, problem: Option<String>) {
        let mut account = self.lock();
        let Some(spool) = &mut account.spool else { return };
        let is_new = problem.is_some() && spool.problem.is_none();
        spool.problem.clone_from(&problem);
        drop(account);
        if let (true, Some(problem)) = (is_new, problem) {
            let destination = &self.destination;
            tell(Level::Warn, format_args!("{destination}: {problem}; it goes on without"));
        }
    }

    /// What stays on disk since the receiver does not take it for now; told once for each time.
    pub(crate) fn deferred(&self, items: u64, is_first: bool, reason: &str) {
        self.lock().last_failure = Some((std::time::SystemTime::now(), reason.to_owned()));
        let level = if is_first { Level::Warn } else { Level::Debug };
        let (destination, noun) = (&self.destination, self.item().noun());
        tell(level, format_args!("{destination}: {items} {noun} wait on disk: {reason}"));
    }
}
