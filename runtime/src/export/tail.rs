//! Traces that wait for their end, and what becomes of them then.

pub(crate) mod figures;
pub(crate) mod sampling;
mod span;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use self::figures::Figures;
use self::sampling::TailSampling;
use self::span::HeldSpan;
use self::summary::TraceSummary;
use self::verdict::{Verdict, Verdicts};
use super::log_record::LogRecord;
use super::pending::Pending;
use super::record::Record;
use super::ring::Foreign;
use super::span_data::Renderer;
use crate::content::captured::Captured;
use crate::span::sampler::is_below;

/// What tail sampling is started with.
#[derive(Clone, Debug)]
pub(crate) struct TailPlan {
    pub(crate) sampling: TailSampling,
    pub(crate) figures: Arc<Figures>,
    /// Whether a cancelled operation has the error status.
    pub(crate) cancelled_is_error: bool,
}

impl TailPlan {
    pub(crate) fn new(sampling: TailSampling, cancelled_is_error: bool) -> Self {
        Self { sampling, figures: Arc::default(), cancelled_is_error }
    }
}

/// Names of local roots whose first traces are kept.
const NAMES: usize = 1_000;

/// Traces on the export thread.
#[derive(Debug)]
pub(crate) struct Tail {
    plan: TailPlan,
    /// When the last look at the rings began.
    now: Instant,
    traces: HashMap<u128, Held>,
    /// The oldest first.
    by_age: BTreeMap<u64, u128>,
    /// Those whose local root has not come. The others wait for no more than a look at all rings.
    open: BTreeSet<u64>,
    /// The age of the next trace.
    next: u64,
    /// What the traces take.
    bytes: usize,
    /// Those whose local root came since the last mark, by age.
    ended: Vec<u64>,
    /// Those whose local root came before it.
    waiting: Vec<u64>,
    verdicts: Verdicts,
    /// How many traces of each name have ended, while that matters.
    first: HashMap<String, u64>,
    /// Spans that are kept, on their way.
    ready: VecDeque<HeldSpan>,
    /// How many of these were there when somebody last asked for everything.
    owed: usize,
}

/// One trace.
#[derive(Debug)]
struct Held {
    age: u64,
    since: Instant,
    bytes: usize,
    summary: TraceSummary,
    /// All but the local root.
    spans: Vec<HeldSpan>,
}

impl Tail {
    pub(crate) fn new(plan: TailPlan) -> Self {
        Self {
            plan,
            now: Instant::now(),
            traces: HashMap::new(),
            by_age: BTreeMap::new(),
            open: BTreeSet::new(),
            next: 0,
            bytes: 0,
            ended: Vec::new(),
            waiting: Vec::new(),
            verdicts: Verdicts::default(),
            first: HashMap::new(),
            ready: VecDeque::new(),
            owed: 0,
        }
    }

    /// That everything that was handed over is looked at now. Returns how much to take of it, of at most
    /// so many spans: what is kept and did not go yet comes first.
    pub(crate) fn begin(&mut self, most: usize, now: Instant) -> usize {
        self.now = now;
        most.saturating_sub(self.ready.len())
    }

    /// Takes a span of ours; leaves a record without it.
    pub(crate) fn take(
        &mut self,
        record: &mut Record,
        captured: Captured,
        renderer: &mut Renderer,
    ) {
        let record = std::mem::replace(record, Record::new());
        self.put(HeldSpan::Own(Box::new((record, captured))), renderer);
    }

    /// Takes a span of other OpenTelemetry code.
    pub(crate) fn take_foreign(&mut self, foreign: Foreign, renderer: &mut Renderer) {
        self.put(HeldSpan::Foreign(Box::new(foreign)), renderer);
    }

    fn put(&mut self, span: HeldSpan, renderer: &mut Renderer) {
        let id = span.trace_id();
        match self.verdicts.get(id).cloned() {
            Some(Verdict::Kept(rule)) => self.keep(span, &rule, renderer),
            Some(Verdict::Dropped) => self.plan.figures.count_dropped(0, 1),
            None => {
                self.hold(id, span, renderer);
                self.keep_bounds(renderer);
            }
        }
    }

