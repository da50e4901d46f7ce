//! What a reply says in whole parts: they have the shapes that are also sent back in requests.

use super::object::Object;
use crate::usage::reply::Reply;

#[cfg(feature = "content")]
use crate::content::shape;

/// A whole message, in place of what was said before of its choice.
#[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
pub(super) fn message(message: Object<'_>, into: &mut Reply) {
    #[cfg(feature = "content")]
    if into.is_content_captured() {
        into.say_anew();
        for part in shape::said_by_model(message.members()) {
            into.part(part);
        }
    }
}

/// A whole list of parts, in place of what was said before of its choice.
#[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
pub(super) fn list(holder: Object<'_>, key: &str, into: &mut Reply) {
    #[cfg(feature = "content")]
    if into.is_content_captured() {
        into.say_anew();
        for part in holder.list(key).unwrap_or_default().iter().flat_map(shape::said_in_item) {
            into.part(part);
        }
    }
}

/// One part more.
#[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
pub(super) fn part(part: Object<'_>, into: &mut Reply) {
    #[cfg(feature = "content")]
    if into.is_content_captured() {
        for part in shape::said_in_members(part.members()) {
            into.part(part);
        }
    }
}

/// A whole call of a tool more, as OpenAI and Ollama have it.
#[cfg_attr(not(feature = "content"), allow(unused_variables, reason = "nothing is kept"))]
pub(super) fn call(call: Object<'_>, into: &mut Reply) {
    #[cfg(feature = "content")]
    if into.is_content_captured() {
        into.part(shape::call(call.members()));
    }
}
