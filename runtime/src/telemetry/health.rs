//! How telemetry fares.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::SystemTime;

use crate::export::ledger::{Account, Ledger};
use crate::export::tail::figures::TailSamplingHealth;

/// What is configured and why, and what became of the telemetry so far; `Display` is for a person.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Health {
    /// Whether anything is recorded.
    pub is_enabled: bool,
    /// When `init` was called.
    pub since: SystemTime,
    /// One line per setting: its value and the variable or code that it came from.
    pub decisions: Vec<String>,
    /// What was wrong with the settings.
    pub warnings: Vec<String>,
    /// Each exporter's account: traces, metrics, logs.
    pub exporters: Vec<ExporterHealth>,
    /// Spans that no exporter has seen: they found the queue full, by number or by bytes, or came too
    /// late for the shutdown.
    pub dropped_spans: u64,
    /// Log records that no exporter has seen, for the same reasons.
    pub dropped_records: u64,
    /// Why: what and why, each with how many.
    pub drop_reasons: Vec<(String, u64)>,
    /// Whether spans were started before `init`: they are not recorded.
    pub started_early: bool,
    /// Spans that ended after shutdown, in this process.
    pub late_spans: u64,
    /// Headers of trace context and baggage that arrived and were not taken as they were, in this
    /// process: no `traceparent`, too long, with control characters.
    pub refused_headers: u64,
    /// Headers and entries of baggage that arrived and were not taken for an identity: too long, too
    /// many, or no text.
    pub refused_baggage: u64,
    /// Evaluations that were not recorded, in this process: without a name, or with a score that is
    /// no finite number.
    pub refused_evaluations: u64,
    /// How often a function of the program's that looks at content panicked; what it looked at was
    /// dropped.
    pub content_panics: u64,
    /// What was masked before it left the process: the name of the mask, and in how many texts.
    pub masked_texts: Vec<(String, u64)>,
    /// Spans whose content was cut to its limit.
    pub cut_spans: u64,
    /// By how many bytes, all together.
    pub cut_content_bytes: u64,
    /// How often the function panicked that decides which traces are recorded; what it was asked about was
    /// recorded.
    pub sampler_panics: u64,
    /// What became of traces that were sampled once they had ended; `None` where every trace is kept.
    pub tail_sampling: Option<TailSamplingHealth>,
}

/// One exporter's account.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExporterHealth {
    /// Which exporter: `traces to otlp http://localhost:4317`.
    pub destination: String,
    /// Where it listens, if its backend fetches: that of `prometheus`, also where the system chose the
    /// port.
    pub address: Option<SocketAddr>,
    /// Spans that wait.
    pub queued_spans: usize,
    /// Log records that wait.
    pub queued_records: usize,
    /// Spans that the backend took.
    pub exported_spans: u64,
    /// Metric points that the backend took.
    pub exported_points: u64,
    /// Log records that the backend took.
    pub exported_records: u64,
    /// Spans that did not arrive.
    pub lost_spans: u64,
    /// Metric points that did not arrive.
    pub lost_points: u64,
    /// Log records that did not arrive.
    pub lost_records: u64,
    /// Spans and log records that were cut because each was larger than a request may be.
    pub shrunk_items: u64,
    /// Why, each with how many items it cost.
    pub reasons: Vec<(String, u64)>,
    /// What the backend took but had something to say about.
    pub remarks: Vec<String>,
    /// When something last arrived.
    pub last_success: Option<SystemTime>,
    /// When and why something last did not.
    pub last_failure: Option<(SystemTime, String)>,
    /// What is on disk, where `SPANLINE_SPOOL_DIR` is set.
    pub spool: Option<SpoolHealth>,
    is_of_logs: bool,
}

/// What of one exporter is on disk: its spans, or its metric points, or its log records.
///
/// What has ended, and what was recovered, is exported, lost, queued, or waits here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpoolHealth {
    /// The folder of its destination.
    pub folder: PathBuf,
    /// How many wait on disk for their receiver.
    pub waiting: u64,
    /// How many bytes they take there.
    pub bytes: u64,
    /// How many were found that earlier runs of the program had left.
    pub recovered: u64,
    /// How many had to give way to newer ones, or were damaged: they are among the lost.
    pub dropped: u64,
    /// Why nothing can be written there at present, or something not removed.
    pub problem: Option<String>,
}

