//! What a returned value tells its span.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Arguments, Debug, Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::trace::Event;

use super::content::Told;
use super::detail::{ErrorDetail, Extent, Wanted};
use super::value::AttributeValue;
use super::words::Words;
use crate::semconv::{attribute, error_type, event};
use crate::usage::money::Amount;
use crate::usage::reply::{LlmResponse, Reply};
use crate::usage::tokens::{IntoUsage, Usage};

/// How an operation ended, what it consumed and what is known from its value; starts as ok.
///
/// The macros and the builders' `run` fill it from the returned value; with `run_with` you do.
///
/// ```
/// use spanline::Stage;
///
/// # async fn search() -> Vec<String> { Vec::new() }
/// # async fn example() {
/// let hits = Stage::new("search")
///     .run_with(search(), |hits, outcome| {
///         if hits.is_empty() {
///             outcome.fail("no_hits", "nothing matched");
///         }
///     })
///     .await;
/// # }
/// ```
#[derive(Debug, Default)]
pub struct Outcome {
    wanted: Wanted,
    /// Most operations succeed and tell nothing.
    said: Option<Box<Said>>,
}

/// What a value said.
#[derive(Debug, Default)]
struct Said {
    failure: Option<Box<Failure>>,
    usage: Option<Usage>,
    reply: Option<Box<Reply>>,
    content: Option<Told>,
    /// To be taken over by the record.
    attributes: Words,
}

/// What an error says of itself.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error_type: Cow<'static, str>,
    pub(crate) message: String,
    /// What caused it, outermost first.
    pub(crate) sources: Vec<String>,
}

/// Names the `error.type` of an error better than its Rust type does: a provider's code, say.
///
/// Few values, please: it becomes an attribute of metrics. For an enum or a struct it can be
/// [derived](derive@crate::ErrorType).
///
/// ```
/// use std::borrow::Cow;
///
/// #[derive(Debug)]
/// struct ApiError { status: u16 }
/// # impl std::fmt::Display for ApiError {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { write!(f, "status {}", self.status) }
/// # }
/// # impl std::error::Error for ApiError {}
///
/// impl spanline::ErrorType for ApiError {
///     fn error_type(&self) -> Cow<'static, str> {
///         self.status.to_string().into()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name its `error.type`",
    label = "`ErrorType` is not implemented for it",
    note = "derive `spanline::ErrorType` for it, or implement it; in a derive, `#[error_type(\"…\")]` names the variant instead"
)]
pub trait ErrorType: Error {
    /// The value of `error.type`.
    fn error_type(&self) -> Cow<'static, str>;
}

impl<E: ErrorType> ErrorType for Box<E> {
    fn error_type(&self) -> Cow<'static, str> {
        (**self).error_type()
    }
}

impl<E: ErrorType + ?Sized> ErrorType for Arc<E> {
    fn error_type(&self) -> Cow<'static, str> {
        (**self).error_type()
    }
}

impl<E: ErrorType + ?Sized> ErrorType for &E {
    fn error_type(&self) -> Cow<'static, str> {
        (**self).error_type()
    }
}

impl Outcome {
    pub(crate) fn new(wanted: Wanted) -> Self {
        Self { wanted, said: None }
    }

    /// The operation failed with this error: its type, message and sources are recorded, as far as
    /// the operation's [`ErrorDetail`](crate::ErrorDetail) goes.
    pub fn error<E: Error>(&mut self, error: &E) {
        self.tell(type_name::<E>(), error, error);
    }

    /// The operation failed with this error, which names its own `error.type`.
    pub fn named_error<E: ErrorType>(&mut self, error: &E) {
        self.tell(error.error_type(), error, error);
    }

    /// The operation failed, and there is no error value to say how.
    ///
    /// `error_type` becomes `error.type` on span and metrics: few values, please. An empty one is
    /// recorded as the conventions' `_OTHER`. The message is left out where errors are told by their
    /// type alone.
    pub fn fail(&mut self, error_type: impl Into<Cow<'static, str>>, message: impl Display) {
        self.say(error_type.into(), &message);
    }

    /// What the operation consumed. Told again, as the chunks of a stream may, the last of each
    /// count holds; [`summed`](crate::summed) adds instead.
    pub fn usage(&mut self, usage: impl IntoUsage) {
        if let Some(usage) = usage.into_usage() {
            self.said().usage.get_or_insert_default().merge(&usage);
        }
    }

