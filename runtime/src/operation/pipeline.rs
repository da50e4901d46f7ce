//! A run of the user's program, from its input to its answer.

use std::borrow::Cow;
use std::future::Future;

use super::{attributes, builder};
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::budget::budgets;
use crate::span::dispatch::is_enabled;
use crate::span::record::{Kind, OperationKind};

/// A pipeline run: span `invoke_workflow {name}`, metric `gen_ai.invoke_workflow.duration`.
///
/// ```
/// use spanline::{Pipeline, Stage};
///
/// # async fn example() -> Result<(), std::io::Error> {
/// Pipeline::new("nightly-index")
///     .run_id("2026-11-21")
///     .run(async {
///         for name in ["load", "split", "embed"] {
///             Stage::new(name).run(async { Ok::<_, std::io::Error>(()) }).await?;
///         }
///         Ok(())
///     })
///     .await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Pipeline(Option<Draft>);

impl Pipeline {
    /// A pipeline with this name: low cardinality, it is an attribute of the metric.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(is_enabled().then(|| {
            let mut draft = Draft::new(OperationKind::Workflow, Kind::Internal);
            draft.write(|words| {
                words.owned_key(Cow::Borrowed(attribute::WORKFLOW_NAME));
                words.cow(name.into());
            });
            draft
        }))
    }
}

builder!(Pipeline);
budgets!(Pipeline, "pipeline", WORKFLOW_NAME);

attributes!(Pipeline {
    /// Which pipeline this is: `spanline.pipeline.id`.
    id: Text => PIPELINE_ID;
    /// Which run of it: `spanline.run.id`.
    run_id: Text => RUN_ID;
    /// The session of the user: `session.id`.
    session: Text => SESSION_ID;
    /// The conversation that this run answers in: `gen_ai.conversation.id`.
    conversation: Text => CONVERSATION_ID;
    /// Who asked: `user.id`.
    user: Text => USER_ID;
});
