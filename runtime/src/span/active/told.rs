//! What a span wants to know of its outcome, and what it takes over from it.

use super::State;
use crate::span::detail::{Extent, Wanted};
use crate::span::outcome::Outcome;
use crate::span::response;
use crate::span::words::Words;

impl State {
    pub(super) fn wanted(&self) -> Wanted {
        let extent = if self.trace_flags & 1 == 1 { Extent::All } else { Extent::Measured };
        Wanted { detail: self.detail, extent, content: self.captures }
    }

    /// What the value told, what was consumed, and what the model's reply says of itself.
    pub(super) fn told(&mut self, outcome: &mut Outcome) {
        if let Some(mut attributes) = outcome.take_attributes() {
            self.take(&mut attributes);
        }
        if outcome.has_consumed() {
            response::write(outcome, self.operation, &mut self.words);
        }
    }

    /// Takes over attributes, as if they had been set by hand.
    pub(super) fn take(&mut self, attributes: &mut Words) {
        if !self.is_open {
            return;
        }
        self.words.append(attributes);
        if let Some(occupancy) = &mut self.occupancy {
            occupancy.tidy(&mut self.words);
        }
    }
}
