//! What becomes of content: functions of the program's that look at it.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use spanline::{
    ContentCapture, LlmCall, Message, Sampler, SpanContent, Stage, Telemetry, Tool, current, scope,
    trace_llm_call,
};

fn call(model: &'static str) {
    let call = LlmCall::new("openai", model).input_messages("why?");
    call.run_blocking_with(|| "so.", |text, outcome| outcome.output_messages(text));
}

/// Takes the question away and leaves a reference; nothing else says that content be captured, and the
/// sampler records nothing.
pub(crate) fn hook() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    let uploaded = Arc::clone(&seen);
    let hook = move |content: &mut SpanContent<'_>| {
        let taken = content.take("gen_ai.input.messages");
        content.set("app.prompt.uri", format!("memory:{}", content.span_id()));
        if let Some(answer) = content.get_mut("gen_ai.output.messages") {
            answer[0]["parts"][0]["content"] = json!("changed");
        }
        uploaded.lock().unwrap().push(json!({
            "sampled": content.is_sampled(),
            "operation": content.operation(),
            "session": content.associations().session(),
            "trace": content.trace_id().len(),
            "taken": taken,
            "left": content.iter().map(|(key, _)| key).collect::<Vec<_>>(),
        }));
    };
    let ratio = std::env::args().nth(2).map_or(1.0, |ratio| ratio.parse().unwrap());
    let telemetry = Telemetry::builder()
        .sampler(Sampler::TraceIdRatio(ratio))
        .content_hook(hook)
        .init()
        .unwrap();
    scope().session("s-1").run_blocking(|| call("m"));
    Stage::new("without content").start().end();
    telemetry.shutdown().unwrap();
    println!("{}", Value::from(seen.lock().unwrap().clone()));
}

/// One tenant allows it, one does not, and one is not known.
pub(crate) fn tenants() {
    let telemetry = Telemetry::builder()
        .capture_content(ContentCapture::SpanOnly)
        .capture_content_if(|whom| {
            whom.tenant() == Some("acme") && whom.property("seats").as_deref() != Some("0")
        })
        .init()
        .unwrap();
    scope().tenant("acme").run_blocking(|| call("allowed"));
    scope().tenant("other").run_blocking(|| call("refused"));
    scope().tenant("acme").property("seats", 0).run_blocking(|| call("refused by property"));
    call("unknown");
    telemetry.shutdown().unwrap();
}

/// The program's functions panic.
pub(crate) fn panics() {
    std::panic::set_hook(Box::new(|_| ()));
    let telemetry = Telemetry::builder()
        .capture_content(ContentCapture::SpanOnly)
        .capture_content_if(|whom| whom.tenant().is_none() || panic!("policy"))
        .content_hook(|content| assert!(content.get("gen_ai.tool.call.arguments").is_none()))
        .init()
        .unwrap();
    Tool::new("in the hook").call_arguments("secret").start().end();
    scope().tenant("acme").run_blocking(|| call("in the policy"));
    call("usual");
    telemetry.shutdown().unwrap();
    println!("{}", telemetry.health().content_panics);
    println!("{}", telemetry.health());
}

#[trace_llm_call(provider = "openai", model = "m", input_messages = evaluated())]
fn traced() {}

fn evaluated() -> Message {
    println!("evaluated");
    Message::user("why?")
}

/// The switch is off before `init` and after `shutdown`.
pub(crate) fn after_shutdown() {
    traced();
    let builder = || Telemetry::builder().capture_content(ContentCapture::SpanOnly);
    let telemetry = builder().init().unwrap();
    traced();
    telemetry.shutdown().unwrap();
    traced();
    let telemetry = builder().capture_content(ContentCapture::NoContent).init().unwrap();
    traced();
    current().input_messages("why?");
    telemetry.shutdown().unwrap();
    let telemetry = builder().sampler(Sampler::AlwaysOff).init().unwrap();
    traced();
    telemetry.shutdown().unwrap();
}
