//! Random runs, whose totals are those that one counts in the exported tree.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;

use fastrand::Rng;
use futures::future::{FutureExt as _, join_all, pending, ready, select};
use futures::stream::{self, Stream, StreamExt as _};
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use spanline::{
    Agent, LlmCall, LlmOperation, Outcome, Pipeline, Retrieval, SpanBuilder, Stage, Tool, Usage,
    attempt, current,
};
use spanline_tests::trace::{Trace, attribute};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::watch;

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What one operation is and does.
#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    is_stream: bool,
    name: String,
    model: &'static str,
    children: Vec<Node>,
    order: Order,
    /// Whether it drops its children while they work.
    is_hasty: bool,
    told: Option<Told>,
    /// Whether it tells that from inside, and not by its value.
    tells_inside: bool,
    /// What each failed attempt used.
    failed_attempts: Vec<Option<Told>>,
    exit: Exit,
    /// That it is to be dropped.
    is_left: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pipeline,
    Agent,
    Stage,
    Chat,
    Embeddings,
    Tool,
    Span,
    Retrieval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    OneByOne,
    AtOnce,
    /// On tasks of their own.
    Spawned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Ok,
    Error,
    Panic,
    /// The future is cancelled, the stream abandoned.
    Dropped,
    Unpolled,
}

/// Tokens in the order of `KINDS`, and the cost in 10⁻⁹ dollars.
#[derive(Clone, Copy, Debug)]
struct Told {
    tokens: [Option<u64>; 5],
    cost: Option<u32>,
}

const KINDS: [&str; 5] = [
    "input_tokens",
    "output_tokens",
    "cache_read.input_tokens",
    "cache_creation.input_tokens",
    "reasoning.output_tokens",
];

/// Says on a span how many tokens it told, for the conventions hide some of them.
const HIDDEN: &str = "recount.";
/// Says how many failed attempts of a span have no price, which its own attributes do not.
const UNPRICED_ATTEMPTS: &str = "recount.unpriced_attempts";

impl Told {
    fn random(random: &mut Rng) -> Option<Self> {
        let mut any = |most| Some(random.u64(0..most));
        let (tokens, has_cost) = match any(6)? {
            0 => return None,
            1 => ([any(1000), None, None, None, None], false),
            2 => ([any(1000), any(1000), None, None, None], true),
            3 => ([Some(500), Some(300), any(200), any(200), any(300)], false),
            _ => ([any(100_000), any(5000), None, None, None], false),
        };
        Some(Self { tokens, cost: has_cost.then(|| random.u32(..)) })
    }

    fn usage(self) -> Usage {
        let set = [
            Usage::input_tokens,
            Usage::output_tokens,
            Usage::cache_read_input_tokens,
            Usage::cache_creation_input_tokens,
            Usage::reasoning_output_tokens,
        ];
        let usage =
            set.into_iter().zip(self.tokens).fold(Usage::default(), |usage, (set, told)| {
                told.map_or(usage, |told| set(usage, told))
            });
        self.cost.map_or(usage, |cost| usage.cost_usd(f64::from(cost) * 1e-9))
    }

    fn hidden(self) -> impl Iterator<Item = (String, u64)> {
        KINDS
            .into_iter()
            .zip(self.tokens)
            .filter_map(|(kind, told)| Some((format!("{HIDDEN}{kind}"), told?)))
    }
}

fn leaf(random: &mut Rng) -> Node {
    use Kind::{Chat, Embeddings, Retrieval, Span, Tool};
    let kind = [Chat, Embeddings, Tool, Span, Retrieval][random.usize(0..5)];
    let tries = if random.u8(0..4) == 0 { random.usize(1..4) } else { 0 };
    Node {
        kind,
        is_stream: random.u8(0..4) == 0,
        name: ["a", "b", "c"][random.usize(0..3)].to_owned(),
        model: ["m", "free", "unknown"][random.usize(0..3)],
        children: Vec::new(),
        order: [Order::OneByOne, Order::AtOnce, Order::Spawned][random.usize(0..3)],
        is_hasty: random.u8(0..6) == 0,
        told: Told::random(random),
        tells_inside: random.bool(),
        failed_attempts: (0..tries).map(|_| Told::random(random)).collect(),
        exit: match random.u8(0..12) {
            0 | 1 => Exit::Error,
            2 => Exit::Panic,
            3 => Exit::Dropped,
            4 => Exit::Unpolled,
            _ => Exit::Ok,
        },
        is_left: Arc::default(),
    }
}

