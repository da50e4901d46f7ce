//! Attributes that are read from the returned value.

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use spanline::{
    LlmCall, Stage, trace_agent, trace_llm_call, trace_pipeline, trace_retrieval, trace_span,
    trace_stage, trace_tool,
};
use spanline_tests::telemetry::{watch, watch_blocking};

#[derive(Clone, Debug, PartialEq)]
struct Document {
    title: String,
    score: f32,
}

fn documents(titles: &[&str]) -> Vec<Document> {
    let document = |(title, score): (&&str, u8)| Document {
        title: (*title).to_owned(),
        score: f32::from(score) / 10.0,
    };
    titles.iter().zip(1..).map(document).collect()
}

fn titles(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.title.as_str()).collect()
}

type Found = Result<Vec<Document>, std::num::ParseIntError>;

mod measured {
    pub(super) fn is_empty<T>(items: &[T]) -> bool {
        items.is_empty()
    }
}

#[trace_stage(result(
    hits = |documents| documents.len(),
    best.score = |documents| documents.last().map(|document| document.score),
    "best-title" = |documents: &Vec<Document>| documents.last().map(|document| document.title.as_str()),
    titles = |documents| titles(documents),
    empty = |documents| measured::is_empty(documents),
))]
async fn retrieve(count: &str) -> Found {
    let count = count.parse()?;
    Ok(documents(&["a", "b", "c"][..count]))
}

#[tokio::test]
async fn the_value_of_success_tells_attributes_of_every_kind() {
    let (found, trace) = watch(async { retrieve("2").await }).await;
    assert_eq!(found.unwrap().len(), 2);
    assert_eq!(
        trace.attributes("retrieve"),
        "hits=2\nbest.score=0.2\nbest-title=\"b\"\ntitles=[\"a\", \"b\"]\nempty=false\n"
    );
}

#[tokio::test]
async fn none_leaves_the_attribute_out() {
    let (found, trace) = watch(async { retrieve("0").await }).await;
    assert_eq!(found, Ok(Vec::new()));
    assert_eq!(trace.attributes("retrieve"), "hits=0\ntitles=[]\nempty=true\n");
}

#[tokio::test]
async fn an_error_has_no_result() {
    let (found, trace) = watch(async { retrieve("x").await }).await;
    found.unwrap_err();
    assert_eq!(trace.attributes("retrieve"), "error.type=\"core::num::error::ParseIntError\"\n");
}

#[test]
fn a_plain_value_is_read_whole() {
    #[trace_stage("whole", result(length = |text| text.len(), text = |text| text))]
    fn whole() -> &'static str {
        "text"
    }
    #[trace_stage("option", result(is_some = Option::is_some, inner = |found| *found))]
    fn option(found: Option<u8>) -> Option<u8> {
        found
    }
    #[trace_stage("unit", result(done = |()| true))]
    fn unit() {}
    let (_, trace) = watch_blocking(|| {
        unit();
        (whole(), option(Some(5)))
    });
    assert_eq!(trace.attributes("whole"), "length=4\ntext=\"text\"\n");
    assert_eq!(trace.attributes("option"), "is_some=true\ninner=5\n");
    assert_eq!(trace.attributes("unit"), "done=true\n");
}

#[tokio::test]
async fn every_macro_and_every_shape_reads_its_result() {
    #[trace_pipeline("pipeline", result(length = |text| text.len()))]
    async fn pipeline() -> Result<String, ()> {
        Ok(agent().await + &llm_call().await.unwrap())
    }
    #[trace_agent("agent", result(length = |text| text.len()))]
    fn agent() -> impl Future<Output = String> {
        async { retrieval(tool()) }
    }
    #[trace_tool("tool", result(length = |text| text.len()))]
    fn tool() -> String {
        "t".to_owned()
    }
    #[trace_retrieval("retrieval", result(length = |text| text.len()))]
    fn retrieval(text: String) -> String {
        text + "r"
    }
    #[trace_llm_call("call", provider = "local", result(length = |text| text.len()))]
    fn llm_call() -> futures::future::BoxFuture<'static, Result<String, ()>> {
        Box::pin(async { Ok(span("c")) })
    }
    #[trace_span("span", result(length = |text| text.len()))]
    fn span(text: &str) -> String {
        text.to_owned()
    }
    let (text, trace) = watch(async { pipeline().await }).await;
    assert_eq!(text.unwrap(), "trc");
    assert_eq!(
        trace.tree_with(&["length"]),
        "invoke_workflow pipeline length=3\n  call <client> length=1\n    span length=1\n  \
         invoke_agent agent length=2\n    execute_tool tool length=1\n    \
         retrieval <client> length=2\n"
    );
}

