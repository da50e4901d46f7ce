//! Trace context across process boundaries: into headers, and out of them.

mod baggage;
pub(crate) mod carrier;
pub(crate) mod carry;
pub(crate) mod envelope;
pub(crate) mod reference;

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use opentelemetry::{Context, global};

use self::carrier::{Arrived, Leaving};
use crate::span::active::provisional::settle;
use crate::span::ambient;
use crate::span::current::Current;
use crate::span::guard::SpanGuard;

/// Where a trace is to be continued: what arrived with a request or a job, or what is current here.
///
/// ```
/// use std::collections::HashMap;
/// use spanline::TraceContext;
///
/// let context = TraceContext::from_traceparent(
///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
/// );
/// assert_eq!(context.trace_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
/// assert!(!TraceContext::from_traceparent("nonsense").is_valid());
/// ```
#[derive(Clone, Debug, Default)]
pub struct TraceContext(Context);

impl TraceContext {
    /// What is current on this thread.
    #[must_use]
    pub fn current() -> Self {
        Self(ambient::current())
    }

    /// Reads a [W3C `traceparent`](https://www.w3.org/TR/trace-context/#traceparent-header); what
    /// is none gives a context without a trace.
    #[must_use]
    pub fn from_traceparent(traceparent: &str) -> Self {
        parse_traceparent(traceparent).map_or_else(Self::default, |span_context| {
            Self(Context::new().with_remote_span_context(span_context))
        })
    }

    /// Whether there is a trace to continue.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.0.span().span_context().is_valid()
    }

    /// The trace's id in 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        Current::of(&self.0).trace_id()
    }

    /// The context as a `traceparent`.
    #[must_use]
    pub fn traceparent(&self) -> Option<String> {
        traceparent(settle(self.0.clone()).span().span_context())
    }
}

impl From<Context> for TraceContext {
    fn from(context: Context) -> Self {
        Self(context)
    }
}

impl From<TraceContext> for Context {
    fn from(context: TraceContext) -> Self {
        context.0
    }
}

/// Writes the current trace context into headers, in the formats of `OTEL_PROPAGATORS` (default
/// W3C `tracecontext` and `baggage`). Whom the work is for stays here, unless every host may be
/// told: see [`inject_for`].
///
/// ```
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::new();
/// spanline::inject(&mut headers);
/// ```
pub fn inject(headers: &mut impl HeadersMut) {
    inject_context(&TraceContext::current(), headers);
}

/// Writes the current trace context into the headers of a request to this host, and whom it is for
/// as far as the host may be told: what `TelemetryBuilder::identity_baggage` allows, as W3C baggage.
/// The host may have a port.
///
/// ```
/// use std::collections::HashMap;
///
/// let mut headers = HashMap::new();
/// spanline::inject_for("search.internal.example:8080", &mut headers);
/// ```
pub fn inject_for(host: &str, headers: &mut impl HeadersMut) {
    write(&ambient::current(), Some(host), headers);
}

/// Writes this trace context into headers.
pub fn inject_context(context: &TraceContext, headers: &mut impl HeadersMut) {
    write(&context.0, None, headers);
}

fn write(context: &Context, host: Option<&str>, headers: &mut impl HeadersMut) {
    let context = baggage::readable(settle(context.clone()));
    #[cfg(feature = "telemetry")]
    let with_identity = crate::identity::baggage::outgoing(&context, host);
    #[cfg(not(feature = "telemetry"))]
    let with_identity = host.and(None::<Context>);
    let context = with_identity.as_ref().unwrap_or(&context);
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(context, &mut Leaving(&mut *headers));
    });
}

/// Reads trace context from headers: what to give to `parent = …`. It also holds what the sender says
/// of whom the request is for, as far as `TelemetryBuilder::identity_baggage` allows; what is known
/// here already wins.
///
/// Headers are others' words: a `traceparent` that is none, a `baggage` above 8,192 bytes and whatever has
/// control characters in it are not taken, and of a `tracestate` at most 32 members and 512 bytes are.
/// `Health::refused_headers` counts them.
///
/// ```
/// use std::collections::HashMap;
/// use spanline::trace_pipeline;
///
/// #[trace_pipeline("job", parent = spanline::extract(headers))]
/// async fn work(headers: &HashMap<String, String>) {}
/// # drop(work(&HashMap::new()));
/// ```
pub fn extract(headers: &impl Headers) -> TraceContext {
    let context = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&ambient::current(), &Arrived::new(headers))
    });
    #[cfg(feature = "telemetry")]
    let context = {
        use crate::identity::baggage::{HEADER, incoming};
        // What is refused there is not taken here.
        let header = headers.get(HEADER).filter(|value| !carrier::breaks_out(value));
        incoming(context, header)
    };
    TraceContext(context)
}

/// Headers that can be read: string maps, pairs of strings, `http::HeaderMap` (feature `http`).
/// Implement it for the headers of another protocol.
pub trait Headers {
    /// The value under a name, which is lower case.
    fn get(&self, name: &str) -> Option<&str>;
    /// All names.
    fn names(&self) -> Vec<&str>;
}

/// Headers that can be written.
pub trait HeadersMut {
    /// Puts a value under a name, in place of what was there.
    fn set(&mut self, name: &str, value: String);
}

