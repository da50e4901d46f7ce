//! From a plan to the export thread's own: its exporters, each with a queue and a task.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc};

use super::logs::Logs;
use super::{BATCH_BYTES, Export, Plan};
use crate::Error;
use crate::export::Exporter;
use crate::export::fetched::CatchUp;
use crate::export::ledger::Ledger;
use crate::export::pending::Pending;
use crate::export::queue::{Amount, Bounds};
use crate::export::record::Record;
use crate::export::ring::Outlet;
use crate::export::route::Route;
use crate::export::tail::Tail;
use crate::telemetry::losses::{LossWarning, Losses};
use crate::telemetry::overload::Overload;
use crate::telemetry::settings::{Batch, Destination};

impl Export {
    pub(super) fn set_up(
        plan: Plan,
        asking: mpsc::UnboundedSender<CatchUp>,
    ) -> Result<Self, Error> {
        let resource = &plan.resource;
        let progress = Arc::new(Notify::new());
        let Overload { bytes, drop_first } = plan.overload;
        let start = |exporter, ledger, items, timeout| {
            let progress = Arc::clone(&progress);
            let bounds = Bounds { items, bytes, drop_first };
            Route::start(exporter, ledger, resource.clone(), progress, bounds, timeout)
        };
        let route = |signal, destination: &Destination, queue, timeout| {
            let exporter = Exporter::open(destination)?;
            let ledger = Arc::new(Ledger::new(signal, destination));
            #[cfg(all(feature = "spool", any(feature = "otlp-grpc", feature = "otlp-http")))]
            let exporter = exporter.with_spool(&ledger)?;
            Ok::<_, Error>(start(exporter, ledger, queue, timeout))
        };
        let batch_bytes = BATCH_BYTES.min(bytes / 4);
        let batch = plan.batch;
        let mut traces = Vec::new();
        for destination in &plan.traces {
            traces.push(route("traces", destination, batch.queue, batch.timeout)?);
        }
        for mut given in plan.given {
            given.set_resource(resource);
            let ledger = Arc::new(Ledger::new("traces", &given.name));
            traces.push(start(Exporter::Given(given), ledger, batch.queue, batch.timeout));
        }
        for processor in plan.processors {
            let ledger = Arc::new(Ledger::new("traces", &processor.name));
            traces.push(start(Exporter::Processor(processor), ledger, batch.queue, batch.timeout));
        }
        let mut metrics = Vec::new();
        if let Some(metric_plan) = &plan.metrics {
            for destination in &metric_plan.destinations {
                metrics.push(route("metrics", destination, batch.queue, metric_plan.timeout)?);
            }
        }
        let fetched = plan.metrics.as_ref().and_then(|plan| plan.fetched.as_ref());
        let served = fetched.map(|fetched| fetched.serve(asking)).transpose()?;
        let mut logs = Logs::new(&plan.logs, batch_bytes);
        for destination in &plan.logs.destinations {
            let Batch { queue, timeout, .. } = plan.logs.batch;
            logs.routes.push(route("logs", destination, queue, timeout)?);
        }
        let size = Amount { items: batch.size, bytes: batch_bytes };
        let pending = Pending::new(traces.iter().map(|route: &Route| route.form), size);
        let routes = traces.iter().chain(&metrics).chain(&logs.routes);
        let ledgers = routes.map(|route| &route.ledger).chain(served.iter().map(|it| &it.ledger));
        let losses = Losses {
            intake: Arc::clone(&plan.intake),
            records: Arc::clone(&logs.queue),
            ledgers: ledgers.cloned().collect(),
        };
        Ok(Self {
            outlet: Outlet::new(Arc::clone(&plan.intake)),
            intake: plan.intake,
            record: Record::new(),
            renderer: plan.renderer,
            #[cfg(feature = "content")]
            content: plan.content,
            batch,
            batch_size: size,
            eager: plan.traces.contains(&Destination::Console),
            traces,
            metric_plan: plan.metrics,
            metrics,
            served,
            logs,
            tail: plan.tail.map(Tail::new),
            pending,
            progress,
            points: 0,
            loss_warning: LossWarning::new(losses.clone(), plan.notices),
            losses,
            backlog: false,
        })
    }
}