#[trace_llm_call(
    provider = "local",
    result(last = |text| Some(text.as_str()).filter(|text| *text != "-"), length = |text| text.len())
)]
fn stream(chunks: Vec<Result<String, String>>) -> impl Stream<Item = Result<String, String>> {
    stream::iter(chunks)
}

#[tokio::test]
async fn of_a_stream_the_last_item_that_says_something_holds() {
    let chunks = ["one", "seven", "-"].map(|chunk| Ok(chunk.to_owned()));
    let chunks = [&chunks[..], &[Err("late".to_owned())]].concat();
    let (count, trace) = watch(stream(chunks).count()).await;
    assert_eq!(count, 4);
    assert_eq!(
        trace.tree_with(&["last", "length", "spanline.stream.chunks"]),
        "chat <client> error \"late\" last=\"seven\" length=1 spanline.stream.chunks=4\n"
    );
}

#[tokio::test]
async fn an_abandoned_stream_tells_what_it_knew() {
    #[trace_stage("boxed", result(item = |item| *item))]
    async fn boxed() -> Option<BoxStream<'static, u8>> {
        Some(stream::iter([1, 2, 3]).boxed())
    }
    let ((), trace) =
        watch(async { drop(boxed().await.unwrap().take(2).collect::<Vec<_>>().await) }).await;
    assert_eq!(trace.tree_with(&["item", "error.type"]), "boxed item=2 error.type=\"abandoned\"\n");
}

#[tokio::test]
async fn a_refused_value_is_read_all_the_same() {
    #[trace_stage(ok_if = |answer| matches!(answer, Ok(200)), result(status = |status| *status))]
    async fn refused() -> Result<u16, String> {
        Ok(500)
    }
    let (_, trace) = watch(async { refused().await }).await;
    assert_eq!(trace.tree_with(&["status"]), "refused error \"refused by `ok_if`\" status=500\n");
}

#[tokio::test]
async fn a_panicking_function_of_the_result_leaves_the_value_and_what_was_read() {
    #[trace_stage(result(first = |number| *number, second = |_| -> u8 { panic!("it is broken") }))]
    async fn broken() -> u8 {
        5
    }
    let (value, trace) = watch(async { broken().await }).await;
    assert_eq!(value, 5);
    assert_eq!(
        trace.tree_with(&["first", "error.type"]),
        "broken error \"panicked: it is broken\" first=5 error.type=\"panic\"\n"
    );
}

#[test]
fn what_the_body_set_gives_way_to_the_result() {
    #[trace_stage("set-before", result(hits = |hits| *hits))]
    fn stage() -> u8 {
        spanline::current().set("hits", 1);
        2
    }
    let (_, trace) = watch_blocking(stage);
    assert_eq!(trace.attributes("set-before"), "hits=2\n");
}

#[test]
fn whole_blocks_read_their_results() {
    struct Store(&'static str);
    #[trace_stage(result(size = |text| text.len()))]
    impl Store {
        fn get(&self) -> String {
            self.0.to_owned()
        }
        fn find(&self) -> Result<&'static str, ()> {
            self.0.get(..1).ok_or(())
        }
    }
    let (_, trace) = watch_blocking(|| {
        let store = Store("abc");
        (store.get(), store.find())
    });
    assert_eq!(trace.tree_with(&["size"]), "Store::find size=1\nStore::get size=3\n");
}

#[tokio::test]
async fn builders_tell_attributes_by_hand() {
    let (_, trace) = watch(async {
        Stage::new("told")
            .run_with(async { vec![1, 2] }, |numbers, outcome| {
                outcome.attribute("hits", numbers.len());
                outcome.attribute(format!("number.{}", 1), numbers.first());
                outcome.attribute("none", numbers.get(5));
                outcome.attribute("numbers", numbers);
                outcome.attribute("hits", 3);
            })
            .await;
        LlmCall::new("local", "m")
            .run_stream_with(stream::iter(["a", "b"]), |chunk, outcome| {
                outcome.attribute("chunk", *chunk);
            })
            .count()
            .await
    })
    .await;
    assert_eq!(trace.attributes("told"), "hits=3\nnumber.1=1\nnumbers=[1, 2]\n");
    assert_eq!(trace.attribute("chat m", "chunk"), "\"b\"");
}

#[tokio::test]
async fn a_stream_of_many_attributes_holds_no_more_than_a_span_may() {
    let (_, trace) = watch(async {
        Stage::new("many")
            .run_stream_with(stream::iter(0..5000), |number, outcome| {
                outcome.attribute(format!("key.{number}"), *number);
                outcome.attribute("last", *number);
            })
            .count()
            .await
    })
    .await;
    let span = trace.span("many");
    assert!(span.attributes.len() <= 128, "{}", span.attributes.len());
    assert!(span.dropped_attributes_count >= 4800, "{}", span.dropped_attributes_count);
}
