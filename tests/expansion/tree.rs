//! The parent of a span is the one that was current when the function was called.

use std::future::{Future, ready};
use std::pin::Pin;

use spanline::{Stage, trace_pipeline, trace_stage};
use tokio::task::JoinSet;

use crate::recorded;

#[trace_stage]
async fn child(name: &'static str) -> &'static str {
    ready(()).await;
    grandchild();
    name
}

#[trace_stage]
fn grandchild() {}

#[trace_stage]
fn boxed() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async { grandchild() })
}

#[trace_stage]
fn future() -> impl Future<Output = ()> {
    async { grandchild() }
}

#[trace_pipeline]
async fn spawns() {
    tokio::spawn(child("spawned")).await.unwrap();
    let mut set = JoinSet::new();
    set.spawn(child("in a set"));
    set.join_all().await;
    tokio::spawn(boxed()).await.unwrap();
    tokio::spawn(future()).await.unwrap();
}

/// The names, indented.
pub(crate) fn names(tree: &str) -> Vec<&str> {
    let spans = tree.lines().filter(|line| line.contains(" ("));
    spans.map(|line| line.split_once(" (").unwrap().0).collect()
}

#[test]
fn a_spawned_future_stays_below_its_caller() {
    let ((), tree) = recorded(async || spawns().await);
    assert_eq!(
        names(&tree),
        [
            "invoke_workflow spawns",
            "    child",
            "        grandchild",
            "    child",
            "        grandchild",
            "    boxed",
            "        grandchild",
            "    future",
            "        grandchild",
        ]
    );
}

#[test]
fn a_stored_future_belongs_where_it_was_made() {
    let ((), tree) = recorded(async || {
        let made = Stage::new("maker").run_blocking_with(|| child("made"), |_, _| {});
        Stage::new("awaiter").run_with(made, |_, _| {}).await;
    });
    assert_eq!(names(&tree), ["maker", "    child", "        grandchild", "awaiter"]);
}

#[test]
fn joined_futures_are_siblings() {
    #[trace_pipeline]
    async fn joins() -> (&'static str, &'static str) {
        tokio::join!(child("left"), child("right"))
    }

    let (output, tree) = recorded(async || joins().await);
    assert_eq!(output, ("left", "right"));
    assert_eq!(
        names(&tree),
        [
            "invoke_workflow joins",
            "    child",
            "        grandchild",
            "    child",
            "        grandchild"
        ]
    );
}
