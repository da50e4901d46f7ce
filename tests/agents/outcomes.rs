//! How agents, tools and retrievals end, on the span and on the metric.

use std::future::pending;

use futures::FutureExt as _;
use spanline::{trace_agent, trace_retrieval, trace_tool};
use spanline_tests::telemetry::{metrics, watch};

#[derive(Clone, Copy)]
enum End {
    Ok,
    Error,
    Cancelled,
    Panicked,
}

async fn end(how: End) -> Result<u8, std::fmt::Error> {
    match how {
        End::Ok => Ok(1),
        End::Error => Err(std::fmt::Error),
        End::Cancelled => pending().await,
        End::Panicked => panic!("gave up"),
    }
}

#[trace_agent("ending-agent")]
async fn agent(how: End) -> Result<u8, std::fmt::Error> {
    end(how).await
}

#[trace_tool("ending-tool")]
async fn tool(how: End) -> Result<u8, std::fmt::Error> {
    end(how).await
}

#[trace_retrieval(data_source = "ending", provider = "ending-store")]
async fn retrieval(how: End) -> Result<u8, std::fmt::Error> {
    end(how).await
}

#[tokio::test]
async fn every_exit_is_told_apart_on_span_and_metric() {
    let ((), trace) = watch(async {
        for how in [End::Ok, End::Error, End::Cancelled, End::Panicked] {
            for work in [agent(how).boxed(), tool(how).boxed(), retrieval(how).boxed()] {
                drop(std::panic::AssertUnwindSafe(work).catch_unwind().now_or_never());
            }
        }
    })
    .await;
    let exits = |name: &str| {
        format!(
            "{name}\n\
             {name} error \"an error occurred when formatting an argument\" error.type=\"core::fmt::Error\"\n\
             {name} error \"panicked: gave up\" error.type=\"panic\"\n\
             {name} error.type=\"cancelled\"\n"
        )
    };
    let expected = [
        exits("execute_tool ending-tool"),
        exits("invoke_agent ending-agent"),
        exits("retrieval ending <client>"),
    ];
    assert_eq!(trace.tree(), expected.concat());

    let metrics = metrics();
    for (name, key, value, common) in [
        ("gen_ai.invoke_agent.duration", "gen_ai.agent.name", "ending-agent", ""),
        ("gen_ai.execute_tool.duration", "gen_ai.tool.name", "ending-tool", ""),
        (
            "gen_ai.client.operation.duration",
            "gen_ai.provider.name",
            "ending-store",
            "gen_ai.operation.name=\"retrieval\" ",
        ),
    ] {
        let point = format!("{common}{key}=\"{value}\": 1\n");
        let error = |kind: &str| format!("error.type=\"{kind}\" {point}");
        let expected =
            [error("cancelled"), error("core::fmt::Error"), error("panic"), point.clone()];
        assert_eq!(metrics.counts(name, key, value), expected.concat());
    }
}
