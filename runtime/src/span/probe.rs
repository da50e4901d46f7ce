//! Reads a returned value by what its type can do, with no bound on the type.
//!
//! Method resolution takes off one `&` at a time, so the first trait below that applies to
//! `&&&&&&&Probe(value)` wins: `Result` is seen through any alias, and a type that says nothing is a
//! plain value.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};

use super::outcome::{ErrorType, Failure, Outcome, type_name};
use super::returned::NoItem;
use super::value::AttributeValue;
use crate::semconv::error_type;
use crate::usage::tokens::IntoUsage;

/// A borrowed return value, to be read.
#[derive(Debug)]
pub struct Probe<'a, T>(pub &'a T);

/// An error that names its own `error.type`.
pub trait NamedError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<T, E: ErrorType> NamedError for &&&&&&Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if let Err(error) = self.0 {
            outcome.named_error(error);
        }
    }
}

/// A standard error.
pub trait StandardError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<T, E: Error> StandardError for &&&&&Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if let Err(error) = self.0 {
            outcome.error(error);
        }
    }
}

/// An error that stands for another: `anyhow::Error`, `eyre::Report`, `Box<dyn Error + Send + Sync>`.
pub trait SharedError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<'e, T, E: AsRef<dyn Error + Send + Sync + 'e>> SharedError for &&&&Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if let Err(error) = self.0 {
            outcome.tell(stand_in::<E>(), error.as_ref(), &error.as_ref());
        }
    }
}

/// `Box<dyn Error>`.
pub trait BoxedError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<'e, T, E: AsRef<dyn Error + 'e>> BoxedError for &&&Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if let Err(error) = self.0 {
            outcome.tell(stand_in::<E>(), error.as_ref(), &error.as_ref());
        }
    }
}

/// An error with a message: `String`.
pub trait DisplayedError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<T, E: Display> DisplayedError for &&Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if let Err(error) = self.0 {
            outcome.say(stand_in::<E>(), error);
        }
    }
}

/// An error that can only be named.
pub trait OpaqueError {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<T, E> OpaqueError for &Probe<'_, Result<T, E>> {
    fn settle(&self, outcome: &mut Outcome) {
        if self.0.is_err() {
            outcome.say(stand_in::<E>(), &"");
        }
    }
}

/// A value that is no `Result`: returning it is success.
pub trait PlainValue {
    /// Tells the outcome.
    fn settle(&self, outcome: &mut Outcome);
}
impl<T> PlainValue for Probe<'_, T> {
    fn settle(&self, _: &mut Outcome) {}
}

/// The value of success inside a `Result`.
pub trait OkOfResult<'a> {
    /// What the result holds.
    type Value;
    /// The value, if there is one.
    fn ok_value(&self) -> Option<&'a Self::Value>;
}
impl<'a, T, E> OkOfResult<'a> for &Probe<'a, Result<T, E>> {
    type Value = T;
    fn ok_value(&self) -> Option<&'a T> {
        self.0.as_ref().ok()
    }
}

/// A plain value is the value of success.
pub trait OkOfValue<'a> {
    /// The value's type.
    type Value;
    /// The value.
    fn ok_value(&self) -> Option<&'a Self::Value>;
}
impl<'a, T> OkOfValue<'a> for Probe<'a, T> {
    type Value = T;
    fn ok_value(&self) -> Option<&'a T> {
        Some(self.0)
    }
}

/// The error inside a `Result`.
pub trait ErrOfResult<'a> {
    /// Its type.
    type Error;
    /// The error, if there is one.
    fn err_value(&self) -> Option<&'a Self::Error>;
}
impl<'a, T, E> ErrOfResult<'a> for &Probe<'a, Result<T, E>> {
    type Error = E;
    fn err_value(&self) -> Option<&'a E> {
        self.0.as_ref().err()
    }
}

/// A plain value has no error.
pub trait ErrOfValue<'a> {
    /// An error that can do everything.
    type Error;
    /// There is none.
    fn err_value(&self) -> Option<&'a Self::Error>;
}
impl<'a, T> ErrOfValue<'a> for Probe<'a, T> {
    type Error = NoItem;
    fn err_value(&self) -> Option<&'a NoItem> {
        None
    }
}

