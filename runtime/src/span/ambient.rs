//! The OpenTelemetry context that is current on this thread, as long as the thread has one.

use std::panic::catch_unwind;

use opentelemetry::{Context, ContextGuard};

/// Says by being there that OpenTelemetry's own storage is: asked for after the end of its thread, that
/// one panics, which ends the process.
struct Presence(bool);

impl Presence {
    fn new() -> Self {
        Self(catch_unwind(|| drop(Context::current())).is_ok())
    }
}

/// What is destroyed is seen to be gone only if there is something to destroy.
impl Drop for Presence {
    fn drop(&mut self) {}
}

thread_local! {
    /// Made after OpenTelemetry's storage, and so destroyed before it.
    static PRESENCE: Presence = Presence::new();
}

fn has_context() -> bool {
    PRESENCE.try_with(|presence| presence.0).unwrap_or(false)
}

/// The current context; an empty one while the thread goes away.
pub(crate) fn current() -> Context {
    if has_context() { Context::current() } else { Context::new() }
}

/// Looks at the current context; at an empty one while the thread goes away.
pub(crate) fn with_current<R>(look: impl FnOnce(&Context) -> R) -> R {
    if has_context() { Context::map_current(look) } else { look(&Context::new()) }
}

/// Makes a context current for as long as the guard lives.
pub(crate) fn attach(context: &Context) -> Attachment {
    Attachment(has_context().then(|| context.clone().attach()))
}

#[derive(Debug)]
pub(crate) struct Attachment(Option<ContextGuard>);

impl Drop for Attachment {
    fn drop(&mut self) {
        if !has_context() {
            std::mem::forget(self.0.take());
        }
    }
}
