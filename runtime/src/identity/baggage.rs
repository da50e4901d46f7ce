//! Identity across processes, as W3C baggage: what is allowed, to whom it is allowed.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use opentelemetry::baggage::{Baggage, BaggageExt};
use opentelemetry::{Context, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::host::HostPattern;
use super::{Associations, of, receive};
use crate::semconv::attribute;

/// The header that it travels in.
pub(crate) const HEADER: &str = "baggage";

/// What one header may hold, by the W3C's specification of it.
const HEADER_BYTES: usize = 8192;
const ENTRIES: usize = 64;
/// What one value may hold: an id, not a document.
const VALUE_BYTES: usize = 1024;

/// Encoded is whatever is not safe in any place: the propagator lets `%` and `\` through.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'/');

/// What of an identity may travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BaggageKey {
    Session,
    User,
    Tenant,
    Conversation,
    Property(String),
}

impl BaggageKey {
    /// `None` where the text cannot be a name in a header.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_token = !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        Some(match text {
            "session" | attribute::SESSION_ID => Self::Session,
            "user" | attribute::USER_ID => Self::User,
            "tenant" | attribute::TENANT_ID => Self::Tenant,
            "conversation" | attribute::CONVERSATION_ID => Self::Conversation,
            // The propagator would write a `%` in a name as it is and read it as something else.
            _ if is_token && !text.contains('%') => Self::Property(text.to_owned()),
            _ => return None,
        })
    }

    /// Its name in the header: the attribute's.
    fn name(&self) -> &str {
        match self {
            Self::Session => attribute::SESSION_ID,
            Self::User => attribute::USER_ID,
            Self::Tenant => attribute::TENANT_ID,
            Self::Conversation => attribute::CONVERSATION_ID,
            Self::Property(name) => name,
        }
    }

    fn value<'a>(&self, of: &'a Associations) -> Option<Cow<'a, str>> {
        let text = match self {
            Self::Session => of.session(),
            Self::User => of.user(),
            Self::Tenant => of.tenant(),
            Self::Conversation => of.conversation(),
            Self::Property(name) => {
                return of
                    .property(name)
                    .filter(|it| !matches!(it, Value::Array(_)))
                    .map(Value::as_str);
            }
        };
        text.map(|text| Cow::Borrowed(text.as_str()))
    }

    fn set(&self, value: &str, to: &mut Associations) {
        match self {
            Self::Session => to.set_session(&value),
            Self::User => to.set_user(&value),
            Self::Tenant => to.set_tenant(&value),
            Self::Conversation => to.set_conversation(&value),
            Self::Property(name) => to.set_property(Cow::Owned(name.clone()), &value),
        }
    }
}

/// As it is written into a setting.
impl fmt::Display for BaggageKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Session => "session",
            Self::User => "user",
            Self::Tenant => "tenant",
            Self::Conversation => "conversation",
            Self::Property(name) => name,
        })
    }
}

/// What may travel, and where to.
#[derive(Debug, Default)]
pub(crate) struct BaggagePolicy {
    pub(crate) keys: Vec<BaggageKey>,
    pub(crate) hosts: Vec<HostPattern>,
    /// What arrived and was not taken: headers and entries.
    refused: AtomicU64,
}

static POLICY: RwLock<Option<Arc<BaggagePolicy>>> = RwLock::new(None);

/// From now on, this may travel; without a policy nothing does.
pub(crate) fn set_policy(policy: Option<Arc<BaggagePolicy>>) {
    *POLICY.write().unwrap_or_else(PoisonError::into_inner) = policy;
}

fn policy() -> Option<Arc<BaggagePolicy>> {
    POLICY.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The context with that in its baggage which this host may be told; `None` where there is nothing.
pub(crate) fn outgoing(context: &Context, host: Option<&str>) -> Option<Context> {
    policy()?.outgoing(context, host)
}

/// The context with what of a header belongs to the identity, which is then no baggage any more.
pub(crate) fn incoming(context: Context, header: Option<&str>) -> Context {
    match (header, policy()) {
        (Some(header), Some(policy)) => policy.incoming(context, header),
        _ => context,
    }
}

impl BaggagePolicy {
    pub(crate) fn new(keys: Vec<BaggageKey>, hosts: Vec<HostPattern>) -> Self {
        Self { keys, hosts, refused: AtomicU64::new(0) }
    }

    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn outgoing(&self, context: &Context, host: Option<&str>) -> Option<Context> {
        let associations = of(context)?;
        if !self.hosts.iter().any(|pattern| pattern.allows(host)) {
            return None;
        }
        let known = context.baggage();
        let mut baggage: Baggage =
            known.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        // Of a header that is too long all would be lost, the program's own baggage included.
        let mut bytes = if known.is_empty() { 0 } else { known.to_string().len() + 1 };
        for key in &self.keys {
            let name = key.name();
            // What the program itself put there stays.
            if known.get(name).is_some() {
                continue;
            }
            let Some(value) = key.value(associations).filter(|value| is_fit(value)) else {
                continue;
            };
            let value = utf8_percent_encode(&value, ENCODED).to_string();
            let more = name.len() + value.len() + 2;
            if bytes + more <= HEADER_BYTES && baggage.len() < ENTRIES {
                bytes += more;
                baggage.insert(name.to_owned(), value);
            }
        }
        Some(context.with_baggage(baggage))
    }

    fn incoming(&self, context: Context, header: &str) -> Context {
        if header.len() > HEADER_BYTES {
            self.refuse();
            return context;
        }
        let mut received = Associations::default();
        if header.split(',').count() > ENTRIES {
            self.refuse();
        } else {
            for entry in header.split(',') {
                self.read(entry, &mut received);
            }
        }
        receive(self.without_identity(context), received)
    }

    fn read(&self, entry: &str, received: &mut Associations) {
        let without_properties = entry.split(';').next().unwrap_or_default();
        let Some((name, value)) = without_properties.split_once('=') else { return };
        let name = name.trim();
        let Some(key) = self.keys.iter().find(|key| key.name() == name) else { return };
        match percent_decode_str(value.trim()).decode_utf8() {
            Ok(value) if value.is_empty() => {}
            Ok(value) if is_fit(&value) => key.set(&value, received),
            _ => self.refuse(),
        }
    }

    /// What arrived as baggage would leave as baggage, to whatever host.
    fn without_identity(&self, context: Context) -> Context {
        let baggage = context.baggage();
        if !self.keys.iter().any(|key| baggage.get(key.name()).is_some()) {
            return context;
        }
        let rest: Baggage = baggage
            .iter()
            .filter(|(name, _)| !self.keys.iter().any(|key| key.name() == name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        context.with_baggage(rest)
    }
}

/// Whether it can be an id: short, and nothing in it that forges lines of a log.
fn is_fit(value: &str) -> bool {
    !value.is_empty() && value.len() <= VALUE_BYTES && !value.chars().any(char::is_control)
}
