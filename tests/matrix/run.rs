//! Runs a cell as its consumer would, and writes down what the consumer saw.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use futures::executor::block_on;
use futures::future::{FutureExt as _, poll_immediate};
use futures::stream::{BoxStream, StreamExt as _};
use spanline::{Agent, Pipeline};

use crate::body::{Reply, pause, seen_inside};
use crate::cell::{Cell, Exit};
use crate::functions::{Given, call};

/// Where a function is called, and where what it gave is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Outside of any span.
    Alone,
    /// In an agent that is part of a pipeline.
    Inside,
    /// Called there, and used when agent and pipeline have ended.
    TakenOut,
    /// Called outside of any span, and used there.
    BroughtIn,
}

impl Place {
    pub(crate) const ALL: [Self; 4] = [Self::Alone, Self::Inside, Self::TakenOut, Self::BroughtIn];
}

/// What the consumer saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Values, items and panics, in order.
    pub(crate) output: Vec<String>,
    /// Whether the current span was recording, wherever the body looked.
    pub(crate) inside: Vec<bool>,
}

/// Runs one cell to its exit.
pub(crate) fn run(cell: Cell, place: Place) -> Seen {
    let mut output = Vec::new();
    block_on(async {
        match place {
            Place::Alone => {
                let given = called(cell, &mut output);
                used(cell, given, &mut output).await;
            }
            Place::Inside => {
                let work = async {
                    let given = called(cell, &mut output);
                    used(cell, given, &mut output).await;
                };
                around(cell, work).await;
            }
            Place::TakenOut => {
                let given = around(cell, async { called(cell, &mut output) }).await;
                used(cell, given, &mut output).await;
            }
            Place::BroughtIn => {
                let given = called(cell, &mut output);
                around(cell, used(cell, given, &mut output)).await;
            }
        }
    });
    Seen { output, inside: seen_inside() }
}

/// Runs inside an agent that is part of a pipeline.
async fn around<T>(cell: Cell, work: impl Future<Output = T>) -> T {
    let agent = Agent::new(cell.name_of("agent")).attribute("cell", cell.id);
    let pipeline = Pipeline::new(cell.name_of("pipeline")).attribute("cell", cell.id);
    let work = async {
        pause().await;
        agent.run_with(work, |_, _| ()).await
    };
    pipeline.run_with(work, |_, _| ()).await
}

fn called(cell: Cell, output: &mut Vec<String>) -> Option<Given> {
    let given = catch_unwind(AssertUnwindSafe(|| call(cell)));
    given.map_err(|panic| output.push(panicked(&*panic))).ok()
}

async fn used(cell: Cell, given: Option<Given>, output: &mut Vec<String>) {
    let Some(given) = given else { return };
    if cell.exit == Exit::Unpolled {
        return;
    }
    match given {
        Given::Value(reply) => output.push(told(reply)),
        Given::Future(future) => {
            if let Some(reply) = awaited(cell, future, output).await {
                output.push(told(reply));
            }
        }
        Given::Later(future) => {
            if let Some(given) = awaited(cell, future, output).await {
                Box::pin(used(cell, Some(given), output)).await;
            }
        }
        Given::StreamInResult(Err(_)) => output.push("refused".to_owned()),
        Given::StreamInOption(None) => output.push("nothing".to_owned()),
        Given::Stream(stream)
        | Given::StreamInResult(Ok(stream))
        | Given::StreamInOption(Some(stream)) => consumed(cell, stream, output).await,
    }
}

/// What the future gave, unless it is dropped half-way or panics.
async fn awaited<T>(
    cell: Cell,
    future: impl Future<Output = T>,
    output: &mut Vec<String>,
) -> Option<T> {
    let mut future = pin!(AssertUnwindSafe(future).catch_unwind());
    if cell.exit == Exit::Cancelled {
        assert!(poll_immediate(future.as_mut()).await.is_none(), "{cell}: has to wait");
        return None;
    }
    future.await.map_err(|panic| output.push(panicked(&*panic))).ok()
}

async fn consumed(cell: Cell, mut stream: BoxStream<'static, Reply>, output: &mut Vec<String>) {
    if cell.exit == Exit::StreamUnpolled {
        return;
    }
    loop {
        let mut next = pin!(AssertUnwindSafe(stream.next()).catch_unwind());
        if cell.exit == Exit::Abandoned && !output.is_empty() {
            assert!(poll_immediate(next.as_mut()).await.is_none(), "{cell}: has to wait");
            return;
        }
        match next.await {
            Ok(Some(reply)) => output.push(told(reply)),
            Ok(None) => return output.push("end".to_owned()),
            Err(panic) => return output.push(panicked(&*panic)),
        }
        if cell.exit == Exit::LeftAtError && output.last().is_some_and(|last| last == "refused") {
            return;
        }
    }
}

fn told(reply: Reply) -> String {
    match reply {
        Ok(number) => number.to_string(),
        Err(error) => error.to_string(),
    }
}

fn panicked(panic: &(dyn Any + Send)) -> String {
    format!("panicked: {}", panic.downcast_ref::<&str>().unwrap_or(&"no text"))
}
