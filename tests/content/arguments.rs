//! The arguments of the macros, one by one, and what each may give.

use std::borrow::Cow;
use std::sync::Arc;

use futures::stream::{self, Stream, StreamExt as _};
use serde::Serialize;
use serde_json::{Value, json};
use spanline::{
    IntoMessages, LlmCall, Message, Part, current, scope, trace_agent, trace_llm_call,
    trace_pipeline, trace_retrieval, trace_tool,
};
use spanline_tests::telemetry::{watch, watch_blocking};

use super::{capture, json};

fn said(role: &str, text: &str) -> Value {
    json!({"role": role, "parts": [{"type": "text", "content": text}]})
}

fn answered(text: &str) -> Value {
    json!([{"role": "assistant", "parts": [{"type": "text", "content": text}], "finish_reason": ""}])
}

/// What is recorded of an input.
fn input(given: impl IntoMessages) -> Value {
    capture();
    let ((), trace) = watch_blocking(|| {
        LlmCall::new("openai", "m").input_messages(given).start().end();
    });
    json(&trace, "chat m", "gen_ai.input.messages")
}

fn reply(text: &str) -> Value {
    json!({
        "object": "chat.completion", "id": "c", "model": "m",
        "choices": [{
            "index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}
        }]
    })
}

#[test]
fn a_reply_that_is_read_inside_says_what_one_that_is_returned_does() {
    #[trace_llm_call(provider = "openai", model = "m")]
    fn returned() -> Value {
        reply("so.")
    }
    #[trace_llm_call(provider = "openai", model = "m")]
    fn reading(read: fn()) {
        read();
    }
    capture();
    let said = |work: &dyn Fn()| {
        let ((), trace) = watch_blocking(work);
        json(&trace, "chat m", "gen_ai.output.messages")
    };
    let inside = |read| said(&|| reading(read));
    let expected = said(&|| drop(returned()));
    assert_eq!(expected[0]["parts"][0]["content"], "so.");
    assert_eq!(expected[0]["finish_reason"], "stop");
    let once = || {
        current().response(&reply("so."));
    };
    assert_eq!(inside(once), expected);
    let twice = || {
        current().response(&reply("not so.")).response(&reply("so."));
    };
    assert_eq!(inside(twice), expected);
    let told_between = || {
        current().response(&reply("not so.")).output_messages("told").response(&reply("so."));
    };
    assert_eq!(inside(told_between), answered("told"));
    let refused = said(&|| scope().capture_content(false).run_blocking(|| reading(once)));
    assert_eq!(refused, Value::String(String::new()));
}

#[test]
fn text_of_every_type_is_a_message_of_the_user() {
    let expected = json!([said("user", "why?")]);
    assert_eq!(input("why?"), expected);
    assert_eq!(input(String::from("why?")), expected);
    let twice = &&"why?";
    assert_eq!(input(twice), expected);
    assert_eq!(input(Cow::Borrowed("why?")), expected);
    assert_eq!(input(Arc::<str>::from("why?")), expected);
    assert_eq!(input(Box::<str>::from("why?")), expected);
    assert_eq!(input(Some("why?")), expected);
    assert_eq!(input(["why?"]), expected);
    assert_eq!(input(json!("why?")), expected);
    assert_eq!(input(spanline::json("why?")), expected);
}

#[test]
fn messages_are_recorded_in_their_order_and_none_is_no_attribute() {
    let messages = vec![Message::system("Be brief."), Message::user("why?")];
    let expected = json!([said("system", "Be brief."), said("user", "why?")]);
    assert_eq!(input(&messages), expected);
    assert_eq!(input(messages.as_slice()), expected);
    assert_eq!(input(Some(&messages)), expected);
    assert_eq!(input([&messages[0], &messages[1]]), expected);
    assert_eq!(input(None::<Message>), "");
    assert_eq!(input(Vec::<String>::new()), "");
    assert_eq!(input(json!(null)), "");
}

