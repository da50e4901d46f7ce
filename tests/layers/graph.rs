//! A graph of nodes that is known only at run time: builders, one stage for each visit of a node.

use std::collections::BTreeMap;

use futures::future::try_join_all;
use spanline::{Pipeline, Stage, trace_llm_call};
use spanline_tests::telemetry::watch;

/// What the nodes share.
#[derive(Default)]
struct State {
    notes: Vec<String>,
    drafts: Vec<String>,
}

/// What a node does to it.
enum Change {
    Note(String),
    Draft(String),
    Again,
    Done,
}

#[derive(Clone, Copy)]
enum Work {
    Search { place: &'static str },
    Write,
    Review { drafts: usize },
}

struct Node {
    kind: &'static str,
    work: Work,
    next: &'static str,
}

struct Graph {
    name: &'static str,
    id: &'static str,
    nodes: BTreeMap<&'static str, Node>,
}

impl Graph {
    /// From the first nodes to the last one, step by step; the nodes of a step run at once.
    async fn run(&self, task: &str) -> Result<State, String> {
        let task: String = task.chars().take(12).collect();
        Pipeline::new(self.name)
            .id(self.id)
            .attribute("graph.task", &task)
            .run(async {
                let (mut state, mut step, mut visits) = (State::default(), 0, 0);
                let mut front = vec!["docs", "web"];
                while !front.is_empty() {
                    step += 1;
                    visits += front.len();
                    let at_once = front.iter().map(|id| self.visit(id, step, &state));
                    let changes = try_join_all(at_once).await?;
                    front = changes
                        .into_iter()
                        .zip(front)
                        .filter(|(change, _)| !matches!(change, Change::Done))
                        .map(|(change, id)| {
                            state.apply(change);
                            self.nodes[id].next
                        })
                        .collect();
                    front.dedup();
                }
                spanline::current().set("graph.steps", step).set("graph.nodes.executed", visits);
                Ok(state)
            })
            .await
    }

    async fn visit(&self, id: &str, step: usize, state: &State) -> Result<Change, String> {
        let Node { kind, work, .. } = self.nodes[id];
        Stage::new(kind).id(id).attribute("graph.step", step).run(work.run(state)).await
    }
}

impl State {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Note(note) => self.notes.push(note),
            Change::Draft(draft) => self.drafts.push(draft),
            Change::Again | Change::Done => {}
        }
    }
}

impl Work {
    async fn run(self, state: &State) -> Result<Change, String> {
        match self {
            Self::Search { place: "nowhere" } => Err("nothing there".to_owned()),
            Self::Search { place } => Ok(Change::Note(format!("found in {place}"))),
            Self::Write => Ok(Change::Draft(complete(&state.notes).await)),
            Self::Review { drafts } if state.drafts.len() < drafts => {
                spanline::current().event("sent back", ());
                Ok(Change::Again)
            }
            Self::Review { .. } => Ok(Change::Done),
        }
    }
}

#[trace_llm_call(provider = "local", model = "writer")]
async fn complete(notes: &[String]) -> String {
    notes.join("\n")
}

fn graph(web: &'static str) -> Graph {
    let node = |kind, work, next| Node { kind, work, next };
    Graph {
        name: "report",
        id: "graph-7",
        nodes: BTreeMap::from([
            ("docs", node("search", Work::Search { place: "docs" }, "writer")),
            ("web", node("search", Work::Search { place: web }, "writer")),
            ("writer", node("write", Work::Write, "critic")),
            ("critic", node("review", Work::Review { drafts: 2 }, "writer")),
        ]),
    }
}

const KEYS: [&str; 7] = [
    "spanline.pipeline.id",
    "graph.task",
    "graph.steps",
    "graph.nodes.executed",
    "spanline.stage.id",
    "graph.step",
    "error.type",
];

#[tokio::test]
async fn every_visit_of_a_node_is_a_stage_of_the_graph() {
    let (state, trace) = watch(async { graph("web").run("a report on spans").await }).await;
    let State { notes, drafts } = state.unwrap();
    assert_eq!(notes, ["found in docs", "found in web"]);
    assert_eq!(drafts, ["found in docs\nfound in web"; 2]);
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"invoke_workflow report spanline.pipeline.id="graph-7" graph.task="a report on " graph.steps=5 graph.nodes.executed=6
  review spanline.stage.id="critic" graph.step=3
  review spanline.stage.id="critic" graph.step=5
  search spanline.stage.id="docs" graph.step=1
  search spanline.stage.id="web" graph.step=1
  write spanline.stage.id="writer" graph.step=2
    chat writer <client>
  write spanline.stage.id="writer" graph.step=4
    chat writer <client>
"#
    );
}

#[tokio::test]
async fn a_node_that_fails_ends_the_graph() {
    let (state, trace) = watch(async { graph("nowhere").run("a report").await }).await;
    assert!(state.is_err());
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"invoke_workflow report error "nothing there" spanline.pipeline.id="graph-7" graph.task="a report" error.type="_OTHER"
  search error "nothing there" spanline.stage.id="web" graph.step=1 error.type="_OTHER"
  search spanline.stage.id="docs" graph.step=1
"#
    );
}
