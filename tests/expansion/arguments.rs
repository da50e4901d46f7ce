//! What the arguments say is on the span, with its type.

use spanline::{TraceContext, trace_llm_call, trace_pipeline, trace_span, trace_stage};

use crate::{recorded, unrecorded};

#[derive(Clone)]
struct Request {
    model: String,
    temperature: Option<f32>,
    seed: Option<i64>,
}

#[derive(Debug)]
struct Reply {
    input: u32,
    output: u32,
}

#[trace_llm_call(
    provider = "openai",
    model = request.model,
    operation = "text_completion",
    temperature = request.temperature,
    top_p = 1,
    top_k = 40,
    max_tokens = 100_usize,
    seed = request.seed,
    stop_sequences = ["a", "b"],
    frequency_penalty = 0.1_f32,
    presence_penalty = 0.25,
    choice_count = 2_u8,
    streaming = true,
    output_type = "json",
    reasoning_level = "high",
    previous_response_id = "r1",
    service_tier = "flex",
    conversation = "c1",
    prompt_name = "p",
    prompt_version = "1",
    server_address = "localhost",
    server_port = 8080_u16,
    attributes(
        request.length = request.model.len(),
        "odd-key" = [1, 2],
        ok,
        nothing = None::<bool>,
    ),
    usage = |reply| (reply.input, reply.output),
)]
async fn complete(request: Request, ok: bool) -> Result<Reply, String> {
    if ok { Ok(Reply { input: 12, output: 3 }) } else { Err(request.model) }
}

fn request() -> Request {
    Request { model: "gpt-4o".to_owned(), temperature: Some(0.5), seed: None }
}

#[test]
fn every_argument_of_a_call_is_recorded_with_its_type() {
    let (reply, tree) = recorded(async || complete(request(), true).await);
    assert!(reply.is_ok());
    assert_eq!(
        tree,
        r#"text_completion gpt-4o (client) unset
  gen_ai.conversation.id = "c1"
  gen_ai.operation.name = "text_completion"
  gen_ai.output.type = "json"
  gen_ai.prompt.name = "p"
  gen_ai.prompt.version = "1"
  gen_ai.provider.name = "openai"
  gen_ai.request.choice.count = 2
  gen_ai.request.frequency_penalty = 0.1
  gen_ai.request.max_tokens = 100
  gen_ai.request.model = "gpt-4o"
  gen_ai.request.presence_penalty = 0.25
  gen_ai.request.previous_response.id = "r1"
  gen_ai.request.reasoning.level = "high"
  gen_ai.request.stop_sequences = ["a", "b"]
  gen_ai.request.stream = true
  gen_ai.request.temperature = 0.5
  gen_ai.request.top_k = 40.0
  gen_ai.request.top_p = 1.0
  gen_ai.usage.input_tokens = 12
  gen_ai.usage.output_tokens = 3
  odd-key = [1, 2]
  ok = true
  openai.request.service_tier = "flex"
  request.length = 6
  server.address = "localhost"
  server.port = 8080
  spanline.cost.source = "list 2025-11"
  spanline.cost.usd = 6e-5
"#
    );
}

#[test]
fn a_failed_call_has_no_usage() {
    let (reply, tree) = recorded(async || complete(request(), false).await);
    assert!(reply.is_err());
    assert!(tree.starts_with("text_completion gpt-4o (client) error: gpt-4o\n"), "{tree}");
    assert!(!tree.contains("usage"), "{tree}");
}

#[test]
fn embeddings_have_their_own_arguments() {
    #[trace_llm_call(
        provider = provider,
        operation = "embeddings",
        encoding_formats = ["float"],
        dimension_count = 256
    )]
    fn embed(provider: &str) {}

    let ((), tree) = recorded(async || embed("cohere"));
    assert_eq!(
        tree,
        r#"embeddings (client) unset
  gen_ai.embeddings.dimension.count = 256
  gen_ai.operation.name = "embeddings"
  gen_ai.provider.name = "cohere"
  gen_ai.request.encoding_formats = ["float"]
"#
    );
}

