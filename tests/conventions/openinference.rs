//! OpenInference at commit 00e2b51 as tables, and spans against them.
//!
//! Source: <https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md>.

use std::collections::BTreeSet;

use opentelemetry_proto::tonic::trace::v1::Span;

use super::spans::{is_of, kind, text, value};
use super::table::Type::{self, Double, Int, Text, Texts};

/// Every attribute that a span may have; `N` is a number.
const ATTRIBUTES: &[(&str, Type)] = &[
    ("agent.name", Text),
    ("embedding.invocation_parameters", Text),
    ("embedding.model_name", Text),
    ("input.mime_type", Text),
    ("input.value", Text),
    ("llm.cost.total", Double),
    ("llm.finish_reason", Text),
    ("llm.input_messages.N.message.content", Text),
    ("llm.input_messages.N.message.role", Text),
    ("llm.invocation_parameters", Text),
    ("llm.model_name", Text),
    ("llm.output_messages.N.message.content", Text),
    ("llm.output_messages.N.message.role", Text),
    ("llm.prompt_template.version", Text),
    ("llm.provider", Text),
    ("llm.request.model_name", Text),
    ("llm.response.model_name", Text),
    ("llm.system", Text),
    ("llm.token_count.completion", Int),
    ("llm.token_count.completion_details.audio", Int),
    ("llm.token_count.completion_details.reasoning", Int),
    ("llm.token_count.prompt", Int),
    ("llm.token_count.prompt_details.audio", Int),
    ("llm.token_count.prompt_details.cache_read", Int),
    ("llm.token_count.prompt_details.cache_write", Int),
    ("llm.token_count.total", Int),
    ("llm.tools.N.tool.json_schema", Text),
    ("llm.tools.N.tool.name", Text),
    ("metadata", Text),
    ("openinference.span.kind", Text),
    ("output.mime_type", Text),
    ("output.value", Text),
    ("prompt.id", Text),
    ("retrieval.documents.N.document.content", Text),
    ("retrieval.documents.N.document.id", Text),
    ("retrieval.documents.N.document.score", Double),
    ("session.id", Text),
    ("tag.tags", Texts),
    ("tool.description", Text),
    ("tool.id", Text),
    ("tool.name", Text),
    ("tool.parameters", Text),
    ("user.id", Text),
];

/// What OpenTelemetry has outside GenAI.
const STABLE: &[(&str, Type)] =
    &[("error.type", Text), ("server.address", Text), ("server.port", Int)];

/// What a span of this kind has to have.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "LLM" => &["llm.provider", "llm.system"],
        "EMBEDDING" => &["embedding.model_name"],
        "TOOL" => &["tool.name"],
        "AGENT" => &["agent.name"],
        "CHAIN" | "RETRIEVER" => &[],
        other => panic!("no span here is of kind {other}"),
    }
}

/// Text whose value is JSON, always.
const JSON: [&str; 5] = [
    "embedding.invocation_parameters",
    "llm.invocation_parameters",
    "llm.tools.N.tool.json_schema",
    "metadata",
    "tool.parameters",
];

fn pattern(key: &str) -> String {
    let parts: Vec<&str> = key
        .split('.')
        .map(|part| if part.bytes().all(|byte| byte.is_ascii_digit()) { "N" } else { part })
        .collect();
    parts.join(".")
}

fn mistakes(span: &Span, seen: &mut BTreeSet<String>) -> Vec<String> {
    let attributes = &span.attributes;
    let mut mistakes = Vec::new();
    let Some(kind) = text(attributes, "openinference.span.kind") else {
        return vec!["has no kind".into()];
    };
    for key in required(kind) {
        if value(attributes, key).is_none() {
            mistakes.push(format!("lacks {key}"));
        }
    }
    let mut keys = BTreeSet::new();
    for attribute in attributes {
        let key = pattern(&attribute.key);
        if !keys.insert(&attribute.key) {
            mistakes.push(format!("{} is there twice", attribute.key));
        }
        let value = attribute.value.as_ref().and_then(|value| value.value.as_ref());
        let known = ATTRIBUTES.iter().chain(STABLE).find(|(name, _)| *name == key);
        match known {
            Some((_, wanted)) if is_of(value, *wanted) => {}
            Some((_, wanted)) => mistakes.push(format!("{key} is {value:?} and not {wanted:?}")),
            None if key.starts_with("spanline.") => {}
            None => mistakes.push(format!("{key} is in no table")),
        }
        if JSON.contains(&key.as_str()) {
            let text = text(attributes, &attribute.key).unwrap_or_default();
            if serde_json::from_str::<serde_json::Value>(text).is_err() {
                mistakes.push(format!("{key} is no JSON: {text}"));
            }
        }
        seen.insert(key);
    }
    if kind == "EMBEDDING" && span.name != "CreateEmbeddings" {
        mistakes.push(format!("is named {}", span.name));
    }
    mistakes
}

/// Every span against the tables, and every name by a span.
pub(crate) fn check(spans: &[Span]) {
    let mut found = String::new();
    let mut seen = BTreeSet::new();
    for span in spans {
        for mistake in mistakes(span, &mut seen) {
            found.push_str(&format!("{} <{}>: {mistake}\n", span.name, kind(span)));
        }
    }
    assert_eq!(found, "");
    let unseen: Vec<&str> =
        ATTRIBUTES.iter().map(|(name, _)| *name).filter(|name| !seen.contains(*name)).collect();
    assert_eq!(unseen, [""; 0], "names that the program does not show");
}
