//! The axes of the matrix: which macro, on which shape of function, ending how.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Formatter};

/// The macros, and the builders behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Pipeline,
    Stage,
    LlmCall,
    Agent,
    Tool,
    Retrieval,
    Span,
}

impl Operation {
    pub(crate) const ALL: [Self; 7] = [
        Self::Pipeline,
        Self::Stage,
        Self::LlmCall,
        Self::Agent,
        Self::Tool,
        Self::Retrieval,
        Self::Span,
    ];

    fn text(self) -> &'static str {
        match self {
            Self::Pipeline => "trace_pipeline",
            Self::Stage => "trace_stage",
            Self::LlmCall => "trace_llm_call",
            Self::Agent => "trace_agent",
            Self::Tool => "trace_tool",
            Self::Retrieval => "trace_retrieval",
            Self::Span => "trace_span",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Fn,
    Method,
    AsyncFn,
    AsyncMethod,
    NativeTrait,
    AsyncTrait,
    ImplFuture,
    BoxedFuture,
    UnpinFuture,
    ImplStream,
    BoxedStream,
    StreamMethod,
    ResultImplStream,
    ResultBoxedStream,
    OptionImplStream,
    OptionBoxedStream,
    StreamInStruct,
    AsyncImplStream,
    AsyncResultImplStream,
    AsyncResultBoxedStream,
    AsyncStreamInStruct,
    ImplSink,
    BoxedSink,
    ResultImplSink,
    AsyncResultBoxedSink,
    Run,
    RunBlocking,
    RunStream,
    RunSink,
    Guard,
}

/// How far a shape is when its call returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Front {
    /// The body has run.
    Call,
    /// The body runs when the future is polled.
    Future,
    /// There is none: the operation is a stream that was handed over.
    Nothing,
}

/// What comes out in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gives {
    Value,
    Stream,
    StreamInResult,
    StreamInOption,
    Sink,
    SinkInResult,
}

impl Gives {
    /// A stream or a sink that nothing holds.
    fn is_bare(self) -> bool {
        matches!(self, Self::Stream | Self::Sink)
    }

    pub(crate) fn is_sink(self) -> bool {
        matches!(self, Self::Sink | Self::SinkInResult)
    }
}

impl Shape {
    pub(crate) const ALL: [Self; 30] = [
        Self::Fn,
        Self::Method,
        Self::AsyncFn,
        Self::AsyncMethod,
        Self::NativeTrait,
        Self::AsyncTrait,
        Self::ImplFuture,
        Self::BoxedFuture,
        Self::UnpinFuture,
        Self::ImplStream,
        Self::BoxedStream,
        Self::StreamMethod,
        Self::ResultImplStream,
        Self::ResultBoxedStream,
        Self::OptionImplStream,
        Self::OptionBoxedStream,
        Self::StreamInStruct,
        Self::AsyncImplStream,
        Self::AsyncResultImplStream,
        Self::AsyncResultBoxedStream,
        Self::AsyncStreamInStruct,
        Self::ImplSink,
        Self::BoxedSink,
        Self::ResultImplSink,
        Self::AsyncResultBoxedSink,
        Self::Run,
        Self::RunBlocking,
        Self::RunStream,
        Self::RunSink,
        Self::Guard,
    ];

