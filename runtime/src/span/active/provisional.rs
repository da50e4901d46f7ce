//! The span of a function that returns a stream, before there is work for the stream.
//!
//! What the function does shall find it, but it may come to nothing: nobody polls the stream; or it may
//! turn out to belong elsewhere: it was made outside any span and is polled inside one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use super::draft::{Draft, Sheet};
use super::{Live, lock, now};
use crate::identity;
use crate::span::detail::Wanted;

/// An open span whose own work has not begun.
#[derive(Debug)]
pub(crate) struct Provisional {
    live: Live,
    shared: Arc<Shared>,
}

/// What the contexts know that were made while it was open.
#[derive(Debug)]
struct Shared {
    parent: Context,
    fate: Mutex<Fate>,
}

#[derive(Debug)]
enum Fate {
    Undecided,
    /// Something relies on it, so it is a span whatever becomes of the stream.
    Kept,
    /// It came to nothing; this is where what was made inside it belongs.
    Elsewhere(Context),
}

/// What the `Context` holds.
#[derive(Debug)]
struct Inside(Arc<Shared>);

impl Provisional {
    /// Opens the span where the function was called.
    pub(crate) fn new(mut draft: Draft) -> Option<Self> {
        let parent = resolve(draft.take_parent());
        let Draft(mut sheet) = draft;
        if !sheet.open(sheet.shared(parent.clone()), false) {
            sheet.recycle();
            return None;
        }
        let mut live = Live::new(sheet);
        let shared = Arc::new(Shared { parent, fate: Mutex::new(Fate::Undecided) });
        live.enter(Inside(Arc::clone(&shared)));
        Some(Self { live, shared })
    }

    pub(crate) fn context(&self) -> &Context {
        self.live.context()
    }

    /// What is wanted of its outcome, as far as that is known before it begins.
    pub(crate) fn wanted(&self) -> Wanted {
        self.live.wanted()
    }

    pub(crate) fn is_kept(&self) -> bool {
        matches!(*self.shared.fate(), Fate::Kept)
    }

    /// It is a span, and has been one since the call.
    pub(crate) fn keep(self) -> Live {
        self.shared.keep();
        self.live.count();
        self.live
    }

    /// The stream is polled: its work begins, here if it belongs to nobody else.
    pub(crate) fn begin(mut self) -> Live {
        if self.is_kept() {
            return self.keep();
        }
        let home = self.live.0.home(settle(self.shared.parent.clone()));
        if !is_same(&home, &self.shared.parent) && self.live.is_open() && self.shared.give_up(&home)
        {
            if self.live.0.open(self.live.0.shared(home.clone()), true) {
                // Hides what is around it from what starts inside it.
                let kept = Shared { parent: home, fate: Mutex::new(Fate::Kept) };
                self.live.enter(Inside(Arc::new(kept)));
                *self.shared.fate() = Fate::Elsewhere(self.live.context().clone());
                return self.live;
            }
            // Nothing is recorded there: it stays where it is.
            *self.shared.fate() = Fate::Undecided;
        }
        if !self.is_kept() {
            self.live.restart();
        }
        self.keep()
    }

    /// Nobody polls the stream: nothing has happened, unless something relies on it.
    pub(crate) fn leave(self) -> Option<Live> {
        if self.shared.give_up(&self.shared.parent) {
            self.live.discard();
            return None;
        }
        Some(self.keep())
    }
}

impl Shared {
    fn fate(&self) -> MutexGuard<'_, Fate> {
        self.fate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was made inside it belongs there from now on; false where it is a span already.
    fn give_up(&self, there: &Context) -> bool {
        let mut fate = self.fate();
        if matches!(*fate, Fate::Kept) {
            return false;
        }
        *fate = Fate::Elsewhere(there.clone());
        true
    }

    /// False where it can be no span any more.
    fn keep(&self) -> bool {
        let mut fate = self.fate();
        if matches!(*fate, Fate::Undecided) {
            // One inside another: what it is part of has to be there too.
            if !is_same(&settle(self.parent.clone()), &self.parent) {
                return false;
            }
            *fate = Fate::Kept;
        }
        matches!(*fate, Fate::Kept)
    }

    fn elsewhere(&self) -> Option<Context> {
        match &*self.fate() {
            Fate::Elsewhere(context) => Some(context.clone()),
            Fate::Undecided | Fate::Kept => None,
        }
    }
}

impl Sheet {
    /// Where it belongs: made outside any span, to whoever runs it.
    pub(super) fn home(&self, parent: Context) -> Context {
        settle(if self.is_parent_given { identity::join(parent) } else { identity::begin(parent) })
    }

    /// The context with what it says itself that its spans share.
    fn shared(&self, context: Context) -> Context {
        identity::add(context, self.associations.clone())
    }
}

impl Live {
    /// Puts something beside the span, for what runs inside it.
    fn enter<T: Send + Sync + 'static>(&mut self, value: T) {
        self.0.context = self.0.context.with_value(value);
    }

    /// Its work has begun, where it was opened.
    fn count(&self) {
        if let Some(state) = &self.0.state {
            let state = &mut *lock(state);
            if state.is_open {
                state.accounts.begin(state.operation, &mut state.words);
            }
        }
    }

    /// Whether nobody has ended it.
    fn is_open(&self) -> bool {
        self.0.state.as_ref().is_none_or(|state| lock(state).is_open)
    }

    /// Starts now: what opened it earlier did so for its children alone.
    fn restart(&self) {
        if let Some(state) = &self.0.state {
            let mut state = lock(state);
            if state.is_open {
                state.started = Some(Instant::now());
                state.identity.start = now();
            }
        }
    }

    /// Forgets it: nothing happened.
    fn discard(self) {
        if let Some(state) = &self.0.state {
            lock(state).forget();
        }
        self.0.recycle();
    }
}

/// The context that a span starts in, for one that was taken earlier; what is provisional there is
/// kept from now on.
#[inline]
pub(crate) fn settle(context: Context) -> Context {
    if context.get::<Inside>().is_none() { context } else { settle_inside(context) }
}

/// Whether it may come to nothing, with its place taken by another.
pub(super) fn is_inside(context: &Context) -> bool {
    context.get::<Inside>().is_some()
}

fn settle_inside(context: Context) -> Context {
    let context = resolve(context);
    match context.get::<Inside>() {
        Some(Inside(shared)) if !shared.keep() => settle(shared.parent.clone()),
        _ => context,
    }
}

/// The context that took the place of this one, if any did.
pub(crate) fn resolve(context: Context) -> Context {
    match context.get::<Inside>().and_then(|Inside(shared)| shared.elsewhere()) {
        Some(elsewhere) => resolve(elsewhere),
        None => context,
    }
}

fn is_same(one: &Context, other: &Context) -> bool {
    let (one, other) = (one.span(), other.span());
    let (one, other) = (one.span_context(), other.span_context());
    one.trace_id() == other.trace_id() && one.span_id() == other.span_id()
}
