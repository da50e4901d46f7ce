//! Metrics of the program itself, beside those of its spans.

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use spanline::opentelemetry::{KeyValue, global};
use spanline::trace_stage;
use spanline_tests::telemetry::{metrics, telemetry};

#[trace_stage("index-for-metrics")]
fn index(documents: &[&str]) -> usize {
    let meter = global::meter("search");
    let kind = KeyValue::new("document.kind", "page");
    meter
        .u64_counter("search.documents")
        .with_description("documents that were indexed")
        .with_unit("{document}")
        .build()
        .add(documents.len() as u64, std::slice::from_ref(&kind));
    let sizes = meter
        .u64_histogram("search.document.size")
        .with_description("how long they were")
        .with_unit("By")
        .with_boundaries(vec![10.0, 100.0])
        .build();
    for document in documents {
        sizes.record(document.len() as u64, std::slice::from_ref(&kind));
    }
    documents.len()
}

#[test]
fn metrics_of_the_program_leave_beside_those_of_its_spans() {
    telemetry();
    assert_eq!(index(&["one", "a longer one"]), 2);
    let metrics = metrics();

    let (scope, _, counter) = metrics.metric("search.documents");
    assert_eq!(scope.name, "search");
    assert_eq!(
        (&*counter.description, &*counter.unit),
        ("documents that were indexed", "{document}")
    );
    let Some(Data::Sum(sum)) = &counter.data else { panic!("{counter:?} is no counter") };
    assert_eq!(sum.data_points[0].value, Some(Value::AsInt(2)));

    let (_, _, sizes) = metrics.metric("search.document.size");
    assert_eq!((&*sizes.description, &*sizes.unit), ("how long they were", "By"));
    let point = metrics.points("search.document.size", "document.kind", "page")[0];
    assert_eq!((point.count, point.sum), (2, Some(15.0)));
    assert_eq!(
        (&*point.explicit_bounds, &*point.bucket_counts),
        (&[10.0, 100.0][..], &[1, 1, 0][..])
    );

    let ours =
        metrics.points("spanline.stage.duration", "spanline.stage.name", "index-for-metrics");
    assert_eq!(ours[0].count, 1);
}
