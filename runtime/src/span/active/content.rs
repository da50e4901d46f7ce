//! Whether an operation's content is captured, and where it waits.

use std::panic::{AssertUnwindSafe, catch_unwind};

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use super::draft::Draft;
use super::provisional;
use crate::content::{self, Piece};
use crate::identity;
use crate::span::sampler::Sampler;
use crate::span::{ambient, dispatch};

/// Whether the content of a span in this context is captured.
pub(super) fn is_captured(parent: &Context, sampled: bool) -> bool {
    content::is_captured() && (sampled || content::has_hook()) && !is_refused(parent)
}

fn is_refused(parent: &Context) -> bool {
    identity::of(parent).is_some_and(|associations| associations.refuses_content())
}

/// Makes a piece of what the user gave. Its conversions are the user's code: that one panics is no
/// reason to fail.
pub(crate) fn made(make: impl FnOnce() -> Option<Piece>) -> Option<Piece> {
    if !content::is_captured() {
        return None;
    }
    catch_unwind(AssertUnwindSafe(make)).ok().flatten()
}

impl Draft {
    /// Keeps a piece until it is known whether the span is recorded.
    pub(crate) fn capture(&mut self, make: impl FnOnce() -> Option<Piece>) {
        if let Some(piece) = made(make) {
            self.write(|words| words.content(piece));
        }
    }

    /// Whether content may be captured, as far as that is known before the operation starts: where
    /// there is no parent yet, it may find one that is recorded.
    pub(crate) fn may_capture(&self) -> bool {
        content::is_captured()
            && !self.0.associations.as_ref().is_some_and(|given| given.refuses_content())
            && match &self.0.parent {
                Some(parent) => may_capture_in(parent),
                None => ambient::with_current(may_capture_in),
            }
    }
}

fn may_capture_in(parent: &Context) -> bool {
    !is_refused(parent) && (content::has_hook() || !is_unsampled_in(parent))
}

/// Whether it is known already that a span with this parent is not sampled.
pub(super) fn is_unsampled_in(parent: &Context) -> bool {
    let span = parent.span();
    let known = span.span_context();
    // Nearly always; a sampler that says no to it is asked when it starts.
    if known.is_sampled() {
        return false;
    }
    let trace_id = || u128::from_be_bytes(known.trace_id().to_bytes());
    dispatch::with_way(|dispatch, _| match dispatch.sampler {
        // It is asked when the span starts.
        _ if dispatch.sample_if.is_some() && known.is_remote() => false,
        Sampler::AlwaysOff => true,
        // It may begin in another one.
        _ if !known.is_valid() || provisional::is_inside(parent) => false,
        sampler => !sampler.is_sampled(Some(known.is_sampled()), trace_id()),
    })
    .unwrap_or(true)
}
