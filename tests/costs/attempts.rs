//! Several attempts at one operation.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use futures::FutureExt as _;
use spanline::{
    LlmCall, Pipeline, SpanBuilder, Tool, Usage, attempt, attempt_blocking, current,
    trace_llm_call, trace_tool,
};
use spanline_tests::trace::Trace;

use super::{TOTAL, set_up, told, watch};

/// The events of failed attempts, without the durations.
fn failures(trace: &Trace, span: &str) -> String {
    let mut lines = String::new();
    for line in trace.events(span).lines() {
        let kept: Vec<&str> = line
            .split(' ')
            .filter(|part| !part.starts_with("spanline.attempt.duration="))
            .collect();
        lines.push_str(&kept.join(" "));
        lines.push('\n');
    }
    lines
}

#[tokio::test]
async fn a_call_that_is_retried_by_backon_is_one_call_with_its_failed_attempts() {
    #[trace_llm_call(provider = "acme", model = "m", usage = |_: &u32| (5, 5))]
    async fn ask() -> Result<u32, String> {
        let tries = std::cell::Cell::new(0);
        let send = || async {
            tries.set(tries.get() + 1);
            if tries.get() < 3 { Err(format!("busy {}", tries.get())) } else { Ok(tries.get()) }
        };
        let delays = ExponentialBuilder::default().with_min_delay(Duration::from_micros(1));
        (|| attempt(send())).retry(delays).await
    }
    let (answer, trace) =
        watch(async { Pipeline::new("p").run(async { ask().await }).await }).await;
    assert_eq!(answer, Ok(3));
    assert_eq!(trace.attribute("chat m", "spanline.attempts"), "3");
    assert_eq!(
        failures(&trace, "chat m"),
        "spanline.attempt.failed spanline.attempt.number=1 error.type=\"_OTHER\" \
         exception.message=\"busy 1\"\n\
         spanline.attempt.failed spanline.attempt.number=2 error.type=\"_OTHER\" \
         exception.message=\"busy 2\"\n"
    );
    let totals = told(&trace, "invoke_workflow p", TOTAL);
    assert!(!totals.contains("errors") && totals.contains("llm_calls=1"), "{totals}");
    assert!(totals.contains("retries=2"), "{totals}");
}

#[tokio::test]
async fn an_event_tells_how_long_the_attempt_took() {
    let (_, trace) = watch(async {
        let failing = async { attempt(async { Err::<(), _>("no") }).await };
        Tool::new("t").run(failing).await
    })
    .await;
    let events = trace.events("execute_tool t");
    let duration = events.split("spanline.attempt.duration=").nth(1).unwrap();
    let seconds: f64 = duration.split(' ').next().unwrap().parse().unwrap();
    assert!(seconds >= 0.0);
    assert_eq!(trace.attribute("execute_tool t", "spanline.attempts"), "", "there was one");
}

#[tokio::test]
async fn what_failed_attempts_used_is_kept_apart_and_is_in_the_totals() {
    #[trace_llm_call(provider = "acme", model = "m")]
    async fn ask() -> Result<(), String> {
        for number in 1..=3_u64 {
            let send = async {
                current().usage(Usage::new(number * 100, number).cache_read_input_tokens(7));
                if number < 3 { Err("cut off".to_owned()) } else { Ok(()) }
            };
            if attempt(send).await.is_ok() {
                return Ok(());
            }
        }
        Err("never".to_owned())
    }
    let (answer, trace) =
        watch(async { Pipeline::new("p").run(async { ask().await }).await }).await;
    answer.unwrap();
    assert_eq!(
        told(&trace, "chat m", "spanline.failed_attempts."),
        "cache_read.input_tokens=14 cost.usd=0.00033 input_tokens=300 output_tokens=3"
    );
    assert_eq!(
        told(&trace, "chat m", "gen_ai.usage."),
        "cache_read.input_tokens=7 input_tokens=300 output_tokens=3"
    );
    assert_eq!(trace.attribute("chat m", "spanline.cost.usd"), "0.00033");
    assert_eq!(
        told(&trace, "invoke_workflow p", TOTAL),
        "cache_read.input_tokens=21 cost.usd=0.00066 input_tokens=600 llm_calls=1 \
         output_tokens=6 retries=2 tokens=606"
    );
    assert!(trace.events("chat m").contains("gen_ai.usage.input_tokens=100"));
}

#[tokio::test]
async fn a_cost_that_the_provider_reports_for_a_failed_attempt_is_kept_apart_too() {
    let ((), trace) = watch(async {
        let retried = async {
            let paid = |dollars| async move {
                current().cost_usd(dollars);
                Err::<(), _>("no")
            };
            attempt(paid("0.5")).await.unwrap_err();
            attempt(paid("0.25")).await.unwrap_err();
        };
        Tool::new("t").run_with(retried, |(), _| ()).await;
    })
    .await;
    assert_eq!(told(&trace, "execute_tool t", "spanline.failed_attempts."), "cost.usd=0.75");
    assert_eq!(trace.attribute("execute_tool t", "spanline.cost.usd"), "");
}

