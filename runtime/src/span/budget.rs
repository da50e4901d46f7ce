//! How much a pipeline or an agent may come to.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;

use super::active::Draft;
use super::active::provisional::resolve;
use super::ambient;
use super::around::Around;
use super::dispatch::is_enabled;
use super::outcome::ErrorType;
use super::room::Occupancy;
use super::value::ValueRef;
use super::words::Words;
use crate::semconv::{attribute, budget_kind, error_type, event};
use crate::usage::money::Money;

/// What one operation may cost.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    /// `pipeline` or `agent`.
    what: &'static str,
    name: Cow<'static, str>,
    pub(crate) max_cost: Option<Money>,
    pub(crate) max_tokens: Option<u64>,
    cost_passed: OnceLock<(SystemTime, Money)>,
    tokens_passed: OnceLock<(SystemTime, u64)>,
}

impl Budget {
    pub(crate) fn new(what: &'static str, name: Cow<'static, str>) -> Self {
        Self {
            what,
            name,
            max_cost: None,
            max_tokens: None,
            cost_passed: OnceLock::new(),
            tokens_passed: OnceLock::new(),
        }
    }

    /// Remembers when it was passed first.
    pub(crate) fn note(&self, cost: Money, tokens: u64) {
        if self.max_cost.is_some_and(|max| cost > max) && self.cost_passed.get().is_none() {
            let _ = self.cost_passed.set((SystemTime::now(), cost));
        }
        if self.max_tokens.is_some_and(|max| tokens > max) && self.tokens_passed.get().is_none() {
            let _ = self.tokens_passed.set((SystemTime::now(), tokens));
        }
    }

    /// Writes the limits on the operation's span.
    pub(crate) fn write_limits(&self, words: &mut Words) {
        if let Some(max) = self.max_cost {
            let max = Some(ValueRef::Float(max.dollars()));
            words.attribute(attribute::BUDGET_MAX_COST_USD, max);
        }
        if let Some(max) = self.max_tokens {
            let max = Some(ValueRef::Int(i64::try_from(max).unwrap_or(i64::MAX)));
            words.attribute(attribute::BUDGET_MAX_TOTAL_TOKENS, max);
        }
    }

    /// Writes what was passed, with an event for each at its time if the span is sampled.
    pub(crate) fn write_passed(
        &self,
        is_sampled: bool,
        occupancy: &mut Option<Occupancy>,
        words: &mut Words,
    ) {
        let cost = self.cost_passed.get().zip(self.max_cost).map(|((at, spent), max)| {
            passed(*at, budget_kind::COST, max.dollars(), spent.dollars())
        });
        #[allow(clippy::cast_precision_loss, reason = "a double beside the one of the cost")]
        let tokens =
            self.tokens_passed.get().zip(self.max_tokens).map(|((at, spent), max)| {
                passed(*at, budget_kind::TOKENS, max as f64, *spent as f64)
            });
        for event in cost.into_iter().chain(tokens) {
            words.attribute(attribute::BUDGET_EXCEEDED, Some(ValueRef::Bool(true)));
            if is_sampled && occupancy.as_mut().is_none_or(Occupancy::takes_event) {
                words.event(event);
            }
        }
    }

    fn check(&self, cost: Money, tokens: u64) -> Result<(), BudgetExceeded> {
        let exceeded = |limit, spent| {
            let (what, name) = (self.what, self.name.clone());
            Err(BudgetExceeded(Box::new(Exceeded { what, name, limit, spent })))
        };
        match (self.max_cost, self.max_tokens) {
            (Some(max), _) if cost >= max => {
                exceeded(Quantity::Dollars(max), Quantity::Dollars(cost))
            }
            (_, Some(max)) if tokens >= max => {
                exceeded(Quantity::Tokens(max), Quantity::Tokens(tokens))
            }
            _ => Ok(()),
        }
    }
}

fn passed(at: SystemTime, kind: &'static str, limit: f64, spent: f64) -> Event {
    let attributes = vec![
        KeyValue::new(attribute::BUDGET_KIND, kind),
        KeyValue::new(attribute::BUDGET_LIMIT, limit),
        KeyValue::new(attribute::BUDGET_SPENT, spent),
    ];
    Event::new(event::BUDGET_EXCEEDED, at, attributes, 0)
}

