//! Spans as exporters get them, while they wait for their batch.

use opentelemetry_sdk::trace::SpanData;

#[derive(Debug, Default)]
pub(crate) struct Pending {
    spans: Vec<SpanData>,
    /// What the console gets in place of some of them, by their places: with the default names and with
    /// all that is told of them elsewhere.
    for_console: Vec<(usize, SpanData)>,
    /// Spans of the largest batch: as many are made room for, since they would move whenever it grows.
    largest: usize,
}

impl Pending {
    #[inline]
    pub(crate) fn push(&mut self, span: SpanData) {
        self.spans.push(span);
    }

    /// The last one, to be worked on where it is: moving it costs more than most of that.
    #[inline]
    pub(crate) fn last_mut(&mut self) -> Option<&mut SpanData> {
        self.spans.last_mut()
    }

    /// What the console gets in place of the last one.
    pub(crate) fn put_for_console(&mut self, span: SpanData) {
        self.for_console.push((self.spans.len().saturating_sub(1), span));
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Takes out the first ones, at most so many.
    pub(crate) fn take(&mut self, most: usize) -> Self {
        let taken = self.spans.len().min(most);
        let largest = self.largest.max(taken);
        let mut spans = Vec::with_capacity(largest);
        spans.extend(self.spans.drain(taken..));
        let first_left = self.for_console.partition_point(|(place, _)| *place < taken);
        let mut for_console = self.for_console.split_off(first_left);
        for (place, _) in &mut for_console {
            *place -= taken;
        }
        std::mem::replace(self, Self { spans, for_console, largest })
    }

    /// A copy for one exporter of several.
    pub(crate) fn to_spans(&self, console: bool) -> Vec<SpanData> {
        let mut spans = self.spans.clone();
        if console {
            put(&mut spans, self.for_console.iter().cloned());
        }
        spans
    }

    pub(crate) fn into_spans(self, console: bool) -> Vec<SpanData> {
        let mut spans = self.spans;
        if console {
            put(&mut spans, self.for_console.into_iter());
        }
        spans
    }
}

fn put(spans: &mut [SpanData], others: impl Iterator<Item = (usize, SpanData)>) {
    for (place, other) in others {
        if let Some(span) = spans.get_mut(place) {
            *span = other;
        }
    }
}
