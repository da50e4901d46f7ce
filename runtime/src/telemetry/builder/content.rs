//! Settings in code of what is captured.

#[cfg(feature = "content")]
use std::sync::Arc;

use super::TelemetryBuilder;
use crate::content::choice::{ContentCapture, ContentMode};
#[cfg(feature = "content")]
use crate::content::span_content::{SpanAssociations, SpanContent};

impl TelemetryBuilder {
    /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`: where content goes that the arguments of
    /// macros and the builders name; nowhere by default. Without the feature `content` a warning says
    /// that nothing is captured.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::{ContentCapture, Telemetry};
    ///
    /// let telemetry = Telemetry::builder().capture_content(ContentCapture::SpanOnly).init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn capture_content(mut self, capture: ContentCapture) -> Self {
        self.overrides.content_capture = Some(capture);
        self
    }

    /// `SPANLINE_CONTENT_MODE`: in which form content leaves the process; in full by default.
    pub fn content_mode(mut self, mode: ContentMode) -> Self {
        self.overrides.content_mode = Some(mode);
        self
    }

    /// `SPANLINE_CONTENT_TOOL_DEFINITIONS`: whether the descriptions and the parameters of tools are
    /// captured beside their types and names; by default they are not.
    pub fn full_tool_definitions(mut self, are_full: bool) -> Self {
        self.overrides.full_tool_definitions = Some(are_full);
        self
    }
}

#[cfg(feature = "content")]
impl TelemetryBuilder {
    /// Who may be captured: asked for each span with content, on the export thread. `false`, or a
    /// panic, and the content is gone before anything else sees it. Needs the feature `content`.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::{ContentCapture, Telemetry};
    ///
    /// let telemetry = Telemetry::builder()
    ///     .capture_content(ContentCapture::SpanOnly)
    ///     .capture_content_if(|whom| whom.tenant() == Some("acme"))
    ///     .init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn capture_content_if(
        mut self,
        allow: impl Fn(&SpanAssociations<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.options.content.allow = Some(Arc::new(allow));
        self
    }

    /// Hands the content of each span to a function of yours, on the export thread: to upload it and
    /// set a reference in its place, say. Content is captured for it whatever the switch and the
    /// sampler say, in full; what it takes out is on no span and no event. Needs the feature `content`.
    ///
    /// It should be quick, for spans wait for it: hand what takes long to a thread of your own. Where
    /// it panics the content is dropped, and [`Health`](crate::Health) counts that.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::Telemetry;
    ///
    /// # fn upload(_: &str, _: &serde_json::Value) {}
    /// let telemetry = Telemetry::builder()
    ///     .content_hook(|content| {
    ///         if let Some(messages) = content.take("gen_ai.input.messages") {
    ///             let place = format!("s3://prompts/{}.json", content.span_id());
    ///             upload(&place, &messages);
    ///             content.set("app.prompt.uri", place);
    ///         }
    ///     })
    ///     .init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn content_hook(
        mut self,
        hook: impl Fn(&mut SpanContent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.options.content.hook = Some(Arc::new(hook));
        self
    }
}
