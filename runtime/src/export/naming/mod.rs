//! From the default names to those of the chosen conventions and prefix.

mod draft;
mod event;
pub(super) mod json;
mod message;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::{InstrumentationScope, Key, KeyValue, Value};
use opentelemetry_sdk::trace::SpanData;

use crate::semconv::own::{self, Prefix};
use crate::semconv::rule::{Change, Rule, Subject};
use crate::semconv::{self, attribute, genai_main, openinference, operation};
use crate::span::record::{Kind, OperationKind};
use crate::telemetry::settings::Convention;
use draft::Draft;

/// The names that spans, events and metrics have, where they are not the default ones.
#[derive(Clone, Debug)]
pub(crate) struct Naming {
    /// In their order, each once.
    conventions: Vec<Convention>,
    prefix: Option<Arc<Prefix>>,
}

/// What a span stands for.
pub(crate) fn subject(operation: OperationKind, kind: Kind) -> Subject {
    match operation {
        OperationKind::Workflow => Subject::Workflow,
        OperationKind::Stage => Subject::Stage,
        OperationKind::Chat | OperationKind::TextCompletion | OperationKind::GenerateContent => {
            Subject::Inference
        }
        OperationKind::Embeddings => Subject::Embeddings,
        OperationKind::Agent if kind == Kind::Client => Subject::RemoteAgent,
        OperationKind::Agent => Subject::InternalAgent,
        OperationKind::Tool => Subject::Tool,
        OperationKind::Retrieval => Subject::Retrieval,
        OperationKind::Span => Subject::Span,
    }
}

/// The scope of everything that is made here, with this schema.
#[inline]
pub(crate) fn scope(schema_url: Option<&'static str>) -> InstrumentationScope {
    let scope =
        InstrumentationScope::builder(semconv::SCOPE_NAME).with_version(env!("CARGO_PKG_VERSION"));
    match schema_url {
        Some(schema_url) => scope.with_schema_url(schema_url).build(),
        None => scope.build(),
    }
}

impl Naming {
    pub(crate) fn new(conventions: &[Convention], prefix: &str) -> Self {
        let mut conventions = conventions.to_vec();
        conventions.sort_unstable();
        conventions.dedup();
        if conventions.is_empty() {
            conventions.push(Convention::default());
        }
        Self { conventions, prefix: Prefix::new(prefix).map(Arc::new) }
    }

    /// Whether spans are written as they are recorded.
    pub(crate) fn is_default(&self) -> bool {
        self.conventions == [Convention::default()] && self.prefix.is_none()
    }

    pub(crate) fn follows(&self, convention: Convention) -> bool {
        self.conventions.contains(&convention)
    }

    /// Whether the names of one of the sets of OpenTelemetry are written.
    fn follows_genai(&self) -> bool {
        self.follows(Convention::V1_41) || self.follows(Convention::GenAiMain)
    }

    /// Whether every choice of a reply has a reason to stop, be it that none was told. The list has the
    /// same name in both sets, and so the default one's values beside it.
    pub(crate) fn fills_finish_reasons(&self) -> bool {
        self.follows(Convention::GenAiMain) && !self.follows(Convention::V1_41)
    }

