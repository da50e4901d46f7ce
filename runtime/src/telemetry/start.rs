//! From settings to what runs: the queues, the export thread, the providers.

use std::sync::Arc;

use opentelemetry::global;

use super::notice::Notices;
use super::settings::{self, Destination, Settings};
use super::{Running, builder, foreign, logger, meter, resource};
use crate::Error;
#[cfg(feature = "content")]
use crate::content::{self, policy::ContentPolicy};
use crate::export::check::CheckPlan;
use crate::export::event::{EvaluationRecords, Events};
use crate::export::naming::Naming;
use crate::export::outgoing::{Cuts, Outgoing};
use crate::export::record_queue::RecordQueue;
use crate::export::ring::{Intake, IntakeHub};
use crate::export::span_data::Renderer;
use crate::export::tail::TailPlan;
use crate::export::worker::{LogPlan, Plan, Worker};
use crate::semconv::{attribute, metric};
use crate::span::dispatch::{self, Dispatch};

/// Starts all of it.
pub(super) fn start(
    settings: &Settings,
    options: &mut builder::Options,
    notices: &Arc<Notices>,
) -> Result<Running, Error> {
    let resource = resource::resource(&settings.resource);
    let batch = settings.batch;
    let is_watched = settings.traces.contains(&Destination::Console);
    let intake = intake(settings, is_watched);
    let naming = Naming::new(&settings.conventions, &settings.prefix);
    let scope = naming.scope();
    let check_plan = CheckPlan {
        resource: resource.clone(),
        scope: scope.clone(),
        name: naming.own(metric::CHECK),
        temporality: settings.temporality,
    };
    let (meter_provider, metrics) = meter::meter_provider(settings, &resource, &naming).unzip();
    let cut_bytes = naming.own(attribute::CONTENT_CUT_BYTES);
    let wants_metrics = metrics.is_some();
    let mut processors = std::mem::take(&mut options.span_processors);
    for processor in &mut processors {
        processor.set_resource(&resource);
    }
    let wants_spans =
        !settings.traces.is_empty() || !options.span_exporters.is_empty() || !processors.is_empty();
    let (masks, cuts) = (Arc::clone(&settings.masks), Arc::new(Cuts::default()));
    let outgoing = Outgoing::new(Arc::clone(&masks), settings.limits, Arc::clone(&cuts));
    #[cfg(feature = "content")]
    let content = content_policy(settings, options);
    #[cfg(feature = "content")]
    let (captures, has_hook) = (content.is_captured(), content.has_hook());
    #[cfg(not(feature = "content"))]
    let has_hook = false;
    let wants_logs = !settings.logs.is_empty();
    let records = record_queue(settings);
    let events = Events { exceptions: settings.exceptions, details: settings.inference_events };
    let fills_finish_reasons = naming.fills_finish_reasons();
    let sampling = settings.tail_sampling.as_ref();
    let tail = sampling.map(|it| TailPlan::new(it.clone(), options.cancelled_is_error));
    let worker = Worker::start(Plan {
        intake: Arc::clone(&intake),
        renderer: Renderer::new(
            settings.limits,
            outgoing,
            options.cancelled_is_error,
            events,
            naming,
            is_watched,
        ),
        #[cfg(feature = "content")]
        content,
        resource: resource.clone(),
        traces: renamed(&settings.traces, cut_bytes),
        given: std::mem::take(&mut options.span_exporters),
        processors: processors.clone(),
        metrics,
        logs: log_plan(settings, &records, cut_bytes),
        batch,
        tail: tail.clone(),
        overload: settings.overload,
        notices: Arc::clone(notices),
    })?;
    let logger_provider =
        if wants_logs { logger::provider(Arc::clone(&records)) } else { logger::none() };
    let tracer_provider =
        foreign::tracer_provider(settings, resource, Arc::clone(&intake), processors);
    global::set_tracer_provider(tracer_provider.clone());
    if let Some(provider) = &meter_provider {
        global::set_meter_provider(provider.clone());
    }
    if wants_spans || wants_metrics || wants_logs || has_hook {
        #[cfg(feature = "content")]
        content::set(captures, has_hook);
        dispatch::install(Dispatch {
            // Also where spans go nowhere: the decision travels on to other processes.
            sampler: settings.sampler,
            sample_if: settings.sample_if.clone(),
            metrics: wants_metrics,
            room: settings.limits.room(),
            prices: settings.prices.clone().into(),
            detail: settings.error_detail,
            fills_finish_reasons,
            hub: Box::new(IntakeHub(Arc::clone(&intake))),
            evaluations: wants_logs
                .then(|| Box::new(EvaluationRecords::new(Arc::clone(&records), scope)) as Box<_>),
        });
    }
    if let Some(provider) = &meter_provider {
        worker.losses.clone().observe(provider);
    }
    Ok(Running {
        worker,
        tracer_provider,
        meter_provider,
        logger_provider,
        masks,
        cuts,
        tail: tail.map(|plan| plan.figures),
        check_plan,
    })
}

fn intake(settings: &Settings, is_watched: bool) -> Arc<Intake> {
    let settings::Batch { queue, size, .. } = settings.batch;
    Arc::new(Intake::new(queue, settings.overload.bytes, size, is_watched))
}

fn record_queue(settings: &Settings) -> Arc<RecordQueue> {
    let settings::Batch { queue, size, .. } = settings.record_batch;
    let is_watched = settings.logs.contains(&Destination::Console);
    Arc::new(RecordQueue::new(queue, settings.overload.bytes, size, is_watched))
}

fn log_plan(settings: &Settings, queue: &Arc<RecordQueue>, cut_bytes: &'static str) -> LogPlan {
    LogPlan {
        queue: Arc::clone(queue),
        destinations: renamed(&settings.logs, cut_bytes),
        batch: settings.record_batch,
        limits: settings.record_limits,
        masks: Arc::clone(&settings.masks),
    }
}

/// The same with the name that this program has for what was cut.
fn renamed(destinations: &[Destination], cut_bytes: &'static str) -> Vec<Destination> {
    let mut destinations = destinations.to_vec();
    for destination in &mut destinations {
        if let Destination::Otlp(otlp) = destination {
            otlp.cut_bytes = cut_bytes;
        }
    }
    destinations
}

#[cfg(feature = "content")]
fn content_policy(settings: &Settings, options: &builder::Options) -> ContentPolicy {
    let settings::ContentSettings { capture, mode, full_definitions } = settings.content;
    let capture = if settings.inference_events { capture } else { capture.without_events() };
    let masks = Arc::clone(&settings.masks);
    ContentPolicy { capture, mode, full_definitions, masks, functions: options.content.clone() }
}
