//! What the traced functions do, the same in all of them.

use std::cell::RefCell;
use std::fmt::{self, Display, Formatter};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::future::{BoxFuture, FutureExt as _};
use futures::sink::{Sink, SinkExt as _};
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::{current, trace_llm_call, trace_tool};

use crate::cell::{Cell, Exit};

pub(crate) type Reply = Result<u32, Refused>;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused;

impl Display for Refused {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {}

thread_local! {
    /// Whether the span was recording, each time that the code inside it looked.
    static INSIDE: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

fn look() {
    INSIDE.with_borrow_mut(|inside| inside.push(current().is_recording()));
}

/// What was seen inside since the last time.
pub(crate) fn seen_inside() -> Vec<bool> {
    INSIDE.take()
}

/// Pending once.
struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

pub(crate) async fn pause() {
    Pause(false).await;
}

#[trace_tool(cell.name_of("lookup"), attributes(cell = cell.id))]
fn lookup(cell: Cell) {
    look();
}

#[trace_llm_call(provider = "inner", model = cell.name_of("ask"), attributes(cell = cell.id))]
async fn ask(cell: Cell) {
    look();
    pause().await;
}

/// What each body does before it waits for anything.
pub(crate) fn begin(cell: Cell) {
    look();
    current().usage((3_u32, 2_u32)).set("inside", true);
    lookup(cell);
}

/// The whole of a body that waits for nothing.
pub(crate) fn blocking(cell: Cell) -> Reply {
    begin(cell);
    end(cell)
}

/// The whole of a body that gives a value later.
pub(crate) async fn later(cell: Cell) -> Reply {
    begin(cell);
    ask(cell).await;
    end(cell)
}

/// What comes before a stream.
pub(crate) fn before(cell: Cell) -> Result<(), Refused> {
    begin(cell);
    end(cell).map(|_| ())
}

/// What comes before a stream that is waited for.
pub(crate) async fn before_later(cell: Cell) -> Result<(), Refused> {
    begin(cell);
    pause().await;
    end(cell).map(|_| ())
}

fn end(cell: Cell) -> Reply {
    match cell.exit {
        Exit::Refused => Err(Refused),
        Exit::Panicked => broke(),
        _ => Ok(7),
    }
}

/// A panic that the hook does not print.
pub(crate) fn broke() -> ! {
    resume_unwind(Box::new("broke"))
}

/// Three items, each asked for when it is wanted.
pub(crate) fn items(cell: Cell) -> impl Stream<Item = Reply> + Send + 'static {
    stream::iter(0..3).then(move |number| item(cell, number))
}

async fn item(cell: Cell, number: u32) -> Reply {
    look();
    ask(cell).await;
    match (number, cell.exit) {
        (1, Exit::ErrorItem | Exit::LeftAtError) => Err(Refused),
        (1, Exit::PanickedAtItem) => broke(),
        _ => Ok(number),
    }
}

/// Where three items are sent to, each worked for when it is flushed.
pub(crate) struct Store {
    cell: Cell,
    work: Option<BoxFuture<'static, Reply>>,
}

impl Store {
    pub(crate) fn new(cell: Cell) -> Self {
        Self { cell, work: None }
    }
}

impl Sink<u32> for Store {
    type Error = Refused;

    fn poll_ready(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        self.poll_flush(task)
    }

    fn start_send(mut self: Pin<&mut Self>, number: u32) -> Result<(), Refused> {
        self.work = Some(item(self.cell, number).boxed());
        Ok(())
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        let Some(work) = &mut self.work else { return Poll::Ready(Ok(())) };
        let done = ready!(work.poll_unpin(task));
        self.work = None;
        Poll::Ready(done.map(|_| ()))
    }

    fn poll_close(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        self.poll_flush(task)
    }
}

/// Sends three items, one each time that the next is asked for, and closes.
pub(crate) fn sent(
    sink: impl Sink<u32, Error = Refused> + Send + 'static,
) -> BoxStream<'static, Reply> {
    let sends = stream::unfold((Box::pin(sink), 0), |(mut sink, number)| async move {
        if number < 3 {
            let sent = sink.send(number).await;
            return Some((sent.map(|()| number), (sink, number + 1)));
        }
        sink.close().await.err().map(|error| (Err(error), (sink, number)))
    });
    sends.boxed()
}
