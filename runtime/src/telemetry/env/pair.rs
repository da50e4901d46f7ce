//! `name=value,name=value`, percent-encoded: headers and resource attributes.

use percent_encoding::percent_decode_str;

use super::reader::quoted;

pub(super) const EXPECTED: &str = "name=value,name=value, percent-encoded";

/// What a list of headers said; problems never contain a value, which may be secret.
#[derive(Debug, Default)]
pub(super) struct Headers {
    /// Names in lower case; of two with one name the later one.
    pub(super) headers: Vec<(String, String)>,
    pub(super) problems: Vec<String>,
}

impl Headers {
    /// Adds a header, in place of another of that name.
    pub(super) fn set(&mut self, name: &str, value: String) {
        let name = name.to_ascii_lowercase();
        match self.headers.iter_mut().find(|(existing, _)| *existing == name) {
            Some((_, existing)) => *existing = value,
            None => self.headers.push((name, value)),
        }
    }
}

/// Headers, without those that no request could carry.
pub(super) fn headers(text: &str) -> Headers {
    let mut result = Headers::default();
    for (index, entry) in text.split(',').enumerate() {
        if entry.trim().is_empty() {
            continue;
        }
        // A secret that was pasted without its name must not be taken for a name and shown.
        let pair = entry.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
        let Some((name, value)) = pair.filter(|(name, _)| is_header_name(name)) else {
            result.problems.push(format!("entry {} does not start with a header name", index + 1));
            continue;
        };
        match decode(value) {
            Ok(value) if is_header_value(&value) => result.set(name, value),
            // Most likely a key with a plain percent sign in it.
            Err(Undecodable::Escape) if is_header_value(value) => {
                result.problems.push(format!(
                    "the value of {name} has a percent sign that starts no escape and is taken as \
                     it stands"
                ));
                result.set(name, value.to_owned());
            }
            _ => result.problems.push(format!("the value of {name} is not printable ASCII")),
        }
    }
    result
}

/// All attributes, or what is wrong with the first bad one: the specification takes all or none.
pub(crate) fn attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut attributes = Vec::new();
    for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let Some((name, value)) = entry.split_once('=') else {
            return Err(format!("{} has no `=`", quoted(entry)));
        };
        let decoded = decode(name.trim()).and_then(|name| Ok((name, decode(value.trim())?)));
        let (name, value) = decoded.map_err(|undecodable| match undecodable {
            Undecodable::Escape => {
                format!("{} has a percent sign that starts no escape", quoted(entry))
            }
            Undecodable::Text => format!("{} does not decode to UTF-8", quoted(entry)),
        })?;
        if name.is_empty() {
            return Err(format!("{} has no name", quoted(entry)));
        }
        attributes.push((name, value));
    }
    Ok(attributes)
}

enum Undecodable {
    Escape,
    Text,
}

fn decode(text: &str) -> Result<String, Undecodable> {
    let mut escapes = text.split('%');
    let _before_the_first = escapes.next();
    let is_escape = |rest: &str| {
        let mut digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().is_some() && digits.next().is_some()
    };
    if !escapes.all(is_escape) {
        return Err(Undecodable::Escape);
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| Undecodable::Text)?;
    Ok(decoded.into_owned())
}

/// A token of RFC 9110.
pub(super) fn is_header_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

pub(super) fn is_header_value(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic())
}
