//! What the signature says of a hidden stream or sink, told to the compiler, which cannot always find it.
//!
//! As in [`returned`](super::returned), the first trait below that applies to `&&&Type` wins.

use std::marker::PhantomData;

use futures_core::stream::Stream;
use futures_sink::Sink;

use super::returned::{Hold, Type};

impl<T> Type<T> {
    /// The type, and those of the items that it takes and of the errors that it is said to give.
    pub const fn failing<I, E>(&self) -> Failing<T, I, E> {
        Failing(PhantomData, PhantomData)
    }

    /// The type, and that of the items that it is said to give.
    pub const fn giving<I>(&self) -> Giving<T, I> {
        Giving(PhantomData)
    }
}

/// A type, to be told that it is a sink with these errors.
#[derive(Debug)]
pub struct Failing<T, I, E>(PhantomData<fn() -> T>, PhantomData<(I, E)>);

/// Holds a sink with these errors: what the compiler could not find out of it, it now knows.
pub trait HeldErrors {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T: Hold<Held: Sink<I, Error = E>>, I, E> HeldErrors for &&Failing<T, I, E> {}

/// Is a sink with these errors.
pub trait SinkErrors {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T: Sink<I, Error = E>, I, E> SinkErrors for &Failing<T, I, E> {}

/// Is none, or one with other errors, which is an error where the value is returned.
pub trait OtherErrors {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T, I, E> OtherErrors for Failing<T, I, E> {}

/// A type, to be told that it is a stream of these items.
#[derive(Debug)]
pub struct Giving<T, I>(PhantomData<fn() -> (T, I)>);

/// Holds a stream of these items: what the compiler could not find out of it, it now knows.
pub trait HeldItems {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T: Hold<Held: Stream<Item = I>>, I> HeldItems for &&Giving<T, I> {}

/// Is a stream of these items.
pub trait StreamItems {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T: Stream<Item = I>, I> StreamItems for &Giving<T, I> {}

/// Is none, or one of other items, which is an error where the value is returned.
pub trait OtherItems {
    /// Says nothing.
    fn tell(&self) {}
}
impl<T, I> OtherItems for Giving<T, I> {}
