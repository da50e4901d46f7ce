//! Names, kinds and attributes.

use spanline::{Agent, Retrieval, Tool, trace_agent, trace_retrieval, trace_tool};
use spanline_tests::telemetry::{watch, watch_blocking};
use spanline_tests::trace::Trace;

/// All attributes of the span of that name, in the order of the alphabet.
fn sorted(trace: &Trace, name: &str) -> String {
    let attributes = trace.attributes(name);
    let mut lines: Vec<&str> = attributes.lines().collect();
    lines.sort_unstable();
    lines.join("\n") + "\n"
}

#[derive(Debug)]
struct Answer {
    tokens: (u64, u64),
}

#[trace_agent(
    "researcher",
    id = "a-1",
    description = "finds things out",
    version = version,
    provider = "openai",
    model = "gpt-4o-mini",
    conversation = "c-1",
    history = ["hello", "hi"].len(),
    data_source = "handbook",
    output_type = "json",
    server_address = "agents.example",
    server_port = 443_u16,
    temperature = 0.2_f32,
    top_p = 1,
    max_tokens = 256,
    seed = 7_u64,
    stop_sequences = ["END"],
    frequency_penalty = 0.5,
    presence_penalty = 1,
    choice_count = 2,
    remote,
    usage = |answer| answer.tokens,
)]
async fn research(version: &str) -> Result<Answer, String> {
    Ok(Answer { tokens: (612, 148) })
}

const RESEARCHER: &str = r#"gen_ai.agent.description="finds things out"
gen_ai.agent.id="a-1"
gen_ai.agent.name="researcher"
gen_ai.agent.version="2"
gen_ai.conversation.id="c-1"
gen_ai.data_source.id="handbook"
gen_ai.operation.name="invoke_agent"
gen_ai.output.type="json"
gen_ai.provider.name="openai"
gen_ai.request.choice.count=2
gen_ai.request.frequency_penalty=0.5
gen_ai.request.max_tokens=256
gen_ai.request.model="gpt-4o-mini"
gen_ai.request.presence_penalty=1.0
gen_ai.request.seed=7
gen_ai.request.stop_sequences=["END"]
gen_ai.request.temperature=0.2
gen_ai.request.top_p=1.0
gen_ai.usage.input_tokens=612
gen_ai.usage.output_tokens=148
server.address="agents.example"
server.port=443
spanline.agent.history_length=2
spanline.total.cost.usd=0.0001806
spanline.total.input_tokens=612
spanline.total.output_tokens=148
spanline.total.tokens=760
"#;

#[tokio::test]
async fn every_argument_of_an_agent_is_recorded_with_its_type() {
    let (answer, trace) = watch(async { research("2").await }).await;
    answer.unwrap();
    assert_eq!(trace.tree(), "invoke_agent researcher <client>\n");
    assert_eq!(sorted(&trace, "invoke_agent researcher"), RESEARCHER);
}

#[tokio::test]
async fn the_builder_of_an_agent_gives_the_span_of_its_macro() {
    let agent = async {
        let agent = Agent::new("researcher")
            .id("a-1")
            .description("finds things out")
            .version("2")
            .provider("openai")
            .model("gpt-4o-mini")
            .conversation("c-1")
            .history(2)
            .data_source("handbook")
            .output_type("json")
            .server_address("agents.example")
            .server_port(443)
            .temperature(0.2)
            .top_p(1)
            .max_tokens(256)
            .seed(7)
            .stop_sequences(["END"])
            .frequency_penalty(0.5)
            .presence_penalty(1)
            .choice_count(2)
            .remote();
        agent.run_with(async {}, |(), outcome| outcome.usage((612_u64, 148_u64))).await;
    };
    let ((), trace) = watch(agent).await;
    assert_eq!(trace.tree(), "invoke_agent researcher <client>\n");
    assert_eq!(sorted(&trace, "invoke_agent researcher"), RESEARCHER);
}

#[trace_tool("search", call_id = id, description = "looks things up", tool_type = "datastore", conversation = "c-1")]
fn search(id: &str) -> usize {
    id.len()
}

#[test]
fn a_tool_is_the_same_by_macro_and_by_builder() {
    let (_, by_macro) = watch_blocking(|| search("call-1"));
    let ((), by_builder) = watch_blocking(|| {
        let tool = Tool::new("search").call_id("call-1").description("looks things up");
        tool.tool_type("datastore").conversation("c-1").start().end();
    });
    for trace in [by_macro, by_builder] {
        assert_eq!(trace.tree(), "execute_tool search\n");
        assert_eq!(
            sorted(&trace, "execute_tool search"),
            r#"gen_ai.conversation.id="c-1"
gen_ai.operation.name="execute_tool"
gen_ai.tool.call.id="call-1"
gen_ai.tool.description="looks things up"
gen_ai.tool.name="search"
gen_ai.tool.type="datastore"
"#
        );
    }
}

