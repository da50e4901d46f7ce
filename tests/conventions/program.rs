//! Every operation with everything that can be said of it, with nothing but what must be, and with
//! each way to end.

use std::fmt::{Display, Error, Formatter};

use futures::StreamExt as _;
use futures::stream;
use opentelemetry::trace::SpanKind;
use serde_json::json;
use spanline::{
    Agent, Evaluation, LlmCall, LlmOperation, LlmResponse, Pipeline, Reply, Retrieval, SpanBuilder,
    Stage, Tool, Usage, current,
};

const GENERATIONS: [LlmOperation; 3] =
    [LlmOperation::Chat, LlmOperation::TextCompletion, LlmOperation::GenerateContent];

fn full_call(operation: LlmOperation) -> LlmCall {
    LlmCall::new("openai", "gpt-4o-mini")
        .operation_kind(operation)
        .temperature(0.2)
        .top_p(0.9)
        .top_k(40)
        .max_tokens(256)
        .seed(7)
        .stop_sequences(["END"])
        .frequency_penalty(0.1)
        .presence_penalty(0.1)
        .choice_count(2)
        .output_type("json")
        .reasoning_level("low")
        .previous_response_id("r-0")
        .service_tier("default")
        .conversation("c-1")
        .prompt_name("greeting")
        .prompt_version("3")
        .server_address("api.example")
        .server_port(443)
        .system_instructions("Be brief.")
        .input_messages("why?")
        .tool_definitions(["search"])
}

fn full_usage() -> Usage {
    Usage::new(612, 148)
        .cache_read_input_tokens(512)
        .cache_creation_input_tokens(64)
        .reasoning_output_tokens(96)
        .text_input_tokens(512)
        .image_input_tokens(60)
        .audio_input_tokens(40)
        .text_cache_read_input_tokens(460)
        .image_cache_read_input_tokens(50)
        .audio_cache_read_input_tokens(2)
        .text_output_tokens(140)
        .image_output_tokens(5)
        .audio_output_tokens(3)
}

/// A reply with everything.
struct FullReply;

impl LlmResponse for FullReply {
    fn read(&self, reply: &mut Reply) {
        reply
            .model("gpt-4o-mini-2024-07-18")
            .id("chatcmpl-1")
            .finish_reason("stop")
            .usage(full_usage())
            .service_tier("default")
            .system_fingerprint("fp_1");
    }
}

fn full_agent() -> Agent {
    Agent::new("researcher")
        .id("a-1")
        .description("finds things out")
        .version("2")
        .history(4)
        .provider("openai")
        .model("gpt-4o-mini")
        .conversation("c-1")
        .data_source("handbook")
        .output_type("json")
        .temperature(0.2)
        .top_p(1)
        .max_tokens(256)
        .seed(7)
        .stop_sequences(["END"])
        .frequency_penalty(0.5)
        .presence_penalty(1)
        .choice_count(2)
        .system_instructions("Be brief.")
        .input_messages("why?")
        .tool_definitions(["search"])
}

