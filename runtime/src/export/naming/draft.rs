//! The attributes of one span while they are written anew: of each name the first value stays.

use std::collections::HashSet;

use opentelemetry::{Array, Key, KeyValue, Value};
use serde_json::{Map, Value as Json};

use super::{find, json, message};
use crate::semconv::rule::{Change, Rule};

#[derive(Debug, Default)]
pub(super) struct Draft {
    attributes: Vec<KeyValue>,
    /// Names that have a value, and those that will have one.
    taken: HashSet<Key>,
    /// Attributes that are objects, member by member.
    objects: Vec<(&'static str, Map<String, Json>)>,
    /// Lists that were cut into attributes: behind everything else that the span has of its own, for
    /// they are the first to go when there are too many.
    pieces: Vec<KeyValue>,
}

impl Draft {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// That an attribute of this name is the user's, or is written as it was recorded.
    pub(super) fn reserve(&mut self, key: Key) {
        self.taken.insert(key);
    }

    /// Writes an attribute that a place was reserved for.
    pub(super) fn keep(&mut self, key: Key, value: Value) {
        self.attributes.push(KeyValue::new(key, value));
    }

    /// Whether there was no other attribute of this name.
    pub(super) fn put(&mut self, key: &'static str, value: impl Into<Value>) -> bool {
        let key = Key::from_static_str(key);
        let is_free = self.taken.insert(key.clone());
        if is_free {
            self.attributes.push(KeyValue::new(key, value.into()));
        }
        is_free
    }

    /// A part of a list, below the list's own name.
    pub(super) fn piece(&mut self, key: String, value: impl Into<Value>) {
        let key = Key::from(key);
        if self.taken.insert(key.clone()) {
            self.pieces.push(KeyValue::new(key, value.into()));
        }
    }

    /// Whether the attribute was written.
    pub(super) fn apply(&mut self, rule: &Rule, value: &Value, recorded: &[KeyValue]) -> bool {
        match rule.change {
            Change::Omit => true,
            Change::Name(to) => self.put(to, value.clone()),
            Change::Integer(to) => self.put(to, integer(value.clone())),
            Change::Word(to, words) => {
                let text = value.as_str();
                let known = words.iter().find(|(word, _)| *word == text);
                let word = known.map_or_else(|| value.clone(), |(_, other)| Value::from(*other));
                self.put(to, word)
            }
            Change::IfOther(to, other) => {
                find(recorded, other).is_some_and(|other| other != value)
                    && self.put(to, value.clone())
            }
            Change::Sum(to, other) => match (value, find(recorded, other)) {
                (Value::I64(one), Some(Value::I64(other))) => {
                    self.put(to, one.saturating_add(*other))
                }
                _ => false,
            },
            Change::First(to) => match value {
                Value::Array(Array::String(texts)) => {
                    texts.first().is_some_and(|text| self.put(to, text.clone()))
                }
                other => self.put(to, other.clone()),
            },
            Change::Member(to, member) => self.member(to, member, value),
            Change::Rest(to) => self.member(to, rule.from, value),
            Change::Content(to, kind) => {
                let text = value.as_str().into_owned();
                let mime_type = json::mime_type(&text);
                let is_put = self.put(to, text);
                if is_put {
                    self.put(kind, mime_type);
                }
                is_put
            }
            Change::Instructions(to) => message::instructions(self, to, value),
            Change::Messages(to, before) => {
                let has_instructions = before.is_some_and(|key| find(recorded, key).is_some());
                message::messages(self, to, value, usize::from(has_instructions))
            }
            Change::Tools(to) => message::tools(self, to, value),
            Change::Documents(to) => message::documents(self, to, value),
        }
    }

    fn member(&mut self, to: &'static str, member: &str, value: &Value) -> bool {
        // The user's own object is theirs.
        if self.taken.contains(to) {
            return false;
        }
        let place = self.objects.iter_mut().position(|(key, _)| *key == to);
        let place = place.unwrap_or_else(|| {
            self.objects.push((to, Map::new()));
            self.objects.len() - 1
        });
        if let Some((_, members)) = self.objects.get_mut(place) {
            members.entry(member).or_insert_with(|| json::of_value(value));
        }
        true
    }

    /// What was gathered from several attributes, and lists.
    pub(super) fn gathered(&mut self) -> Vec<KeyValue> {
        for (key, members) in std::mem::take(&mut self.objects) {
            self.put(key, Json::Object(members).to_string());
        }
        let mut gathered = self.take();
        gathered.append(&mut self.pieces);
        gathered
    }

    /// The attributes so far; their names stay taken.
    pub(super) fn take(&mut self) -> Vec<KeyValue> {
        std::mem::take(&mut self.attributes)
    }
}

/// A number as an integer, rounded; anything else as it is.
pub(super) fn integer(value: Value) -> Value {
    match value {
        #[allow(clippy::cast_possible_truncation, reason = "what is too large is the largest")]
        Value::F64(number) if number.is_finite() => Value::I64(number.round() as i64),
        other => other,
    }
}
