//! Streams and sinks that keep their type when the span goes on in them: what is boxed can be boxed
//! again, wherever it is.

#![allow(clippy::unused_self, reason = "which method it is, the type of `self` says")]

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::stream::Stream;
use futures_sink::Sink;

use super::ending::Ending;
use super::outcome::Outcome;
use super::returned::Type;
use super::sink::TracedSink;
use super::stream::TracedStream;

/// A boxed stream or sink, or what holds one.
#[diagnostic::on_unimplemented(
    message = "`stream` needs the place of a boxed stream, and `{Self}` is none",
    label = "cannot be wrapped and stay what it is",
    note = "a boxed stream is `Pin<Box<dyn Stream>>` or `Box<dyn Stream + Unpin>`, each also \
            `+ Send` or `+ Send + Sync`, or a `Result` or an `Option` of one; the same of a `Sink`"
)]
pub trait Rebox: Sized {
    /// What its outcome is read from: each item of a stream, each answer of a sink.
    type Settled;
    /// What its usage is read from: each item.
    type Read;
    /// Whether it is the stream or the sink itself.
    const IS_LAZY: bool;
    /// The same with the span in it.
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&Self::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&Self::Read, &mut Outcome) + Send + Sync + 'static;
    /// Stands in its place while it is away.
    fn vacant() -> Self;
}

/// A stream of nothing, and a sink that forgets; of no size, so that a box of it is no allocation.
struct Vacant<T>(PhantomData<fn() -> T>);

impl<I> Stream for Vacant<I> {
    type Item = I;
    fn poll_next(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Option<I>> {
        Poll::Ready(None)
    }
}

impl<I, E> Sink<I> for Vacant<Result<(), E>> {
    type Error = E;
    fn poll_ready(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }
    fn start_send(self: Pin<&mut Self>, _: I) -> Result<(), E> {
        Ok(())
    }
    fn poll_flush(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }
    fn poll_close(self: Pin<&mut Self>, _: &mut Task<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }
}

macro_rules! boxed {
    ([$($parameter:ident),*] $boxed:ty, $new:path, $traced:ident, $settled:ty) => {
        impl<'a, $($parameter: 'a),*> Rebox for $boxed {
            type Settled = $settled;
            type Read = I;
            const IS_LAZY: bool = true;
            fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
            where
                C: FnMut(&$settled, &mut Outcome) + Send + Sync + 'static,
                U: FnMut(&I, &mut Outcome) + Send + Sync + 'static,
            {
                if ending.is_off() {
                    return self;
                }
                $new($traced::after(ending, self, settle, usage))
            }
            fn vacant() -> Self {
                $new(Vacant::<$settled>(PhantomData))
            }
        }
    };
}

macro_rules! boxes {
    ($($bounds:tt)*) => {
        boxed!([I] Pin<Box<dyn Stream<Item = I> $($bounds)*>>, Box::pin, TracedStream, I);
        boxed!([I] Box<dyn Stream<Item = I> + Unpin $($bounds)*>, Box::new, TracedStream, I);
        boxed!(
            [I, E] Pin<Box<dyn Sink<I, Error = E> $($bounds)*>>,
            Box::pin, TracedSink, Result<(), E>
        );
        boxed!(
            [I, E] Box<dyn Sink<I, Error = E> + Unpin $($bounds)*>,
            Box::new, TracedSink, Result<(), E>
        );
    };
}

