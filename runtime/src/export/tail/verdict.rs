//! What was decided about traces, for the spans that come later.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// What becomes of a trace.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// By this rule.
    Kept(Arc<str>),
    Dropped,
}

/// So many are remembered, the latest ones.
const REMEMBERED: usize = 16_384;

#[derive(Debug, Default)]
pub(super) struct Verdicts {
    of: HashMap<u128, Verdict>,
    /// The oldest first.
    order: VecDeque<u128>,
}

impl Verdicts {
    pub(super) fn get(&self, trace_id: u128) -> Option<&Verdict> {
        self.of.get(&trace_id)
    }

    pub(super) fn put(&mut self, trace_id: u128, verdict: Verdict) {
        if self.of.insert(trace_id, verdict).is_some() {
            return;
        }
        self.order.push_back(trace_id);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.of.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_and_no_more() {
        let mut verdicts = Verdicts::default();
        for id in 0..=REMEMBERED as u128 {
            verdicts.put(id, Verdict::Dropped);
            verdicts.put(id, Verdict::Dropped);
        }
        assert!(verdicts.get(0).is_none());
        assert!(verdicts.get(1).is_some() && verdicts.get(REMEMBERED as u128).is_some());
        assert_eq!((verdicts.of.len(), verdicts.order.len()), (REMEMBERED, REMEMBERED));
    }
}
