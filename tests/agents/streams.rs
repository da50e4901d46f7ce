//! Agents and their calls that answer in streams.

use futures::stream::{self, Stream, StreamExt as _};
use spanline::{trace_agent, trace_llm_call, trace_tool};
use spanline_tests::telemetry::watch;

use crate::calls::calls;

#[trace_llm_call(provider = "openai", model = "m")]
fn chunks(count: u32) -> impl Stream<Item = u32> {
    stream::iter(0..count)
}

#[trace_llm_call(provider = "openai", model = "m")]
async fn answer(count: u32) -> Result<impl Stream<Item = Result<u32, String>>, String> {
    Ok(stream::iter((0..count).map(Ok)))
}

#[trace_tool]
async fn search() {}

#[tokio::test]
async fn a_streamed_call_is_counted_once() {
    #[trace_agent]
    async fn reader() -> usize {
        let whole = chunks(3).count().await;
        let mut abandoned = Box::pin(answer(3).await.unwrap());
        abandoned.next().await.unwrap().unwrap();
        whole
    }
    let (count, trace) = watch(async { reader().await }).await;
    assert_eq!(count, 3);
    assert_eq!(calls(&trace, "reader"), ["2", "0"]);
}

#[tokio::test]
async fn a_call_whose_stream_is_never_polled_counts_nowhere() {
    #[trace_agent]
    async fn lazy() {
        drop(chunks(3));
    }
    let ((), trace) = watch(async { lazy().await }).await;
    assert_eq!(trace.tree(), "invoke_agent lazy\n");
    assert_eq!(calls(&trace, "lazy"), ["0", "0"]);
}

#[tokio::test]
async fn an_agent_that_answers_in_a_stream_counts_until_its_end() {
    #[trace_agent]
    fn teller() -> impl Stream<Item = u32> {
        chunks(2).chain(stream::once(async {
            search().await;
            7
        }))
    }
    let (items, trace) = watch(async { teller().collect::<Vec<_>>().await }).await;
    assert_eq!(items, [0, 1, 7]);
    assert_eq!(trace.tree(), "invoke_agent teller\n  chat m <client>\n  execute_tool search\n");
    assert_eq!(calls(&trace, "teller"), ["1", "1"]);
}
