//! Agents whose traces are kept or not, and their metrics.

use spanline::{Agent, LlmCall, LlmOperation, Pipeline, Retrieval, Tool};

fn ask(answer: Result<(), std::fmt::Error>) {
    assert_eq!(LlmCall::new("openai", "m").run_blocking(|| answer), answer);
}

/// An agent of two model calls and three tools, one of each failed, with a smaller one in it.
pub(crate) fn agents() {
    let telemetry = spanline::init().unwrap();
    let failed = Err(std::fmt::Error);
    let outer = Agent::new("outer").model("m").run_blocking(|| {
        ask(Ok(()));
        ask(failed);
        LlmCall::new("openai", "e").operation_kind(LlmOperation::Embeddings).start().end();
        let search = || Retrieval::new("docs").provider("qdrant").run_blocking(|| failed);
        Tool::new("search").tool_type("datastore").run_blocking(search).unwrap_err();
        Tool::new("read").start().end();
        let inner = || {
            Agent::new("inner").run_blocking(|| {
                ask(Ok(()));
                Ok::<_, std::fmt::Error>(())
            })
        };
        Tool::new("delegate").run_blocking(inner)
    });
    outer.unwrap();
    Agent::new("idle").run_blocking(|| failed).unwrap_err();
    Pipeline::new("plain").run_blocking_with(|| Tool::new("read").start().end(), |(), _| ());
    telemetry.shutdown().unwrap();
}