    fn hold(&mut self, id: u128, span: HeldSpan, renderer: &mut Renderer) {
        let trace = self.traces.entry(id).or_insert_with(|| {
            let age = self.next;
            self.next += 1;
            self.by_age.insert(age, id);
            self.open.insert(age);
            let summary = TraceSummary::new(id);
            Held { age, since: self.now, bytes: 0, summary, spans: Vec::new() }
        });
        let bytes = span.bytes();
        trace.bytes += bytes;
        self.bytes += bytes;
        trace.summary.add(&span, span.ending(self.plan.cancelled_is_error));
        if !span.is_local_root() {
            trace.spans.push(span);
            return;
        }
        if !trace.summary.is_complete() {
            self.open.remove(&trace.age);
            self.ended.push(trace.age);
        }
        let other = trace.summary.put_root(span, |span| span.name(renderer));
        trace.spans.extend(other);
    }

    /// Decides the oldest while there is too much; those whose local root has come after all others, for
    /// what is below it may be there and not read yet.
    fn keep_bounds(&mut self, renderer: &Renderer) {
        let TailSampling { max_traces, max_bytes, .. } = self.plan.sampling;
        loop {
            let bound = if self.open.len() > max_traces {
                "max_traces"
            } else if self.bytes > max_bytes {
                "max_bytes"
            } else {
                break;
            };
            let oldest = self.open.first().or_else(|| self.by_age.keys().next());
            let Some(&oldest) = oldest else { break };
            self.decide_early(oldest, bound, renderer);
        }
    }

    /// Whether everything that is handed over now has to be read before the next traces are decided: a span
    /// that ended before its root on another thread may have come after that thread's ring was read, and
    /// before that of the root.
    pub(crate) fn wants_mark(&mut self) -> bool {
        if !self.waiting.is_empty() || self.ended.is_empty() {
            return false;
        }
        std::mem::swap(&mut self.waiting, &mut self.ended);
        true
    }

    /// Decides what has ended, at the end of a look; `owes` is whether something that was there at the mark
    /// is not read yet.
    pub(crate) fn settle(&mut self, owes: bool, renderer: &Renderer) {
        if !owes {
            for age in std::mem::take(&mut self.waiting) {
                self.decide(age, false, renderer);
            }
        }
        while let Some(&oldest) = self.open.first()
            && let Some(trace) = self.by_age.get(&oldest).and_then(|id| self.traces.get(id))
            && self.now.duration_since(trace.since) >= self.plan.sampling.max_age
        {
            self.decide_early(oldest, "max_age", renderer);
        }
        self.tell_held();
    }