impl<S: BuildHasher> Headers for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<&str> {
        find(self.iter(), name)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl<S: BuildHasher> HeadersMut for HashMap<String, String, S> {
    fn set(&mut self, name: &str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

impl Headers for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        find(self.iter(), name)
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}

impl HeadersMut for BTreeMap<String, String> {
    fn set(&mut self, name: &str, value: String) {
        self.insert(name.to_owned(), value);
    }
}

impl Headers for Vec<(String, String)> {
    fn get(&self, name: &str) -> Option<&str> {
        find(self.iter().map(|(name, value)| (name, value)), name)
    }

    fn names(&self) -> Vec<&str> {
        self.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl HeadersMut for Vec<(String, String)> {
    fn set(&mut self, name: &str, value: String) {
        self.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.push((name.to_owned(), value));
    }
}

/// Header names know no case, maps of strings do.
fn find<'a>(
    mut pairs: impl Iterator<Item = (&'a String, &'a String)>,
    name: &str,
) -> Option<&'a str> {
    pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

#[cfg(feature = "http")]
impl Headers for http::HeaderMap {
    fn get(&self, name: &str) -> Option<&str> {
        http::HeaderMap::get(self, name)?.to_str().ok()
    }

    fn names(&self) -> Vec<&str> {
        self.keys().map(http::HeaderName::as_str).collect()
    }
}

#[cfg(feature = "http")]
impl HeadersMut for http::HeaderMap {
    fn set(&mut self, name: &str, value: String) {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
        {
            self.insert(name, value);
        }
    }
}

/// What an operation can be made a child of. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parent of a span",
    label = "expected a `TraceContext`, an OpenTelemetry `Context` or `SpanContext`, or an `Option` of one",
    note = "`spanline::extract(&headers)` reads one from headers"
)]
pub trait Parent: sealed::Sealed {
    #[doc(hidden)]
    fn parent(&self) -> Option<Context>;
}

/// What an operation can be linked to: one span or several. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be linked to",
    label = "expected a `TraceContext`, an OpenTelemetry `SpanContext`, or a list of them"
)]
pub trait Links: sealed::Sealed {
    #[doc(hidden)]
    fn each(&self, link: &mut dyn FnMut(SpanContext));
}

mod sealed {
    pub trait Sealed {}
}

impl<T: sealed::Sealed + ?Sized> sealed::Sealed for &T {}
impl<T: Parent + ?Sized> Parent for &T {
    fn parent(&self) -> Option<Context> {
        (**self).parent()
    }
}
impl<T: Links + ?Sized> Links for &T {
    fn each(&self, link: &mut dyn FnMut(SpanContext)) {
        (**self).each(link);
    }
}

impl<T: sealed::Sealed> sealed::Sealed for Option<T> {}
impl<T: Parent> Parent for Option<T> {
    fn parent(&self) -> Option<Context> {
        self.as_ref()?.parent()
    }
}
impl<T: Links> Links for Option<T> {
    fn each(&self, link: &mut dyn FnMut(SpanContext)) {
        if let Some(links) = self {
            links.each(link);
        }
    }
}

macro_rules! spans {
    ($($type:ty, |$this:ident| $context:expr;)+) => {$(
        impl sealed::Sealed for $type {}
        impl Parent for $type {
            fn parent(&self) -> Option<Context> {
                let $this = self;
                Some($context)
            }
        }
        impl Links for $type {
            fn each(&self, link: &mut dyn FnMut(SpanContext)) {
                let $this = self;
                link(settle($context).span().span_context().clone());
            }
        }
    )+};
}

spans! {
    TraceContext, |this| this.0.clone();
    Context, |this| this.clone();
    SpanContext, |this| ambient::current().with_remote_span_context(this.clone());
    Current, |this| this.context().clone();
    SpanGuard, |this| this.context();
}

macro_rules! lists {
    ($($type:ty $(, $size:ident)?;)+) => {$(
        impl<T: sealed::Sealed $(, const $size: usize)?> sealed::Sealed for $type {}
        impl<T: Links $(, const $size: usize)?> Links for $type {
            fn each(&self, link: &mut dyn FnMut(SpanContext)) {
                for links in self {
                    links.each(link);
                }
            }
        }
    )+};
}

lists! {
    [T];
    [T; N], N;
    Vec<T>;
}

pub(crate) fn traceparent(span_context: &SpanContext) -> Option<String> {
    span_context.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            span_context.trace_id(),
            span_context.span_id(),
            span_context.trace_flags().to_u8() & 1
        )
    })
}

fn parse_traceparent(text: &str) -> Option<SpanContext> {
    let mut parts = text.trim().split('-');
    let (version, trace_id, span_id, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let lower_hex = |part: &str, length: usize| {
        part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let known = lower_hex(version, 2)
        && version != "ff"
        && lower_hex(trace_id, 32)
        && lower_hex(span_id, 16)
        && lower_hex(flags, 2)
        && (version != "00" || parts.next().is_none());
    if !known {
        return None;
    }
    let span_context = SpanContext::new(
        TraceId::from_hex(trace_id).ok()?,
        SpanId::from_hex(span_id).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()? & 1),
        true,
        TraceState::NONE,
    );
    span_context.is_valid().then_some(span_context)
}
