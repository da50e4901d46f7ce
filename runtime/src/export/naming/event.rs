//! The names on events, which have sets of OpenTelemetry alone.

use opentelemetry::Key;

use super::{Naming, rules};
use crate::semconv::own;
use crate::semconv::rule::{Change, Rule, Subject};
use crate::telemetry::settings::Convention;

impl Naming {
    /// The attributes of an event on a span of this kind, or about one, whatever holds their values;
    /// `integer` makes one of a number.
    pub(crate) fn of_event<V: Clone>(
        &self,
        subject: Subject,
        recorded: Vec<(Key, V)>,
        integer: impl Fn(V) -> V,
    ) -> Vec<(Key, V)> {
        let mut written: Vec<(Key, V)> = Vec::with_capacity(recorded.len());
        let mut put = |key: Key, value: V| {
            if !written.iter().any(|(known, _)| *known == key) {
                written.push((key, value));
            }
        };
        for (key, value) in recorded {
            if own::NAMES.contains(&key.as_str()) {
                put(self.key(&key), value);
                continue;
            }
            let changes: Vec<Change> = self.changes(subject, key.as_str()).collect();
            if self.follows_default_events() || changes.is_empty() {
                put(key, value.clone());
            }
            for change in changes {
                match change {
                    Change::Name(to) => put(Key::from_static_str(to), value.clone()),
                    Change::Integer(to) => put(Key::from_static_str(to), integer(value.clone())),
                    _ => {}
                }
            }
        }
        written
    }

    /// OpenInference has no events: with it alone they are the default ones.
    fn follows_default_events(&self) -> bool {
        self.follows(Convention::V1_41) || !self.follows(Convention::GenAiMain)
    }

    fn changes<'a>(
        &self,
        subject: Subject,
        key: &'a str,
    ) -> impl Iterator<Item = Change> + use<'a> {
        let of: &'static [Rule] =
            if self.follows(Convention::GenAiMain) { rules(Convention::GenAiMain) } else { &[] };
        of.iter()
            .filter(move |rule| rule.from == key && rule.on.contains(&subject))
            .map(|rule| rule.change)
    }
}
