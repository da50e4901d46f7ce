//! The export thread: one OS thread with a tokio runtime of its own, so that the program's runtime
//! neither drives exports nor stands in their way.

mod logs;
mod metering;
mod set_up;

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::ThreadId;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::reader::MetricReader;
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

pub(crate) use self::logs::LogPlan;
use self::logs::Logs;
pub(crate) use self::metering::MetricPlan;
use super::check::Probe;
use super::drops::Cause;
use super::fetched::{CatchUp, Served};
use super::given::GivenExporter;
use super::pending::Pending;
use super::processor::GivenProcessor;
use super::queue::Amount;
use super::record::Record;
use super::ring::{Intake, Outlet};
use super::route::Route;
use super::span_data::Renderer;
use super::tail::{Tail, TailPlan};
use crate::Error;
#[cfg(not(feature = "content"))]
use crate::content::captured::Captured;
#[cfg(feature = "content")]
use crate::content::policy::ContentPolicy;
use crate::span::detail::Extent;
use crate::span::words::{Aside, Word};
use crate::telemetry::losses::{LossWarning, Losses};
use crate::telemetry::notice::Notices;
use crate::telemetry::overload::Overload;
use crate::telemetry::settings::{Batch, Destination};

/// Everything the export thread is started with.
pub(crate) struct Plan {
    pub(crate) intake: Arc<Intake>,
    pub(crate) renderer: Renderer,
    #[cfg(feature = "content")]
    pub(crate) content: ContentPolicy,
    pub(crate) resource: Resource,
    pub(crate) traces: Vec<Destination>,
    /// Beside those.
    pub(crate) given: Vec<GivenExporter>,
    pub(crate) processors: Vec<GivenProcessor>,
    pub(crate) metrics: Option<MetricPlan>,
    pub(crate) logs: LogPlan,
    pub(crate) batch: Batch,
    /// None where every trace that is sampled is kept.
    pub(crate) tail: Option<TailPlan>,
    pub(crate) overload: Overload,
    pub(crate) notices: Arc<Notices>,
}

/// Talks to the export thread.
#[derive(Debug)]
pub(crate) struct Worker {
    commands: mpsc::UnboundedSender<Command>,
    thread: ThreadId,
    /// Each exporter's account: traces, metrics, logs.
    pub(crate) losses: Losses,
    /// The way to each of them, for checks.
    pub(crate) probes: Vec<Probe>,
    pub(crate) runtime: Handle,
}

struct Command {
    close: bool,
    patience: Duration,
    /// Counted from the call: what waited behind others has waited.
    deadline: Instant,
    /// Told whether everything was tried.
    done: SyncSender<bool>,
}

/// What a batch may have before it is full: as much as receivers take in one request, as a rule.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// For deadlines that no clock can count.
const FOR_EVER: Duration = Duration::from_secs(60 * 60 * 24 * 365);

impl Worker {
    /// Starts the thread; returns once every exporter is set up, or with why one cannot be.
    pub(crate) fn start(plan: Plan) -> Result<Self, Error> {
        let (commands, received) = mpsc::unbounded_channel();
        let (ready, started) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name(String::from("spanline-export"))
            .spawn(move || run(plan, received, &ready))
            .map_err(|error| {
                Error::configuration(format!("the export thread could not be started: {error}"))
            })?
            .thread()
            .id();
        let (runtime, losses, probes) = started
            .recv()
            .map_err(|_| Error::configuration("the export thread ended before it was set up"))??;
        Ok(Self { commands, thread, losses, probes, runtime })
    }