#[test]
fn a_pipeline_and_a_stage_tell_their_ids() {
    #[trace_pipeline(
        "answer",
        id = "p1",
        run_id = format!("run-{number}"),
        session = session,
        conversation = "c1",
        user = None::<&str>,
        tenant = TENANT,
        tags = ["beta", "mobile"],
        prompt_name = "support",
        prompt_version = "3",
        properties(region = "eu", "odd-key" = number, number)
    )]
    async fn pipeline(number: u32, session: Option<String>) {
        drop(session);
        stage();
    }

    #[trace_stage(name = format!("{}-stage", "second"), id = "s1", kind = KIND)]
    fn stage() {}

    const KIND: &str = "retriever";
    const TENANT: Option<&str> = Some("t1");

    let ((), tree) = recorded(async || pipeline(7, Some("s".to_owned())).await);
    assert_eq!(
        tree,
        r#"invoke_workflow answer (internal) unset
  gen_ai.conversation.id = "c1"
  gen_ai.operation.name = "invoke_workflow"
  gen_ai.workflow.name = "answer"
  number = 7
  odd-key = 7
  region = "eu"
  session.id = "s"
  spanline.pipeline.id = "p1"
  spanline.run.id = "run-7"
  spanline.tags = ["beta", "mobile"]
  spanline.tenant.id = "t1"
  spanline.total.stages = 1
    second-stage (internal) unset
      number = 7
      odd-key = 7
      region = "eu"
      session.id = "s"
      spanline.stage.id = "s1"
      spanline.stage.kind = "retriever"
      spanline.stage.name = "second-stage"
      spanline.tags = ["beta", "mobile"]
      spanline.tenant.id = "t1"
"#
    );
}

#[test]
fn a_name_may_be_given_to_everything() {
    #[trace_llm_call("asked", provider = "openai", model = "gpt-4o")]
    fn asked() {}

    #[trace_span("parsed", kind = "consumer")]
    fn parsed() {}

    #[trace_span]
    fn r#match() {}

    let ((), tree) = recorded(async || {
        asked();
        parsed();
        r#match();
    });
    let spans: Vec<_> = tree.lines().filter(|line| line.contains(" (")).collect();
    assert_eq!(
        spans,
        ["asked (client) unset", "parsed (consumer) unset", "match (internal) unset"]
    );
}

#[test]
fn parent_links_and_root_say_where_a_span_belongs() {
    const REMOTE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[trace_stage(parent = remote)]
    async fn continued(remote: Option<TraceContext>) {
        assert!(remote.is_some());
        linked(&[TraceContext::from_traceparent(REMOTE)]);
    }

    #[trace_stage(links = others, root)]
    fn linked(others: &[TraceContext]) {
        assert_eq!(others.len(), 1);
    }

    let ((), tree) =
        recorded(async || continued(Some(TraceContext::from_traceparent(REMOTE))).await);
    assert_eq!(
        tree,
        r#"continued (internal) unset
  spanline.stage.name = "continued"
linked (internal) unset
  spanline.stage.name = "linked"
  -> 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7
"#
    );
}

#[test]
fn ok_if_says_what_is_not_an_error() {
    #[trace_stage(ok_if = Option::is_some)]
    fn some(number: u32) -> Option<u32> {
        (number > 0).then_some(number)
    }

    #[trace_stage(ok_if = |found: &Result<u32, String>| found != &Err("not found".to_owned()))]
    async fn found(message: &str) -> Result<u32, String> {
        Err(message.to_owned())
    }

    let (_, tree) = recorded(async || {
        assert_eq!(some(1), Some(1));
        assert_eq!(some(0), None);
        found("broken").await
    });
    let spans: Vec<_> = tree.lines().filter(|line| line.contains(" (")).collect();
    assert_eq!(spans[0], "some (internal) unset");
    assert!(spans[1].starts_with("some (internal) error"), "{tree}");
}

#[test]
fn arguments_are_not_read_when_nothing_is_recorded() {
    fn read() -> &'static str {
        panic!("read")
    }

    #[trace_stage(name = read(), kind = read(), attributes(a = read()))]
    async fn asynchronous() -> u32 {
        1
    }

    #[trace_stage(name = read(), kind = read(), attributes(a = read()))]
    fn blocking() -> u32 {
        2
    }

    unrecorded(async || {
        assert_eq!(asynchronous().await, 1);
        assert_eq!(blocking(), 2);
    });
}
