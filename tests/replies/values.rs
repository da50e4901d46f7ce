//! Replies that are returned whole.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Value, json};
use spanline::{trace_agent, trace_llm_call, trace_stage};
use spanline_tests::telemetry::{metrics, watch, watch_blocking};

use crate::{ANSWERED, Answer, answer, told};

type Outcome<T> = Result<T, String>;

#[trace_llm_call(provider = "acme", model = "acme-large")]
async fn complete() -> Outcome<Answer> {
    Ok(answer())
}

#[trace_llm_call(provider = "acme")]
fn blocking() -> Answer {
    answer()
}

#[trace_llm_call(provider = "acme")]
fn future() -> impl Future<Output = Outcome<Answer>> {
    async { Ok(answer()) }
}

#[trace_llm_call(provider = "acme")]
fn boxed() -> std::pin::Pin<Box<dyn Future<Output = Outcome<Answer>> + Send>> {
    Box::pin(async { Ok(answer()) })
}

#[tokio::test]
async fn a_reply_is_read_from_every_shape_of_function() {
    assert_eq!(told(&watch(complete()).await.1), ANSWERED);
    assert_eq!(told(&watch(async { future().await }).await.1), ANSWERED);
    assert_eq!(told(&watch(async { boxed().await }).await.1), ANSWERED);
    assert_eq!(told(&watch_blocking(blocking).1), ANSWERED);
}

#[trace_llm_call(provider = "acme")]
fn held<T>(make: impl FnOnce() -> T) -> T
where
    T: spanline::LlmResponse,
{
    make()
}

#[trace_llm_call(provider = "acme")]
fn with_headers() -> Outcome<Option<(Box<Answer>, Vec<String>)>> {
    Ok(Some((Box::new(answer()), vec!["x-request-id: 7".to_owned()])))
}

#[trace_llm_call(provider = "acme")]
fn shared() -> Option<Arc<Answer>> {
    Some(Arc::new(answer()))
}

#[trace_llm_call(provider = "acme")]
fn counted() -> Outcome<Rc<Answer>> {
    Ok(Rc::new(answer()))
}

#[trace_llm_call(provider = "acme")]
fn borrowed(answer: &Answer) -> Outcome<&Answer> {
    Ok(answer)
}

#[test]
fn a_reply_is_read_through_what_holds_it() {
    assert_eq!(told(&watch_blocking(with_headers).1), ANSWERED);
    assert_eq!(told(&watch_blocking(shared).1), ANSWERED);
    assert_eq!(told(&watch_blocking(counted).1), ANSWERED);
    assert_eq!(told(&watch_blocking(|| borrowed(&answer()).cloned()).1), ANSWERED);
    assert_eq!(told(&watch_blocking(|| held(answer)).1), ANSWERED);
}

#[trace_llm_call(provider = "acme")]
fn fails() -> Outcome<Answer> {
    Err("no".to_owned())
}

#[trace_llm_call(provider = "acme")]
fn none() -> Option<Answer> {
    None
}

#[trace_llm_call(provider = "acme")]
fn plain() -> Outcome<Vec<Answer>> {
    Ok(vec![answer()])
}

#[trace_llm_call(provider = "acme")]
fn generic<T>(value: T) -> T {
    value
}

#[trace_llm_call(provider = "acme", response = |value| value)]
fn generic_with_its_response<T: spanline::LlmResponse>(value: T) -> T {
    value
}

#[test]
fn a_reply_of_a_generic_type_is_read_where_an_argument_says_so() {
    let read = || generic_with_its_response(answer());
    assert_eq!(told(&watch_blocking(read).1), ANSWERED);
}

#[trace_llm_call(provider = "acme")]
fn nothing() {}

#[test]
fn what_is_no_reply_is_left_alone() {
    assert_eq!(told(&watch_blocking(fails).1), "error \"no\"");
    assert_eq!(told(&watch_blocking(none).1), "");
    assert_eq!(told(&watch_blocking(plain).1), "");
    assert_eq!(told(&watch_blocking(|| generic(answer())).1), "");
    assert_eq!(told(&watch_blocking(nothing).1), "");
}

#[trace_stage]
fn stage() -> Answer {
    answer()
}

#[trace_agent(provider = "acme")]
fn agent() -> Answer {
    answer()
}

#[test]
fn only_calls_of_models_are_read_and_agents_for_their_usage() {
    let (_, trace) = watch_blocking(stage);
    assert_eq!(trace.attributes("stage"), "");
    let (_, trace) = watch_blocking(agent);
    let attributes = trace.attributes("invoke_agent agent");
    assert!(attributes.contains("gen_ai.usage.input_tokens=12\n"), "{attributes}");
    assert!(!attributes.contains("gen_ai.response"), "{attributes}");
}

#[trace_llm_call(provider = "acme", model = "metered")]
fn metered() -> Answer {
    answer()
}

#[test]
fn metrics_tell_the_model_that_answered() {
    watch_blocking(metered);
    let metrics = metrics();
    assert_eq!(
        metrics.counts("gen_ai.client.token.usage", "gen_ai.request.model", "metered"),
        "gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"acme\" \
         gen_ai.request.model=\"metered\" gen_ai.response.model=\"acme-large-2\" \
         gen_ai.token.type=\"input\": 1\n\
         gen_ai.operation.name=\"chat\" gen_ai.provider.name=\"acme\" \
         gen_ai.request.model=\"metered\" gen_ai.response.model=\"acme-large-2\" \
         gen_ai.token.type=\"output\": 1\n"
    );
    let durations =
        metrics.counts("gen_ai.client.operation.duration", "gen_ai.request.model", "metered");
    assert!(durations.contains("gen_ai.response.model=\"acme-large-2\""), "{durations}");
}

#[trace_llm_call(provider = "openai")]
fn of_openai() -> Answer {
    answer()
}

#[test]
fn what_is_named_for_openai_is_told_of_openai_alone() {
    let keys = ["openai.response.service_tier", "openai.response.system_fingerprint"];
    assert_eq!(
        watch_blocking(of_openai).1.tree_with(&keys),
        "chat <client> openai.response.service_tier=\"flex\" \
         openai.response.system_fingerprint=\"fp_1\"\n"
    );
    assert_eq!(watch_blocking(blocking).1.tree_with(&keys), "chat <client>\n");
}

#[trace_llm_call(provider = provider, service_tier = tier)]
fn of_json(provider: &str, tier: &str, reply: Value) -> Value {
    reply
}

#[test]
fn openai_has_the_interface_and_the_tier_that_was_asked_for() {
    let keys = ["openai.api.type", "openai.request.service_tier"];
    let completion = || json!({"object": "chat.completion", "choices": []});
    let response = || json!({"object": "response", "status": "completed", "output": []});
    let tree = |provider: &'static str, tier: &'static str, reply: Value| {
        watch_blocking(move || of_json(provider, tier, reply)).1.tree_with(&keys)
    };
    assert_eq!(
        tree("openai", "flex", completion()),
        "chat <client> openai.api.type=\"chat_completions\" openai.request.service_tier=\"flex\"\n"
    );
    assert_eq!(
        tree("azure.ai.openai", "auto", response()),
        "chat <client> openai.api.type=\"responses\"\n"
    );
    assert_eq!(tree("groq", "auto", completion()), "chat <client>\n");
}
