//! Random runs, whose totals are those that one counts in the exported tree.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use fastrand::Rng;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use spanline::{
    Agent, LlmCall, LlmOperation, Outcome, Pipeline, Retrieval, SpanBuilder, Stage, Tool, Usage,
    attempt, current,
};
use spanline_tests::trace::{Trace, attribute};

use super::watch;

type Boxed = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

/// What one operation is and does.
#[derive(Clone, Debug)]
struct Node {
    kind: u8,
    name: String,
    children: Vec<Node>,
    /// 0 one after the other, 1 at once, 2 on tasks of their own.
    order: u8,
    fails: bool,
    model: &'static str,
    usage: Option<Usage>,
    /// What each failed attempt used.
    failed_attempts: Vec<Option<Usage>>,
    /// How many of these told tokens that have no price.
    unpriced_attempts: usize,
}

/// Says how many failed attempts of a span have no price, which its own attributes do not.
const UNPRICED_ATTEMPTS: &str = "recount.unpriced_attempts";

/// And whether it tells its cost.
fn usage_and_cost(random: &mut Rng) -> (Option<Usage>, bool) {
    let before = random.clone().u8(0..6);
    (usage(random), before == 2)
}

fn usage(random: &mut Rng) -> Option<Usage> {
    let usage = match random.u8(0..6) {
        0 => return None,
        1 => Usage::input(random.u64(0..1000)),
        2 => Usage::new(random.u64(0..1000), random.u64(0..1000))
            .cost_usd(f64::from(random.u32(..)) * 1e-9),
        3 => Usage::new(500, 300)
            .cache_read_input_tokens(random.u64(0..200))
            .cache_creation_input_tokens(random.u64(0..200))
            .reasoning_output_tokens(random.u64(0..300)),
        _ => Usage::new(random.u64(0..100_000), random.u64(0..5000)),
    };
    Some(usage)
}

fn leaf(random: &mut Rng) -> Node {
    let kind = random.u8(3..8);
    let tries = if random.u8(0..4) == 0 && matches!(kind, 3..=5) { random.usize(1..4) } else { 0 };
    let model = ["m", "free", "unknown"][random.usize(0..3)];
    let attempts: Vec<_> = (0..tries).map(|_| usage_and_cost(random)).collect();
    let is_unpriced = |(usage, has_cost): &&(Option<Usage>, bool)| {
        usage.is_some() && !has_cost && model == "unknown"
    };
    Node {
        kind,
        name: ["a", "b", "c"][random.usize(0..3)].to_owned(),
        children: Vec::new(),
        order: random.u8(0..3),
        fails: random.u8(0..5) == 0,
        model,
        usage: usage(random),
        unpriced_attempts: attempts.iter().filter(is_unpriced).count(),
        failed_attempts: attempts.into_iter().map(|(usage, _)| usage).collect(),
    }
}

fn node(random: &mut Rng, depth: u32) -> Node {
    let width = if depth == 0 { 0 } else { random.usize(0..4) };
    if width == 0 {
        return leaf(random);
    }
    let mut node = leaf(random);
    if !matches!(node.kind, 3..=5) || random.bool() {
        node.kind = [0, 1, 2, 6, 7, 8][random.usize(0..6)];
    }
    // An agent without a model has a price of nothing that it tells.
    if matches!(node.kind, 1 | 8) {
        node.failed_attempts.clear();
    }
    node.children = (0..width).map(|_| self::node(random, depth - 1)).collect();
    node
}

async fn children(node: Node) -> Result<(), String> {
    current().set(UNPRICED_ATTEMPTS, node.unpriced_attempts);
    for usage in node.failed_attempts {
        let failing = async {
            current().usage(usage);
            Err::<(), _>(String::from("once more"))
        };
        attempt(failing).await.unwrap_err();
        tokio::task::yield_now().await;
    }
    match node.order {
        0 => {
            for child in node.children {
                let _ = run(child).await;
            }
        }
        1 => {
            futures::future::join_all(node.children.into_iter().map(run)).await;
        }
        _ => {
            let tasks: Vec<_> =
                node.children.into_iter().map(|child| tokio::spawn(run(child))).collect();
            for task in tasks {
                let _ = task.await.unwrap();
            }
        }
    }
    tokio::task::yield_now().await;
    if node.fails { Err(String::from("failed")) } else { Ok(()) }
}

