//! It is told by its `Debug`.
use futures::stream::{self, Stream};
use spanline::trace_stage;

struct Opaque;

#[trace_stage(err = debug)]
//~                 ^^^^^ `Opaque` doesn't implement `std::fmt::Debug`
async fn retrieve() -> Result<u8, Opaque> { Err(Opaque) }

#[trace_stage(err = "debug")]
//~                 ^^^^^^^ `Opaque` doesn't implement `std::fmt::Debug`
fn chunks() -> impl Stream<Item = Result<u8, Opaque>> { stream::empty() }

#[trace_stage(err = debug)]
fn plain() -> Opaque { Opaque }

fn main() {}
