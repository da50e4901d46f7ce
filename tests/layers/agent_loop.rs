//! A loop that thinks, uses tools and thinks again, at once or as a stream of its steps.

use std::fmt;
use std::sync::Arc;

use futures::{Stream, StreamExt as _, stream};
use spanline::{trace_agent, trace_llm_call, trace_stage, trace_tool};
use spanline_tests::telemetry::watch;
use spanline_tests::trace::Trace;

/// What the model asks for.
#[derive(Clone)]
struct Call {
    id: &'static str,
    tool: &'static str,
    arguments: &'static str,
}

#[derive(Clone)]
enum Thought {
    Use(Vec<Call>),
    Answer(&'static str),
}

/// A model that has thought already.
struct Model {
    thoughts: Vec<Thought>,
}

impl Model {
    #[trace_llm_call(
        provider = "local",
        model = "thinker",
        usage = |_| (10_u64, 5_u64),
        attributes(history.length = history.len()),
    )]
    async fn think(&self, history: &[String], iteration: usize) -> Thought {
        self.thoughts[iteration].clone()
    }
}

#[derive(Debug)]
struct TooLong {
    iterations: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no answer in {} steps", self.iterations)
    }
}

impl std::error::Error for TooLong {}

struct Cognition {
    model: Model,
    strategy: &'static str,
    max_iterations: usize,
    /// What an earlier talk left.
    history: Vec<String>,
}

impl Cognition {
    #[trace_agent(
        "assistant",
        id = "agent-7",
        conversation = "talk-1",
        history = self.history.len(),
        attributes(
            agent.goal = goal,
            agent.strategy = self.strategy,
            agent.max_iterations = self.max_iterations,
        ),
    )]
    async fn run(&self, goal: &str) -> Result<String, TooLong> {
        let mut history = self.history.clone();
        history.push(goal.to_owned());
        for iteration in 0..self.max_iterations {
            spanline::current().set("agent.iterations", iteration + 1);
            if let Some(answer) = self.iterate(iteration, &mut history).await {
                return Ok(answer);
            }
        }
        Err(TooLong { iterations: self.max_iterations })
    }

    #[trace_stage(kind = "iteration", attributes(agent.iteration = iteration))]
    async fn iterate(&self, iteration: usize, history: &mut Vec<String>) -> Option<String> {
        match self.model.think(history, iteration).await {
            Thought::Answer(answer) => Some(answer.to_owned()),
            Thought::Use(calls) => {
                for call in &calls {
                    // What a tool answers with, the model can read; a failure too.
                    history.push(use_tool(call).unwrap_or_else(|error| error));
                }
                None
            }
        }
    }

    /// What each iteration comes to as it does; `None` where it used tools.
    #[trace_agent("assistant", attributes(agent.max_iterations = self.max_iterations))]
    fn run_stream(self: Arc<Self>) -> impl Stream<Item = Option<String>> {
        stream::unfold(Some((self, Vec::new(), 0)), async |state| {
            let (cognition, mut history, iteration) = state?;
            let answer = cognition.iterate(iteration, &mut history).await;
            let more = answer.is_none().then_some((cognition, history, iteration + 1));
            Some((answer, more))
        })
    }
}

#[trace_tool(
    call.tool,
    call_id = call.id,
    tool_type = "function",
    attributes(tool.arguments = call.arguments),
)]
fn use_tool(call: &Call) -> Result<String, String> {
    let found = match call.tool {
        "search" => "x".repeat(50),
        tool => return Err(format!("there is no {tool}")),
    };
    // What the model is shown, and what was left out of it.
    let shown: String = found.chars().take(20).collect();
    spanline::current()
        .set("tool.output.size", found.len())
        .set("context.reduced", shown.len() < found.len())
        .set("context.saved", found.len() - shown.len());
    Ok(shown)
}

fn cognition(thoughts: &[Thought]) -> Cognition {
    Cognition {
        model: Model { thoughts: thoughts.to_vec() },
        strategy: "react",
        max_iterations: 3,
        history: vec!["hello".to_owned(), "hi".to_owned()],
    }
}