/// The operation with everything in it; its parent is taken here.
fn run(node: Node) -> Boxed {
    let told = node.usage;
    let settle = move |result: &Result<(), String>, outcome: &mut Outcome| {
        outcome.usage(told);
        if let Err(error) = result {
            outcome.fail("random", error);
        }
    };
    let (kind, name, model) = (node.kind, node.name.clone(), node.model);
    let inside = children(node);
    match kind {
        0 => Box::pin(Pipeline::new(name).run(inside)),
        // The usage of an agent counts where nothing inside told any.
        1 => Box::pin(Agent::new(name).run_with(inside, settle)),
        2 => Box::pin(Stage::new(name).run(inside)),
        3 => Box::pin(LlmCall::new("acme", model).run_with(inside, settle)),
        4 => Box::pin(
            LlmCall::new("acme", model)
                .operation_kind(LlmOperation::Embeddings)
                .run_with(inside, settle),
        ),
        5 => Box::pin(Tool::new(name).run(inside)),
        6 => Box::pin(SpanBuilder::new(name).run(inside)),
        7 => Box::pin(Retrieval::new(name).run(inside)),
        _ => Box::pin(Agent::new(name).run(inside)),
    }
}

/// What a span and everything below it come to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sum {
    counts: BTreeMap<&'static str, u64>,
    picodollars: Option<u64>,
    told: u64,
    /// What generations told, and what embeddings did.
    by_kind: [Told; 2],
    has_generation: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Told {
    tokens: bool,
    cost: bool,
}

impl Sum {
    fn add(&mut self, other: &Self) {
        self.has_generation |= other.has_generation;
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
    fn without(mut self, inside: Told) -> Self {
        if inside.tokens {
            for (key, _) in KINDS.into_iter().chain([("tokens", ""), ("unpriced_calls", "")]) {
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

const KINDS: [(&str, &str); 5] = [
    ("input_tokens", "input"),
    ("output_tokens", "output"),
    ("cache_read.input_tokens", ""),
    ("cache_creation.input_tokens", ""),
    ("reasoning.output_tokens", ""),
];

/// Tokens and cost that stand on the span itself under these names.
fn consumed(span: &Span, tokens: &str, cost: &str) -> Sum {
    let mut sum = Sum::default();
    let mut is_told = false;
    for (kind, side) in KINDS {
        if let Some(count) = number(span, &format!("{tokens}{kind}")) {
            sum.count(kind, count);
            if !side.is_empty() {
                sum.count("tokens", count);
                is_told = true;
            }
        }
    }
    sum.cost(picodollars(span, cost));
    sum.told = u64::from(is_told || sum.picodollars.is_some());
    sum.by_kind = [Told { tokens: is_told, cost: sum.picodollars.is_some() }; 2];
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
        let mut told = consumed(span, "gen_ai.usage.", "spanline.cost.usd");
        told.by_kind[1] = Told::default();
        below.add(&told);
    }
    if is_stage || matches!(&*operation, "invoke_workflow" | "invoke_agent") {
        check(span, &below, is_stage);
        *checked += 1;
    }
    let mut sum = below;
    // What a tool, a stage or a pipeline uses itself is on its span alone.
    if matches!(&*operation, "chat" | "embeddings") {
        let kind = usize::from(operation == "embeddings");
        let inside = sum.by_kind[kind];
        let failed = "spanline.failed_attempts.";
        let mut failed = consumed(span, failed, &format!("{failed}cost.usd"));
        failed.counts.insert("unpriced_calls", number(span, UNPRICED_ATTEMPTS).unwrap());
        for mut own in [consumed(span, "gen_ai.usage.", "spanline.cost.usd"), failed] {
            own.by_kind[1 - kind] = Told::default();
            sum.add(&own.without(inside));
        }
    }
    match &*operation {
        "chat" if sum.has_generation => {}
        "chat" => {
            sum.has_generation = true;
            sum.count("llm_calls", 1);
        }
        "execute_tool" => sum.count("tool_calls", 1),
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
    for (key, _) in KINDS.into_iter().chain([("tokens", "")]) {
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
            let mut root = Node { kind: 0, name: format!("seed {seed}"), ..leaf(&mut random) };
            root.children = (0..4).map(|_| node(&mut random, 4)).collect();
            let _ = run(root).await;
        }
    })
    .await;
    let top = trace.spans.iter().find(|span| span.parent_span_id.is_empty()).unwrap();
    let mut checked = 0;
    recount(&trace, top, &mut checked);
    let calls = trace.spans.iter().filter(|span| operation(span) == "chat").count();
    assert!(checked > 400 && calls > 200, "{checked} totals, {calls} calls: too few to say much");
}
