//! An engine in five layers, of which only some are the program's own: pipeline, engine, context,
//! coordinator, flow with its tasks. Its signals are events of the span that they are sent in.

use std::fmt::Debug;

use spanline::{Stage, carry, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};
use spanline_tests::trace::Trace;
use tokio::task::JoinSet;

#[derive(Clone, Copy, Debug)]
struct Task {
    name: &'static str,
    /// How often it fails before it succeeds.
    failures: u32,
    /// With the one before.
    at_once: bool,
}

/// What the engine tells of itself, whoever listens.
enum Signal {
    Started { task: &'static str, attempt: u32 },
    Failed { task: &'static str, attempt: u32, retried: bool },
    Finished,
}

/// The one listener that tracing needs.
fn on_signal(signal: &Signal) {
    let span = spanline::current();
    match signal {
        Signal::Started { task, attempt } => {
            span.event("task.started", (("task", task), ("attempt", attempt)))
        }
        Signal::Failed { task, attempt, retried } => {
            span.event("task.failed", (("task", task), ("attempt", attempt), ("retried", retried)))
        }
        Signal::Finished => span.event("flow.finished", ()),
    };
}

#[trace_pipeline]
async fn nightly(tasks: &[Task]) -> Result<Vec<String>, String> {
    let dispatcher = Dispatcher { coordinator: Traced(Coordinator) };
    Engine { dispatcher, widest: 2 }.execute(tasks).await
}

struct Engine {
    dispatcher: Dispatcher,
    /// How many tasks may run at once.
    widest: usize,
}

#[trace_stage(kind = "engine")]
impl Engine {
    async fn execute(&self, tasks: &[Task]) -> Result<Vec<String>, String> {
        let mut results = Vec::new();
        let mut rest = tasks;
        while let Some((group, others)) = self.resolve_next_task(rest) {
            results.extend(self.process_task(group).await?);
            rest = others;
        }
        Ok(Self::sink_nodes(results))
    }

    /// Those that run at once go together.
    fn resolve_next_task<'a>(&self, rest: &'a [Task]) -> Option<(&'a [Task], &'a [Task])> {
        let (_, others) = rest.split_first()?;
        let more = others.iter().take(self.widest - 1).take_while(|task| task.at_once).count();
        Some(rest.split_at(1 + more))
    }

    async fn process_task(&self, group: &[Task]) -> Result<Vec<String>, String> {
        self.dispatcher.dispatch(group).await
    }

    fn sink_nodes(results: Vec<String>) -> Vec<String> {
        spanline::current().set("engine.results", results.len());
        results
    }
}

/// The execution context.
struct Dispatcher {
    coordinator: Traced<Coordinator>,
}

#[trace_stage(kind = "context")]
impl Dispatcher {
    async fn dispatch(&self, group: &[Task]) -> Result<Vec<String>, String> {
        self.coordinator.execute(group).await
    }
}

/// What a framework has and its users cannot annotate.
trait Execute {
    async fn execute(&self, group: &[Task]) -> Result<Vec<String>, String>;
}

struct Coordinator;

impl Execute for Coordinator {
    async fn execute(&self, group: &[Task]) -> Result<Vec<String>, String> {
        let flow = Flow::setup(group);
        flow.run().await.map(ResultProcessor::process)
    }
}

/// Around anybody's implementation, without a change to it.
struct Traced<E>(E);

#[trace_stage(kind = std::any::type_name::<E>().rsplit("::").next())]
impl<E: Execute> Execute for Traced<E> {
    async fn execute(&self, group: &[Task]) -> Result<Vec<String>, String> {
        self.0.execute(group).await
    }
}

struct Flow(Vec<Task>);

#[trace_stage(kind = "flow")]
impl Flow {
    fn setup(group: &[Task]) -> Self {
        Self(group.to_vec())
    }

