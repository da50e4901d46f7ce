//! What a returned value is, by its type: a stream or a sink, something that holds one, or a plain
//! value.
//!
//! As in [`probe`](super::probe), method resolution takes off one `&` at a time, and the first trait
//! below that applies to `&&&&Type` wins. What is behind `impl Stream` or `impl Sink` may become
//! another type, and is wrapped; what is boxed is boxed again as what it was. Any other named type is
//! left as it is.
//!
//! Whether an opaque value is a sink is not asked but read from the signature: a `Vec` is a sink too.

#![allow(clippy::unused_self, reason = "which method it is, the type of `self` says")]

use std::fmt::{Display, Formatter};
use std::marker::PhantomData;

use futures_core::stream::Stream;
use futures_sink::Sink;

use super::boxed::Rebox;
use super::duplex::TracedDuplex;
use super::ending::Ending;
use super::outcome::{ErrorType, Outcome};
use super::settlement::Settle;
use super::sink::TracedSink;
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

    /// The type, and that of the items that it takes.
    pub const fn taking<I>(&self) -> Taking<T, I> {
        Taking(PhantomData)
    }
}

/// A type, to be asked whether it is a sink of these items.
#[derive(Debug)]
pub struct Taking<T, I>(PhantomData<fn() -> (T, I)>);

/// Is, or holds, a boxed stream or sink.
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
impl<T: Hold<Held: Stream>> HeldKind for &&Type<T> {}

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

/// Holds a sink.
pub trait HeldSinkKind<I> {
    /// Says so.
    fn kind(&self) -> HeldSink<I> {
        HeldSink(PhantomData)
    }
    /// Says what it is if it is a stream too.
    fn duplex(&self) -> HeldDuplex<I> {
        HeldDuplex(PhantomData)
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        false
    }
}
impl<T: Hold<Held: Sink<I>>, I> HeldSinkKind<I> for &&Taking<T, I> {}

/// Is a sink.
pub trait SinkKind<I> {
    /// Says so.
    fn kind(&self) -> BareSink<I> {
        BareSink(PhantomData)
    }
    /// Says what it is if it is a stream too.
    fn duplex(&self) -> BareDuplex<I> {
        BareDuplex(PhantomData)
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        true
    }
}
impl<T: Sink<I>, I> SinkKind<I> for &Taking<T, I> {}

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

/// Is no sink: an error where the value is returned.
pub trait OtherKind {
    /// Says so.
    fn kind(&self) -> Plain {
        Plain
    }
    /// Says so.
    fn duplex(&self) -> Plain {
        Plain
    }
    /// Whether there is no work before the value is used.
    fn is_lazy(&self) -> bool {
        false
    }
}
impl<T, I> OtherKind for Taking<T, I> {}

/// A value that ends its span.
#[derive(Clone, Copy, Debug)]
pub struct Plain;
/// A boxed stream or sink, or one in a `Result` or an `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Boxed;
/// A stream in a `Result` or an `Option`.
#[derive(Clone, Copy, Debug)]
pub struct Held;
/// A stream.
#[derive(Clone, Copy, Debug)]
pub struct Bare;
/// A sink in a `Result` or an `Option`.
#[derive(Debug)]
pub struct HeldSink<I>(PhantomData<fn(I)>);
/// A sink.
#[derive(Debug)]
pub struct BareSink<I>(PhantomData<fn(I)>);
/// A stream that is a sink, in a `Result` or an `Option`.
#[derive(Debug)]
pub struct HeldDuplex<I>(PhantomData<fn(I)>);
/// A stream that is a sink.
#[derive(Debug)]
pub struct BareDuplex<I>(PhantomData<fn(I)>);

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
    /// The type of the items, which it has none of.
    pub fn items<T>(self, _: &T) -> Type<Result<NoItem, NoItem>> {
        Type::new()
    }

    /// Ends the span.
    pub fn end<T, S: Settle<T>, I>(self, output: T, ending: Ending, settle: S, _: I) -> T {
        ending.end(output, |output, outcome| settle.settle(output, outcome))
    }

    /// Ends the span, and reads what was used.
    pub fn end_with<T, S: Settle<T>, I>(
        self,
        output: T,
        ending: Ending,
        settle: S,
        _: I,
        usage: impl FnOnce(&T, &mut Outcome),
    ) -> T {
        ending.read(|outcome| settle.settle(&output, outcome)).end(output, usage)
    }

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

    /// Ends the span.
    pub fn hand_on_both<T>(
        self,
        output: T,
        ending: Ending,
        settle: impl FnMut(&Result<NoItem, NoItem>, &mut Outcome),
        usage: impl FnOnce(&T, &mut Outcome),
        _: impl FnMut(&Result<NoItem, NoItem>, &mut Outcome),
    ) -> T {
        self.hand_on(output, ending, settle, usage)
    }
}

