//! What everything below a pipeline, an agent or a stage comes to, while it runs.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::LocalKey;

use super::budget::Budget;
use super::consumption::Consumption;
use super::pool::{Pool, Pooled, Reuse};
use super::record::{Kind, OperationKind};
use super::value::ValueRef;
use super::words::Words;
use crate::semconv::attribute;
use crate::usage::money::Money;

/// One pipeline, agent or stage, known to everything that runs in it.
#[derive(Debug, Default)]
pub(crate) struct Rollup {
    /// The one around it.
    above: Option<Pooled<Self>>,
    /// Stages have no counts.
    is_stage: bool,
    agent: Option<Agent>,
    budget: Option<Box<Budget>>,
    /// Whether it or one above has a budget.
    is_budgeted: bool,
    /// Whether a usage was given for all of it: what ends later is part of that.
    is_settled: AtomicBool,
    spending: Spending,
    counts: [Sum; Count::ALL.len()],
}

/// An agent's name, and the calls that it makes itself.
#[derive(Debug)]
struct Agent {
    name: Cow<'static, str>,
    inference_calls: AtomicU64,
    tool_calls: AtomicU64,
}

/// What is counted below pipelines and agents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Stages,
    LlmCalls,
    ToolCalls,
    Retries,
    Errors,
}

impl Count {
    const ALL: [Self; 5] =
        [Self::Stages, Self::LlmCalls, Self::ToolCalls, Self::Retries, Self::Errors];

    const fn attribute(self) -> &'static str {
        match self {
            Self::Stages => attribute::TOTAL_STAGES,
            Self::LlmCalls => attribute::TOTAL_LLM_CALLS,
            Self::ToolCalls => attribute::TOTAL_TOOL_CALLS,
            Self::Retries => attribute::TOTAL_RETRIES,
            Self::Errors => attribute::TOTAL_ERRORS,
        }
    }
}

/// A sum that many threads add to; what is too much stays the most there is.
#[derive(Debug, Default)]
struct Sum(AtomicU64);

impl Sum {
    /// Gives the sum with what was added.
    fn add(&self, more: u64) -> u64 {
        let before = self.0.fetch_add(more, Ordering::Relaxed);
        before.checked_add(more).unwrap_or_else(|| {
            self.0.store(u64::MAX, Ordering::Relaxed);
            u64::MAX
        })
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[derive(Debug, Default)]
struct Spending {
    input: Sum,
    output: Sum,
    cache_read: Sum,
    cache_creation: Sum,
    reasoning: Sum,
    /// Input and output together: a budget needs them in one step.
    tokens: Sum,
    /// Calls that told their tokens.
    told: Sum,
    cost: Sum,
    priced: Sum,
    unpriced: Sum,
}

/// What a pipeline or an agent came to so far: see [`Current::totals`](crate::Current::totals).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    /// Input tokens, those of the cache included.
    pub input_tokens: u64,
    /// Output tokens, those of reasoning included.
    pub output_tokens: u64,
    /// Input tokens that a provider's cache served.
    pub cache_read_input_tokens: u64,
    /// Input tokens that were written to a provider's cache.
    pub cache_creation_input_tokens: u64,
    /// Output tokens that were spent on reasoning.
    pub reasoning_output_tokens: u64,
    /// Input and output tokens together.
    pub tokens: u64,
    /// US dollars, of the calls whose cost is known; `None` while there is none.
    pub cost_usd: Option<f64>,
    /// Calls that told their tokens and whose cost is not known.
    pub unpriced_calls: u64,
    /// Stages.
    pub stages: u64,
    /// Calls of models, embeddings left out.
    pub llm_calls: u64,
    /// Runs of tools.
    pub tool_calls: u64,
    /// Attempts after the first of each operation.
    pub retries: u64,
    /// Operations that ended in an error or a panic.
    pub errors: u64,
}

/// What an operation is to have when it starts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) agent: Option<Cow<'static, str>>,
    pub(crate) budget: Option<Box<Budget>>,
}

