//! How long one waits for a receiver, and what waiting comes to.

use std::time::Duration;

use tokio::time::Instant;

/// Nobody listening rarely changes soon, and programs want to end.
const UNREACHED_FOR: Duration = Duration::from_secs(1);

/// For timeouts that no clock can count.
pub(super) const FOR_EVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How long one batch, with all its requests and tries, may take.
pub(super) struct Patience {
    pub(super) deadline: Instant,
    /// Starts when nobody was reached for the first time.
    unreached: Option<Instant>,
    pub(super) is_for_one_try: bool,
}

/// Why a request was not taken.
pub(super) struct Undelivered {
    pub(super) reason: String,
    #[cfg_attr(not(feature = "spool"), allow(dead_code, reason = "nobody keeps it for later"))]
    pub(super) until: Until,
}

/// How long a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// It was refused.
    Never,
    /// The receiver is away, or busy; it may have said for how long.
    Later(Option<Duration>),
}

impl Undelivered {
    pub(super) fn for_good(reason: String) -> Self {
        Self { reason, until: Until::Never }
    }

    pub(super) fn for_now(reason: String, asked: Option<Duration>) -> Self {
        Self { reason, until: Until::Later(asked) }
    }
}

impl Patience {
    pub(super) fn new(timeout: Duration) -> Self {
        let now = Instant::now();
        let deadline = now.checked_add(timeout).unwrap_or_else(|| now + FOR_EVER);
        Self { deadline, unreached: None, is_for_one_try: false }
    }

    /// To see whether the receiver is back.
    #[cfg(feature = "spool")]
    pub(super) fn for_one_try(timeout: Duration) -> Self {
        Self { is_for_one_try: true, ..Self::new(timeout) }
    }

    pub(super) fn unreached(&mut self) -> Instant {
        let until = *self.unreached.get_or_insert_with(|| Instant::now() + UNREACHED_FOR);
        until.min(self.deadline)
    }
}
