//! A named part of a pipeline.

use std::borrow::Cow;
use std::future::Future;

use super::{attributes, builder};
use crate::span::active::Draft;
use crate::span::dispatch::is_span_wanted;
use crate::span::record::{Kind, OperationKind};

/// A stage: a span of its name, metric `spanline.stage.duration`.
///
/// ```
/// use spanline::Stage;
///
/// let words = Stage::new("split")
///     .kind("splitter")
///     .attribute("chunk.size", 512)
///     .run_blocking(|| "one two".parse::<String>())?;
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Debug)]
#[must_use = "a described operation is not a running one"]
pub struct Stage(Option<Draft>);

impl Stage {
    /// A stage with this name: low cardinality, it is an attribute of the metric.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self(is_span_wanted().then(|| {
            let mut draft = Draft::new(OperationKind::Stage, Kind::Internal);
            draft.name(name.into());
            draft
        }))
    }
}

builder!(Stage);

attributes!(Stage {
    /// Which stage this is, where names repeat: `spanline.stage.id`.
    id: Text => STAGE_ID;
    /// What kind of component it is, such as `retriever`: `spanline.stage.kind`; low cardinality,
    /// it is an attribute of the metric.
    kind: Text => STAGE_KIND;
});