impl Boxed {
    /// The type of what its outcome is read from.
    pub fn items<T: Rebox>(self, _: &T) -> Type<T::Settled> {
        Type::new()
    }

    /// Hands the span on to the stream or the sink, if it is there.
    pub fn end<T, S, I>(self, output: T, ending: Ending, settle: S, settle_item: I) -> T
    where
        T: Rebox,
        S: Settle<T>,
        I: Settle<T::Settled> + Send + Sync + 'static,
    {
        self.end_with(output, ending, settle, settle_item, |_, _| ())
    }

    /// Hands the span on to the stream or the sink, if it is there, with what reads each item.
    pub fn end_with<T, S, I, U>(
        self,
        output: T,
        ending: Ending,
        settle: S,
        settle_item: I,
        usage: U,
    ) -> T
    where
        T: Rebox,
        S: Settle<T>,
        I: Settle<T::Settled> + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        let ending = ending.read(|outcome| settle.settle(&output, outcome));
        output.rebox(ending, move |item, outcome| settle_item.settle(item, outcome), usage)
    }

    /// Hands the span on to the stream or the sink.
    pub fn hand_on<T, C, U>(self, output: T, ending: Ending, settle: C, usage: U) -> T
    where
        T: Rebox,
        C: FnMut(&T::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        output.rebox(ending, settle, usage)
    }
}

impl Bare {
    /// Hands the span on to the stream.
    pub fn hand_on<T, C, U>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
    ) -> TracedStream<T, C, U>
    where
        T: Stream,
        C: FnMut(&T::Item, &mut Outcome),
        U: FnMut(&T::Item, &mut Outcome),
    {
        TracedStream::after(ending, output, settle, usage)
    }
}

impl Held {
    /// Hands the span on to the stream.
    pub fn hand_on<T, C, U>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
    ) -> T::Wrapped<TracedStream<T::Held, C, U>>
    where
        T: Hold<Held: Stream>,
        C: FnMut(&<T::Held as Stream>::Item, &mut Outcome),
        U: FnMut(&<T::Held as Stream>::Item, &mut Outcome),
    {
        output.wrap(ending, |stream, ending| TracedStream::after(ending, stream, settle, usage))
    }
}

impl<I> BareSink<I> {
    /// Hands the span on to the sink.
    pub fn hand_on<T, C, U>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
    ) -> TracedSink<T, C, U>
    where
        T: Sink<I>,
        C: FnMut(&Result<(), T::Error>, &mut Outcome),
        U: FnMut(&I, &mut Outcome),
    {
        TracedSink::after(ending, output, settle, usage)
    }
}

impl<I> HeldSink<I> {
    /// Hands the span on to the sink.
    pub fn hand_on<T, C, U>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
    ) -> T::Wrapped<TracedSink<T::Held, C, U>>
    where
        T: Hold<Held: Sink<I>>,
        C: FnMut(&Result<(), <T::Held as Sink<I>>::Error>, &mut Outcome),
        U: FnMut(&I, &mut Outcome),
    {
        output.wrap(ending, |sink, ending| TracedSink::after(ending, sink, settle, usage))
    }
}

