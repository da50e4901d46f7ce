//! Traces on the export thread, with a clock of the tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use opentelemetry::trace::{
    Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::*;
use crate::export::event::Events;
use crate::export::naming::Naming;
use crate::export::outgoing::{Cuts, Outgoing};
use crate::export::pending::Form;
use crate::export::queue::Amount;
use crate::span::record::{Exit, Head, Identity, OperationKind};
use crate::telemetry::settings::{Convention, ExceptionSignal, Limits};

fn renderer() -> Renderer {
    let limits = Limits::USUAL;
    let outgoing = Outgoing::new(Arc::default(), limits, Arc::new(Cuts::default()));
    let events = Events { exceptions: ExceptionSignal::Spans, details: false };
    Renderer::new(
        limits,
        outgoing,
        false,
        events,
        Naming::new(&[Convention::default()], "spanline"),
        false,
    )
}

/// Traces, and when it is.
struct Traces {
    tail: Tail,
    renderer: Renderer,
    start: Instant,
}

impl Traces {
    fn new(sampling: TailSampling) -> Self {
        let plan = TailPlan::new(sampling, false);
        Self { tail: Tail::new(plan), renderer: renderer(), start: Instant::now() }
    }

    /// One look at the rings after so many milliseconds, which finds these, and after which something
    /// `owes` or not that was there at the last mark.
    fn look(&mut self, milliseconds: u64, found: &[(u128, u64, u64, Exit)], owes: bool) -> bool {
        self.hand_over(milliseconds, found);
        self.tail.settle(owes, &self.renderer);
        self.tail.wants_mark();
        self.tail.is_waiting()
    }

    /// What one look finds, before anything is decided.
    fn hand_over(&mut self, milliseconds: u64, found: &[(u128, u64, u64, Exit)]) {
        self.tail.begin(512, self.start + Duration::from_millis(milliseconds));
        for &(trace_id, span_id, parent_span_id, exit) in found {
            let head = Head { exit, trace_flags: 1, ..Head::of(OperationKind::Stage) };
            let identity = Identity { trace_id, span_id, parent_span_id, start: 5, duration: 6 };
            let mut record = Record::new();
            record.start(head, identity, 0);
            record.name = "stage".into();
            record.finish();
            self.tail.take(&mut record, Captured::default(), &mut self.renderer);
        }
    }

    fn released(&mut self) -> usize {
        let before = self.tail.ready();
        let mut spans = Pending::new([Form::Data].into_iter(), Amount { items: 512, bytes: 512 });
        self.tail.release(usize::MAX, &mut self.renderer, &mut spans, &mut Vec::new());
        before - self.tail.ready()
    }

    fn figures(&self) -> figures::TailSamplingHealth {
        self.tail.plan.figures.health()
    }
}

const ROOT: (u128, u64, u64, Exit) = (1, 1, 0, Exit::Ok);
const FAILED_CHILD: (u128, u64, u64, Exit) = (1, 2, 1, Exit::Error);

#[test]
fn a_root_waits_until_all_is_read_that_was_there_when_it_came() {
    let mut traces = Traces::new(TailSampling::new().errors());
    assert!(traces.look(0, &[ROOT], false), "the ring of another thread was read before this one");
    assert!(traces.look(500_000, &[(2, 1, 0, Exit::Error)], true), "however long that takes");
    assert_eq!(traces.released(), 0);
    // What comes in meanwhile waits for itself.
    assert!(traces.look(500_000, &[FAILED_CHILD], false));
    assert_eq!(traces.released(), 2);
    assert!(!traces.look(500_000, &[], false));
    assert_eq!(traces.released(), 1);
}

#[test]
fn whoever_asks_for_everything_need_not_wait() {
    let mut traces = Traces::new(TailSampling::new().errors());
    traces.look(0, &[FAILED_CHILD, ROOT, (2, 1, 9, Exit::Error)], false);
    assert!(!traces.tail.owes());
    traces.tail.wants_mark_for_all();
    traces.tail.settle_all(false, &traces.renderer);
    assert!(traces.tail.owes());
    assert_eq!((traces.released(), traces.tail.owes()), (2, false));
    assert_eq!(traces.figures().held_traces, 1);
    traces.tail.settle_all(true, &traces.renderer);
    assert_eq!((traces.released(), traces.figures().held_traces), (1, 0));
}

