//! What a cell has to leave behind, from three tables: what the conventions say of the operation, what
//! the shape does when, and what the exit says.

use crate::cell::{Cell, Exit, Front, Gives, Operation, Shape};
use crate::picture::{Node, Point, Points, picture, point_name};
use crate::run::Place;

/// Of a macro.
#[derive(Default)]
struct OperationRow {
    /// `gen_ai.operation.name`, also the beginning of the span's name.
    operation_name: Option<&'static str>,
    is_client: bool,
    /// The attribute that holds the name which was given; it is on the metric too.
    named_by: Option<&'static str>,
    /// The metric of its duration, and the unit.
    duration: Option<&'static str>,
    /// Its tokens and chunks are measured as well.
    is_inference: bool,
    /// The count of an agent that it is part of.
    counted_as: Option<Call>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Call {
    Inference,
    Tool,
}

const CLIENT_DURATION: &str = "gen_ai.client.operation.duration s";

fn operation_row(operation: Operation) -> OperationRow {
    match operation {
        Operation::Pipeline => OperationRow {
            operation_name: Some("invoke_workflow"),
            named_by: Some("gen_ai.workflow.name"),
            duration: Some("gen_ai.invoke_workflow.duration s"),
            ..OperationRow::default()
        },
        Operation::Stage => OperationRow {
            named_by: Some("spanline.stage.name"),
            duration: Some("spanline.stage.duration s"),
            ..OperationRow::default()
        },
        Operation::LlmCall => OperationRow {
            operation_name: Some("chat"),
            is_client: true,
            named_by: Some("gen_ai.request.model"),
            duration: Some(CLIENT_DURATION),
            is_inference: true,
            counted_as: Some(Call::Inference),
        },
        Operation::Agent => OperationRow {
            operation_name: Some("invoke_agent"),
            named_by: Some("gen_ai.agent.name"),
            duration: Some("gen_ai.invoke_agent.duration s"),
            ..OperationRow::default()
        },
        Operation::Tool => OperationRow {
            operation_name: Some("execute_tool"),
            named_by: Some("gen_ai.tool.name"),
            duration: Some("gen_ai.execute_tool.duration s"),
            counted_as: Some(Call::Tool),
            ..OperationRow::default()
        },
        Operation::Retrieval => OperationRow {
            operation_name: Some("retrieval"),
            is_client: true,
            named_by: Some("gen_ai.request.model"),
            duration: Some(CLIENT_DURATION),
            ..OperationRow::default()
        },
        Operation::Span => OperationRow::default(),
    }
}

/// Of a shape.
struct ShapeRow {
    /// When the operation begins: with it its body, if it has one.
    begins: When,
    has_body: bool,
    /// Models that its body asks, not counting those that its stream asks.
    asks: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// While the function is called.
    Call,
    /// While what it gave is used.
    Use,
}

fn shape_row(shape: Shape) -> ShapeRow {
    match (shape.front(), shape.gives()) {
        // Also of a stream: its body looks something up.
        (Front::Call, _) => ShapeRow { begins: When::Call, has_body: true, asks: 0 },
        (Front::Future, Gives::Value) => ShapeRow { begins: When::Use, has_body: true, asks: 1 },
        (Front::Future, _) => ShapeRow { begins: When::Use, has_body: true, asks: 0 },
        (Front::Nothing, _) => ShapeRow { begins: When::Use, has_body: false, asks: 0 },
    }
}

/// Of an exit.
#[derive(Default)]
struct ExitRow {
    error_type: Option<&'static str>,
    /// The message of the error status.
    error: Option<&'static str>,
    has_event: bool,
    /// Of a stream or a sink: what came out of it or went in, and what it asked for that.
    stream: Option<(u64, u64)>,
    /// Whether what was asked last was dropped.
    is_ask_cancelled: bool,
}

const REFUSED: &str = "matrix::body::Refused";

fn exit_row(exit: Exit) -> ExitRow {
    let refused = ExitRow {
        error_type: Some(REFUSED),
        error: Some("refused"),
        has_event: true,
        ..ExitRow::default()
    };
    let panicked =
        ExitRow { error_type: Some("panic"), error: Some("panicked: broke"), ..ExitRow::default() };
    let abandoned = ExitRow { error_type: Some("abandoned"), ..ExitRow::default() };
    match exit {
        Exit::Ok => ExitRow { stream: Some((3, 3)), ..ExitRow::default() },
        Exit::Refused => refused,
        Exit::ErrorItem => ExitRow { stream: Some((3, 3)), ..refused },
        Exit::LeftAtError => ExitRow { stream: Some((2, 2)), ..refused },
        Exit::Panicked => panicked,
        Exit::PanickedAtItem => ExitRow { stream: Some((1, 2)), ..panicked },
        Exit::Cancelled => {
            ExitRow { error_type: Some("cancelled"), is_ask_cancelled: true, ..ExitRow::default() }
        }
        Exit::Abandoned => ExitRow { stream: Some((1, 2)), is_ask_cancelled: true, ..abandoned },
        Exit::Unpolled | Exit::StreamUnpolled => ExitRow { stream: Some((0, 0)), ..abandoned },
    }
}

/// What the outcomes' own exceptions make of the tables.
fn exit_of(cell: Cell) -> ExitRow {
    let mut row = exit_row(cell.exit);
    if cell.shape.gives() == Gives::Value {
        row.stream = None;
    }
    // An item is sent before there is an answer to it.
    if let (true, Some((items, asks))) = (cell.shape.gives().is_sink(), &mut row.stream) {
        *items = *asks;
    }
    match (cell.shape, cell.exit) {
        // `None` is a success.
        (Shape::OptionImplStream | Shape::OptionBoxedStream, Exit::Refused) => ExitRow::default(),
        // Nothing hands the panic's message to what is dropped by it.
        (Shape::Guard, Exit::Panicked) => ExitRow { error: Some("panicked"), ..row },
        _ => row,
    }
}

/// What there is around a cell.
struct Around {
    /// Whether the agent is the operation's parent.
    is_parent: bool,
    is_there: bool,
    /// Whether it still runs when the function is called, and when what it gave is used.
    runs: [bool; 2],
}

fn around(cell: Cell, place: Place) -> Around {
    match place {
        Place::Alone => Around { is_parent: false, is_there: false, runs: [false; 2] },
        Place::Inside => Around { is_parent: true, is_there: true, runs: [true; 2] },
        // The parent is taken at the call.
        Place::TakenOut => Around { is_parent: true, is_there: true, runs: [true, false] },
        // What was made outside any span belongs to whoever polls it first, unless it has begun.
        Place::BroughtIn => Around {
            is_parent: shape_row(cell.shape).begins == When::Use,
            is_there: true,
            runs: [false, true],
        },
    }
}

/// What a cell leaves behind.
pub(crate) struct Expected {
    pub(crate) trees: String,
    pub(crate) points: Points,
}

pub(crate) fn expected(cell: Cell, place: Place) -> Expected {
    let around = around(cell, place);
    let (operation, shape, exit) =
        (operation_row(cell.operation), shape_row(cell.shape), exit_of(cell));
    let mut points = Points::new();
    let mut roots = Vec::new();
    let mut below = Vec::new();
    let mut counted = [0, 0];
    let mut count = |call: Option<Call>, when: When, calls: u64| {
        if around.is_parent && around.runs[usize::from(when == When::Use)] {
            match call {
                Some(Call::Inference) => counted[0] += calls,
                Some(Call::Tool) => counted[1] += calls,
                None => {}
            }
        }
    };
    if cell.exit != Exit::Unpolled || shape.begins == When::Call {
        let lookups = u64::from(shape.has_body);
        let asks = shape.asks + exit.stream.map_or(0, |(_, asks)| asks);
        let is_agent = cell.operation == Operation::Agent;
        // What is asked in a call is counted in its place, as long as there is an agent to count it.
        let is_stood_for = operation.counted_as == Some(Call::Inference)
            && asks > 0
            && around.runs[When::Use as usize];
        count(operation.counted_as, shape.begins, u64::from(!is_stood_for));
        if !is_agent {
            count(Some(Call::Tool), shape.begins, lookups);
            count(Some(Call::Inference), When::Use, asks);
        }
        let outer = around.is_parent.then(|| cell.name_of("agent"));
        let agent = if is_agent { Some(name(cell)) } else { outer.clone() };
        let mut span = own(cell, &operation, &exit, outer, &mut points);
        if is_agent {
            calls(&mut span, &name(cell), [asks, lookups], &mut points);
        }
        for _ in 0..lookups {
            span.children.push(lookup(cell, agent.clone(), &mut points));
        }
        for number in 1..=asks {
            let is_cancelled = exit.is_ask_cancelled && number == asks;
            span.children.push(ask(cell, is_cancelled, &mut points));
        }
        if around.is_parent { below.push(span) } else { roots.push(span) }
    }
    if around.is_there {
        roots.push(outside(cell, counted, below, &mut points));
    }
    Expected { trees: picture(&roots), points }
}

/// What the consumer sees.
pub(crate) fn output(cell: Cell) -> Vec<String> {
    let told: &[&str] = match (cell.exit, cell.shape.gives()) {
        (Exit::Ok, Gives::Value) => &["7"],
        (Exit::Ok, _) => &["0", "1", "2", "end"],
        (Exit::Refused, Gives::StreamInOption) => &["nothing"],
        (Exit::Refused, _) => &["refused"],
        (Exit::ErrorItem, _) => &["0", "refused", "2", "end"],
        (Exit::LeftAtError, _) => &["0", "refused"],
        (Exit::Panicked, _) => &["panicked: broke"],
        (Exit::PanickedAtItem, _) => &["0", "panicked: broke"],
        (Exit::Abandoned, _) => &["0"],
        // The function that left its guard half-way returns.
        (Exit::Cancelled, _) if cell.shape == Shape::Guard => &["refused"],
        (Exit::Cancelled | Exit::Unpolled | Exit::StreamUnpolled, _) => &[],
    };
    told.iter().map(ToString::to_string).collect()
}

/// Whether any code of the cell's function runs.
pub(crate) fn runs(cell: Cell) -> bool {
    cell.exit != Exit::Unpolled || shape_row(cell.shape).begins == When::Call
}

/// What the attribute that names the operation holds.
fn name(cell: Cell) -> String {
    let takes_name = !matches!(cell.operation, Operation::LlmCall | Operation::Retrieval);
    match cell.shape.method() {
        Some(method) if takes_name => method.to_owned(),
        _ => cell.name(),
    }
}

/// The span of the operation, and what it measures.
fn own(
    cell: Cell,
    operation: &OperationRow,
    exit: &ExitRow,
    agent: Option<String>,
    points: &mut Points,
) -> Node {
    let named = match (cell.shape.method(), operation.operation_name) {
        // Above an `impl` the name is given, and these two take it for the name of the span.
        (Some(method), _) if name(cell) != method => method.to_owned(),
        (_, Some(operation)) => format!("{operation} {}", name(cell)),
        (_, None) => name(cell),
    };
    let mut span = Node { name: named, is_client: operation.is_client, ..Node::default() };
    if let Some(name) = operation.operation_name {
        span.set("gen_ai.operation.name", name);
    }
    if let Some(key) = operation.named_by {
        span.set(key, &name(cell));
    }
    if operation.is_client {
        span.set("gen_ai.provider.name", "outer");
    }
    if let (Operation::Tool, Some(agent)) = (cell.operation, agent) {
        span.set("gen_ai.agent.name", &agent);
    }
    let mut common = span.attributes.clone();
    if !operation.is_client {
        common.remove("gen_ai.operation.name");
    }
    if cell.operation == Operation::Retrieval {
        span.set("gen_ai.data_source.id", &cell.name());
    }
    if shape_row(cell.shape).has_body {
        span.set_raw("gen_ai.usage.input_tokens", &3);
        span.set_raw("gen_ai.usage.output_tokens", &2);
        span.set_raw("inside", &true);
        if operation.is_inference {
            for (kind, tokens) in [("input", 3), ("output", 2)] {
                let mut attributes = common.clone();
                attributes.insert("gen_ai.token.type".to_owned(), format!("{kind:?}"));
                let name = point_name("gen_ai.client.token.usage {token}", &attributes);
                add(points, name, 1, tokens);
            }
        }
    }
    if let (true, Some((items, _))) = (cell.shape.gives().is_sink(), exit.stream) {
        span.set_raw("spanline.sink.items", &items);
    } else if let Some((chunks, _)) = exit.stream {
        span.set_raw("spanline.stream.chunks", &chunks);
        if chunks > 0 {
            let first = if operation.is_inference {
                "gen_ai.response.time_to_first_chunk"
            } else {
                "spanline.stream.time_to_first_chunk"
            };
            span.set_raw(first, &"…");
        }
        if operation.is_inference {
            span.set_raw("gen_ai.request.stream", &true);
            for (metric, count) in [
                ("gen_ai.client.operation.time_to_first_chunk s", chunks.min(1)),
                ("gen_ai.client.operation.time_per_output_chunk s", chunks.saturating_sub(1)),
            ] {
                if count > 0 {
                    add(points, point_name(metric, &common), count, 0);
                }
            }
        }
    }
    if let Some(error_type) = exit.error_type {
        span.set("error.type", error_type);
        common.insert("error.type".to_owned(), format!("{error_type:?}"));
    }
    span.error = exit.error.map(str::to_owned);
    if exit.has_event {
        span.events
            .push(format!("exception exception.message=\"refused\" exception.type={REFUSED:?}"));
    }
    if let Some(metric) = operation.duration {
        add(points, point_name(metric, &common), 1, 0);
    }
    span
}

/// What an agent counted, on its span and in its metrics.
fn calls(span: &mut Node, agent: &str, calls: [u64; 2], points: &mut Points) {
    let keys = ["spanline.agent.inference_calls", "spanline.agent.tool_calls"];
    let metrics = [
        "gen_ai.invoke_agent.inference_calls {inference_call}",
        "gen_ai.invoke_agent.tool_calls {tool_call}",
    ];
    for ((key, metric), calls) in keys.into_iter().zip(metrics).zip(calls) {
        span.set_raw(key, &calls);
        add(points, format!("{metric} gen_ai.agent.name={agent:?}"), 1, calls);
    }
}

fn lookup(cell: Cell, agent: Option<String>, points: &mut Points) -> Node {
    let tool = cell.name_of("lookup");
    let mut span = Node { name: format!("execute_tool {tool}"), ..Node::default() };
    span.set("gen_ai.tool.name", &tool);
    if let Some(agent) = agent {
        span.set("gen_ai.agent.name", &agent);
    }
    let name = point_name("gen_ai.execute_tool.duration s", &span.attributes);
    add(points, name, 1, 0);
    span.set("gen_ai.operation.name", "execute_tool");
    span
}

fn ask(cell: Cell, is_cancelled: bool, points: &mut Points) -> Node {
    let model = cell.name_of("ask");
    let mut span = Node { name: format!("chat {model}"), is_client: true, ..Node::default() };
    span.set("gen_ai.operation.name", "chat");
    span.set("gen_ai.provider.name", "inner");
    span.set("gen_ai.request.model", &model);
    if is_cancelled {
        span.set("error.type", "cancelled");
    }
    add(points, point_name(CLIENT_DURATION, &span.attributes), 1, 0);
    span
}

/// The pipeline and the agent around a cell.
fn outside(cell: Cell, counted: [u64; 2], below: Vec<Node>, points: &mut Points) -> Node {
    let [agent_name, pipeline_name] = ["agent", "pipeline"].map(|what| cell.name_of(what));
    let mut agent =
        Node { name: format!("invoke_agent {agent_name}"), children: below, ..Node::default() };
    agent.set("gen_ai.agent.name", &agent_name);
    add(points, point_name("gen_ai.invoke_agent.duration s", &agent.attributes), 1, 0);
    agent.set("gen_ai.operation.name", "invoke_agent");
    calls(&mut agent, &agent_name, counted, points);
    let mut pipeline = Node { name: format!("invoke_workflow {pipeline_name}"), ..Node::default() };
    pipeline.set("gen_ai.workflow.name", &pipeline_name);
    add(points, point_name("gen_ai.invoke_workflow.duration s", &pipeline.attributes), 1, 0);
    pipeline.set("gen_ai.operation.name", "invoke_workflow");
    pipeline.children.push(agent);
    pipeline
}

fn add(points: &mut Points, name: String, count: u64, sum: u64) {
    let point = points.entry(name).or_insert(Point { count: 0, sum: 0 });
    point.count += count;
    point.sum += sum;
}
