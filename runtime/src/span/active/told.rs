//! What a span wants to know of its outcome, and what it takes over from it.

use super::{Draft, Live, Phase, State, lock};
use crate::span::detail::{ErrorDetail, Extent, Wanted};
use crate::span::outcome::Outcome;
use crate::span::words::Words;

impl Draft {
    pub(crate) fn set_detail(&mut self, detail: ErrorDetail) {
        if let Some(state) = self.state() {
            state.detail = Some(detail);
        }
    }
}

impl Live {
    /// What is wanted of its outcome.
    pub(crate) fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// Takes over the attributes that an outcome has told so far.
    pub(crate) fn tell(&self, outcome: &mut Outcome) {
        if !outcome.has_attributes() {
            return;
        }
        let mut attributes = outcome.take_attributes();
        if let Some(state) = &self.state {
            lock(state).take(&mut attributes);
        }
    }
}

impl State {
    pub(super) fn wanted(&self) -> Wanted {
        let extent = if self.trace_flags & 1 == 1 { Extent::All } else { Extent::Measured };
        Wanted { detail: self.detail.unwrap_or_default(), extent, content: self.captures }
    }

    /// Takes over attributes, as if they had been set by hand.
    fn take(&mut self, attributes: &mut Words) {
        if self.phase != Phase::Open {
            return;
        }
        self.words.append(attributes);
        if let Some(occupancy) = &mut self.occupancy {
            occupancy.tidy(&mut self.words);
        }
    }
}