impl Rollup {
    /// For an operation that sums up what runs in it.
    pub(crate) fn new(
        operation: OperationKind,
        plan: Plan,
        above: Option<&Pooled<Self>>,
    ) -> Pooled<Self> {
        let mut pooled = Pooled::<Self>::new();
        if let Some(rollup) = pooled.get_mut() {
            rollup.above = above.cloned();
            rollup.is_stage = operation == OperationKind::Stage;
            rollup.agent = plan.agent.map(|name| Agent {
                name,
                inference_calls: AtomicU64::new(0),
                tool_calls: AtomicU64::new(0),
            });
            rollup.is_budgeted =
                plan.budget.is_some() || above.is_some_and(|above| above.is_budgeted);
            rollup.budget = plan.budget;
        }
        pooled
    }

    pub(crate) fn is_budgeted(&self) -> bool {
        self.is_budgeted
    }

    /// It and those above, the innermost first.
    fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |rollup| rollup.above.as_deref())
    }

    /// Pipelines and agents, the innermost first.
    fn counters(&self) -> impl Iterator<Item = &Self> {
        self.chain().filter(|rollup| !rollup.is_stage)
    }

    pub(crate) fn budgets(&self) -> impl Iterator<Item = (&Budget, Money, u64)> {
        self.counters().filter_map(|rollup| {
            let spending = &rollup.spending;
            let cost = Money::of_picodollars(spending.cost.get());
            Some((&**rollup.budget.as_ref()?, cost, spending.tokens.get()))
        })
    }

    /// Adds to each pipeline and agent.
    pub(crate) fn count(&self, count: Count, more: u64) {
        if more > 0 {
            for rollup in self.counters() {
                if let Some(sum) = rollup.counts.get(count as usize) {
                    sum.add(more);
                }
            }
        }
    }

    /// Adds to this one and to each one above.
    pub(crate) fn spend(&self, consumption: &Consumption) {
        if !consumption.is_told() {
            return;
        }
        for rollup in self.chain() {
            if rollup.is_settled.load(Ordering::Relaxed) {
                return;
            }
            let (cost, tokens) = rollup.spending.add(consumption);
            if let Some(budget) = &rollup.budget {
                budget.note(cost, tokens);
            }
        }
    }

    /// Adds what was told for all of an agent, its failed attempts included, unless its calls told it.
    /// Whether it did.
    pub(crate) fn settle<'c, C>(&self, told: impl Fn() -> C) -> bool
    where
        C: Iterator<Item = &'c Consumption>,
    {
        let is_told = told().any(Consumption::is_told);
        if is_told && self.spending.told.get() + self.spending.priced.get() == 0 {
            for consumption in told() {
                self.spend(consumption);
            }
            self.is_settled.store(true, Ordering::Relaxed);
            return true;
        }
        false
    }

    pub(crate) fn totals(&self) -> Option<Totals> {
        let rollup = self.counters().next()?;
        let spending = &rollup.spending;
        let count =
            |count: Count| rollup.counts.get(count as usize).map(Sum::get).unwrap_or_default();
        Some(Totals {
            input_tokens: spending.input.get(),
            output_tokens: spending.output.get(),
            cache_read_input_tokens: spending.cache_read.get(),
            cache_creation_input_tokens: spending.cache_creation.get(),
            reasoning_output_tokens: spending.reasoning.get(),
            tokens: spending.tokens.get(),
            cost_usd: spending.cost().map(Money::dollars),
            unpriced_calls: spending.unpriced.get(),
            stages: count(Count::Stages),
            llm_calls: count(Count::LlmCalls),
            tool_calls: count(Count::ToolCalls),
            retries: count(Count::Retries),
            errors: count(Count::Errors),
        })
    }

    /// Writes what it came to on its own span: no zeros, but of the calls of an agent that is here. Of
    /// what a remote agent does elsewhere nothing is known.
    pub(crate) fn write(&self, kind: Kind, words: &mut Words) {
        let is_complete = kind == Kind::Internal;
        let mut write = |key, count: u64, is_written: bool| {
            if count > 0 || is_written {
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                words.attribute(key, Some(ValueRef::Int(count)));
            }
        };
        if let Some(agent) = &self.agent {
            let own = |calls: &AtomicU64| calls.load(Ordering::Relaxed);
            write(attribute::AGENT_INFERENCE_CALLS, own(&agent.inference_calls), is_complete);
            write(attribute::AGENT_TOOL_CALLS, own(&agent.tool_calls), is_complete);
        }
        let spending = &self.spending;
        let is_told = spending.told.get() > 0;
        write(attribute::TOTAL_INPUT_TOKENS, spending.input.get(), is_told);
        write(attribute::TOTAL_OUTPUT_TOKENS, spending.output.get(), is_told);
        write(attribute::TOTAL_TOKENS, spending.tokens.get(), is_told);
        for (key, sum) in [
            (attribute::TOTAL_CACHE_READ_INPUT_TOKENS, &spending.cache_read),
            (attribute::TOTAL_CACHE_CREATION_INPUT_TOKENS, &spending.cache_creation),
            (attribute::TOTAL_REASONING_OUTPUT_TOKENS, &spending.reasoning),
            (attribute::TOTAL_UNPRICED_CALLS, &spending.unpriced),
        ] {
            write(key, sum.get(), false);
        }
        if !self.is_stage {
            for (count, sum) in Count::ALL.into_iter().zip(&self.counts) {
                write(count.attribute(), sum.get(), false);
            }
        }
        if let Some(cost) = spending.cost() {
            words.attribute(attribute::TOTAL_COST_USD, Some(ValueRef::Float(cost.dollars())));
        }
    }

    pub(crate) fn budget(&self) -> Option<&Budget> {
        self.budget.as_deref()
    }
}

