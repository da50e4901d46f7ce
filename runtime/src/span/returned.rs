//! What a returned value is, by its type: a stream, something that holds one, or a plain value.
//!
//! As in [`probe`](super::probe), method resolution takes off one `&` at a time, and the first trait
//! below that applies to `&&&&Type` wins. A stream behind `impl Stream` may become another type, and
//! is wrapped; a boxed one is boxed again as what it was. Any other named type is left as it is.

use std::fmt::{Display, Formatter};
use std::marker::PhantomData;
use std::pin::Pin;

use futures_core::stream::Stream;

use super::ending::Ending;
use super::outcome::{ErrorType, Outcome};
use super::stream::TracedStream;

/// A type, to be asked.
#[derive(Debug)]
pub struct Type<T>(PhantomData<fn() -> T>);

impl<T> Type<T> {
    /// The type of this value.
    pub const fn of(_: &T) -> Self {
        Self(PhantomData)
    }

    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Is, or holds, a boxed stream.
pub trait BoxedKind {
    /// Says so.
    fn kind(&self) -> Boxed {
        Boxed
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool;
}
impl<T: Rebox> BoxedKind for &&&Type<T> {
    fn is_lazy(&self) -> bool {
        T::IS_LAZY
    }
}

/// Holds a stream.
pub trait HeldKind {
    /// Says so.
    fn kind(&self) -> Held {
        Held
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        false
    }
}
impl<T: Hold> HeldKind for &&Type<T> {}

/// Is a stream.
pub trait StreamKind {
    /// Says so.
    fn kind(&self) -> Bare {
        Bare
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        true
    }
}
impl<T: Stream> StreamKind for &Type<T> {}

/// Is none.
pub trait PlainKind {
    /// Says so.
    fn kind(&self) -> Plain {
        Plain
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        false
    }
}
impl<T> PlainKind for Type<T> {}

/// A value that ends its span.
#[derive(Clone, Copy, Debug)]
pub struct Plain;
/// A boxed stream, or one in a `Result` or an `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Boxed;
/// A stream in a `Result` or an `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Held;
/// A stream.
#[derive(Clone, Copy, Debug)]
pub struct Bare;

/// The items of what is no stream: read by the first thing that is tried.
#[derive(Debug)]
pub enum NoItem {}

impl Display for NoItem {
    fn fmt(&self, _: &mut Formatter<'_>) -> std::fmt::Result {
        match *self {}
    }
}
impl std::error::Error for NoItem {}
impl ErrorType for NoItem {
    fn error_type(&self) -> std::borrow::Cow<'static, str> {
        match *self {}
    }
}

impl Plain {
    /// Ends the span.
    pub fn hand_on<T>(
        self,
        output: T,
        ending: Ending,
        _: impl FnMut(&Result<NoItem, NoItem>, &mut Outcome),
        usage: impl FnOnce(&T, &mut Outcome),
    ) -> T {
        ending.read(|outcome| usage(&output, outcome)).finish();
        output
    }