    /// As its author would call it, how far its call goes, and what it gives.
    pub(crate) const fn row(self) -> (&'static str, Front, Gives) {
        use Front::{Call, Future, Nothing};
        use Gives::{Sink, SinkInResult, Stream, StreamInOption, StreamInResult, Value};
        match self {
            Self::Fn => ("fn", Call, Value),
            Self::Method => ("fn of an annotated impl", Call, Value),
            Self::AsyncFn => ("async fn", Future, Value),
            Self::AsyncMethod => ("async fn of an annotated impl", Future, Value),
            Self::NativeTrait => ("async fn of a trait", Future, Value),
            Self::AsyncTrait => ("async fn of an async_trait", Future, Value),
            Self::ImplFuture => ("fn -> impl Future", Future, Value),
            Self::BoxedFuture => ("fn -> Pin<Box<dyn Future>>", Future, Value),
            Self::UnpinFuture => ("fn -> Box<dyn Future + Unpin>", Future, Value),
            Self::ImplStream => ("fn -> impl Stream", Call, Stream),
            Self::BoxedStream => ("fn -> Pin<Box<dyn Stream>>", Call, Stream),
            Self::StreamMethod => ("fn of an annotated impl -> impl Stream", Call, Stream),
            Self::ResultImplStream => ("fn -> Result<impl Stream>", Call, StreamInResult),
            Self::ResultBoxedStream => ("fn -> Result<Pin<Box<dyn Stream>>>", Call, StreamInResult),
            Self::OptionImplStream => ("fn -> Option<impl Stream>", Call, StreamInOption),
            Self::OptionBoxedStream => ("fn -> Option<Pin<Box<dyn Stream>>>", Call, StreamInOption),
            Self::StreamInStruct => ("fn -> Result<struct with a stream>", Call, StreamInResult),
            Self::AsyncImplStream => ("async fn -> impl Stream", Future, Stream),
            Self::AsyncResultImplStream => {
                ("async fn -> Result<impl Stream>", Future, StreamInResult)
            }
            Self::AsyncResultBoxedStream => {
                ("async fn -> Result<Pin<Box<dyn Stream>>>", Future, StreamInResult)
            }
            Self::AsyncStreamInStruct => {
                ("async fn -> Result<struct with a stream>", Future, StreamInResult)
            }
            Self::ImplSink => ("fn -> impl Sink", Call, Sink),
            Self::BoxedSink => ("fn -> Pin<Box<dyn Sink>>", Call, Sink),
            Self::ResultImplSink => ("fn -> Result<impl Sink>", Call, SinkInResult),
            Self::AsyncResultBoxedSink => {
                ("async fn -> Result<Pin<Box<dyn Sink>>>", Future, SinkInResult)
            }
            Self::Run => ("run", Future, Value),
            Self::RunBlocking => ("run_blocking", Call, Value),
            Self::RunStream => ("run_stream", Nothing, Stream),
            Self::RunSink => ("run_sink", Nothing, Sink),
            Self::Guard => ("start", Call, Value),
        }
    }

    pub(crate) const fn front(self) -> Front {
        self.row().1
    }

    pub(crate) const fn gives(self) -> Gives {
        self.row().2
    }

    /// Whether the operation begins with the first use of the stream or sink, whatever was called
    /// before.
    pub(crate) fn is_lazy(self) -> bool {
        self.gives().is_bare() && self.front() != Front::Future
    }

    /// Whether the macro stands on the `impl`, and names the span after type and method.
    pub(crate) const fn method(self) -> Option<&'static str> {
        match self {
            Self::Method => Some("Calls::method"),
            Self::AsyncMethod => Some("Calls::async_method"),
            Self::StreamMethod => Some("Calls::stream_method"),
            _ => None,
        }
    }

    pub(crate) fn exits(self) -> Vec<Exit> {
        let (_, front, gives) = self.row();
        let mut exits = vec![Exit::Ok];
        if front != Front::Nothing {
            exits.push(Exit::Panicked);
        }
        if front == Front::Future || self == Self::Guard {
            exits.push(Exit::Cancelled);
        }
        if front == Front::Future || self.is_lazy() {
            exits.push(Exit::Unpolled);
        }
        if !gives.is_bare() {
            exits.push(Exit::Refused);
        }
        if gives != Gives::Value {
            exits.extend([
                Exit::ErrorItem,
                Exit::LeftAtError,
                Exit::PanickedAtItem,
                Exit::Abandoned,
            ]);
            if !self.is_lazy() {
                exits.push(Exit::StreamUnpolled);
            }
        }
        exits
    }
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Ok,
    /// An error, or nothing, instead of the value or the stream.
    Refused,
    /// The second of three items is an error, or sending it is.
    ErrorItem,
    /// The same, and the consumer leaves.
    LeftAtError,
    /// Before there was a value or a stream.
    Panicked,
    /// In the place of the second item.
    PanickedAtItem,
    /// The future is dropped while it waits.
    Cancelled,
    /// The stream is dropped while the second item is worked for.
    Abandoned,
    /// What the call gave is dropped.
    Unpolled,
    /// The stream that a future, a `Result` or an `Option` gave is dropped.
    StreamUnpolled,
}