#[test]
fn whoever_asks_for_everything_does_not_decide_what_ended_after_the_mark() {
    let mut traces = Traces::new(TailSampling::new().errors());
    let take = |traces: &mut Traces, found| {
        // Between two looks nobody asks whether a mark is wanted, as while a flush reads.
        traces.hand_over(0, found);
        traces.tail.settle(false, &traces.renderer);
    };
    take(&mut traces, &[ROOT]);
    assert!(traces.tail.wants_mark_for_all());
    let other = [(2, 1, 0, Exit::Ok)];
    traces.hand_over(0, &[FAILED_CHILD]);
    traces.hand_over(0, &other);
    traces.tail.settle_all(false, &traces.renderer);
    assert_eq!((traces.released(), traces.figures().held_traces), (2, 1));
    take(&mut traces, &[(2, 2, 1, Exit::Error)]);
    assert!(traces.tail.wants_mark_for_all() && !traces.tail.wants_mark_for_all());
    traces.tail.settle_all(false, &traces.renderer);
    assert_eq!((traces.released(), traces.figures().dropped_traces), (2, 0));
}

#[test]
fn a_trace_without_its_root_is_decided_when_it_is_too_old_and_not_before() {
    let mut traces = Traces::new(TailSampling::new().errors().max_age(Duration::from_secs(60)));
    traces.look(0, &[FAILED_CHILD], false);
    traces.look(30_000, &[(2, 1, 9, Exit::Error)], false);
    traces.look(59_999, &[], false);
    assert_eq!(traces.released(), 0);
    traces.look(60_000, &[], false);
    assert_eq!(traces.released(), 1);
    assert_eq!(traces.figures().early_decisions, [(String::from("max_age"), 1)]);
    traces.look(90_000, &[], false);
    assert_eq!(traces.released(), 1);
    // What comes later of a trace that is kept is not held again.
    traces.look(90_001, &[(1, 3, 1, Exit::Ok), ROOT], false);
    assert_eq!((traces.released(), traces.figures().held_traces), (2, 0));
}

#[test]
fn at_a_bound_what_waits_for_a_look_alone_is_not_in_the_way() {
    let roots = [1, 2, 3].map(|trace| (trace, 1, 0, Exit::Ok));
    let children = [1, 2, 3].map(|trace| (trace, 2, 1, Exit::Error));
    let mut traces = Traces::new(TailSampling::new().errors().max_traces(1));
    traces.look(0, &roots, false);
    traces.look(0, &children, false);
    assert_eq!((traces.released(), traces.figures().early_decisions), (6, Vec::new()));

    let room = 4 * size_of::<Record>();
    let mut traces = Traces::new(TailSampling::new().errors().max_bytes(room));
    let open = [4, 5, 6, 7].map(|trace| (trace, 2, 1, Exit::Ok));
    traces.look(0, &[ROOT], false);
    traces.look(0, &open, true);
    let early = traces.figures().early_decisions;
    assert!(matches!(&early[..], [(bound, 1..)] if bound == "max_bytes"), "{early:?}");
    traces.look(0, &[FAILED_CHILD], false);
    assert_eq!(traces.released(), 2);
}

#[test]
fn what_is_decided_before_it_is_read_is_early_although_its_root_has_ended() {
    let mut traces = Traces::new(TailSampling::new().errors().max_bytes(1));
    traces.look(0, &[ROOT], false);
    assert_eq!(traces.figures().early_decisions, [(String::from("max_bytes"), 1)]);
    assert_eq!(traces.figures().dropped_spans, 1);
    // No verdict on what was not looked at.
    traces.look(0, &[FAILED_CHILD], false);
    assert_eq!(traces.released(), 1);
}

#[test]
fn a_trace_that_has_ended_is_never_too_old() {
    let mut traces = Traces::new(TailSampling::new().errors().max_age(Duration::from_secs(60)));
    traces.look(0, &[ROOT], true);
    traces.look(60_000, &[], true);
    traces.look(60_001, &[FAILED_CHILD], false);
    assert_eq!((traces.released(), traces.figures().early_decisions), (2, Vec::new()));
}

