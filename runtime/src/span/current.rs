//! The handle that code inside a span writes through.

use std::borrow::Cow;
use std::sync::OnceLock;

use opentelemetry::trace::{SpanContext, Status, TraceContextExt};
use opentelemetry::{Array, Context, KeyValue, StringValue};

use super::active::open_span::OpenSpan;
use super::active::provisional::{resolve, settle};
use super::around::Around;
use super::attributes::EventAttributes;
use super::detail::{self, Extent, Wanted};
use super::outcome::Outcome;
use super::probe::RecordError;
use super::rollup::Totals;
use super::value::{AttributeValue, Text, TextList, ValueRef};
use super::{ambient, attempt, dispatch};
use crate::evaluation::{Evaluation, evaluate_in};
use crate::identity;
use crate::propagation::Links;
use crate::propagation::reference::SpanReference;
use crate::semconv::attribute;
use crate::usage::money::Amount;
use crate::usage::reply::{LlmResponse, Reply};
use crate::usage::tokens::{IntoUsage, Usage};

/// The span that is current where [`current`] was called, whoever made it.
///
/// Cheap to make and to clone; with no active span every method does nothing.
#[derive(Clone, Debug)]
pub struct Current {
    context: Context,
    /// The span, if it is ours and was asked for.
    own: OnceLock<Option<OpenSpan>>,
}

/// The span that is current on this thread: inside a traced function, that function's.
///
/// ```
/// # fn rank() -> usize { 3 }
/// let hits = rank();
/// spanline::current().set("hits", hits).event("ranked", [("hits", hits)]);
/// if let Some(trace_id) = spanline::current().trace_id() {
///     println!("trace {trace_id}");
/// }
/// ```
#[must_use]
pub fn current() -> Current {
    Current::new(ambient::current())
}

impl Current {
    pub(crate) fn none() -> Self {
        Self::new(Context::new())
    }

    fn new(context: Context) -> Self {
        Self { context, own: OnceLock::new() }
    }