#[trace_retrieval(
    data_source = source,
    provider = "qdrant",
    model = "reranker",
    top_k = 5_usize,
    server_address = "localhost",
    server_port = 6334
)]
async fn retrieve(source: &str) -> Result<Vec<String>, String> {
    Ok(vec![source.to_owned()])
}

#[tokio::test]
async fn a_retrieval_is_the_same_by_macro_and_by_builder() {
    let (found, by_macro) = watch(async { retrieve("handbook").await }).await;
    found.unwrap();
    let ((), by_builder) = watch_blocking(|| {
        let retrieval = Retrieval::new("handbook").provider("qdrant").model("reranker").top_k(5);
        retrieval.server_address("localhost").server_port(6334).start().end();
    });
    for trace in [by_macro, by_builder] {
        assert_eq!(trace.tree(), "retrieval handbook <client>\n");
        assert_eq!(
            sorted(&trace, "retrieval handbook"),
            r#"gen_ai.data_source.id="handbook"
gen_ai.operation.name="retrieval"
gen_ai.provider.name="qdrant"
gen_ai.request.model="reranker"
gen_ai.request.top_k=5.0
server.address="localhost"
server.port=6334
"#
        );
    }
}

#[tokio::test]
async fn without_arguments_agents_and_tools_have_the_name_of_the_function() {
    #[trace_agent]
    async fn planner() {
        lookup();
        fetch().await;
    }
    #[trace_tool]
    fn lookup() {}
    #[trace_retrieval]
    async fn fetch() {}

    let ((), trace) = watch(async { planner().await }).await;
    assert_eq!(trace.tree(), "invoke_agent planner\n  execute_tool lookup\n  retrieval <client>\n");
    assert_eq!(
        sorted(&trace, "invoke_agent planner"),
        r#"gen_ai.agent.name="planner"
gen_ai.operation.name="invoke_agent"
spanline.agent.inference_calls=0
spanline.agent.tool_calls=1
spanline.total.tool_calls=1
"#
    );
    assert_eq!(sorted(&trace, "retrieval"), "gen_ai.operation.name=\"retrieval\"\n");
}

#[tokio::test]
async fn names_can_be_expressions_and_a_retrieval_can_have_one() {
    #[trace_agent(format!("agent-{number}"))]
    async fn numbered(number: u8) {
        called("search");
        named().await;
    }
    #[trace_tool(&tool)]
    fn called(tool: &str) {}
    #[trace_retrieval("look up", data_source = "handbook")]
    async fn named() {}

    let ((), trace) = watch(async { numbered(3).await }).await;
    assert_eq!(
        trace.tree_with(&["gen_ai.agent.name", "gen_ai.tool.name", "gen_ai.data_source.id"]),
        "invoke_agent agent-3 gen_ai.agent.name=\"agent-3\"\n  \
           execute_tool search gen_ai.agent.name=\"agent-3\" gen_ai.tool.name=\"search\"\n  \
           look up <client> gen_ai.data_source.id=\"handbook\"\n"
    );
}

#[test]
fn one_choice_says_nothing() {
    let ((), trace) = watch_blocking(|| Agent::new("single").choice_count(1).start().end());
    assert_eq!(trace.attribute("invoke_agent single", "gen_ai.request.choice.count"), "");
}

#[test]
fn a_tool_names_the_agent_that_runs_it_unless_the_user_does() {
    let ((), trace) = watch_blocking(|| {
        Tool::new("alone").start().end();
        Agent::new("runner").run_blocking_with(
            || {
                Tool::new("its-own").start().end();
                Tool::new("claimed").attribute("gen_ai.agent.name", "another").start().end();
            },
            |(), _| (),
        );
    });
    let agent = |tool: &str| trace.attribute(&format!("execute_tool {tool}"), "gen_ai.agent.name");
    assert_eq!(
        [agent("alone"), agent("its-own"), agent("claimed")],
        ["", "\"runner\"", "\"another\""]
    );
}

#[test]
fn neither_arguments_nor_results_are_recorded() {
    #[trace_agent]
    fn secretive(secret: &str) -> String {
        tool(secret) + &found(secret).concat()
    }
    #[trace_tool]
    fn tool(secret: &str) -> String {
        secret.to_owned()
    }
    #[trace_retrieval(data_source = "vault")]
    fn found(secret: &str) -> Vec<String> {
        vec![secret.to_owned()]
    }
    let (_, trace) = watch_blocking(|| secretive("hunter2"));
    assert_eq!(trace.spans.len(), 4);
    assert!(!format!("{trace:?}").contains("hunter2"));
}
