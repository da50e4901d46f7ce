//! What waits for one exporter stays within its bounds, and what goes is what was asked for.

use opentelemetry::trace::{SpanId, Status};
use opentelemetry_sdk::trace::SpanData;

use super::*;
use crate::export::pending::{Form, Pending};
use crate::export::request::sample;
use crate::export::span_data::bytes;

const MANY: usize = usize::MAX;

fn queue(items: usize, bytes: usize, drop_first: DropFirst) -> Arc<Queue> {
    Arc::new(Queue::new(Bounds { items, bytes, drop_first }))
}

/// Spans with these numbers, of which each third one is an error and the others no root.
fn spans(numbers: impl IntoIterator<Item = u64>) -> Vec<SpanData> {
    let plain = sample::spans(40);
    let of = |number: u64| {
        let mut span = plain[usize::try_from(number).unwrap() - 1].clone();
        span.parent_span_id = SpanId::from(999);
        span.status =
            if number.is_multiple_of(3) { Status::error("failed") } else { Status::Unset };
        span.instrumentation_scope = plain[0].instrumentation_scope.clone();
        span
    };
    numbers.into_iter().map(of).collect()
}

fn batch(form: Form, spans: Vec<SpanData>) -> Batch {
    let size = Amount { items: MANY, bytes: MANY };
    let mut pending = Pending::new([form].into_iter(), size);
    for span in spans {
        let bytes = bytes(&span);
        pending.begin(span);
        pending.end(bytes, None);
    }
    pending.take(true).unwrap().into_batches([form].into_iter()).remove(0)
}

/// The numbers of what waits, and whether the queue still knows how much that is.
fn waiting(queue: &Queue) -> Vec<u64> {
    let state = queue.lock();
    let mut numbers = Vec::new();
    let mut held = Amount::default();
    for parcel in &state.waiting {
        let Parcel::Spans(Held { batch, amount }) = parcel else { panic!("no spans") };
        assert_eq!(batch.len(), amount.items);
        held.items += amount.items;
        held.bytes += amount.bytes;
        match batch {
            Batch::Data { spans, .. } => numbers.extend(spans.iter().map(number)),
            Batch::Encoded(spans) => numbers.extend(spans.names().iter().map(|it| parsed(it))),
        }
    }
    assert_eq!(state.held, held);
    numbers
}

fn number(span: &SpanData) -> u64 {
    parsed(&span.name)
}

fn parsed(name: &str) -> u64 {
    name.strip_prefix("span ").unwrap().parse().unwrap()
}

const FORMS: [Form; 2] = [Form::Data, Form::Encoded];

fn by_items(count: usize) -> Dropped {
    Dropped { by_items: count, by_bytes: 0 }
}

#[test]
fn the_newest_finds_no_room_by_default() {
    for form in FORMS {
        let queue = queue(5, MANY, DropFirst::Newest);
        assert_eq!(queue.offer(batch(form, spans(1..=4))), Some(by_items(0)));
        assert_eq!(queue.offer(batch(form, spans(5..=8))), Some(by_items(3)));
        assert_eq!(queue.offer(batch(form, spans(9..=9))), Some(by_items(1)));
        assert_eq!(waiting(&queue), [1, 2, 3, 4, 5]);
    }
}

#[test]
fn the_oldest_gives_way_where_that_is_wanted() {
    for form in FORMS {
        let queue = queue(5, MANY, DropFirst::Oldest);
        assert_eq!(queue.offer(batch(form, spans(1..=4))), Some(by_items(0)));
        assert_eq!(queue.offer(batch(form, spans(5..=8))), Some(by_items(3)));
        assert_eq!(waiting(&queue), [4, 5, 6, 7, 8]);
        // More than there is room for at all.
        assert_eq!(queue.offer(batch(form, spans(9..=19))), Some(by_items(11)));
        assert_eq!(waiting(&queue), [15, 16, 17, 18, 19]);
    }
}

#[test]
fn errors_stay_longest_where_the_least_valuable_goes_first() {
    for form in FORMS {
        let queue = queue(5, MANY, DropFirst::LeastValuable);
        assert_eq!(queue.offer(batch(form, spans(1..=4))), Some(by_items(0)));
        assert_eq!(queue.offer(batch(form, spans(5..=8))), Some(by_items(3)));
        assert_eq!(waiting(&queue), [3, 5, 6, 7, 8]);
        assert_eq!(queue.offer(batch(form, spans(9..=12))), Some(by_items(4)));
        assert_eq!(waiting(&queue), [3, 6, 9, 11, 12]);
        // Where nothing else is left, the oldest of them go.
        assert_eq!(queue.offer(batch(form, spans([15, 18, 21]))), Some(by_items(3)));
        assert_eq!(waiting(&queue), [9, 12, 15, 18, 21]);
        assert_eq!(queue.offer(batch(form, spans([24]))), Some(by_items(1)));
        assert_eq!(waiting(&queue), [12, 15, 18, 21, 24]);
    }
}

#[test]
fn a_root_is_worth_as_much_as_an_error() {
    let mut roots = spans([1, 2]);
    roots[0].parent_span_id = SpanId::INVALID;
    roots[1].parent_span_is_remote = true;
    for form in FORMS {
        let queue = queue(2, MANY, DropFirst::LeastValuable);
        queue.offer(batch(form, roots.clone()));
        assert_eq!(queue.offer(batch(form, spans([4, 5]))), Some(by_items(2)));
        assert_eq!(waiting(&queue), [1, 2]);
    }
}