impl ExporterHealth {
    pub(crate) fn new(ledger: &Ledger, account: Account) -> Self {
        Self {
            destination: ledger.destination.clone(),
            address: ledger.address,
            queued_spans: usize::try_from(account.spans.queued).unwrap_or(usize::MAX),
            queued_records: usize::try_from(account.records.queued).unwrap_or(usize::MAX),
            exported_spans: account.spans.exported,
            exported_points: account.points.exported,
            exported_records: account.records.exported,
            lost_spans: account.spans.lost,
            lost_points: account.points.lost,
            lost_records: account.records.lost,
            shrunk_items: account.shrunk_items,
            reasons: account.reasons,
            remarks: account.remarks,
            last_success: account.last_success,
            last_failure: account.last_failure,
            spool: account.spool,
            is_of_logs: ledger.signal == "logs",
        }
    }
}

impl ExporterHealth {
    fn write_figures(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { destination, queued_records, exported_records, lost_records, .. } = self;
        if self.is_of_logs {
            return writeln!(
                formatter,
                "{destination}: {exported_records} log records exported, {lost_records} lost, \
                 {queued_records} waiting",
            );
        }
        writeln!(
            formatter,
            "{destination}: {} spans and {} points exported, {} and {} lost, {} spans waiting",
            self.exported_spans,
            self.exported_points,
            self.lost_spans,
            self.lost_points,
            self.queued_spans,
        )
    }
}

impl fmt::Display for SpoolHealth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, waiting, bytes, recovered, dropped, problem } = self;
        writeln!(
            formatter,
            "  on disk: {waiting} waiting in {bytes} bytes, {recovered} recovered, {dropped} dropped ({})",
            folder.display()
        )?;
        match problem {
            Some(problem) => writeln!(formatter, "  {problem}"),
            None => Ok(()),
        }
    }
}

impl Health {
    /// Spans lost anywhere on the way, over all exporters.
    pub fn lost_spans(&self) -> u64 {
        self.dropped_spans + self.exporters.iter().map(|exporter| exporter.lost_spans).sum::<u64>()
    }

    /// Metric points lost anywhere on the way, over all exporters.
    pub fn lost_points(&self) -> u64 {
        self.exporters.iter().map(|exporter| exporter.lost_points).sum()
    }

    /// Log records lost anywhere on the way, over all exporters.
    pub fn lost_records(&self) -> u64 {
        self.dropped_records
            + self.exporters.iter().map(|exporter| exporter.lost_records).sum::<u64>()
    }
}

impl fmt::Display for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "recording: {}", if self.is_enabled { "on" } else { "off" })?;
        for decision in &self.decisions {
            writeln!(formatter, "{decision}")?;
        }
        for warning in &self.warnings {
            writeln!(formatter, "warning: {warning}")?;
        }
        for exporter in &self.exporters {
            exporter.write_figures(formatter)?;
            if let Some(spool) = &exporter.spool {
                write!(formatter, "{spool}")?;
            }
            if exporter.shrunk_items > 0 {
                writeln!(formatter, "  {} cut to fit a request", exporter.shrunk_items)?;
            }
            for (reason, count) in &exporter.reasons {
                writeln!(formatter, "  {count} × {reason}")?;
            }
            for remark in &exporter.remarks {
                writeln!(formatter, "  {remark}")?;
            }
        }
        write!(
            formatter,
            "{} spans dropped before any exporter, {} ended after shutdown",
            self.dropped_spans, self.late_spans
        )?;
        for (reason, count) in &self.drop_reasons {
            write!(formatter, "\n{count} {reason}")?;
        }
        if self.refused_evaluations > 0 {
            write!(formatter, "\n{} evaluations refused", self.refused_evaluations)?;
        }
        if self.refused_headers > 0 {
            write!(formatter, "\n{} headers of trace context refused", self.refused_headers)?;
        }
        if self.refused_baggage > 0 {
            write!(formatter, "\n{} headers or entries of baggage refused", self.refused_baggage)?;
        }
        if self.content_panics > 0 {
            write!(
                formatter,
                "\n{} panics of functions that look at content, which was dropped",
                self.content_panics
            )?;
        }
        if !self.masked_texts.is_empty() {
            let texts = self.masked_texts.iter();
            let texts: Vec<String> =
                texts.map(|(name, count)| format!("{count} × {name}")).collect();
            write!(formatter, "\nmasked texts: {}", texts.join(", "))?;
        }
        if self.cut_spans > 0 {
            write!(
                formatter,
                "\ncontent of {} spans cut by {} bytes",
                self.cut_spans, self.cut_content_bytes
            )?;
        }
        if self.sampler_panics > 0 {
            write!(formatter, "\n{} panics of the sampler", self.sampler_panics)?;
        }
        if let Some(tail_sampling) = &self.tail_sampling {
            write!(formatter, "\n{tail_sampling}")?;
        }
        Ok(())
    }
}
