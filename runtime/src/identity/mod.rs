//! Who and what spans belong to: known to a scope once, found on every span in it.

#[cfg(feature = "telemetry")]
pub(crate) mod baggage;
#[cfg(feature = "telemetry")]
pub(crate) mod host;
pub(crate) mod scope;

use std::borrow::Cow;
use std::sync::Arc;

use opentelemetry::trace::TraceContextExt;
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};

use crate::semconv::{self, attribute};
use crate::span::ambient;
use crate::span::value::{AttributeValue, Flag, Text, TextList, ValueRef};

/// What the spans of a scope are associated with, that of the scopes around it included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Associations {
    session: Option<StringValue>,
    user: Option<StringValue>,
    tenant: Option<StringValue>,
    conversation: Option<StringValue>,
    prompt_name: Option<StringValue>,
    prompt_version: Option<StringValue>,
    tags: Vec<StringValue>,
    properties: Vec<(Cow<'static, str>, Value)>,
    /// What it adds to.
    outer: Option<Arc<Associations>>,
    /// Whether some of it came from another process.
    is_received: bool,
    /// Whether nothing under it is captured.
    refuses_content: bool,
}

/// The one value in a `Context` that all its spans share.
#[derive(Debug)]
struct Shared(Arc<Associations>);

/// Text that is copied once, however many spans it goes on.
fn shared_text(value: &impl Text) -> Option<StringValue> {
    match value.value()? {
        ValueRef::Text(text) => Some(StringValue::from(Arc::<str>::from(text))),
        _ => None,
    }
}

impl Associations {
    pub(crate) fn set_session(&mut self, value: &impl Text) {
        self.session = shared_text(value).or(self.session.take());
    }

    pub(crate) fn set_user(&mut self, value: &impl Text) {
        self.user = shared_text(value).or(self.user.take());
    }

    pub(crate) fn set_tenant(&mut self, value: &impl Text) {
        self.tenant = shared_text(value).or(self.tenant.take());
    }

    pub(crate) fn set_conversation(&mut self, value: &impl Text) {
        self.conversation = shared_text(value).or(self.conversation.take());
    }

    pub(crate) fn set_prompt_name(&mut self, value: &impl Text) {
        self.prompt_name = shared_text(value).or(self.prompt_name.take());
    }

    pub(crate) fn set_prompt_version(&mut self, value: &impl Text) {
        self.prompt_version = shared_text(value).or(self.prompt_version.take());
    }

    pub(crate) fn add_tag(&mut self, value: &impl Text) {
        self.push_tags(shared_text(value));
    }

    pub(crate) fn add_tags(&mut self, values: &impl TextList) {
        if let Some(ValueRef::Array(Array::String(tags))) = values.value() {
            self.push_tags(
                tags.iter().map(|tag| StringValue::from(Arc::<str>::from(tag.as_str()))),
            );
        }
    }

    fn push_tags(&mut self, tags: impl IntoIterator<Item = StringValue>) {
        for tag in tags {
            if !self.tags.contains(&tag) {
                self.tags.push(tag);
            }
        }
    }

    pub(crate) fn set_property(&mut self, key: Cow<'static, str>, value: &impl AttributeValue) {
        let Some(value) = value.value() else { return };
        let value = match value {
            ValueRef::Text(text) => Value::String(Arc::<str>::from(text).into()),
            other => other.into_value(),
        };
        self.put_property(key, value);
    }

