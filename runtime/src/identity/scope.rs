//! A scope: what runs in it shares whom it is for, with or without a span around it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll};

use futures_core::stream::Stream;
use opentelemetry::Context;
use pin_project_lite::pin_project;

use super::{Associations, add, associated, begin};
use crate::Text;
use crate::span::ambient::{self, Attachment, attach};
use crate::span::dispatch::is_enabled;
use crate::span::guard::Attached;

/// Says whom what runs in it is for: a session, a user, a tenant, a conversation, a prompt, tags and
/// properties of your own. Made by [`scope`].
///
/// All of it is found on every span under it, of Spanline's macros and builders and of other
/// OpenTelemetry code, and nowhere else: not on metrics, not after the scope, and not in another
/// process. A scope inside another one adds to it and overrides it; what a span says itself wins.
#[derive(Debug)]
#[must_use = "a described scope has nothing in it; `run` something"]
pub struct Scope(Option<Box<Associations>>);

/// Begins to describe a scope; inert when nothing is set up.
///
/// ```
/// use spanline::trace_stage;
///
/// #[trace_stage]
/// async fn answer(question: &str) -> String {
///     question.to_uppercase()
/// }
///
/// # async fn example() {
/// let answer = spanline::scope()
///     .session("s-1")
///     .user("u-7")
///     .property("region", "eu")
///     .run(answer("why?"))
///     .await;
/// # }
/// ```
pub fn scope() -> Scope {
    Scope(is_enabled().then(Box::default))
}

impl Scope {
    fn associations(&mut self) -> Option<&mut Associations> {
        self.0.as_deref_mut()
    }

    /// One more tag: `spanline.tags`, a list, with those of the scopes around it.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn tag(mut self, tag: impl Text) -> Self {
        if let Some(associations) = self.associations() {
            associations.add_tag(&tag);
        }
        self
    }

    /// The prompt template that model calls use: `gen_ai.prompt.name` and `gen_ai.prompt.version`,
    /// on the spans of inference. A prompt without a version has none from an outer scope.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn prompt(mut self, name: impl Text, version: impl Text) -> Self {
        if let Some(associations) = self.associations() {
            associations.set_prompt_name(&name);
            associations.set_prompt_version(&version);
        }
        self
    }

    /// Runs a future in the scope, wherever it is polled.
    pub fn run<F: Future>(self, future: F) -> impl Future<Output = F::Output> {
        Scoped::new(self, future)
    }

    /// Runs a stream in the scope, wherever it is polled.
    pub fn run_stream<S: Stream>(self, stream: S) -> impl Stream<Item = S::Item> {
        Scoped::new(self, stream)
    }

    /// Runs a closure in the scope, on this thread.
    pub fn run_blocking<T>(self, body: impl FnOnce() -> T) -> T {
        let _attached = self.enter();
        body()
    }

    /// Puts what follows on this thread in the scope, until the returned guard is dropped. For code
    /// that does not wait: across an `.await`, other tasks of the thread would be in it too; there,
    /// [`run`](Self::run) a future.
    ///
    /// ```
    /// use spanline::Stage;
    ///
    /// let in_session = spanline::scope().session("s-1").enter();
    /// Stage::new("of the session").start().end();
    /// drop(in_session);
    /// ```
    pub fn enter(self) -> Attached {
        let attachment = self.0.map(|more| attach(&add(ambient::current(), Some(more))));
        Attached::new(attachment)
    }
}

associated!(Scope);

/// What begins in another place than it was made in.
#[derive(Debug)]
enum Course {
    /// Nothing is shared.
    Off,
    Waiting {
        made: Context,
        more: Box<Associations>,
    },
    Inside(Context),
}

pin_project! {
    /// A future or a stream in a scope, which is current on each poll and when it is dropped.
    #[must_use = "futures and streams do nothing unless polled"]
    struct Scoped<T> {
        #[pin]
        work: Option<T>,
        course: Course,
    }

    impl<T> PinnedDrop for Scoped<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _attached = this.course.attach();
            this.work.set(None);
        }
    }
}

impl<T> Scoped<T> {
    fn new(scope: Scope, work: T) -> Self {
        let course =
            scope.0.map_or(Course::Off, |more| Course::Waiting { made: ambient::current(), more });
        Self { work: Some(work), course }
    }
}

impl Course {
    fn open(&mut self) {
        if matches!(self, Self::Waiting { .. })
            && let Self::Waiting { made, more } = std::mem::replace(self, Self::Off)
        {
            *self = Self::Inside(add(begin(made), Some(more)));
        }
    }

    fn attach(&self) -> Option<Attachment> {
        match self {
            Self::Inside(context) => Some(attach(context)),
            Self::Off | Self::Waiting { .. } => None,
        }
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.course.open();
        let _attached = this.course.attach();
        match this.work.as_pin_mut() {
            Some(future) => future.poll(task),
            // Dropped by our own `drop` alone; nobody polls after that.
            None => Poll::Pending,
        }
    }
}

impl<S: Stream> Stream for Scoped<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        this.course.open();
        let _attached = this.course.attach();
        match this.work.as_pin_mut() {
            Some(stream) => stream.poll_next(task),
            // Dropped by our own `drop` alone; nobody polls after that.
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.work.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}
