//! Set-up, flush, shutdown and health.

pub(crate) mod builder;
pub(crate) mod check;
pub(crate) mod diagnosis;
pub(crate) mod diagnostics;
pub(crate) mod env;
#[cfg(unix)]
mod exit;
mod foreign;
pub(crate) mod health;
mod logger;
pub(crate) mod losses;
mod meter;
pub(crate) mod notice;
pub(crate) mod overload;
pub(crate) mod resource;
pub(crate) mod settings;
mod start;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use opentelemetry::global;
use opentelemetry::propagation::TextMapCompositePropagator;
use opentelemetry::trace::noop::NoopTracerProvider;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::Error;
use crate::content::mask::Masks;
use crate::error::Lost;
use crate::evaluation;
use crate::export::check::CheckPlan;
use crate::export::ledger::{Account, Ledger};
use crate::export::outgoing::Cuts;
use crate::export::tail::figures::Figures;
use crate::export::worker::Worker;
use crate::identity::baggage::{self, BaggagePolicy};
use crate::propagation::carrier;
use crate::span::dispatch;
use crate::span::trace_start::SampleIf;
use builder::TelemetryBuilder;
use check::CheckReport;
use diagnostics::{Level, tell};
use health::Health;
use losses::Losses;
use notice::Notices;
use settings::{Propagator, Settings};
use start::start;

/// What is set up in this process, while it is.
static INSTALLED: Mutex<Option<Arc<Installed>>> = Mutex::new(None);

/// Sets everything up from the environment: exporters, sampling, limits, resource, propagators,
/// by the standard `OTEL_*` variables, `console` without any.
///
/// Keep the returned value: dropping it flushes and shuts down.
///
/// ```
/// # #[cfg(feature = "telemetry")]
/// # fn main() -> Result<(), spanline::Error> {
/// let telemetry = spanline::init()?;
/// // … the program …
/// telemetry.shutdown()?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "telemetry"))]
/// # fn main() {}
/// ```
///
/// # Errors
///
/// When going on would lose data or leak: an endpoint that is no URL, a certificate that cannot be
/// read. Any other bad value is named in a message on stderr and in [`Telemetry::health`], and its
/// default is used.
pub fn init() -> Result<Telemetry, Error> {
    Telemetry::builder().init()
}

/// The program's telemetry; flushes and shuts down when dropped.
///
/// A second `init` returns another handle to the first one; dropping that does nothing.
#[derive(Debug)]
#[must_use = "dropped at once, telemetry is shut down at once: write `let telemetry = …`, not `let _ = …`"]
pub struct Telemetry {
    installed: Arc<Installed>,
    is_owner: bool,
}

#[derive(Debug)]
struct Installed {
    settings: Settings,
    baggage: Arc<BaggagePolicy>,
    #[cfg(feature = "content")]
    content_panics: Arc<std::sync::atomic::AtomicU64>,
    since: SystemTime,
    shutdown_timeout: Duration,
    notices: Arc<Notices>,
    /// Absent when disabled.
    running: Option<Running>,
    is_down: AtomicBool,
    /// Held for as long as the shutdown takes.
    closing: Mutex<()>,
    /// What was lost when `flush` last said so.
    reported: Mutex<Lost>,
    /// Whether spans were started before this.
    started_early: bool,
    /// Whether the program brought an exporter of its own.
    has_given: bool,
}

#[derive(Debug)]
struct Running {
    worker: Worker,
    tracer_provider: SdkTracerProvider,
    meter_provider: Option<SdkMeterProvider>,
    logger_provider: SdkLoggerProvider,
    masks: Arc<Masks>,
    cuts: Arc<Cuts>,
    /// Where traces are sampled once they have ended.
    tail: Option<Arc<Figures>>,
    check_plan: CheckPlan,
}

impl Telemetry {
    /// Sets things in code; what is not set comes from the environment.
    pub fn builder() -> TelemetryBuilder {
        TelemetryBuilder::default()
    }