    /// Reads a model's reply, or the next chunk of one: what was consumed, unless
    /// [`usage`](Self::usage) says that, and which model answered, under which id, and why it stopped.
    ///
    /// ```
    /// use spanline::{LlmCall, LlmResponse};
    ///
    /// # async fn example<Reply: LlmResponse>(send: impl Future<Output = Result<Reply, std::io::Error>>) {
    /// let reply = LlmCall::new("acme", "a-large")
    ///     .run_with(send, |reply, outcome| outcome.response(reply))
    ///     .await;
    /// # }
    /// ```
    pub fn response(&mut self, response: &(impl LlmResponse + ?Sized)) {
        self.said().reply.get_or_insert_default().read(response);
    }

    /// Sets an attribute from the value; the last value of a key wins, `None` sets nothing.
    ///
    /// ```
    /// use spanline::Retrieval;
    ///
    /// # async fn search() -> Vec<String> { Vec::new() }
    /// # async fn example() {
    /// let passages = Retrieval::new("handbook")
    ///     .run_with(search(), |passages, outcome| outcome.attribute("hits", passages.len()))
    ///     .await;
    /// # }
    /// ```
    #[allow(clippy::needless_pass_by_value, reason = "takes values and references to them alike")]
    pub fn attribute(&mut self, key: impl Into<Cow<'static, str>>, value: impl AttributeValue) {
        let Some(value) = value.value() else { return };
        let key = key.into();
        if self.wanted.takes(&key) {
            self.said().attributes.set(key, value);
        }
    }

    /// What the operation cost in US dollars, as the provider reports it, in place of what its tokens
    /// cost by a price.
    pub fn cost_usd(&mut self, dollars: impl Amount) {
        self.usage(Usage::default().cost_usd(dollars));
    }

    /// Whether nothing has said that the operation failed.
    pub fn is_ok(&self) -> bool {
        self.said.as_ref().is_none_or(|said| said.failure.is_none())
    }

    fn said(&mut self) -> &mut Said {
        self.said.get_or_insert_default()
    }

    pub(crate) fn set_failure(&mut self, failure: Failure) {
        self.said().failure = Some(Box::new(failure));
    }

    /// An error that has sources; `whole` is the same as the user has it.
    pub(crate) fn tell(
        &mut self,
        error_type: Cow<'static, str>,
        error: &dyn Error,
        whole: &dyn Debug,
    ) {
        self.set_failure(match self.wanted.detail() {
            ErrorDetail::Display => Failure::of(error_type, error),
            ErrorDetail::Debug | ErrorDetail::Type => return self.show(error_type, whole),
        });
    }

    /// An error that is told by its `Debug` alone, whatever its type.
    pub(crate) fn show(&mut self, error_type: Cow<'static, str>, error: &dyn Debug) {
        let message = match self.wanted.detail() {
            ErrorDetail::Type => String::new(),
            ErrorDetail::Display | ErrorDetail::Debug => written(format_args!("{error:?}")),
        };
        self.set_failure(Failure::new(error_type, message));
    }

    /// A failure that is text and nothing else.
    pub(crate) fn say(&mut self, error_type: Cow<'static, str>, message: &dyn Display) {
        self.set_failure(match self.wanted.detail() {
            ErrorDetail::Display | ErrorDetail::Debug => {
                Failure::new(error_type, written(format_args!("{message}")))
            }
            ErrorDetail::Type => Failure::new(error_type, String::new()),
        });
    }

    pub(crate) fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    /// Whether anything of it is recorded.
    pub(crate) fn is_wanted(&self) -> bool {
        self.wanted.extent != Extent::Nothing
    }

    pub(crate) fn wants(&self, key: &str) -> bool {
        self.wanted.takes(key)
    }

    /// Whether the value said anything.
    pub(crate) fn has_told(&self) -> bool {
        self.said.is_some()
    }

    /// Whether the value says what was consumed, or what was answered.
    pub(crate) fn has_consumed(&self) -> bool {
        self.said.as_ref().is_some_and(|said| {
            said.usage.is_some() || said.reply.is_some() || said.content.is_some()
        })
    }

    #[inline]
    pub(crate) fn take_attributes(&mut self) -> Option<Words> {
        let said = self.said.as_mut().filter(|said| !said.attributes.is_empty())?;
        Some(std::mem::take(&mut said.attributes))
    }

