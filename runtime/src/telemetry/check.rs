//! Whether what is configured works: one span, one point and one log record, and what comes back.

use std::fmt;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use super::diagnosis::{Diagnosis, Finding};
use super::settings::Settings;
use super::{Installed, Running};
use crate::Sampler;
use crate::export::check::{Checked, Probe, Samples};

/// How long each exporter has; an exporter's own timeout counts where it is shorter.
const PATIENCE: Duration = Duration::from_secs(4);
/// For finding out what is spoken where no answer came, and for the export thread's own work.
const AFTERWARDS: Duration = Duration::from_secs(3);

/// What a check found; `Display` is for a person, a line for each exporter and each thing that is
/// wrong.
///
/// ```no_run
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// use spanline::Diagnosis;
///
/// let telemetry = spanline::init()?;
/// let report = telemetry.check();
/// println!("{report}");
/// for exporter in &report.exporters {
///     if let Some(finding) = &exporter.finding
///         && finding.diagnosis == Diagnosis::ConnectionRefused
///     {
///         eprintln!("is the collector running? {}", exporter.destination);
///     }
/// }
/// # telemetry.shutdown()
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckReport {
    /// The trace that arrived, to look for in the backend; none where none did.
    pub trace_id: Option<String>,
    /// What is wrong with the settings.
    pub findings: Vec<Finding>,
    /// What came of each exporter: traces, metrics, logs.
    pub exporters: Vec<ExporterCheck>,
}

/// What came of one exporter.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExporterCheck {
    /// Which exporter: `traces to otlp http://localhost:4317`.
    pub destination: String,
    /// `traces`, `metrics` or `logs`.
    pub signal: &'static str,
    /// How long it took.
    pub duration: Duration,
    /// What the receiver took, but had something to say about.
    pub remark: Option<String>,
    /// What is wrong; none where what was sent arrived.
    pub finding: Option<Finding>,
}

impl CheckReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.all().next().is_none()
    }

    /// Whether this is among what is wrong, with the settings or with an exporter.
    #[must_use]
    pub fn has(&self, diagnosis: Diagnosis) -> bool {
        self.all().any(|finding| finding.diagnosis == diagnosis)
    }

    fn all(&self) -> impl Iterator<Item = &Finding> {
        let exporters = self.exporters.iter().filter_map(|exporter| exporter.finding.as_ref());
        self.findings.iter().chain(exporters)
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let findings = self.findings.iter().map(ToString::to_string);
        let exporters = self.exporters.iter().map(ToString::to_string);
        let trace = self.trace_id.iter().map(|id| format!("the span is in the trace {id}"));
        let lines: Vec<String> = findings.chain(exporters).chain(trace).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl fmt::Display for ExporterCheck {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { destination, duration, remark, finding, .. } = self;
        if let Some(finding) = finding {
            return write!(formatter, "{destination}: failed: {finding}");
        }
        let item = match self.signal {
            "metrics" => "point",
            "logs" => "log record",
            _ => "span",
        };
        write!(formatter, "{destination}: ok, one {item} in {} ms", duration.as_millis())?;
        match remark {
            Some(remark) => write!(formatter, "; {remark}"),
            None => Ok(()),
        }
    }
}

impl Installed {
    pub(super) fn check(&self) -> CheckReport {
        let mut findings = self.of_settings();
        let is_down = self.is_down();
        let Some(running) = self.running.as_ref().filter(|_| !is_down) else {
            return CheckReport { trace_id: None, findings, exporters: Vec::new() };
        };
        if running.worker.is_here() {
            findings.push(Finding::new(
                Diagnosis::OnExportThread,
                "the check was asked for on the export thread itself",
                "ask on a thread of the program's",
            ));
            return CheckReport { trace_id: None, findings, exporters: Vec::new() };
        }
        let samples = running.check_plan.samples();
        let mut exporters = running.try_exporters(&samples);
        find_signals_not_taken(&mut exporters);
        let is_there = exporters.iter().any(|it| it.signal == "traces" && it.finding.is_none());
        let trace_id = is_there.then(|| samples.trace_id.to_string());
        CheckReport { trace_id, findings, exporters }
    }

