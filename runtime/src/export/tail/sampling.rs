//! Which traces are kept once they have ended, as the program says it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::summary::TraceSummary;

/// Keeps a trace or not when it has ended: all of it, if one of the rules wants it, or none of it.
///
/// The spans of a trace wait in this process until its local root has ended: the span without a parent
/// here, because it has none or because that is in another process. Metrics count every run all the same.
/// A trace that none of the rules wants is dropped, and counted in
/// [`Health::tail_sampling`](crate::Health::tail_sampling). The local root of one that is kept has the
/// name of the rule as `spanline.sampling.rule`; of several the first, in the order of the methods here.
///
/// `SPANLINE_TAIL_SAMPLING` says the same, but for rules of the program's own:
/// `errors,cancelled,slow=2s,costly=0.05,first=10,ratio=0.01`.
///
/// ```no_run
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// use std::time::Duration;
///
/// use spanline::{TailSampling, Telemetry};
///
/// let sampling = TailSampling::new()
///     .errors()
///     .cancelled()
///     .slower_than(Duration::from_secs(2))
///     .costlier_than(0.05)
///     .rule("many-spans", |trace| trace.spans() > 500)
///     .first(10)
///     .ratio(0.01);
/// let telemetry = Telemetry::builder().tail_sampling(sampling).init()?;
/// # drop(telemetry);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
#[must_use = "nothing is sampled before it is handed to `Telemetry::builder().tail_sampling(…)`"]
pub struct TailSampling {
    pub(crate) errors: bool,
    pub(crate) cancelled: bool,
    pub(crate) slow: Option<Duration>,
    /// US dollars.
    pub(crate) costly: Option<f64>,
    rules: Vec<Rule>,
    pub(crate) first: u64,
    pub(crate) ratio: Option<f64>,
    pub(crate) decides_remote: bool,
    pub(crate) max_traces: usize,
    pub(crate) max_bytes: usize,
    pub(crate) max_age: Duration,
}

/// A rule of the program's own.
#[derive(Clone)]
pub(super) struct Rule {
    pub(super) name: Arc<str>,
    pub(super) keeps: Arc<dyn Fn(&TraceSummary) -> bool + Send + Sync>,
}

const MAX_TRACES: usize = 10_000;
const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_AGE: Duration = Duration::from_secs(600);

impl Default for TailSampling {
    fn default() -> Self {
        Self::new()
    }
}

impl TailSampling {
    /// No rules yet: with none, nothing is sampled and every trace is kept, with a warning.
    pub fn new() -> Self {
        Self {
            errors: false,
            cancelled: false,
            slow: None,
            costly: None,
            rules: Vec::new(),
            first: 0,
            ratio: None,
            decides_remote: false,
            max_traces: MAX_TRACES,
            max_bytes: MAX_BYTES,
            max_age: MAX_AGE,
        }
    }

    /// `errors`: keeps traces in which the status of any span is an error, panics among them, whether or
    /// not the local root recovered from it.
    pub fn errors(mut self) -> Self {
        self.errors = true;
        self
    }

    /// `cancelled`: keeps traces in which any operation was cancelled, or any stream or sink abandoned.
    pub fn cancelled(mut self) -> Self {
        self.cancelled = true;
        self
    }

    /// `slow=2s`: keeps traces whose local root took longer.
    pub fn slower_than(mut self, duration: Duration) -> Self {
        self.slow = Some(duration);
        self
    }

    /// `costly=0.05`: keeps traces that cost more US dollars, as far as costs are known: see
    /// [`TraceSummary::cost_usd`].
    pub fn costlier_than(mut self, dollars: f64) -> Self {
        self.costly = Some(dollars);
        self
    }

    /// Keeps traces for which `keeps` is true; a trace of which it panics is kept as well.
    ///
    /// It runs on the export thread, once for each trace that the rules above do not want: what it does
    /// there keeps the exporters waiting, and the program not.
    pub fn rule(
        mut self,
        name: impl Into<String>,
        keeps: impl Fn(&TraceSummary) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.push(Rule { name: Arc::from(name.into()), keeps: Arc::new(keeps) });
        self
    }

    /// `first=10`: keeps the first so many traces of each name of a local root in the life of this
    /// process, so that there are examples of every pipeline. Of the first 1,000 names; others have none.
    pub fn first(mut self, traces: u64) -> Self {
        self.first = traces;
        self
    }