    /// What spans declare they follow: of several, the first that has a schema.
    pub(crate) fn schema_url(&self) -> Option<&'static str> {
        if self.follows(Convention::V1_41) {
            Some(semconv::SCHEMA_URL)
        } else if self.follows(Convention::GenAiMain) {
            Some(genai_main::SCHEMA_URL)
        } else {
            None
        }
    }

    /// The scope of everything that is made here.
    pub(crate) fn scope(&self) -> InstrumentationScope {
        scope(self.schema_url())
    }

    /// A name of ours, with the prefix.
    pub(crate) fn own(&self, name: &'static str) -> &'static str {
        self.prefix.as_ref().and_then(|prefix| prefix.rename(name)).unwrap_or(name)
    }

    fn key(&self, key: &Key) -> Key {
        let renamed = self.prefix.as_ref().and_then(|prefix| prefix.rename(key.as_str()));
        renamed.map_or_else(|| key.clone(), Key::from_static_str)
    }

    /// Writes a span anew; see [`rename`](Self::rename).
    pub(crate) fn apply(&self, subject: Subject, span: &mut SpanData, own: usize) -> usize {
        if subject != Subject::Foreign {
            let name = std::mem::take(&mut span.name);
            span.name = self.span_name(subject, name);
            for event in &mut span.events.events {
                if let Some(name) = self.prefix.as_ref().and_then(|it| it.rename(&event.name)) {
                    event.name = Cow::Borrowed(name);
                }
                let attributes = std::mem::take(&mut event.attributes);
                let attributes = attributes.into_iter().map(|it| (it.key, it.value)).collect();
                let attributes = self.of_event(subject, attributes, draft::integer);
                event.attributes =
                    attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect();
            }
        }
        self.rename(subject, &mut span.attributes, own)
    }

    /// The name of a span, in place of the one that follows from its operation.
    fn span_name(&self, subject: Subject, name: Cow<'static, str>) -> Cow<'static, str> {
        let is_made = subject == Subject::Embeddings
            && name
                .strip_prefix(operation::EMBEDDINGS)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        if is_made && !self.follows_genai() {
            return Cow::Borrowed(openinference::EMBEDDINGS_SPAN);
        }
        name
    }

    /// Writes attributes anew: those before `own` are the span's, the others it shares. Returns where
    /// the shared ones begin.
    fn rename(&self, subject: Subject, attributes: &mut Vec<KeyValue>, own: usize) -> usize {
        let mut recorded = std::mem::take(attributes);
        let shared = recorded.split_off(own.min(recorded.len()));
        let mut draft = Draft::new();
        for attribute in recorded.iter().chain(&shared) {
            if !self.is_rewritten(subject, attribute.key.as_str()) {
                draft.reserve(self.key(&attribute.key));
            }
        }
        if subject == Subject::Foreign {
            attributes.append(&mut recorded);
        } else {
            if self.follows(Convention::OpenInference) {
                let stage = text(&recorded, attribute::STAGE_KIND);
                if let Some(kind) = openinference::span_kind(subject, stage) {
                    draft.put(openinference::SPAN_KIND, Value::from(kind));
                }
            }
            self.write(subject, &recorded, &mut draft);
            attributes.append(&mut draft.take());
        }
        self.write(subject, &shared, &mut draft);
        let mut shared = draft.take();
        if subject != Subject::Foreign {
            attributes.append(&mut draft.gathered());
        }
        let own = attributes.len();
        attributes.append(&mut shared);
        attributes.append(&mut draft.gathered());
        own
    }

    /// How much an attribute with one of these names is worth: see [`semconv::rank`].
    pub(crate) fn rank(&self, key: &str) -> u8 {
        if self.follows(Convention::OpenInference)
            && let Some(rank) = openinference::rank(key)
        {
            return rank;
        }
        let original = self.prefix.as_ref().and_then(|prefix| prefix.original(key));
        semconv::rank(original.unwrap_or(key))
    }

    fn rules(&self, subject: Subject) -> impl Iterator<Item = (Convention, &'static Rule)> + '_ {
        let of = |convention: &Convention| (*convention, rules(*convention));
        let all = self.conventions.iter().map(of);
        all.flat_map(|(convention, rules)| rules.iter().map(move |rule| (convention, rule)))
            .filter(move |(_, rule)| rule.on.contains(&subject))
    }

    /// Whether each of the conventions has something else in place of this attribute.
    fn is_rewritten(&self, subject: Subject, key: &str) -> bool {
        // Ours are written whatever the conventions.
        !own::NAMES.contains(&key)
            && self.conventions.iter().all(|convention| {
                rules(*convention).iter().any(|rule| rule.from == key && rule.on.contains(&subject))
            })
    }

    fn write(&self, subject: Subject, recorded: &[KeyValue], draft: &mut Draft) {
        for attribute in recorded {
            if !self.is_rewritten(subject, attribute.key.as_str()) {
                draft.keep(self.key(&attribute.key), attribute.value.clone());
            }
        }
        let mut written: Vec<&'static str> = Vec::new();
        for (convention, rule) in self.rules(subject) {
            let Some(value) = find(recorded, rule.from) else { continue };
            if let Change::Rest(_) = rule.change
                && (self.follows_genai() || written.contains(&rule.from))
            {
                continue;
            }
            if draft.apply(rule, value, recorded) && convention == Convention::OpenInference {
                written.push(rule.from);
            }
        }
    }
}

/// What differs from what is recorded.
fn rules(convention: Convention) -> &'static [Rule] {
    match convention {
        Convention::V1_41 => &[],
        Convention::GenAiMain => genai_main::RULES,
        Convention::OpenInference => openinference::RULES,
    }
}

fn find<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    let found = attributes.iter().find(|attribute| attribute.key.as_str() == key);
    found.map(|attribute| &attribute.value)
}

fn text<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a str> {
    match find(attributes, key)? {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    }
}
