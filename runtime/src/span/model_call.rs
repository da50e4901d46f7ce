//! Model calls inside of model calls, as of a wrapper around a library that is annotated too: tokens, cost
//! and calls count once, those of the innermost call that tells them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use opentelemetry::Context;

use super::consumption::Consumption;
use super::record::OperationKind;
use super::rollup::Rollup;
use crate::usage::money::Money;
use crate::usage::price::Tokens;

/// One model call, known to everything that runs in it.
#[derive(Debug)]
pub(crate) struct ModelCall {
    /// The one around it, of whatever kind.
    above: Option<Arc<Self>>,
    /// What it is part of.
    around: Option<Arc<Rollup>>,
    /// Embeddings tell nothing of the tokens of a generation around them.
    is_generation: bool,
    /// Who is counted: one of `standing`.
    standing: AtomicU8,
    told: Told,
}

/// What counts of a call, step by step. What begins in it later than it ends is a call beside it.
mod standing {
    /// Nothing yet.
    pub(super) const WAITING: u8 = 0;
    /// It does.
    pub(super) const COUNTED: u8 = 1;
    /// Those in it do.
    pub(super) const STOOD_FOR: u8 = 2;
    /// What did when it ended.
    pub(super) const ENDED: u8 = 3;
}

/// What the calls inside told.
#[derive(Debug, Default)]
struct Told {
    tokens: AtomicBool,
    cost: AtomicBool,
}

/// What the `Context` holds: the innermost one, or that an outer one ends here.
#[derive(Debug)]
struct Innermost(Option<Arc<ModelCall>>);

impl ModelCall {
    pub(crate) fn new(
        operation: OperationKind,
        above: Option<&Arc<Self>>,
        around: Option<&Arc<Rollup>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            above: above.cloned(),
            around: around.cloned(),
            is_generation: operation.is_generation(),
            standing: AtomicU8::new(standing::WAITING),
            told: Told::default(),
        })
    }

    /// Whatever runs in the returned context is part of this one.
    pub(crate) fn enter(self: &Arc<Self>, context: &Context) -> Context {
        context.with_value(Innermost(Some(Arc::clone(self))))
    }

    /// That its work begins, in place of the call around it. Whether it is counted: one that was opened
    /// earlier may have calls in it that are.
    pub(crate) fn begin(&self) -> bool {
        let outer =
            self.above.as_deref().and_then(|above| above.of_kind(self.is_generation).next());
        if let Some(outer) = outer {
            outer.give_way();
        }
        self.step(|now| (now == standing::WAITING).then_some(standing::COUNTED)).is_some()
    }

    /// That another call of its kind begins in it: its agent counts that one.
    fn give_way(&self) {
        let before = self.step(|now| (now != standing::ENDED).then_some(standing::STOOD_FOR));
        if let (true, Some(standing::COUNTED), Some(around)) =
            (self.is_generation, before, &self.around)
        {
            around.take_back_inference_call();
        }
    }

    /// That it ends. Whether it was stood for.
    pub(crate) fn end(&self) -> bool {
        self.standing.swap(standing::ENDED, Ordering::Relaxed) == standing::STOOD_FOR
    }

    /// What was before, where there is a next.
    fn step(&self, next: impl FnMut(u8) -> Option<u8>) -> Option<u8> {
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

/// One after the other: those of a deep tree may go all at once.
impl Drop for ModelCall {
    fn drop(&mut self) {
        let mut next = self.above.take();
        while let Some(mut above) = next.and_then(Arc::into_inner) {
            next = above.above.take();
        }
    }
}

/// The model call that the operations that run in this context are part of.
pub(crate) fn innermost(context: &Context) -> Option<&Arc<ModelCall>> {
    context.get::<Innermost>()?.0.as_ref()
}

/// The context without what is around.
pub(crate) fn leave(context: Context) -> Context {
    if innermost(&context).is_none() { context } else { context.with_value(Innermost(None)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(input: Option<u64>, picodollars: Option<u64>) -> Consumption {
        Consumption {
            tokens: Tokens { input, ..Tokens::default() },
            cost: picodollars.map(|cost| (Money::of_picodollars(cost), "user")),
        }
    }

    #[test]
    fn only_what_is_not_told_inside_is_left_of_a_call() {
        let left = |inside: Consumption| {
            let outer = ModelCall::new(OperationKind::Chat, None, None);
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
        let outer = ModelCall::new(OperationKind::Chat, None, None);
        let embeddings = ModelCall::new(OperationKind::Embeddings, Some(&outer), None);
        let inner = ModelCall::new(OperationKind::Chat, Some(&embeddings), None);
        assert!(outer.begin() && embeddings.begin() && inner.begin());
        assert!(outer.end() && !embeddings.end() && !inner.end());
        embeddings.tell(true, &told(Some(1), Some(1)));
        assert!(outer.is_cost_told_inside() && !embeddings.is_cost_told_inside());
    }

    #[test]
    fn one_that_has_ended_gives_way_to_none_and_one_that_begins_late_has_done_so() {
        let call = |above| ModelCall::new(OperationKind::Chat, above, None);
        let outer = call(None);
        assert!(outer.begin() && !outer.end());
        let late = call(Some(&outer));
        assert!(late.begin() && !outer.end());

        let opened = call(None);
        assert!(call(Some(&opened)).begin());
        assert!(!opened.begin(), "those in it are counted");
        assert!(opened.end());
    }

    #[test]
    fn a_deep_tree_goes_without_recursion() {
        let mut innermost = ModelCall::new(OperationKind::Chat, None, None);
        for _ in 0..100_000 {
            innermost = ModelCall::new(OperationKind::Chat, Some(&innermost), None);
        }
        drop(innermost);
    }
}