    #[inline]
    pub(crate) fn take_failure(&mut self) -> Option<Box<Failure>> {
        self.said.as_mut()?.failure.take()
    }

    /// Puts back what was taken, if anything was: it came first.
    #[inline]
    pub(crate) fn put_failure(&mut self, first: Option<Box<Failure>>) {
        if first.is_some() {
            self.said().failure = first;
        }
    }

    pub(crate) fn take_usage(&mut self) -> Option<Usage> {
        self.said.as_mut()?.usage.take()
    }

    /// Whether what the operation gives back is captured.
    pub(crate) fn captures(&self) -> bool {
        self.wanted.content
    }

    pub(crate) fn told(&mut self) -> &mut Told {
        self.said().content.get_or_insert_default()
    }

    pub(crate) fn take_told(&mut self) -> Option<Told> {
        self.said.as_mut()?.content.take()
    }

    pub(crate) fn take_reply(&mut self) -> Option<Box<Reply>> {
        self.said.as_mut()?.reply.take()
    }
}

impl Failure {
    pub(crate) fn new(error_type: Cow<'static, str>, message: String) -> Self {
        let error_type =
            if error_type.is_empty() { Cow::Borrowed(error_type::OTHER) } else { error_type };
        Self { error_type, message, sources: Vec::new() }
    }

    /// The error as it displays, with its sources.
    fn of(error_type: Cow<'static, str>, error: &dyn Error) -> Self {
        let mut failure = Self::new(error_type, written(format_args!("{error}")));
        let mut next = error.source();
        // A chain that closes on itself must not hold the caller for ever.
        while let (Some(source), true) = (next, failure.sources.len() < 32) {
            failure.sources.push(written(format_args!("{source}")));
            next = source.source();
        }
        failure
    }

    /// The event that the conventions have for an error on a span.
    pub(crate) fn exception(&self) -> Event {
        let mut attributes =
            vec![KeyValue::new(attribute::EXCEPTION_TYPE, self.error_type.clone())];
        if !self.message.is_empty() {
            attributes.push(KeyValue::new(attribute::EXCEPTION_MESSAGE, self.message.clone()));
        }
        let trace = self.trace();
        if !trace.is_empty() {
            attributes.push(KeyValue::new(attribute::EXCEPTION_STACKTRACE, trace));
        }
        Event::new(event::EXCEPTION, SystemTime::now(), attributes, 0)
    }

    /// The sources as text, for the exception event; empty without any.
    fn trace(&self) -> String {
        let mut text = String::new();
        for source in &self.sources {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = write!(text, "caused by: {source}");
        }
        text
    }
}

/// A `Display` or a `Debug` is the user's: that it fails or panics must not hide the error.
pub(crate) fn written(value: Arguments<'_>) -> String {
    let mut text = String::new();
    let written = catch_unwind(AssertUnwindSafe(|| text.write_fmt(value)));
    if !matches!(written, Ok(Ok(()))) {
        text.push('…');
    }
    text
}

/// `app::Error`, without what it is generic over.
pub(crate) fn type_name<E: ?Sized>() -> Cow<'static, str> {
    let name = std::any::type_name::<E>();
    let name = name.trim_start_matches('&').trim_start_matches("mut ");
    Cow::Borrowed(name.split_once('<').map_or(name, |(plain, _)| plain))
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[test]
    fn a_type_name_is_free_of_what_it_is_generic_over() {
        assert_eq!(
            type_name::<std::sync::PoisonError<Vec<u8>>>(),
            "std::sync::poison::PoisonError"
        );
        assert_eq!(type_name::<&std::fmt::Error>(), "core::fmt::Error");
    }

    #[test]
    fn sources_are_recorded_outermost_first() {
        #[derive(Debug)]
        struct Outer(std::num::ParseIntError);
        impl Display for Outer {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("no number")
            }
        }
        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        let error = Outer("x".parse::<u8>().unwrap_err());
        let failure = Failure::of(type_name::<Outer>(), &error);
        assert_eq!(failure.message, "no number");
        assert_eq!(failure.trace(), "caused by: invalid digit found in string");
    }

    #[test]
    fn a_display_that_fails_is_no_panic() {
        struct Broken;
        impl Display for Broken {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }
        let mut outcome = Outcome::default();
        outcome.fail("", Broken);
        let failure = outcome.take_failure().unwrap();
        assert_eq!((&*failure.error_type, &*failure.message), ("_OTHER", "…"));
    }
}
