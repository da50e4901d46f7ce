//! Every macro on every shape.

use std::pin::Pin;

use async_trait::async_trait;
use futures::future::{BoxFuture, FutureExt as _};
use futures::sink::Sink;
use futures::stream::{BoxStream, Stream, StreamExt as _};
use spanline::{
    Agent, LlmCall, Pipeline, Retrieval, SpanBuilder, Stage, Tool, trace_agent, trace_llm_call,
    trace_pipeline, trace_retrieval, trace_span, trace_stage, trace_tool,
};

use crate::body::{
    Refused, Reply, Store, before, before_later, begin, blocking, broke, items, later, sent,
};
use crate::cell::{Cell, Exit, Operation, Shape};

/// What a call gave.
pub(crate) enum Given {
    Value(Reply),
    Future(BoxFuture<'static, Reply>),
    Stream(BoxStream<'static, Reply>),
    StreamInResult(Result<BoxStream<'static, Reply>, Refused>),
    StreamInOption(Option<BoxStream<'static, Reply>>),
    Later(BoxFuture<'static, Given>),
}

/// What holds a stream beside other things.
struct Answer {
    number: u32,
    items: BoxStream<'static, Reply>,
}

impl Answer {
    fn new(cell: Cell) -> Self {
        Self { number: 7, items: items(cell).boxed() }
    }

    fn items(self) -> BoxStream<'static, Reply> {
        assert_eq!(self.number, 7, "the rest of the value is as it was");
        self.items
    }
}

/// Calls the function of the cell.
pub(crate) fn call(cell: Cell) -> Given {
    match cell.operation {
        Operation::Pipeline => pipeline::call(cell),
        Operation::Stage => stage::call(cell),
        Operation::LlmCall => llm_call::call(cell),
        Operation::Agent => agent::call(cell),
        Operation::Tool => tool::call(cell),
        Operation::Retrieval => retrieval::call(cell),
        Operation::Span => span::call(cell),
    }
}

/// All shapes for one macro. The name of the parameter is the caller's, who writes expressions of it.
macro_rules! functions {
    ($module:ident, $trace:ident, $cell:ident, [$($name:tt)*], [$($argument:tt)*], $builder:expr) => {
        mod $module {
            use super::*;

            struct Calls;

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn function($cell: Cell) -> Reply {
                blocking($cell)
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            async fn async_function($cell: Cell) -> Reply {
                later($cell).await
            }

            #[$trace($($argument)* attributes(cell = $cell.id))]
            impl Calls {
                fn method(&self, $cell: Cell) -> Reply {
                    blocking($cell)
                }

                async fn async_method(&self, $cell: Cell) -> Reply {
                    later($cell).await
                }

                fn stream_method(&self, $cell: Cell) -> impl Stream<Item = Reply> + Send + use<> {
                    let _ = before($cell);
                    items($cell)
                }
            }

            trait Native {
                fn native(&self, $cell: Cell) -> impl Future<Output = Reply> + Send;
            }

            impl Native for Calls {
                #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
                async fn native(&self, $cell: Cell) -> Reply {
                    later($cell).await
                }
            }

            #[async_trait]
            trait Boxing {
                async fn boxing(&self, $cell: Cell) -> Reply;
            }

            #[async_trait]
            impl Boxing for Calls {
                #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
                async fn boxing(&self, $cell: Cell) -> Reply {
                    later($cell).await
                }
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn future($cell: Cell) -> impl Future<Output = Reply> + Send {
                later($cell)
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn boxed_future($cell: Cell) -> Pin<Box<dyn Future<Output = Reply> + Send>> {
                Box::pin(later($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn unpin_future($cell: Cell) -> Box<dyn Future<Output = Reply> + Send + Unpin> {
                Box::new(later($cell).boxed())
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn stream($cell: Cell) -> impl Stream<Item = Reply> + Send {
                let _ = before($cell);
                items($cell)
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn boxed_stream($cell: Cell) -> Pin<Box<dyn Stream<Item = Reply> + Send>> {
                let _ = before($cell);
                Box::pin(items($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn stream_in_result($cell: Cell) -> Result<impl Stream<Item = Reply> + Send, Refused> {
                before($cell)?;
                Ok(items($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn boxed_in_result($cell: Cell) -> Result<BoxStream<'static, Reply>, Refused> {
                before($cell)?;
                Ok(items($cell).boxed())
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn stream_in_option($cell: Cell) -> Option<impl Stream<Item = Reply> + Send> {
                before($cell).ok()?;
                Some(items($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            async fn later_stream($cell: Cell) -> impl Stream<Item = Reply> + Send {
                let _ = before_later($cell).await;
                items($cell)
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            async fn later_in_result(
                $cell: Cell,
            ) -> Result<impl Stream<Item = Reply> + Send, Refused> {
                before_later($cell).await?;
                Ok(items($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            async fn later_boxed_in_result(
                $cell: Cell,
            ) -> Result<BoxStream<'static, Reply>, Refused> {
                before_later($cell).await?;
                Ok(items($cell).boxed())
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn boxed_in_option($cell: Cell) -> Option<BoxStream<'static, Reply>> {
                before($cell).ok()?;
                Some(items($cell).boxed())
            }

            #[$trace(
                $($name)* $($argument)* attributes(cell = $cell.id),
                stream = |answer| &mut answer.items,
            )]
            fn stream_in_struct($cell: Cell) -> Result<Answer, Refused> {
                before($cell)?;
                Ok(Answer::new($cell))
            }

            #[$trace(
                $($name)* $($argument)* attributes(cell = $cell.id),
                stream = |answer| &mut answer.items,
            )]
            async fn later_in_struct($cell: Cell) -> Result<Answer, Refused> {
                before_later($cell).await?;
                Ok(Answer::new($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn sink($cell: Cell) -> impl Sink<u32, Error = Refused> + Send {
                let _ = before($cell);
                Store::new($cell)
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn boxed_sink($cell: Cell) -> Pin<Box<dyn Sink<u32, Error = Refused> + Send>> {
                let _ = before($cell);
                Box::pin(Store::new($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            fn sink_in_result(
                $cell: Cell,
            ) -> Result<impl Sink<u32, Error = Refused> + Send, Refused> {
                before($cell)?;
                Ok(Store::new($cell))
            }

            #[$trace($($name)* $($argument)* attributes(cell = $cell.id))]
            async fn later_sink_in_result(
                $cell: Cell,
            ) -> Result<Pin<Box<dyn Sink<u32, Error = Refused> + Send>>, Refused> {
                before_later($cell).await?;
                Ok(Box::pin(Store::new($cell)))
            }

            fn guard($cell: Cell) -> Reply {
                let guard = $builder.attribute("cell", $cell.id).start();
                let attached = guard.attach();
                begin($cell);
                match $cell.exit {
                    Exit::Refused => guard.fail(&Refused),
                    Exit::Panicked => broke(),
                    // Left half-way: the guard is dropped.
                    Exit::Cancelled => return Err(Refused),
                    _ => guard.end(),
                }
                drop(attached);
                if $cell.exit == Exit::Refused { Err(Refused) } else { Ok(7) }
            }

            pub(super) fn call($cell: Cell) -> Given {
                match $cell.shape {
                    Shape::Fn => Given::Value(function($cell)),
                    Shape::Method => Given::Value(Calls.method($cell)),
                    Shape::AsyncFn => Given::Future(async_function($cell).boxed()),
                    Shape::AsyncMethod => Given::Future(Calls.async_method($cell).boxed()),
                    Shape::NativeTrait => Given::Future(Calls.native($cell).boxed()),
                    Shape::AsyncTrait => Given::Future(Calls.boxing($cell)),
                    Shape::ImplFuture => Given::Future(future($cell).boxed()),
                    Shape::BoxedFuture => Given::Future(boxed_future($cell)),
                    Shape::UnpinFuture => Given::Future(unpin_future($cell).boxed()),
                    Shape::ImplStream => Given::Stream(stream($cell).boxed()),
                    Shape::BoxedStream => Given::Stream(boxed_stream($cell)),
                    Shape::StreamMethod => Given::Stream(Calls.stream_method($cell).boxed()),
                    Shape::ResultImplStream => {
                        Given::StreamInResult(stream_in_result($cell).map(|it| it.boxed()))
                    }
                    Shape::ResultBoxedStream => Given::StreamInResult(boxed_in_result($cell)),
                    Shape::OptionImplStream => {
                        Given::StreamInOption(stream_in_option($cell).map(|it| it.boxed()))
                    }
                    Shape::OptionBoxedStream => Given::StreamInOption(boxed_in_option($cell)),
                    Shape::StreamInStruct => {
                        Given::StreamInResult(stream_in_struct($cell).map(Answer::items))
                    }
                    Shape::AsyncStreamInStruct => Given::Later(
                        later_in_struct($cell)
                            .map(|it| Given::StreamInResult(it.map(Answer::items)))
                            .boxed(),
                    ),
                    Shape::ImplSink => Given::Stream(sent(sink($cell))),
                    Shape::BoxedSink => Given::Stream(sent(boxed_sink($cell))),
                    Shape::ResultImplSink => {
                        Given::StreamInResult(sink_in_result($cell).map(sent))
                    }
                    Shape::AsyncResultBoxedSink => Given::Later(
                        later_sink_in_result($cell)
                            .map(|it| Given::StreamInResult(it.map(sent)))
                            .boxed(),
                    ),
                    Shape::AsyncImplStream => Given::Later(
                        later_stream($cell).map(|it| Given::Stream(it.boxed())).boxed(),
                    ),
                    Shape::AsyncResultImplStream => Given::Later(
                        later_in_result($cell)
                            .map(|it| Given::StreamInResult(it.map(|it| it.boxed())))
                            .boxed(),
                    ),
                    Shape::AsyncResultBoxedStream => Given::Later(
                        later_boxed_in_result($cell).map(Given::StreamInResult).boxed(),
                    ),
                    Shape::Run => {
                        let builder = $builder.attribute("cell", $cell.id);
                        Given::Future(builder.run(later($cell)).boxed())
                    }
                    Shape::RunBlocking => {
                        let builder = $builder.attribute("cell", $cell.id);
                        Given::Value(builder.run_blocking(|| blocking($cell)))
                    }
                    Shape::RunStream => {
                        let builder = $builder.attribute("cell", $cell.id);
                        Given::Stream(builder.run_stream(items($cell)).boxed())
                    }
                    Shape::RunSink => {
                        let builder = $builder.attribute("cell", $cell.id);
                        Given::Stream(sent(builder.run_sink(Store::new($cell))))
                    }
                    Shape::Guard => Given::Value(guard($cell)),
                }
            }
        }
    };
}

functions!(pipeline, trace_pipeline, cell, [name = cell.name(),], [], Pipeline::new(cell.name()));
functions!(stage, trace_stage, cell, [name = cell.name(),], [], Stage::new(cell.name()));
functions!(
    llm_call,
    trace_llm_call,
    cell,
    [],
    [provider = "outer", model = cell.name(),],
    LlmCall::new("outer", cell.name())
);
functions!(agent, trace_agent, cell, [name = cell.name(),], [], Agent::new(cell.name()));
functions!(tool, trace_tool, cell, [name = cell.name(),], [], Tool::new(cell.name()));
functions!(
    retrieval,
    trace_retrieval,
    cell,
    [],
    [data_source = cell.name(), provider = "outer", model = cell.name(),],
    Retrieval::new(cell.name()).provider("outer").model(cell.name())
);
functions!(span, trace_span, cell, [name = cell.name(),], [], SpanBuilder::new(cell.name()));
