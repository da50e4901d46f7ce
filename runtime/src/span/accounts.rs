//! What one open operation adds to those around it, and what it sums up itself.

use std::sync::Arc;

use opentelemetry::Context;

use super::attempt::Attempts;
use super::consumption::Consumption;
use super::model_call::{self, ModelCall};
use super::record::{Exit, Head, OperationKind, Words};
use super::rollup::{self, Count, Plan, Rollup};
use super::room::Occupancy;
use crate::usage::tokens::Usage;

/// The books of one operation.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    /// What it is to sum up with, and up to which limits.
    pub(super) plan: Plan,
    /// What it sums up: pipelines, agents and stages do.
    own: Option<Arc<Rollup>>,
    /// What it is part of.
    around: Option<Arc<Rollup>>,
    /// It, if it asks a model.
    call: Option<Arc<ModelCall>>,
    /// The model call that it is part of.
    call_around: Option<Arc<ModelCall>>,
    /// Its attempts, once there is one.
    attempts: Option<Box<Attempts>>,
}

impl Accounts {
    /// That the operation opens in this context, which another may follow until its work has begun.
    pub(crate) fn open(&mut self, operation: OperationKind, parent: &Context, has_begun: bool) {
        self.around = rollup::innermost(parent).cloned();
        let plan = if has_begun { std::mem::take(&mut self.plan) } else { self.plan.clone() };
        self.own = Rollup::new(operation, plan, self.around.as_ref());
        self.call_around = model_call::innermost(parent).cloned();
        self.call = operation
            .is_model_call()
            .then(|| ModelCall::new(operation, self.call_around.as_ref(), self.around.as_ref()));
    }

    /// What everything inside finds.
    pub(crate) fn enter(&self, parent: Context) -> Context {
        match (&self.own, &self.call) {
            (Some(own), _) => own.enter(&parent),
            (None, Some(call)) => call.enter(&parent),
            (None, None) => parent,
        }
    }

    /// Whether somebody may ask for what is left, however little is recorded.
    pub(crate) fn is_budgeted(&self) -> bool {
        [&self.own, &self.around].into_iter().flatten().any(|rollup| rollup.is_budgeted())
    }

    /// That the operation's work begins; its budget and its agent go on the span.
    pub(crate) fn begin(&self, operation: OperationKind, words: &mut Words) {
        let is_counted = self.call.as_ref().is_none_or(|call| call.begin());
        if let Some(around) = &self.around {
            around.start_call(operation, is_counted, words);
        }
        if let Some(budget) = self.own.as_ref().and_then(|own| own.budget()) {
            budget.write_limits(words);
        }
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
        let (own, around) = (self.own.take(), self.around.take());
        let attempts = self.attempts.take();
        // Of its failed attempts and then of the rest of it.
        let mut used: Vec<Consumption> = Vec::new();
        if operation.is_model_call() || operation == OperationKind::Agent {
            let consumption = Consumption::read(words);
            if operation.is_model_call() {
                consumption.write_cost(words);
            }
            let failed = attempts.as_ref().map(|attempts| attempts.failed());
            used.extend(failed.into_iter().flatten().chain([&consumption]));
        }
        if let Some(attempts) = &attempts {
            attempts.write(words);
        }
        let mut is_stood_for = false;
        if let Some(call) = self.call.take() {
            is_stood_for = call.end();
            head.is_cost_told_inside = call.is_cost_told_inside();
            for used in &mut used {
                *used = call.rest(used);
            }
        }
        if let Some(around) = &around {
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
                for used in &used {
                    around.spend(used);
                }
            }
            if let Some(attempts) = &attempts {
                around.count(Count::Retries, attempts.retries());
            }
        }
        let is_settled = match &own {
            Some(own) if operation == OperationKind::Agent => own.settle(&used),
            _ => operation.is_model_call(),
        };
        if let Some(call_around) = self.call_around.take().filter(|_| is_settled) {
            let is_generation = operation != OperationKind::Embeddings;
            for used in &used {
                call_around.tell(is_generation, used);
            }
        }
        if let Some(own) = &own {
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
