//! A router decides who answers; its decision is on its span, what it chose beside it.

use std::fmt;

use spanline::{ErrorType, trace_llm_call, trace_pipeline, trace_stage};
use spanline_tests::telemetry::watch;

#[derive(Clone, Copy)]
enum Expert {
    Billing,
    Technical,
}

impl Expert {
    const ALL: [Self; 2] = [Self::Billing, Self::Technical];

    fn name(self) -> &'static str {
        match self {
            Self::Billing => "billing",
            Self::Technical => "technical",
        }
    }

    fn words(self) -> [&'static str; 3] {
        match self {
            Self::Billing => ["invoice", "refund", "price"],
            Self::Technical => ["error", "crash", "install"],
        }
    }
}

#[derive(Debug)]
struct Unroutable;

impl fmt::Display for Unroutable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no expert for this")
    }
}

impl std::error::Error for Unroutable {}

impl ErrorType for Unroutable {
    fn error_type(&self) -> std::borrow::Cow<'static, str> {
        "unroutable".into()
    }
}

#[trace_pipeline("support")]
async fn answer(question: &str) -> Result<String, Unroutable> {
    match route(question).await? {
        Expert::Billing => Ok(billing(question)),
        Expert::Technical => Ok(technical(question).await),
    }
}

#[trace_stage(kind = "router", attributes(route.options = Expert::ALL.map(Expert::name)))]
async fn route(question: &str) -> Result<Expert, Unroutable> {
    let span = spanline::current();
    let hits =
        |expert: Expert| expert.words().into_iter().filter(|word| question.contains(word)).count();
    let (expert, reason) = match Expert::ALL.map(hits) {
        [0, 0] => (classify(question).await.ok_or(Unroutable)?, "model"),
        [billing, technical] if billing > technical => (Expert::Billing, "words"),
        _ => (Expert::Technical, "words"),
    };
    span.set("route.chosen", expert.name()).set("route.reason", reason);
    Ok(expert)
}

#[trace_llm_call(provider = "local", model = "classifier", usage = |_| (9_u32, 1_u32))]
async fn classify(question: &str) -> Option<Expert> {
    question.contains("money").then_some(Expert::Billing)
}

#[trace_stage(kind = "expert")]
fn billing(question: &str) -> String {
    format!("billing: {question}")
}

#[trace_stage(kind = "expert")]
async fn technical(question: &str) -> String {
    format!("technical: {question}")
}

const KEYS: [&str; 6] = [
    "spanline.stage.kind",
    "route.options",
    "route.chosen",
    "route.reason",
    "error.type",
    "gen_ai.usage.input_tokens",
];

#[tokio::test]
async fn the_decision_is_on_the_router_and_what_it_chose_beside_it() {
    let (answered, trace) = watch(async { answer("a crash, not a price").await }).await;
    assert_eq!(answered.unwrap(), "technical: a crash, not a price");
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"invoke_workflow support
  route spanline.stage.kind="router" route.options=["billing", "technical"] route.chosen="technical" route.reason="words"
  technical spanline.stage.kind="expert"
"#
    );
}

#[tokio::test]
async fn a_model_that_helps_to_decide_is_below_the_router() {
    let (answered, trace) = watch(async { answer("my money").await }).await;
    answered.unwrap();
    assert_eq!(
        trace.tree_with(&KEYS),
        r#"invoke_workflow support
  billing spanline.stage.kind="expert"
  route spanline.stage.kind="router" route.options=["billing", "technical"] route.chosen="billing" route.reason="model"
    chat classifier <client> gen_ai.usage.input_tokens=9
"#
    );
}

#[tokio::test]
async fn a_router_that_cannot_decide_fails() {
    let (answered, trace) = watch(async { answer("hello").await }).await;
    answered.unwrap_err();
    assert_eq!(
        trace.tree_with(&KEYS[2..]),
        r#"invoke_workflow support error "no expert for this" error.type="unroutable"
  route error "no expert for this" error.type="unroutable"
    chat classifier <client> gen_ai.usage.input_tokens=9
"#
    );
}
