//! Errors that name their `error.type`.
#![deny(warnings, clippy::all, clippy::pedantic, unused)]
#![allow(dead_code)]

use std::fmt::{Debug, Display, Formatter, Result};

use spanline::{ErrorType, trace_stage};

#[derive(Debug, ErrorType)]
enum ModelError<'a, E: Debug, const N: usize> {
    RateLimited,
    #[error_type("context_length_exceeded")]
    TooLong {
        tokens: [u8; N],
    },
    #[error_type(transparent)]
    Transport(Box<E>),
    #[error_type(transparent)]
    Quoted {
        error: QuotedError<'a>,
    },
    #[deprecated = "is no longer sent"]
    Old(u8),
}

#[derive(Debug, ErrorType)]
#[error_type("quoted")]
struct QuotedError<'a>(&'a str);

#[derive(Debug, ErrorType)]
#[error_type(transparent)]
struct Wrapped<T>
where
    T: Debug,
{
    inner: T,
}

#[derive(Debug, ErrorType)]
enum Never {}

#[derive(Debug, ErrorType)]
struct r#Match;

macro_rules! error {
    ($(impl[$($parameters:tt)*] $type:ty;)*) => {$(
        impl<$($parameters)*> Display for $type {
            fn fmt(&self, _: &mut Formatter<'_>) -> Result {
                Ok(())
            }
        }
        impl<$($parameters)*> std::error::Error for $type {}
    )*};
}

error! {
    impl['a, E: Debug, const N: usize] ModelError<'a, E, N>;
    impl['a] QuotedError<'a>;
    impl[T: Debug] Wrapped<T>;
    impl[] Never;
    impl[] Match;
}

#[trace_stage]
fn generic<E: ErrorType>(error: E) -> std::result::Result<(), ModelError<'static, E, 3>> {
    Err(ModelError::Transport(Box::new(error)))
}

#[trace_stage]
async fn wrapped() -> std::result::Result<(), Wrapped<QuotedError<'static>>> {
    Err(Wrapped { inner: QuotedError("text") })
}

fn main() {}
