//! Values that are returned.

use spanline::trace_stage;
use spanline_tests::telemetry::{watch, watch_blocking};

type Alias<T> = Result<T, std::num::ParseIntError>;

#[trace_stage]
async fn plain() -> u32 {
    5
}

#[trace_stage]
async fn nothing() {}

#[trace_stage]
async fn aliased(text: &str) -> Alias<u8> {
    text.parse()
}

#[trace_stage]
fn aliased_blocking(text: &str) -> Alias<u8> {
    let number: u8 = text.parse()?;
    Ok(number + 1)
}

#[trace_stage]
async fn optional(found: bool) -> Option<u8> {
    found.then_some(5)
}

#[trace_stage(ok_if = Option::is_some)]
async fn required(found: bool) -> Option<u8> {
    found.then_some(5)
}

#[trace_stage(ok_if = |answer: &Result<u16, String>| matches!(answer, Ok(200) | Err(_)))]
async fn status(answer: Result<u16, String>) -> Result<u16, String> {
    answer
}

#[tokio::test]
async fn ok_leaves_the_status_unset() {
    let (number, trace) = watch(async { aliased("5").await }).await;
    assert_eq!(number, Ok(5));
    assert_eq!(trace.tree(), "aliased\n");
}

#[tokio::test]
async fn a_result_is_seen_behind_its_alias() {
    let (number, trace) = watch(async { aliased("x").await }).await;
    assert!(number.is_err());
    assert_eq!(
        trace.tree(),
        "aliased error \"invalid digit found in string\" \
         error.type=\"core::num::error::ParseIntError\"\n"
    );
}

#[test]
fn a_question_mark_in_a_blocking_function_is_an_error() {
    let (number, trace) = watch_blocking(|| [aliased_blocking("1"), aliased_blocking("")]);
    assert_eq!(number[0], Ok(2));
    assert_eq!(
        trace.tree(),
        "aliased_blocking\n\
         aliased_blocking error \"cannot parse integer from empty string\" \
         error.type=\"core::num::error::ParseIntError\"\n"
    );
}

#[tokio::test]
async fn plain_values_are_ok() {
    let (number, trace) = watch(async {
        nothing().await;
        plain().await
    })
    .await;
    assert_eq!(number, 5);
    assert_eq!(trace.tree(), "nothing\nplain\n");
}

#[tokio::test]
async fn an_option_is_a_failure_only_when_asked() {
    let (found, trace) =
        watch(async { (optional(false).await, required(true).await, required(false).await) }).await;
    assert_eq!(found, (None, Some(5), None));
    assert_eq!(
        trace.tree(),
        "optional\n\
         required\n\
         required error \"refused by `Option::is_some`\" error.type=\"_OTHER\"\n"
    );
}

#[tokio::test]
async fn ok_if_decides_over_a_result_too() {
    let ((), trace) = watch(async {
        assert_eq!(status(Ok(200)).await, Ok(200));
        assert_eq!(status(Ok(500)).await, Ok(500));
        assert_eq!(status(Err("handled".into())).await, Err("handled".into()));
    })
    .await;
    assert_eq!(
        trace.tree(),
        "status\n\
         status\n\
         status error \"refused by `ok_if`\" error.type=\"_OTHER\"\n"
    );
}

#[tokio::test]
async fn a_panicking_ok_if_leaves_the_value_and_the_span() {
    #[trace_stage(ok_if = |_: &u8| panic!("the test of the user is broken"))]
    async fn tested() -> u8 {
        5
    }
    let (value, trace) = watch(async { tested().await }).await;
    assert_eq!(value, 5);
    assert_eq!(
        trace.tree(),
        "tested error \"panicked: the test of the user is broken\" error.type=\"panic\"\n"
    );
}

#[test]
fn a_panicking_ok_if_leaves_the_value_of_a_blocking_function() {
    #[trace_stage(ok_if = |_: &u8| panic!("the test of the user is broken"))]
    fn tested_blocking() -> u8 {
        5
    }
    let (value, trace) = watch_blocking(tested_blocking);
    assert_eq!(value, 5);
    assert_eq!(
        trace.tree(),
        "tested_blocking error \"panicked: the test of the user is broken\" error.type=\"panic\"\n"
    );
}

#[tokio::test]
async fn an_error_survives_a_usage_that_cannot_be_read() {
    let (_, trace) = watch(async {
        spanline::LlmCall::new("openai", "m")
            .run_with(async { Err::<(), _>("busy") }, |result, outcome| {
                outcome.fail("busy", result.unwrap_err());
                panic!("the rest is broken")
            })
            .await
    })
    .await;
    assert_eq!(trace.tree(), "chat m <client> error \"busy\" error.type=\"busy\"\n");
}
