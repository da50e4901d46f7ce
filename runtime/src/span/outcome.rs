//! What a returned value tells its span.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::record::Exit;
use crate::semconv::error_type;
use crate::usage::money::Amount;
use crate::usage::tokens::{IntoUsage, Usage};

/// How an operation ended, and what it consumed; starts as ok.
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
    failure: Option<Box<Failure>>,
    usage: Option<Usage>,
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
/// Few values, please: it becomes an attribute of metrics.
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
pub trait ErrorType: Error {
    /// The value of `error.type`.
    fn error_type(&self) -> Cow<'static, str>;
}

impl Outcome {
    /// The operation failed with this error: its type, message and sources are recorded.
    pub fn error<E: Error>(&mut self, error: &E) {
        self.set_failure(Failure::of(type_name::<E>(), error));
    }

    /// The operation failed with this error, which names its own `error.type`.
    pub fn named_error<E: ErrorType>(&mut self, error: &E) {
        self.set_failure(Failure::of(error.error_type(), error));
    }

    /// The operation failed, and there is no error value to say how.
    ///
    /// `error_type` becomes `error.type` on span and metrics: few values, please. An empty one is
    /// recorded as the conventions' `_OTHER`.
    pub fn fail(&mut self, error_type: impl Into<Cow<'static, str>>, message: impl Display) {
        self.set_failure(Failure::plain(error_type.into(), &message));
    }

    /// What the operation consumed. Told again, as the chunks of a stream may, the last of each
    /// count holds; [`summed`](crate::summed) adds instead.
    pub fn usage(&mut self, usage: impl IntoUsage) {
        if let Some(usage) = usage.into_usage() {
            self.usage.get_or_insert_default().merge(usage);
        }
    }

    /// What the operation cost in US dollars, as the provider reports it, in place of what its tokens
    /// cost by a price.
    pub fn cost_usd(&mut self, dollars: impl Amount) {
        self.usage(Usage::default().cost_usd(dollars));
    }

    /// Whether nothing has said that the operation failed.
    pub fn is_ok(&self) -> bool {
        self.failure.is_none()
    }

    pub(crate) fn set_failure(&mut self, failure: Failure) {
        self.failure = Some(Box::new(failure));
    }

    pub(crate) fn take_failure(&mut self) -> Option<Box<Failure>> {
        self.failure.take()
    }

    /// Puts back what was taken, if anything was: it came first.
    pub(crate) fn put_failure(&mut self, first: Option<Box<Failure>>) {
        if first.is_some() {
            self.failure = first;
        }
    }

    pub(crate) fn into_parts(self) -> (Exit, Option<Box<Failure>>, Option<Usage>) {
        let exit = if self.failure.is_some() { Exit::Error } else { Exit::Ok };
        (exit, self.failure, self.usage)
    }
}

impl Failure {
    pub(crate) fn of(error_type: Cow<'static, str>, error: &dyn Error) -> Self {
        let mut sources = Vec::new();
        let mut next = error.source();
        // A chain that closes on itself must not hold the caller for ever.
        while let (Some(source), true) = (next, sources.len() < 32) {
            sources.push(display(&source));
            next = source.source();
        }
        Self { error_type: or_other(error_type), message: display(&error), sources }
    }

    pub(crate) fn plain(error_type: Cow<'static, str>, message: &dyn Display) -> Self {
        Self { error_type: or_other(error_type), message: display(message), sources: Vec::new() }
    }

    /// The sources as text, for the exception event; empty without any.
    pub(crate) fn trace(&self) -> String {
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

fn or_other(error_type: Cow<'static, str>) -> Cow<'static, str> {
    if error_type.is_empty() { Cow::Borrowed(error_type::OTHER) } else { error_type }
}

/// A `Display` is the user's: that it fails or panics must not hide the error.
fn display(value: &dyn Display) -> String {
    let mut text = String::new();
    let written = catch_unwind(AssertUnwindSafe(|| write!(text, "{value}")));
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
        assert_eq!(Failure::plain("".into(), &Broken).message, "…");
        assert_eq!(Failure::plain("".into(), &Broken).error_type, "_OTHER");
    }
}