    fn put_property(&mut self, key: Cow<'static, str>, value: Value) {
        match self.properties.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) => *known = value,
            None => self.properties.push((key, value)),
        }
    }

    /// Nothing under it is captured, whatever is said further inside; `true` changes nothing.
    pub(crate) fn set_content(&mut self, is_captured: &impl Flag) {
        self.refuses_content |= matches!(is_captured.value(), Some(ValueRef::Bool(false)));
    }

    pub(crate) fn refuses_content(&self) -> bool {
        self.refuses_content
    }

    pub(crate) fn session(&self) -> Option<&StringValue> {
        self.session.as_ref()
    }

    pub(crate) fn user(&self) -> Option<&StringValue> {
        self.user.as_ref()
    }

    pub(crate) fn tenant(&self) -> Option<&StringValue> {
        self.tenant.as_ref()
    }

    pub(crate) fn conversation(&self) -> Option<&StringValue> {
        self.conversation.as_ref()
    }

    pub(crate) fn property(&self, key: &str) -> Option<&Value> {
        self.properties.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    fn is_empty(&self) -> bool {
        let Self {
            session,
            user,
            tenant,
            conversation,
            prompt_name,
            prompt_version,
            tags,
            properties,
            outer: _,
            is_received: _,
            refuses_content,
        } = self;
        !refuses_content
            && [session, user, tenant, conversation, prompt_name, prompt_version]
                .iter()
                .all(|text| text.is_none())
            && tags.is_empty()
            && properties.is_empty()
    }

    /// All of it, and of `outer` what it does not say itself.
    fn over(self, outer: &Arc<Self>) -> Self {
        let mut all = Self::clone(outer);
        // A version belongs to its name.
        if self.prompt_name.is_some() {
            all.prompt_version = None;
        }
        let Self {
            session,
            user,
            tenant,
            conversation,
            prompt_name,
            prompt_version,
            tags,
            properties,
            outer: _,
            is_received,
            refuses_content,
        } = self;
        all.session = session.or(all.session);
        all.user = user.or(all.user);
        all.tenant = tenant.or(all.tenant);
        all.conversation = conversation.or(all.conversation);
        all.prompt_name = prompt_name.or(all.prompt_name);
        all.prompt_version = prompt_version.or(all.prompt_version);
        all.push_tags(tags);
        for (key, value) in properties {
            all.put_property(key, value);
        }
        all.outer = Some(Arc::clone(outer));
        all.is_received |= is_received;
        all.refuses_content |= refuses_content;
        all
    }

    /// Whether it is `outer` or adds to it.
    fn is_within(self: &Arc<Self>, outer: &Arc<Self>) -> bool {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if Arc::ptr_eq(here, outer) {
                return true;
            }
            scope = here.outer.as_ref();
        }
        false
    }

    /// Puts it on a span of this operation, behind what the span says itself, which wins.
    pub(crate) fn put_on(&self, operation: &str, attributes: &mut Vec<KeyValue>) {
        let own = attributes.len();
        let is_own = |attributes: &[KeyValue], key: &str| {
            attributes.iter().take(own).any(|attribute| attribute.key.as_str() == key)
        };
        let mut put = |key: &'static str, text: Option<&StringValue>| {
            if let Some(text) = text.filter(|_| !is_own(attributes, key)) {
                attributes.push(KeyValue::new(key, text.clone()));
            }
        };
        put(attribute::SESSION_ID, self.session());
        put(attribute::USER_ID, self.user());
        put(attribute::TENANT_ID, self.tenant());
        if semconv::is_in_conversation(operation) {
            put(attribute::CONVERSATION_ID, self.conversation());
        }
        // The version of another prompt says nothing of the span's own.
        if semconv::is_inference(operation) && !is_own(attributes, attribute::PROMPT_NAME) {
            for (key, text) in [
                (attribute::PROMPT_NAME, &self.prompt_name),
                (attribute::PROMPT_VERSION, &self.prompt_version),
            ] {
                if let Some(text) = text.as_ref().filter(|_| !is_own(attributes, key)) {
                    attributes.push(KeyValue::new(key, text.clone()));
                }
            }
        }
        if !self.tags.is_empty() && !is_own(attributes, attribute::TAGS) {
            let tags = Value::Array(Array::String(self.tags.clone()));
            attributes.push(KeyValue::new(attribute::TAGS, tags));
        }
        for (key, value) in &self.properties {
            if !attributes.iter().any(|attribute| attribute.key.as_str() == key) {
                attributes.push(KeyValue::new(key.clone(), value.clone()));
            }
        }
    }
}

/// What a scope and the operations that are one can say alike. For a type with a method
/// `associations`, which gives what to write into if anything is recorded.
macro_rules! associated {
    ($type:ident) => {
        #[allow(
            clippy::needless_pass_by_value,
            reason = "takes values and references to them alike"
        )]
        impl $type {
            /// The session of the user: `session.id`.
            pub fn session(mut self, id: impl $crate::Text) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_session(&id);
                }
                self
            }

            /// Who asked: `user.id`.
            pub fn user(mut self, id: impl $crate::Text) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_user(&id);
                }
                self
            }

            /// The customer or organisation that it is done for: `spanline.tenant.id`.
            pub fn tenant(mut self, id: impl $crate::Text) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_tenant(&id);
                }
                self
            }

            /// The conversation that it is part of: `gen_ai.conversation.id`, on pipelines, agents,
            /// tools and inference.
            pub fn conversation(mut self, id: impl $crate::Text) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_conversation(&id);
                }
                self
            }

            /// More tags: `spanline.tags`, a list, with those of the scopes around it.
            pub fn tags(mut self, tags: impl $crate::TextList) -> Self {
                if let Some(associations) = self.associations() {
                    associations.add_tags(&tags);
                }
                self
            }

            /// Whether what models, tools and searches are given and give back is captured, by this
            /// and everything under it. `false` holds, whatever is said further inside; `true` leaves
            /// it to the set-up and to what is around. See
            /// [the crate's documentation](crate#content).
            pub fn capture_content(mut self, is_captured: impl $crate::Flag) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_content(&is_captured);
                }
                self
            }

            /// A property of your own, under its own name; `None` sets nothing.
            pub fn property(
                mut self,
                key: impl Into<std::borrow::Cow<'static, str>>,
                value: impl $crate::AttributeValue,
            ) -> Self {
                if let Some(associations) = self.associations() {
                    associations.set_property(key.into(), &value);
                }
                self
            }
        }
    };
}

