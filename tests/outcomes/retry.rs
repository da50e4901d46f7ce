//! Errors that do not end the function, and statuses that other code sets.

use std::borrow::Cow;
use std::error::Error;

use opentelemetry::trace::{Status, TraceContextExt};
use spanline::{Stage, trace_llm_call, trace_stage};
use spanline_tests::telemetry::{metrics, watch};

#[trace_llm_call(provider = "openai", model = "retried")]
async fn attempt(number: u8) -> Result<u8, std::io::Error> {
    if number < 3 { Err(std::io::Error::other("busy")) } else { Ok(number) }
}

#[trace_stage]
async fn handled() -> Result<u8, std::io::Error> {
    let mut number = 0;
    loop {
        number += 1;
        if let Ok(number) = attempt(number).await {
            return Ok(number);
        }
    }
}

#[tokio::test]
async fn an_error_in_a_handled_retry_is_not_on_the_enclosing_span() {
    let (number, trace) = watch(async { handled().await }).await;
    assert_eq!(number.unwrap(), 3);
    assert_eq!(
        trace.tree(),
        r#"handled
  chat retried <client>
  chat retried <client> error "busy" error.type="std::io::error::Error"
  chat retried <client> error "busy" error.type="std::io::error::Error"
"#
    );
    assert_eq!(trace.events("handled"), "");
}

#[tokio::test]
async fn a_recorded_error_is_the_outcome_of_a_function_that_returns_ok() {
    #[trace_stage("recorded")]
    async fn recorded() -> Result<(), String> {
        spanline::current().record_error(&std::fmt::Error);
        Ok(())
    }
    let (result, trace) = watch(async { recorded().await }).await;
    result.unwrap();
    let message = std::fmt::Error.to_string();
    assert_eq!(
        trace.tree(),
        format!("recorded error {message:?} error.type=\"core::fmt::Error\"\n")
    );
    assert_eq!(
        trace.events("recorded"),
        format!("exception exception.type=\"core::fmt::Error\" exception.message={message:?}\n")
    );
    assert_eq!(
        metrics().counts("spanline.stage.duration", "spanline.stage.name", "recorded"),
        "error.type=\"core::fmt::Error\" spanline.stage.name=\"recorded\": 1\n"
    );
}

#[tokio::test]
async fn a_returned_error_wins_over_a_recorded_one() {
    let ((), trace) = watch(async {
        Stage::new("both")
            .run(async {
                spanline::current().record_error(&std::fmt::Error);
                Err::<(), _>(std::io::Error::other("last"))
            })
            .await
            .unwrap_err();
    })
    .await;
    assert_eq!(trace.tree(), "both error \"last\" error.type=\"std::io::error::Error\"\n");
}

#[tokio::test]
async fn an_error_status_of_other_code_is_an_error_on_span_and_metric() {
    let ((), trace) = watch(async {
        Stage::new("status-only")
            .run_blocking(|| {
                opentelemetry::Context::current().span().set_status(Status::error("not good"));
                Ok::<_, String>(())
            })
            .unwrap();
    })
    .await;
    assert_eq!(trace.tree(), "status-only error \"not good\" error.type=\"_OTHER\"\n");
    assert_eq!(
        metrics().counts("spanline.stage.duration", "spanline.stage.name", "status-only"),
        "error.type=\"_OTHER\" spanline.stage.name=\"status-only\": 1\n"
    );
}

#[tokio::test]
async fn an_ok_status_of_other_code_is_kept() {
    let ((), trace) = watch(async {
        Stage::new("said-ok")
            .run_blocking(|| {
                opentelemetry::Context::current().span().set_status(Status::Ok);
                Ok::<_, String>(())
            })
            .unwrap();
    })
    .await;
    assert_eq!(trace.tree(), "said-ok ok\n");
}

#[tokio::test]
async fn after_an_ok_status_only_the_outcome_is_an_error() {
    fn say_ok_and_then_error() {
        let context = opentelemetry::Context::current();
        context.span().set_status(Status::Ok);
        context.span().set_status(Status::error("said later"));
    }
    let ((), trace) = watch(async {
        Stage::new("returns-ok")
            .run_blocking(|| {
                say_ok_and_then_error();
                Ok::<_, String>(())
            })
            .unwrap();
        Stage::new("returns-error")
            .run_blocking(|| {
                say_ok_and_then_error();
                Err::<(), _>(std::io::Error::other("torn"))
            })
            .unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        "returns-error error \"torn\" error.type=\"std::io::error::Error\"\nreturns-ok ok\n"
    );
    assert_eq!(
        metrics().counts("spanline.stage.duration", "spanline.stage.name", "returns-ok"),
        "spanline.stage.name=\"returns-ok\": 1\n"
    );
}

#[derive(Debug, PartialEq)]
struct Busy;

impl std::fmt::Display for Busy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("busy")
    }
}

impl Error for Busy {}

impl spanline::ErrorType for Busy {
    fn error_type(&self) -> Cow<'static, str> {
        "429".into()
    }
}

#[tokio::test]
async fn an_outcome_can_be_told_by_hand() {
    let ((), trace) = watch(async {
        let hits: Vec<u8> = Stage::new("search")
            .run_with(async { Vec::new() }, |hits: &Vec<u8>, outcome| {
                if hits.is_empty() {
                    outcome.fail("no_hits", "nothing matched");
                }
            })
            .await;
        assert!(hits.is_empty());
        Stage::new("merge").start().fail(&std::io::Error::other("torn"));
        Stage::new("close").start().end_with(&Err::<(), _>("late"));
        let shared = Err::<(), Box<dyn Error + Send + Sync>>("shared".into());
        Stage::new("share").start().end_with(&shared);
        Stage::new("wrap").start().fail(&anyhow::anyhow!("wrapped"));
        Stage::new("write").run_blocking_with(
            || {
                spanline::current().record_error(&anyhow::anyhow!("written"));
            },
            |(), _| (),
        );
        Stage::new("code").run_blocking_with(|| Busy, |busy, outcome| outcome.named_error(busy));
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"close error "late" error.type="_OTHER"
code error "busy" error.type="429"
merge error "torn" error.type="std::io::error::Error"
search error "nothing matched" error.type="no_hits"
share error "shared" error.type="_OTHER"
wrap error "wrapped" error.type="anyhow::Error"
write error "written" error.type="anyhow::Error"
"#
    );
}
