//! A run of a tool that a model asked for.

use std::borrow::Cow;
use std::future::Future;

use super::content::content;
use super::{attributes, builder};
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};

/// A run of a tool: span `execute_tool {name}`, metric `gen_ai.execute_tool.duration`.
///
/// Inside an agent it is counted on the agent, and span and metric name the agent.
///
/// ```
/// use spanline::Tool;
///
/// let sum = Tool::new("add").tool_type("function").run_blocking(|| "5".parse::<u8>());
/// # assert_eq!(sum, Ok(5));
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Tool(Option<Draft>);

impl Tool {
    /// A tool with this name: low cardinality, it is an attribute of the metric.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Tool, Kind::Internal);
            draft.write(|words| words.named(attribute::TOOL_NAME, name.into()));
            draft
        }))
    }
}

builder!(Tool);

content!(Tool {
    /// What the tool is called with, where content is captured: `gen_ai.tool.call.arguments`. Text
    /// that holds JSON is recorded as that JSON.
    call_arguments: IntoContent;
});

attributes!(Tool {
    /// The id that the model gave the call: `gen_ai.tool.call.id`.
    call_id: Text => TOOL_CALL_ID;
    /// What the tool is for: `gen_ai.tool.description`.
    description: Text => TOOL_DESCRIPTION;
    /// `function`, which the program runs; `extension`, which calls a service on the agent's side;
    /// or `datastore`, which looks data up: `gen_ai.tool.type`, also on the metric.
    tool_type: Text => TOOL_TYPE;
    /// The conversation that the call is part of: `gen_ai.conversation.id`.
    conversation: Text => CONVERSATION_ID;
});
