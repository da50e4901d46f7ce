//! Requests that were not taken: one that never will be does not keep the others waiting.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::Backoff;
use super::patience::FOR_EVER;
use crate::export::spool::EntryName;

#[derive(Default)]
pub(super) struct Setbacks(BTreeMap<EntryName, Setback>);

struct Setback {
    failures: u32,
    /// When it was tried last, since others were taken.
    tried: Option<Instant>,
    /// When it is tried next, if others were taken meanwhile: then it is not the receiver.
    until: Option<Instant>,
    backoff: Backoff,
}

impl Setbacks {
    /// It was tried in vain; whether that says nothing of the receiver, since others were taken meanwhile.
    pub(super) fn note(&mut self, name: EntryName, asked: Option<Duration>) -> bool {
        let setback = self.0.entry(name).or_insert_with(|| Setback {
            failures: 0,
            tried: None,
            until: None,
            backoff: Backoff::of_looks(),
        });
        let now = Instant::now();
        setback.failures += 1;
        setback.tried = Some(now);
        if let Some(until) = &mut setback.until {
            let pause = setback.backoff.pause().max(asked.unwrap_or_default()).min(FOR_EVER);
            *until = now + pause;
        }
        setback.until.is_some()
    }

    /// Another one was taken: each of these is tried once more, and from then on in its own time.
    pub(super) fn pass_over(&mut self) {
        for setback in self.0.values_mut().filter(|setback| setback.until.is_none()) {
            setback.until = Some(Instant::now());
            setback.tried = None;
        }
    }

    /// Somebody waits for all of them to be tried.
    pub(super) fn try_now(&mut self) {
        for until in self.0.values_mut().filter_map(|setback| setback.until.as_mut()) {
            *until = Instant::now();
        }
    }

    pub(super) fn retain(&mut self, is_there: impl Fn(EntryName) -> bool) {
        self.0.retain(|name, _| is_there(*name));
    }

    pub(super) fn has(&self, name: EntryName) -> bool {
        self.0.contains_key(&name)
    }

    pub(super) fn failures(&self, name: EntryName) -> u32 {
        self.0.get(&name).map_or(0, |setback| setback.failures)
    }

    pub(super) fn is_passed_over(&self, name: EntryName) -> bool {
        self.0.get(&name).is_some_and(|setback| setback.until.is_some())
    }

    pub(super) fn was_tried_since(&self, name: EntryName, start: Instant) -> bool {
        let tried = self.0.get(&name).and_then(|setback| setback.tried);
        tried.is_some_and(|tried| tried >= start)
    }

    /// The one to try now that failed least often, the oldest of those.
    pub(super) fn due(&self) -> Option<EntryName> {
        let now = Instant::now();
        let is_due = |setback: &Setback| setback.until.is_none_or(|until| until <= now);
        let due = self.0.iter().filter(|(_, setback)| is_due(setback));
        due.min_by_key(|(_, setback)| setback.failures).map(|(name, _)| *name)
    }

    /// When the next of those that are passed over is to be tried.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.values().filter_map(|setback| setback.until).min()
    }
}
