//! The operations that can be traced, one file per kind: builders only.

pub(crate) mod agent;
pub(crate) mod content;
pub(crate) mod llm_call;
pub(crate) mod pipeline;
pub(crate) mod retrieval;
pub(crate) mod span;
pub(crate) mod stage;
pub(crate) mod tool;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use futures_core::stream::Stream;

use crate::span::active::Draft;
use crate::span::active::provisional::Provisional;
use crate::span::ambient::attach;
use crate::span::ending::{Begun, Ending};
use crate::span::future::{Traced, panic_message};
use crate::span::guard::SpanGuard;
use crate::span::outcome::Outcome;
use crate::span::probe::RecordError;
use crate::span::returned::Type;
use crate::span::sink::TracedSink;
use crate::span::stream::TracedStream;

/// A described operation, ready to run; inert when nothing is set up.
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Operation(Option<Draft>);

impl Operation {
    /// An operation of which nothing is recorded.
    pub const fn disabled() -> Self {
        Self(None)
    }

    pub(crate) const fn new(draft: Option<Draft>) -> Self {
        Self(draft)
    }

    /// Runs a future inside the operation's span; the parent is taken now.
    pub fn trace<F, C, T>(self, future: F, end: C) -> Traced<F, C>
    where
        F: Future,
        C: FnOnce(F::Output, Ending) -> T,
    {
        Traced::new(self.0, future, end)
    }

    /// Runs a stream inside the operation's span; the parent is taken now.
    pub(crate) fn trace_stream<S, C>(
        self,
        stream: S,
        read: C,
    ) -> TracedStream<S, impl FnMut(&S::Item, &mut Outcome), C>
    where
        S: Stream,
        C: FnMut(&S::Item, &mut Outcome),
    {
        TracedStream::new(self.0, stream, |_: &S::Item, _: &mut Outcome| (), read)
    }

    /// Runs a sink inside the operation's span; the parent is taken now.
    pub(crate) fn trace_sink<S, C, U>(self, sink: S, settle: C, usage: U) -> TracedSink<S, C, U> {
        TracedSink::new(self.0, sink, settle, usage)
    }

    /// Runs a closure inside the operation's span.
    pub fn trace_blocking<T, R>(
        self,
        body: impl FnOnce() -> T,
        end: impl FnOnce(T, Ending) -> R,
    ) -> R {
        let begun = self.0.and_then(Draft::start).map(Begun::Open);
        Self::run(begun, body, end)
    }

    /// Runs a closure that may return a stream or a sink; a lazy one begins with its first poll, unless
    /// the closure has begun something already.
    pub fn trace_returned<T, R>(
        self,
        body: impl FnOnce() -> T,
        is_lazy: impl FnOnce(Type<T>) -> bool,
        end: impl FnOnce(T, Ending) -> R,
    ) -> R {
        let begun = match self.0 {
            None => None,
            Some(draft) if is_lazy(Type::new()) => {
                Provisional::new(draft).map(|span| Begun::Ready(Box::new(span)))
            }
            Some(draft) => draft.start().map(Begun::Open),
        };
        Self::run(begun, body, end)
    }

    fn run<T, R>(
        begun: Option<Begun>,
        body: impl FnOnce() -> T,
        end: impl FnOnce(T, Ending) -> R,
    ) -> R {
        let returned = match &begun {
            None => Ok(body()),
            Some(begun) => {
                let _attached = attach(begun.context());
                catch_unwind(AssertUnwindSafe(body))
            }
        };
        match returned {
            Ok(output) => end(output, Ending::new(begun)),
            Err(panic) => {
                if let Some(begun) = begun {
                    begun.panic(&panic_message(&*panic));
                }
                resume_unwind(panic)
            }
        }
    }

    /// Starts the span, to be ended by hand.
    pub fn start(self) -> SpanGuard {
        SpanGuard::new(self.0.and_then(Draft::start))
    }
}