    /// `ratio=0.01`: keeps this share of all traces, 0.0 to 1.0. It is decided by the trace id, as
    /// [`Sampler::TraceIdRatio`](crate::Sampler::TraceIdRatio) does, so that services with the same share
    /// keep the same traces. Of all traces, not of those that the sampler has left: after a sampler with
    /// a share of 0.1, 0.01 is a hundredth of all and 0.5 is every one that is left.
    pub fn ratio(mut self, share: f64) -> Self {
        self.ratio = Some(share);
        self
    }

    /// `remote=decide`: whether the rules decide on traces that came from another process too. By default
    /// these are kept, with the rule `remote`: whoever sampled them waits for this part of them.
    ///
    /// With true, the part of this process is kept or dropped without the others, and so a trace may have
    /// holes.
    pub fn decide_remote(mut self, decides: bool) -> Self {
        self.decides_remote = decides;
        self
    }

    /// `max_traces=10000`: how many traces may wait for their local root; 10,000 by default. Beyond it,
    /// the oldest is decided by what is known of it.
    pub fn max_traces(mut self, traces: usize) -> Self {
        self.max_traces = traces;
        self
    }

    /// `max_bytes=67108864`: how many bytes the traces that wait may take, about; 64 MiB by default.
    /// Beyond it, the oldest is decided by what is known of it: of those that wait for their local root, if
    /// there are any.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// `max_age=10m`: how long a trace may wait for its local root after its first span has ended; ten
    /// minutes by default. Then it is decided by what is known of it.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }

    pub(super) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// What cannot be followed, each as the variable would write it.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Some(dollars) = self.costly.filter(|it| !(it.is_finite() && *it >= 0.0)) {
            problems.push(format!("\"costly={dollars}\" is no amount of dollars"));
        }
        if let Some(share) = self.ratio.filter(|share| !(0.0..=1.0).contains(share)) {
            problems.push(format!("\"ratio={share}\" is not between 0 and 1"));
        }
        for (word, is_zero) in [
            ("max_traces=0", self.max_traces == 0),
            ("max_bytes=0", self.max_bytes == 0),
            ("max_age=0s", self.max_age.is_zero()),
        ] {
            if is_zero {
                problems.push(format!("\"{word}\" is not above zero"));
            }
        }
        let has_rule = self.errors
            || self.cancelled
            || self.slow.is_some()
            || self.costly.is_some()
            || !self.rules.is_empty()
            || self.first > 0
            || self.ratio.is_some();
        if !has_rule && problems.is_empty() {
            problems.push(String::from("no rule would keep a trace"));
        }
        problems
    }
}

/// As `SPANLINE_TAIL_SAMPLING` writes it, with the names of rules of the program's own; bounds where they
/// are not the usual ones.
impl fmt::Display for TailSampling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        let mut add = |is_set: bool, word: String| {
            if is_set {
                words.push(word);
            }
        };
        add(self.errors, String::from("errors"));
        add(self.cancelled, String::from("cancelled"));
        if let Some(slow) = self.slow {
            add(true, format!("slow={}", Written(slow)));
        }
        if let Some(dollars) = self.costly {
            add(true, format!("costly={dollars}"));
        }
        for rule in &self.rules {
            add(true, format!("rule {:?}", rule.name));
        }
        add(self.first > 0, format!("first={}", self.first));
        if let Some(share) = self.ratio {
            add(true, format!("ratio={share}"));
        }
        add(self.decides_remote, String::from("remote=decide"));
        add(self.max_traces != MAX_TRACES, format!("max_traces={}", self.max_traces));
        add(self.max_bytes != MAX_BYTES, format!("max_bytes={}", self.max_bytes));
        add(self.max_age != MAX_AGE, format!("max_age={}", Written(self.max_age)));
        formatter.write_str(&words.join(","))
    }
}

impl fmt::Debug for TailSampling {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TailSampling({self})")
    }
}

/// A duration in the largest unit of which it is whole.
struct Written(Duration);

impl fmt::Display for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if self.0.subsec_nanos() != 0 {
            write!(formatter, "{}s", self.0.as_secs_f64())
        } else if seconds > 0 && seconds.is_multiple_of(60) {
            write!(formatter, "{}m", seconds / 60)
        } else {
            write!(formatter, "{seconds}s")
        }
    }
}
