//! The strings inside JSON: what is round them stays as it is, byte for byte.

use serde::de::IgnoredAny;
use serde_json::Value;

/// Whether a text shows at its first byte that it is no object and no array, as most do.
pub(super) fn is_other(text: &str) -> bool {
    let is_other = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'[');
    text.as_bytes().first().is_some_and(is_other)
}

/// Whether a text is an object or an array.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Where a string stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// The name of a member.
    Key,
    /// A value: of the member of this name, also inside arrays that are its value.
    Value(Option<&'a str>),
}

/// The JSON with other strings in place of those for which `replaced` has one.
pub(super) fn with_strings(
    json: &str,
    mut replaced: impl FnMut(Place<'_>, &str) -> Option<String>,
) -> Option<String> {
    let bytes = json.as_bytes();
    let mut masked: Option<String> = None;
    // What is copied already, and the member that a value is of.
    let (mut copied, mut at) = (0, 0);
    let mut member: Option<String> = None;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_literal(bytes, at);
                let literal = json.get(at..end).unwrap_or_default();
                let inside = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
                // Half a surrogate pair is no text; the rest of the literal still is.
                let decoded = Some(literal)
                    .filter(|_| inside.contains('\\'))
                    .and_then(|literal| serde_json::from_str::<String>(literal).ok())
                    .unwrap_or_else(|| inside.to_owned());
                let behind = bytes.iter().skip(end).find(|byte| !byte.is_ascii_whitespace());
                let other = if behind == Some(&b':') {
                    let other = replaced(Place::Key, &decoded);
                    member = Some(decoded);
                    other
                } else {
                    replaced(Place::Value(member.as_deref()), &decoded)
                };
                if let Some(other) = other {
                    let out = masked.get_or_insert_default();
                    out.push_str(json.get(copied..at).unwrap_or_default());
                    out.push_str(&Value::String(other).to_string());
                    copied = end;
                }
                at = end;
                continue;
            }
            b'}' => member = None,
            _ => {}
        }
        at += 1;
    }
    let mut masked = masked?;
    masked.push_str(json.get(copied..).unwrap_or_default());
    Some(masked)
}

/// Behind the quotes that end the literal which starts here.
fn end_of_literal(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}
