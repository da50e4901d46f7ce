//! Several attempts at one operation.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context as Task, Poll};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{Event, SpanId, TraceContextExt};
use opentelemetry::{Context, KeyValue, Value};
use pin_project_lite::pin_project;

use super::active::open_span::OpenSpan;
use super::active::provisional::settle;
use super::ambient::{self, attach};
use super::consumption::Consumption;
use super::detail::ErrorDetail;
use super::dispatch::is_enabled;
use super::future::panic_message;
use super::outcome::{Failure, Outcome};
use super::probe::RecordError;
use super::value::ValueRef;
use super::words::Words;
use crate::semconv::{attribute, error_type, event};
use crate::usage::tokens::Usage;

/// The attempts of one operation so far.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    started: u64,
    /// What those that failed used, as far as it was told.
    failed: Vec<Consumption>,
}

impl Attempts {
    pub(crate) fn retries(&self) -> u64 {
        self.started.saturating_sub(1)
    }

    /// What each one that failed used.
    pub(crate) fn failed(&self) -> &[Consumption] {
        &self.failed
    }

    pub(crate) fn start(&mut self) -> u64 {
        self.started += 1;
        self.started
    }

    pub(crate) fn fail(&mut self, consumption: Consumption) {
        if consumption.is_told() {
            self.failed.push(consumption);
        }
    }

    /// Writes how many there were and what the failed ones used, apart from the operation's usage.
    pub(crate) fn write(&self, words: &mut Words) {
        let int = |count: u64| Some(ValueRef::Int(i64::try_from(count).unwrap_or(i64::MAX)));
        if self.started > 1 {
            words.attribute(attribute::ATTEMPTS, int(self.started));
        }
        let sum = |of: fn(&Consumption) -> Option<u64>| {
            self.failed.iter().filter_map(of).reduce(u64::saturating_add)
        };
        for (key, tokens) in [
            (attribute::FAILED_ATTEMPTS_INPUT_TOKENS, sum(|failed| failed.tokens.input)),
            (attribute::FAILED_ATTEMPTS_OUTPUT_TOKENS, sum(|failed| failed.tokens.output)),
            (
                attribute::FAILED_ATTEMPTS_CACHE_READ_INPUT_TOKENS,
                sum(|failed| failed.tokens.cache_read),
            ),
            (
                attribute::FAILED_ATTEMPTS_CACHE_CREATION_INPUT_TOKENS,
                sum(|failed| failed.tokens.cache_creation),
            ),
            (
                attribute::FAILED_ATTEMPTS_REASONING_OUTPUT_TOKENS,
                sum(|failed| failed.tokens.reasoning),
            ),
        ] {
            words.attribute(key, tokens.and_then(int));
        }
        let costs = self.failed.iter().filter_map(|failed| Some(failed.cost?.0));
        if let Some(cost) = costs.reduce(crate::usage::money::Money::saturating_add) {
            let cost = Some(ValueRef::Float(cost.dollars()));
            words.attribute(attribute::FAILED_ATTEMPTS_COST_USD, cost);
        }
    }
}

/// Runs a future as one attempt at the operation that it is in: the annotated function that retries.
///
/// The operation stays one, with one span and one measurement. A failed attempt is an event
/// `spanline.attempt.failed` on that span; so is one that is dropped half-way, as by a timeout, with the
/// `error.type` `cancelled`. Where there was more than one, the span has `spanline.attempts`.
///
/// Tokens and cost that are told inside the attempt, with [`current`](crate::current), go to the span if
/// it succeeds, and if it fails to `spanline.failed_attempts.*`: those of a model call are billed, so the
/// totals of the pipeline and the budgets have them too.
///
/// ```
/// use spanline::{attempt, trace_llm_call};
///
/// # async fn send(_: &str) -> Result<String, std::io::Error> { Ok(String::new()) }
/// #[trace_llm_call(provider = "openai", model = "gpt-4o-mini")]
/// async fn ask(prompt: &str) -> Result<String, std::io::Error> {
///     let mut result = attempt(send(prompt)).await;
///     for _ in 0..2 {
///         if result.is_ok() {
///             break;
///         }
///         result = attempt(send(prompt)).await;
///     }
///     result
/// }
/// # drop(ask(""));
/// ```
///
/// Outside any span, and in a span that is not Spanline's, it runs the future and does nothing else.
pub fn attempt<F, T, E, M>(future: F) -> impl Future<Output = Result<T, E>>
where
    F: Future<Output = Result<T, E>>,
    E: RecordError<M>,
{
    Attempted {
        future: Some(future),
        record: Some(E::record as fn(&E, &mut Outcome)),
        run: Run::Waiting,
    }
}

/// Runs a closure as one attempt, otherwise as [`attempt`].
///
/// # Errors
///
/// What the closure returns.
///
/// ```
/// use spanline::{Tool, attempt_blocking};
///
/// let sum = Tool::new("add").run_blocking(|| attempt_blocking(|| "5".parse::<u8>()));
/// # assert_eq!(sum, Ok(5));
/// ```
pub fn attempt_blocking<T, E, M>(body: impl FnOnce() -> Result<T, E>) -> Result<T, E>
where
    E: RecordError<M>,
{
    let Some(running) = Running::start() else { return body() };
    let returned = {
        let _attached = attach(&running.context);
        catch_unwind(AssertUnwindSafe(body))
    };
    match returned {
        Ok(result) => {
            running.end(&result, E::record);
            result
        }
        Err(panic) => {
            running.panic(&panic_message(&*panic));
            resume_unwind(panic)
        }
    }
}

