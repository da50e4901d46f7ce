//! Whether anything is set up, and each thread's own way to it.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::detail::ErrorDetail;
use super::record::{Head, Identity};
use super::room::Room;
use super::sampler::Sampler;
use super::trace_start::SampleIf;
use super::words::Words;
use crate::evaluation::EvaluationSink;
use crate::usage::price::Price;
use crate::usage::price::tariff::Tariffs;

/// What is set up; zero is nothing. The only thing that an idle call site reads.
static GENERATION: AtomicI32 = AtomicI32::new(UNTOUCHED);
/// Nothing is set up, and no span was wanted yet: the first that is says so, and leaves zero.
const UNTOUCHED: i32 = -1;
/// Whether a span was wanted before anything was set up.
static EARLY: AtomicBool = AtomicBool::new(false);
static INSTALLED: RwLock<Option<Arc<Dispatch>>> = RwLock::new(None);
/// Records that found nobody to take them: ended after shutdown.
static HOMELESS: AtomicU64 = AtomicU64::new(0);

/// A program's recording side, as spans see it.
#[derive(Debug)]
pub(crate) struct Dispatch {
    pub(crate) sampler: Sampler,
    /// Decides on traces that begin here in its place.
    pub(crate) sample_if: Option<SampleIf>,
    /// Whether spans that are not sampled are still wanted, for the metrics.
    pub(crate) metrics: bool,
    pub(crate) room: Room,
    /// What the user says that models cost.
    pub(crate) prices: Box<[Price]>,
    /// How errors are told, where the operation does not say.
    pub(crate) detail: ErrorDetail,
    /// Whether every choice of a reply is to have a reason to stop.
    pub(crate) fills_finish_reasons: bool,
    pub(crate) hub: Box<dyn Hub>,
    /// Where log records are exported.
    pub(crate) evaluations: Option<Box<dyn EvaluationSink>>,
}

/// Makes each thread's sink.
pub(crate) trait Hub: std::fmt::Debug + Send + Sync {
    fn sink(&self) -> Box<dyn Sink>;
    /// For one span of a thread that is going away: nothing is kept ready for more.
    fn passing_sink(&self) -> Box<dyn Sink>;
}

/// One thread's way in: its ids and its ring.
pub(crate) trait Sink {
    fn trace_id(&mut self) -> u128;
    fn span_id(&mut self) -> u64;
    /// Takes the words out; never blocks. What does not fit is counted by the sink.
    fn submit(&mut self, head: Head, identity: Identity, words: &mut Words);
}

struct Local {
    generation: i32,
    way: Option<Way>,
}

/// One thread's way to what is set up.
struct Way {
    dispatch: Arc<Dispatch>,
    sink: Box<dyn Sink>,
    /// For the prices of the dispatch.
    tariffs: Tariffs,
}

impl Way {
    fn new(dispatch: Arc<Dispatch>, sink: Box<dyn Sink>) -> Self {
        Self { dispatch, sink, tariffs: Tariffs::default() }
    }
}

thread_local! {
    static LOCAL: RefCell<Local> = const { RefCell::new(Local { generation: 0, way: None }) };
}

/// Whether telemetry is set up in this process and records; one relaxed atomic load.
///
/// For a library that has no [`Telemetry`](crate#the-public-api) at hand; the macros ask by
/// themselves.
///
/// ```
/// assert!(!spanline::is_enabled(), "nobody called `init`");
/// ```
#[must_use]
#[inline]
pub fn is_enabled() -> bool {
    GENERATION.load(Ordering::Relaxed) > 0
}

/// The same, where a span is about to be built: costs what [`is_enabled`] costs but for one branch.
#[inline]
pub fn is_span_wanted() -> bool {
    let generation = GENERATION.load(Ordering::Relaxed);
    if generation > 0 {
        return true;
    }
    if generation < 0 {
        note_early();
    }
    false
}

#[cold]
#[inline(never)]
fn note_early() {
    let (from, to) = (UNTOUCHED, 0);
    if GENERATION.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
        EARLY.store(true, Ordering::Relaxed);
    }
}

/// Whether spans were wanted before the first set-up, which this is; told once.
pub(crate) fn take_early() -> bool {
    let (from, to) = (UNTOUCHED, 0);
    // From here on it is too late to be early, also where nothing is to be recorded.
    let _ = GENERATION.compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    EARLY.swap(false, Ordering::Relaxed)
}

/// Turns recording on; what was installed before gets nothing more.
pub(crate) fn install(dispatch: Dispatch) {
    static NEXT: AtomicI32 = AtomicI32::new(1);
    let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
    *installed = Some(Arc::new(dispatch));
    GENERATION.store(NEXT.fetch_add(1, Ordering::Relaxed).max(1), Ordering::Release);
}

/// Turns recording off.
pub(crate) fn uninstall() {
    let mut installed = INSTALLED.write().unwrap_or_else(PoisonError::into_inner);
    GENERATION.store(0, Ordering::Release);
    *installed = None;
}

/// How many spans ended when nothing was there to take them.
pub(crate) fn homeless() -> u64 {
    HOMELESS.load(Ordering::Relaxed)
}

/// Runs `act` with this thread's way in; `None` when nothing is set up, and when recording is what
/// called us.
pub(crate) fn with_way<R>(act: impl FnOnce(&Dispatch, &mut dyn Sink) -> R) -> Option<R> {
    go(|way| act(&way.dispatch, &mut *way.sink))
}

/// The same with what the user says that models cost, and where this thread found prices before.
pub(crate) fn with_prices<R>(act: impl FnOnce(&[Price], &mut Tariffs) -> R) -> Option<R> {
    go(|way| act(&way.dispatch.prices, &mut way.tariffs))
}

/// Whether a choice of which nobody knows why it stopped has the word for that.
pub(crate) fn fills_finish_reasons() -> bool {
    with_way(|dispatch, _| dispatch.fills_finish_reasons).unwrap_or(false)
}

fn go<R>(act: impl FnOnce(&mut Way) -> R) -> Option<R> {
    let mut act = Some(act);
    LOCAL
        .try_with(|local| {
            let mut local = local.try_borrow_mut().ok()?;
            let generation = GENERATION.load(Ordering::Acquire);
            if local.generation != generation {
                let installed = INSTALLED.read().unwrap_or_else(PoisonError::into_inner).clone();
                local.way = installed.map(|dispatch| {
                    let sink = dispatch.hub.sink();
                    Way::new(dispatch, sink)
                });
                local.generation = generation;
            }
            Some(act.take()?(local.way.as_mut()?))
        })
        // The thread is going away, and its storage is gone already.
        .unwrap_or_else(|_| {
            let dispatch = INSTALLED.read().unwrap_or_else(PoisonError::into_inner).clone()?;
            let sink = dispatch.hub.passing_sink();
            Some(act.take()?(&mut Way::new(dispatch, sink)))
        })
}

/// Hands a finished record over.
pub(crate) fn submit(head: Head, identity: Identity, words: &mut Words) {
    if with_way(|_, sink| sink.submit(head, identity, words)).is_none() {
        HOMELESS.fetch_add(1, Ordering::Relaxed);
    }
}
