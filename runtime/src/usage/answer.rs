//! What a reply says, joined from its pieces. It may come from anywhere, and is kept within bounds.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::reply::CHOICES;
use super::saying::{CallPiece, Place, Speech};
use crate::content::message::{Message, Part};
use crate::content::shape::{refusal, tool_call};

/// Bytes that are kept of all choices together.
pub(super) const BYTES: usize = 1 << 20;
/// Parts that are kept of all choices together.
const PARTS: usize = 1024;
/// The type of the part that says that there was more.
const TRUNCATED: &str = "truncated";

/// What is said, by choice.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    choices: BTreeMap<u64, Choice>,
    bytes: usize,
    parts: usize,
}

#[derive(Clone, Debug, Default)]
struct Choice {
    parts: Vec<Said>,
    /// Whether something is left out.
    is_truncated: bool,
    /// Whether all that follows is left out: a rest without its beginning says something else.
    is_full: bool,
}

#[derive(Clone, Debug)]
enum Said {
    Words { speech: Speech, place: Option<Place>, content: String },
    Call(Call),
    Other { part: Part, bytes: usize },
}

#[derive(Clone, Debug)]
struct Call {
    place: Option<Place>,
    id: String,
    name: String,
    arguments: String,
    is_of_server: bool,
}

impl Said {
    fn bytes(&self) -> usize {
        match self {
            Self::Words { content, .. } => content.len(),
            Self::Call(Call { id, name, arguments, .. }) => id.len() + name.len() + arguments.len(),
            Self::Other { bytes, .. } => *bytes,
        }
    }
}

impl Answer {
    pub(super) fn say(&mut self, choice: u64, speech: Speech, place: Option<Place>, content: &str) {
        let Some((choice, mut room)) = self.open(choice) else { return };
        let is_same = |said: &Said| {
            matches!(said, Said::Words { speech: other, place: at, .. }
                if *other == speech && *at == place)
        };
        let known = match place {
            Some(_) => choice.parts.iter().rposition(is_same),
            None => choice
                .parts
                .len()
                .checked_sub(1)
                .filter(|last| choice.parts.get(*last).is_some_and(is_same)),
        };
        let known = known.and_then(|at| choice.parts.get_mut(at));
        if let Some(Said::Words { content: said, .. }) = known {
            room.append(said, content, &mut choice.is_full);
        } else if room.has_part(&mut choice.is_full) {
            let mut said = String::new();
            room.append(&mut said, content, &mut choice.is_full);
            choice.parts.push(Said::Words { speech, place, content: said });
        }
    }

    pub(super) fn call(&mut self, choice: u64, piece: CallPiece<'_>) {
        let Some((choice, mut room)) = self.open(choice) else { return };
        let CallPiece { place, id, name, arguments, is_of_server } = piece;
        // Some servers give every call of a reply the same index.
        let is_same = |call: &Call| {
            call.place == place && (id.is_empty() || call.id.is_empty() || call.id == id)
        };
        let known = choice.parts.iter_mut().rev().find_map(|said| match said {
            Said::Call(call) if place.is_some() && is_same(call) => Some(call),
            _ => None,
        });
        let is_full = &mut choice.is_full;
        if let Some(call) = known {
            if call.id.is_empty() {
                room.append(&mut call.id, id, is_full);
            }
            if call.name.is_empty() {
                room.append(&mut call.name, name, is_full);
            }
            room.append(&mut call.arguments, arguments, is_full);
        } else if room.has_part(is_full) {
            let [mut call_id, mut call_name, mut written] = [const { String::new() }; 3];
            for (kept, text) in
                [(&mut call_id, id), (&mut call_name, name), (&mut written, arguments)]
            {
                room.append(kept, text, is_full);
            }
            choice.parts.push(Said::Call(Call {
                place,
                id: call_id,
                name: call_name,
                arguments: written,
                is_of_server,
            }));
        }
    }

    pub(super) fn part(&mut self, choice: u64, part: Part) {
        let part = part.into_json();
        if let Some((speech, content)) = words(&part) {
            // A whole part is no piece of another one.
            let place = self.choices.get(&choice).map_or(0, |choice| choice.parts.len());
            let place = u64::try_from(place).unwrap_or(u64::MAX);
            return self.say(choice, speech, Some((u64::MAX, place)), content);
        }
        let Some((choice, mut room)) = self.open(choice) else { return };
        let bytes = part.to_string().len();
        if !room.has_bytes(bytes, &mut choice.is_truncated) || !room.has_part(&mut choice.is_full) {
            return;
        }
        *room.bytes += bytes;
        let Value::Object(mut members) = part else { return };
        if let Some(Value::String(kind)) = members.remove("type") {
            choice.parts.push(Said::Other { part: Part::other(kind, members), bytes });
        }
    }

