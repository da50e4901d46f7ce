//! Baggage as propagators have to be given it: they read what is encoded, and write some of it plain.

use std::fmt::Write as _;

use opentelemetry::Context;
use opentelemetry::baggage::{Baggage, BaggageExt as _};

/// The same context, with baggage that its receiver reads as it is here.
///
/// A propagator writes a percent sign as it is, which then starts an escape, and so it does with all of a
/// property: a comma there would start an entry of its own, with whatever name it likes.
pub(super) fn readable(context: Context) -> Context {
    let baggage = context.baggage();
    let is_changed = |text: &str| text.contains('%');
    let is_readable = baggage.iter().all(|(name, (value, properties))| {
        !is_changed(name.as_str())
            && !is_changed(value.as_str())
            && properties.as_str().chars().all(is_of_property)
    });
    if is_readable {
        return context;
    }
    let mut encoded = Baggage::new();
    for (name, (value, properties)) in baggage {
        let [name, value] =
            [name.as_str(), value.as_str()].map(|text| escaped(text, |it| it != '%'));
        let properties = escaped(properties.as_str(), is_of_property);
        // One that becomes too long for a header is left out.
        let _ = encoded.insert_with_metadata(name, value, properties);
    }
    context.with_baggage(encoded)
}

/// Visible ASCII but what ends an entry, starts an escape or is quoted.
fn is_of_property(character: char) -> bool {
    matches!(character, ' '..='~') && !matches!(character, ',' | '%' | '"' | '\\')
}

/// The text, percent-encoded where `is_plain` does not hold.
fn escaped(text: &str, is_plain: impl Fn(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            encoded.push(character);
            continue;
        }
        for byte in character.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