    async fn run(&self) -> Result<Vec<String>, String> {
        let mut tasks = JoinSet::new();
        for task in &self.0 {
            tasks.spawn(Stage::new(task.name).kind("task").run(perform(*task)));
        }
        let mut results = Vec::new();
        while let Some(result) = tasks.join_next().await {
            results.push(result.map_err(|error| error.to_string())??);
        }
        results.sort();
        on_signal(&Signal::Finished);
        Ok(results)
    }
}

async fn perform(task: Task) -> Result<String, String> {
    for attempt in 1..=2 {
        on_signal(&Signal::Started { task: task.name, attempt });
        if attempt > task.failures {
            return Ok(format!("{} done", task.name));
        }
        on_signal(&Signal::Failed { task: task.name, attempt, retried: attempt < 2 });
        tokio::task::yield_now().await;
    }
    Err(format!("{} failed", task.name))
}

struct ResultProcessor;

#[trace_stage(kind = "result processor")]
impl ResultProcessor {
    fn process(results: Vec<String>) -> Vec<String> {
        results
    }
}

fn task(name: &'static str) -> Task {
    Task { name, failures: 0, at_once: false }
}

fn tree(trace: &Trace) -> String {
    trace.tree_with(&["spanline.stage.kind", "engine.results", "error.type"])
}

#[tokio::test]
async fn five_layers_are_one_tree_and_tasks_at_once_are_siblings() {
    let tasks = [task("load"), Task { at_once: true, failures: 1, ..task("warm") }, task("answer")];
    let (results, trace) = watch(async { nightly(&tasks).await }).await;
    assert_eq!(results.unwrap(), ["load done", "warm done", "answer done"]);
    assert_eq!(
        tree(&trace),
        r#"invoke_workflow nightly
  Engine::execute spanline.stage.kind="engine"
    Engine::process_task spanline.stage.kind="engine"
      Dispatcher::dispatch spanline.stage.kind="context"
        Traced::execute spanline.stage.kind="Coordinator"
          Flow::run spanline.stage.kind="flow"
            answer spanline.stage.kind="task"
          Flow::setup spanline.stage.kind="flow"
          ResultProcessor::process spanline.stage.kind="result processor"
    Engine::process_task spanline.stage.kind="engine"
      Dispatcher::dispatch spanline.stage.kind="context"
        Traced::execute spanline.stage.kind="Coordinator"
          Flow::run spanline.stage.kind="flow"
            load spanline.stage.kind="task"
            warm spanline.stage.kind="task"
          Flow::setup spanline.stage.kind="flow"
          ResultProcessor::process spanline.stage.kind="result processor"
    Engine::resolve_next_task spanline.stage.kind="engine"
    Engine::resolve_next_task spanline.stage.kind="engine"
    Engine::resolve_next_task spanline.stage.kind="engine"
    Engine::sink_nodes spanline.stage.kind="engine" engine.results=3
"#
    );
}

#[tokio::test]
async fn signals_are_events_of_the_span_they_are_sent_in() {
    let (_, trace) = watch(async { nightly(&[Task { failures: 1, ..task("load") }]).await }).await;
    assert_eq!(
        trace.events("load"),
        r#"task.started task="load" attempt=1
task.failed task="load" attempt=1 retried=true
task.started task="load" attempt=2
"#
    );
    assert_eq!(trace.events("Flow::run"), "flow.finished\n");
}

#[tokio::test]
async fn a_task_that_fails_fails_the_layers_above_it() {
    let (results, trace) =
        watch(async { nightly(&[Task { failures: 2, ..task("load") }]).await }).await;
    results.unwrap_err();
    assert_eq!(
        tree(&trace),
        r#"invoke_workflow nightly error "load failed" error.type="_OTHER"
  Engine::execute error "load failed" spanline.stage.kind="engine" error.type="_OTHER"
    Engine::process_task error "load failed" spanline.stage.kind="engine" error.type="_OTHER"
      Dispatcher::dispatch error "load failed" spanline.stage.kind="context" error.type="_OTHER"
        Traced::execute error "load failed" spanline.stage.kind="Coordinator" error.type="_OTHER"
          Flow::run error "load failed" spanline.stage.kind="flow" error.type="_OTHER"
            load error "load failed" spanline.stage.kind="task" error.type="_OTHER"
          Flow::setup spanline.stage.kind="flow"
    Engine::resolve_next_task spanline.stage.kind="engine"
"#
    );
}

#[test]
fn an_engine_of_threads_makes_the_same_tree() {
    #[trace_pipeline]
    fn nightly(tasks: &[Task]) -> Vec<String> {
        run(tasks)
    }

    #[trace_stage("Flow::run", kind = "flow")]
    fn run(tasks: &[Task]) -> Vec<String> {
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                tasks.iter().map(|task| scope.spawn(carry(|| perform(task)))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    #[trace_stage(name = task.name, kind = "task")]
    fn perform(task: &Task) -> String {
        format!("{} done", task.name)
    }

    let (results, trace) = watch_blocking(|| nightly(&[task("load"), task("warm")]));
    assert_eq!(results, ["load done", "warm done"]);
    assert_eq!(
        tree(&trace),
        r#"invoke_workflow nightly
  Flow::run spanline.stage.kind="flow"
    load spanline.stage.kind="task"
    warm spanline.stage.kind="task"
"#
    );
}
