//! What pipelines and agents say of whom they are for.

use spanline::{
    Agent, Pipeline, Retrieval, SpanBuilder, trace_agent, trace_llm_call, trace_pipeline,
    trace_retrieval, trace_span, trace_stage, trace_tool,
};
use spanline_tests::telemetry::{metrics, watch, watch_blocking};

#[trace_pipeline(
    "answer",
    session = "s-1",
    user = user,
    tenant = "t-1",
    conversation = "c-1",
    tags = ["beta"],
    prompt_name = "support",
    prompt_version = "3",
    properties(region = "eu", user)
)]
async fn answer(user: &str) {
    stage();
    agent().await;
    retrieval();
    embed();
    span().await;
}

#[trace_stage]
fn stage() {}

#[trace_span]
async fn span() {}

#[trace_agent]
async fn agent() {
    tool();
    complete().await;
}

#[trace_tool]
fn tool() {}

#[trace_retrieval(data_source = "handbook")]
fn retrieval() {}

#[trace_llm_call(provider = "openai", model = "m")]
async fn complete() {}

#[trace_llm_call(provider = "openai", model = "e", operation = "embeddings")]
fn embed() {}

#[tokio::test]
async fn every_macro_has_what_the_pipeline_says() {
    let ((), trace) = watch(async { answer("u-1").await }).await;
    let on = |conversation: &str, prompt: &str| {
        format!(
            " session.id=\"s-1\" user.id=\"u-1\" spanline.tenant.id=\"t-1\"{conversation}{prompt} \
             spanline.tags=[\"beta\"] region=\"eu\" user=\"u-1\"\n"
        )
    };
    let conversation = " gen_ai.conversation.id=\"c-1\"";
    let prompt = " gen_ai.prompt.name=\"support\" gen_ai.prompt.version=\"3\"";
    assert_eq!(
        trace.tree_with(&[
            "session.id",
            "user.id",
            "spanline.tenant.id",
            "gen_ai.conversation.id",
            "gen_ai.prompt.name",
            "gen_ai.prompt.version",
            "spanline.tags",
            "region",
            "user"
        ]),
        [
            "invoke_workflow answer",
            &on(conversation, ""),
            "  embeddings e <client>",
            &on("", ""),
            "  invoke_agent agent",
            &on(conversation, ""),
            "    chat m <client>",
            &on(conversation, prompt),
            "    execute_tool tool",
            &on(conversation, ""),
            "  retrieval handbook <client>",
            &on("", ""),
            "  span",
            &on("", ""),
            "  stage",
            &on("", ""),
        ]
        .concat()
    );
}

#[test]
fn an_agents_conversation_is_that_of_its_tools_and_calls() {
    #[trace_tool(conversation = "own")]
    fn elsewhere() {}
    let ((), trace) = watch_blocking(|| {
        Pipeline::new("p").conversation("c-1").run_blocking_with(
            || {
                Agent::new("a").conversation("c-2").run_blocking_with(
                    || {
                        tool();
                        elsewhere();
                    },
                    |(), _| (),
                );
                tool();
            },
            |(), _| (),
        );
    });
    assert_eq!(
        trace.tree_with(&["gen_ai.conversation.id"]),
        "invoke_workflow p gen_ai.conversation.id=\"c-1\"\n  \
         execute_tool tool gen_ai.conversation.id=\"c-1\"\n  \
         invoke_agent a gen_ai.conversation.id=\"c-2\"\n    \
         execute_tool elsewhere gen_ai.conversation.id=\"own\"\n    \
         execute_tool tool gen_ai.conversation.id=\"c-2\"\n"
    );
}

#[tokio::test]
async fn after_the_pipeline_nobody_is_in_it() {
    let ((), trace) = watch(async {
        Pipeline::new("one").session("s-1").run_with(async { stage() }, |(), _| ()).await;
        Pipeline::new("two").run_with(async { stage() }, |(), _| ()).await;
    })
    .await;
    assert_eq!(
        trace.tree_with(&["session.id"]),
        "invoke_workflow one session.id=\"s-1\"\n  stage session.id=\"s-1\"\n\
         invoke_workflow two\n  stage\n"
    );
}

#[test]
fn a_trace_of_its_own_inside_is_for_the_same_session() {
    let (trace_id, _) = watch_blocking(|| {
        Pipeline::new("p").session("s-1").run_blocking_with(
            || {
                let root = SpanBuilder::new("alone").root().start();
                let trace_id = root.handle().trace_id();
                root.end();
                trace_id.unwrap()
            },
            |_, _| (),
        )
    });
    let trace = spanline_tests::telemetry::trace(&trace_id);
    assert_eq!(trace.tree_with(&["session.id"]), "alone session.id=\"s-1\"\n");
}

#[test]
fn no_metric_knows_whom_anything_is_for() {
    let ((), _) = watch_blocking(|| {
        Pipeline::new("measured")
            .session("s-1")
            .property("error.type", "not an error")
            .property("gen_ai.workflow.name", "not the name")
            .run_blocking_with(|| (), |(), _| ());
        Retrieval::new("measured").start().end();
    });
    assert_eq!(
        metrics().counts("gen_ai.invoke_workflow.duration", "gen_ai.workflow.name", "measured"),
        "gen_ai.workflow.name=\"measured\": 1\n"
    );
}
