//! Settings in code of which traces are recorded, and which are kept.

use super::TelemetryBuilder;
use crate::span::trace_start::SampleIf;
use crate::{Sampler, TailSampling, TraceStart};

impl TelemetryBuilder {
    /// `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`: which traces are recorded, decided when they
    /// begin.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.overrides.sampler = Some(sampler);
        self
    }

    /// In place of a [`Sampler`]: a function of your own that decides whether a trace is recorded, when it
    /// begins in this process.
    ///
    /// It is asked of every span without a parent in this process, also where that is in another one; what
    /// is below in this process follows. It runs where the span starts, and the program waits for it. Where
    /// it panics, the trace is recorded, and [`Health::sampler_panics`](crate::Health::sampler_panics)
    /// counts it. It is not asked about traces that it begins itself on that thread: these are not recorded.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::Telemetry;
    ///
    /// // As the caller decided; of what begins here every trace of one tenant, and a tenth of the rest.
    /// let telemetry = Telemetry::builder()
    ///     .sample_if(|start| match start.parent_is_sampled() {
    ///         Some(is_sampled) => is_sampled,
    ///         None => {
    ///             start.attribute("spanline.tenant.id").is_some_and(|it| it.as_str() == "acme")
    ///                 || start.is_within_ratio(0.1)
    ///         }
    ///     })
    ///     .init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn sample_if(
        mut self,
        decide: impl Fn(&TraceStart<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.overrides.sample_if = Some(SampleIf::new(decide));
        self
    }

    /// `SPANLINE_TAIL_SAMPLING`: which of the traces that are recorded are kept, decided when they have
    /// ended; all of them by default.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// use spanline::{TailSampling, Telemetry};
    ///
    /// let sampling = TailSampling::new().errors().costlier_than(0.05).ratio(0.01);
    /// let telemetry = Telemetry::builder().tail_sampling(sampling).init()?;
    /// # drop(telemetry);
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    pub fn tail_sampling(mut self, sampling: TailSampling) -> Self {
        self.overrides.tail_sampling = Some(sampling);
        self
    }
}
