//! OpenInference, alone and beside the default set.

use std::sync::Arc;

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{SpanContext, SpanId, Status};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};

use super::*;
use crate::export::ring::Foreign;
use crate::identity::Associations;
use crate::semconv::attribute;

const ALONE: &[Convention] = &[Convention::OpenInference];
const BESIDE: &[Convention] = &[Convention::V1_41, Convention::OpenInference];

fn call() -> Vec<(&'static str, Value)> {
    vec![
        (attribute::PROVIDER_NAME, "azure.ai.openai".into()),
        (attribute::REQUEST_MODEL, "gpt-4o-mini".into()),
        (attribute::REQUEST_TEMPERATURE, Value::F64(0.5)),
        (attribute::REQUEST_TOP_K, Value::F64(40.0)),
        (attribute::REQUEST_MAX_TOKENS, Value::I64(256)),
        (attribute::REQUEST_STOP_SEQUENCES, texts(&["END"])),
        (attribute::REQUEST_STREAM, Value::Bool(true)),
        (attribute::PROMPT_NAME, "greeting".into()),
        (attribute::PROMPT_VERSION, "3".into()),
        (attribute::RESPONSE_MODEL, "gpt-4o-mini-2024-07-18".into()),
        (attribute::RESPONSE_ID, "r-1".into()),
        (attribute::RESPONSE_FINISH_REASONS, texts(&["stop", "length"])),
        (attribute::USAGE_INPUT_TOKENS, Value::I64(612)),
        (attribute::USAGE_OUTPUT_TOKENS, Value::I64(148)),
        (attribute::USAGE_CACHE_READ_INPUT_TOKENS, Value::I64(512)),
        (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, Value::I64(64)),
        (attribute::USAGE_AUDIO_INPUT_TOKENS, Value::I64(40)),
        (attribute::USAGE_TEXT_INPUT_TOKENS, Value::I64(500)),
        (attribute::USAGE_REASONING_OUTPUT_TOKENS, Value::I64(96)),
        (attribute::USAGE_AUDIO_OUTPUT_TOKENS, Value::I64(3)),
        (attribute::COST_USD, Value::F64(0.0013)),
        (attribute::SERVER_ADDRESS, "api.example".into()),
        ("app.seats", Value::I64(5)),
    ]
}

const LLM: [&str; 18] = [
    r#"llm.finish_reason="stop""#,
    r#"llm.invocation_parameters="{\"max_tokens\":256,\"model\":\"gpt-4o-mini\",\"stop_sequences\":[\"END\"],\"stream\":true,\"temperature\":0.5,\"top_k\":40.0}""#,
    r#"llm.model_name="gpt-4o-mini-2024-07-18""#,
    r#"llm.prompt_template.version="3""#,
    r#"llm.provider="azure""#,
    r#"llm.request.model_name="gpt-4o-mini""#,
    r#"llm.response.model_name="gpt-4o-mini-2024-07-18""#,
    r#"llm.system="openai""#,
    "llm.token_count.completion=148",
    "llm.token_count.completion_details.audio=3",
    "llm.token_count.completion_details.reasoning=96",
    "llm.token_count.prompt=612",
    "llm.token_count.prompt_details.audio=40",
    "llm.token_count.prompt_details.cache_read=512",
    "llm.token_count.prompt_details.cache_write=64",
    "llm.token_count.total=760",
    r#"openinference.span.kind="LLM""#,
    r#"prompt.id="greeting""#,
];

#[test]
fn a_model_call_alone_has_all_that_it_had() {
    let attributes = attributes(ALONE, OperationKind::Chat, &call());
    let mut expected = LLM.map(str::to_owned).to_vec();
    expected.extend(
        [
            "app.seats=5",
            "llm.cost.total=0.0013",
            r#"metadata="{\"gen_ai.operation.name\":\"chat\",\"gen_ai.response.id\":\"r-1\",\"gen_ai.usage.text.input_tokens\":500}""#,
            r#"server.address="api.example""#,
            "spanline.cost.usd=0.0013",
        ]
        .map(str::to_owned),
    );
    expected.sort();
    assert_eq!(attributes, expected);
}

