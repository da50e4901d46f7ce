//! What was sent, what arrived, what was counted as lost.

use std::collections::HashSet;

use crate::SpanKey;

/// Spans, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Ended in the program.
    pub sent: u64,
    /// Written down by the receiver, each once.
    pub arrived: u64,
    /// Written down again.
    pub twice: u64,
    /// Those that `health()` counts as lost.
    pub counted: u64,
    /// Those that `health()` says are on disk.
    pub on_disk: u64,
    /// Written down by the receiver and not by the program.
    pub unknown: u64,
}

impl Account {
    #[must_use]
    pub fn new(sent: &[SpanKey], arrived: &[SpanKey], counted: u64, on_disk: u64) -> Self {
        let known: HashSet<&SpanKey> = sent.iter().collect();
        let distinct: HashSet<&SpanKey> = arrived.iter().collect();
        Self {
            sent: known.len() as u64,
            arrived: distinct.len() as u64,
            twice: (arrived.len() - distinct.len()) as u64,
            counted,
            on_disk,
            unknown: distinct.difference(&known).count() as u64,
        }
    }

    /// Spans that did not arrive.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.sent - (self.arrived - self.unknown)
    }

    /// Spans that are neither at the receiver nor in `health()`: so many at least. `health()` counts and
    /// has no ids, so that each [that is counted and arrived](Self::counted_and_arrived) hides one. Where
    /// that may be, a judgement asks that all are counted, or that all arrive in the end.
    #[must_use]
    pub fn silently_lost(&self) -> u64 {
        self.missing().saturating_sub(self.counted + self.on_disk)
    }

    /// Spans in `health()` that arrived all the same: the receiver took them and its answer did not come.
    /// So many at least.
    #[must_use]
    pub fn counted_and_arrived(&self) -> u64 {
        (self.counted + self.on_disk).saturating_sub(self.missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(names: &str) -> Vec<SpanKey> {
        names.chars().map(String::from).collect()
    }

    #[test]
    fn what_is_missing_is_counted_or_silently_lost() {
        let account = Account::new(&spans("abcdef"), &spans("abb"), 2, 1);
        let expected =
            Account { sent: 6, arrived: 2, twice: 1, counted: 2, on_disk: 1, unknown: 0 };
        assert_eq!(account, expected);
        let lost = (account.missing(), account.silently_lost(), account.counted_and_arrived());
        assert_eq!(lost, (4, 1, 0));
    }

    #[test]
    fn what_is_counted_and_arrived_is_told_apart() {
        let account = Account::new(&spans("abc"), &spans("abc"), 1, 1);
        assert_eq!((account.silently_lost(), account.counted_and_arrived()), (0, 2));
    }

    #[test]
    fn a_span_that_is_counted_and_arrived_hides_one_that_is_lost() {
        let account = Account::new(&spans("abc"), &spans("ab"), 1, 0);
        assert_eq!((account.silently_lost(), account.counted_and_arrived()), (0, 0));
        let account = Account::new(&spans("abc"), &spans("a"), 1, 0);
        assert_eq!((account.silently_lost(), account.counted_and_arrived()), (1, 0));
    }

    #[test]
    fn what_nobody_sent_makes_up_for_no_loss() {
        let account = Account::new(&spans("abc"), &spans("abx"), 0, 0);
        assert_eq!((account.unknown, account.silently_lost()), (1, 1));
    }
}