    /// Whether anything is recorded; false when disabled by `OTEL_SDK_DISABLED` and after
    /// shutdown.
    pub fn is_enabled(&self) -> bool {
        self.installed.running.is_some() && !self.installed.is_down()
    }

    /// What is configured and why, and what became of the telemetry so far.
    pub fn health(&self) -> Health {
        self.installed.health()
    }

    /// Sends one span, one metric point and one log record, to each exporter what it is for, and says
    /// what came back: what arrived, and what is wrong with what did not and what to change.
    ///
    /// They are named `spanline.check`, go the way of everything else (client, TLS, headers,
    /// compression), each once, for OTLP past the queue, and are neither exported nor lost in
    /// [`health`](Self::health). What is wrong with the settings is found too: telemetry that is off,
    /// a sampler that records nothing, spans that go nowhere or were started before `init`.
    ///
    /// Works inside and outside any runtime, and waits: at most seven seconds, and less where
    /// `OTEL_EXPORTER_OTLP_TIMEOUT` is shorter.
    ///
    /// ```no_run
    /// # #[cfg(feature = "telemetry")]
    /// # fn main() -> Result<(), spanline::Error> {
    /// let telemetry = spanline::init()?;
    /// let report = telemetry.check();
    /// if !report.is_ok() {
    ///     eprintln!("{report}");
    /// }
    /// # telemetry.shutdown()
    /// # }
    /// # #[cfg(not(feature = "telemetry"))]
    /// # fn main() {}
    /// ```
    #[must_use = "the report is all that a check is for"]
    pub fn check(&self) -> CheckReport {
        self.installed.check()
    }

    /// What other log code writes to, such as the appenders of OpenTelemetry for `tracing` and `log`:
    /// its records go where [`TelemetryBuilder::logs_to`] says, with the ids of the span that they
    /// are made in. Where log records go nowhere, and after shutdown, it takes none.
    pub fn logger_provider(&self) -> SdkLoggerProvider {
        match &self.installed.running {
            Some(running) => running.logger_provider.clone(),
            None => logger::none(),
        }
    }

    /// Exports everything that has ended, from all threads; works inside and outside any runtime.
    ///
    /// # Errors
    ///
    /// When spans, metric points or log records were lost since the last flush, how many and why; when
    /// not all of it was sent in time; and inside the callback of a metric, which would wait for
    /// itself.
    pub fn flush(&self) -> Result<(), Error> {
        self.installed.flush()
    }

    /// Exports everything that has ended and stops. Later spans cost nothing and are not recorded.
    ///
    /// # Errors
    ///
    /// When spans, metric points or log records were lost since `init`: how many and why. Whoever calls
    /// this a second time waits for the first, and is told nothing new.
    pub fn shutdown(&self) -> Result<(), Error> {
        self.installed.shut_down()
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if self.is_owner
            && let Err(error) = self.installed.shut_down()
        {
            self.installed.notices.error(&error.to_string());
        }
    }
}