    /// Ends the span, whatever type its items were said to have.
    pub fn hand_on_items<T, I>(
        self,
        output: T,
        ending: Ending,
        _: impl FnMut(&I, &mut Outcome),
        usage: impl FnOnce(&T, &mut Outcome),
    ) -> T {
        ending.read(|outcome| usage(&output, outcome)).finish();
        output
    }
}

/// The same under both names: a stream knows the type of its items.
macro_rules! hand_on {
    ($kind:ident, $bound:ident, $item:ty, $returned:ty, [$($closure:tt)*], $wrap:expr) => {
        impl $kind {
            /// Hands the span on to the stream.
            pub fn hand_on<T, C, U>(self, output: T, ending: Ending, settle: C, usage: U) -> $returned
            where
                T: $bound,
                C: FnMut(&$item, &mut Outcome) $($closure)*,
                U: FnMut(&$item, &mut Outcome) $($closure)*,
            {
                $wrap(output, ending, settle, usage)
            }

            /// Hands the span on to the stream.
            pub fn hand_on_items<T, C, U>(
                self,
                output: T,
                ending: Ending,
                settle: C,
                usage: U,
            ) -> $returned
            where
                T: $bound,
                C: FnMut(&$item, &mut Outcome) $($closure)*,
                U: FnMut(&$item, &mut Outcome) $($closure)*,
            {
                $wrap(output, ending, settle, usage)
            }
        }
    };
}

hand_on!(Boxed, Rebox, T::Item, T, [+ Send + 'static], Rebox::rebox);
hand_on!(Held, Hold, <T::Stream as Stream>::Item, T::Wrapped<C, U>, [], Hold::wrap);
hand_on!(Bare, Stream, T::Item, TracedStream<T, C, U>, [], |stream, ending, settle, usage| {
    TracedStream::after(ending, stream, settle, usage)
});

/// A stream, or what holds one, that keeps its type.
pub trait Rebox: Sized {
    /// What comes out of the stream.
    type Item;
    /// Whether it is the stream itself.
    const IS_LAZY: bool;
    /// The same with the span in it.
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&Self::Item, &mut Outcome) + Send + 'static,
        U: FnMut(&Self::Item, &mut Outcome) + Send + 'static;
}

macro_rules! boxed {
    ($($pin:ident)? : $boxed:ty) => {
        impl<'a, I: 'a> Rebox for $boxed {
            type Item = I;
            const IS_LAZY: bool = true;
            fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
            where
                C: FnMut(&I, &mut Outcome) + Send + 'static,
                U: FnMut(&I, &mut Outcome) + Send + 'static,
            {
                if ending.is_off() {
                    return self;
                }
                boxed!(@ $($pin)? (TracedStream::after(ending, self, settle, usage)))
            }
        }
    };
    (@ pin $stream:expr) => { Box::pin($stream) };
    (@ $stream:expr) => { Box::new($stream) };
}

boxed!(pin: Pin<Box<dyn Stream<Item = I> + 'a>>);
boxed!(pin: Pin<Box<dyn Stream<Item = I> + Send + 'a>>);
boxed!(: Box<dyn Stream<Item = I> + Unpin + 'a>);
boxed!(: Box<dyn Stream<Item = I> + Send + Unpin + 'a>);

impl<T: Rebox, E> Rebox for Result<T, E> {
    type Item = T::Item;
    const IS_LAZY: bool = false;
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&T::Item, &mut Outcome) + Send + 'static,
        U: FnMut(&T::Item, &mut Outcome) + Send + 'static,
    {
        match self {
            Ok(stream) => Ok(stream.rebox(ending, settle, usage)),
            Err(error) => {
                ending.finish();
                Err(error)
            }
        }
    }
}

impl<T: Rebox> Rebox for Option<T> {
    type Item = T::Item;
    const IS_LAZY: bool = false;
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&T::Item, &mut Outcome) + Send + 'static,
        U: FnMut(&T::Item, &mut Outcome) + Send + 'static,
    {
        if let Some(stream) = self {
            return Some(stream.rebox(ending, settle, usage));
        }
        ending.finish();
        None
    }
}

/// What holds a stream of any type.
pub trait Hold {
    /// The stream.
    type Stream: Stream;
    /// The same with a traced stream.
    type Wrapped<C, U>;
    /// The same with the span in it.
    fn wrap<C, U>(self, ending: Ending, settle: C, usage: U) -> Self::Wrapped<C, U>;
}

impl<S: Stream, E> Hold for Result<S, E> {
    type Stream = S;
    type Wrapped<C, U> = Result<TracedStream<S, C, U>, E>;
    fn wrap<C, U>(self, ending: Ending, settle: C, usage: U) -> Self::Wrapped<C, U> {
        match self {
            Ok(stream) => Ok(TracedStream::after(ending, stream, settle, usage)),
            Err(error) => {
                ending.finish();
                Err(error)
            }
        }
    }
}

impl<S: Stream> Hold for Option<S> {
    type Stream = S;
    type Wrapped<C, U> = Option<TracedStream<S, C, U>>;
    fn wrap<C, U>(self, ending: Ending, settle: C, usage: U) -> Self::Wrapped<C, U> {
        if let Some(stream) = self {
            return Some(TracedStream::after(ending, stream, settle, usage));
        }
        ending.finish();
        None
    }
}

/// Asks a type what it is; where its name is written out, nothing but a boxed stream can be wrapped.
#[doc(hidden)]
#[macro_export]
macro_rules! __ask {
    (named, $type:expr, $question:ident) => {{
        use $crate::__private::{BoxedKind as _, PlainKind as _};
        (&&&&$type).$question()
    }};
    (opaque, $type:expr, $question:ident) => {{
        use $crate::__private::{BoxedKind as _, HeldKind as _, PlainKind as _, StreamKind as _};
        (&&&&$type).$question()
    }};
}

/// Ends a span by the value that was returned, or hands it on to the stream that the value is.
#[doc(hidden)]
#[macro_export]
macro_rules! __end {
    (
        plain, $output:ident, $ending:ident
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {
        $crate::__private::Plain.hand_on(
            $output,
            $ending.read(|outcome| {
                let output = &$output;
                $crate::__private::settle!(
                    output, outcome $(, ok_if = $is_ok => $test)? $(, debug = $debug)?
                )
            }),
            |_, _| (),
            $crate::__end!(@ [$($read)?])
        )
    };
    (
        $form:ident, $output:ident, $ending:ident $(, items = $item:ty)?
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {{
        let kind = $crate::__private::ask!($form, $crate::__private::Type::of(&$output), kind);
        let $ending = $ending.read(|outcome| {
            let output = &$output;
            $crate::__private::settle!(output, outcome $(, ok_if = $is_ok => $test)? $(, debug = $debug)?)
        });
        $crate::__end!(@ kind, $output, $ending, [$($item)?], [$($debug)?], [$($read)?])
    }};
    (@ $kind:ident, $output:ident, $ending:ident, [], [$($debug:expr)?], $read:tt) => {
        $kind.hand_on(
            $output,
            $ending,
            |item, outcome| $crate::__private::settle!(item, outcome $(, debug = $debug)?),
            $crate::__end!(@ $read)
        )
    };
    (@ $kind:ident, $output:ident, $ending:ident, [$item:ty], [$($debug:expr)?], $read:tt) => {
        $kind.hand_on_items(
            $output,
            $ending,
            |item: &$item, outcome| $crate::__private::settle!(item, outcome $(, debug = $debug)?),
            $crate::__end!(@ $read)
        )
    };
    (@ []) => { |_, _| () };
    (@ [$read:expr]) => { $read };
}
