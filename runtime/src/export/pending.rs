//! Spans as exporters get them, while they wait for their batch.

#[cfg(test)]
#[cfg(all(feature = "file", feature = "otlp-http"))]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;

use opentelemetry_sdk::trace::SpanData;

use super::encoded::EncodedSpans;
use super::queue::{Amount, Measure};
use super::span_data::{bytes, is_valuable};

/// Ended spans in one order, in every form that an exporter wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans {
    count: usize,
    /// What they take, about.
    bytes: usize,
    /// As protobuf.
    encoded: EncodedSpans,
    data: Vec<SpanData>,
    /// What the console gets in place of some of them, by their places: with the default names and with
    /// all that is told of them elsewhere.
    for_console: Vec<(usize, SpanData)>,
}

/// In which form an exporter wants spans.
#[cfg_attr(
    not(any(feature = "otlp-grpc", feature = "otlp-http")),
    allow(dead_code, reason = "OTLP alone is sent as protobuf")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As protobuf.
    Encoded,
    Data,
    /// With the default names: a person reads it.
    Plain,
}

/// A batch as one exporter wants it.
#[derive(Debug)]
pub(crate) enum Batch {
    Encoded(Arc<EncodedSpans>),
    Data { spans: Vec<SpanData>, bytes: usize },
}

/// Spans that wait for their batch to be full, and full ones.
#[derive(Debug)]
pub(crate) struct Pending {
    /// In which forms they are kept.
    encoded: bool,
    data: bool,
    /// Of a whole batch.
    size: Amount,
    current: Spans,
    full: VecDeque<Spans>,
    /// The one that is worked on, where it is not kept as `SpanData`.
    written: Option<SpanData>,
    /// The batch before: as much room is made for the next, since it would move whenever it grows.
    last: Room,
}

#[derive(Clone, Copy, Debug, Default)]
struct Room {
    encoded: usize,
    data: usize,
}

impl Batch {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Encoded(spans) => spans.count(),
            Self::Data { spans, .. } => spans.len(),
        }
    }

    /// What they take, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Encoded(spans) => spans.len(),
            Self::Data { bytes, .. } => *bytes,
        }
    }

    pub(crate) fn measures(&self) -> Vec<Measure> {
        match self {
            Self::Encoded(spans) => spans.measures(),
            Self::Data { spans, .. } => {
                let of = |span| Measure { bytes: bytes(span), is_valuable: is_valuable(span) };
                spans.iter().map(of).collect()
            }
        }
    }

    /// Leaves those, by their places.
    pub(crate) fn retain(&mut self, is_kept: &[bool]) {
        match self {
            Self::Encoded(spans) => Arc::make_mut(spans).retain(is_kept),
            Self::Data { spans, .. } => {
                let mut is_kept = is_kept.iter();
                spans.retain(|_| is_kept.next().copied().unwrap_or(true));
            }
        }
    }
}

impl Spans {
    /// One batch for each exporter.
    pub(crate) fn into_batches(mut self, forms: impl Iterator<Item = Form>) -> Vec<Batch> {
        let encoded = Arc::new(std::mem::take(&mut self.encoded));
        let bytes = self.bytes;
        let mut forms = forms.peekable();
        let mut batches = Vec::new();
        while let Some(form) = forms.next() {
            batches.push(match form {
                Form::Encoded => Batch::Encoded(Arc::clone(&encoded)),
                // A copy for one of several.
                _ if forms.peek().is_some() => {
                    Batch::Data { spans: self.clone().into_data(form), bytes }
                }
                _ => Batch::Data { spans: std::mem::take(&mut self).into_data(form), bytes },
            });
        }
        batches
    }

    fn into_data(mut self, form: Form) -> Vec<SpanData> {
        if form == Form::Plain {
            for (place, other) in self.for_console {
                if let Some(span) = self.data.get_mut(place) {
                    *span = other;
                }
            }
        }
        self.data
    }
}

impl Pending {
    pub(crate) fn new(forms: impl Iterator<Item = Form>, size: Amount) -> Self {
        let (mut encoded, mut data) = (false, false);
        for form in forms {
            match form {
                Form::Encoded => encoded = true,
                Form::Data | Form::Plain => data = true,
            }
        }
        let (current, last) = (Spans::default(), Room::default());
        Self { encoded, data, size, current, full: VecDeque::new(), written: None, last }
    }

    /// Takes a span, to be worked on where it is: moving it costs more than most of that.
    #[allow(clippy::inline_always, reason = "it is made where it stays only then")]
    #[inline(always)]
    pub(crate) fn begin(&mut self, span: SpanData) -> &mut SpanData {
        if self.current.count == 0 {
            self.current.make_room(self.last);
        }
        if !self.data {
            return self.written.insert(span);
        }
        let place = self.current.data.len();
        self.current.data.push(span);
        &mut self.current.data[place]
    }

    /// The last one that [began](Self::begin) has everything: it takes so many bytes, and the console gets
    /// this one in its place. Returns it where it is not kept.
    pub(crate) fn end(
        &mut self,
        bytes: usize,
        for_console: Option<Box<SpanData>>,
    ) -> Option<&mut SpanData> {
        let Self { current, written, .. } = self;
        current.bytes += bytes;
        if self.encoded
            && let Some(span) = written.as_ref().or(current.data.last())
        {
            current.encoded.push(span);
        }
        if let Some(plain) = for_console {
            current.for_console.push((current.count, *plain));
        }
        current.count += 1;
        self.end_full_batch();
        self.written.as_mut()
    }

    /// Takes the next batch, one that is not full only where that is asked for.
    pub(crate) fn take(&mut self, also_less: bool) -> Option<Spans> {
        if also_less && self.current.count > 0 {
            self.end_batch();
        }
        self.full.pop_front()
    }

    fn end_full_batch(&mut self) {
        if self.current.count >= self.size.items || self.current.bytes >= self.size.bytes {
            self.end_batch();
        }
    }

    fn end_batch(&mut self) {
        let batch = std::mem::take(&mut self.current);
        self.last = batch.room();
        self.full.push_back(batch);
    }
}

impl Spans {
    fn room(&self) -> Room {
        let encoded = self.encoded.len();
        Room { encoded, data: self.data.len() }
    }

    fn make_room(&mut self, room: Room) {
        self.encoded.make_room(room.encoded);
        self.data.reserve(room.data);
    }
}