fn search() -> Thought {
    Thought::Use(vec![
        Call { id: "call-1", tool: "search", arguments: r#"{"query":"spans"}"# },
        Call { id: "call-2", tool: "guess", arguments: "{}" },
    ])
}

fn tree(trace: &Trace) -> String {
    trace.tree_with(&[
        "gen_ai.agent.id",
        "agent.goal",
        "agent.strategy",
        "agent.max_iterations",
        "spanline.agent.history_length",
        "agent.iterations",
        "spanline.agent.inference_calls",
        "spanline.agent.tool_calls",
        "agent.iteration",
        "history.length",
        "gen_ai.usage.input_tokens",
        "tool.arguments",
        "tool.output.size",
        "context.reduced",
        "context.saved",
        "spanline.stream.chunks",
        "error.type",
    ])
}

#[tokio::test]
async fn a_run_tells_its_goal_its_iterations_and_its_tools() {
    let (answer, trace) = watch(async {
        cognition(&[search(), Thought::Answer("a span is a part")]).run("what is a span?").await
    })
    .await;
    assert_eq!(answer.unwrap(), "a span is a part");
    assert_eq!(
        tree(&trace),
        r#"invoke_agent assistant gen_ai.agent.id="agent-7" agent.goal="what is a span?" agent.strategy="react" agent.max_iterations=3 spanline.agent.history_length=2 agent.iterations=2 spanline.agent.inference_calls=2 spanline.agent.tool_calls=2
  iterate agent.iteration=0
    chat thinker <client> history.length=3 gen_ai.usage.input_tokens=10
    execute_tool guess error "there is no guess" tool.arguments="{}" error.type="_OTHER"
    execute_tool search tool.arguments="{\"query\":\"spans\"}" tool.output.size=50 context.reduced=true context.saved=30
  iterate agent.iteration=1
    chat thinker <client> history.length=5 gen_ai.usage.input_tokens=10
"#
    );
}

#[tokio::test]
async fn a_loop_that_comes_to_no_answer_fails() {
    let impatient = Cognition { max_iterations: 1, ..cognition(&[search()]) };
    let (answer, trace) = watch(async { impatient.run("?").await }).await;
    answer.unwrap_err();
    assert_eq!(
        tree(&trace),
        r#"invoke_agent assistant error "no answer in 1 steps" gen_ai.agent.id="agent-7" agent.goal="?" agent.strategy="react" agent.max_iterations=1 spanline.agent.history_length=2 agent.iterations=1 spanline.agent.inference_calls=1 spanline.agent.tool_calls=2 error.type="layers::agent_loop::TooLong"
  iterate agent.iteration=0
    chat thinker <client> history.length=3 gen_ai.usage.input_tokens=10
    execute_tool guess error "there is no guess" tool.arguments="{}" error.type="_OTHER"
    execute_tool search tool.arguments="{\"query\":\"spans\"}" tool.output.size=50 context.reduced=true context.saved=30
"#
    );
}

#[tokio::test]
async fn a_streamed_run_holds_what_its_steps_do() {
    let (steps, trace) = watch(async {
        let agent = Arc::new(cognition(&[search(), Thought::Answer("done")]));
        agent.run_stream().collect::<Vec<_>>().await
    })
    .await;
    assert_eq!(steps, [None, Some("done".to_owned())]);
    assert_eq!(
        tree(&trace),
        r#"invoke_agent assistant agent.max_iterations=3 spanline.agent.inference_calls=2 spanline.agent.tool_calls=2 spanline.stream.chunks=2
  iterate agent.iteration=0
    chat thinker <client> history.length=0 gen_ai.usage.input_tokens=10
    execute_tool guess error "there is no guess" tool.arguments="{}" error.type="_OTHER"
    execute_tool search tool.arguments="{\"query\":\"spans\"}" tool.output.size=50 context.reduced=true context.saved=30
  iterate agent.iteration=1
    chat thinker <client> history.length=2 gen_ai.usage.input_tokens=10
"#
    );
}

#[tokio::test]
async fn a_streamed_run_that_nobody_reads_to_its_end_is_abandoned() {
    let (first, trace) = watch(async {
        let agent = Arc::new(cognition(&[search(), Thought::Answer("done")]));
        Box::pin(agent.run_stream()).next().await
    })
    .await;
    assert_eq!(first, Some(None));
    assert_eq!(
        tree(&trace),
        r#"invoke_agent assistant agent.max_iterations=3 spanline.agent.inference_calls=1 spanline.agent.tool_calls=2 spanline.stream.chunks=1 error.type="abandoned"
  iterate agent.iteration=0
    chat thinker <client> history.length=0 gen_ai.usage.input_tokens=10
    execute_tool guess error "there is no guess" tool.arguments="{}" error.type="_OTHER"
    execute_tool search tool.arguments="{\"query\":\"spans\"}" tool.output.size=50 context.reduced=true context.saved=30
"#
    );
}
