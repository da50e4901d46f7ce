//! What leaves the process of what was captured; on the export thread.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Piece;
use super::captured::{Captured, Values};
use super::choice::{ContentCapture, ContentMode};
use super::mask::{Masks, Nature};
use super::mode;
use super::span_content::{SpanAssociations, SpanContent};
use crate::export::record::Record;

type Allow = dyn Fn(&SpanAssociations<'_>) -> bool + Send + Sync;
type Hook = dyn Fn(&mut SpanContent<'_>) + Send + Sync;

/// The functions that a program has set up in code.
#[derive(Clone, Default)]
pub(crate) struct ContentFunctions {
    pub(crate) allow: Option<Arc<Allow>>,
    pub(crate) hook: Option<Arc<Hook>>,
    /// How often one of them panicked.
    pub(crate) panics: Arc<AtomicU64>,
}

/// Where content goes, and in which form.
#[derive(Clone, Debug)]
pub(crate) struct ContentPolicy {
    pub(crate) capture: ContentCapture,
    pub(crate) mode: ContentMode,
    /// Whether tools are described in full.
    pub(crate) full_definitions: bool,
    pub(crate) masks: Arc<Masks>,
    pub(crate) functions: ContentFunctions,
}

impl fmt::Debug for ContentFunctions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ContentFunctions")
            .field("allow", &self.allow.is_some())
            .field("hook", &self.hook.is_some())
            .finish_non_exhaustive()
    }
}

impl ContentFunctions {
    /// Runs the program's code; `None` if it panics.
    fn call<T>(&self, function: impl FnOnce() -> T) -> Option<T> {
        let called = catch_unwind(AssertUnwindSafe(function));
        if called.is_err() {
            self.panics.fetch_add(1, Ordering::Relaxed);
        }
        called.ok()
    }
}

impl ContentPolicy {
    /// Whether spans or events have a place for content.
    pub(crate) fn is_captured(&self) -> bool {
        self.capture != ContentCapture::NoContent
    }

    pub(crate) fn has_hook(&self) -> bool {
        self.functions.hook.is_some()
    }

    /// Takes the content out of a record and says what may leave of it. What the hook sets is on the
    /// record, masked. First whoever may refuse it is asked, then come the masks, then the hook, which is
    /// independent of mode and switch, and then these.
    pub(crate) fn release(&self, record: &mut Record) -> Captured {
        let pieces = std::mem::take(&mut record.content);
        if pieces.is_empty() || !self.is_allowed(record) {
            return Captured::default();
        }
        let values = pieces.into_iter().map(|piece| (piece.key(), Piece::into_json(piece)));
        let mut values: Values = values.collect();
        if !self.full_definitions {
            mode::name_definitions(&mut values);
        }
        for (_, value) in &mut values {
            self.masks.json(value);
        }
        let values = self.hand_over(record, values);
        if !self.is_captured() {
            return Captured::default();
        }
        let values = match self.mode {
            ContentMode::Full => values,
            ContentMode::Length => mode::lengths(values),
            ContentMode::Hash => {
                let mut values = values;
                mode::hash(&mut values);
                values
            }
        };
        let (on_span, on_event) = (self.capture.is_on_spans(), self.capture.is_on_events());
        Captured { on_span, on_event, values }
    }

    /// A panic is no consent.
    fn is_allowed(&self, record: &Record) -> bool {
        let Some(allow) = &self.functions.allow else { return true };
        let associations = SpanAssociations::new(record.associations.as_deref());
        self.functions.call(|| allow(&associations)).unwrap_or(false)
    }

    /// What a hook leaves; nothing where it panics, for it may have been about to take it away.
    fn hand_over(&self, record: &mut Record, values: Values) -> Values {
        let Some(hook) = &self.functions.hook else { return values };
        let masked = values.clone();
        let handed = self.functions.call(|| {
            let mut content = SpanContent::new(record, values);
            hook(&mut content);
            content.into_parts()
        });
        let Some((mut values, attributes)) = handed else { return Values::new() };
        for piece in values.iter_mut().filter(|piece| !masked.contains(piece)) {
            self.masks.json(&mut piece.1);
        }
        for (key, mut value) in attributes {
            self.masks.attribute(&key, Nature::of(&key), &mut value);
            record.set(key, value);
        }
        values
    }
}
