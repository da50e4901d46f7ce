//! Whether a trace is recorded, decided before anything is built for it.

/// Which traces are recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Sampler {
    /// Every trace.
    AlwaysOn,
    /// No trace.
    AlwaysOff,
    /// This share of traces, 0.0 to 1.0, decided by the trace id.
    TraceIdRatio(f64),
    /// As the parent decided; a root is always recorded. The default.
    ParentBasedAlwaysOn,
    /// As the parent decided; a root is never recorded.
    ParentBasedAlwaysOff,
    /// As the parent decided; of the roots, this share, 0.0 to 1.0.
    ParentBasedTraceIdRatio(f64),
}

impl Sampler {
    /// `parent` is whether the parent is sampled, `None` for a root.
    pub(crate) fn is_sampled(self, parent: Option<bool>, trace_id: u128) -> bool {
        match (self, parent) {
            (
                Self::ParentBasedAlwaysOn
                | Self::ParentBasedAlwaysOff
                | Self::ParentBasedTraceIdRatio(_),
                Some(sampled),
            ) => sampled,
            (Self::AlwaysOn | Self::ParentBasedAlwaysOn, _) => true,
            (Self::AlwaysOff | Self::ParentBasedAlwaysOff, _) => false,
            (Self::TraceIdRatio(ratio) | Self::ParentBasedTraceIdRatio(ratio), _) => {
                is_below(trace_id, ratio)
            }
        }
    }
}

/// The same comparison as the SDK's ratio sampler, so that third-party spans decide alike.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "63 bits of the id against a share of 2^63"
)]
pub(crate) fn is_below(trace_id: u128, ratio: f64) -> bool {
    if ratio >= 1.0 {
        return true;
    }
    let bound = (ratio.max(0.0) * (1_u64 << 63) as f64) as u64;
    (trace_id as u64 >> 1) < bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_takes_its_share_of_the_ids() {
        let step = u128::from(u64::MAX / 1000);
        let taken =
            (0..1000).filter(|n| Sampler::TraceIdRatio(0.25).is_sampled(None, n * step)).count();
        assert!((249..=251).contains(&taken), "{taken} of 1000");
    }

    #[test]
    fn a_parent_decides_where_the_sampler_asks_it() {
        assert!(Sampler::ParentBasedAlwaysOff.is_sampled(Some(true), 1));
        assert!(!Sampler::ParentBasedAlwaysOn.is_sampled(Some(false), 1));
        assert!(!Sampler::ParentBasedTraceIdRatio(1.0).is_sampled(Some(false), 1));
        assert!(Sampler::AlwaysOn.is_sampled(Some(false), 1));
        assert!(!Sampler::AlwaysOff.is_sampled(Some(true), 1));
    }
}
