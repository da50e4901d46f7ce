//! Runs a future inside its span: the one generic shell around every traced `async fn`.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use pin_project_lite::pin_project;

use super::active::{Draft, Live};
use super::ambient::attach;
use super::ending::{Begun, Ending};

pin_project! {
    /// A future and its span.
    ///
    /// The parent was taken when this was made, if any span was current then; the span starts at the first poll, is attached to
    /// the OpenTelemetry `Context` on each poll, and ends with the future: by its value, by its
    /// panic, or, dropped half-way, as cancelled. A future that is never polled leaves no span.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Traced<F, C> {
        // Dropped in place, inside the span, when the operation is cancelled.
        #[pin]
        future: Option<F>,
        end: Option<C>,
        run: Run,
    }

    impl<F, C> PinnedDrop for Traced<F, C> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Run::Open(live) = std::mem::replace(this.run, Run::Over) {
                let dropped = {
                    let _attached = attach(live.context());
                    catch_unwind(AssertUnwindSafe(|| this.future.set(None)))
                };
                match dropped {
                    Ok(()) => live.cancel(),
                    Err(panic) => {
                        live.panic(&panic_message(&*panic));
                        resume_unwind(panic)
                    }
                }
            }
        }
    }
}

/// How far an operation is.
#[derive(Debug)]
enum Run {
    /// Nothing is recorded.
    Off,
    Waiting(Draft),
    Open(Live),
    Over,
}

impl<F, C> std::fmt::Debug for Traced<F, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Traced").field("run", &self.run).finish_non_exhaustive()
    }
}

impl<F, C> Traced<F, C> {
    pub(crate) fn new(draft: Option<Draft>, future: F, end: C) -> Self {
        let run = draft.map_or(Run::Off, |mut draft| {
            draft.settle_parent();
            Run::Waiting(draft)
        });
        Self { future: Some(future), end: Some(end), run }
    }
}

impl<F, C, T> Future for Traced<F, C>
where
    F: Future,
    C: FnOnce(F::Output, Ending) -> T,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        let this = self.project();
        let Some(mut future) = this.future.as_pin_mut() else {
            // Dropped by our own `drop` alone; nobody polls after that.
            return Poll::Pending;
        };
        this.run.open();
        let polled = match this.run {
            Run::Open(live) => {
                let _attached = attach(live.context());
                catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(task)))
            }
            _ => Ok(future.poll(task)),
        };
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => {
                let begun = match std::mem::replace(this.run, Run::Over) {
                    Run::Open(live) => Begun::Open(live),
                    _ => Begun::Off,
                };
                match this.end.take() {
                    Some(end) => Poll::Ready(end(output, Ending::new(begun))),
                    // Polled after its end, as only a future that allows it can be.
                    None => Poll::Pending,
                }
            }
            Err(panic) => {
                if let Run::Open(live) = std::mem::replace(this.run, Run::Over) {
                    live.panic(&panic_message(&*panic));
                }
                resume_unwind(panic)
            }
        }
    }
}

impl Run {
    fn open(&mut self) {
        if matches!(self, Self::Waiting(_))
            && let Self::Waiting(draft) = std::mem::replace(self, Self::Off)
        {
            *self = draft.start().map_or(Self::Off, Self::Open);
        }
    }
}

/// What a panic said, as far as it is text.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let said = panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    said.map_or_else(|| String::from("panicked"), |said| format!("panicked: {said}"))
}