    pub(crate) fn of(context: &Context) -> Self {
        Self::new(context.clone())
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    fn set_value(&self, key: impl Into<Cow<'static, str>>, value: ValueRef<'_>) {
        if let Some(span) = self.own.get_or_init(|| OpenSpan::of(&self.context)) {
            span.set(key.into(), value);
        } else {
            self.context.span().set_attribute(KeyValue::new(key.into(), value.into_value()));
        }
    }

    /// Sets an attribute; the last value of a key wins, `None` sets nothing.
    ///
    /// The key is a name such as `"documents.count"`: dotted, lower case, few different ones.
    pub fn set(&self, key: impl Into<Cow<'static, str>>, value: impl AttributeValue) -> &Self {
        if self.context.has_active_span()
            && let Some(value) = value.value()
        {
            self.set_value(key, value);
        }
        self
    }

    /// Adds an event: something that happened at one moment inside the span.
    ///
    /// ```
    /// spanline::current()
    ///     .event("cache.miss", ())
    ///     .event("retry", (("attempt", 2), ("reason", "rate limit")));
    /// ```
    pub fn event<M>(
        &self,
        name: impl Into<Cow<'static, str>>,
        attributes: impl EventAttributes<M>,
    ) -> &Self {
        if self.is_recording() {
            // The conversions are the caller's code, and must not run while the span is locked.
            let attributes = attributes.into_list();
            let name: Cow<'static, str> = name.into();
            self.context.span().add_event(name, attributes);
        }
        self
    }

    /// Links the span to others that it has to do with, without being their child: what it learns
    /// of only while it runs. Those that are known before go to `links = …`.
    ///
    /// A requester names the span that answered it in this way:
    ///
    /// ```
    /// use spanline::Envelope;
    ///
    /// fn receive(answer: Envelope<String>) -> String {
    ///     spanline::current().link(&answer);
    ///     answer.into_payload()
    /// }
    /// # receive(Envelope::seal(String::new()));
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "takes spans and references to them alike")]
    pub fn link(&self, to: impl Links) -> &Self {
        if self.is_recording() {
            // As above: what is linked to may be this very span.
            let mut spans = Vec::new();
            to.each(&mut |span| spans.push(span));
            for span in spans.into_iter().filter(SpanContext::is_valid) {
                self.context.span().add_link(span, Vec::new());
            }
        }
        self
    }

    /// Records an error: `error.type`, the error status with its message, and the exception with its
    /// sources, as an event of the span or, where log records are exported, as one of these. For an
    /// error that the function returns, the macros do this already.
    pub fn record_error<E: RecordError<M>, M>(&self, error: &E) -> &Self {
        let detail = detail::of(&self.context);
        let mut outcome = Outcome::new(Wanted { detail, extent: Extent::All, content: false });
        if self.context.has_active_span() {
            error.record(&mut outcome);
        }
        if let Some(failure) = outcome.take_failure() {
            let event = failure.exception();
            let span = self.context.span();
            span.set_attribute(KeyValue::new(attribute::ERROR_TYPE, failure.error_type));
            span.set_status(Status::error(failure.message));
            span.add_event(event.name, event.attributes);
        }
        self
    }

    /// Records what the call consumed: the `gen_ai.usage.*` attributes, and from them the token
    /// metric.
    pub fn usage(&self, usage: impl IntoUsage) -> &Self {
        if self.context.has_active_span()
            && let Some(usage) = usage.into_usage()
            && let Some(usage) = attempt::keep(&self.context, usage)
        {
            for (key, count) in usage.counts() {
                self.set_value(key, ValueRef::Int(i64::try_from(count).unwrap_or(i64::MAX)));
            }
            if let Some(cost) = usage.reported_cost() {
                self.set_value(attribute::COST_USD, ValueRef::Float(cost.dollars()));
            }
        }
        self
    }

    /// What the call cost in US dollars, as the provider reports it: `spanline.cost.usd`, in place of
    /// what its tokens cost by a price.
    pub fn cost_usd(&self, dollars: impl Amount) -> &Self {
        self.usage(Usage::default().cost_usd(dollars))
    }

    /// What the innermost pipeline or agent that this span is or is in came to so far; `None` outside
    /// any, and where nothing is recorded.
    ///
    /// ```
    /// if let Some(totals) = spanline::current().totals() {
    ///     println!("{} tokens, {:?} dollars", totals.tokens, totals.cost_usd);
    /// }
    /// ```
    #[must_use]
    pub fn totals(&self) -> Option<Totals> {
        Around::of(&resolve(self.context.clone())).rollup?.totals()
    }

    /// Reads a model's reply: what was consumed, which model answered, under which id, why it stopped,
    /// and, where content is captured and [`output_messages`](Self::output_messages) does not say it, what
    /// it says. Of several replies the last holds. What only OpenAI's replies say is left out, for a span
    /// does not tell its provider.
    pub fn response(&self, response: &(impl LlmResponse + ?Sized)) -> &Self {
        if self.context.has_active_span() {
            let mut reply = Reply::default();
            reply.read(response);
            for (key, value) in reply.attributes(dispatch::fills_finish_reasons()) {
                self.set_value(key, value);
            }
            self.usage(reply.consumed());
            self.capture_answer(&mut reply);
        }
        self
    }

    /// The model that answered: `gen_ai.response.model`.
    pub fn response_model(&self, model: impl Text) -> &Self {
        self.set(attribute::RESPONSE_MODEL, model)
    }

    /// The provider's id of the answer: `gen_ai.response.id`.
    pub fn response_id(&self, id: impl Text) -> &Self {
        self.set(attribute::RESPONSE_ID, id)
    }

    /// Why the model stopped, one reason per generation: `gen_ai.response.finish_reasons`.
    pub fn finish_reasons(&self, reasons: impl TextList) -> &Self {
        self.set(attribute::RESPONSE_FINISH_REASONS, reasons)
    }

    /// Why the model stopped, for the usual single generation.
    pub fn finish_reason(&self, reason: impl Text) -> &Self {
        if let Some(ValueRef::Text(reason)) = reason.value() {
            let reasons = vec![StringValue::from(reason.to_owned())];
            self.set_value(
                attribute::RESPONSE_FINISH_REASONS,
                ValueRef::Array(Array::String(reasons)),
            );
        }
        self
    }

    /// The trace's id in 32 hexadecimal digits; `None` outside any trace.
    pub fn trace_id(&self) -> Option<String> {
        let context = settle(self.context.clone());
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| span.trace_id().to_string())
    }

    /// The span's id in 16 hexadecimal digits; `None` outside any span.
    pub fn span_id(&self) -> Option<String> {
        let context = settle(self.context.clone());
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| span.span_id().to_string())
    }

    /// The session that the span and its surroundings share, for logs say; `None` outside any.
    pub fn session(&self) -> Option<String> {
        identity::of(&self.context)?.session().map(ToString::to_string)
    }

    /// The user, in the same way.
    pub fn user(&self) -> Option<String> {
        identity::of(&self.context)?.user().map(ToString::to_string)
    }

    /// The tenant, in the same way.
    pub fn tenant(&self) -> Option<String> {
        identity::of(&self.context)?.tenant().map(ToString::to_string)
    }

    /// The conversation, in the same way.
    pub fn conversation(&self) -> Option<String> {
        identity::of(&self.context)?.conversation().map(ToString::to_string)
    }

    /// The span by its ids, to be kept and named when it is judged; `None` outside any trace. The id
    /// of the response is in it if it was told by then.
    ///
    /// ```
    /// if let Some(reference) = spanline::current().reference() {
    ///     println!("answer {reference}");
    /// }
    /// ```
    pub fn reference(&self) -> Option<SpanReference> {
        let context = settle(self.context.clone());
        let response_id = OpenSpan::of(&context).and_then(|span| span.response_id());
        let reference = SpanReference::new(context.span().span_context())?;
        Some(reference.with_response_id(response_id))
    }

    /// Tells what somebody thinks of the answer that this span gives; see
    /// [`evaluate`](crate::evaluate()).
    ///
    /// ```
    /// use spanline::Evaluation;
    ///
    /// spanline::current().evaluate(Evaluation::new("is_json").score(1).label("pass"));
    /// ```
    pub fn evaluate(&self, evaluation: Evaluation) -> &Self {
        if let Some(reference) = self.reference() {
            evaluate_in(&reference, evaluation, || self.context.clone());
        }
        self
    }

    /// Whether what is written here will be exported; ask before computing costly attributes.
    pub fn is_recording(&self) -> bool {
        self.context.span().is_recording()
    }

    /// The span as a [W3C `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header),
    /// to hand to another process; `None` outside any trace.
    pub fn traceparent(&self) -> Option<String> {
        crate::propagation::traceparent(settle(self.context.clone()).span().span_context())
    }
}