/// Installs what the settings say, or joins what is installed already.
fn install(settings: Settings, mut options: builder::Options) -> Result<Telemetry, Error> {
    let mut slot = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    while let Some(installed) = &*slot
        && installed.is_down.load(Ordering::SeqCst)
        && !installed.is_export_thread()
    {
        let leaving = Arc::clone(installed);
        drop(slot);
        leaving.wait_until_down();
        slot = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
    }
    if let Some(installed) = &*slot {
        let installed = Arc::clone(installed);
        installed
            .notices
            .warn("telemetry was set up already; the settings of this further `init` are not used");
        return Ok(Telemetry { installed, is_owner: false });
    }
    let has_given = !(options.span_exporters.is_empty() && options.span_processors.is_empty());
    let notices = Arc::new(Notices::new(settings.log_level));
    let running = if settings.disabled {
        None
    } else {
        let running = start(&settings, &mut options, &notices);
        Some(running.map_err(|error| settings.explain(&error))?)
    };
    set_propagators(&settings.propagators);
    let baggage =
        Arc::new(BaggagePolicy::new(settings.baggage_keys.clone(), settings.baggage_hosts.clone()));
    baggage::set_policy((!baggage.keys.is_empty()).then(|| Arc::clone(&baggage)));
    for warning in &settings.warnings {
        notices.warn(warning);
    }
    let started_early = dispatch::take_early();
    // What is off records nothing, whenever it is started.
    if started_early && running.is_some() {
        notices.warn(&format!("{}; {}", check::STARTED_EARLY, check::INIT_FIRST));
    }
    for decision in &settings.decisions {
        tell(Level::Debug, format_args!("{decision}"));
    }
    let installed = Arc::new(Installed {
        settings,
        baggage,
        #[cfg(feature = "content")]
        content_panics: Arc::clone(&options.content.panics),
        since: SystemTime::now(),
        shutdown_timeout: options.shutdown_timeout,
        notices,
        running,
        is_down: AtomicBool::new(false),
        closing: Mutex::default(),
        reported: Mutex::default(),
        started_early,
        has_given,
    });
    *slot = Some(Arc::clone(&installed));
    drop(slot);
    #[cfg(unix)]
    exit::watch_main();
    #[cfg(all(unix, feature = "signals"))]
    if options.exits_on_signals
        && let Err(error) = exit::watch_signals()
    {
        installed.notices.warn(&format!("signals end the program at once: {error}"));
    }
    Ok(Telemetry { installed, is_owner: true })
}

fn set_propagators(propagators: &[Propagator]) {
    let propagators = propagators
        .iter()
        .map(|propagator| match propagator {
            Propagator::TraceContext => Box::new(TraceContextPropagator::new()) as Box<_>,
            Propagator::Baggage => Box::new(BaggagePropagator::new()) as Box<_>,
        })
        .collect();
    global::set_text_map_propagator(TextMapCompositePropagator::new(propagators));
}

impl Installed {
    fn is_down(&self) -> bool {
        self.is_down.load(Ordering::SeqCst)
    }

    fn flush(&self) -> Result<(), Error> {
        let Some(running) = &self.running else { return Ok(()) };
        if self.is_down() && !self.is_export_thread() {
            self.wait_until_down();
            return Ok(());
        }
        let complaint = running.worker.flush(false, self.shutdown_timeout).err();
        let now = self.lost();
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        let new = Lost {
            spans: now.spans.saturating_sub(reported.spans),
            points: now.points.saturating_sub(reported.points),
            records: now.records.saturating_sub(reported.records),
        };
        *reported = now;
        if new.is_any() || complaint.is_some() {
            return Err(Error::lost(new, self.reasons(complaint)));
        }
        Ok(())
    }

