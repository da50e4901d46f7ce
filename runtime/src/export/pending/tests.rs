//! Every exporter gets the same spans, in the form that it wants.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use opentelemetry::Value;
use opentelemetry::trace::{Event, Link, SpanContext, TraceState};

use super::*;
use crate::content::captured::Captured;
use crate::export::encoded::EncodedResource;
use crate::export::event::Events;
use crate::export::naming::Naming;
use crate::export::outgoing::Outgoing;
use crate::export::record::Record;
use crate::export::request::Request;
use crate::export::request::sample;
use crate::export::span_data::Renderer;
use crate::semconv::attribute;
use crate::span::record::{Exit, Head, Identity, Kind, OperationKind};
use crate::telemetry::settings::{Convention, ExceptionSignal, Limits};

const ALL: Amount = Amount { items: usize::MAX, bytes: usize::MAX };

/// One record after the other, none of which has what another has.
fn records() -> Vec<Record> {
    let plain = |operation, span_id| {
        let head = Head { trace_flags: 1, ..Head::of(operation) };
        let identity =
            Identity { trace_id: 7, span_id, parent_span_id: span_id - 1, start: 3, duration: 4 };
        let mut record = Record::new();
        record.start(head, identity, 0);
        record.name = Cow::Borrowed("work");
        record
    };
    let mut rich = plain(OperationKind::Stage, 1);
    rich.head.exit = Exit::Error;
    rich.head.kind = Kind::Server;
    rich.head.parent_is_remote = true;
    rich.status = Some(Err(Cow::Borrowed("went wrong")));
    rich.trace_state = TraceState::from_key_value([("vendor", "one")]).unwrap();
    rich.excess.attributes = 1;
    rich.excess.events = 2;
    rich.excess.links = 3;
    rich.events = vec![Event::new("tried", UNIX_EPOCH, Vec::new(), 0)];
    rich.links = vec![Link::new(SpanContext::NONE, Vec::new(), 0)];
    for number in 0..9 {
        rich.set(Cow::Owned(format!("text {number}")), Value::from("é".repeat(number * 100)));
    }
    let bare = plain(OperationKind::Span, 2);
    let mut call = plain(OperationKind::Chat, 3);
    call.name = Cow::Borrowed("");
    call.set(Cow::Borrowed(attribute::REQUEST_MODEL), Value::from("m"));
    let mut many = plain(OperationKind::Tool, 4);
    for number in 0..200 {
        many.set(Cow::Owned(format!("app.{number}")), Value::I64(number));
    }
    let mut records = vec![rich, bare, call, many, plain(OperationKind::Workflow, 5)];
    for record in &mut records {
        record.finish();
    }
    records
}

fn rendered(forms: &[Form], size: Amount) -> Vec<Spans> {
    let limits = Limits::USUAL;
    let outgoing = Outgoing::new(Arc::default(), limits, Arc::default());
    let events = Events { exceptions: ExceptionSignal::Spans, details: false };
    let naming = Naming::new(&[Convention::V1_41], "spanline");
    let mut renderer = Renderer::new(limits, outgoing, false, events, naming, false);
    let mut pending = Pending::new(forms.iter().copied(), size);
    for mut record in records() {
        renderer.render(&mut record, Captured::default(), &mut pending, &mut Vec::new());
        // One of other code after each.
        pending.begin(sample::spans(1).remove(0));
        pending.end(1, None);
    }
    std::iter::from_fn(|| pending.take(true)).collect()
}

fn encoded(forms: &[Form]) -> Vec<u8> {
    let [spans] = &rendered(forms, ALL)[..] else { panic!("several batches") };
    request(spans)
}

/// All of them, or nothing.
fn request(spans: &Spans) -> Vec<u8> {
    let resource = EncodedResource::new(&sample::resource());
    let cuts = spans.encoded.cut(usize::MAX, &resource);
    cuts.first().map(|cut| resource.request(cut)).unwrap_or_default()
}

fn data(forms: &[Form]) -> Vec<SpanData> {
    let [spans] = &rendered(forms, ALL)[..] else { panic!("several batches") };
    spans.clone().into_data(Form::Data)
}

#[test]
fn spans_written_as_protobuf_are_those_that_other_exporters_get_byte_for_byte() {
    let spans = data(&[Form::Data]);
    assert_eq!(spans.len(), 10);
    let official = Request::traces(&sample::resource(), spans.clone()).to_protobuf();
    assert!(encoded(&[Form::Encoded]) == official, "as protobuf alone");
    assert!(encoded(&[Form::Encoded, Form::Data]) == official, "as both");
    assert!(data(&[Form::Data, Form::Encoded]) == spans, "as data beside protobuf");
}

#[test]
fn a_batch_is_full_by_its_spans_or_by_its_bytes() {
    let sizes = |forms: &[Form], size| -> Vec<usize> {
        rendered(forms, size).iter().map(|spans| spans.count).collect()
    };
    for forms in [&[Form::Encoded][..], &[Form::Data], &[Form::Encoded, Form::Plain]] {
        assert_eq!(sizes(forms, ALL), [10]);
        assert_eq!(sizes(forms, Amount { items: 4, ..ALL }), [4, 4, 2]);
        // The first span has 7,200 bytes of text.
        assert_eq!(sizes(forms, Amount { bytes: 7_000, ..ALL })[0], 1);
        assert_eq!(sizes(forms, Amount { bytes: 1, ..ALL }), [1; 10]);
    }
}

#[test]
fn each_exporter_gets_its_form_and_all_spans() {
    let forms = [Form::Plain, Form::Encoded, Form::Data, Form::Encoded];
    let [spans] = &rendered(&forms, ALL)[..] else { panic!("several batches") };
    let batches = spans.clone().into_batches(forms.into_iter());
    let found: Vec<(bool, usize)> =
        batches.iter().map(|batch| (matches!(batch, Batch::Encoded(_)), batch.len())).collect();
    assert_eq!(found, [(false, 10), (true, 10), (false, 10), (true, 10)]);
}
