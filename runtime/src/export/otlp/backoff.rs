//! Pauses between tries: longer each time, and never the same for two programs.

use std::time::Duration;

use rand::Rng as _;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);
#[cfg(feature = "spool")]
const FIRST_LOOK: Duration = Duration::from_secs(1);
#[cfg(feature = "spool")]
const LONGEST_LOOK: Duration = Duration::from_secs(30);

pub(super) struct Backoff {
    step: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) fn new() -> Self {
        Self { step: FIRST, longest: LONGEST }
    }

    /// Between looks whether a receiver that was away is back.
    #[cfg(feature = "spool")]
    pub(super) fn of_looks() -> Self {
        Self { step: FIRST_LOOK, longest: LONGEST_LOOK }
    }

    /// From half the step to the whole step; then the step doubles.
    pub(super) fn pause(&mut self) -> Duration {
        let step = self.step;
        self.step = (step * 2).min(self.longest);
        step.mul_f64(rand::rng().random_range(0.5..=1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_five_seconds_and_never_reach_zero() {
        let mut backoff = Backoff::new();
        let mut step = FIRST;
        for _ in 0..20 {
            let pause = backoff.pause();
            assert!(pause >= step / 2 && pause <= step, "{pause:?} in a step of {step:?}");
            step = (step * 2).min(LONGEST);
        }
        assert_eq!(step, LONGEST);
    }
}
