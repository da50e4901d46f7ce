//! Messages, tools and documents as OpenInference has them.

use serde_json::{Value as Json, json};

use super::*;
use crate::semconv::attribute;

/// What the attributes of a span become, but for the operation and the texts as a whole.
fn pieces(operation: OperationKind, recorded: &[(&'static str, Json)]) -> Vec<String> {
    let recorded: Vec<(&'static str, Value)> =
        recorded.iter().map(|(key, json)| (*key, json.to_string().into())).collect();
    let mut lines = attributes(&[Convention::OpenInference], operation, &recorded);
    lines.retain(|line| {
        ["input.", "output.", "metadata=", "openinference.span.kind"]
            .iter()
            .all(|whole| !line.starts_with(whole))
    });
    lines
}

#[test]
fn messages_are_numbered_behind_the_instructions() {
    assert_eq!(
        pieces(
            OperationKind::Chat,
            &[
                (attribute::SYSTEM_INSTRUCTIONS, json!([{"type": "text", "content": "Be brief."}])),
                (
                    attribute::INPUT_MESSAGES,
                    json!([
                        {"role": "user", "parts": [{"type": "text", "content": "Rain?"}], "name": "ann"},
                        {"role": "assistant", "parts": [
                            {"type": "tool_call", "id": "c-1", "name": "weather", "arguments": {"city": "Bern"}},
                            {"type": "tool_call", "name": "clock"},
                        ]},
                        {"role": "tool", "parts": [
                            {"type": "tool_call_response", "id": "c-1", "response": {"rain": true}},
                            {"type": "tool_call_response", "response": "noon"},
                        ]},
                    ])
                ),
                (
                    attribute::OUTPUT_MESSAGES,
                    json!([{"role": "assistant", "parts": [{"type": "text", "content": "Yes."}], "finish_reason": "stop"}])
                ),
            ]
        ),
        [
            r#"llm.input_messages.0.message.content="Be brief.""#,
            r#"llm.input_messages.0.message.role="system""#,
            r#"llm.input_messages.1.message.content="Rain?""#,
            r#"llm.input_messages.1.message.name="ann""#,
            r#"llm.input_messages.1.message.role="user""#,
            r#"llm.input_messages.2.message.role="assistant""#,
            r#"llm.input_messages.2.message.tool_calls.0.tool_call.function.arguments="{\"city\":\"Bern\"}""#,
            r#"llm.input_messages.2.message.tool_calls.0.tool_call.function.name="weather""#,
            r#"llm.input_messages.2.message.tool_calls.0.tool_call.id="c-1""#,
            r#"llm.input_messages.2.message.tool_calls.1.tool_call.function.arguments="{}""#,
            r#"llm.input_messages.2.message.tool_calls.1.tool_call.function.name="clock""#,
            r#"llm.input_messages.3.message.content="{\"rain\":true}""#,
            r#"llm.input_messages.3.message.role="tool""#,
            r#"llm.input_messages.3.message.tool_call_id="c-1""#,
            r#"llm.input_messages.4.message.content="noon""#,
            r#"llm.input_messages.4.message.role="tool""#,
            r#"llm.output_messages.0.message.content="Yes.""#,
            r#"llm.output_messages.0.message.role="assistant""#,
        ]
    );
}

#[test]
fn several_parts_of_a_message_are_a_list() {
    assert_eq!(
        pieces(
            OperationKind::Chat,
            &[(
                attribute::INPUT_MESSAGES,
                json!([{"role": "user", "parts": [
                    {"type": "text", "content": "What is this?"},
                    {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "AAAA"},
                    {"type": "uri", "modality": "audio", "mime_type": "audio/mpeg", "uri": "https://a.example/1"},
                    {"type": "uri", "modality": "video", "uri": "gs://b/1.mp4"},
                    {"type": "reasoning", "content": "Hm."},
                    {"type": "file", "modality": "image", "file_id": "f-1"},
                ]}])
            )]
        ),
        [
            r#"llm.input_messages.0.message.contents.0.message_content.text="What is this?""#,
            r#"llm.input_messages.0.message.contents.0.message_content.type="text""#,
            r#"llm.input_messages.0.message.contents.1.message_content.image.image.url="data:image/png;base64,AAAA""#,
            r#"llm.input_messages.0.message.contents.1.message_content.type="image""#,
            r#"llm.input_messages.0.message.contents.2.message_content.audio.audio.mime_type="audio/mpeg""#,
            r#"llm.input_messages.0.message.contents.2.message_content.audio.audio.url="https://a.example/1""#,
            r#"llm.input_messages.0.message.contents.2.message_content.type="audio""#,
            r#"llm.input_messages.0.message.contents.3.message_content.type="video""#,
            r#"llm.input_messages.0.message.contents.3.message_content.video.video.url="gs://b/1.mp4""#,
            r#"llm.input_messages.0.message.contents.4.message_content.text="Hm.""#,
            r#"llm.input_messages.0.message.contents.4.message_content.type="reasoning""#,
            r#"llm.input_messages.0.message.contents.5.message_content.text="{\"file_id\":\"f-1\",\"modality\":\"image\",\"type\":\"file\"}""#,
            r#"llm.input_messages.0.message.contents.5.message_content.type="file""#,
            r#"llm.input_messages.0.message.role="user""#,
        ]
    );
}

#[test]
fn tools_have_the_shape_that_openinference_shows() {
    let function =
        json!({"name": "weather", "description": "tells", "parameters": {"type": "object"}});
    let mut definition = function.clone();
    definition["type"] = "function".into();
    assert_eq!(
        pieces(
            OperationKind::Chat,
            &[(
                attribute::TOOL_DEFINITIONS,
                json!([definition, {"type": "function", "function": function}, {"type": "web_search"}])
            )]
        ),
        [
            r#"llm.tools.0.tool.description="tells""#,
            r#"llm.tools.0.tool.json_schema="{\"function\":{\"description\":\"tells\",\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}},\"type\":\"function\"}""#,
            r#"llm.tools.0.tool.name="weather""#,
            r#"llm.tools.1.tool.description="tells""#,
            r#"llm.tools.1.tool.json_schema="{\"function\":{\"description\":\"tells\",\"name\":\"weather\",\"parameters\":{\"type\":\"object\"}},\"type\":\"function\"}""#,
            r#"llm.tools.1.tool.name="weather""#,
            r#"llm.tools.2.tool.json_schema="{\"type\":\"web_search\"}""#,
        ]
    );
}

#[test]
fn documents_are_numbered() {
    assert_eq!(
        pieces(
            OperationKind::Retrieval,
            &[(
                attribute::RETRIEVAL_DOCUMENTS,
                json!([
                    {"id": "d-1", "score": 0.98, "content": "It rains.", "metadata": {"page": 3}, "lang": "en"},
                    {"id": 7, "score": 1},
                    "bare",
                ])
            )]
        ),
        [
            r#"retrieval.documents.0.document.content="It rains.""#,
            r#"retrieval.documents.0.document.id="d-1""#,
            r#"retrieval.documents.0.document.metadata="{\"lang\":\"en\",\"page\":3}""#,
            "retrieval.documents.0.document.score=0.98",
            "retrieval.documents.1.document.id=7",
            "retrieval.documents.1.document.score=1.0",
            r#"retrieval.documents.2.document.content="bare""#,
        ]
    );
}

#[test]
fn a_tool_call_has_what_went_in_and_what_came_out() {
    let attributes = attributes(
        &[Convention::OpenInference],
        OperationKind::Tool,
        &[
            (attribute::TOOL_NAME, "weather".into()),
            (attribute::TOOL_DESCRIPTION, "tells".into()),
            (attribute::TOOL_CALL_ID, "c-1".into()),
            (attribute::TOOL_CALL_ARGUMENTS, r#"{"city":"Bern"}"#.into()),
            (attribute::TOOL_CALL_RESULT, "rain".into()),
        ],
    );
    assert_eq!(
        attributes,
        [
            r#"input.mime_type="application/json""#,
            r#"input.value="{\"city\":\"Bern\"}""#,
            r#"metadata="{\"gen_ai.operation.name\":\"execute_tool\"}""#,
            r#"openinference.span.kind="TOOL""#,
            r#"output.mime_type="text/plain""#,
            r#"output.value="rain""#,
            r#"tool.description="tells""#,
            r#"tool.id="c-1""#,
            r#"tool.name="weather""#,
            r#"tool.parameters="{\"city\":\"Bern\"}""#,
        ]
    );
}

#[test]
fn a_workflow_has_its_messages_as_texts_alone() {
    let messages = r#"[{"role":"user","parts":[{"type":"text","content":"Rain?"}]}]"#;
    let attributes = attributes(
        &[Convention::OpenInference],
        OperationKind::Workflow,
        &[(attribute::INPUT_MESSAGES, messages.into())],
    );
    let value = format!("input.value={:?}", in_order(messages));
    assert!(attributes.contains(&value), "{attributes:#?}");
    assert!(!attributes.iter().any(|line| line.contains("_messages")), "{attributes:#?}");
}

#[test]
fn what_a_mask_has_left_of_messages_is_text() {
    let attributes = attributes(
        &[Convention::OpenInference],
        OperationKind::Chat,
        &[
            (attribute::INPUT_MESSAGES, "[masked]".into()),
            (attribute::SYSTEM_INSTRUCTIONS, "[masked]".into()),
            (attribute::TOOL_DEFINITIONS, "[masked]".into()),
        ],
    );
    assert_eq!(
        attributes,
        [
            r#"input.mime_type="text/plain""#,
            r#"input.value="[masked]""#,
            r#"llm.input_messages.0.message.content="[masked]""#,
            r#"llm.input_messages.0.message.role="system""#,
            r#"metadata="{\"gen_ai.operation.name\":\"chat\",\"gen_ai.tool.definitions\":\"[masked]\"}""#,
            r#"openinference.span.kind="LLM""#,
        ]
    );
}

#[test]
fn strange_json_is_no_trouble() {
    for odd in
        ["[1, null, {}, [], \"x\", {\"parts\": 3}, {\"role\": 1, \"parts\": [null, 2]}]", "{}"]
    {
        let recorded: Vec<(&'static str, Value)> = [
            attribute::SYSTEM_INSTRUCTIONS,
            attribute::INPUT_MESSAGES,
            attribute::OUTPUT_MESSAGES,
            attribute::TOOL_DEFINITIONS,
            attribute::RETRIEVAL_DOCUMENTS,
        ]
        .map(|key| (key, odd.into()))
        .to_vec();
        let all = [Convention::V1_41, Convention::GenAiMain, Convention::OpenInference];
        for conventions in [&all[..], &all[2..]] {
            let attributes = attributes(conventions, OperationKind::Chat, &recorded);
            assert!(attributes.iter().any(|line| line.starts_with("input.value=")));
        }
    }
}