    /// Whether the next look may decide something.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty() || !self.ended.is_empty()
    }

    /// Whether everything that is handed over now has to be read before what has ended so far is decided,
    /// whatever an earlier mark was for.
    pub(crate) fn wants_mark_for_all(&mut self) -> bool {
        let is_wanted = !self.ended.is_empty();
        self.waiting.append(&mut self.ended);
        is_wanted
    }

    /// Decides what had ended before the last mark, everything having been read that was handed over by
    /// then, and at the end all the rest. What is kept is owed.
    pub(crate) fn settle_all(&mut self, is_last: bool, renderer: &Renderer) {
        if is_last {
            self.waiting.append(&mut self.ended);
        }
        for age in std::mem::take(&mut self.waiting) {
            self.decide(age, false, renderer);
        }
        while is_last && let Some((&oldest, _)) = self.by_age.first_key_value() {
            self.decide_early(oldest, "shutdown", renderer);
        }
        self.owed = self.ready.len();
        self.tell_held();
    }

    /// Whether some of what was owed is still here.
    pub(crate) fn owes(&self) -> bool {
        self.owed > 0
    }

    /// Spans that are kept, and are still here.
    pub(crate) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Hands on the first of those that are kept, at most so many.
    pub(crate) fn release(
        &mut self,
        most: usize,
        renderer: &mut Renderer,
        spans: &mut Pending,
        records: &mut Vec<LogRecord>,
    ) {
        let released = self.ready.len().min(most);
        self.owed = self.owed.saturating_sub(released);
        for span in self.ready.drain(..released) {
            span.render(renderer, spans, records);
        }
    }

    fn decide_early(&mut self, age: u64, bound: &'static str, renderer: &Renderer) {
        self.plan.figures.count_early(bound);
        self.decide(age, true, renderer);
    }

    fn decide(&mut self, age: u64, is_early: bool, renderer: &Renderer) {
        self.open.remove(&age);
        let Some(mut trace) = self.by_age.remove(&age).and_then(|id| self.traces.remove(&id))
        else {
            return;
        };
        self.bytes -= trace.bytes;
        let id = trace.summary.key();
        let is_over = trace.summary.is_over() && !is_early;
        if let Some(rule) = self.rule_for(&trace.summary) {
            self.plan.figures.count_kept(&rule);
            let root = trace.summary.take_root();
            for span in trace.spans.into_iter().chain(root) {
                self.keep(span, &rule, renderer);
            }
            self.verdicts.put(id, Verdict::Kept(rule));
        } else {
            self.plan.figures.count_dropped(1, trace.summary.spans());
            // Before that, more of it may come than stragglers, and is decided for itself.
            if is_over {
                self.verdicts.put(id, Verdict::Dropped);
            }
        }
    }

    fn keep(&mut self, mut span: HeldSpan, rule: &Arc<str>, renderer: &Renderer) {
        if span.is_local_root() {
            span.tell_rule(rule, renderer);
        }
        self.ready.push_back(span);
    }

    /// The first rule that wants the trace.
    fn rule_for(&mut self, trace: &TraceSummary) -> Option<Arc<str>> {
        let is_first = self.is_first(trace);
        let TailSampling { errors, cancelled, slow, costly, ratio, decides_remote, .. } =
            self.plan.sampling;
        let is_costly =
            || costly.is_some_and(|limit| trace.cost_usd().is_some_and(|cost| cost > limit));
        if errors && trace.errors() > 0 {
            Some("errors".into())
        } else if cancelled && trace.cancelled() > 0 {
            Some("cancelled".into())
        } else if slow.is_some_and(|limit| trace.duration() > limit) {
            Some("slow".into())
        } else if is_costly() {
            Some("costly".into())
        } else if let Some(own) = self.own_rule_for(trace) {
            Some(own)
        } else if is_first {
            Some("first".into())
        } else if !decides_remote && trace.has_remote_parent() {
            Some("remote".into())
        } else if ratio.is_some_and(|share| is_below(trace.key(), share)) {
            Some("ratio".into())
        } else {
            None
        }
    }

    fn own_rule_for(&self, trace: &TraceSummary) -> Option<Arc<str>> {
        let keeps = |rule: &&sampling::Rule| {
            let asked = catch_unwind(AssertUnwindSafe(|| (rule.keeps)(trace)));
            asked.unwrap_or_else(|_| {
                self.plan.figures.rule_panics.fetch_add(1, Ordering::Relaxed);
                true
            })
        };
        self.plan.sampling.rules().iter().find(keeps).map(|rule| Arc::clone(&rule.name))
    }

    /// Whether it is among the first of its name; counts it.
    fn is_first(&mut self, trace: &TraceSummary) -> bool {
        if self.plan.sampling.first == 0 || !trace.is_complete() {
            return false;
        }
        if let Some(count) = self.first.get_mut(trace.name()) {
            *count = count.saturating_add(1);
            return *count <= self.plan.sampling.first;
        }
        let has_room = self.first.len() < NAMES;
        if has_room {
            self.first.insert(trace.name().to_owned(), 1);
        }
        has_room
    }

    fn tell_held(&self) {
        self.plan.figures.held_traces.store(self.traces.len(), Ordering::Relaxed);
        self.plan.figures.held_bytes.store(self.bytes, Ordering::Relaxed);
    }
}
