//! Everything that threads hand over comes out, once and in order.

use std::borrow::Cow;
use std::pin::pin;
use std::task::{Context, Waker};

use super::*;
use crate::export::record::Record;
use crate::export::texts::Texts;
use crate::span::detail::Extent;
use crate::span::dispatch::{Hub as _, Sink};
use crate::span::record::{Head, Identity, OperationKind};
use crate::span::value::ValueRef;

fn hand_over(sink: &mut dyn Sink, number: u64) {
    submit(sink, number, &["some text of more than one word, surely".to_owned()]);
}

fn submit(sink: &mut dyn Sink, number: u64, texts: &[String]) {
    let head = Head { trace_flags: 1, ..Head::of(OperationKind::Stage) };
    let identity =
        Identity { trace_id: 1, span_id: number, parent_span_id: 9, ..Identity::default() };
    let mut words = Words::default();
    for (key, text) in ["n", "o", "p"].into_iter().zip(texts) {
        words.attribute(key, Some(ValueRef::Text(text)));
    }
    sink.submit(head, identity, &mut words);
}

/// The id that is in a record's third word.
fn id(words: &[Word]) -> u64 {
    let Some(Word::Pair(id, _)) = words.get(2) else { panic!("{words:?}") };
    *id
}

fn taken(outlet: &mut Outlet) -> Vec<u64> {
    let mut ids = Vec::new();
    let mut read = |words: &[Word], _: &mut [Aside]| {
        ids.push(id(words));
        true
    };
    while outlet.take(2, &mut read).more {}
    ids
}

#[test]
fn what_an_ended_thread_wrote_is_still_taken() {
    let intake = Arc::new(Intake::new(100, usize::MAX, 10, false));
    let hub = IntakeHub(Arc::clone(&intake));
    let mut outlet = Outlet::new(Arc::clone(&intake));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut sink = hub.sink();
            (1..=5).for_each(|number| hand_over(&mut *sink, number));
        });
    });
    assert_eq!(taken(&mut outlet), [1, 2, 3, 4, 5]);
    assert_eq!(outlet.rings.len(), 0);
    assert_eq!(intake.words.load(Ordering::Relaxed), 0);
}

