//! How trace context travels.

use super::list::{self, Listed};
use super::reader::{Origin, Reader};
use super::table;
use crate::telemetry::settings::Propagator;

const KNOWN: [(&str, Propagator); 2] =
    [("tracecontext", Propagator::TraceContext), ("baggage", Propagator::Baggage)];

const UNAVAILABLE: [(&str, &str); 5] = [
    ("b3", NOT_YET),
    ("b3multi", NOT_YET),
    ("jaeger", NOT_YET),
    ("xray", NOT_YET),
    ("ottrace", NOT_YET),
];
const NOT_YET: &str = "is not available yet";

pub(super) const EXPECTED: &str = "a list of tracecontext, baggage, or none";

/// The propagators, in order.
pub(crate) fn propagators(
    reader: &mut Reader<'_>,
    code: Option<Vec<Propagator>>,
) -> Vec<Propagator> {
    let (propagators, origin) = picked(reader, code);
    reader.decide("propagators", shown(&propagators), origin);
    propagators
}

pub(super) fn list(text: &str) -> Listed<Propagator> {
    list::parse(text, &KNOWN, &UNAVAILABLE)
}

fn picked(reader: &mut Reader<'_>, code: Option<Vec<Propagator>>) -> (Vec<Propagator>, Origin) {
    if let Some(given) = code {
        let mut propagators = Vec::new();
        for propagator in given {
            if !propagators.contains(&propagator) {
                propagators.push(propagator);
            }
        }
        return (propagators, Origin::Code);
    }
    let default = KNOWN.map(|(_, propagator)| propagator).to_vec();
    let variable = table::OTEL_PROPAGATORS;
    let listed = match reader.text(variable) {
        None => return (default, Origin::Default),
        Some(Ok(text)) => list(&text),
        Some(Err(problem)) => Listed::unread(problem),
    };
    let says_something = listed.says_something();
    let used = if says_something { listed.values.clone() } else { default };
    reader.warn_list(variable, &listed, EXPECTED, &shown(&used));
    let origin = if says_something { Origin::Variable(variable.name()) } else { Origin::Default };
    (used, origin)
}

fn shown(propagators: &[Propagator]) -> String {
    let word = |propagator: &Propagator| KNOWN.iter().find(|(_, known)| known == propagator);
    let words: Vec<&str> = propagators.iter().filter_map(word).map(|(word, _)| *word).collect();
    if words.is_empty() { "none".to_owned() } else { words.join(",") }
}
