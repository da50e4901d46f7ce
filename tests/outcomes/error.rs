//! Errors, as far as their type tells.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use spanline::{ErrorType, Stage, trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::telemetry::{metrics, watch};

/// Three errors deep.
#[derive(Debug)]
struct Failed<T> {
    _of: T,
    cause: Cause,
}

#[derive(Debug)]
struct Cause(std::num::ParseIntError);

impl<T> fmt::Display for Failed<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no plan")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("bad step")
    }
}

impl<T: fmt::Debug> Error for Failed<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

impl Error for Cause {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn failed() -> Failed<Vec<u8>> {
    Failed { _of: Vec::new(), cause: Cause("x".parse::<u8>().unwrap_err()) }
}

#[derive(Debug)]
struct Limited(u16);

impl fmt::Display for Limited {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "status {}", self.0)
    }
}

impl Error for Limited {}

impl ErrorType for Limited {
    fn error_type(&self) -> Cow<'static, str> {
        self.0.to_string().into()
    }
}

/// Neither an error nor displayable.
struct Opaque;

#[trace_stage]
async fn standard() -> Result<(), Failed<Vec<u8>>> {
    Err(failed())
}

#[trace_stage]
async fn any() -> anyhow::Result<()> {
    Err(anyhow::Error::new(failed()).context("while planning"))
}

#[trace_stage]
async fn boxed() -> Result<(), Box<dyn Error>> {
    Err(failed().into())
}

#[trace_stage]
async fn shared() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(failed().into())
}

#[trace_stage]
async fn text() -> Result<(), String> {
    Err("gone".into())
}

#[trace_stage]
async fn opaque() -> Result<(), Opaque> {
    Err(Opaque)
}

#[trace_stage]
async fn named() -> Result<(), Limited> {
    Err(Limited(429))
}

