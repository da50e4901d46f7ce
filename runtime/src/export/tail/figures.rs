//! How many traces were kept, and why, and how many were not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What the export thread counts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    /// By the rule that kept them.
    kept: Mutex<BTreeMap<Arc<str>, u64>>,
    /// By the bound that was reached.
    early: Mutex<BTreeMap<&'static str, u64>>,
    pub(super) dropped_traces: AtomicU64,
    pub(super) dropped_spans: AtomicU64,
    pub(super) held_traces: AtomicUsize,
    pub(super) held_bytes: AtomicUsize,
    pub(super) rule_panics: AtomicU64,
}

impl Figures {
    pub(super) fn count_kept(&self, rule: &Arc<str>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.get_mut(rule) {
            Some(count) => *count += 1,
            None => {
                kept.insert(Arc::clone(rule), 1);
            }
        }
    }

    pub(super) fn count_early(&self, bound: &'static str) {
        *self.early.lock().unwrap_or_else(PoisonError::into_inner).entry(bound).or_default() += 1;
    }

    pub(super) fn count_dropped(&self, traces: u64, spans: usize) {
        self.dropped_traces.fetch_add(traces, Ordering::Relaxed);
        self.dropped_spans.fetch_add(spans as u64, Ordering::Relaxed);
    }

    pub(crate) fn health(&self) -> TailSamplingHealth {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let early = self.early.lock().unwrap_or_else(PoisonError::into_inner);
        TailSamplingHealth {
            kept_traces: kept.iter().map(|(rule, count)| (rule.to_string(), *count)).collect(),
            dropped_traces: self.dropped_traces.load(Ordering::Relaxed),
            dropped_spans: self.dropped_spans.load(Ordering::Relaxed),
            held_traces: self.held_traces.load(Ordering::Relaxed),
            held_bytes: self.held_bytes.load(Ordering::Relaxed),
            early_decisions: early.iter().map(|(it, count)| ((*it).to_owned(), *count)).collect(),
            rule_panics: self.rule_panics.load(Ordering::Relaxed),
        }
    }
}

/// What tail sampling has decided so far. What it drops is not lost: it is counted here alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TailSamplingHealth {
    /// Traces that were kept: the name of the rule, and how many.
    pub kept_traces: Vec<(String, u64)>,
    /// Traces that no rule kept.
    pub dropped_traces: u64,
    /// Their spans, those that came later included.
    pub dropped_spans: u64,
    /// Traces that are not decided yet.
    pub held_traces: usize,
    /// About how many bytes these take.
    pub held_bytes: usize,
    /// Traces that were decided before all that had ended of them was read, as a rule before their local
    /// root had ended: the bound that was reached,
    /// `max_traces`, `max_bytes`, `max_age` or `shutdown`, and how many.
    pub early_decisions: Vec<(String, u64)>,
    /// How often a rule of the program's own panicked; the trace was kept.
    pub rule_panics: u64,
}

impl fmt::Display for TailSamplingHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept: u64 = self.kept_traces.iter().map(|(_, count)| count).sum();
        write!(formatter, "tail sampling: {kept} traces kept")?;
        if kept > 0 {
            write!(formatter, " ({})", counts(&self.kept_traces))?;
        }
        write!(
            formatter,
            ", {} traces with {} spans dropped, {} traces waiting",
            self.dropped_traces, self.dropped_spans, self.held_traces
        )?;
        if !self.early_decisions.is_empty() {
            let early = counts(&self.early_decisions);
            write!(formatter, "\n  decided early: {early}")?;
        }
        if self.rule_panics > 0 {
            write!(formatter, "\n  {} panics of rules, whose traces were kept", self.rule_panics)?;
        }
        Ok(())
    }
}

fn counts(of: &[(String, u64)]) -> String {
    let each: Vec<String> = of.iter().map(|(name, count)| format!("{count} × {name}")).collect();
    each.join(", ")
}