fn full_tool() -> Tool {
    Tool::new("search")
        .call_id("call-1")
        .description("looks things up")
        .tool_type("datastore")
        .conversation("c-1")
        .call_arguments(r#"{"of":"sky"}"#)
}

fn full_retrieval() -> Retrieval {
    Retrieval::new("handbook")
        .provider("qdrant")
        .model("reranker")
        .top_k(5)
        .server_address("localhost")
        .server_port(6334)
        .query("why?")
}

/// An error with a cause.
#[derive(Debug)]
struct Refused(Error);

impl Display for Refused {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

async fn calls() {
    for operation in GENERATIONS {
        let call = full_call(operation);
        call.run_with(async {}, |(), outcome| {
            outcome.response(&FullReply);
            outcome.output_messages("so.");
        })
        .await;
        full_call(operation).run_blocking_with(
            || (),
            |(), outcome| {
                outcome.response(&json!({"object": "chat.completion", "choices": []}));
            },
        );
        let chunks = full_call(operation).run_stream_with(stream::iter([1, 2, 3]), |_, outcome| {
            outcome.usage(full_usage());
        });
        chunks.collect::<Vec<_>>().await;
        LlmCall::new("anthropic", None::<&str>)
            .operation_kind(operation)
            .run_blocking(|| Err::<(), _>(Refused(Error)))
            .unwrap_err();
    }
    let embeddings = || LlmCall::new("openai", "e").operation_kind(LlmOperation::Embeddings);
    embeddings()
        .encoding_formats(["float"])
        .dimension_count(256)
        .server_address("api.example")
        .server_port(443)
        .run_with(async {}, |(), outcome| outcome.response(&FullReply))
        .await;
    embeddings().run_blocking_with(|| (), |(), outcome| outcome.usage(full_usage()));
    embeddings().run_blocking(|| Err::<(), _>(Error)).unwrap_err();
}

fn evaluations() {
    LlmCall::new("openai", "m").run_blocking_with(
        || {
            current().response_id("chatcmpl-1").evaluate(
                Evaluation::new("relevance")
                    .score(0.8)
                    .label("good")
                    .explanation("answers the question"),
            );
            current().evaluate(Evaluation::new("toxicity").failed("timeout"));
        },
        |(), _| (),
    );
}

/// What goes in and comes out, in the shapes of the conventions.
fn contents() {
    let asked = r#"[{"role":"user","parts":[{"type":"text","content":"Does it rain?"}]}]"#;
    let parts = r#"[{"type":"text","content":"Yes."}]"#;
    let said = format!(r#"[{{"role":"assistant","parts":{parts},"finish_reason":"stop"}}]"#);
    full_call(LlmOperation::Chat).run_blocking_with(
        || {
            let span = spanline::current();
            span.set("gen_ai.system_instructions", r#"[{"type":"text","content":"Be brief."}]"#);
            span.set("gen_ai.input.messages", asked);
            span.set("gen_ai.output.messages", said);
            span.set("gen_ai.tool.definitions", r#"[{"type":"function","name":"weather"}]"#);
        },
        |(), outcome| outcome.usage(Usage::new(612, 148).cost_usd(0.25)),
    );
    full_tool().run_blocking_with(
        || {
            spanline::current().set("gen_ai.tool.call.arguments", r#"{"city":"Bern"}"#);
            spanline::current().set("gen_ai.tool.call.result", r#"{"rain":true}"#);
        },
        |(), _| (),
    );
    full_retrieval().run_blocking_with(
        || {
            spanline::current().set("gen_ai.retrieval.query.text", "rain");
            let found = r#"[{"id":"d-1","score":0.98,"content":"It rains."}]"#;
            spanline::current().set("gen_ai.retrieval.documents", found);
        },
        |(), _| (),
    );
}

/// Every operation that gives a stream.
async fn streams() {
    let chunks = || stream::iter([1, 2]);
    Pipeline::new("p").run_stream_with(chunks(), |_, _| ()).count().await;
    Agent::new("a").provider("openai").run_stream_with(chunks(), |_, _| ()).count().await;
    Stage::new("st").run_stream_with(chunks(), |_, _| ()).count().await;
    Tool::new("t").run_stream_with(chunks(), |_, _| ()).count().await;
    Retrieval::new("d").run_stream_with(chunks(), |_, _| ()).count().await;
    SpanBuilder::new("s").run_stream_with(chunks(), |_, _| ()).count().await;
    let embeddings = LlmCall::new("openai", "e").operation_kind(LlmOperation::Embeddings);
    embeddings.run_stream_with(chunks(), |_, _| ()).count().await;
}

/// Runs it all.
pub(crate) async fn run() {
    calls().await;
    evaluations();
    contents();
    streams().await;
    full_agent().run_with(calls(), |(), outcome| outcome.usage(full_usage())).await;
    full_agent().run_with(calls(), |(), outcome| outcome.response(&FullReply)).await;
    full_agent().remote().server_address("agents.example").server_port(443).start().end();
    Agent::new("bare").run_blocking(|| Err::<(), _>(Error)).unwrap_err();
    full_agent().run_blocking_with(|| full_tool().start().end(), |(), _| ());
    full_tool().run_blocking_with(|| "blue", |found, outcome| outcome.call_result(found));
    Tool::new("bare").run_blocking(|| Err::<(), _>(Error)).unwrap_err();
    full_retrieval().run_blocking_with(
        || r#"[{"id":7,"score":0.98,"content":"It rains."}]"#,
        |found, outcome| outcome.documents(found),
    );
    Retrieval::new(None::<&str>).run_blocking(|| Err::<(), _>(Error)).unwrap_err();

    let pipeline = Pipeline::new("answer")
        .id("p-1")
        .run_id("r-1")
        .session("s-1")
        .conversation("c-1")
        .user("u-1")
        .tags(["beta"])
        .input_messages("why?");
    pipeline.run_with(calls(), |(), outcome| outcome.output_messages("so.")).await;
    Pipeline::new("bare").run_blocking(|| Err::<(), _>(Error)).unwrap_err();
    Stage::new("retrieve").id("st-1").kind("retriever").run_with(calls(), |(), _| ()).await;
    Stage::new("bare").run_blocking(|| Err::<(), _>(Error)).unwrap_err();
    SpanBuilder::new("parse").kind(SpanKind::Server).start().end();
    SpanBuilder::new("bare").run_blocking(|| Err::<(), _>(Error)).unwrap_err();

    drop(full_call(LlmOperation::Chat).run_stream_with(stream::pending::<()>(), |(), _| ()));
    let mut abandoned = Box::pin(
        full_call(LlmOperation::Chat)
            .run_stream_with(stream::iter([1]).chain(stream::pending()), |_, _| ()),
    );
    abandoned.next().await;
    drop(abandoned);
    let mut cancelled = Box::pin(
        full_call(LlmOperation::Chat).run(futures::future::pending::<Result<(), Error>>()),
    );
    assert!(futures::poll!(&mut cancelled).is_pending());
    drop(cancelled);
    let panicked = std::panic::catch_unwind(|| {
        full_call(LlmOperation::Chat).run_blocking(|| -> Result<(), Error> { panic!("gone") })
    });
    panicked.unwrap_err();
}