fn node(random: &mut Rng, depth: u32) -> Node {
    use Kind::{Agent, Pipeline, Retrieval, Span, Stage};
    let width = if depth == 0 { 0 } else { random.usize(0..4) };
    let mut node = leaf(random);
    if width == 0 {
        return node;
    }
    if !matches!(node.kind, Kind::Chat | Kind::Embeddings | Kind::Tool) || random.bool() {
        node.kind = [Pipeline, Agent, Stage, Span, Retrieval][random.usize(0..5)];
    }
    // Where an agent's model is not known, what it tells has no price that its span would have.
    if node.kind == Agent {
        node.failed_attempts.clear();
    }
    node.children = (0..width).map(|_| self::node(random, depth - 1)).collect();
    if node.is_hasty {
        node.keep_together();
    }
    node
}

impl Node {
    /// Leaves no task behind when it is dropped.
    fn keep_together(&mut self) {
        if self.order == Order::Spawned {
            self.order = Order::AtOnce;
        }
        self.children.iter_mut().for_each(Self::keep_together);
    }
}

/// Each child in turn, at once, or on tasks of their own.
async fn all(children: Vec<Node>, order: Order) {
    match order {
        Order::OneByOne => {
            for child in children {
                run(child).await;
            }
        }
        Order::AtOnce => {
            join_all(children.into_iter().map(run)).await;
        }
        Order::Spawned => {
            let tasks = children.into_iter().map(|child| tokio::spawn(run(child)));
            for task in tasks.collect::<Vec<_>>() {
                task.await.unwrap();
            }
        }
    }
}

/// What an operation does, to its end.
async fn body(node: Node) -> Result<(), String> {
    let mut unpriced = 0;
    for told in node.failed_attempts {
        let failing = async {
            current().usage(told.map(Told::usage));
            Err::<(), _>(String::from("once more"))
        };
        attempt(failing).await.unwrap_err();
        let is_unpriced = node.model == "unknown" && told.is_some_and(|told| told.cost.is_none());
        unpriced += u64::from(is_unpriced);
        current().set(UNPRICED_ATTEMPTS, unpriced);
        yield_now().await;
    }
    if let Some(told) = node.told.filter(|_| node.tells_inside) {
        current().usage(told.usage());
    }
    let children = all(node.children, node.order);
    if node.is_hasty {
        let soon = async {
            yield_now().await;
            yield_now().await;
        };
        select(pin!(children), pin!(soon)).await;
    } else {
        children.await;
    }
    yield_now().await;
    match node.exit {
        Exit::Ok | Exit::Unpolled => Ok(()),
        Exit::Error => Err(String::from("failed")),
        // As `panic!` does, without a word on the console.
        Exit::Panic => resume_unwind(Box::new("broke")),
        Exit::Dropped => {
            node.is_left.notify_one();
            pending().await
        }
    }
}

/// The same as a stream, whose first items are its children.
fn items(mut node: Node) -> impl Stream<Item = Result<(), String>> {
    let is_plain = node.order == Order::OneByOne && !node.is_hasty;
    let first = if is_plain { std::mem::take(&mut node.children) } else { Vec::new() };
    stream::iter(first).then(run).map(Ok).chain(stream::once(body(node)))
}

/// The operation with everything in it; its parent is taken here.
fn run(node: Node) -> Boxed {
    macro_rules! work {
        ($operation:expr) => {{
            let (operation, told) = ($operation, node.told.filter(|_| !node.tells_inside));
            let settle = move |result: &Result<(), String>, outcome: &mut Outcome| {
                if let Some(told) = told {
                    outcome.usage(told.usage());
                    told.hidden().for_each(|(key, count)| outcome.attribute(key, count));
                }
                if let Err(error) = result {
                    outcome.fail("random", error);
                }
            };
            let work: Boxed = if node.is_stream {
                let items = operation.run_stream_with(items(node), settle);
                Box::pin(items.for_each(|_| ready(())))
            } else {
                Box::pin(operation.run_with(body(node), settle).map(drop))
            };
            work
        }};
    }
    let (exit, is_left, name) = (node.exit, Arc::clone(&node.is_left), node.name.clone());
    let call = LlmCall::new("acme", node.model);
    let work = match node.kind {
        Kind::Pipeline => work!(Pipeline::new(name)),
        Kind::Agent => work!(Agent::new(name)),
        Kind::Stage => work!(Stage::new(name)),
        Kind::Chat => work!(call),
        Kind::Embeddings => work!(call.operation_kind(LlmOperation::Embeddings)),
        Kind::Tool => work!(Tool::new(name)),
        Kind::Span => work!(SpanBuilder::new(name)),
        Kind::Retrieval => work!(Retrieval::new(name)),
    };
    Box::pin(async move {
        if exit != Exit::Unpolled {
            let work = AssertUnwindSafe(work).catch_unwind();
            select(work, pin!(is_left.notified())).await;
        }
    })
}

