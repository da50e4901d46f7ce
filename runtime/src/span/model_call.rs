//! Model calls inside of model calls, as of a wrapper around a library that is annotated too: tokens, cost
//! and calls count once, those of the innermost call that tells them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

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
    has_inner: AtomicBool,
    /// Whether an inner one stands for it in the count of its agent.
    is_stood_for: AtomicBool,
    told: Told,
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
            has_inner: AtomicBool::new(false),
            is_stood_for: AtomicBool::new(false),
            told: Told::default(),
        })
    }

    /// Whatever runs in the returned context is part of this one.
    pub(crate) fn enter(self: &Arc<Self>, context: &Context) -> Context {
        context.with_value(Innermost(Some(Arc::clone(self))))
    }

    /// That its work begins. Whether it stands for the call around it, which their agent has counted.
    pub(crate) fn begin(&self) -> bool {
        let outer =
            self.above.as_deref().and_then(|above| above.of_kind(self.is_generation).next());
        let Some(outer) = outer else { return false };
        outer.has_inner.store(true, Ordering::Relaxed);
        let has_same_agent = match (&self.around, &outer.around) {
            (Some(own), Some(outer)) => own.has_agent_of(outer),
            _ => false,
        };
        has_same_agent && !outer.is_stood_for.swap(true, Ordering::Relaxed)
    }

    /// Whether another call of its kind began in it.
    pub(crate) fn has_inner(&self) -> bool {
        self.has_inner.load(Ordering::Relaxed)
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
        assert!(!inner.begin(), "there is no agent that has counted the one around it");
        assert!(outer.has_inner() && !embeddings.has_inner());
        embeddings.tell(true, &told(Some(1), Some(1)));
        assert!(outer.is_cost_told_inside() && !embeddings.is_cost_told_inside());
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
