//! What the chunks say was consumed.

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::{Usage, summed, trace_llm_call};
use spanline_tests::telemetry::{metrics, watch};

#[derive(Clone, Copy)]
struct Chunk {
    usage: Option<Usage>,
}

fn chunks(usage: impl IntoIterator<Item = Option<Usage>>) -> Vec<Chunk> {
    usage.into_iter().map(|usage| Chunk { usage }).collect()
}

#[trace_llm_call(provider = "local", model = "last", usage = |chunk| chunk.usage)]
fn last(chunks: Vec<Chunk>) -> impl Stream<Item = Chunk> {
    stream::iter(chunks)
}

#[trace_llm_call(provider = "local", model = "last-of-results", usage = |chunk: &Chunk| chunk.usage)]
async fn last_of_results(
    chunks: Vec<Chunk>,
) -> Result<impl Stream<Item = Result<Chunk, String>>, String> {
    Ok(stream::iter(chunks).map(Ok).chain(stream::iter([Err("late".to_owned())])))
}

#[trace_llm_call(provider = "local", model = "sum", usage = |chunk| summed(chunk.usage))]
fn sum(chunks: Vec<Chunk>) -> Result<BoxStream<'static, Chunk>, String> {
    Ok(stream::iter(chunks).boxed())
}

const USAGE: [&str; 3] = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "gen_ai.usage.cache_read.input_tokens",
];

#[tokio::test]
async fn the_last_of_each_count_holds() {
    let given = chunks([
        None,
        Some(Usage::new(12, 1).cache_read_input_tokens(8)),
        Some(Usage::new(12, 5)),
        None,
    ]);
    let (count, trace) = watch(async { last(given).count().await }).await;
    assert_eq!(count, 4);
    assert_eq!(
        trace.tree_with(&USAGE),
        "chat last <client> gen_ai.usage.input_tokens=12 gen_ai.usage.output_tokens=5 \
         gen_ai.usage.cache_read.input_tokens=8\n"
    );
}

#[tokio::test]
async fn usage_is_read_from_the_value_of_success_and_survives_an_error() {
    let given = chunks([Some(Usage::input(7)), Some(Usage::new(7, 2))]);
    let (count, trace) = watch(async { last_of_results(given).await.unwrap().count().await }).await;
    assert_eq!(count, 3);
    assert_eq!(
        trace.tree_with(&USAGE),
        "chat last-of-results <client> error \"late\" gen_ai.usage.input_tokens=7 \
         gen_ai.usage.output_tokens=2\n"
    );
}

#[tokio::test]
async fn counts_can_be_summed() {
    let given = chunks([Some(Usage::new(12, 1)), None, Some(Usage::new(0, 4))]);
    let (count, trace) = watch(async { sum(given).unwrap().count().await }).await;
    assert_eq!(count, 3);
    assert_eq!(
        trace.tree_with(&USAGE),
        "chat sum <client> gen_ai.usage.input_tokens=12 gen_ai.usage.output_tokens=5\n"
    );
    let metrics = metrics();
    let tokens = metrics.points("gen_ai.client.token.usage", "gen_ai.request.model", "sum");
    let mut sums: Vec<String> = tokens.iter().map(|point| format!("{:?}", point.sum)).collect();
    sums.sort();
    assert_eq!(sums, ["Some(12.0)", "Some(5.0)"]);
}

#[tokio::test]
async fn an_abandoned_stream_tells_what_it_knew() {
    let given = chunks([Some(Usage::new(3, 1)), Some(Usage::new(3, 2))]);
    let ((), trace) = watch(async { drop(last(given).take(1).collect::<Vec<_>>().await) }).await;
    assert_eq!(
        trace.tree_with(&[&USAGE[..], &["error.type"]].concat()),
        "chat last <client> gen_ai.usage.input_tokens=3 gen_ai.usage.output_tokens=1 \
         error.type=\"abandoned\"\n"
    );
}
