//! Images, sound and files in messages.

use serde_json::{Map, Value};

use super::{object, owned, part, text};
use crate::content::message::Part;

/// Parts of OpenAI, Anthropic and Cohere, which have a type.
pub(super) fn typed(kind: &str, members: &Map<String, Value>) -> Option<Part> {
    match kind {
        "image_url" | "video_url" | "audio_url" => {
            let modality = kind.trim_end_matches("_url");
            let url = text(members, kind).or_else(|| text(object(members, kind)?, "url"))?;
            Some(at(modality, url))
        }
        "input_image" => text(members, "image_url")
            .map(|url| at("image", url))
            .or_else(|| Some(Part::file("image", text(members, "file_id")?))),
        "input_audio" => {
            let audio = object(members, "input_audio").unwrap_or(members);
            let kind = text(audio, "format").map(|format| format!("audio/{format}"));
            Some(Part::blob("audio", kind, text(audio, "data")?))
        }
        "file" | "input_file" => file(object(members, "file").unwrap_or(members)),
        "image" | "document" | "video" | "audio" => sourced(kind, object(members, "source")?),
        "image_generation_call" => Some(Part::blob("image", None, text(members, "result")?)),
        _ => None,
    }
}

/// Parts of Gemini and Bedrock, which are known by their one member.
pub(super) fn untyped(members: &Map<String, Value>) -> Option<Part> {
    let one = |camel, snake| object(members, camel).or_else(|| object(members, snake));
    let kind_of = |data| text(data, "mimeType").or_else(|| text(data, "mime_type"));
    if let Some(data) = one("inlineData", "inline_data") {
        let kind = kind_of(data);
        return Some(Part::blob(modality(kind), kind.map(Into::into), text(data, "data")?));
    }
    if let Some(data) = one("fileData", "file_data") {
        let uri = text(data, "fileUri").or_else(|| text(data, "file_uri"))?;
        return Some(with_kind(Part::uri(modality(kind_of(data)), uri), kind_of(data)));
    }
    ["image", "document", "video", "audio"].into_iter().find_map(|modality| {
        let media = object(members, modality)?;
        let source = object(media, "source")?;
        let kind = text(media, "format").map(|format| mime(modality, format));
        if let Some(location) = object(source, "s3Location") {
            return Some(with_kind(Part::uri(modality, text(location, "uri")?), kind.as_deref()));
        }
        match source.get("text") {
            Some(Value::String(content)) => Some(Part::text(content)),
            _ => Some(Part::blob(modality, kind, text(source, "bytes")?)),
        }
    })
}

/// Sound that a model answered with; what it says in it is kept where there is a transcript alone.
pub(super) fn said(audio: &Map<String, Value>) -> Option<Part> {
    let transcript = owned(audio, "transcript").map(Value::String);
    let data = text(audio, "data").filter(|data| !data.is_empty());
    match (data, text(audio, "id")) {
        (Some(data), _) => {
            let blob = Part::blob("audio", None, data);
            Some(transcript.map_or(blob.clone(), |said| part::and(blob, "transcript", said)))
        }
        (None, Some(id)) => {
            let file = Part::file("audio", id);
            Some(transcript.map_or(file.clone(), |said| part::and(file, "transcript", said)))
        }
        (None, None) => transcript.as_ref().and_then(Value::as_str).map(Part::text),
    }
}

/// An image among Ollama's: base64 alone.
pub(super) fn picture(image: &Value) -> Part {
    match image {
        Value::String(base64) => at_or("image", base64, |base64| Part::blob("image", None, base64)),
        other => part::part(other),
    }
}

/// OpenAI's files: known to the provider, at an address, or here.
fn file(file: &Map<String, Value>) -> Option<Part> {
    if let Some(id) = text(file, "file_id") {
        return Some(Part::file("file", id));
    }
    let found = text(file, "file_url").or_else(|| text(file, "file_data"))?;
    let found = at_or("file", found, |base64| Part::blob("file", None, base64));
    Some(match owned(file, "filename") {
        Some(name) => part::and(found, "filename", Value::String(name)),
        None => found,
    })
}

/// Anthropic's: where the bytes are is said beside them.
fn sourced(modality: &str, source: &Map<String, Value>) -> Option<Part> {
    match text(source, "type")? {
        "base64" => Some(Part::blob(modality, owned(source, "media_type"), text(source, "data")?)),
        "url" => Some(Part::uri(modality, text(source, "url")?)),
        "file" => Some(Part::file(modality, text(source, "file_id")?)),
        "text" => Some(Part::text(text(source, "data")?)),
        _ => None,
    }
}

/// An address, or the bytes that it holds itself.
fn at(modality: &str, url: &str) -> Part {
    at_or(modality, url, |url| Part::uri(modality, url))
}

/// What a `data:` URL holds, or what stands at an address, or else something of its own.
fn at_or(modality: &str, text: &str, other: impl FnOnce(&str) -> Part) -> Part {
    if let Some((head, data)) = text.strip_prefix("data:").and_then(|held| held.split_once(',')) {
        let kind = head.split(';').next().filter(|kind| !kind.is_empty());
        if head.ends_with(";base64") {
            return Part::blob(modality, kind.map(Into::into), data);
        }
    }
    if text.contains("://") { Part::uri(modality, text) } else { other(text) }
}

fn with_kind(part: Part, kind: Option<&str>) -> Part {
    match kind {
        Some(kind) => part::and(part, "mime_type", Value::String(kind.to_owned())),
        None => part,
    }
}

/// `image` of `image/png`.
pub(crate) fn modality(kind: Option<&str>) -> String {
    match kind.and_then(|kind| kind.split('/').next()) {
        Some(modality @ ("image" | "audio" | "video")) => modality.to_owned(),
        _ => "document".to_owned(),
    }
}

fn mime(modality: &str, format: &str) -> String {
    match modality {
        "document" => format!("application/{format}"),
        _ => format!("{modality}/{format}"),
    }
}
