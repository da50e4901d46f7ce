//! What of a span may leave the process: texts with masks, content within its limit.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{Event, Link, Status};
use opentelemetry::{KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value as Json;

use crate::content::captured::Values;
use crate::content::limit;
use crate::content::mask::{Masks, Nature};
use crate::export::texts::is_text;
use crate::semconv::{self, attribute};
use crate::telemetry::settings::Limits;

/// The last to see a span before its exporters.
#[derive(Debug)]
pub(crate) struct Outgoing {
    masks: Arc<Masks>,
    /// Bytes that an attribute with content may have.
    content: usize,
    /// The same of an event, on which the limits of spans do not hold.
    details: usize,
    cuts: Arc<Cuts>,
}

/// How much content was too much.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    spans: AtomicU64,
    bytes: AtomicU64,
}

impl Cuts {
    /// Spans, and bytes of their content.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.spans.load(Ordering::Relaxed), self.bytes.load(Ordering::Relaxed))
    }
}

impl Outgoing {
    pub(crate) fn new(masks: Arc<Masks>, limits: Limits, cuts: Arc<Cuts>) -> Self {
        // So many bytes are so many characters at most.
        let content = limits.value_length.unwrap_or(usize::MAX).min(limits.content);
        Self { masks, content, details: limits.content, cuts }
    }

    pub(crate) fn masks(&self) -> &Arc<Masks> {
        &self.masks
    }

    /// Masks every text of a span that other code has made.
    pub(crate) fn mask_foreign(&self, span: &mut SpanData) {
        self.mask_text(&mut span.name);
        if let Status::Error { description } = &mut span.status {
            self.mask_text(description);
        }
        self.mask_attributes(&mut span.attributes);
        self.mask_details(&mut span.events.events, &mut span.links.links);
    }

    /// Masks what a span has beside its attributes.
    pub(crate) fn mask_details(&self, events: &mut [Event], links: &mut [Link]) {
        for event in events {
            self.mask_text(&mut event.name);
            self.mask_attributes(&mut event.attributes);
        }
        for link in links {
            self.mask_attributes(&mut link.attributes);
        }
    }

    pub(crate) fn mask_attributes(&self, attributes: &mut [KeyValue]) {
        for KeyValue { key, value, .. } in attributes {
            if is_text(value) {
                self.masks.attribute(key.as_str(), Nature::of(key.as_str()), value);
            }
        }
    }

    pub(crate) fn mask_text(&self, text: &mut Cow<'static, str>) {
        if let Cow::Owned(masked) = self.masks.text(text) {
            *text = Cow::Owned(masked);
        }
    }

    /// Whether a span with so many bytes of text may have too much content.
    #[inline]
    pub(crate) fn may_limit(&self, text: usize) -> bool {
        text > self.content
    }

    /// Brings content within its limit, and says on the span how much it was cut: so many bytes.
    pub(crate) fn limit(&self, span: &mut SpanData) -> usize {
        let texts = || {
            span.attributes.iter().filter_map(|attribute| match &attribute.value {
                Value::String(text) => Some((attribute.key.as_str(), text.as_str().len())),
                _ => None,
            })
        };
        // As a rule there is less of everything.
        if texts().map(|(_, length)| length).sum::<usize>() <= self.content {
            return 0;
        }
        let content = texts().filter(|(key, _)| semconv::is_content(key));
        let sizes: Vec<usize> = content.map(|(_, length)| length).collect();
        if sizes.is_empty() {
            return 0;
        }
        let share = limit::share(&sizes, self.content);
        let mut bytes = 0;
        for KeyValue { key, value, .. } in &mut span.attributes {
            let Value::String(text) = value else { continue };
            if semconv::is_content(key.as_str())
                && let Some(limited) = limit::limited(key.as_str(), text.as_str(), share)
            {
                bytes += text.as_str().len() - limited.len();
                *text = limited.into();
            }
        }
        if bytes > 0 {
            let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
            span.attributes.push(KeyValue::new(attribute::CONTENT_CUT_BYTES, bytes));
        }
        bytes
    }

    /// The same of the content that an event has.
    pub(crate) fn limit_details(&self, details: &mut Values) -> usize {
        if details.is_empty() {
            return 0;
        }
        let texts: Vec<Cow<'_, str>> = details.iter().map(|(_, value)| text(value)).collect();
        let sizes: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        if sizes.iter().sum::<usize>() <= self.details {
            return 0;
        }
        let share = limit::share(&sizes, self.details);
        let keyed = details.iter().zip(texts);
        let limited: Vec<Option<String>> =
            keyed.map(|((key, _), text)| limit::limited(key, &text, share)).collect();
        let mut bytes = 0;
        for (((_, value), limited), size) in details.iter_mut().zip(limited).zip(sizes) {
            let Some(limited) = limited else { continue };
            bytes += size - limited.len();
            *value = match value {
                Json::String(_) => Json::String(limited),
                // Where there is no room for an empty list, nothing is left.
                _ => serde_json::from_str(&limited).unwrap_or(Json::String(limited)),
            };
        }
        if bytes > 0 {
            details.push((attribute::CONTENT_CUT_BYTES, bytes.into()));
        }
        bytes
    }

    /// Counts what was cut of one span's content, wherever that was told.
    pub(crate) fn count(&self, bytes: usize) {
        if bytes > 0 {
            self.cuts.spans.fetch_add(1, Ordering::Relaxed);
            self.cuts.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }
}

/// What there is to cut, as a span has it.
fn text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        Json::Array(_) | Json::Object(_) => Cow::Owned(value.to_string()),
        _ => Cow::Borrowed(""),
    }
}