    /// Exports everything that ended before this call, from any thread, inside a runtime or not.
    /// Says why not all of it was tried.
    pub(crate) fn flush(&self, close: bool, patience: Duration) -> Result<(), String> {
        if self.is_here() {
            // A metric's callback, say; it would wait for itself.
            return Err(String::from("asked for on the export thread itself"));
        }
        let now = Instant::now();
        let deadline = now.checked_add(patience).unwrap_or_else(|| now + FOR_EVER);
        let (done, answered) = sync_channel(1);
        // Where nobody takes the command, nobody answers.
        let _ = self.commands.send(Command { close, patience, deadline, done });
        let seconds = patience.as_secs_f64();
        // The export thread keeps the deadline itself; the rest is for its own work.
        match answered.recv_timeout(patience.saturating_add(Duration::from_millis(500))) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("not everything was sent within {seconds:.1} s")),
            Err(_) => Err(format!("the export thread did not answer within {seconds:.1} s")),
        }
    }

    /// Whether this is the export thread.
    pub(crate) fn is_here(&self) -> bool {
        std::thread::current().id() == self.thread
    }
}

type Started = Result<(Handle, Losses, Vec<Probe>), Error>;

fn run(plan: Plan, commands: mpsc::UnboundedReceiver<Command>, ready: &SyncSender<Started>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let message = format!("the export thread's runtime could not be started: {error}");
            let _ = ready.send(Err(Error::configuration(message)));
            return;
        }
    };
    // What exporters do must not be exported.
    let _suppressed = Context::enter_telemetry_suppressed_scope();
    runtime.block_on(async {
        let (asking, catch_ups) = mpsc::unbounded_channel();
        match Export::set_up(plan, asking) {
            Ok(export) => {
                let _ = ready.send(Ok((Handle::current(), export.losses.clone(), export.probes())));
                export.run(commands, catch_ups).await;
            }
            Err(error) => {
                let _ = ready.send(Err(error));
            }
        }
    });
    // Requests that outlived the deadline end here.
    runtime.shutdown_background();
}

struct Export {
    intake: Arc<Intake>,
    outlet: Outlet,
    /// The one that is being read, and its memory.
    record: Record,
    renderer: Renderer,
    #[cfg(feature = "content")]
    content: ContentPolicy,
    batch: Batch,
    /// How much is a whole batch.
    batch_size: Amount,
    traces: Vec<Route>,
    metric_plan: Option<MetricPlan>,
    metrics: Vec<Route>,
    served: Option<Served>,
    logs: Logs,
    /// What spans wait in until their traces are decided.
    tail: Option<Tail>,
    pending: Pending,
    /// Told by every exporter that has finished a batch.
    progress: Arc<Notify>,
    /// Metric points at the last collection.
    points: u64,
    /// Each exporter's account, and what came before them.
    losses: Losses,
    loss_warning: LossWarning,
    /// Whether more is handed over than was taken in.
    backlog: bool,
    /// Whether spans are sent as they come: somebody is watching.
    eager: bool,
}

impl Export {
    fn routes(&self) -> impl Iterator<Item = &Route> {
        self.traces.iter().chain(&self.metrics).chain(&self.logs.routes)
    }

    fn probes(&self) -> Vec<Probe> {
        self.routes().map(|route| route.probe.clone()).collect()
    }

