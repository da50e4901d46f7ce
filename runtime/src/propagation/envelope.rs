//! A value that travels with the trace it belongs to.

use std::collections::BTreeMap;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};

use super::{Links, Parent, TraceContext, extract, inject_context, inject_for, sealed};

/// A value and the trace it belongs to, for channels, queues and jobs.
///
/// Inside one process the receiver's spans become children of the span that sealed it. With the
/// feature `serde` it can be serialized: a value in `payload` and the trace context as strings in
/// `headers`, in the formats of `OTEL_PROPAGATORS`, so that a worker in another process, in
/// whatever language, goes on in the same trace.
///
/// Inside one process session, user and the rest of a [`scope`](crate::scope()) come along. What is
/// serialized has none of it, unless [`seal_for`](Self::seal_for) asks for it.
///
/// ```
/// use spanline::{Envelope, Stage};
/// use std::sync::mpsc::channel;
///
/// let (sender, receiver) = channel();
/// Stage::new("enqueue").run_blocking(|| sender.send(Envelope::seal("job 7")))?;
///
/// let job = receiver.recv()?;
/// Stage::new("work")
///     .parent(&job)
///     .run_blocking_with(|| println!("{}", job.payload()), |(), _| ());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Where a job has several causes, or outlives the request, link it instead: `.links(&job)`. A
/// response is linked back to who made it in the same way: the worker answers with an envelope of
/// its own, and the requester writes `spanline::current().link(&answer)`.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Envelope<T> {
    /// Absent after a journey to another process.
    #[cfg_attr(feature = "serde", serde(skip))]
    here: Option<Context>,
    #[cfg_attr(feature = "serde", serde(default))]
    headers: BTreeMap<String, String>,
    payload: T,
}

impl<T> Envelope<T> {
    /// Seals a value with the trace context that is current.
    pub fn seal(payload: T) -> Self {
        Self::seal_in(TraceContext::current(), payload)
    }

    /// Seals a value with this trace context.
    pub fn seal_in(context: TraceContext, payload: T) -> Self {
        let mut headers = BTreeMap::new();
        inject_context(&context, &mut headers);
        Self { here: Some(context.into()), headers, payload }
    }

    /// Seals a value for this host, or queue, which may be told whom it is for: the headers hold
    /// what [`inject_for`] would write.
    pub fn seal_for(host: &str, payload: T) -> Self {
        let mut headers = BTreeMap::new();
        inject_for(host, &mut headers);
        Self { here: Some(TraceContext::current().into()), headers, payload }
    }

    /// Where the trace is to be continued.
    pub fn context(&self) -> TraceContext {
        self.here.clone().map_or_else(|| extract(&self.headers), TraceContext::from)
    }

    /// The trace context as another process reads it.
    pub fn headers(&self) -> &BTreeMap<String, String> {
        &self.headers
    }

    /// The value.
    pub fn payload(&self) -> &T {
        &self.payload
    }

    /// The value alone.
    pub fn into_payload(self) -> T {
        self.payload
    }
}

impl<T> sealed::Sealed for Envelope<T> {}

impl<T> Parent for Envelope<T> {
    fn parent(&self) -> Option<Context> {
        Some(self.context().into())
    }
}

impl<T> Links for Envelope<T> {
    fn each(&self, link: &mut dyn FnMut(SpanContext)) {
        link(Context::from(self.context()).span().span_context().clone());
    }
}