    /// Forgets what was said of a choice.
    pub(super) fn forget(&mut self, choice: u64) {
        let Some(choice) = self.choices.remove(&choice) else { return };
        self.bytes -= choice.parts.iter().map(Said::bytes).sum::<usize>();
        self.parts -= choice.parts.len();
    }

    /// Each choice as a message; `reasons` are in the order of the choices.
    pub(super) fn into_messages(mut self, reasons: &[(u64, Box<str>)]) -> Vec<Message> {
        if self.choices.is_empty() {
            return Vec::new();
        }
        // A choice may have stopped without a word.
        for (choice, _) in reasons {
            self.choices.entry(*choice).or_default();
        }
        let reason = |choice| {
            let at = reasons.binary_search_by_key(&choice, |(choice, _)| *choice).ok()?;
            reasons.get(at).map(|(_, reason)| String::from(&**reason))
        };
        self.choices
            .into_iter()
            .map(|(at, choice)| {
                let message = choice.into_message();
                match reason(at) {
                    Some(reason) => message.finish_reason(reason),
                    None => message,
                }
            })
            .collect()
    }

    /// A choice, and the room that is left for it.
    fn open(&mut self, choice: u64) -> Option<(&mut Choice, Room<'_>)> {
        if choice >= CHOICES {
            return None;
        }
        let room = Room { bytes: &mut self.bytes, parts: &mut self.parts };
        let choice = self.choices.entry(choice).or_default();
        (!choice.is_full).then_some((choice, room))
    }
}

/// The words of a part that has nothing else.
fn words(part: &Value) -> Option<(Speech, &str)> {
    let members = part.as_object().filter(|members| members.len() == 2)?;
    let speech = match members.get("type")?.as_str()? {
        "text" => Speech::Text,
        "reasoning" => Speech::Reasoning,
        "refusal" => Speech::Refusal,
        _ => return None,
    };
    Some((speech, members.get("content")?.as_str()?))
}

/// What is kept already.
struct Room<'a> {
    bytes: &'a mut usize,
    parts: &'a mut usize,
}

impl Room<'_> {
    /// As much of the text as there is room for.
    fn append(&mut self, said: &mut String, text: &str, is_full: &mut bool) {
        let left = BYTES.saturating_sub(*self.bytes);
        let kept = (0..=left.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
        let kept = kept.and_then(|end| text.get(..end)).unwrap_or_default();
        *is_full |= kept.len() < text.len();
        *self.bytes += kept.len();
        said.push_str(kept);
    }

    fn has_bytes(&self, more: usize, is_truncated: &mut bool) -> bool {
        let has = more <= BYTES.saturating_sub(*self.bytes);
        *is_truncated |= !has;
        has
    }

    /// Takes a part, if there is one left.
    fn has_part(&mut self, is_full: &mut bool) -> bool {
        let has = *self.parts < PARTS && *self.bytes < BYTES;
        *self.parts += usize::from(has);
        *is_full |= !has;
        has
    }
}

impl Choice {
    fn into_message(self) -> Message {
        let message = self.parts.into_iter().fold(Message::new("assistant"), |message, said| {
            message.part(match said {
                Said::Words { speech: Speech::Text, content, .. } => Part::text(content),
                Said::Words { speech: Speech::Reasoning, content, .. } => Part::reasoning(content),
                Said::Words { speech: Speech::Refusal, content, .. } => refusal(content),
                Said::Call(call) => call.into_part(),
                Said::Other { part, .. } => part,
            })
        });
        if !self.is_truncated && !self.is_full {
            return message;
        }
        let kept = ("kept_bytes".to_owned(), Value::from(BYTES));
        message.part(Part::other(TRUNCATED, Map::from_iter([kept])))
    }
}