/// What a span and everything below it come to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sum {
    counts: BTreeMap<&'static str, u64>,
    picodollars: Option<u64>,
    told: u64,
    /// What generations told, and what embeddings did.
    by_kind: [Known; 2],
    has_generation: bool,
    /// Calls of models and of tools, by the innermost agent.
    calls: [u64; 2],
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Known {
    tokens: bool,
    cost: bool,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.has_generation |= other.has_generation;
        for (own, other) in self.calls.iter_mut().zip(other.calls) {
            *own += other;
        }
        for (own, other) in self.by_kind.iter_mut().zip(other.by_kind) {
            own.tokens |= other.tokens;
            own.cost |= other.cost;
        }
        for (key, count) in &other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        self.told += other.told;
        self.cost(other.picodollars);
    }

    /// What is left of what a call tells, if that was told inside of it.
    fn without(mut self, inside: Known) -> Self {
        if inside.tokens {
            for key in KINDS.into_iter().chain(["tokens", "unpriced_calls"]) {
                self.counts.remove(key);
            }
        }
        if inside.cost {
            self.picodollars = self.picodollars.filter(|_| self.counts.contains_key("tokens"));
            self.picodollars = self.picodollars.map(|_| 0);
        }
        self
    }

    fn count(&mut self, key: &'static str, more: u64) {
        *self.counts.entry(key).or_default() += more;
    }

    fn cost(&mut self, more: Option<u64>) {
        if let Some(more) = more {
            self.picodollars = Some(self.picodollars.unwrap_or(0) + more);
        }
    }
}

