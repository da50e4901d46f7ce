//! Streams and sinks that keep their type when the span goes on in them: what is boxed can be boxed
//! again, wherever it is.

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
    message = "`{Self}` is no boxed stream",
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
    label = "expected `&mut` of a boxed stream, or an `Option` of that"
)]
pub trait Place<'a> {
    /// What is there.
    type Boxed: Rebox;
    /// The place, if there is one.
    fn place(self) -> Option<&'a mut Self::Boxed>;
}

impl<'a, T: Rebox> Place<'a> for &'a mut T {
    type Boxed = T;
    fn place(self) -> Option<&'a mut T> {
        Some(self)
    }
}

impl<'a, T: Rebox> Place<'a> for Option<&'a mut T> {
    type Boxed = T;
    fn place(self) -> Option<&'a mut T> {
        self
    }
}

/// Finds the place in the value of success by what the user wrote for it.
pub fn find_place<'a, T: ?Sized, P: Place<'a>>(
    value: &'a mut T,
    find: impl FnOnce(&'a mut T) -> P,
) -> Option<&'a mut P::Boxed> {
    find(value).place()
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
    pub fn of<T>(self, output: &mut T) -> Option<&mut T> {
        Some(output)
    }
}

impl Ending {
    /// Finds what the span is to be handed on to; where nothing is recorded, nobody looks for it.
    /// That the search panics is no reason to take the value away.
    pub fn find<'a, T, B>(
        self,
        success: Option<&'a mut T>,
        find: impl FnOnce(&'a mut T) -> Option<&'a mut B>,
    ) -> (Self, Option<&'a mut B>) {
        let mut place = None;
        let ending = self.read(|_| place = success.and_then(find));
        (ending, place)
    }

    /// Hands the span on to what is in this place, or ends it.
    pub fn follow<B, C, U>(self, place: Option<&mut B>, settle: C, usage: U)
    where
        B: Rebox,
        C: FnMut(&B::Settled, &mut Outcome) + Send + Sync + 'static,
        U: FnMut(&B::Read, &mut Outcome) + Send + Sync + 'static,
    {
        let Some(place) = place else { return self.finish() };
        let boxed = std::mem::replace(place, B::vacant());
        *place = boxed.rebox(self, settle, usage);
    }
}