impl Exit {
    fn text(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "error",
            Self::ErrorItem => "error item",
            Self::LeftAtError => "left at an error item",
            Self::Panicked => "panicked",
            Self::PanickedAtItem => "panicked at an item",
            Self::Cancelled => "cancelled",
            Self::Abandoned => "abandoned",
            Self::Unpolled => "never polled",
            Self::StreamUnpolled => "stream never polled",
        }
    }
}

/// One run of one function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    pub(crate) id: i64,
    pub(crate) operation: Operation,
    pub(crate) shape: Shape,
    pub(crate) exit: Exit,
}

impl Cell {
    pub(crate) fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for operation in Operation::ALL {
            for shape in Shape::ALL {
                for exit in shape.exits() {
                    let id = i64::try_from(cells.len()).unwrap();
                    cells.push(Self { id, operation, shape, exit });
                }
            }
        }
        cells
    }

    /// A name that no other cell has.
    pub(crate) fn name(self) -> String {
        format!("cell {}", self.id)
    }

    /// The name of what runs inside or around it: the same for all its exits, lest the metrics have
    /// thousands of points.
    pub(crate) fn name_of(self, what: &str) -> String {
        format!("{what} of {:?} {:?}", self.operation, self.shape)
    }

    /// Whether a metric's attributes name it, or what runs inside or around it.
    pub(crate) fn is_in(self, text: &str) -> bool {
        text.contains(&format!("\"{}\"", self.name()))
            || text.contains(&format!("{}\"", self.name_of("")))
    }
}

impl Display for Cell {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} × {} × {}",
            self.operation.text(),
            self.shape.row().0,
            self.exit.text()
        )
    }
}

#[test]
fn every_shape_has_every_exit_that_it_can_take() {
    let expected = [
        (Shape::Fn, 3),
        (Shape::Method, 3),
        (Shape::AsyncFn, 5),
        (Shape::AsyncMethod, 5),
        (Shape::NativeTrait, 5),
        (Shape::AsyncTrait, 5),
        (Shape::ImplFuture, 5),
        (Shape::BoxedFuture, 5),
        (Shape::UnpinFuture, 5),
        (Shape::ImplStream, 7),
        (Shape::BoxedStream, 7),
        (Shape::StreamMethod, 7),
        (Shape::ResultImplStream, 8),
        (Shape::ResultBoxedStream, 8),
        (Shape::OptionImplStream, 8),
        (Shape::OptionBoxedStream, 8),
        (Shape::StreamInStruct, 8),
        (Shape::AsyncImplStream, 9),
        (Shape::AsyncResultImplStream, 10),
        (Shape::AsyncResultBoxedStream, 10),
        (Shape::AsyncStreamInStruct, 10),
        (Shape::ImplSink, 7),
        (Shape::BoxedSink, 7),
        (Shape::ResultImplSink, 8),
        (Shape::AsyncResultBoxedSink, 10),
        (Shape::Run, 5),
        (Shape::RunBlocking, 3),
        (Shape::RunStream, 6),
        (Shape::RunSink, 6),
        (Shape::Guard, 4),
    ];
    let cells = Cell::all();
    for operation in Operation::ALL {
        for (shape, exits) in expected {
            let there = |cell: &&Cell| cell.operation == operation && cell.shape == shape;
            let found: BTreeSet<Exit> = cells.iter().filter(there).map(|cell| cell.exit).collect();
            assert_eq!(found.len(), exits, "{operation:?} × {shape:?}");
        }
    }
    assert_eq!(cells.len(), 1379);
    let names: BTreeSet<String> = cells.iter().map(Cell::to_string).collect();
    assert_eq!(names.len(), cells.len());
}