fn number(span: &Span, key: &str) -> Option<u64> {
    Some(attribute(span, key)?.parse().unwrap())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small amounts")]
fn picodollars(span: &Span, key: &str) -> Option<u64> {
    let dollars: f64 = attribute(span, key)?.parse().unwrap();
    Some((dollars * 1e12).round() as u64)
}

const SHOWN: &str = "gen_ai.usage.";
const COST: &str = "spanline.cost.usd";

/// Tokens and cost that stand on the span itself under these names.
fn consumed(span: &Span, tokens: &str, cost: &str) -> Sum {
    let mut sum = Sum::default();
    let mut is_told = false;
    for kind in KINDS {
        let hidden = || number(span, &format!("{HIDDEN}{kind}")).filter(|_| tokens == SHOWN);
        if let Some(count) = number(span, &format!("{tokens}{kind}")).or_else(hidden) {
            sum.count(kind, count);
            if ["input_tokens", "output_tokens"].contains(&kind) {
                sum.count("tokens", count);
                is_told = true;
            }
        }
    }
    sum.cost(picodollars(span, cost));
    sum.told = u64::from(is_told || sum.picodollars.is_some());
    sum.by_kind = [Known { tokens: is_told, cost: sum.picodollars.is_some() }; 2];
    if is_told && sum.picodollars.is_none() {
        sum.count("unpriced_calls", 1);
    }
    sum
}

fn operation(span: &Span) -> String {
    attribute(span, "gen_ai.operation.name").unwrap_or_default().replace('"', "")
}

/// What the span adds to those around it; each pipeline, agent and stage on the way is looked at.
fn recount(trace: &Trace, span: &Span, checked: &mut usize) -> Sum {
    let mut below = Sum::default();
    for child in trace.spans.iter().filter(|child| child.parent_span_id == span.span_id) {
        below.add(&recount(trace, child, checked));
    }
    let operation = operation(span);
    let is_stage = attribute(span, "spanline.stage.name").is_some();
    if operation == "invoke_agent" && below.told == 0 {
        let mut told = consumed(span, SHOWN, COST);
        told.by_kind[1] = Known::default();
        below.add(&told);
    }
    if is_stage || matches!(&*operation, "invoke_workflow" | "invoke_agent") {
        check(span, &below, is_stage);
        *checked += 1;
    }
    let mut sum = below;
    if operation == "invoke_agent" {
        let keys = ["spanline.agent.inference_calls", "spanline.agent.tool_calls"];
        let calls = keys.map(|key| number(span, key).unwrap());
        assert_eq!(calls, std::mem::take(&mut sum.calls), "calls of {}", span.name);
    }
    // What a tool, a stage or a pipeline uses itself is on its span alone.
    if matches!(&*operation, "chat" | "embeddings") {
        let kind = usize::from(operation == "embeddings");
        let inside = sum.by_kind[kind];
        let failed = "spanline.failed_attempts.";
        let mut failed = consumed(span, failed, &format!("{failed}cost.usd"));
        failed.counts.insert("unpriced_calls", number(span, UNPRICED_ATTEMPTS).unwrap_or(0));
        for mut own in [consumed(span, SHOWN, COST), failed] {
            own.by_kind[1 - kind] = Known::default();
            sum.add(&own.without(inside));
        }
    }
    match &*operation {
        "chat" if sum.has_generation => {}
        "chat" => {
            sum.has_generation = true;
            sum.count("llm_calls", 1);
            sum.calls[0] += 1;
        }
        "execute_tool" => {
            sum.count("tool_calls", 1);
            sum.calls[1] += 1;
        }
        _ if is_stage => sum.count("stages", 1),
        _ => {}
    }
    sum.count("retries", number(span, "spanline.attempts").map_or(0, |attempts| attempts - 1));
    let is_error = span.status.clone().unwrap_or_default().code() == StatusCode::Error;
    sum.count("errors", u64::from(is_error));
    sum
}

fn check(span: &Span, below: &Sum, is_stage: bool) {
    let total = |key: &str| number(span, &format!("spanline.total.{key}"));
    for key in KINDS.into_iter().chain(["tokens"]) {
        let expected = below.counts.get(key).copied().unwrap_or(0);
        assert_eq!(total(key).unwrap_or(0), expected, "{key} of {}", span.name);
    }
    assert_eq!(
        picodollars(span, "spanline.total.cost.usd"),
        below.picodollars,
        "cost of {}",
        span.name
    );
    let unpriced = below.counts.get("unpriced_calls").copied().unwrap_or(0);
    assert_eq!(total("unpriced_calls").unwrap_or(0), unpriced, "unpriced calls of {}", span.name);
    for key in ["stages", "llm_calls", "tool_calls", "retries", "errors"] {
        let expected = below.counts.get(key).copied().unwrap_or(0);
        let expected = Some(expected).filter(|count| *count > 0 && !is_stage);
        assert_eq!(total(key), expected, "{key} of {}", span.name);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_totals_of_random_trees_are_those_of_a_recount() {
    let ((), trace) = watch(async {
        for seed in 0..60 {
            let mut random = Rng::with_seed(seed);
            let mut root = leaf(&mut random);
            (root.kind, root.name, root.exit) = (Kind::Pipeline, format!("seed {seed}"), Exit::Ok);
            root.is_hasty = false;
            root.children = (0..4).map(|_| node(&mut random, 4)).collect();
            run(root).await;
        }
    })
    .await;
    let top = trace.spans.iter().find(|span| span.parent_span_id.is_empty()).unwrap();
    let mut checked = 0;
    recount(&trace, top, &mut checked);
    let is_chat = |span: &&Span| operation(span) == "chat";
    assert!(checked > 400, "{checked} totals: too few to say much");
    for (exit, least) in
        [("", 200), ("random", 40), ("panic", 20), ("cancelled", 20), ("abandoned", 5)]
    {
        let ended = |span: &&Span| attribute(span, "error.type").unwrap_or_default().contains(exit);
        let calls = trace.spans.iter().filter(is_chat).filter(ended).count();
        assert!(calls > least, "{calls} calls that end as {exit:?}: too few to say much");
    }
}
