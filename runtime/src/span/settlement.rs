//! How the outcome of a value is read, told by the value's type: what [`probe`](super::probe) does, without
//! a closure of the call site.
//!
//! As there, the first trait below that applies to `&&&&&&&Type` wins. What it gives is a name of one
//! of the ways, so that all call sites that return one type share the code that ends their spans.

use std::error::Error;
use std::fmt::Display;

use super::outcome::{ErrorType, Outcome};
use super::probe::{
    BoxedError, DisplayedError, NamedError, OpaqueError, PlainValue, Probe, SharedError,
    StandardError,
};
use super::returned::Type;

/// A way to read the outcome of a `T`.
pub trait Settle<T>: Copy {
    /// Tells the outcome.
    fn settle(self, value: &T, outcome: &mut Outcome);
}

/// One way: its name, the trait that finds it, the `&`s and the type that it applies to, and the trait of
/// `probe` that it stands for.
macro_rules! way {
    (
        $(#[$doc:meta])* $way:ident, $find:ident for [$($reference:tt)*] $type:ty,
        <$($parameter:tt),*> [$($bound:tt)*], $probe:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $way;

        $(#[$doc])*
        pub trait $find {
            /// The way.
            fn way(&self) -> $way {
                $way
            }
        }
        impl<$($parameter,)* $($bound)*> $find for $($reference)* Type<$type> {}

        impl<$($parameter,)* $($bound)*> Settle<$type> for $way {
            fn settle(self, value: &$type, outcome: &mut Outcome) {
                $probe::settle(&$($reference)* Probe(value), outcome);
            }
        }
    };
}

way!(
    /// An error that names its own `error.type`.
    Named, FindNamed for [&&&&&&] Result<T, E>, <T> [E: ErrorType], NamedError
);
way!(
    /// A standard error.
    Standard, FindStandard for [&&&&&] Result<T, E>, <T> [E: Error], StandardError
);
way!(
    /// An error that stands for another.
    Shared, FindShared for [&&&&] Result<T, E>, <'e, T> [E: AsRef<dyn Error + Send + Sync + 'e>],
    SharedError
);
way!(
    /// `Box<dyn Error>`.
    Boxed, FindBoxed for [&&&] Result<T, E>, <'e, T> [E: AsRef<dyn Error + 'e>], BoxedError
);
way!(
    /// An error with a message.
    Displayed, FindDisplayed for [&&] Result<T, E>, <T> [E: Display], DisplayedError
);
way!(
    /// An error that can only be named.
    Opaque, FindOpaque for [&] Result<T, E>, <T> [E], OpaqueError
);
way!(
    /// A value that is no `Result`.
    Value, FindValue for [] T, <T> [], PlainValue
);

/// Finds the way to read what is of this type.
#[doc(hidden)]
#[macro_export]
macro_rules! __way {
    ($type:expr) => {{
        use $crate::__private::{
            FindBoxed as _, FindDisplayed as _, FindNamed as _, FindOpaque as _, FindShared as _,
            FindStandard as _, FindValue as _,
        };
        (&&&&&&&$type).way()
    }};
}
