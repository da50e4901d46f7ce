//! Whether content is captured in this process: set by `init`, cleared by `shutdown`.

use std::sync::atomic::{AtomicU8, Ordering};

const CAPTURED: u8 = 1;
const HOOK: u8 = 2;

static SWITCH: AtomicU8 = AtomicU8::new(0);

/// Whether anybody wants content: spans, events or a hook; one relaxed atomic load.
#[inline]
pub(crate) fn is_captured() -> bool {
    SWITCH.load(Ordering::Relaxed) != 0
}

/// Whether a hook wants it, whatever the sampler decides.
pub(crate) fn has_hook() -> bool {
    SWITCH.load(Ordering::Relaxed) & HOOK != 0
}

#[cfg(feature = "telemetry")]
pub(crate) fn set(is_captured: bool, has_hook: bool) {
    let captured = if is_captured { CAPTURED } else { 0 };
    let hook = if has_hook { HOOK } else { 0 };
    SWITCH.store(captured | hook, Ordering::Relaxed);
}