/// An error that names its own `error.type`.
pub trait NamedType {
    /// The name.
    fn named(&self) -> Cow<'static, str>;
}
impl<E: ErrorType> NamedType for &Probe<'_, E> {
    fn named(&self) -> Cow<'static, str> {
        self.0.error_type()
    }
}

/// An error that is named for its Rust type.
pub trait RustType {
    /// The name.
    fn named(&self) -> Cow<'static, str>;
}
impl<E> RustType for Probe<'_, E> {
    fn named(&self) -> Cow<'static, str> {
        stand_in::<E>()
    }
}

/// Passes a returned value on, such that the closure knows its type.
pub fn settle_by<T: ?Sized>(
    output: &T,
    outcome: &mut Outcome,
    settle: impl FnOnce(&T, &mut Outcome),
) {
    settle(output, outcome);
}

/// Tells an error by its `Debug`.
pub fn settle_debug<E: Debug>(
    error: Option<&E>,
    named: Option<Cow<'static, str>>,
    outcome: &mut Outcome,
) {
    if let (Some(error), Some(named)) = (error, named) {
        outcome.show(named, error);
    }
}

/// Lets a test that the user wrote decide; `test` is what it goes by, `settled` what the type says.
pub fn settle_if<T: ?Sized>(
    output: &T,
    outcome: &mut Outcome,
    is_ok: impl FnOnce(&T) -> bool,
    test: &str,
    settled: impl FnOnce(&mut Outcome),
) {
    if is_ok(output) {
        return;
    }
    settled(outcome);
    if outcome.is_ok() {
        // In any detail: nothing of the value is in it.
        let message = format!("refused by `{test}`");
        outcome.set_failure(Failure::new(error_type::OTHER.into(), message));
    }
}

/// Reads an attribute from the value of success.
pub fn read_attribute<'a, T: ?Sized, V: AttributeValue>(
    value: Option<&'a T>,
    outcome: &mut Outcome,
    key: &'static str,
    read: impl FnOnce(&'a T) -> V,
) {
    if let Some(value) = value
        && outcome.wants(key)
    {
        outcome.attribute(key, read(value));
    }
}

/// Reads the usage from the value of success.
pub fn read_usage<'a, T: ?Sized, U: IntoUsage>(
    value: Option<&'a T>,
    outcome: &mut Outcome,
    read: impl FnOnce(&'a T) -> U,
) {
    if let Some(value) = value {
        outcome.usage(read(value));
    }
}

/// Copies a name that is computed where the function is called.
pub fn name(text: &(impl AsRef<str> + ?Sized)) -> std::borrow::Cow<'static, str> {
    std::borrow::Cow::Owned(text.as_ref().to_owned())
}

/// Names an error whose Rust type may be a mere container.
fn stand_in<E>() -> std::borrow::Cow<'static, str> {
    let name = type_name::<E>();
    match &*name {
        "alloc::boxed::Box" | "alloc::string::String" | "str" | "()" | "alloc::borrow::Cow" => {
            error_type::OTHER.into()
        }
        _ => name,
    }
}

/// An error that the builders' `run` can record: every standard error, `Box<dyn Error>` and its
/// `Send + Sync` form, `anyhow::Error` and its like, and text. `M` is found by the compiler.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an error that a span can record",
    label = "neither a standard error, a boxed one nor text",
    note = "implement `std::error::Error` for it, or use `run_with` and say what failed"
)]
pub trait RecordError<M> {
    /// Tells the outcome.
    #[doc(hidden)]
    fn record(&self, outcome: &mut Outcome);
}

/// Which kind of error a [`RecordError`] is.
#[derive(Debug)]
pub enum Standard {}
/// A [`RecordError`] that stands for another error.
#[derive(Debug)]
pub enum Shared {}
/// A [`RecordError`] that is a message and nothing else.
#[derive(Debug)]
pub enum Message {}

impl<E: Error + 'static> RecordError<Standard> for E {
    fn record(&self, outcome: &mut Outcome) {
        outcome.error(self);
    }
}

impl<E: AsRef<dyn Error + Send + Sync + 'static> + Debug> RecordError<Shared> for E {
    fn record(&self, outcome: &mut Outcome) {
        outcome.tell(stand_in::<E>(), self.as_ref(), self);
    }
}

impl RecordError<Message> for Box<dyn Error> {
    fn record(&self, outcome: &mut Outcome) {
        outcome.tell(error_type::OTHER.into(), self.as_ref(), self);
    }
}