#[tokio::test]
async fn every_kind_of_error_sets_status_and_type() {
    let ((), trace) = watch(async {
        standard().await.unwrap_err();
        any().await.unwrap_err();
        boxed().await.unwrap_err();
        shared().await.unwrap_err();
        text().await.unwrap_err();
        assert!(opaque().await.is_err());
        named().await.unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"any error "while planning" error.type="anyhow::Error"
boxed error "no plan" error.type="_OTHER"
named error "status 429" error.type="429"
opaque error "" error.type="outcomes::error::Opaque"
shared error "no plan" error.type="_OTHER"
standard error "no plan" error.type="outcomes::error::Failed"
text error "gone" error.type="_OTHER"
"#
    );
}

#[tokio::test]
async fn the_chain_of_sources_is_on_the_exception_event() {
    let ((), trace) = watch(async {
        standard().await.unwrap_err();
        any().await.unwrap_err();
        boxed().await.unwrap_err();
        shared().await.unwrap_err();
    })
    .await;
    let chain = r#" exception.message="no plan" exception.stacktrace="caused by: bad step\ncaused by: invalid digit found in string""#;
    assert_eq!(
        trace.events("standard"),
        format!("exception exception.type=\"outcomes::error::Failed\"{chain}\n")
    );
    assert_eq!(trace.events("boxed"), format!("exception exception.type=\"_OTHER\"{chain}\n"));
    assert_eq!(trace.events("shared"), trace.events("boxed"));
    assert_eq!(
        trace.events("any"),
        r#"exception exception.type="anyhow::Error" exception.message="while planning" exception.stacktrace="caused by: no plan\ncaused by: bad step\ncaused by: invalid digit found in string"
"#
    );
}

#[tokio::test]
async fn an_error_without_a_source_has_no_chain() {
    let ((), trace) = watch(async {
        text().await.unwrap_err();
        named().await.unwrap_err();
        assert!(opaque().await.is_err());
    })
    .await;
    assert_eq!(
        trace.events("text"),
        "exception exception.type=\"_OTHER\" exception.message=\"gone\"\n"
    );
    assert_eq!(
        trace.events("named"),
        "exception exception.type=\"429\" exception.message=\"status 429\"\n"
    );
    assert_eq!(trace.events("opaque"), "exception exception.type=\"outcomes::error::Opaque\"\n");
}

#[tokio::test]
async fn the_builders_record_the_same_errors() {
    let ((), trace) = watch(async {
        Stage::new("standard").run(async { Err::<(), _>(failed()) }).await.unwrap_err();
        Stage::new("any")
            .run(async { anyhow::bail!("no") as anyhow::Result<()> })
            .await
            .unwrap_err();
        Stage::new("boxed")
            .run_blocking(|| Err::<(), Box<dyn Error>>(failed().into()))
            .unwrap_err();
        Stage::new("text").run_blocking(|| Err::<(), _>("gone")).unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"any error "no" error.type="anyhow::Error"
boxed error "no plan" error.type="_OTHER"
standard error "no plan" error.type="outcomes::error::Failed"
text error "gone" error.type="_OTHER"
"#
    );
}

#[tokio::test]
async fn an_error_is_on_the_span_that_returns_it_and_on_those_that_pass_it_on() {
    #[trace_pipeline("three-deep")]
    async fn outer() -> Result<(), Limited> {
        middle().await.or(Ok(()))
    }
    #[trace_stage]
    async fn middle() -> Result<(), Limited> {
        named().await?;
        Ok(())
    }
    let (result, trace) = watch(async { outer().await }).await;
    result.unwrap();
    assert_eq!(
        trace.tree(),
        r#"invoke_workflow three-deep
  middle error "status 429" error.type="429"
    named error "status 429" error.type="429"
"#
    );
}

#[tokio::test]
async fn span_and_duration_have_the_same_error_type() {
    #[trace_llm_call(provider = "openai", model = "same-error-type")]
    async fn call(fails: bool) -> Result<(), Limited> {
        if fails { Err(Limited(503)) } else { Ok(()) }
    }
    #[trace_stage("same-error-type-stage")]
    async fn stage() -> Result<(), Limited> {
        call(false).await?;
        call(true).await
    }
    #[trace_pipeline("same-error-type-pipeline")]
    async fn pipeline() -> Result<(), Limited> {
        stage().await
    }
    let (result, trace) = watch(async { pipeline().await }).await;
    result.unwrap_err();
    assert_eq!(
        trace.tree(),
        r#"invoke_workflow same-error-type-pipeline error "status 503" error.type="503"
  same-error-type-stage error "status 503" error.type="503"
    chat same-error-type <client>
    chat same-error-type <client> error "status 503" error.type="503"
"#
    );
    let metrics = metrics();
    assert_eq!(
        metrics.counts(
            "gen_ai.client.operation.duration",
            "gen_ai.request.model",
            "same-error-type"
        ),
        r#"error.type="503" gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="same-error-type": 1
gen_ai.operation.name="chat" gen_ai.provider.name="openai" gen_ai.request.model="same-error-type": 1
"#
    );
    assert_eq!(
        metrics.counts("spanline.stage.duration", "spanline.stage.name", "same-error-type-stage"),
        "error.type=\"503\" spanline.stage.name=\"same-error-type-stage\": 1\n"
    );
    assert_eq!(
        metrics.counts(
            "gen_ai.invoke_workflow.duration",
            "gen_ai.workflow.name",
            "same-error-type-pipeline"
        ),
        "error.type=\"503\" gen_ai.workflow.name=\"same-error-type-pipeline\": 1\n"
    );
}

struct Broken;
impl fmt::Display for Broken {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("the message of the user is broken")
    }
}

#[tokio::test]
async fn a_message_that_panics_takes_nothing_from_the_program() {
    #[trace_stage]
    async fn broken() -> Result<(), Broken> {
        Err(Broken)
    }
    let (result, trace) = watch(async { broken().await }).await;
    assert!(result.is_err());
    assert_eq!(trace.tree(), "broken error \"…\" error.type=\"outcomes::error::Broken\"\n");
}
