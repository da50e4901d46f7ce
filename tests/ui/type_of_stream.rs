//! A function from the value of success to the place of its stream.
use futures::stream::{self, BoxStream};
use spanline::trace_stage;

struct Reply { id: u32, text: String, chunks: BoxStream<'static, u32> }

fn reply() -> Reply { Reply { id: 1, text: String::new(), chunks: Box::pin(stream::empty()) } }

#[trace_stage(stream = |reply| &mut reply.text)]
//~                    ^^^^^^^^^^^^^^^^^^^^^^^ `stream` needs the place of a boxed stream, and `std::string::String` is none: cannot be wrapped and stay what it is
async fn text() -> Result<Reply, String> { Ok(reply()) }

#[trace_stage(stream = |reply| reply.id)]
//~                    ^^^^^^^^^^^^^^^^ `stream` needs the place of a boxed stream, and `u32` is none: expected `&mut` of a boxed stream, or an `Option` of that
fn number() -> Reply { reply() }

#[trace_stage(stream = |reply| &reply.chunks)]
//~                    ^^^^^^^^^^^^^^^^^^^^^ `stream` needs the place of a boxed stream, and `&Pin<Box<dyn Stream<Item = u32> + std::marker::Send>>` is none: expected `&mut` of a boxed stream, or an `Option` of that
fn shared() -> Reply { reply() }

#[trace_stage(stream = |reply| reply.nothing)]
//~                                  ^^^^^^^ no field `nothing` on type `&mut Reply`
fn unknown() -> Option<Reply> { Some(reply()) }

#[trace_stage(stream = |reply| &mut reply.chunks)]
//~                                       ^^^^^^ no field `chunks` on type `&mut ()`
fn nothing() {}

fn main() {
    let Reply { id: _, text: _, chunks: _ } = reply();
}
