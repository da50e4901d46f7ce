//! Runs a plan with annotated functions, and notes from inside what each span is.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use spanline::{trace_llm_call, trace_pipeline, trace_stage};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::plan::{End, Plan, Run};

/// What a span is, seen from inside it, and how it is going to end.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) parent: Option<String>,
    pub(crate) end: End,
}

/// What each function of a pipeline is handed.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    number: u64,
    log: UnboundedSender<Seen>,
    /// The id of the span that the next function has to be a child of.
    parent: Option<String>,
    /// Told when the function is done and waits to be cancelled.
    held: Arc<Notify>,
}

#[derive(Debug)]
pub(crate) struct Failed;

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("failed as planned")
    }
}

impl std::error::Error for Failed {}

impl Job {
    pub(crate) fn new(number: u64, log: UnboundedSender<Seen>) -> Self {
        Self { number, log, parent: None, held: Arc::default() }
    }

    fn below(&self, parent: &str) -> Self {
        Self { parent: Some(parent.to_owned()), held: Arc::default(), ..self.clone() }
    }

    fn note(&self, name: &str, end: End) -> String {
        let current = spanline::current();
        let span_id = current.span_id().unwrap();
        let seen = Seen {
            name: name.to_owned(),
            trace_id: current.trace_id().unwrap(),
            span_id: span_id.clone(),
            parent: self.parent.clone(),
            end,
        };
        self.log.send(seen).unwrap();
        span_id
    }
}

type Ended = Result<(), Failed>;

/// One pipeline, whatever its end is.
pub(crate) async fn whole(job: Job, plan: Plan) {
    let (held, end) = (Arc::clone(&job.held), plan.end);
    settle(Run::Spawned, held, end, pipeline(job, plan)).await;
    assert_eq!(spanline::current().span_id(), None, "nothing stays behind");
}

#[trace_pipeline("storm", run_id = job.number.to_string())]
async fn pipeline(job: Job, plan: Plan) -> Ended {
    let span_id = job.note("invoke_workflow storm", plan.end);
    body(job, plan, span_id).await
}

#[trace_stage(&plan.name)]
async fn stage(job: Job, plan: Plan) -> Ended {
    let span_id = job.note(&plan.name, plan.end);
    body(job, plan, span_id).await
}

#[trace_llm_call(provider = "openai", model = "storm", usage = |(): &()| (7_u32, 3_u32))]
async fn call(job: Job) {
    job.note("chat storm", End::Ok);
    tokio::task::yield_now().await;
}

/// Boxed, since stages are within stages.
fn body(job: Job, plan: Plan, span_id: String) -> Pin<Box<dyn Future<Output = Ended> + Send>> {
    Box::pin(async move {
        for milliseconds in plan.pauses {
            match milliseconds {
                0..10 => tokio::task::yield_now().await,
                _ => tokio::time::sleep(Duration::from_millis(milliseconds.into())).await,
            }
        }
        if plan.calls_model {
            call(job.below(&span_id)).await;
        }
        let mut aside = JoinSet::new();
        for (run, child) in plan.children {
            let below = job.below(&span_id);
            let (held, end) = (Arc::clone(&below.held), child.end);
            let settled = settle(run, held, end, stage(below, child));
            match run {
                Run::InSet => drop(aside.spawn(settled)),
                Run::Awaited | Run::Spawned => settled.await,
            }
        }
        while let Some(ended) = aside.join_next().await {
            ended.unwrap();
        }
        assert_eq!(spanline::current().span_id(), Some(span_id), "the same span all along");
        match plan.end {
            End::Ok => Ok(()),
            End::Error => Err(Failed),
            // Without the hook, which would print thousands of messages.
            End::Panic => resume_unwind(Box::new("panicked as planned")),
            End::Cancelled => {
                job.held.notify_one();
                std::future::pending().await
            }
        }
    })
}

/// Runs a function to the end that is planned for it.
async fn settle(
    run: Run,
    held: Arc<Notify>,
    end: End,
    function: impl Future<Output = Ended> + Send + 'static,
) {
    match (run, end) {
        (Run::Awaited | Run::InSet, End::Ok | End::Error) => {
            assert_eq!(function.await.is_err(), end == End::Error);
        }
        (Run::Awaited, End::Cancelled) => tokio::select! {
            _ = function => unreachable!("it waits for ever"),
            () = held.notified() => {}
        },
        (Run::InSet, End::Cancelled) => {
            let mut set = JoinSet::new();
            set.spawn(function);
            held.notified().await;
            set.shutdown().await;
        }
        (_, End::Panic) => {
            assert!(tokio::spawn(function).await.unwrap_err().is_panic());
        }
        (Run::Spawned, _) => {
            let task = tokio::spawn(function);
            if end == End::Cancelled {
                held.notified().await;
                task.abort();
            }
            match task.await {
                Ok(ended) => assert_eq!(ended.is_err(), end == End::Error),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
    }
}