pub(crate) use associated;

/// What the spans of a context share, if it is anything.
pub(crate) fn of(context: &Context) -> Option<&Arc<Associations>> {
    context.get::<Shared>().map(|Shared(associations)| associations)
}

/// The context with more than what its spans share already.
#[inline]
pub(crate) fn add(context: Context, more: Option<Box<Associations>>) -> Context {
    match more {
        Some(more) if !more.is_empty() => add_all(&context, more),
        _ => context,
    }
}

fn add_all(context: &Context, more: Box<Associations>) -> Context {
    let all = match of(context) {
        Some(outer) => more.over(outer),
        None => *more,
    };
    context.with_value(Shared(Arc::new(all)))
}

/// The context with what another process said; what is known here already wins over it.
#[cfg(feature = "telemetry")]
fn receive(context: Context, mut received: Associations) -> Context {
    if received.is_empty() {
        return context;
    }
    received.is_received = true;
    let received = Arc::new(received);
    let all = match of(&context) {
        Some(known) => Arc::new(fill(known, &received)),
        None => received,
    };
    context.with_value(Shared(all))
}

/// What is known here, and from elsewhere what is not.
fn fill(known: &Arc<Associations>, received: &Arc<Associations>) -> Associations {
    let all = Associations::clone(known).over(received);
    Associations { outer: Some(Arc::clone(known)), ..all }
}

/// Where something begins that was made elsewhere, in `made`: what was made outside any span belongs
/// to whoever runs it.
#[inline]
pub(crate) fn begin(made: Context) -> Context {
    // As nearly everywhere.
    if made.span().span_context().is_valid() && ambient::with_current(|here| of(here).is_none()) {
        return made;
    }
    begin_here(made)
}

fn begin_here(made: Context) -> Context {
    enum Place {
        Outside(Context),
        Same(Context),
        Elsewhere,
    }
    let place = ambient::with_current(|here| {
        let (there, at) = (made.span(), here.span());
        let (there, at) = (there.span_context(), at.span_context());
        let is_same = there.span_id() == at.span_id() && there.trace_id() == at.trace_id();
        if !there.is_valid() && at.is_valid() {
            Place::Outside(here.clone())
        } else if is_same && of(here).is_some() {
            Place::Same(here.clone())
        } else {
            Place::Elsewhere
        }
    });
    match place {
        Place::Outside(here) => {
            let inner = inner(of(&made), of(&here));
            share(here, inner)
        }
        Place::Same(here) => {
            let inner = inner(of(&made), of(&here));
            share(made, inner)
        }
        Place::Elsewhere => made,
    }
}

/// The parent that an operation is given, with what is shared here if nothing is shared there.
pub(crate) fn join(parent: Context) -> Context {
    let here = ambient::with_current(|here| of(here).cloned());
    let inner = inner(of(&parent), here.as_ref());
    share(parent, inner)
}

fn share(context: Context, associations: Option<Arc<Associations>>) -> Context {
    match (of(&context), associations) {
        (Some(known), Some(associations)) if Arc::ptr_eq(known, &associations) => context,
        (_, Some(associations)) => context.with_value(Shared(associations)),
        (_, None) => context,
    }
}

/// Of two scopes the inner one. Two that have nothing to do with each other are never mixed, but for
/// what another process said, which is filled up here.
fn inner(
    made: Option<&Arc<Associations>>,
    here: Option<&Arc<Associations>>,
) -> Option<Arc<Associations>> {
    Some(match (made, here) {
        (Some(made), Some(here)) if here.is_within(made) => Arc::clone(here),
        (Some(made), Some(here)) if made.is_received && !made.is_within(here) => {
            Arc::new(fill(here, made))
        }
        // A refusal holds for whatever runs under it, wherever that was made.
        (Some(made), Some(here)) if here.refuses_content && !made.refuses_content => {
            let outer = Some(Arc::clone(made));
            let made = Associations::clone(made);
            Arc::new(Associations { refuses_content: true, outer, ..made })
        }
        (Some(made), _) => Arc::clone(made),
        (None, here) => Arc::clone(here?),
    })
}
