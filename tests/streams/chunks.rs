//! Counting and timing chunks, on the span and on the metrics.

use std::time::Duration;

use futures::stream::{self, Stream, StreamExt as _};
use opentelemetry_proto::tonic::metrics::v1::HistogramDataPoint;
use spanline::{
    Agent, LlmCall, LlmOperation, Pipeline, Retrieval, SpanBuilder, Tool, trace_llm_call,
    trace_stage,
};
use spanline_tests::telemetry::{metrics, watch};

use crate::numbers;

const FIRST: &str = "gen_ai.client.operation.time_to_first_chunk";
const PER_CHUNK: &str = "gen_ai.client.operation.time_per_output_chunk";

#[trace_llm_call(provider = "local", model = "timed")]
async fn timed(count: u32) -> impl Stream<Item = u32> {
    tokio::time::sleep(Duration::from_millis(30)).await;
    numbers(count)
}

fn only(name: &str, model: &str) -> HistogramDataPoint {
    let metrics = metrics();
    let points = metrics.points(name, "gen_ai.request.model", model);
    assert_eq!(points.len(), 1, "{points:?}");
    points[0].clone()
}

#[tokio::test]
async fn chunks_are_counted_and_timed_from_the_start_of_the_operation() {
    let (items, trace) = watch(async {
        let stream = timed(4).await;
        stream
            .then(|number| async move {
                tokio::time::sleep(Duration::from_millis(15)).await;
                number
            })
            .collect::<Vec<_>>()
            .await
    })
    .await;
    assert_eq!(items.len(), 4);

    let span = "chat timed";
    assert_eq!(trace.attribute(span, "spanline.stream.chunks"), "4");
    assert_eq!(trace.attribute(span, "gen_ai.request.stream"), "true");
    let wait: f64 = trace.attribute(span, "gen_ai.response.time_to_first_chunk").parse().unwrap();
    let exported = trace.span(span);
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of a test")]
    let lasted = (exported.end_time_unix_nano - exported.start_time_unix_nano) as f64 / 1e9;
    assert!(wait >= 0.03, "the future's time is part of it: {wait}");

    let first = only(FIRST, "timed");
    assert_eq!(first.count, 1);
    assert_eq!(first.sum, Some(wait));
    assert_eq!(
        metrics().counts(FIRST, "gen_ai.request.model", "timed"),
        "gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"local\" \
         gen_ai.request.model=\"timed\": 1\n"
    );

    let gaps = only(PER_CHUNK, "timed");
    assert_eq!(gaps.count, 3, "one for each chunk after the first");
    let (sum, min, max) = (gaps.sum.unwrap(), gaps.min.unwrap(), gaps.max.unwrap());
    assert!(min >= 0.015, "the consumer's time is part of it: {min}");
    assert!(min <= max && max <= sum && sum + wait <= lasted, "{gaps:?} of {lasted}");
    assert_eq!(gaps.bucket_counts.iter().sum::<u64>(), 3);
    assert_eq!(gaps.bucket_counts[0], 0, "{gaps:?}");
    assert_eq!(
        gaps.explicit_bounds,
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
    );
    assert_eq!(gaps.explicit_bounds, first.explicit_bounds);
    let metrics = metrics();
    for name in [FIRST, PER_CHUNK] {
        assert_eq!(metrics.metric(name).2.unit, "s");
    }
}

#[tokio::test]
async fn a_thousand_chunks_are_a_thousand_samples_but_one() {
    let (count, _) = watch(async {
        let call = LlmCall::new("local", "many");
        call.run_stream_with(stream::iter(0..1000), |_, _| ()).count().await
    })
    .await;
    assert_eq!(count, 1000);
    assert_eq!(only(FIRST, "many").count, 1);
    assert_eq!(only(PER_CHUNK, "many").count, 999);
}

#[tokio::test]
async fn one_chunk_has_no_time_between_and_none_has_no_first() {
    let run = |model, count| {
        LlmCall::new("local", model).run_stream_with(numbers(count), |_, _| ()).count()
    };
    let (_, trace) = watch(async { run("one", 1).await + run("none", 0).await }).await;
    assert_eq!(only(FIRST, "one").count, 1);
    let metrics = metrics();
    assert!(metrics.points(PER_CHUNK, "gen_ai.request.model", "one").is_empty());
    assert!(metrics.points(FIRST, "gen_ai.request.model", "none").is_empty());
    assert_eq!(trace.attribute("chat none", "spanline.stream.chunks"), "0");
    assert_eq!(trace.attribute("chat none", "gen_ai.request.stream"), "true");
    assert_eq!(trace.attribute("chat none", "gen_ai.response.time_to_first_chunk"), "");
}

#[trace_stage]
fn stage() -> impl Stream<Item = u32> {
    numbers(2)
}

#[tokio::test]
async fn a_stage_has_its_chunks_on_the_span_alone() {
    let (_, trace) = watch(stage().count()).await;
    assert_eq!(trace.attribute("stage", "spanline.stream.chunks"), "2");
    assert_ne!(trace.attribute("stage", "spanline.stream.time_to_first_chunk"), "");
    assert_eq!(trace.attribute("stage", "gen_ai.response.time_to_first_chunk"), "");
    assert_eq!(trace.attribute("stage", "gen_ai.request.stream"), "");
}

#[tokio::test]
async fn inference_alone_has_what_the_conventions_say_of_streams() {
    let ((), trace) = watch(async {
        Pipeline::new("p").run_stream_with(numbers(1), |_, _| ()).count().await;
        Agent::new("a").run_stream_with(numbers(1), |_, _| ()).count().await;
        Tool::new("t").run_stream_with(numbers(1), |_, _| ()).count().await;
        Retrieval::new("d").run_stream_with(numbers(1), |_, _| ()).count().await;
        SpanBuilder::new("s").run_stream_with(numbers(1), |_, _| ()).count().await;
        let call = |kind| LlmCall::new("local", "m").operation_kind(kind);
        let embeddings = call(LlmOperation::Embeddings);
        embeddings.run_stream_with(numbers(1), |_, _| ()).count().await;
        for kind in
            [LlmOperation::Chat, LlmOperation::TextCompletion, LlmOperation::GenerateContent]
        {
            call(kind).run_stream_with(numbers(1), |_, _| ()).count().await;
        }
    })
    .await;
    for (span, is_inference) in [
        ("invoke_workflow p", false),
        ("invoke_agent a", false),
        ("execute_tool t", false),
        ("retrieval d", false),
        ("s", false),
        ("embeddings m", false),
        ("chat m", true),
        ("text_completion m", true),
        ("generate_content m", true),
    ] {
        let has = |key| !trace.attribute(span, key).is_empty();
        assert_eq!(has("gen_ai.response.time_to_first_chunk"), is_inference, "{span}");
        assert_eq!(has("gen_ai.request.stream"), is_inference, "{span}");
        assert_eq!(has("spanline.stream.time_to_first_chunk"), !is_inference, "{span}");
    }
}

#[tokio::test]
async fn a_stream_that_is_not_sampled_is_measured_all_the_same() {
    let ids = spanline::extract(&std::collections::HashMap::from([(
        "traceparent".to_owned(),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".to_owned(),
    )]));
    let (count, trace) = watch(async {
        let call = LlmCall::new("local", "unsampled").parent(ids);
        call.run_stream_with(numbers(3), |_, _| ()).count().await
    })
    .await;
    assert_eq!((count, trace.tree().as_str()), (3, ""));
    assert_eq!(only(FIRST, "unsampled").count, 1);
    assert_eq!(only(PER_CHUNK, "unsampled").count, 2);
}
