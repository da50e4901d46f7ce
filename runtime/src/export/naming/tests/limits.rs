//! What stays when there is too much.

use std::fmt::Write as _;

use super::*;
use crate::semconv::attribute;

#[test]
fn pieces_of_messages_go_before_everything_else() {
    let mut messages = String::new();
    for number in 0..200 {
        let comma = if number == 0 { "" } else { "," };
        let part = format!(r#"{{"type":"text","content":"{number}"}}"#);
        write!(messages, r#"{comma}{{"role":"user","parts":[{part}]}}"#).unwrap();
    }
    let answer = r#"[{"role":"assistant","parts":[{"type":"text","content":"Yes."}]}]"#;
    let mut recorded = vec![
        (attribute::INPUT_MESSAGES, Value::from(format!("[{messages}]"))),
        (attribute::OUTPUT_MESSAGES, answer.into()),
        (attribute::REQUEST_MODEL, "m".into()),
        ("app.seats", Value::I64(5)),
        (attribute::USAGE_INPUT_TOKENS, Value::I64(612)),
        (attribute::USAGE_OUTPUT_TOKENS, Value::I64(148)),
        (attribute::COST_USD, Value::F64(0.25)),
        (attribute::ERROR_TYPE, "refused".into()),
    ];
    recorded.push((attribute::SESSION_ID, "s-1".into()));
    let all = [Convention::V1_41, Convention::GenAiMain, Convention::OpenInference];
    let rendered = render(&all, "acme", LIMITS, record(OperationKind::Chat, &recorded));
    let span = only(&rendered, false);
    assert_eq!(span.attributes.len(), 128);
    assert!(span.dropped_attributes_count > 270, "{}", span.dropped_attributes_count);
    let lines = lines(&span.attributes);
    for line in [
        "acme.cost.usd=0.25",
        "app.seats=5",
        r#"error.type="refused""#,
        "gen_ai.usage.input_tokens=612",
        "llm.cost.total=0.25",
        r#"llm.input_messages.0.message.content="0""#,
        r#"llm.model_name="m""#,
        r#"llm.output_messages.0.message.content="Yes.""#,
        "llm.token_count.total=760",
        r#"openinference.span.kind="LLM""#,
        r#"session.id="s-1""#,
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} is not in {lines:#?}");
    }
    // With room for a few only, what it took and how it ended are what is left.
    let few = Limits { attributes: 8, ..LIMITS };
    let rendered =
        render(&[Convention::OpenInference], "acme", few, record(OperationKind::Chat, &recorded));
    assert_eq!(
        super::lines(&only(&rendered, false).attributes),
        [
            "acme.cost.usd=0.25",
            r#"error.type="refused""#,
            "llm.cost.total=0.25",
            "llm.token_count.completion=148",
            "llm.token_count.prompt=612",
            "llm.token_count.total=760",
            r#"openinference.span.kind="LLM""#,
            r#"session.id="s-1""#,
        ]
    );
}

#[test]
fn messages_that_were_too_long_are_cut_into_pieces_all_the_same() {
    let text = "How much does it rain? ".repeat(20);
    let messages = format!(r#"[{{"role":"user","parts":[{{"type":"text","content":"{text}"}}]}}]"#);
    let limits = Limits { value_length: Some(120), ..LIMITS };
    let recorded = [(attribute::INPUT_MESSAGES, Value::from(messages))];
    let rendered = render(
        &[Convention::OpenInference],
        "spanline",
        limits,
        record(OperationKind::Chat, &recorded),
    );
    let lines = lines(&only(&rendered, false).attributes);
    let piece = r#"llm.input_messages.0.message.content="How much"#;
    let found = lines.iter().find(|line| line.starts_with(piece)).unwrap();
    assert!(found.ends_with(r#" bytes]""#), "{found}");
}
