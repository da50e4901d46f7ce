//! One thing after the other goes, until the rest fits.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::shape::{Level, Shape};
use super::{mark, shortened, shortened_length};

/// Texts are not cut below this before whole messages go.
const LEAST_TEXT: usize = 256;

/// How content is brought within a limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    shape: Shape,
    limit: usize,
}

impl Fit {
    pub(super) fn new(shape: Shape, limit: usize) -> Self {
        Self { shape, limit }
    }

    pub(super) fn fit(self, mut value: Value) -> String {
        let original = size(&value);
        let steps: [fn(Self, &mut Value); 5] = [
            Self::drop_blobs,
            |fit, value| fit.shorten(value, fit.least_text()),
            Self::leave_out,
            |fit, value| fit.shorten(value, 0),
            Self::replace_largest,
        ];
        for step in steps {
            if size(&value) <= self.limit {
                return value.to_string();
            }
            step(self, &mut value);
        }
        if size(&value) <= self.limit {
            return value.to_string();
        }
        self.least(&value, original)
    }

    /// What was found tells more by its id and its score than by its text.
    fn least_text(self) -> usize {
        if self.shape == Shape::Documents { 0 } else { LEAST_TEXT }
    }

    /// Bytes in base64 say nothing to a reader: the largest go first.
    fn drop_blobs(self, value: &mut Value) {
        let mut total = size(value);
        let mut blobs = Vec::new();
        collect_blobs(value, &mut blobs);
        blobs.sort_by_key(|blob| std::cmp::Reverse(blob.len()));
        for blob in blobs {
            if total <= self.limit {
                return;
            }
            // What it is stays, what is in it goes.
            let start = blob.find(";base64,").map_or(0, |start| start + ";base64,".len());
            let start = if blob.starts_with("data:") { start } else { 0 };
            if let Some(cut) = shortened(blob, start) {
                total -= written(blob) - written(&cut);
                *blob = cut;
            }
        }
    }

    /// Cuts the longest texts to one length, the largest that fits and no less than `least`.
    fn shorten(self, value: &mut Value, least: usize) {
        let total = size(value);
        let mut texts = Vec::new();
        collect_texts(value, self.shape.level(), &mut texts);
        let whole: usize = texts.iter().map(|text| written(text)).sum();
        let fixed = total.saturating_sub(whole);
        let fits = |room: usize| {
            let texts = texts.iter().map(|text| match shortened_length(text, room) {
                Some((kept, length)) => {
                    written(text.get(..kept).unwrap_or_default()) + length - kept
                }
                None => written(text),
            });
            fixed + texts.sum::<usize>() <= self.limit
        };
        // Twice the limit is more than any text can keep.
        let (mut room, mut too_much) = (least, self.limit.max(least) + 1);
        while room + 1 < too_much {
            let middle = room + (too_much - room) / 2;
            if fits(middle) {
                room = middle;
            } else {
                too_much = middle;
            }
        }
        for text in texts {
            if let Some(cut) = shortened(text, room) {
                *text = cut;
            }
        }
    }

    /// Of an array of one kind the middle goes: the first and the latest tell most.
    fn leave_out(self, value: &mut Value) {
        let Value::Array(elements) = value else { return };
        let is_system =
            |element: &Value| element.get("role").and_then(Value::as_str) == Some("system");
        let systems = elements.iter().take_while(|element| is_system(element)).count();
        // Unless instructions are most of it.
        let first = if systems * 2 < elements.len() { systems.max(1) } else { 1 };
        let most = elements.len().saturating_sub(first + 1);
        let sizes: Vec<usize> = elements.iter().map(size).collect();
        let total = sizes.iter().sum::<usize>() + elements.len() + 1;
        let (mut count, mut bytes) = (0, 0);
        for size in sizes.iter().skip(first).take(most) {
            count += 1;
            bytes += size;
            let out = elements.get(first..first + count).unwrap_or_default();
            let said = self.shape.left_out(out.get(..1).unwrap_or_default(), bytes);
            // The number of them may be as long as that of the bytes.
            if total - bytes - count + self::size(&said) + 24 <= self.limit {
                break;
            }
        }
        if count == 0 {
            return;
        }
        let out: Vec<Value> = elements.drain(first..first + count).collect();
        elements.insert(first, self.shape.left_out(&out, bytes));
    }