    async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        mut catch_ups: mpsc::UnboundedReceiver<CatchUp>,
    ) {
        let interval = self.metric_plan.as_ref().map(|plan| plan.interval);
        let mut next_batch = Instant::now() + self.batch.delay;
        let mut next_records = Instant::now() + self.logs.batch.delay;
        let mut next_metrics = interval.map(|interval| Instant::now() + interval);
        let (intake, progress) = (Arc::clone(&self.intake), Arc::clone(&self.progress));
        let records = Arc::clone(&self.logs.queue);
        loop {
            let metrics_due = async {
                match next_metrics {
                    Some(due) => tokio::time::sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            if self.tail.as_mut().is_some_and(Tail::wants_mark) {
                self.outlet.mark();
            }
            let is_stuck = self.is_stuck();
            tokio::select! {
                biased;
                command = commands.recv() => {
                    let Some(command) = command else { return };
                    let is_complete = self.obey(&command).await;
                    let _ = command.done.send(is_complete);
                    if command.close {
                        return;
                    }
                }
                Some(done) = catch_ups.recv() => {
                    self.catch_up();
                    let _ = done.send(());
                }
                () = room(&progress, is_stuck), if self.has_backlog() => self.take_what_has_room(),
                () = intake.wake.notified(), if !self.backlog => self.take_slice(),
                () = records.wake.notified(), if !self.logs.backlog => self.logs.take(),
                () = tokio::time::sleep_until(next_batch) => {
                    next_batch = Instant::now() + self.batch.delay;
                    if !self.backlog {
                        self.take_slice();
                    }
                    self.send_batches(true);
                    self.loss_warning.look(std::time::Instant::now());
                }
                () = tokio::time::sleep_until(next_records), if self.logs.is_wanted() => {
                    next_records = Instant::now() + self.logs.batch.delay;
                    if !self.logs.backlog {
                        self.logs.take();
                    }
                    self.logs.send_pending();
                }
                () = metrics_due => {
                    next_metrics = interval.map(|interval| Instant::now() + interval);
                    // What is not collected now is in the next collection.
                    if self.metrics.iter().any(Route::is_idle) {
                        self.send_metrics();
                    }
                }
            }
        }
    }

    /// Exports all there is, and closes the exporters if that is asked. Returns whether everything
    /// was tried, or will never be.
    async fn obey(&mut self, command: &Command) -> bool {
        let deadline = command.deadline;
        let mut is_complete = true;
        if command.close {
            self.intake.close();
            self.logs.queue.close();
        }
        self.outlet.mark();
        self.logs.queue.mark();
        self.take_slice();
        self.logs.take();
        let (mut is_marked, mut is_settled) = (false, false);
        // What comes in meanwhile is for the next time.
        loop {
            if !self.owes(command.close) {
                if !std::mem::replace(&mut is_marked, true) {
                    self.mark_ended_traces();
                    continue;
                }
                if std::mem::replace(&mut is_settled, true) {
                    break;
                }
                self.settle_traces(command.close);
                continue;
            }
            let waited = room(&self.progress, self.is_stuck());
            if tokio::time::timeout_at(deadline, waited).await.is_err() {
                is_complete = false;
                break;
            }
            self.take_what_has_room();
        }
        self.send_batches(true);
        self.logs.send_pending();
        self.send_metrics();
        let barriers: Vec<_> = self.routes().map(|route| route.barrier(command.close)).collect();
        for (route, barrier) in self.routes().zip(barriers) {
            let reached = matches!(tokio::time::timeout_at(deadline, barrier).await, Ok(Ok(())));
            is_complete &= reached;
            if !reached && command.close {
                route.abandon(command.patience);
            }
        }
        if command.close {
            // Whoever sets telemetry up next may want the port.
            if let Some(served) = self.served.take() {
                served.stop().await;
            }
            self.count_the_rest();
            // Here, for it waits for a collection that does not end.
            if let Some(plan) = &self.metric_plan {
                let _ = plan.reader.shutdown_with_timeout(Duration::ZERO);
            }
        }
        is_complete || command.close
    }

    /// What is handed over and will not be taken in any more is lost, and counted.
    fn count_the_rest(&mut self) {
        let mut lost = 0;
        loop {
            let slice = self.outlet.take(self.batch.size, |words: &[Word], _: &mut [Aside]| {
                let Some(Word::Head(head)) = words.first() else { return false };
                lost += u64::from(head.trace_flags & 1);
                true
            });
            lost += slice.foreign.len() as u64;
            if !slice.more {
                break;
            }
        }
        self.settle_traces(true);
        lost += self.tail.as_ref().map_or(0, Tail::ready) as u64;
        self.intake.drops.add(Cause::ShutDown, lost);
        self.intake.finish();
        self.logs.queue.count_the_rest();
    }

    /// Whether something waits that was to be exported.
    fn owes(&self, everything: bool) -> bool {
        let owes_spans = || self.outlet.owes() || self.tail.as_ref().is_some_and(Tail::owes);
        (self.backlog && (everything || owes_spans()))
            || (self.logs.backlog && (everything || self.logs.queue.owes()))
    }

    /// A root may have come after the mark, and what ended before it on another thread not yet: that is
    /// read before the root's trace is decided.
    fn mark_ended_traces(&mut self) {
        if self.tail.as_mut().is_some_and(Tail::wants_mark_for_all) {
            self.outlet.mark();
            self.take_slice();
        }
    }

    /// Decides the traces that have ended, and at the end all of them: what was handed over is read.
    fn settle_traces(&mut self, is_last: bool) {
        if let Some(tail) = &mut self.tail {
            tail.settle_all(is_last, &self.renderer);
            self.backlog |= tail.owes();
        }
    }

    /// Takes in what has ended so far, as far as there is room.
    fn catch_up(&mut self) {
        self.outlet.mark();
        self.take_slice();
        while self.backlog && self.outlet.owes() && !self.is_full() {
            self.take_slice();
        }
    }

    fn has_backlog(&self) -> bool {
        self.wants_look() || self.logs.backlog
    }

    /// Whether a look at what is handed over brings something on.
    fn wants_look(&self) -> bool {
        self.backlog || self.tail.as_ref().is_some_and(Tail::is_waiting)
    }

    /// Whether nothing of what waits could go anywhere.
    fn is_stuck(&self) -> bool {
        (!self.wants_look() || self.is_full()) && (!self.logs.backlog || self.logs.is_full())
    }

    /// An exporter may have finished long before anybody waited for it: looks again.
    fn take_what_has_room(&mut self) {
        if self.wants_look() && !self.is_full() {
            self.take_slice();
        }
        if self.logs.backlog && !self.logs.is_full() {
            self.logs.take();
        }
    }

    /// Takes in one batch's worth, so that exporters get their turn in between.
    fn take_slice(&mut self) {
        #[cfg(feature = "content")]
        let content = &self.content;
        let Self { outlet, record, renderer, metric_plan, pending, logs, tail, .. } = self;
        let unsampled = if metric_plan.is_some() { Extent::Measured } else { Extent::Nothing };
        let size = match tail {
            Some(tail) => tail.begin(self.batch.size, Instant::now().into_std()),
            None => self.batch.size,
        };
        let slice = outlet.take(size, |words: &[Word], asides: &mut [Aside]| {
            if !renderer.read(record, words, asides, unsampled) {
                return false;
            }
            if let Some(plan) = metric_plan {
                plan.instruments.record(record);
            }
            #[cfg(feature = "content")]
            let captured = content.release(record);
            #[cfg(not(feature = "content"))]
            let captured = Captured::default();
            match tail {
                Some(tail) if record.is_sampled() => tail.take(record, captured, renderer),
                None if record.is_sampled() => {
                    renderer.render(record, captured, pending, &mut logs.pending);
                }
                _ => {}
            }
            true
        });
        self.backlog = slice.more;
        for foreign in slice.foreign {
            match tail {
                Some(tail) => tail.take_foreign(foreign, renderer),
                None => renderer.render_foreign(foreign, pending),
            }
        }
        if let Some(tail) = tail {
            tail.settle(outlet.owes(), renderer);
            tail.release(self.batch.size, renderer, pending, &mut logs.pending);
            self.backlog |= tail.ready() > 0;
        }
        logs.send_what_is_due();
        self.send_batches(self.eager && !self.backlog);
    }

    /// Whether no exporter could take another batch. One that lags behind the others does not
    /// count: it loses what it has no room for.
    fn is_full(&self) -> bool {
        !self.traces.is_empty() && self.traces.iter().all(|route| route.is_full(self.batch_size))
    }

    /// Sends batches, one that is not full only where that is asked for.
    fn send_batches(&mut self, also_less: bool) {
        while let Some(spans) = self.pending.take(also_less) {
            let batches = spans.into_batches(self.traces.iter().map(|route| route.form));
            for (route, batch) in self.traces.iter().zip(batches) {
                route.spans(batch);
            }
        }
    }
}

/// Ends when an exporter may take another batch.
async fn room(progress: &Notify, is_full: bool) {
    if is_full {
        progress.notified().await;
    } else {
        tokio::task::yield_now().await;
    }
}