#[tokio::test]
async fn an_attempt_that_is_dropped_or_panics_has_failed() {
    #[trace_tool]
    async fn fetch() -> Result<u8, String> {
        let mut slow = Box::pin(attempt(std::future::pending::<Result<u8, String>>()));
        assert!(slow.as_mut().now_or_never().is_none());
        drop(slow);
        let panics = attempt(async { panic!("no more") });
        let caught: Result<Result<u8, String>, _> =
            std::panic::AssertUnwindSafe(panics).catch_unwind().await;
        caught.unwrap_err();
        attempt(async { Ok(1) }).await
    }
    let (answer, trace) = watch(async { fetch().await }).await;
    assert_eq!(answer, Ok(1));
    assert_eq!(
        failures(&trace, "execute_tool fetch"),
        "spanline.attempt.failed spanline.attempt.number=1 error.type=\"cancelled\"\n\
         spanline.attempt.failed spanline.attempt.number=2 error.type=\"panic\" \
         exception.message=\"panicked: no more\"\n"
    );
    assert_eq!(trace.attribute("execute_tool fetch", "spanline.attempts"), "3");
}

#[tokio::test]
async fn a_call_that_is_cancelled_in_an_attempt_ends_both() {
    let ((), trace) = watch(async {
        let hung = async { attempt(std::future::pending::<Result<(), String>>()).await };
        let mut call = Box::pin(LlmCall::new("acme", "m").run(hung));
        assert!(call.as_mut().now_or_never().is_none());
        drop(call);
    })
    .await;
    assert_eq!(trace.attribute("chat m", "error.type"), "\"cancelled\"");
    assert!(failures(&trace, "chat m").contains("error.type=\"cancelled\""));
}

#[tokio::test]
async fn a_blocking_attempt_is_one_too() {
    #[trace_tool]
    fn parse(texts: &[&str]) -> Result<u8, std::num::ParseIntError> {
        let mut result = "".parse();
        for text in texts {
            result = attempt_blocking(|| {
                current().usage((1, 1));
                text.parse()
            });
            if result.is_ok() {
                break;
            }
        }
        result
    }
    let (result, trace) = watch(async { parse(&["a", "b", "7", "8"]) }).await;
    assert_eq!(result, Ok(7));
    assert_eq!(trace.attribute("execute_tool parse", "spanline.attempts"), "3");
    let failed = failures(&trace, "execute_tool parse");
    assert_eq!(failed.matches("ParseIntError").count(), 2, "{failed}");
    assert_eq!(
        told(&trace, "execute_tool parse", "spanline.failed_attempts."),
        "input_tokens=2 output_tokens=2"
    );
    assert_eq!(
        told(&trace, "execute_tool parse", "gen_ai.usage."),
        "input_tokens=1 output_tokens=1"
    );
}

#[tokio::test]
async fn what_a_tool_tells_of_itself_is_on_its_span_alone_whether_the_attempt_failed_or_not() {
    set_up();
    let trying = async {
        for number in 1..=2 {
            let send = async {
                current().usage((number, 0));
                if number == 1 { Err("no") } else { Ok(()) }
            };
            let _ = attempt(send).await;
        }
    };
    let tool = Tool::new("t").run_with(trying, |(), _| ());
    let ((), trace) = watch(Pipeline::new("p").run_with(tool, |(), _| ())).await;
    assert_eq!(trace.attribute("execute_tool t", "spanline.failed_attempts.input_tokens"), "1");
    assert_eq!(trace.attribute("execute_tool t", "gen_ai.usage.input_tokens"), "2");
    assert_eq!(told(&trace, "invoke_workflow p", TOTAL), "retries=1 tool_calls=1");
}

#[tokio::test]
async fn attempts_at_once_are_told_apart() {
    let ((), trace) = watch(async {
        let hedged = async {
            let slow = attempt(async {
                tokio::task::yield_now().await;
                current().usage((10, 0));
                Err::<u8, _>("slow")
            });
            let fast = attempt(async {
                current().usage((1, 0));
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                Ok::<u8, &str>(1)
            });
            let (slow, fast) = futures::join!(slow, fast);
            slow.unwrap_err();
            fast.unwrap();
        };
        LlmCall::new("acme", "m").run_with(hedged, |(), _| ()).await;
    })
    .await;
    assert_eq!(trace.attribute("chat m", "gen_ai.usage.input_tokens"), "1");
    assert_eq!(trace.attribute("chat m", "spanline.failed_attempts.input_tokens"), "10");
    assert!(failures(&trace, "chat m").contains("spanline.attempt.number=1 "));
}

#[tokio::test]
async fn a_span_inside_an_attempt_keeps_what_is_told_of_it() {
    let ((), trace) = watch(async {
        let outer = async {
            let inner = async {
                current().usage((3, 3));
                Err::<(), _>("no")
            };
            attempt(LlmCall::new("acme", "m").run(inner)).await
        };
        Tool::new("t").run(outer).await.unwrap_err();
    })
    .await;
    assert_eq!(trace.attribute("chat m", "gen_ai.usage.input_tokens"), "3");
    assert_eq!(told(&trace, "execute_tool t", "spanline.failed_attempts."), "");
}

#[tokio::test]
async fn an_attempt_outside_any_operation_just_runs() {
    super::set_up();
    assert_eq!(attempt(async { Ok::<_, String>(5) }).await, Ok(5));
    assert_eq!(attempt_blocking(|| Err::<u8, _>("no")), Err("no"));
    let ((), trace) = watch(async {
        let span = SpanBuilder::new("over").start();
        let context = span.context();
        span.end();
        let _attached = context.attach();
        attempt_blocking(|| Err::<u8, _>("no")).unwrap_err();
    })
    .await;
    assert_eq!(trace.events("over"), "");
}
