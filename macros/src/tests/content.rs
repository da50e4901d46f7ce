//! Which macro takes which content.

use proc_macro2::TokenStream;

use crate::check::Call;
use crate::operation::{self, Operation};

/// What each macro needs, and the content that belongs to it.
const MACROS: [(&Operation, &str, &[&str]); 9] = [
    (&operation::PIPELINE, "", &["capture_content", "input_messages", "output_messages"]),
    (&operation::STAGE, "", &[]),
    (&operation::LLM_CALL, "provider = p", &MODEL),
    (&operation::LLM_CALL, "provider = p, operation = text_completion", &MODEL),
    (&operation::LLM_CALL, "provider = p, operation = embeddings", &[]),
    (&operation::AGENT, "", &MODEL),
    (&operation::TOOL, "", &["call_arguments", "call_result"]),
    (&operation::RETRIEVAL, "", &["query", "documents"]),
    (&operation::SPAN, "", &[]),
];

const MODEL: [&str; 4] =
    ["input_messages", "system_instructions", "tool_definitions", "output_messages"];

const ARGUMENTS: [&str; 9] = [
    "capture_content",
    "input_messages",
    "output_messages",
    "system_instructions",
    "tool_definitions",
    "call_arguments",
    "call_result",
    "query",
    "documents",
];

#[test]
fn each_macro_takes_the_content_of_its_operation_and_no_other() {
    for (operation, needed, own) in MACROS {
        for argument in ARGUMENTS {
            let args: TokenStream =
                format!("{needed}, {argument} = value").trim_start_matches(", ").parse().unwrap();
            let item = "fn work(p: u8, value: u8) {}".parse().unwrap();
            let checked = Call::check(args, item, operation);
            let is_own = own.contains(&argument);
            assert_eq!(checked.is_ok(), is_own, "{} {needed} {argument}", operation.attribute);
            if let Err(errors) = checked {
                let said: Vec<String> = errors.into_iter().map(|it| it.to_string()).collect();
                assert_eq!(said.len(), 1, "{said:?}");
                assert!(
                    said.iter().all(|it| it.starts_with(&format!("`{argument}` has no meaning")))
                );
            }
        }
    }
}

#[test]
fn content_goes_by_many_names() {
    for (operation, written, meant) in [
        (&operation::LLM_CALL, "messages", "input_messages"),
        (&operation::LLM_CALL, "prompt", "input_messages"),
        (&operation::AGENT, "input", "input_messages"),
        (&operation::PIPELINE, "question", "input_messages"),
        (&operation::LLM_CALL, "completion", "output_messages"),
        (&operation::AGENT, "output", "output_messages"),
        (&operation::LLM_CALL, "tools", "tool_definitions"),
        (&operation::AGENT, "instructions", "system_instructions"),
        (&operation::AGENT, "system_prompt", "system_instructions"),
        (&operation::TOOL, "arguments", "call_arguments"),
        (&operation::TOOL, "args", "call_arguments"),
        (&operation::RETRIEVAL, "question", "query"),
        (&operation::RETRIEVAL, "hits", "documents"),
        (&operation::PIPELINE, "capture", "capture_content"),
    ] {
        assert_eq!(operation.synonym(written), Some(meant), "{written}");
    }
}