impl<I> BareDuplex<I> {
    /// Hands the span on to both directions.
    pub fn hand_on_both<T, C, U, E>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
        settle_sink: E,
    ) -> TracedDuplex<T, C, U, E>
    where
        T: Stream + Sink<I>,
        C: FnMut(&T::Item, &mut Outcome),
        U: FnMut(&T::Item, &mut Outcome),
        E: FnMut(&Result<(), <T as Sink<I>>::Error>, &mut Outcome),
    {
        TracedDuplex::after(ending, output, settle, usage, settle_sink)
    }
}

impl<I> HeldDuplex<I> {
    /// Hands the span on to both directions.
    pub fn hand_on_both<T, C, U, E>(
        self,
        output: T,
        ending: Ending,
        settle: C,
        usage: U,
        settle_sink: E,
    ) -> T::Wrapped<TracedDuplex<T::Held, C, U, E>>
    where
        T: Hold<Held: Stream + Sink<I>>,
        C: FnMut(&<T::Held as Stream>::Item, &mut Outcome),
        U: FnMut(&<T::Held as Stream>::Item, &mut Outcome),
        E: FnMut(&Result<(), <T::Held as Sink<I>>::Error>, &mut Outcome),
    {
        output.wrap(ending, |duplex, ending| {
            TracedDuplex::after(ending, duplex, settle, usage, settle_sink)
        })
    }
}

/// What holds a value, or says that there is none.
pub trait Hold {
    /// The value.
    type Held;
    /// The same with another value.
    type Wrapped<W>;
    /// Gives the span to the value, or ends it.
    fn wrap<W>(
        self,
        ending: Ending,
        wrap: impl FnOnce(Self::Held, Ending) -> W,
    ) -> Self::Wrapped<W>;
}

impl<T, E> Hold for Result<T, E> {
    type Held = T;
    type Wrapped<W> = Result<W, E>;
    fn wrap<W>(self, ending: Ending, wrap: impl FnOnce(T, Ending) -> W) -> Result<W, E> {
        match self {
            Ok(value) => Ok(wrap(value, ending)),
            Err(error) => {
                ending.finish();
                Err(error)
            }
        }
    }
}

impl<T> Hold for Option<T> {
    type Held = T;
    type Wrapped<W> = Option<W>;
    fn wrap<W>(self, ending: Ending, wrap: impl FnOnce(T, Ending) -> W) -> Option<W> {
        if let Some(value) = self {
            return Some(wrap(value, ending));
        }
        ending.finish();
        None
    }
}

/// Asks a type what it is; where its name is written out, nothing but what is boxed can be wrapped.
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
    ([$item:ty], $type:expr, $question:ident) => {{
        use $crate::__private::{HeldSinkKind as _, OtherKind as _, SinkKind as _};
        (&&&$type.taking::<$item>()).$question()
    }};
}

