//! What of a span may leave the process: texts with masks, content within its limit.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::trace::{Event, Link, Status};
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;
use serde_json::Value as Json;

use crate::content::captured::Values;
use crate::content::limit;
use crate::content::mask::{Masks, Nature};
use crate::semconv::{self, attribute};
use crate::span::record::Record;
use crate::telemetry::settings::Limits;

/// The last to see a span before its exporters.
#[derive(Debug)]
pub(crate) struct Outgoing {
    masks: Arc<Masks>,
    natures: Natures,
    /// Bytes that an attribute with content may have.
    content: usize,
    /// The same of an event, on which the limits of spans do not hold.
    details: usize,
    cuts: Arc<Cuts>,
}

/// The natures of keys, by where their texts are: a static text never changes. Few are looked up twice.
struct Natures(Vec<Option<(&'static str, Nature)>>);

impl fmt::Debug for Natures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Natures").finish_non_exhaustive()
    }
}

impl Natures {
    /// A power of two.
    const PLACES: usize = 1024;

    fn new() -> Self {
        Self(vec![None; Self::PLACES])
    }

    fn of(&mut self, key: &'static str) -> Nature {
        let address = key.as_ptr().addr();
        // Neighbours in memory are neighbours here, a page and the next one are not the same.
        let place = (address ^ (address / Self::PLACES)) % Self::PLACES;
        match self.0.get_mut(place) {
            Some(Some((known, nature))) if std::ptr::eq(*known, key) => *nature,
            slot => {
                let nature = Nature::of(key);
                if let Some(slot) = slot {
                    *slot = Some((key, nature));
                }
                nature
            }
        }
    }
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
        let natures = Natures::new();
        Self { masks, natures, content, details: limits.content, cuts }
    }

    /// Masks every text of a record, whoever wrote it.
    pub(crate) fn mask_record(&mut self, record: &mut Record) {
        self.mask_own(record, |_| true);
        if let Some(Err(description)) = &mut record.status {
            self.mask_text(description);
        }
        self.mask_details(&mut record.events, &mut record.links);
    }

    /// Masks what metrics read, so that they say the same as spans.
    pub(crate) fn mask_measured(&mut self, record: &mut Record) {
        self.mask_own(record, |nature| nature.is_measured);
    }

    fn mask_own(&mut self, record: &mut Record, is_wanted: impl Fn(Nature) -> bool) {
        self.mask_text(&mut record.name);
        for (key, value) in &mut record.attributes {
            if is_text(value) {
                let nature = match key {
                    Cow::Borrowed(key) => self.natures.of(key),
                    Cow::Owned(key) => Nature::of(key),
                };
                if is_wanted(nature) {
                    self.masks.attribute(key, nature, value);
                }
            }
        }
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

    fn mask_details(&self, events: &mut [Event], links: &mut [Link]) {
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

fn is_text(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Array(Array::String(_)))
}

/// What there is to cut, as a span has it.
fn text(value: &Json) -> Cow<'_, str> {
    match value {
        Json::String(text) => Cow::Borrowed(text),
        Json::Array(_) | Json::Object(_) => Cow::Owned(value.to_string()),
        _ => Cow::Borrowed(""),
    }
}
