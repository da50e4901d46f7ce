//! What goes into a model and comes out of it: recorded where the user asks for it, and compiled in by
//! the feature `content` alone.

use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) mod message;
pub(crate) mod piece;
#[allow(dead_code, reason = "called by what captures")]
pub(crate) mod shape;

static CAPTURED: AtomicBool = AtomicBool::new(false);

/// Whether content is captured in this process.
pub(crate) fn is_captured() -> bool {
    CAPTURED.load(Ordering::Relaxed)
}