impl Call {
    fn into_part(self) -> Part {
        let Self { id, name, arguments, is_of_server, .. } = self;
        tool_call(Some(id), name, Value::String(arguments), is_of_server)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::usage::reply::Reply;

    fn listening() -> Reply {
        let mut reply = Reply::default();
        reply.listen();
        reply
    }

    fn messages(mut reply: Reply) -> Value {
        reply.take_output_messages().into_iter().map(Message::into_output).collect()
    }

    #[test]
    fn nothing_is_kept_unless_content_is_captured() {
        let mut reply = Reply::default();
        reply.text("a").tool_call("c-1", "search", "{}").finish_reason("stop");
        assert!(!reply.is_content_captured());
        assert_eq!(messages(reply), json!([]));
    }

    #[test]
    fn pieces_are_joined_by_choice_and_by_call() {
        let mut reply = listening();
        reply.reasoning("Look ").reasoning("it up.").text("It ").text("rains.");
        reply.tool_call_piece(1, "c-2", "time", "{}");
        reply.tool_call_piece(0, "c-1", "weather", "{\"city\":");
        reply.choice(1).text("No.").refusal("I will not.").finish_reason("stop");
        reply.choice(0).tool_call_piece(0, None::<&str>, "", "\"Bern\"}").text(" Bye.");
        reply.finish_reason("tool_calls");
        let first = json!([
            {"type": "reasoning", "content": "Look it up."},
            {"type": "text", "content": "It rains."},
            {"type": "tool_call", "id": "c-2", "name": "time", "arguments": {}},
            {"type": "tool_call", "id": "c-1", "name": "weather", "arguments": {"city": "Bern"}},
            {"type": "text", "content": " Bye."}
        ]);
        let second = json!([
            {"type": "text", "content": "No."}, {"type": "refusal", "content": "I will not."}
        ]);
        assert_eq!(
            messages(reply),
            json!([
                {"role": "assistant", "parts": first, "finish_reason": "tool_calls"},
                {"role": "assistant", "parts": second, "finish_reason": "stop"}
            ])
        );
    }

    #[test]
    fn another_id_under_the_same_index_is_another_call() {
        let mut reply = listening();
        for (id, arguments) in [("c-1", "[1"), ("c-1", "]"), ("c-2", "[2"), ("", "]")] {
            reply.tool_call_piece(0, id, "search", arguments);
        }
        let calls = messages(reply);
        let calls = &calls[0]["parts"];
        assert_eq!(calls[0]["arguments"], json!([1]));
        assert_eq!((&calls[1]["id"], &calls[1]["arguments"]), (&json!("c-2"), &json!([2])));
    }

    #[test]
    fn what_is_said_anew_takes_the_place_of_what_was_said_before() {
        let mut reply = listening();
        reply.choice(1).text("kept").choice(0).text("half a").tool_call("c", "f", "{}");
        reply.say_anew().text("whole");
        let said = messages(reply);
        assert_eq!(said[0]["parts"], json!([{"type": "text", "content": "whole"}]));
        assert_eq!(said[1]["parts"][0]["content"], "kept");
    }

    #[test]
    fn what_is_taken_is_no_longer_there() {
        let mut reply = listening();
        reply.text("a");
        assert_eq!(reply.take_output_messages().len(), 1);
        assert_eq!(reply.take_output_messages(), []);
    }

    #[test]
    fn a_choice_that_stopped_without_a_word_stands_among_the_others() {
        let mut reply = listening();
        reply.finish_reason("content_filter").choice(1).text("b");
        let said = messages(reply);
        assert_eq!(
            (&said[0]["parts"], &said[0]["finish_reason"]),
            (&json!([]), &json!("content_filter"))
        );
        assert_eq!(said[1]["finish_reason"], "");
    }

    /// The texts of all parts but the last.
    fn kept(said: &Value) -> usize {
        let parts = said[0]["parts"].as_array().unwrap();
        let (last, parts) = parts.split_last().unwrap();
        assert_eq!(*last, json!({"type": "truncated", "kept_bytes": BYTES}));
        parts.iter().map(|part| part["content"].as_str().unwrap_or_default().len()).sum()
    }

    #[test]
    fn a_stream_without_end_is_kept_to_a_mebibyte() {
        let mut reply = listening();
        for _ in 0..BYTES {
            reply.text("überall ");
        }
        reply.text("späte").tool_call("c", "f", "{}");
        let kept = kept(&messages(reply));
        assert!((BYTES - 1..=BYTES).contains(&kept), "{kept}");
    }

    #[test]
    fn many_small_parts_are_kept_to_a_number() {
        let mut reply = listening();
        for _ in 0..PARTS {
            reply.text("a").reasoning("b");
        }
        assert_eq!(kept(&messages(reply)), PARTS);
    }

    #[test]
    fn a_whole_part_beyond_measure_is_cut_or_left_out() {
        let mut reply = listening();
        reply.part(Part::blob("image", None, "A".repeat(BYTES)));
        reply.part(Part::text("b".repeat(BYTES + 1)));
        assert_eq!(kept(&messages(reply)), BYTES);
    }

    #[test]
    fn what_is_forgotten_makes_room() {
        let mut reply = listening();
        for _ in 0..3 {
            reply.say_anew().text("a".repeat(BYTES));
            reply.say_anew().part(Part::uri("image", "https://example.com/a.png"));
        }
        reply.say_anew().text("b".repeat(BYTES));
        let said = messages(reply);
        assert_eq!(said[0]["parts"].as_array().unwrap().len(), 1);
        assert_eq!(said[0]["parts"][0]["content"].as_str().unwrap().len(), BYTES);
    }
}