/// Ends a span by the value that was returned, or hands it on to the stream or the sink that the value
/// is or holds.
#[doc(hidden)]
#[macro_export]
macro_rules! __end {
    (named, $output:ident, $ending:ident) => {{
        let kind = $crate::__private::ask!(named, $crate::__private::Type::of(&$output), kind);
        let settle = $crate::__private::way!($crate::__private::Type::of(&$output));
        let settle_item = $crate::__private::way!(kind.items(&$output));
        kind.end($output, $ending, settle, settle_item)
    }};
    (named, $output:ident, $ending:ident, read = $read:expr) => {{
        let kind = $crate::__private::ask!(named, $crate::__private::Type::of(&$output), kind);
        let settle = $crate::__private::way!($crate::__private::Type::of(&$output));
        let settle_item = $crate::__private::way!(kind.items(&$output));
        kind.end_with($output, $ending, settle, settle_item, $read)
    }};
    (
        plain, $output:ident, $ending:ident
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {{
        let ending = $crate::__end!(@ settle $output, $ending, [$($is_ok => $test)?], [$($debug)?]);
        $crate::__private::Plain.hand_on(
            $output,
            ending,
            |_, _| (),
            $crate::__end!(@ read [$($read)?])
        )
    }};
    (
        inside, $output:ident, $ending:ident, $success:ident, stream = $follow:expr
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)?
    ) => {{
        let mut output = $output;
        let $ending = $crate::__end!(@ settle output, $ending, [$($is_ok => $test)?], [$($debug)?]);
        let success = {
            use $crate::__private::{SuccessOfOption as _, SuccessOfResult as _, SuccessOfValue as _};
            (&&&$crate::__private::Type::of(&output)).success()
        };
        let $success = success.of(&mut output);
        $follow;
        output
    }};
    (
        sink, $output:ident, $ending:ident, items = $item:ty $(, errors = $error:ty)?
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {{
        $({
            use $crate::__private::{HeldErrors as _, OtherErrors as _, SinkErrors as _};
            (&&&$crate::__private::Type::of(&$output).failing::<$item, $error>()).tell();
        })?
        let kind = $crate::__private::ask!([$item], $crate::__private::Type::of(&$output), kind);
        let ending = $crate::__end!(@ settle $output, $ending, [$($is_ok => $test)?], [$($debug)?]);
        kind.hand_on(
            $output,
            ending,
            |result, outcome| $crate::__private::settle!(result, outcome $(, debug = $debug)?),
            $crate::__end!(@ read [$($read)?])
        )
    }};
    (
        duplex, $output:ident, $ending:ident, items = $item:ty $(, errors = $error:ty)?
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {{
        $({
            use $crate::__private::{HeldErrors as _, OtherErrors as _, SinkErrors as _};
            (&&&$crate::__private::Type::of(&$output).failing::<$item, $error>()).tell();
        })?
        let kind = $crate::__private::ask!([$item], $crate::__private::Type::of(&$output), duplex);
        let ending = $crate::__end!(@ settle $output, $ending, [$($is_ok => $test)?], [$($debug)?]);
        kind.hand_on_both(
            $output,
            ending,
            |item, outcome| $crate::__private::settle!(item, outcome $(, debug = $debug)?),
            $crate::__end!(@ read [$($read)?]),
            |result, outcome| $crate::__private::settle!(result, outcome $(, debug = $debug)?)
        )
    }};
    (
        $form:ident, $output:ident, $ending:ident $(, items = $item:ty)?
        $(, ok_if = $is_ok:expr => $test:literal)? $(, debug = $debug:expr)? $(, read = $read:expr)?
    ) => {{
        $({
            use $crate::__private::{HeldItems as _, OtherItems as _, StreamItems as _};
            (&&&$crate::__private::Type::of(&$output).giving::<$item>()).tell();
        })?
        let kind = $crate::__private::ask!($form, $crate::__private::Type::of(&$output), kind);
        let ending = $crate::__end!(@ settle $output, $ending, [$($is_ok => $test)?], [$($debug)?]);
        kind.hand_on(
            $output,
            ending,
            |item, outcome| $crate::__private::settle!(item, outcome $(, debug = $debug)?),
            $crate::__end!(@ read [$($read)?])
        )
    }};
    (@ settle $output:ident, $ending:ident, [$($is_ok:expr => $test:literal)?], [$($debug:expr)?]) => {
        $ending.read(|outcome| {
            let output = &$output;
            $crate::__private::settle!(output, outcome $(, ok_if = $is_ok => $test)? $(, debug = $debug)?)
        })
    };
    (@ read []) => { |_, _| () };
    (@ read [$read:expr]) => { $read };
}