    /// Whatever is large and no text: a list of a million numbers.
    fn replace_largest(self, value: &mut Value) {
        let mut total = size(value);
        let mut roots = Vec::new();
        collect_roots(value, self.shape.level(), &mut roots);
        let mut roots: Vec<(usize, &mut Value)> =
            roots.into_iter().map(|root| (size(root), root)).collect();
        roots.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
        for (size, root) in roots {
            let said = Value::String(mark(size));
            let length = self::size(&said);
            if total <= self.limit || length >= size {
                return;
            }
            total -= size - length;
            *root = said;
        }
    }

    /// What can be said in any case.
    fn least(self, value: &Value, original: usize) -> String {
        if let (Shape::Messages, Value::Array(messages)) = (self.shape, value) {
            let mut ends: Vec<Value> = [messages.first(), messages.last()]
                .into_iter()
                .flatten()
                .map(|message| emptied(message, original))
                .collect();
            if messages.len() == 1 {
                ends.truncate(1);
            }
            while !ends.is_empty() {
                let text = Value::Array(ends.clone()).to_string();
                if text.len() <= self.limit {
                    return text;
                }
                ends.remove(0);
            }
        }
        if self.shape != Shape::Any {
            let elements = value.as_array().map_or(&[][..], Vec::as_slice);
            let text = Value::Array(vec![self.shape.left_out(elements, original)]).to_string();
            let text = if text.len() <= self.limit { text } else { "[]".to_owned() };
            return if text.len() <= self.limit { text } else { String::new() };
        }
        summary(value.is_object(), original, self.limit)
    }
}

/// A message without its parts.
fn emptied(message: &Value, bytes: usize) -> Value {
    let mut emptied = Map::new();
    let kept = message.as_object().into_iter().flatten();
    emptied.extend(
        kept.filter(|(key, _)| Level::Message.keeps(key))
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    let part = serde_json::json!({"type": "text", "content": mark(bytes)});
    emptied.insert("parts".to_owned(), Value::Array(vec![part]));
    Value::Object(emptied)
}

/// That there was an object, or an array, of so many bytes.
pub(super) fn summary(is_object: bool, bytes: usize, limit: usize) -> String {
    let (said, empty) = if is_object {
        (serde_json::json!({"…": mark(bytes)}), "{}")
    } else {
        (serde_json::json!([mark(bytes)]), "[]")
    };
    let said = said.to_string();
    match () {
        () if said.len() <= limit => said,
        () if empty.len() <= limit => empty.to_owned(),
        () => String::new(),
    }
}

/// The contents of blobs, and addresses that hold what they are addresses of.
fn collect_blobs<'a>(value: &'a mut Value, blobs: &mut Vec<&'a mut String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| collect_blobs(item, blobs)),
        Value::Object(members) => {
            let is_blob = members.get("type").and_then(Value::as_str) == Some("blob");
            for (key, value) in members {
                let Value::String(text) = value else {
                    collect_blobs(value, blobs);
                    continue;
                };
                let is_address = text.starts_with("data:") && text.contains(";base64,");
                if is_address || (is_blob && key == "content") {
                    blobs.push(text);
                }
            }
        }
        _ => {}
    }
}

/// Texts that may be cut.
fn collect_texts<'a>(value: &'a mut Value, level: Option<Level>, texts: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => {
            for item in items {
                collect_texts(item, level, texts);
            }
        }
        Value::Object(members) => {
            for (key, value) in members {
                if !level.is_some_and(|level| level.keeps(key)) {
                    collect_texts(value, level.and_then(|level| level.below(key)), texts);
                }
            }
        }
        _ => {}
    }
}

/// The largest things that may be replaced whole.
fn collect_roots<'a>(value: &'a mut Value, level: Option<Level>, roots: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(items) => {
            for item in items {
                match (level, item) {
                    (Some(level), Value::Object(members)) => collect_members(members, level, roots),
                    (_, item) => roots.push(item),
                }
            }
        }
        Value::Object(members) => roots.extend(members.values_mut()),
        _ => {}
    }
}

fn collect_members<'a>(
    members: &'a mut Map<String, Value>,
    level: Level,
    roots: &mut Vec<&'a mut Value>,
) {
    for (key, value) in members {
        match level.below(key) {
            _ if level.keeps(key) => {}
            Some(below) => collect_roots(value, Some(below), roots),
            None => roots.push(value),
        }
    }
}

/// How many bytes a value has as JSON.
fn size(value: &Value) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting does not fail, and a value has no keys but strings.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// How many bytes a text has in JSON, without its quotes.
fn written(text: &str) -> usize {
    let escapes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => 2,
        0..0x20 => 6,
        _ => 1,
    });
    escapes.sum()
}