#[test]
fn what_stands_aside_arrives_with_its_span_wherever_the_ring_ends() {
    let intake = Arc::new(Intake::new(10, usize::MAX, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(intake);
    let mut told = Vec::new();
    let (mut record, mut masked) = (Record::new(), Texts::new(Arc::default()));
    for number in 1..=500_u64 {
        let texts = [format!("{number}"), "long ".repeat(300), format!("and {number}")];
        submit(&mut *sink, number, &texts);
        outlet.take(10, |words: &[Word], asides: &mut [Aside]| {
            assert!(record.read(words, asides, Extent::Nothing, &mut masked));
            told.push((id(words), std::mem::take(&mut record.attributes)));
            true
        });
        let (id, attributes) = told.pop().unwrap();
        let set = attributes.iter().filter(|it| it.key.as_str().len() == 1);
        let values: Vec<_> = set.map(|it| it.value.as_str()).collect();
        assert_eq!((id, values), (number, texts.iter().map(Cow::from).collect()));
    }
}

#[test]
fn the_queue_holds_its_limit_however_small_the_ring_is() {
    let intake = Arc::new(Intake::new(200, usize::MAX, 10, false));
    intake.words.store(WORDS, Ordering::Relaxed);
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    (1..=201).for_each(|number| hand_over(&mut *sink, number));
    assert_eq!(intake.drops.total(), 1);
    drop(sink);
    let mut numbers = taken(&mut outlet);
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    assert_eq!(outlet.rings.len(), 0);
}

#[test]
fn what_does_not_fit_is_counted() {
    let intake = Arc::new(Intake::new(3, usize::MAX, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    (1..=5).for_each(|number| hand_over(&mut *sink, number));
    assert_eq!(taken(&mut outlet), [1, 2, 3]);
    assert_eq!(intake.drops.total(), 2);
    hand_over(&mut *sink, 6);
    assert_eq!(taken(&mut outlet), [6]);
}

#[test]
fn no_thread_keeps_the_others_waiting() {
    let intake = Arc::new(Intake::new(100, usize::MAX, 10, false));
    let hub = IntakeHub(Arc::clone(&intake));
    let (mut one, mut other) = (hub.sink(), hub.sink());
    (1..=6).for_each(|number| hand_over(&mut *one, number));
    (11..=12).for_each(|number| hand_over(&mut *other, number));
    let mut outlet = Outlet::new(Arc::clone(&intake));
    assert_eq!(taken(&mut outlet), [1, 2, 11, 12, 3, 4, 5, 6]);
}

#[test]
fn after_closing_everything_is_refused_and_counted() {
    let intake = Arc::new(Intake::new(3, usize::MAX, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    intake.close();
    hand_over(&mut *sink, 1);
    assert_eq!(taken(&mut Outlet::new(Arc::clone(&intake))), [] as [u64; 0]);
    assert_eq!(intake.drops.total(), 1);
}

#[test]
fn text_that_stands_aside_is_bounded_by_its_bytes_and_counted_until_it_is_taken() {
    let intake = Arc::new(Intake::new(100, 10_000, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    for number in 1..=6 {
        submit(&mut *sink, number, &["x".repeat(2_400), String::from("short")]);
    }
    assert_eq!(intake.drops.by_cause().collect::<Vec<_>>(), [(Cause::QueueBytes, 2)]);
    // What has no text aside always finds room.
    submit(&mut *sink, 7, &[String::from("short")]);
    assert_eq!(taken(&mut outlet), [1, 2, 3, 4, 7]);
    assert_eq!(intake.bytes.load(Ordering::Relaxed), 0);
    submit(&mut *sink, 8, &["x".repeat(9_999)]);
    assert_eq!(taken(&mut outlet), [8]);
    assert_eq!(intake.bytes.load(Ordering::Relaxed), 0);
}

#[test]
fn what_finds_no_room_among_the_words_is_bounded_by_its_bytes() {
    let limit = 100_000;
    let intake = Arc::new(Intake::new(100, limit, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    let texts: Vec<String> = (0..3).map(|_| "y".repeat(1_000)).collect();
    for number in 1..=90 {
        submit(&mut *sink, number, &texts);
    }
    assert!(intake.bytes.load(Ordering::Relaxed) <= limit);
    let dropped = intake.drops.of(Cause::QueueBytes);
    assert!((1..90).contains(&dropped), "{dropped}");
    assert_eq!(taken(&mut outlet).len() as u64 + dropped, 90);
    assert_eq!(intake.bytes.load(Ordering::Relaxed), 0);
    // And there is room again.
    submit(&mut *sink, 91, &texts);
    assert_eq!(taken(&mut outlet), [91]);
}

#[test]
fn one_look_takes_no_more_bytes_than_exporters_have_room_for() {
    let intake = Arc::new(Intake::new(100, usize::MAX, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    for number in 1..=10 {
        submit(&mut *sink, number, &["x".repeat(SLICE_BYTES / 4)]);
    }
    let mut looks = Vec::new();
    loop {
        let mut ids = 0;
        let slice = outlet.take(100, |_: &[Word], _: &mut [Aside]| {
            ids += 1;
            true
        });
        looks.push(ids);
        if !slice.more {
            break;
        }
    }
    assert_eq!(looks, [4, 4, 2]);
}

#[test]
fn what_finds_no_room_among_the_words_counts_until_it_is_taken() {
    let intake = Arc::new(Intake::new(100, usize::MAX, 10, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    let texts: Vec<String> = (0..3).map(|_| "y".repeat(1_000)).collect();
    for number in 1..=60 {
        submit(&mut *sink, number, &texts);
    }
    assert!(intake.bytes.load(Ordering::Relaxed) > 0, "all of it was in the ring");
    assert_eq!(taken(&mut outlet).len(), 60);
    assert_eq!(intake.bytes.load(Ordering::Relaxed), 0);
}

#[test]
fn while_the_ring_is_emptied_in_time_only_a_whole_batch_wakes_the_export_thread() {
    let intake = Arc::new(Intake::new(200, usize::MAX, 100, false));
    let mut sink = IntakeHub(Arc::clone(&intake)).sink();
    let mut outlet = Outlet::new(Arc::clone(&intake));
    let is_woken = || {
        let mut context = Context::from_waker(Waker::noop());
        pin!(intake.wake.notified()).poll(&mut context).is_ready()
    };
    let mut woken = Vec::new();
    for number in 1..=1000 {
        hand_over(&mut *sink, number);
        assert_eq!(taken(&mut outlet), [number]);
        if is_woken() {
            woken.push(number);
        }
    }
    assert_eq!(woken, (1..=10).map(|batch| batch * 100).collect::<Vec<_>>());
}