impl RecordError<Message> for String {
    fn record(&self, outcome: &mut Outcome) {
        outcome.fail("", self);
    }
}

impl RecordError<Message> for &str {
    fn record(&self, outcome: &mut Outcome) {
        outcome.fail("", self);
    }
}

/// Classifies a returned value: by its type, by the `Debug` of its error, or by the user's test first.
#[doc(hidden)]
#[macro_export]
macro_rules! __settle {
    ($output:ident, $outcome:ident) => {{
        use $crate::__private::{
            BoxedError as _, DisplayedError as _, NamedError as _, OpaqueError as _,
            PlainValue as _, SharedError as _, StandardError as _,
        };
        (&&&&&&&$crate::__private::Probe($output)).settle($outcome);
    }};
    ($output:ident, $outcome:ident, debug = $debug:expr) => {
        $crate::__private::settle_by($output, $outcome, $debug)
    };
    ($output:ident, $outcome:ident, ok_if = $is_ok:expr => $test:literal $(, debug = $debug:expr)?) => {
        $crate::__private::settle_if($output, $outcome, $is_ok, $test, |outcome| {
            $crate::__private::settle!($output, outcome $(, debug = $debug)?)
        })
    };
}

/// Tells the error of a returned value by its `Debug`. The call comes from the expansion, with the place
/// that rustc shall blame.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug {
    ($output:ident, $error:ident, $named:ident, $settle:expr) => {{
        use $crate::__private::{ErrOfResult as _, ErrOfValue as _, NamedType as _, RustType as _};
        let $error = (&&$crate::__private::Probe($output)).err_value();
        let $named = $error.map(|error| (&&$crate::__private::Probe(error)).named());
        $settle
    }};
}

/// Reads usage and attributes from a returned value by the user's functions. The calls come from the
/// expansion, with the places that rustc shall blame.
#[doc(hidden)]
#[macro_export]
macro_rules! __read {
    ($output:ident, $value:ident, $($read:expr),+) => {{
        let $value = {
            use $crate::__private::{OkOfResult as _, OkOfValue as _};
            (&&$crate::__private::Probe($output)).ok_value()
        };
        $($read;)+
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! failure {
        ($value:expr) => {{
            let mut outcome = Outcome::default();
            (&&&&&&&Probe(&$value)).settle(&mut outcome);
            outcome.take_failure().map(|failure| (failure.error_type.into_owned(), failure.message))
        }};
    }

    type Alias<T> = Result<T, std::num::ParseIntError>;

    #[derive(Debug)]
    struct Opaque;

    fn told(error_type: &str, message: &str) -> (String, String) {
        (error_type.into(), message.into())
    }

    #[test]
    fn every_kind_of_error_is_read_as_far_as_it_goes() {
        let number: Alias<u8> = "x".parse::<u8>();
        assert_eq!(
            failure!(number),
            Some(told("core::num::error::ParseIntError", "invalid digit found in string"))
        );
        let shared: Result<(), Box<dyn Error + Send + Sync>> = Err("gone".into());
        assert_eq!(failure!(shared), Some(told("_OTHER", "gone")));
        let boxed: Result<(), Box<dyn Error>> = Err("gone".into());
        assert_eq!(failure!(boxed), Some(told("_OTHER", "gone")));
        let text: Result<(), String> = Err("gone".into());
        assert_eq!(failure!(text), Some(told("_OTHER", "gone")));
        let opaque: Result<(), Opaque> = Err(Opaque);
        assert_eq!(failure!(opaque), Some(told("spanline::span::probe::tests::Opaque", "")));
    }

    #[test]
    fn a_named_error_names_its_type() {
        #[derive(Debug)]
        struct Limited;
        impl Display for Limited {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("slow down")
            }
        }
        impl Error for Limited {}
        impl ErrorType for Limited {
            fn error_type(&self) -> std::borrow::Cow<'static, str> {
                "rate_limited".into()
            }
        }
        assert_eq!(failure!(Err::<(), _>(Limited)), Some(told("rate_limited", "slow down")));
    }

    #[test]
    fn success_and_plain_values_are_ok() {
        assert_eq!(failure!(Ok::<u8, Opaque>(1)), None);
        assert_eq!(failure!(5_u8), None);
        assert_eq!(failure!(None::<u8>), None);
    }
}
