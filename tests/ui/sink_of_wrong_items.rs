//! A sink of other items or of other errors than the signature says.
use std::convert::Infallible;
use std::pin::Pin;

use futures::sink::{self, Sink};
use spanline::trace_stage;

#[trace_stage]
fn opaque() -> impl Sink<u32, Error = Infallible> { Vec::<&str>::new() }
//~            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the trait bound `Vec<&str>: futures::Sink<u32>` is not satisfied

#[trace_stage]
async fn error() -> Result<impl Sink<u32, Error = String>, String> { Ok(sink::drain::<u32>()) }
//~                 ^^^^^^ type mismatch resolving `<TracedSink<Drain<u32>, ..., ...> as Sink<u32>>::Error == String`: expected `String`, found `Infallible`

#[trace_stage]
fn boxed() -> Pin<Box<dyn Sink<u32, Error = Infallible>>> { Box::pin(Vec::<&str>::new()) }
//~                                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the trait bound `Vec<&str>: futures::Sink<u32>` is not satisfied

#[trace_stage]
fn cloned() -> impl Sink<u32, Error = Infallible> + Clone { Vec::new() }
//~            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the trait bound `TracedSink<Vec<u32>, {closure@...}, ...>: Clone` is not satisfied

fn main() {}