#[test]
fn beside_the_default_set_nothing_is_said_twice_in_metadata() {
    let attributes = attributes(BESIDE, OperationKind::Chat, &call());
    for line in LLM {
        assert!(attributes.contains(&line.to_owned()), "{line} is not in {attributes:#?}");
    }
    assert!(!attributes.iter().any(|line| line.starts_with("metadata=")), "{attributes:#?}");
    let default = super::attributes(&[Convention::V1_41], OperationKind::Chat, &call());
    for line in &default {
        assert!(attributes.contains(line), "{line} is not in {attributes:#?}");
    }
    assert_eq!(attributes.len(), default.len() + LLM.len() + 1);
}

#[test]
fn the_model_is_said_once_where_it_is_the_one_that_was_asked() {
    let said = |recorded: &[(&'static str, Value)]| {
        let mut lines = attributes(ALONE, OperationKind::Chat, recorded);
        lines.retain(|line| line.contains("model_name"));
        lines
    };
    let asked = (attribute::REQUEST_MODEL, Value::from("m"));
    assert_eq!(said(std::slice::from_ref(&asked)), [r#"llm.model_name="m""#]);
    assert_eq!(said(&[asked, (attribute::RESPONSE_MODEL, "m".into())]), [r#"llm.model_name="m""#]);
}

#[test]
fn embeddings_have_names_of_their_own() {
    let span = written(
        ALONE,
        record(
            OperationKind::Embeddings,
            &[
                (attribute::PROVIDER_NAME, "openai".into()),
                (attribute::REQUEST_MODEL, "e".into()),
                (attribute::REQUEST_ENCODING_FORMATS, texts(&["float"])),
                (attribute::EMBEDDINGS_DIMENSION_COUNT, Value::I64(256)),
                (attribute::USAGE_INPUT_TOKENS, Value::I64(12)),
            ],
        ),
    );
    assert_eq!(span.name, "CreateEmbeddings");
    assert_eq!(kind_of(&span), SpanKind::Client);
    assert_eq!(
        lines(&span.attributes),
        [
            r#"embedding.invocation_parameters="{\"dimensions\":256,\"encoding_formats\":[\"float\"],\"model\":\"e\"}""#,
            r#"embedding.model_name="e""#,
            "llm.token_count.prompt=12",
            "llm.token_count.total=12",
            r#"metadata="{\"gen_ai.operation.name\":\"embeddings\",\"gen_ai.provider.name\":\"openai\"}""#,
            r#"openinference.span.kind="EMBEDDING""#,
        ]
    );
    let mut renamed = record(OperationKind::Embeddings, &[]);
    renamed.name = Cow::Borrowed("embed the handbook");
    assert_eq!(written(ALONE, renamed).name, "embed the handbook");
    assert_eq!(written(BESIDE, record(OperationKind::Embeddings, &[])).name, "embeddings");
}

#[test]
fn tokens_of_an_agent_in_this_process_are_counted_at_its_calls_alone() {
    let agent = [
        (attribute::AGENT_NAME, Value::from("researcher")),
        (attribute::AGENT_ID, "a-1".into()),
        (attribute::USAGE_INPUT_TOKENS, Value::I64(612)),
        (attribute::USAGE_OUTPUT_TOKENS, Value::I64(148)),
    ];
    assert_eq!(
        attributes(ALONE, OperationKind::Agent, &agent),
        [
            r#"agent.name="researcher""#,
            r#"metadata="{\"gen_ai.agent.id\":\"a-1\",\"gen_ai.operation.name\":\"invoke_agent\",\"gen_ai.usage.input_tokens\":612,\"gen_ai.usage.output_tokens\":148}""#,
            r#"openinference.span.kind="AGENT""#,
        ]
    );
    let elsewhere = written(ALONE, remote(record(OperationKind::Agent, &agent)));
    assert!(lines(&elsewhere.attributes).contains(&"llm.token_count.total=760".into()));
}

#[test]
fn every_span_has_a_kind() {
    let kind = |operation, stage: Option<&'static str>| {
        let stage = stage.map(|kind| (attribute::STAGE_KIND, Value::from(kind)));
        let attributes = attributes(ALONE, operation, stage.as_slice());
        attributes.into_iter().find_map(|line| {
            Some(line.strip_prefix("openinference.span.kind=\"")?.trim_end_matches('"').to_owned())
        })
    };
    for (operation, expected) in [
        (OperationKind::Workflow, "CHAIN"),
        (OperationKind::Stage, "CHAIN"),
        (OperationKind::Chat, "LLM"),
        (OperationKind::TextCompletion, "LLM"),
        (OperationKind::GenerateContent, "LLM"),
        (OperationKind::Embeddings, "EMBEDDING"),
        (OperationKind::Agent, "AGENT"),
        (OperationKind::Tool, "TOOL"),
        (OperationKind::Retrieval, "RETRIEVER"),
        (OperationKind::Span, "CHAIN"),
    ] {
        assert_eq!(kind(operation, None).as_deref(), Some(expected), "{operation:?}");
    }
    for (stage, expected) in [
        ("retriever", "RETRIEVER"),
        ("Reranker", "RERANKER"),
        ("guardrail", "GUARDRAIL"),
        ("template", "PROMPT"),
        ("loader", "CHAIN"),
    ] {
        assert_eq!(kind(OperationKind::Stage, Some(stage)).as_deref(), Some(expected), "{stage}");
    }
}

fn shared(session: Option<&str>) -> Arc<Associations> {
    let mut associations = Associations::default();
    associations.set_session(&session);
    associations.set_user(&"u-1");
    associations.set_conversation(&"c-1");
    associations.add_tag(&"beta");
    Arc::new(associations)
}

#[test]
fn a_conversation_is_a_session_unless_there_is_one() {
    let mut chat = record(OperationKind::Chat, &[]);
    chat.associations = Some(shared(None));
    let attributes = lines(&written(ALONE, chat).attributes);
    for line in [r#"session.id="c-1""#, r#"user.id="u-1""#, r#"tag.tags=["beta"]"#] {
        assert!(attributes.contains(&line.to_owned()), "{line} is not in {attributes:#?}");
    }
    let mut chat = record(OperationKind::Chat, &[]);
    chat.associations = Some(shared(Some("s-1")));
    let attributes = lines(&written(ALONE, chat).attributes);
    let metadata =
        r#"metadata="{\"gen_ai.conversation.id\":\"c-1\",\"gen_ai.operation.name\":\"chat\"}""#;
    for line in [r#"session.id="s-1""#, metadata] {
        assert!(attributes.contains(&line.to_owned()), "{line} is not in {attributes:#?}");
    }
}

#[test]
fn on_spans_of_others_only_what_they_share_is_named() {
    let theirs = SpanData {
        span_context: SpanContext::empty_context(),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Client,
        name: "embeddings m".into(),
        start_time: std::time::SystemTime::UNIX_EPOCH,
        end_time: std::time::SystemTime::UNIX_EPOCH,
        attributes: vec![
            KeyValue::new(attribute::OPERATION_NAME, "chat"),
            KeyValue::new(attribute::REQUEST_TOP_K, 40.0),
            KeyValue::new(attribute::COST_USD, 1.0),
        ],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::builder("theirs").build(),
    };
    let all = [Convention::GenAiMain, Convention::OpenInference];
    let renderer = renderer(&all, "acme", LIMITS);
    let foreign = Foreign { span: theirs, associations: Some(shared(Some("s-1"))) };
    let mut spans = super::pending();
    renderer.render_foreign(foreign, &mut spans);
    let span = only(&spans.take(true).unwrap(), false);
    assert_eq!(span.name, "embeddings m");
    assert_eq!(
        lines(&span.attributes),
        [
            r#"acme.tags=["beta"]"#,
            r#"gen_ai.conversation.id="c-1""#,
            r#"gen_ai.operation.name="chat""#,
            "gen_ai.request.top_k=40.0",
            r#"session.id="s-1""#,
            "spanline.cost.usd=1.0",
            r#"tag.tags=["beta"]"#,
            r#"user.id="u-1""#,
        ]
    );
}