/// Reads the outcome from a `Result`.
pub(crate) fn record<T, E: RecordError<M>, M>(result: &Result<T, E>, outcome: &mut Outcome) {
    if let Err(error) = result {
        error.record(outcome);
    }
}

/// What every builder can do. Expands inside `impl`-less position, for a builder that wraps
/// `Option<Draft>`.
macro_rules! builder {
    ($type:ident) => {
        impl $type {
            /// Adds an attribute of your own; `None` sets nothing.
            pub fn attribute(
                mut self,
                key: impl Into<std::borrow::Cow<'static, str>>,
                value: impl $crate::AttributeValue,
            ) -> Self {
                if let Some(draft) = &mut self.0 {
                    let key: std::borrow::Cow<'static, str> = key.into();
                    if draft.takes(&key)
                        && let Some(value) = value.value()
                    {
                        draft.write(|words| words.set(key, value));
                    }
                }
                self
            }

            /// What the macros call where no parent is named.
            #[doc(hidden)]
            pub fn settled(mut self) -> Self {
                if let Some(draft) = &mut self.0 {
                    draft.settle();
                }
                self
            }

            /// Makes the span a child of this one instead of the current one.
            pub fn parent(mut self, parent: impl $crate::Parent) -> Self {
                if let (Some(draft), Some(parent)) = (&mut self.0, parent.parent()) {
                    draft.set_parent(parent);
                }
                self
            }

            /// Starts a new trace, whatever is current.
            pub fn root(mut self) -> Self {
                if let Some(draft) = &mut self.0 {
                    use opentelemetry::trace::TraceContextExt as _;
                    draft.set_parent(
                        $crate::span::ambient::current()
                            .with_remote_span_context(opentelemetry::trace::SpanContext::NONE),
                    );
                }
                self
            }

            /// Links the span to others: the requests in a batch, the attempt before.
            pub fn links(mut self, links: impl $crate::Links) -> Self {
                if let Some(draft) = &mut self.0 {
                    links.each(&mut |span_context| draft.link(span_context));
                }
                self
            }

            /// How much of an error the span tells; [`ErrorDetail::Display`](crate::ErrorDetail) if
            /// neither this nor the set-up says.
            pub fn err(mut self, detail: $crate::ErrorDetail) -> Self {
                if let Some(draft) = &mut self.0 {
                    draft.set_detail(detail);
                }
                self
            }

            /// Runs a future inside the span. The parent is taken here; the span starts at the
            /// first poll and ends with the future: an `Err` is an error, a panic `panicked`,
            /// and a future that is dropped half-way `cancelled`.
            pub fn run<F, T, E, M>(self, future: F) -> impl Future<Output = Result<T, E>>
            where
                F: Future<Output = Result<T, E>>,
                E: $crate::RecordError<M>,
            {
                self.operation()
                    .trace(future, |result, ending| ending.end(result, $crate::operation::record))
            }

            /// Runs a future of any output inside the span; `settle` tells the outcome.
            pub fn run_with<F, C>(self, future: F, settle: C) -> impl Future<Output = F::Output>
            where
                F: Future,
                C: FnOnce(&F::Output, &mut $crate::Outcome),
            {
                self.operation().trace(future, |output, ending| ending.end(output, settle))
            }

            /// Runs a closure inside the span, on this thread.
            ///
            /// # Errors
            ///
            /// What the closure returns.
            pub fn run_blocking<T, E, M>(self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E>
            where
                E: $crate::RecordError<M>,
            {
                self.operation().trace_blocking(body, |result, ending| {
                    ending.end(result, $crate::operation::record)
                })
            }

            /// Runs a closure of any output inside the span; `settle` tells the outcome.
            pub fn run_blocking_with<T>(
                self,
                body: impl FnOnce() -> T,
                settle: impl FnOnce(&T, &mut $crate::Outcome),
            ) -> T {
                self.operation().trace_blocking(body, |output, ending| ending.end(output, settle))
            }

            /// Runs a stream inside the span. The parent is taken here; the span starts at the
            /// first poll and lasts to the last item: an `Err` item is an error, a panic
            /// `panicked`, and a stream that is dropped before its end `abandoned`.
            pub fn run_stream<S, T, E, M>(
                self,
                stream: S,
            ) -> impl futures_core::stream::Stream<Item = Result<T, E>>
            where
                S: futures_core::stream::Stream<Item = Result<T, E>>,
                E: $crate::RecordError<M>,
            {
                self.operation().trace_stream(stream, $crate::operation::record)
            }

            /// Runs a stream of any items inside the span; `settle` reads each one. The first
            /// failure that it tells is the outcome.
            pub fn run_stream_with<S, C>(
                self,
                stream: S,
                settle: C,
            ) -> impl futures_core::stream::Stream<Item = S::Item>
            where
                S: futures_core::stream::Stream,
                C: FnMut(&S::Item, &mut $crate::Outcome),
            {
                self.operation().trace_stream(stream, settle)
            }

            /// Runs a sink inside the span. The parent is taken here; the span starts with the first
            /// call of the sink and lasts until it has closed: an error is an error, a panic
            /// `panicked`, and a sink that is dropped before it has closed or flushed everything
            /// `abandoned`.
            pub fn run_sink<S, I, M>(self, sink: S) -> impl futures_sink::Sink<I, Error = S::Error>
            where
                S: futures_sink::Sink<I, Error: $crate::RecordError<M>>,
            {
                self.run_sink_with(sink, $crate::RecordError::record)
            }

            /// Runs a sink with errors of any type inside the span; `settle` reads each one. The
            /// first failure that it tells is the outcome.
            pub fn run_sink_with<S, I, C>(
                self,
                sink: S,
                mut settle: C,
            ) -> impl futures_sink::Sink<I, Error = S::Error>
            where
                S: futures_sink::Sink<I>,
                C: FnMut(&S::Error, &mut $crate::Outcome),
            {
                let settle = move |answer: &Result<(), S::Error>, outcome: &mut $crate::Outcome| {
                    if let Err(error) = answer {
                        settle(error, outcome);
                    }
                };
                self.operation().trace_sink(sink, settle, |_: &I, _: &mut $crate::Outcome| ())
            }

            /// Starts the span, to be ended by hand.
            pub fn start(self) -> $crate::SpanGuard {
                self.operation().start()
            }

            /// What the macros run.
            #[doc(hidden)]
            pub fn operation(self) -> $crate::operation::Operation {
                $crate::operation::Operation::new(self.0)
            }
        }
    };
}

pub(crate) use builder;

/// One builder method per attribute.
macro_rules! attributes {
    ($type:ident { $($(#[$doc:meta])* $method:ident: $value:ident => $key:ident;)+ }) => {
        impl $type {
            fn write(
                mut self,
                key: &'static str,
                value: &(impl $crate::AttributeValue + ?Sized),
            ) -> Self {
                if let Some(draft) = &mut self.0 {
                    draft.attribute(key, value.value());
                }
                self
            }

            $(
                $(#[$doc])*
                pub fn $method(self, value: impl $crate::$value) -> Self {
                    self.write($crate::semconv::attribute::$key, &value)
                }
            )+
        }
    };
}

pub(crate) use attributes;

/// One builder method per attribute that is a double, whatever number it is given as.
macro_rules! doubles {
    ($type:ident { $($(#[$doc:meta])* $method:ident => $key:ident;)+ }) => {
        impl $type {
            $(
                $(#[$doc])*
                #[allow(clippy::needless_pass_by_value, reason = "takes numbers and references to them alike")]
                pub fn $method(mut self, value: impl $crate::Number) -> Self {
                    if let Some(draft) = &mut self.0 {
                        draft.attribute($crate::semconv::attribute::$key, value.double());
                    }
                    self
                }
            )+
        }
    };
}

pub(crate) use doubles;
