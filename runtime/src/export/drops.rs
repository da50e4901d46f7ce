//! What was dropped before any exporter had it, by reason.

use std::sync::atomic::{AtomicU64, Ordering};

/// Why something was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// As many wait as may.
    QueueFull,
    /// What waits takes as much memory as it may.
    QueueBytes,
    /// It came too late, or was still there when there was no more time.
    ShutDown,
    /// Its own record was not whole.
    Unreadable,
}

/// How many, by cause.
#[derive(Debug, Default)]
pub(crate) struct Drops([AtomicU64; Cause::ALL.len()]);

impl Cause {
    pub(crate) const ALL: [Self; 4] =
        [Self::QueueFull, Self::QueueBytes, Self::ShutDown, Self::Unreadable];

    /// To a person.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::QueueFull => "found the queue full",
            Self::QueueBytes => "found the memory of the queue full",
            Self::ShutDown => "came too late for the shutdown",
            Self::Unreadable => "could not be read",
        }
    }
}

impl Drops {
    pub(crate) fn add(&self, cause: Cause, count: u64) {
        self.0[cause as usize].fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn of(&self, cause: Cause) -> u64 {
        self.0[cause as usize].load(Ordering::Relaxed)
    }

    pub(crate) fn total(&self) -> u64 {
        Cause::ALL.into_iter().map(|cause| self.of(cause)).sum()
    }

    /// Those that there were.
    pub(crate) fn by_cause(&self) -> impl Iterator<Item = (Cause, u64)> {
        Cause::ALL.into_iter().map(|cause| (cause, self.of(cause))).filter(|(_, count)| *count > 0)
    }
}