    fn of_settings(&self) -> Vec<Finding> {
        let settings = &self.settings;
        let mut findings = Vec::new();
        if self.is_down() {
            findings.push(Finding::new(
                Diagnosis::ShutDown,
                "telemetry has been shut down",
                "check, and make spans, before `shutdown` and before the handle is dropped",
            ));
        }
        if self.started_early {
            findings.push(Finding::new(Diagnosis::StartedBeforeInit, STARTED_EARLY, INIT_FIRST));
        }
        if settings.disabled {
            findings.push(Finding::new(
                Diagnosis::Disabled,
                format!("telemetry is off: {}", decision(settings, "disabled")),
                "unset that, or set it to the opposite",
            ));
            return findings;
        }
        if settings.traces.is_empty() && !self.has_given {
            findings.push(Finding::new(
                Diagnosis::NoExporter,
                format!("spans go nowhere: {}", decision(settings, "traces")),
                "name an exporter in OTEL_TRACES_EXPORTER, such as console or otlp",
            ));
        }
        let is_off = match settings.sampler {
            Sampler::AlwaysOff | Sampler::ParentBasedAlwaysOff => true,
            Sampler::TraceIdRatio(share) | Sampler::ParentBasedTraceIdRatio(share) => share <= 0.0,
            _ => false,
        };
        if is_off {
            findings.push(Finding::new(
                Diagnosis::NothingSampled,
                format!("no trace that begins here is recorded: {}", decision(settings, "sampler")),
                "set OTEL_TRACES_SAMPLER=parentbased_always_on, or a share above 0 in \
                 OTEL_TRACES_SAMPLER_ARG",
            ));
        }
        findings
    }
}

/// What is said of spans that came too soon.
pub(super) const STARTED_EARLY: &str =
    "spans were started before telemetry was set up, and are not recorded";
pub(super) const INIT_FIRST: &str = "call `init` first in `main`";

/// What was decided about it, and where that came from.
fn decision<'a>(settings: &'a Settings, what: &str) -> &'a str {
    let about = |line: &&String| line.strip_prefix(what).is_some_and(|rest| rest.starts_with(':'));
    settings.decisions.iter().find(about).map_or("set in code", String::as_str)
}

impl Running {
    /// All at once, so that a slow one does not use up the time of the others.
    fn try_exporters(&self, samples: &Samples) -> Vec<ExporterCheck> {
        let probes = &self.worker.probes;
        let (tell, told) = sync_channel(probes.len().max(1));
        for (index, probe) in probes.iter().cloned().enumerate() {
            let (tell, samples) = (tell.clone(), samples.clone());
            self.worker.runtime.spawn(async move {
                let _ = tell.send((index, probe.check(samples, PATIENCE).await));
            });
        }
        drop(tell);
        let deadline = Instant::now() + PATIENCE + AFTERWARDS;
        let mut answers: Vec<Option<(Duration, Checked)>> = vec![None; probes.len()];
        while let Ok((index, answer)) =
            told.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            if let Some(place) = answers.get_mut(index) {
                *place = Some(answer);
            }
        }
        let checks = probes.iter().zip(answers);
        checks.map(|(probe, answer)| of_answer(probe, answer)).collect()
    }
}

fn of_answer(probe: &Probe, answer: Option<(Duration, Checked)>) -> ExporterCheck {
    let (duration, checked) = answer.unwrap_or_else(|| {
        let finding = Finding::new(
            Diagnosis::NoAnswer,
            "the export thread did not answer",
            "see what holds it up: callbacks of metrics and exporters of your own run there",
        );
        (PATIENCE + AFTERWARDS, Err(finding))
    });
    let (remark, finding) = match checked {
        Ok(remark) => (remark, None),
        Err(finding) => (None, Some(finding)),
    };
    let ledger = &probe.ledger;
    let (destination, signal) = (ledger.destination.clone(), ledger.signal);
    ExporterCheck { destination, signal, duration, remark, finding }
}

/// A path that is missing is one thing, and one that is missing beside another that is there is another:
/// whoever takes spans at the same place is the right place.
fn find_signals_not_taken(exporters: &mut [ExporterCheck]) {
    let taking: Vec<String> = exporters
        .iter()
        .filter(|exporter| exporter.signal == "traces" && exporter.finding.is_none())
        .filter_map(|exporter| place_of(&exporter.destination).map(ToOwned::to_owned))
        .collect();
    for exporter in exporters {
        let (noun, variable) = match exporter.signal {
            "metrics" => ("metrics", "OTEL_METRICS_EXPORTER"),
            "logs" => ("log records", "OTEL_LOGS_EXPORTER"),
            _ => continue,
        };
        let is_there = place_of(&exporter.destination)
            .is_some_and(|place| taking.iter().any(|taking| taking == place));
        if let Some(finding) = &mut exporter.finding
            && finding.diagnosis == Diagnosis::PathNotFound
            && is_there
        {
            finding.diagnosis = Diagnosis::SignalNotTaken;
            finding.advice =
                format!("this receiver takes spans and no {noun}: set {variable}=none");
        }
    }
}

/// Scheme, host and port of an endpoint, and the path before the signal's own.
fn place_of(destination: &str) -> Option<&str> {
    let url = destination.split(" to otlp ").nth(1)?;
    let paths = ["/v1/traces", "/v1/metrics", "/v1/logs"];
    paths.iter().find_map(|path| url.strip_suffix(path))
}
