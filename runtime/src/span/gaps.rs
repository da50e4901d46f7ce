//! The times between the chunks of a stream, kept as the histogram that they become.

use std::time::Duration;

use crate::semconv::boundary::OPERATION;

const BUCKETS: usize = OPERATION.len() + 1;

/// Upper bounds of the buckets, in nanoseconds.
const BOUNDS: [u64; BUCKETS - 1] = bounds();

/// For each bucket of the metric how many times fell into it and what they add up to, and the
/// extremes: everything that the metric keeps of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gaps {
    shortest: u64,
    longest: u64,
    buckets: [Bucket; BUCKETS],
}

/// Nanoseconds, and how many times they are the sum of.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    count: u64,
    sum: u64,
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "bounds are positive, short of 2⁵³ nanoseconds, and as many as there are places"
)]
const fn bounds() -> [u64; BUCKETS - 1] {
    let mut bounds = [0; BUCKETS - 1];
    let mut index = 0;
    while index < bounds.len() {
        bounds[index] = (OPERATION[index] * 1e9 + 0.5) as u64;
        index += 1;
    }
    bounds
}

impl Gaps {
    pub(crate) const fn new() -> Self {
        Self { shortest: u64::MAX, longest: 0, buckets: [Bucket { count: 0, sum: 0 }; BUCKETS] }
    }

    /// Adds one time.
    pub(crate) fn add(&mut self, gap: Duration) {
        let gap = u64::try_from(gap.as_nanos()).unwrap_or(u64::MAX);
        self.shortest = self.shortest.min(gap);
        self.longest = self.longest.max(gap);
        if let Some(bucket) = self.buckets.get_mut(place(gap)) {
            bucket.count += 1;
            bucket.sum = bucket.sum.saturating_add(gap);
        }
    }

    /// As many samples, in seconds, as times were added: the shortest and the longest as they were,
    /// the others at the mean of their bucket. Counts, sum, least and greatest of a histogram with
    /// these bounds come out as if each had been recorded by itself.
    pub(crate) fn samples(&self) -> impl Iterator<Item = f64> {
        let mut rest = self.buckets;
        let count: u64 = rest.iter().map(|bucket| bucket.count).sum();
        let extremes = [self.shortest, self.longest];
        let extremes = extremes.into_iter().take(usize::try_from(count).unwrap_or(usize::MAX));
        let extremes: Vec<u64> = extremes.collect();
        for extreme in &extremes {
            if let Some(bucket) = rest.get_mut(place(*extreme)) {
                bucket.count = bucket.count.saturating_sub(1);
                bucket.sum = bucket.sum.saturating_sub(*extreme);
            }
        }
        let means = rest.into_iter().flat_map(|Bucket { count, sum }| {
            // What the mean leaves over goes to the first ones, a nanosecond each.
            let mean = sum.checked_div(count).unwrap_or(0);
            let over = sum.checked_rem(count).unwrap_or(0);
            (0..count).map(move |index| mean + u64::from(index < over))
        });
        extremes.into_iter().chain(means).map(seconds)
    }
}

/// The bucket that a time belongs to: bounds are inclusive above.
fn place(gap: u64) -> usize {
    // From below: most are short.
    BOUNDS.iter().position(|bound| gap <= *bound).unwrap_or(BOUNDS.len())
}

#[allow(clippy::cast_precision_loss, reason = "nanoseconds between two chunks as seconds")]
fn seconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a histogram makes of samples: counts by bucket, sum in nanoseconds, extremes.
    fn histogram(samples: &[f64]) -> (Vec<usize>, u64, Option<(f64, f64)>) {
        let mut counts = vec![0; BUCKETS];
        for sample in samples {
            counts[OPERATION.partition_point(|bound| bound < sample)] += 1;
        }
        let least = samples.iter().copied().reduce(f64::min);
        let greatest = samples.iter().copied().reduce(f64::max);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a short sum of times"
        )]
        let sum = samples.iter().map(|sample| (sample * 1e9).round() as u64).sum();
        (counts, sum, least.zip(greatest))
    }

    fn check(nanoseconds: &[u64]) {
        let mut gaps = Gaps::new();
        for gap in nanoseconds {
            gaps.add(Duration::from_nanos(*gap));
        }
        let exact: Vec<f64> = nanoseconds.iter().copied().map(seconds).collect();
        let replayed: Vec<f64> = gaps.samples().collect();
        assert_eq!(replayed.len(), exact.len());
        assert_eq!(histogram(&replayed), histogram(&exact), "{nanoseconds:?}");
    }

    #[test]
    fn a_histogram_of_the_samples_is_the_one_of_the_times() {
        check(&[]);
        check(&[7]);
        check(&[7, 7]);
        check(&[10_000_000, 10_000_001, 9_999_999]);
        check(&[1, 2, 4, 1_000_000_000, 3, 90_000_000_000, 40_000_000, 39_999_999]);
        for bound in BOUNDS {
            check(&[bound, bound, bound + 1, bound + 1, bound - 1]);
        }
    }
}
