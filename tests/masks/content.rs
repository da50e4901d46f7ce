//! Content: what tells of a person is masked, and there is a limit.

use serde_json::json;
use spanline::{Evaluation, ExporterName, Pipeline, Stage, current, evaluate};

use super::support::receiver::Receiver;
use super::support::tree;
use super::{attribute, call, parsed, span, telemetry, turn, used};

fn messages(turns: usize, length: usize) -> String {
    let turns = (0..turns).map(|turn| {
        let role = if turn % 2 == 0 { "user" } else { "assistant" };
        let text = format!("{turn}: {}", "é ".repeat(length / 3));
        json!({"role": role, "parts": [{"type": "text", "content": text}]})
    });
    turns.collect::<serde_json::Value>().to_string()
}

#[test]
fn what_tells_of_a_person_is_masked_in_content_alone() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    let said = "I am alice@example.com, card 4111 1111 1111 1111";
    let content = json!([{"role": "user", "parts": [{"type": "text", "content": said}]}]);
    used(
        call()
            .attribute("gen_ai.input.messages", content.to_string())
            .attribute("gen_ai.prompt.0.content", said)
            .attribute("note", said),
    );
    telemetry.shutdown().unwrap();
    let call = span(&receiver, "chat m");
    let masked = "I am [masked:email], card [masked:card]";
    let (_, seen) = parsed(&call, "gen_ai.input.messages");
    assert_eq!(seen[0]["parts"][0]["content"], masked);
    assert_eq!(attribute(&call, "gen_ai.prompt.0.content"), format!("{masked:?}"));
    assert_eq!(attribute(&call, "note"), format!("{said:?}"));
}

/// What stands in place of a text may be longer than the text.
#[test]
fn content_that_masks_make_too_long_is_cut() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    used(call().attribute("gen_ai.input.messages", "a@b.co ".repeat(4500)));
    telemetry.shutdown().unwrap();
    let seen = attribute(&span(&receiver, "chat m"), "gen_ai.input.messages");
    assert!((30_000..=32_100).contains(&seen.len()), "{}", seen.len());
    assert!(!seen.contains('@'));
}

#[test]
fn what_somebody_says_of_an_answer_is_masked_as_the_answer_is() {
    let _turn = turn();
    let key = "explanation = \"tells [masked:email] the card [masked:card]\"";
    for is_span in [true, false] {
        let receiver = Receiver::start();
        let logs: &[ExporterName] = if is_span { &[] } else { &[ExporterName::Otlp] };
        let telemetry = telemetry(&receiver).logs_to(logs.to_vec()).init().unwrap();
        let reference = call().run_blocking_with(|| current().reference().unwrap(), |_, _| ());
        let explanation = "tells alice@example.com the card 4111 1111 1111 1111";
        let judged = Evaluation::new("discretion").explanation(explanation);
        evaluate(&reference, judged.attribute("note", explanation));
        telemetry.shutdown().unwrap();
        let told = if is_span {
            tree::attributes(&span(&receiver, "evaluate discretion").attributes)
        } else {
            tree::attributes(&receiver.records()[0].record.attributes)
        };
        let told = told.join("\n");
        assert!(told.contains(key), "{told}");
        assert!(told.contains(&format!("note = {explanation:?}")), "{told}");
    }
}

#[test]
fn content_over_its_limit_is_cut_and_the_span_says_how_much() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).init().unwrap();
    let whole = messages(20, 6000);
    used(call().attribute("gen_ai.input.messages", whole.as_str()));
    used(call().attribute("gen_ai.output.messages", messages(1, 600)));
    telemetry.shutdown().unwrap();
    let spans = receiver.spans();
    let of = |key: &str| {
        let mut of_key = spans.iter().filter(|span| !attribute(&span.span, key).is_empty());
        of_key.next().unwrap().span.clone()
    };
    let cut = of("gen_ai.input.messages");
    let (length, seen) = parsed(&cut, "gen_ai.input.messages");
    assert!(length <= 32_000 && length > 31_000, "{length}");
    assert_eq!(seen.as_array().unwrap().len(), 20);
    let missing = whole.len() - length;
    assert_eq!(attribute(&cut, "spanline.content.cut_bytes"), missing.to_string());
    assert_eq!(attribute(&of("gen_ai.output.messages"), "spanline.content.cut_bytes"), "");
    let health = telemetry.health();
    assert_eq!((health.cut_spans, health.cut_content_bytes), (1, missing as u64));
    let line = format!("\ncontent of 1 spans cut by {missing} bytes");
    assert!(health.to_string().contains(&line), "{health}");
}

#[test]
fn all_content_of_a_span_has_four_times_the_limit() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).content_limit(1000).init().unwrap();
    let keys = [
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.definitions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.retrieval.documents",
    ];
    used(keys.iter().fold(call(), |call, key| call.attribute(*key, messages(5, 3000))));
    telemetry.shutdown().unwrap();
    let call = span(&receiver, "chat m");
    let lengths = keys.map(|key| parsed(&call, key).0);
    assert!(lengths.iter().sum::<usize>() <= 4000, "{lengths:?}");
    assert!(lengths.iter().all(|length| *length > 300), "{lengths:?}");
}

#[test]
fn the_limit_of_the_specification_keeps_json_whole() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).attribute_length_limit(300).init().unwrap();
    used(
        call()
            .attribute("gen_ai.input.messages", messages(4, 3000))
            .attribute("other", "x".repeat(1000)),
    );
    telemetry.shutdown().unwrap();
    let call = span(&receiver, "chat m");
    let (length, seen) = parsed(&call, "gen_ai.input.messages");
    assert!(length <= 300, "{length}");
    assert_eq!(seen[0]["role"], "user");
    assert_eq!(attribute(&call, "other").len(), 302);
}

#[test]
fn usage_identity_and_outcome_survive_any_amount_of_content() {
    let _turn = turn();
    let receiver = Receiver::start();
    let telemetry = telemetry(&receiver).attribute_count_limit(8).init().unwrap();
    Pipeline::new("p").session("s-1").user("u-1").run_blocking_with(
        || {
            let mut call = call()
                .attribute("gen_ai.input.messages", messages(20, 6000))
                .attribute("gen_ai.output.messages", messages(2, 600))
                .attribute("gen_ai.system_instructions", "[]")
                .attribute("gen_ai.tool.definitions", "[]");
            for number in 0..200 {
                call = call.attribute(format!("gen_ai.prompt.{number}.content"), "text");
            }
            call.run_blocking_with(
                || (),
                |(), outcome| {
                    outcome.usage(spanline::Usage::new(3, 4));
                    outcome.fail("refused", "no");
                },
            );
        },
        |(), _| (),
    );
    Stage::new("after").run_blocking_with(|| (), |(), _| ());
    telemetry.shutdown().unwrap();
    let call = span(&receiver, "chat m");
    assert_eq!(call.attributes.len(), 8);
    assert!(call.dropped_attributes_count > 190);
    for (key, value) in [
        ("gen_ai.usage.input_tokens", "3"),
        ("gen_ai.usage.output_tokens", "4"),
        ("error.type", "\"refused\""),
        ("session.id", "\"s-1\""),
        ("user.id", "\"u-1\""),
    ] {
        assert_eq!(attribute(&call, key), value, "{key}");
    }
}