#[test]
fn bytes_are_a_bound_too() {
    for form in FORMS {
        let each = batch(form, spans(1..=9)).amount().bytes / 9;
        let room = each * 5 + each / 2;
        for (drop_first, kept) in [
            (DropFirst::Newest, [1, 2, 4, 5, 7]),
            (DropFirst::Oldest, [4, 5, 7, 8, 11]),
            (DropFirst::LeastValuable, [4, 5, 7, 8, 11]),
        ] {
            let queue = queue(MANY, room, drop_first);
            queue.offer(batch(form, spans([1, 2, 4])));
            let dropped = queue.offer(batch(form, spans([5, 7, 8, 11])));
            assert_eq!(dropped, Some(Dropped { by_items: 0, by_bytes: 2 }), "{drop_first:?}");
            assert_eq!(waiting(&queue), kept, "{drop_first:?}");
        }
    }
}

#[test]
fn what_was_thought_to_take_more_than_it_does_leaves_nothing_behind_when_it_goes() {
    let queue = queue(4, MANY, DropFirst::Oldest);
    for first in (1..=37).step_by(4) {
        let Batch::Data { spans, bytes } = batch(Form::Data, spans(first..=first + 3)) else {
            panic!("no data")
        };
        queue.offer(Batch::Data { spans, bytes: bytes * 2 });
    }
    let held = queue.lock().held;
    assert_eq!(waiting(&queue), [37, 38, 39, 40]);
    let Batch::Data { bytes, .. } = batch(Form::Data, spans(37..=40)) else { panic!("no data") };
    assert_eq!(held, Amount { items: 4, bytes: bytes * 2 });
}

#[test]
fn one_that_is_larger_than_all_may_be_waits_where_nothing_else_does() {
    for drop_first in [DropFirst::Newest, DropFirst::Oldest, DropFirst::LeastValuable] {
        let queue = queue(MANY, 1, drop_first);
        assert_eq!(queue.offer(batch(Form::Data, spans(1..=1))), Some(by_items(0)));
        let gone = queue.offer(batch(Form::Data, spans(2..=2)));
        assert_eq!(gone.map(|gone| gone.by_items + gone.by_bytes > 0), Some(true));
    }
}

#[test]
fn what_is_being_sent_counts_until_it_was_tried() {
    let queue = queue(4, MANY, DropFirst::Oldest);
    let taker = Taker::new(&queue);
    queue.offer(batch(Form::Data, spans(1..=3)));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let Parcel::Spans(sent) = runtime.block_on(taker.next()) else { panic!("no spans") };
    // It cannot be dropped any more.
    assert_eq!(queue.offer(batch(Form::Data, spans(4..=8))), Some(by_items(4)));
    taker.release(sent.amount);
    assert_eq!(waiting(&queue), [8]);
    assert_eq!(queue.offer(batch(Form::Data, spans(9..=11))), Some(by_items(0)));
    assert_eq!(waiting(&queue), [8, 9, 10, 11]);
}

#[test]
fn a_queue_is_full_where_the_newest_would_be_dropped() {
    let one = Amount { items: 1, bytes: 10_000 };
    for (drop_first, is_full) in [(DropFirst::Newest, true), (DropFirst::Oldest, false)] {
        let by_items = queue(2, MANY, drop_first);
        let by_bytes = queue(MANY, 10_000, drop_first);
        assert!(!by_items.is_full(one) && !by_bytes.is_full(one));
        by_items.offer(batch(Form::Data, spans(1..=2)));
        by_bytes.offer(batch(Form::Data, spans(1..=1)));
        assert_eq!((by_items.is_full(one), by_bytes.is_full(one)), (is_full, is_full));
    }
}

#[test]
fn once_nobody_takes_nothing_is_queued() {
    let queue = queue(4, MANY, DropFirst::Newest);
    let taker = Taker::new(&queue);
    queue.offer(batch(Form::Data, spans(1..=3)));
    let (reached, waiting) = tokio::sync::oneshot::channel();
    assert!(queue.push(Parcel::Barrier { close: false, reached }));
    drop(taker);
    assert!(waiting.blocking_recv().is_err(), "whoever waits is told");
    assert_eq!(queue.offer(batch(Form::Data, spans(4..=4))), None);
    let (reached, _waiting) = tokio::sync::oneshot::channel();
    assert!(!queue.push(Parcel::Barrier { close: false, reached }));
}

#[test]
fn warnings_stay_longest_of_log_records() {
    let mut records = sample::records(6);
    for (record, severity) in
        records.iter_mut().zip([None, Some(Severity::Warn), Some(Severity::Info)].iter().cycle())
    {
        record.severity = *severity;
    }
    let queue = queue(3, MANY, DropFirst::LeastValuable);
    assert_eq!(queue.offer(records), Some(by_items(3)));
    let state = queue.lock();
    let Some(Parcel::Records(Held { batch, .. })) = state.waiting.front() else {
        panic!("no records")
    };
    let kept: Vec<_> = batch.iter().map(|record| record.span_id.to_string()).collect();
    assert_eq!(kept, ["0000000000000002", "0000000000000005", "0000000000000006"]);
}
