//! Headers as propagators see them: what arrives is not trusted, and what leaves cannot break a header.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering};

use opentelemetry::propagation::{Extractor, Injector};

use super::{Headers, HeadersMut, parse_traceparent};

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const BAGGAGE: &str = "baggage";

/// What everybody has to pass on of a `tracestate`, by the W3C's specification; no more is.
const TRACESTATE_BYTES: usize = 512;
const TRACESTATE_MEMBERS: usize = 32;
/// Members above this go first where there is too much.
const LARGE_MEMBER: usize = 128;
/// What a `baggage` may hold, by the W3C's specification.
const BAGGAGE_BYTES: usize = 8192;

/// Headers that arrived and were not taken as they were.
static REFUSED: AtomicU64 = AtomicU64::new(0);

pub(crate) fn refused() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}

fn refuse() {
    REFUSED.fetch_add(1, Ordering::Relaxed);
}

/// What arrived.
pub(super) struct Arrived<'h, H> {
    headers: &'h H,
    tracestate: OnceCell<Option<Cow<'h, str>>>,
}

impl<'h, H: Headers> Arrived<'h, H> {
    pub(super) fn new(headers: &'h H) -> Self {
        Self { headers, tracestate: OnceCell::new() }
    }

    /// The header if it is `fit`; counted if it is not.
    fn taken(&self, name: &str, fit: impl FnOnce(&str) -> bool) -> Option<&'h str> {
        let value = self.headers.get(name)?;
        if fit(value) && !breaks_out(value) {
            return Some(value);
        }
        refuse();
        None
    }
}

impl<H: Headers> Extractor for Arrived<'_, H> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            // Stricter than the propagator, which takes `+` for a digit.
            TRACEPARENT => self.taken(key, |value| parse_traceparent(value).is_some()),
            TRACESTATE => {
                let read = || Some(limited(self.taken(key, |_| true)?));
                self.tracestate.get_or_init(read).as_deref()
            }
            BAGGAGE => self.taken(key, |value| value.len() <= BAGGAGE_BYTES),
            _ => self.headers.get(key),
        }
    }

    fn keys(&self) -> Vec<&str> {
        self.headers.names()
    }
}

/// At most so many members and bytes of a `tracestate`, each key once, the first ones first, without
/// those that no header could carry.
fn limited(value: &str) -> Cow<'_, str> {
    let mut members: Vec<&str> = Vec::new();
    let mut is_whole = value.len() <= TRACESTATE_BYTES;
    // More than this is not looked at, whatever was sent.
    let listed = value.split(',').map(|member| member.trim_matches([' ', '\t']));
    let listed = listed.filter(|member| !member.is_empty());
    for member in listed.take(2 * TRACESTATE_MEMBERS) {
        let is_known = members.iter().any(|known| key(known) == key(member));
        let is_visible = member.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if is_known || !is_visible || members.len() == TRACESTATE_MEMBERS {
            is_whole = false;
        } else {
            members.push(member);
        }
    }
    if is_whole {
        return Cow::Borrowed(value);
    }
    refuse();
    let length = |members: &[&str]| members.iter().map(|member| member.len() + 1).sum::<usize>();
    while length(&members) > TRACESTATE_BYTES + 1 {
        let large = members.iter().rposition(|member| member.len() > LARGE_MEMBER);
        members.remove(large.unwrap_or(members.len() - 1));
    }
    Cow::Owned(members.join(","))
}

/// Of a member of a `tracestate`.
fn key(member: &str) -> Option<&str> {
    member.split('=').next()
}

/// Whether it would end a header and begin another, or forge lines of a log.
pub(super) fn breaks_out(value: &str) -> bool {
    value.chars().any(|character| character.is_control() && character != '\t')
}

/// What leaves.
pub(super) struct Leaving<'h, H>(pub(super) &'h mut H);

impl<H: HeadersMut> Injector for Leaving<'_, H> {
    fn set(&mut self, key: &str, value: String) {
        let most = if key == BAGGAGE { BAGGAGE_BYTES } else { usize::MAX };
        if !breaks_out(&value) && value.len() <= most {
            self.0.set(key, value);
            return;
        }
        // One bad member of a list costs itself alone, and so does one that there is no room for.
        let mut kept = String::new();
        for member in value.split(',').filter(|member| !breaks_out(member)) {
            let comma = if kept.is_empty() { "" } else { "," };
            if kept.len() + comma.len() + member.len() <= most {
                kept.push_str(comma);
                kept.push_str(member);
            }
        }
        if !kept.is_empty() {
            self.0.set(key, kept);
        }
    }
}