boxes!(+ 'a);
boxes!(+ Send + 'a);
boxes!(+ Send + Sync + 'a);

impl<T: Rebox, E> Rebox for Result<T, E> {
    type Settled = T::Settled;
    type Read = T::Read;
    const IS_LAZY: bool = false;
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&T::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        match self {
            Ok(boxed) => Ok(boxed.rebox(ending, settle, usage)),
            Err(error) => {
                ending.finish();
                Err(error)
            }
        }
    }
    fn vacant() -> Self {
        Ok(T::vacant())
    }
}

impl<T: Rebox> Rebox for Option<T> {
    type Settled = T::Settled;
    type Read = T::Read;
    const IS_LAZY: bool = false;
    fn rebox<C, U>(self, ending: Ending, settle: C, usage: U) -> Self
    where
        C: FnMut(&T::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        if let Some(boxed) = self {
            return Some(boxed.rebox(ending, settle, usage));
        }
        ending.finish();
        None
    }
    fn vacant() -> Self {
        None
    }
}

/// Where a boxed stream is, inside of the value that was returned.
#[diagnostic::on_unimplemented(
    message = "`stream` needs the place of a boxed stream, and `{Self}` is none",
    label = "expected `&mut` of a boxed stream, or an `Option` of that",
    note = "a boxed stream is `Pin<Box<dyn Stream>>` or `Box<dyn Stream + Unpin>`, each also \
            `+ Send` or `+ Send + Sync`, or a `Result` or an `Option` of one; the same of a `Sink`"
)]
pub trait Place<'a> {
    /// As of [`Rebox`].
    type Settled;
    /// As of [`Rebox`].
    type Read;
    /// Hands the span on to what is there, or ends it.
    fn follow<C, U>(self, ending: Ending, settle: C, usage: U)
    where
        C: FnMut(&Self::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&Self::Read, &mut Outcome) + Send + Sync + 'static;
}

impl<'a, T: Rebox> Place<'a> for &'a mut T {
    type Settled = T::Settled;
    type Read = T::Read;
    fn follow<C, U>(self, ending: Ending, settle: C, usage: U)
    where
        C: FnMut(&T::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        let boxed = std::mem::replace(self, T::vacant());
        *self = boxed.rebox(ending, settle, usage);
    }
}

impl<'a, T: Rebox> Place<'a> for Option<&'a mut T> {
    type Settled = T::Settled;
    type Read = T::Read;
    fn follow<C, U>(self, ending: Ending, settle: C, usage: U)
    where
        C: FnMut(&T::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&T::Read, &mut Outcome) + Send + Sync + 'static,
    {
        match self {
            Some(place) => place.follow(ending, settle, usage),
            None => ending.finish(),
        }
    }
}

/// Hands the span on to the stream that the user's `find` finds in the value of success, or ends it
/// where there is none. Where nothing is recorded, nobody looks for it. That the search panics is no
/// reason to take the value away.
pub fn follow<'a, T, P, C, U>(
    success: Option<&'a mut T>,
    ending: Ending,
    find: impl FnOnce(&'a mut T) -> P,
    settle: C,
    usage: U,
) where
    P: Place<'a>,
    C: FnMut(&P::Settled, &mut Outcome) + Send + Sync + 'static,
    U: FnMut(&P::Read, &mut Outcome) + Send + Sync + 'static,
{
    let mut found = None;
    let ending = ending.read(|_| found = success.map(find));
    match found {
        Some(place) => place.follow(ending, settle, usage),
        None => ending.finish(),
    }
}

/// The value of success is in a `Result`.
pub trait SuccessOfResult {
    /// Says so.
    fn success(&self) -> InResult {
        InResult
    }
}
impl<T, E> SuccessOfResult for &&Type<Result<T, E>> {}

/// The value of success is in an `Option`.
pub trait SuccessOfOption {
    /// Says so.
    fn success(&self) -> InOption {
        InOption
    }
}
impl<T> SuccessOfOption for &Type<Option<T>> {}

/// The value is the value of success.
pub trait SuccessOfValue {
    /// Says so.
    fn success(&self) -> Itself {
        Itself
    }
}
impl<T> SuccessOfValue for Type<T> {}

/// In a `Result`.
#[derive(Clone, Copy, Debug)]
pub struct InResult;
/// In an `Option`.
#[derive(Clone, Copy, Debug)]
pub struct InOption;
/// Not in anything.
#[derive(Clone, Copy, Debug)]
pub struct Itself;

impl InResult {
    /// The value of success.
    pub fn of<T, E>(self, output: &mut Result<T, E>) -> Option<&mut T> {
        output.as_mut().ok()
    }
}

impl InOption {
    /// The value of success.
    pub fn of<T>(self, output: &mut Option<T>) -> Option<&mut T> {
        output.as_mut()
    }
}

impl Itself {
    /// The value of success.
    #[allow(clippy::unnecessary_wraps, reason = "the others may have none")]
    pub fn of<T>(self, output: &mut T) -> Option<&mut T> {
        Some(output)
    }
}
