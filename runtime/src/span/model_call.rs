//! Model calls inside of model calls, as of a wrapper around a library that is annotated too: tokens, cost
//! and calls count once, those of the innermost call that tells them.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::LocalKey;

use super::around::Around;
use super::consumption::Consumption;
use super::pool::{Pool, Pooled, Reuse};
use super::record::OperationKind;
use super::rollup::Rollup;
use crate::usage::money::Money;
use crate::usage::price::Tokens;

/// One model call, known to everything that runs in it.
#[derive(Debug, Default)]
pub(crate) struct ModelCall {
    /// The one around it, of whatever kind.
    above: Option<Pooled<Self>>,
    /// What it is part of.
    around: Option<Pooled<Rollup>>,
    /// Embeddings tell nothing of the tokens of a generation around them.
    is_generation: bool,
    /// A `Standing`.
    standing: AtomicU8,
    told: Told,
}

/// What counts of a call, step by step. What begins in it later than it ends is a call beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Standing {
    /// Nothing yet.
    #[default]
    Waiting,
    /// It does.
    Counted,
    /// Those in it do.
    StoodFor,
    /// What did when it ended.
    Ended,
}

/// What the calls inside told.
#[derive(Debug, Default)]
struct Told {
    tokens: AtomicBool,
    cost: AtomicBool,
}

impl ModelCall {
    pub(crate) fn new(
        operation: OperationKind,
        around: &Around,
        standing: Standing,
    ) -> Pooled<Self> {
        let mut call = Pooled::<Self>::new();
        if let Some(call) = call.get_mut() {
            call.above.clone_from(&around.call);
            call.around.clone_from(&around.rollup);
            call.is_generation = operation.is_generation();
            *call.standing.get_mut() = standing as u8;
        }
        call
    }

    /// That its work begins. Whether it is counted: one that was opened earlier may have calls in it that
    /// are.
    pub(crate) fn begin(&self) -> bool {
        self.step(|now| (now == Standing::Waiting as u8).then_some(Standing::Counted)).is_some()
    }

    /// That a call of a kind begins in it: what is around that, of the same kind, gives way.
    pub(crate) fn make_way(&self, is_generation: bool) {
        if let Some(outer) = self.of_kind(is_generation).next() {
            outer.give_way();
        }
    }

    /// That another call of its kind begins in it: its agent counts that one.
    fn give_way(&self) {
        let before = self.step(|now| (now != Standing::Ended as u8).then_some(Standing::StoodFor));
        if self.is_generation
            && before == Some(Standing::Counted as u8)
            && let Some(around) = &self.around
        {
            around.take_back_inference_call();
        }
    }

    /// That it ends. Whether it was stood for.
    pub(crate) fn end(&self) -> bool {
        self.standing.swap(Standing::Ended as u8, Ordering::Relaxed) == Standing::StoodFor as u8
    }

    /// What was before, where there is a next.
    fn step(&self, next: impl Fn(u8) -> Option<Standing>) -> Option<u8> {
        let next = |now| Some(next(now)? as u8);
        self.standing.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()
    }

    pub(crate) fn is_cost_told_inside(&self) -> bool {
        self.told.cost.load(Ordering::Relaxed)
    }

    /// What nothing inside told of it.
    pub(crate) fn rest(&self, consumption: &Consumption) -> Consumption {
        let mut rest = *consumption;
        if self.told.tokens.load(Ordering::Relaxed) {
            rest.tokens = Tokens::default();
        }
        if self.is_cost_told_inside() {
            // Tokens that are left are no call without a price.
            let is_left = rest.tokens.input.is_some() || rest.tokens.output.is_some();
            rest.cost = rest.cost.filter(|_| is_left).map(|(_, source)| (Money::default(), source));
        }
        rest
    }

    /// That a call of its kind in it told this; so for all around it.
    pub(crate) fn tell(&self, is_generation: bool, consumption: &Consumption) {
        let tokens = &consumption.tokens;
        for call in self.of_kind(is_generation) {
            if tokens.input.is_some() || tokens.output.is_some() {
                call.told.tokens.store(true, Ordering::Relaxed);
            }
            if consumption.cost.is_some() {
                call.told.cost.store(true, Ordering::Relaxed);
            }
        }
    }

    /// It and those around it that are of a kind, the innermost first.
    fn of_kind(&self, is_generation: bool) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |call| call.above.as_deref())
            .filter(move |call| call.is_generation == is_generation)
    }
}

impl Reuse for ModelCall {
    fn pool() -> &'static LocalKey<Pool<Self>> {
        thread_local! {
            static CALLS: Pool<ModelCall> = const { RefCell::new(Vec::new()) };
        }
        &CALLS
    }

    fn reset(&mut self) -> Option<Pooled<Self>> {
        let Self { above, around, is_generation: _, standing, told } = self;
        *around = None;
        *standing = AtomicU8::default();
        *told = Told::default();
        above.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(operation: OperationKind, above: Option<&Pooled<ModelCall>>) -> Pooled<ModelCall> {
        let around = Around { rollup: None, call: above.cloned() };
        ModelCall::new(operation, &around, Standing::Waiting)
    }

    /// Whether it is counted.
    fn begin(call: &ModelCall) -> bool {
        if let Some(above) = &call.above {
            above.make_way(call.is_generation);
        }
        call.begin()
    }

    fn told(input: Option<u64>, picodollars: Option<u64>) -> Consumption {
        Consumption {
            tokens: Tokens { input, ..Tokens::default() },
            cost: picodollars.map(|cost| (Money::of_picodollars(cost), "user")),
        }
    }

    #[test]
    fn only_what_is_not_told_inside_is_left_of_a_call() {
        let left = |inside: Consumption| {
            let outer = call(OperationKind::Chat, None);
            outer.tell(true, &inside);
            let rest = outer.rest(&told(Some(3), Some(4)));
            (rest.tokens.input, rest.cost.map(|(cost, _)| cost.picodollars()))
        };
        assert_eq!(left(told(None, None)), (Some(3), Some(4)));
        assert_eq!(left(told(Some(1), None)), (None, Some(4)));
        assert_eq!(left(told(None, Some(1))), (Some(3), Some(0)));
        assert_eq!(left(told(Some(1), Some(1))), (None, None));
    }

    #[test]
    fn calls_of_the_other_kind_tell_nothing_and_those_further_out_hear_it() {
        let outer = call(OperationKind::Chat, None);
        let embeddings = call(OperationKind::Embeddings, Some(&outer));
        let inner = call(OperationKind::Chat, Some(&embeddings));
        assert!(begin(&outer) && begin(&embeddings) && begin(&inner));
        assert!(outer.end() && !embeddings.end() && !inner.end());
        embeddings.tell(true, &told(Some(1), Some(1)));
        assert!(outer.is_cost_told_inside() && !embeddings.is_cost_told_inside());
    }

    #[test]
    fn one_that_has_ended_gives_way_to_none_and_one_that_begins_late_has_done_so() {
        let call = |above| call(OperationKind::Chat, above);
        let outer = call(None);
        assert!(begin(&outer) && !outer.end());
        let late = call(Some(&outer));
        assert!(begin(&late) && !outer.end());

        let opened = call(None);
        assert!(begin(&call(Some(&opened))));
        assert!(!begin(&opened), "those in it are counted");
        assert!(opened.end());
    }
}