#[test]
fn a_type_of_the_users_tells_its_messages() {
    struct Turn(&'static str);
    impl IntoMessages for Turn {
        fn messages(&self) -> Vec<Message> {
            vec![Message::assistant(self.0).name("bot")]
        }
    }
    struct Broken;
    impl IntoMessages for Broken {
        fn messages(&self) -> Vec<Message> {
            panic!("of the user's")
        }
    }
    assert_eq!(input([Turn("so.")])[0]["name"], "bot");
    assert_eq!(input(Broken), "", "a panic is no reason to fail");
}

struct Request {
    system: String,
    messages: Vec<Message>,
    tools: Vec<Value>,
}

struct Answer {
    text: String,
}

fn request() -> Request {
    Request {
        system: "Be brief.".into(),
        messages: vec![Message::user("why?")],
        tools: vec![json!({"name": "search", "description": "Looks things up."})],
    }
}

#[trace_llm_call(
    provider = "openai",
    model = "m",
    system_instructions = request.system,
    input_messages = request.messages,
    tool_definitions = request.tools,
    output_messages = |answer| &answer.text
)]
async fn complete(request: Request) -> Result<Answer, std::io::Error> {
    Ok(Answer { text: request.system })
}

#[trace_agent(
    "a",
    system_instructions = [Part::text("Be brief."), Part::uri("image", "https://example.com/1")],
    input_messages = &request.messages,
    tool_definitions = &request.tools,
    output_messages = |answer| Message::assistant(answer.text.as_str()).finish_reason("stop")
)]
fn act(request: &Request) -> Answer {
    Answer { text: request.system.clone() }
}

#[trace_pipeline(input_messages = question, output_messages = |answer: &Option<String>| answer.clone())]
async fn answer(question: &str) -> Option<String> {
    Some(question.to_uppercase())
}

#[tokio::test]
async fn a_call_of_a_model_has_what_its_arguments_give() {
    capture();
    let (_, trace) = watch(complete(request())).await;
    let of = |key| json(&trace, "chat m", key);
    assert_eq!(of("gen_ai.system_instructions"), json!([{"type": "text", "content": "Be brief."}]));
    assert_eq!(of("gen_ai.input.messages"), json!([said("user", "why?")]));
    assert_eq!(of("gen_ai.tool.definitions"), json!([{"type": "function", "name": "search"}]));
    assert_eq!(of("gen_ai.output.messages"), answered("Be brief."));
}

#[tokio::test]
async fn an_agent_and_a_pipeline_have_what_theirs_give() {
    capture();
    let (_, trace) = watch_blocking(|| act(&request()));
    let of = |key| json(&trace, "invoke_agent a", key);
    assert_eq!(of("gen_ai.system_instructions")[1]["uri"], "https://example.com/1");
    assert_eq!(of("gen_ai.input.messages"), json!([said("user", "why?")]));
    assert_eq!(of("gen_ai.output.messages")[0]["finish_reason"], "stop");
    let (_, trace) = watch(answer("why?")).await;
    let of = |key| json(&trace, "invoke_workflow answer", key);
    assert_eq!(of("gen_ai.input.messages"), json!([said("user", "why?")]));
    assert_eq!(of("gen_ai.output.messages"), answered("WHY?"));
}

#[derive(Serialize)]
struct Place {
    city: String,
}

#[trace_tool("weather", call_arguments = place, call_result = |found| found)]
fn weather(place: Place) -> Result<u8, std::num::ParseIntError> {
    place.city.parse()
}

#[derive(Serialize)]
struct Document {
    id: u32,
    score: f32,
}

#[trace_retrieval(data_source = "d", query = query, documents = |found| found)]
async fn search(query: &str) -> Option<Vec<Document>> {
    (!query.is_empty()).then(|| vec![Document { id: 7, score: 0.5 }])
}

