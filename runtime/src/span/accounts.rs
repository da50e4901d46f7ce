//! What one open operation adds to those around it, and what it sums up itself.

use opentelemetry::Context;

use super::around::{Around, Root};
use super::attempt::Attempts;
use super::consumption::Consumption;
use super::model_call::{ModelCall, Standing};
use super::pool::Pooled;
use super::record::{Exit, Head, Identity, OperationKind};
use super::rollup::{Count, Plan, Rollup};
use super::room::Occupancy;
use super::words::Words;
use crate::usage::tokens::Usage;

/// The books of one operation.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// What it sums up: pipelines and agents do, and stages in which something runs.
    own: Option<Pooled<Rollup>>,
    /// It, if it asks a model and something runs in it.
    call: Option<Pooled<ModelCall>>,
    /// What counts of it, until others have to know.
    standing: Standing,
    /// What it is part of.
    around: Around,
    /// Found by what is in it under spans of others.
    root: Option<Root>,
    /// Its attempts, once there is one.
    attempts: Option<Box<Attempts>>,
}

impl Accounts {
    /// That the operation opens in these surroundings, which others may follow until its work has begun.
    pub(crate) fn open(&mut self, operation: OperationKind, plan: Plan, around: Around) {
        self.root = None;
        self.own = matches!(operation, OperationKind::Workflow | OperationKind::Agent)
            .then(|| Rollup::new(operation, plan, around.rollup.as_ref()));
        self.call = None;
        self.standing = Standing::Waiting;
        self.around = around;
    }

    /// What everything inside is part of.
    pub(crate) fn inside(&mut self, operation: OperationKind) -> Around {
        if operation == OperationKind::Stage {
            self.own.get_or_insert_with(|| {
                Rollup::new(operation, Plan::default(), self.around.rollup.as_ref())
            });
        } else if operation.is_model_call() {
            self.call.get_or_insert_with(|| ModelCall::new(operation, &self.around, self.standing));
        }
        let Around { rollup, call } = &self.around;
        Around {
            rollup: self.own.as_ref().or(rollup.as_ref()).cloned(),
            call: self.call.as_ref().or(call.as_ref()).cloned(),
        }
    }

    /// The context for what is inside under spans of others: stages are left out, of which these know
    /// themselves.
    pub(crate) fn enter(
        &mut self,
        operation: OperationKind,
        identity: &Identity,
        is_sampled: bool,
        parent: Context,
    ) -> Context {
        let is_known = match operation {
            OperationKind::Workflow | OperationKind::Agent => true,
            operation if operation.is_model_call() => !is_sampled && !self.around.is_empty(),
            _ => false,
        };
        if !is_known {
            return parent;
        }
        if identity.parent_span_id == 0 {
            self.root = Some(Root::new(identity.trace_id, self.inside(operation)));
            return parent;
        }
        self.inside(operation).enter(identity.trace_id, &parent)
    }

    /// That the operation's work begins; its budget and its agent go on the span.
    pub(crate) fn begin(&mut self, operation: OperationKind, words: &mut Words) {
        let mut is_counted = true;
        if operation.is_model_call() {
            self.standing = Standing::Counted;
            if let Some(outer) = &self.around.call {
                outer.make_way(operation.is_generation());
            }
            is_counted = self.call.as_ref().is_none_or(|call| call.begin());
        }
        if let Some(around) = &self.around.rollup {
            around.start_call(operation, is_counted, words);
        }
        if let Some(budget) = self.own.as_ref().and_then(|own| own.budget()) {
            budget.write_limits(words);
        }
    }

    /// Forgets everything.
    pub(crate) fn reset(&mut self) {
        let Self { own, call, standing: _, around, root, attempts } = self;
        (*own, *call) = (None, None);
        (around.rollup, around.call) = (None, None);
        (*root, *attempts) = (None, None);
    }

    pub(crate) fn attempts(&mut self) -> &mut Attempts {
        self.attempts.get_or_insert_default()
    }

    /// That the operation ends: what it used and what it came to goes on its span, and up.
    pub(crate) fn close(
        &mut self,
        head: &mut Head,
        occupancy: &mut Option<Occupancy>,
        words: &mut Words,
    ) {
        let Head { operation, kind, exit, trace_flags, .. } = *head;
        self.root = None;
        let attempts = self.attempts.take();
        let (mut failed, mut rest) = (Vec::new(), None);
        if operation.is_model_call() || operation == OperationKind::Agent {
            let consumption = Consumption::read(words);
            if operation.is_model_call() {
                consumption.write_cost(words);
            }
            rest = Some(consumption);
            failed = attempts.as_ref().map(|it| it.failed().to_vec()).unwrap_or_default();
        }
        if let Some(attempts) = &attempts {
            attempts.write(words);
        }
        let mut is_stood_for = false;
        self.standing = Standing::Ended;
        if let Some(call) = &self.call {
            is_stood_for = call.end();
            head.is_cost_told_inside = call.is_cost_told_inside();
            for used in failed.iter_mut().chain(&mut rest) {
                *used = call.rest(used);
            }
        }
        let used = || failed.iter().chain(&rest);
        if let Some(around) = &self.around.rollup {
            match operation {
                OperationKind::Stage => around.count(Count::Stages, 1),
                OperationKind::Tool => around.count(Count::ToolCalls, 1),
                operation if operation.is_generation() => {
                    around.count(Count::LlmCalls, u64::from(!is_stood_for));
                }
                _ => {}
            }
            if matches!(exit, Exit::Error | Exit::Panicked) {
                around.count(Count::Errors, 1);
            }
            if operation.is_model_call() {
                for used in used() {
                    around.spend(used);
                }
            }
            if let Some(attempts) = &attempts {
                around.count(Count::Retries, attempts.retries());
            }
        }
        let is_settled = match &self.own {
            Some(own) if operation == OperationKind::Agent => own.settle(used),
            _ => operation.is_model_call(),
        };
        if let (true, Some(call)) = (is_settled, &self.around.call) {
            let is_generation = operation != OperationKind::Embeddings;
            for used in used() {
                call.tell(is_generation, used);
            }
        }
        if let Some(own) = &self.own {
            own.write(kind, words);
            if let Some(budget) = own.budget() {
                budget.write_passed(trace_flags & 1 == 1, occupancy, words);
            }
        }
    }

    /// What a failed attempt used, priced by what the span knows of the model.
    pub(crate) fn consumption(words: &Words, usage: &Usage) -> Consumption {
        Consumption::of(words, usage.tokens(), usage.reported_cost())
    }
}