pin_project! {
    struct Attempted<F, R> {
        // Dropped in place, inside the attempt, when it is cancelled.
        #[pin]
        future: Option<F>,
        record: Option<R>,
        run: Run,
    }

    impl<F, R> PinnedDrop for Attempted<F, R> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Run::Running(running) = std::mem::replace(this.run, Run::Over) {
                let dropped = {
                    let _attached = attach(&running.context);
                    catch_unwind(AssertUnwindSafe(|| this.future.set(None)))
                };
                match dropped {
                    Ok(()) => running.cancel(),
                    Err(panic) => {
                        running.panic(&panic_message(&*panic));
                        resume_unwind(panic)
                    }
                }
            }
        }
    }
}

#[derive(Debug)]
enum Run {
    Waiting,
    /// Nothing is recorded.
    Off,
    Running(Running),
    Over,
}

impl<F, T, E> Future for Attempted<F, fn(&E, &mut Outcome)>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(mut future) = this.future.as_pin_mut() else {
            // Dropped by our own `drop` alone; nobody polls after that.
            return Poll::Pending;
        };
        if matches!(this.run, Run::Waiting) {
            *this.run = Running::start().map_or(Run::Off, Run::Running);
        }
        let polled = match this.run {
            Run::Running(running) => {
                let _attached = attach(&running.context);
                catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task)))
            }
            _ => return future.poll(task),
        };
        if matches!(polled, Ok(Poll::Pending)) {
            return Poll::Pending;
        }
        let run = std::mem::replace(this.run, Run::Over);
        match polled {
            Ok(polled) => {
                if let (Run::Running(running), Poll::Ready(result), Some(record)) =
                    (run, &polled, this.record.take())
                {
                    running.end(result, record);
                }
                polled
            }
            Err(panic) => {
                if let Run::Running(running) = run {
                    running.panic(&panic_message(&*panic));
                }
                resume_unwind(panic)
            }
        }
    }
}

/// What the `Context` of an attempt holds: what is told of it, until it is known where that belongs.
#[derive(Debug)]
struct Told {
    span_id: SpanId,
    usage: Arc<Mutex<Option<Usage>>>,
}

/// Keeps a usage for the attempt that tells it about this very span; gives it back where there is none.
pub(crate) fn keep(context: &Context, usage: Usage) -> Option<Usage> {
    let span_id = context.span().span_context().span_id();
    match context.get::<Told>().filter(|told| told.span_id == span_id) {
        Some(told) => {
            let mut kept = told.usage.lock().unwrap_or_else(PoisonError::into_inner);
            kept.get_or_insert_default().merge(&usage);
            None
        }
        None => Some(usage),
    }
}

/// An attempt that has begun.
#[derive(Debug)]
struct Running {
    span: OpenSpan,
    context: Context,
    number: u64,
    started: Instant,
    usage: Arc<Mutex<Option<Usage>>>,
}

impl Running {
    fn start() -> Option<Self> {
        if !is_enabled() {
            return None;
        }
        let current = settle(ambient::current());
        let span = OpenSpan::of(&current)?;
        let number = span.start_attempt()?;
        let usage = Arc::default();
        let span_id = current.span().span_context().span_id();
        let context = current.with_value(Told { span_id, usage: Arc::clone(&usage) });
        Some(Self { span, context, number, started: Instant::now(), usage })
    }

    fn usage(&self) -> Option<Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn end<T, E>(self, result: &Result<T, E>, record: impl FnOnce(&E, &mut Outcome)) {
        match result {
            Ok(_) => {
                if let Some(usage) = self.usage() {
                    self.span.usage(&usage);
                }
            }
            Err(error) => {
                let mut outcome = Outcome::new(self.span.wanted());
                record(error, &mut outcome);
                if let Some(failure) = outcome.take_failure() {
                    self.fail(&failure);
                }
            }
        }
    }

    fn cancel(self) {
        self.fail(&Failure::new(error_type::CANCELLED.into(), String::new()));
    }

    fn panic(self, message: &str) {
        // A panic quotes the error that it was about.
        let is_told = self.span.wanted().detail() != ErrorDetail::Type;
        let message = if is_told { message.to_owned() } else { String::new() };
        self.fail(&Failure::new(error_type::PANIC.into(), message));
    }

    fn fail(self, failure: &Failure) {
        let usage = self.usage();
        let event = failed(self.number, self.started.elapsed(), failure, usage.as_ref());
        self.span.fail_attempt(event, usage);
    }
}

fn failed(number: u64, duration: Duration, failure: &Failure, usage: Option<&Usage>) -> Event {
    let int = |count: u64| Value::I64(i64::try_from(count).unwrap_or(i64::MAX));
    let mut attributes = vec![
        KeyValue::new(attribute::ATTEMPT_NUMBER, int(number)),
        KeyValue::new(attribute::ATTEMPT_DURATION, duration.as_secs_f64()),
        KeyValue::new(attribute::ERROR_TYPE, failure.error_type.clone()),
    ];
    if !failure.message.is_empty() {
        attributes.push(KeyValue::new(attribute::EXCEPTION_MESSAGE, failure.message.clone()));
    }
    for (key, count) in usage.into_iter().flat_map(Usage::counts) {
        attributes.push(KeyValue::new(key, int(count)));
    }
    Event::new(event::ATTEMPT_FAILED, SystemTime::now(), attributes, 0)
}