impl Reuse for Rollup {
    fn pool() -> &'static LocalKey<Pool<Self>> {
        thread_local! {
            static ROLLUPS: Pool<Rollup> = const { RefCell::new(Vec::new()) };
        }
        &ROLLUPS
    }

    fn reset(&mut self) -> Option<Pooled<Self>> {
        let Self {
            above,
            is_stage: _,
            agent,
            budget,
            is_budgeted: _,
            is_settled,
            spending,
            counts,
        } = self;
        (*agent, *budget) = (None, None);
        *is_settled = AtomicBool::new(false);
        *spending = Spending::default();
        *counts = Default::default();
        above.take()
    }
}

impl Spending {
    /// Gives what cost and tokens come to with it.
    fn add(&self, consumption: &Consumption) -> (Money, u64) {
        let tokens = &consumption.tokens;
        let mut both = 0_u64;
        for (sum, more) in [(&self.input, tokens.input), (&self.output, tokens.output)] {
            if let Some(more) = more {
                sum.add(more);
                both = both.saturating_add(more);
            }
        }
        for (sum, more) in [
            (&self.cache_read, tokens.cache_read),
            (&self.cache_creation, tokens.cache_creation),
            (&self.reasoning, tokens.reasoning),
        ] {
            if let Some(more) = more.filter(|more| *more > 0) {
                sum.add(more);
            }
        }
        if tokens.input.is_some() || tokens.output.is_some() {
            self.told.add(1);
        }
        let cost = if let Some((cost, _)) = consumption.cost {
            self.priced.add(1);
            self.cost.add(cost.picodollars())
        } else {
            self.unpriced.add(1);
            self.cost.get()
        };
        (Money::of_picodollars(cost), self.tokens.add(both))
    }

    fn cost(&self) -> Option<Money> {
        (self.priced.get() > 0).then(|| Money::of_picodollars(self.cost.get()))
    }
}

impl Rollup {
    fn agent(&self) -> Option<&Agent> {
        self.counters().find_map(|rollup| rollup.agent.as_ref())
    }

    /// Forgets a call that others stand for: the agent of the innermost call counts it.
    pub(crate) fn take_back_inference_call(&self) {
        if let Some(agent) = self.agent() {
            agent.inference_calls.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Counts an operation whose work begins for the agent that it runs in, if it is a call that is
    /// counted, and names that agent on a tool's span.
    pub(crate) fn start_call(&self, operation: OperationKind, is_counted: bool, words: &mut Words) {
        if !operation.is_generation() && operation != OperationKind::Tool {
            return;
        }
        let Some(agent) = self.agent() else { return };
        if is_counted {
            agent.calls(operation).fetch_add(1, Ordering::Relaxed);
        }
        // The user's own word about it wins.
        if operation == OperationKind::Tool && !words.contains(attribute::AGENT_NAME) {
            words.attribute(attribute::AGENT_NAME, Some(ValueRef::Text(&agent.name)));
        }
    }
}

impl Agent {
    fn calls(&self, operation: OperationKind) -> &AtomicU64 {
        if operation.is_generation() { &self.inference_calls } else { &self.tool_calls }
    }
}

#[cfg(test)]
mod tests;
