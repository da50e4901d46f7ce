//! Keeps content within a number of bytes, and valid JSON all the while: what tells most goes last.

mod fit;
mod shape;
#[cfg(test)]
mod tests;

use serde::de::IgnoredAny;
use serde_json::Value;

use self::fit::Fit;
use self::shape::Shape;

/// How many times the limit of one attribute all content of a span may have.
const OF_SPAN: usize = 4;

/// The content of this attribute in at most `limit` bytes; `None` where it is already.
///
/// JSON stays valid JSON in the shape that the conventions give the attribute, unless the limit has no
/// room for `[]`: then the result is empty.
pub(crate) fn limited(key: &str, text: &str, limit: usize) -> Option<String> {
    if text.len() <= limit {
        return None;
    }
    let is_json = text.trim_start().starts_with(['{', '[']);
    if !is_json {
        return Some(cut(text, limit));
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => Some(Fit::new(Shape::of(key), limit).fit(value)),
        // Deeper than can be read.
        Err(_) if serde_json::from_str::<IgnoredAny>(text).is_ok() => {
            let is_object = text.trim_start().starts_with('{');
            Some(fit::summary(is_object, text.len(), limit))
        }
        Err(_) => Some(cut(text, limit)),
    }
}

/// What each of these sizes may have so that together they are within [`OF_SPAN`] limits: the largest
/// give way to the others.
pub(crate) fn share(sizes: &[usize], limit: usize) -> usize {
    let mut left = limit.saturating_mul(OF_SPAN);
    let mut sizes: Vec<usize> = sizes.iter().map(|size| *size.min(&limit)).collect();
    sizes.sort_unstable();
    let mut count = sizes.len();
    for size in sizes {
        if size.saturating_mul(count) > left {
            return left / count;
        }
        left -= size;
        count -= 1;
    }
    limit
}

/// The start of a text that says how many bytes of it are left out: `…[123 bytes]`.
fn cut(text: &str, limit: usize) -> String {
    let room = limit.saturating_sub(mark(text.len()).len());
    shortened(text, room).filter(|cut| cut.len() <= limit).unwrap_or_else(|| {
        // No room to say so.
        text.get(..boundary(text, limit)).unwrap_or_default().to_owned()
    })
}

/// The first `room` bytes of a text, and how many are missing; `None` where that is no shorter.
fn shortened(text: &str, room: usize) -> Option<String> {
    let (kept, length) = shortened_length(text, room)?;
    let mut cut = String::with_capacity(length);
    cut.push_str(text.get(..kept).unwrap_or_default());
    cut.push_str(&mark(text.len() - kept));
    Some(cut)
}

/// How many bytes of the text would stay, and how many the result would have.
fn shortened_length(text: &str, room: usize) -> Option<(usize, usize)> {
    if text.len() <= room {
        return None;
    }
    let kept = boundary(text, room);
    let length = kept + mark_length(text.len() - kept);
    (length < text.len()).then_some((kept, length))
}

fn mark(bytes: usize) -> String {
    format!("…[{bytes} bytes]")
}

/// Of [`mark`], in bytes.
fn mark_length(bytes: usize) -> usize {
    let digits = bytes.checked_ilog10().map_or(1, |digits| digits as usize + 1);
    "…[ bytes]".len() + digits
}

/// The last character boundary that is not behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