#[tokio::test]
async fn a_tool_and_a_search_record_what_serializes() {
    capture();
    let (result, trace) = watch_blocking(|| weather(Place { city: "5".into() }));
    assert_eq!(result, Ok(5));
    let span = "execute_tool weather";
    assert_eq!(json(&trace, span, "gen_ai.tool.call.arguments"), json!({"city": "5"}));
    assert_eq!(trace.attribute(span, "gen_ai.tool.call.result"), "5", "a number stays one");
    let (result, trace) = watch_blocking(|| weather(Place { city: "Bern".into() }));
    assert!(result.is_err());
    assert_eq!(trace.attribute(span, "gen_ai.tool.call.result"), "", "of an error there is none");

    let (_, trace) = watch(search("why?")).await;
    let span = "retrieval d";
    assert_eq!(trace.attribute(span, "gen_ai.retrieval.query.text"), "\"why?\"");
    let found = json(&trace, span, "gen_ai.retrieval.documents");
    assert_eq!(found, json!([{"id": "7", "score": 0.5}]), "ids are text");
    let (_, trace) = watch(search("")).await;
    assert_eq!(trace.attribute(span, "gen_ai.retrieval.documents"), "");
}

#[trace_llm_call(provider = "openai", model = "m", output_messages = |chunk| *chunk)]
fn chunks() -> impl Stream<Item = Result<&'static str, std::io::Error>> {
    stream::iter(["It ", "rains", "."].map(Ok))
}

#[trace_llm_call(provider = "openai", model = "m", output_messages = |text| Message::assistant(*text))]
fn messages() -> impl Stream<Item = &'static str> {
    stream::iter(["first", "second"])
}

#[tokio::test]
async fn the_chunks_of_a_stream_are_one_answer_and_messages_are_several() {
    capture();
    let (count, trace) = watch(async { chunks().count().await }).await;
    assert_eq!(count, 3);
    assert_eq!(json(&trace, "chat m", "gen_ai.output.messages"), answered("It rains."));
    let (_, trace) = watch(async { chunks().take(2).count().await }).await;
    assert_eq!(
        json(&trace, "chat m", "gen_ai.output.messages"),
        answered("It rains"),
        "abandoned, it has what came"
    );
    let (_, trace) = watch(async { messages().count().await }).await;
    let told = json(&trace, "chat m", "gen_ai.output.messages");
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
}

#[test]
fn the_last_that_is_said_holds() {
    capture();
    let call = LlmCall::new("openai", "m").input_messages("first");
    let ((), trace) = watch_blocking(|| {
        call.run_blocking_with(
            || {
                current().input_messages("second").output_messages("inside").query("of a search");
            },
            |(), outcome| outcome.output_messages("returned"),
        );
    });
    let of = |key| json(&trace, "chat m", key);
    assert_eq!(of("gen_ai.input.messages"), json!([said("user", "second")]));
    assert_eq!(of("gen_ai.output.messages"), answered("returned"));
    assert_eq!(of("gen_ai.retrieval.query.text"), "of a search");
}

#[test]
fn a_hundred_thousand_writes_are_one_attribute() {
    capture();
    let ((), trace) = watch_blocking(|| {
        LlmCall::new("openai", "m").run_blocking_with(
            || {
                for number in 0..100_000 {
                    current().input_messages(format!("{number}"));
                }
            },
            |(), _| (),
        );
    });
    let expected = json!([said("user", "99999")]);
    assert_eq!(json(&trace, "chat m", "gen_ai.input.messages"), expected);
}

struct Model {
    history: Vec<String>,
}

impl Model {
    #[trace_llm_call(provider = "openai", model = "m", input_messages = self.history)]
    async fn by_reference(&mut self, text: String) {
        self.history.push(text);
    }

    #[trace_llm_call(provider = "openai", model = "m", input_messages = [builder, &operation])]
    async fn by_value(self, builder: &str, operation: String) -> usize {
        self.history.len() + builder.len() + operation.len()
    }
}

#[tokio::test]
async fn arguments_read_of_self_and_of_any_name() {
    capture();
    let mut model = Model { history: vec!["a".into()] };
    let ((), trace) = watch(model.by_reference("b".into())).await;
    let of = |trace| json(trace, "chat m", "gen_ai.input.messages");
    assert_eq!(of(&trace), json!([said("user", "a")]), "before the body runs");
    let operation = "d";
    let (length, trace) = watch(model.by_value("c", operation.into())).await;
    assert_eq!(length, 4);
    assert_eq!(of(&trace), json!([said("user", "c"), said("user", "d")]));
}