#[test]
fn what_is_held_is_counted_to_the_last_byte_and_given_back() {
    let mut traces = Traces::new(TailSampling::new().errors());
    let mut before = 0;
    for span in 2..10 {
        traces.look(0, &[(1, span, 1, Exit::Ok)], true);
        let held = traces.figures().held_bytes;
        assert!(held >= before + size_of::<Record>(), "{held}");
        before = held;
    }
    traces.look(0, &[(2, 2, 1, Exit::Ok), ROOT], false);
    traces.look(0, &[], false);
    let of_other = traces.figures().held_bytes;
    assert!(of_other >= size_of::<Record>() && of_other < before / 4, "{of_other}");
    traces.tail.settle_all(true, &traces.renderer);
    assert_eq!(traces.figures().held_bytes, 0);
    assert_eq!((traces.figures().dropped_traces, traces.figures().dropped_spans), (2, 10));
}

#[test]
fn every_text_of_a_span_is_counted() {
    let text = || "x".repeat(10_000);
    // No value of it is longer than 256.
    let members = || (0..30).map(|number| (format!("v{number}"), "x".repeat(250)));
    let state = || TraceState::from_key_value(members()).unwrap();
    let context = |state| {
        let (trace_id, span_id) = (TraceId::from(1), SpanId::from(2));
        SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, state)
    };
    let link = |state| Link::new(context(state), Vec::new(), 0);
    let bytes = |change: &dyn Fn(&mut Record)| {
        let mut record = Record::new();
        change(&mut record);
        HeldSpan::Own(Box::new((record, Captured::default()))).bytes()
    };
    let empty = bytes(&|_| ());
    let large: [&dyn Fn(&mut Record); 6] = [
        &|record| record.name = text().into(),
        &|record| record.status = Some(Err(text().into())),
        &|record| record.attributes.push(KeyValue::new(text(), true)),
        &|record| record.attributes.push(KeyValue::new("key", text())),
        &|record| record.trace_state = state(),
        &|record| record.links.push(link(state())),
    ];
    for (number, change) in large.iter().enumerate() {
        assert!(bytes(*change) >= empty + 7_500, "{number}");
    }
    let links = bytes(&|record| record.links.extend((0..100).map(|_| link(TraceState::NONE))));
    assert!(links >= empty + 100 * size_of::<Link>());

    let bytes = |change: &dyn Fn(&mut SpanData)| {
        let mut span = SpanData {
            span_context: context(TraceState::NONE),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: "".into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        };
        change(&mut span);
        HeldSpan::Foreign(Box::new(Foreign { span, associations: None })).bytes()
    };
    let empty = bytes(&|_| ());
    let large: [&dyn Fn(&mut SpanData); 5] = [
        &|span| span.name = text().into(),
        &|span| span.status = Status::error(text()),
        &|span| span.attributes.push(KeyValue::new(text(), true)),
        &|span| span.span_context = context(state()),
        &|span| span.links.links.push(link(state())),
    ];
    for (number, change) in large.iter().enumerate() {
        assert!(bytes(*change) >= empty + 7_500, "{number}");
    }
}

#[test]
fn a_rule_is_asked_once_for_each_trace() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let mut traces = Traces::new(TailSampling::new().errors().rule("count", move |trace| {
        assert_eq!((trace.name(), trace.spans()), ("stage", 2));
        counter.fetch_add(1, Ordering::Relaxed) == 0
    }));
    for trace in 1..=3 {
        let both = [(trace, 2, 1, Exit::Ok), (trace, 1, 0, Exit::Ok)];
        traces.look(0, &both, false);
        traces.look(0, &[], false);
    }
    assert_eq!((asked.load(Ordering::Relaxed), traces.released()), (3, 2));
    let health = traces.figures();
    assert_eq!(health.kept_traces, [(String::from("count"), 1)]);
    assert_eq!((health.dropped_traces, health.rule_panics), (2, 0));
}

#[test]
fn names_whose_first_traces_are_kept_are_bounded() {
    let mut traces = Traces::new(TailSampling::new().first(1));
    for number in 0..=NAMES {
        let mut summary = TraceSummary::new(number as u128);
        let mut record = Record::new();
        record.start(Head::of(OperationKind::Stage), Identity::default(), 0);
        let span = HeldSpan::Own(Box::new((record, Captured::default())));
        summary.put_root(span, |_| format!("name {number}").into());
        assert_eq!(traces.tail.is_first(&summary), number < NAMES, "{number}");
        assert!(!traces.tail.is_first(&summary), "{number}");
    }
}
