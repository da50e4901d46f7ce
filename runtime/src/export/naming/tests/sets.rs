//! The two sets of OpenTelemetry, alone and together, and the prefix.

use super::*;
use crate::semconv::{SCHEMA_URL, attribute, genai_main, openinference};

const MAIN: &[Convention] = &[Convention::GenAiMain];
const BOTH: &[Convention] = &[Convention::GenAiMain, Convention::V1_41];

fn call() -> [(&'static str, Value); 3] {
    [
        (attribute::PROVIDER_NAME, "openai".into()),
        (attribute::REQUEST_TOP_K, Value::F64(40.0)),
        (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, Value::I64(64)),
    ]
}

#[test]
fn the_default_set_alone_is_written_as_it_was_recorded() {
    assert!(Naming::new(&[Convention::V1_41], "spanline").is_default());
    assert!(Naming::new(&[], "spanline").is_default());
    assert!(!Naming::new(&[Convention::V1_41], "acme").is_default());
    assert!(!Naming::new(MAIN, "spanline").is_default());
    let rendered =
        render(&[Convention::V1_41], "spanline", LIMITS, record(OperationKind::Chat, &call()));
    assert_eq!(only(&rendered, true), only(&rendered, false));
    assert_eq!(
        lines(&only(&rendered, false).attributes),
        [
            r#"gen_ai.operation.name="chat""#,
            r#"gen_ai.provider.name="openai""#,
            "gen_ai.request.top_k=40.0",
            "gen_ai.usage.cache_creation.input_tokens=64",
        ]
    );
}

#[test]
fn the_next_set_renames_and_retypes() {
    assert_eq!(
        attributes(MAIN, OperationKind::Chat, &call()),
        [
            r#"gen_ai.operation.name="chat""#,
            r#"gen_ai.provider.name="openai""#,
            "gen_ai.request.top_k=40",
            "gen_ai.usage.cache_write.input_tokens=64",
        ]
    );
    assert_eq!(
        attributes(MAIN, OperationKind::Retrieval, &[call()[1].clone()]),
        [r#"gen_ai.operation.name="retrieval""#, "gen_ai.retrieval.top_k=40"]
    );
}

#[test]
fn both_sets_are_written_together_and_the_default_one_wins_where_they_differ() {
    assert_eq!(
        attributes(BOTH, OperationKind::Chat, &call()),
        [
            r#"gen_ai.operation.name="chat""#,
            r#"gen_ai.provider.name="openai""#,
            "gen_ai.request.top_k=40.0",
            "gen_ai.usage.cache_creation.input_tokens=64",
            "gen_ai.usage.cache_write.input_tokens=64",
        ]
    );
    assert_eq!(
        attributes(BOTH, OperationKind::Retrieval, &[call()[1].clone()]),
        [
            r#"gen_ai.operation.name="retrieval""#,
            "gen_ai.request.top_k=40.0",
            "gen_ai.retrieval.top_k=40"
        ]
    );
}

#[test]
fn an_agent_in_this_process_says_less_in_the_next_set() {
    let agent = [
        (attribute::AGENT_ID, "a-1".into()),
        (attribute::AGENT_NAME, "researcher".into()),
        (attribute::AGENT_VERSION, "2".into()),
        (attribute::PROVIDER_NAME, "openai".into()),
        (attribute::USAGE_CACHE_CREATION_INPUT_TOKENS, Value::I64(64)),
        (attribute::USAGE_CACHE_READ_INPUT_TOKENS, Value::I64(512)),
        (attribute::USAGE_INPUT_TOKENS, Value::I64(612)),
    ];
    assert_eq!(
        attributes(MAIN, OperationKind::Agent, &agent),
        [
            r#"gen_ai.agent.name="researcher""#,
            r#"gen_ai.operation.name="invoke_agent""#,
            "gen_ai.usage.input_tokens=612",
        ]
    );
    let elsewhere = written(MAIN, remote(record(OperationKind::Agent, &agent)));
    assert_eq!(
        lines(&elsewhere.attributes),
        [
            r#"gen_ai.agent.id="a-1""#,
            r#"gen_ai.agent.name="researcher""#,
            r#"gen_ai.agent.version="2""#,
            r#"gen_ai.operation.name="invoke_agent""#,
            r#"gen_ai.provider.name="openai""#,
            "gen_ai.usage.cache_read.input_tokens=512",
            "gen_ai.usage.cache_write.input_tokens=64",
            "gen_ai.usage.input_tokens=612",
        ]
    );
    // Whoever reads the default set beside it finds all of it.
    assert_eq!(attributes(BOTH, OperationKind::Agent, &agent).len(), agent.len() + 1);
}

#[test]
fn the_schema_is_that_of_the_first_set_that_has_one() {
    let schema = |conventions: &[Convention]| {
        let span = written(conventions, record(OperationKind::Span, &[]));
        assert_eq!(span.instrumentation_scope.name(), "spanline");
        span.instrumentation_scope.schema_url().map(str::to_owned)
    };
    let openinference = Convention::OpenInference;
    assert_eq!(schema(&[Convention::V1_41]).as_deref(), Some(SCHEMA_URL));
    assert_eq!(schema(BOTH).as_deref(), Some(SCHEMA_URL));
    assert_eq!(schema(MAIN).as_deref(), Some(genai_main::SCHEMA_URL));
    assert_eq!(schema(&[openinference, Convention::V1_41]).as_deref(), Some(SCHEMA_URL));
    let with_main = [openinference, Convention::GenAiMain];
    assert_eq!(schema(&with_main).as_deref(), Some(genai_main::SCHEMA_URL));
    assert_eq!(schema(&[openinference]), None);
}

#[test]
fn our_names_have_the_prefix_and_the_users_keep_theirs() {
    let mut stage = record(
        OperationKind::Stage,
        &[
            (attribute::STAGE_KIND, "retriever".into()),
            (attribute::TOTAL_COST_USD, Value::F64(0.25)),
            ("spanline.mine", Value::I64(1)),
            ("app.seats", Value::I64(5)),
        ],
    );
    let failed = KeyValue::new(attribute::ATTEMPT_NUMBER, 1);
    stage.events = vec![
        event(crate::semconv::event::ATTEMPT_FAILED, vec![failed]),
        event("mine", vec![KeyValue::new("spanline.mine", 1)]),
    ];
    let rendered = render(&[Convention::V1_41], "flow.mason", LIMITS, stage);
    let span = only(&rendered, false);
    assert_eq!(
        lines(&span.attributes),
        [
            "app.seats=5",
            r#"flow.mason.stage.kind="retriever""#,
            r#"flow.mason.stage.name="work""#,
            "flow.mason.total.cost.usd=0.25",
            "spanline.mine=1",
        ]
    );
    let events: Vec<String> = span
        .events
        .iter()
        .map(|event| format!("{} {}", event.name, lines(&event.attributes).join(" ")))
        .collect();
    assert_eq!(
        events,
        ["flow.mason.attempt.failed flow.mason.attempt.number=1", "mine spanline.mine=1"]
    );
    assert_eq!(span.instrumentation_scope.name(), "spanline");
    // The console reads the names that it knows.
    let plain = lines(&only(&rendered, true).attributes);
    assert!(plain.contains(&"spanline.total.cost.usd=0.25".to_owned()), "{plain:?}");
}

#[test]
fn an_attribute_that_the_user_set_under_a_new_name_stays() {
    let mut recorded = call().to_vec();
    recorded.push((genai_main::USAGE_CACHE_WRITE_INPUT_TOKENS, Value::I64(1)));
    recorded.push((openinference::LLM_PROVIDER, "mine".into()));
    let all = [Convention::V1_41, Convention::GenAiMain, Convention::OpenInference];
    let attributes = attributes(&all, OperationKind::Chat, &recorded);
    assert!(attributes.contains(&"gen_ai.usage.cache_write.input_tokens=1".into()));
    assert!(attributes.contains(&r#"llm.provider="mine""#.into()));
    let mut keys: Vec<&str> =
        attributes.iter().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    keys.dedup();
    assert_eq!(keys.len(), attributes.len(), "{attributes:#?}");
}
