//! A run of the user's program, from its input to its answer.

use std::borrow::Cow;
use std::future::Future;

use super::content::content;
use super::{attributes, builder};
use crate::Text;
use crate::identity::{Associations, associated};
use crate::semconv::attribute;
use crate::span::active::Draft;
use crate::span::budget::budgets;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};

/// A pipeline run: span `invoke_workflow {name}`, metric `gen_ai.invoke_workflow.duration`.
///
/// Whom it is for (session, user, tenant, conversation, tags, properties) is found on its span and
/// on every span under it, as in a [`scope`](crate::scope()).
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
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Workflow, Kind::Internal);
            draft.write(|words| words.named(attribute::WORKFLOW_NAME, name.into()));
            draft
        }))
    }
}

builder!(Pipeline);

content!(Pipeline {
    /// What the pipeline is asked, where content is captured: `gen_ai.input.messages`.
    input_messages: IntoMessages;
});
budgets!(Pipeline, "pipeline", WORKFLOW_NAME);

associated!(Pipeline);

impl Pipeline {
    fn associations(&mut self) -> Option<&mut Associations> {
        self.0.as_mut().map(Draft::associations)
    }

    /// The prompt template that its model calls use: `gen_ai.prompt.name`, on theirs, not on the
    /// pipeline's span.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn prompt_name(mut self, name: impl Text) -> Self {
        if let Some(associations) = self.associations() {
            associations.set_prompt_name(&name);
        }
        self
    }

    /// Its version: `gen_ai.prompt.version`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn prompt_version(mut self, version: impl Text) -> Self {
        if let Some(associations) = self.associations() {
            associations.set_prompt_version(&version);
        }
        self
    }
}

attributes!(Pipeline {
    /// Which pipeline this is: `spanline.pipeline.id`.
    id: Text => PIPELINE_ID;
    /// Which run of it: `spanline.run.id`.
    run_id: Text => RUN_ID;
});
