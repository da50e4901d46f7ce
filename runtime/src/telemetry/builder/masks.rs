//! Settings in code of what is masked, and of how much content is kept.

use std::sync::Arc;

use super::TelemetryBuilder;
use crate::content::mask::{Mask, MaskFunction};

impl TelemetryBuilder {
    /// `SPANLINE_CONTENT_LIMIT`: bytes that an attribute with content may have; 32,000 by default.
    /// All content of a span has at most four times as much. What is over is cut, and counted in
    /// `spanline.content.cut_bytes`; what was JSON still is.
    pub fn content_limit(mut self, bytes: usize) -> Self {
        self.overrides.content_limit = Some(bytes);
        self
    }

    /// `SPANLINE_MASKS`: what is masked in every text before it leaves the process; nothing for an
    /// empty list. By default secrets, and in content all that [`Mask`] has.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::{Mask, Telemetry};
    ///
    /// let telemetry = Telemetry::builder().masks([Mask::Secrets, Mask::Email]).init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn masks(mut self, masks: impl IntoIterator<Item = Mask>) -> Self {
        self.overrides.masks = Some(masks.into_iter().collect());
        self
    }

    /// Also masks what a regular expression matches, in the syntax of the crate `regex`:
    /// `[masked:name]`. An expression with a mistake in it is an error of [`init`](Self::init).
    ///
    /// ```no_run
    /// # #[cfg(feature = "mask-patterns")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// let telemetry = spanline::Telemetry::builder().mask("ticket", r"TICKET-\d+").init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "mask-patterns"))]
    /// # fn main() {}
    /// ```
    #[cfg(feature = "mask-patterns")]
    pub fn mask(mut self, name: impl Into<String>, expression: impl Into<String>) -> Self {
        self.overrides.mask_patterns.push((name.into(), expression.into()));
        self
    }

    /// Also masks what a function changes: it is given each text after all other masks, on the export
    /// thread, and returns another one, or `None` where the text may stay. Where it panics, the text is
    /// `[masked:failed]`.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// let telemetry = spanline::Telemetry::builder()
    ///     .mask_with(|text| text.contains("internal.example.com").then(|| "[internal]".to_owned()))
    ///     .init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn mask_with(
        mut self,
        function: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.overrides.mask_functions.push(MaskFunction(Arc::new(function)));
        self
    }
}