    fn is_export_thread(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.worker.is_here())
    }

    fn wait_until_down(&self) {
        if !self.is_export_thread() {
            drop(self.closing.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn shut_down(&self) -> Result<(), Error> {
        if self.is_export_thread() {
            let complaint = String::from("shutdown asked for on the export thread itself");
            return Err(Error::lost(Lost::default(), vec![complaint]));
        }
        // Whoever comes second may end the program next: not before the first is done.
        let _closing = self.closing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_down.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        baggage::set_policy(None);
        let Some(running) = &self.running else {
            *INSTALLED.lock().unwrap_or_else(PoisonError::into_inner) = None;
            return Ok(());
        };
        dispatch::uninstall();
        #[cfg(feature = "content")]
        crate::content::set(false, false);
        let complaint = running.worker.flush(true, self.shutdown_timeout).err();
        // Each is stopped whatever became of the others; their own flushes have nothing to do.
        global::set_tracer_provider(NoopTracerProvider::new());
        let _ = running.tracer_provider.shutdown();
        let _ = running.logger_provider.shutdown();
        if let (Some(provider), None) = (&running.meter_provider, &complaint) {
            // Waits for a collection, and that may not end.
            let _ = provider.shutdown();
        }
        *INSTALLED.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.tell_what_waits();
        let lost = self.lost();
        if lost.is_any() || complaint.is_some() {
            return Err(Error::lost(lost, self.reasons(complaint)));
        }
        Ok(())
    }

    /// What is on disk is not lost, and not delivered either.
    fn tell_what_waits(&self) {
        for (ledger, account) in self.accounts() {
            let Some(spool) = account.spool.filter(|spool| spool.waiting > 0) else { continue };
            let (destination, waiting) = (&ledger.destination, spool.waiting);
            let noun = ledger.item().noun();
            let why = account.last_failure.map(|(_, reason)| format!(": {reason}"));
            self.notices.warn(&format!(
                "{destination}: {waiting} {noun} wait on disk for the next start of the program{}",
                why.unwrap_or_default(),
            ));
        }
    }

    fn accounts(&self) -> impl Iterator<Item = (&Ledger, Account)> {
        let ledgers = self.running.iter().flat_map(|running| &running.worker.losses.ledgers);
        ledgers.map(|ledger| (&**ledger, ledger.account()))
    }

    fn lost(&self) -> Lost {
        let (spans, records) = self.dropped();
        let dropped = Lost { spans, points: 0, records };
        self.accounts().fold(dropped, |lost, (_, account)| Lost {
            spans: lost.spans + account.spans.lost,
            points: lost.points + account.points.lost,
            records: lost.records + account.records.lost,
        })
    }

    /// Spans and log records that no exporter has seen.
    fn dropped(&self) -> (u64, u64) {
        let running = self.running.as_ref();
        let total = |losses: &Losses| (losses.intake.drops.total(), losses.records.drops.total());
        running.map_or((0, 0), |running| total(&running.worker.losses))
    }

    fn drop_reasons(&self) -> impl Iterator<Item = (String, u64)> {
        self.running.iter().flat_map(|running| running.worker.losses.drop_reasons())
    }

    fn reasons(&self, complaint: Option<String>) -> Vec<String> {
        let mut reasons: Vec<String> =
            self.accounts().flat_map(|(_, account)| account.reasons).map(|(why, _)| why).collect();
        reasons.extend(self.drop_reasons().map(|(reason, count)| format!("{count} {reason}")));
        reasons.extend(complaint);
        reasons
    }

    fn health(&self) -> Health {
        let (dropped_spans, dropped_records) = self.dropped();
        let (cut_spans, cut_content_bytes) =
            self.running.as_ref().map_or((0, 0), |running| running.cuts.counts());
        Health {
            is_enabled: self.running.is_some() && !self.is_down(),
            since: self.since,
            decisions: self.settings.decisions.clone(),
            warnings: self.notices.warnings(),
            exporters: self
                .accounts()
                .map(|(ledger, account)| health::ExporterHealth::new(ledger, account))
                .collect(),
            dropped_spans,
            dropped_records,
            drop_reasons: self.drop_reasons().collect(),
            started_early: self.started_early,
            late_spans: dispatch::homeless(),
            refused_headers: carrier::refused(),
            refused_baggage: self.baggage.refused(),
            refused_evaluations: evaluation::refused(),
            #[cfg(feature = "content")]
            content_panics: self.content_panics.load(Ordering::Relaxed),
            #[cfg(not(feature = "content"))]
            content_panics: 0,
            masked_texts: self.running.as_ref().map_or_else(Vec::new, |it| it.masks.counts()),
            cut_spans,
            cut_content_bytes,
            sampler_panics: self.settings.sample_if.as_ref().map_or(0, SampleIf::panics),
            tail_sampling: self
                .running
                .as_ref()
                .and_then(|running| running.tail.as_ref().map(|figures| figures.health())),
        }
    }
}