/// Whether there is something left of every budget around: those that `max_cost_usd` and
/// `max_total_tokens` set on pipelines and agents.
///
/// Ask before a call: a call that runs is never stopped. Where telemetry is not set up nothing is
/// counted, and the answer is always `Ok`.
///
/// ```
/// use spanline::{BudgetExceeded, trace_agent};
///
/// #[trace_agent(max_cost_usd = 0.50)]
/// async fn research(questions: Vec<String>) -> Result<(), BudgetExceeded> {
///     for question in questions {
///         spanline::check_budget()?;
///         // … ask a model
///     #   drop(question);
///     }
///     Ok(())
/// }
/// # drop(research(Vec::new()));
/// ```
///
/// # Errors
///
/// When a budget is used up: what was spent is as much as the limit, or more. Of several, the innermost
/// is named.
pub fn check_budget() -> Result<(), BudgetExceeded> {
    if !is_enabled() {
        return Ok(());
    }
    let context = resolve(ambient::current());
    let Some(innermost) = Around::of(&context).rollup else { return Ok(()) };
    innermost.budgets().try_for_each(|(budget, cost, tokens)| budget.check(cost, tokens))
}

/// A budget that is used up; its `error.type` is `budget_exceeded`.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetExceeded(Box<Exceeded>);

#[derive(Clone, Debug, PartialEq)]
struct Exceeded {
    what: &'static str,
    name: Cow<'static, str>,
    limit: Quantity,
    spent: Quantity,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Quantity {
    Dollars(Money),
    Tokens(u64),
}

impl Quantity {
    #[allow(clippy::cast_precision_loss, reason = "what is written is the exact number")]
    fn number(self) -> f64 {
        match self {
            Self::Dollars(money) => money.dollars(),
            Self::Tokens(tokens) => tokens as f64,
        }
    }
}

impl BudgetExceeded {
    /// The name of the pipeline or agent whose budget it is.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.name
    }

    /// The limit, in US dollars or tokens.
    #[must_use]
    pub fn limit(&self) -> f64 {
        self.0.limit.number()
    }

    /// What was spent, in the same unit.
    #[must_use]
    pub fn spent(&self) -> f64 {
        self.0.spent.number()
    }

    /// Whether it is a budget of tokens rather than of money.
    #[must_use]
    pub fn is_of_tokens(&self) -> bool {
        matches!(self.0.limit, Quantity::Tokens(_))
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dollars(money) => write!(formatter, "${}", money.dollars()),
            Self::Tokens(tokens) => write!(formatter, "{tokens} tokens"),
        }
    }
}

impl fmt::Display for BudgetExceeded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exceeded { what, name, limit, spent } = &*self.0;
        write!(formatter, "the budget of the {what} `{name}` is used up: {spent} of {limit}")
    }
}

impl std::error::Error for BudgetExceeded {}

impl ErrorType for BudgetExceeded {
    fn error_type(&self) -> Cow<'static, str> {
        error_type::BUDGET_EXCEEDED.into()
    }
}

/// Whether anything in this process ever had a limit.
static IS_ANY: AtomicBool = AtomicBool::new(false);

pub(crate) fn is_any() -> bool {
    IS_ANY.load(Ordering::Relaxed)
}

impl Draft {
    /// Sets a limit of an operation whose name is the value of the attribute `name`.
    pub(crate) fn budget(&mut self, what: &'static str, name: &str, set: impl FnOnce(&mut Budget)) {
        IS_ANY.store(true, Ordering::Relaxed);
        let mut named = None;
        self.write(|words| named = words.text_of(name));
        set(self.plan().budget.get_or_insert_with(|| {
            let name = named.unwrap_or_default();
            Box::new(Budget::new(what, name.into()))
        }));
    }
}

/// The limits that an operation's builder sets.
macro_rules! budgets {
    ($type:ident, $what:literal, $name:ident) => {
        impl $type {
            /// How many US dollars everything in it may cost, together. When a call makes it more, the
            /// span says so, and before the next one [`check_budget`](crate::check_budget) does.
            #[allow(
                clippy::needless_pass_by_value,
                reason = "takes amounts and references to them alike"
            )]
            pub fn max_cost_usd(mut self, dollars: impl $crate::Amount) -> Self {
                if let (Some(draft), Some(money)) = (&mut self.0, dollars.money()) {
                    let name = $crate::semconv::attribute::$name;
                    draft.budget($what, name, |budget| budget.max_cost = Some(money));
                }
                self
            }

            /// How many tokens everything in it may use, input and output together; otherwise as
            /// [`max_cost_usd`](Self::max_cost_usd).
            #[allow(
                clippy::needless_pass_by_value,
                reason = "takes numbers and references to them alike"
            )]
            pub fn max_total_tokens(mut self, tokens: impl $crate::Integer) -> Self {
                let tokens = $crate::usage::tokens::tokens(&tokens);
                if let (Some(draft), Some(tokens)) = (&mut self.0, tokens) {
                    let name = $crate::semconv::attribute::$name;
                    draft.budget($what, name, |budget| budget.max_tokens = Some(tokens));
                }
                self
            }
        }
    };
}

pub(crate) use budgets;
