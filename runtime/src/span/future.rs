//! Runs a future inside its span: the one generic shell around every traced `async fn`.
//!
//! Whatever does not need the future's type is in functions that do not have it, which are compiled
//! once and not per call site.

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
    /// The parent was taken when this was made, if any span was current then; the span starts at
    /// the first poll, is attached to the OpenTelemetry `Context` on each poll, and ends with the
    /// future: by its value, by its panic, or, dropped half-way, as cancelled. A future that is
    /// never polled leaves no span.
    // The compiler follows every layer of a type through all the futures in it, up to a limit: there
    // is nothing between this one and the future.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[project = Projected]
    pub enum Traced<F, C> {
        /// Until it is dropped in place, inside the span.
        // What is the same everywhere comes first: found to be `Send` here, it need not be below.
        Held {
            run: Run,
            end: Option<C>,
            #[pin]
            future: F,
        },
        /// The future was cancelled.
        Dropped,
    }

    impl<F, C> PinnedDrop for Traced<F, C> {
        fn drop(mut this: Pin<&mut Self>) {
            if let Projected::Held { run, .. } = this.as_mut().project()
                && let Some(live) = run.leave()
            {
                cancel(live, &mut || this.set(Traced::<F, C>::Dropped));
            }
        }
    }
}

/// The span of a future.
#[derive(Debug)]
pub struct Run(Progress);

/// How far an operation is.
#[derive(Debug)]
enum Progress {
    /// Nothing is recorded.
    Off,
    Waiting(Draft),
    Open(Live),
    Over,
}

impl<F, C> std::fmt::Debug for Traced<F, C> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let run = match self {
            Self::Held { run, .. } => &run.0,
            Self::Dropped => &Progress::Over,
        };
        formatter.debug_struct("Traced").field("run", run).finish_non_exhaustive()
    }
}

impl<F, C> Traced<F, C> {
    pub(crate) fn new(draft: Option<Draft>, future: F, end: C) -> Self {
        Self::Held { run: Run::new(draft), end: Some(end), future }
    }
}

impl<F, C, T> Future for Traced<F, C>
where
    F: Future,
    C: FnOnce(F::Output, Ending) -> T,
{
    type Output = T;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<T> {
        let Projected::Held { future, end, run } = self.project() else {
            // Only `drop` takes the future away.
            return Poll::Pending;
        };
        let Poll::Ready(output) = poll_inside(run, future, task) else { return Poll::Pending };
        match end.take() {
            Some(end) => Poll::Ready(end(output, run.end())),
            // Polled after its end, as only a future that allows it can be.
            None => Poll::Pending,
        }
    }
}

/// Polls a future inside its span, and ends that if the future panics.
fn poll_inside<T>(
    run: &mut Run,
    mut future: Pin<&mut dyn Future<Output = T>>,
    task: &mut Task<'_>,
) -> Poll<T> {
    if run.is_off() || !run.open() {
        return future.poll(task);
    }
    let mut polled = Poll::Pending;
    run.inside(&mut || polled = future.as_mut().poll(task));
    polled
}

/// Drops a future inside its span.
fn cancel(live: Live, drop_future: &mut dyn FnMut()) {
    let dropped = {
        let _attached = attach(live.context());
        catch_unwind(AssertUnwindSafe(drop_future))
    };
    match dropped {
        Ok(()) => live.cancel(),
        Err(panic) => {
            live.panic(&panic_message(&*panic));
            resume_unwind(panic)
        }
    }
}

impl Run {
    // Inlined, as the next ones are: where nothing is set up, this is all there is.
    #[inline]
    fn new(draft: Option<Draft>) -> Self {
        match draft {
            None => Self(Progress::Off),
            Some(draft) => Self::waiting(draft),
        }
    }

    fn waiting(mut draft: Draft) -> Self {
        draft.settle_parent();
        Self(Progress::Waiting(draft))
    }

    #[inline]
    fn is_off(&self) -> bool {
        matches!(self.0, Progress::Off)
    }

    /// Starts the span at the first poll; false where nothing is recorded.
    fn open(&mut self) -> bool {
        if matches!(self.0, Progress::Waiting(_))
            && let Progress::Waiting(draft) = std::mem::replace(&mut self.0, Progress::Off)
        {
            self.0 = draft.start().map_or(Progress::Off, Progress::Open);
        }
        matches!(self.0, Progress::Open(_))
    }

    fn inside(&mut self, poll: &mut dyn FnMut()) {
        let Progress::Open(live) = &self.0 else { return };
        let polled = {
            let _attached = attach(live.context());
            catch_unwind(AssertUnwindSafe(poll))
        };
        if let Err(panic) = polled {
            if let Some(live) = self.leave() {
                live.panic(&panic_message(&*panic));
            }
            resume_unwind(panic)
        }
    }

    /// What is left of the span when there is a value.
    #[inline]
    fn end(&mut self) -> Ending {
        Ending::new(self.leave().map(Begun::Open))
    }

    /// Takes the span away, if it is open.
    #[inline]
    fn leave(&mut self) -> Option<Live> {
        if self.is_off() {
            return None;
        }
        match std::mem::replace(&mut self.0, Progress::Over) {
            Progress::Open(live) => Some(live),
            Progress::Off | Progress::Waiting(_) | Progress::Over => None,
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
