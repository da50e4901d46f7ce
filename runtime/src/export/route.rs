//! One exporter's own queue and task, so that a slow one keeps nobody else waiting.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::{Notify, oneshot};

use super::check::{Probe, Sample};
use super::ledger::{Item, Ledger};
use super::log_record::LogRecord;
use super::pending::{Batch, Form};
use super::queue::{Amount, Bounds, Held, Items, Queue, Taker};
use super::{Delivery, Exporter};

/// Collections of metrics that may wait.
const COLLECTIONS: u64 = 4;

/// The sending end of an exporter's queue.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) ledger: Arc<Ledger>,
    queue: Arc<Queue>,
    /// How it wants spans.
    pub(crate) form: Form,
    pub(crate) probe: Probe,
}

pub(crate) enum Parcel {
    Spans(Held<Batch>),
    Records(Held<Vec<LogRecord>>),
    Metrics(Arc<ResourceMetrics>),
    /// One that is no batch of the program's, and in nobody's account.
    Check {
        sample: Sample,
        told: oneshot::Sender<Delivery>,
    },
    /// Everything before this has been tried; with `close`, nothing comes after.
    Barrier {
        close: bool,
        reached: oneshot::Sender<()>,
    },
}

impl Route {
    /// Starts the exporter's task on the current runtime.
    pub(crate) fn start(
        exporter: Exporter,
        ledger: Arc<Ledger>,
        resource: Resource,
        progress: Arc<Notify>,
        bounds: Bounds,
        timeout: Duration,
    ) -> Self {
        let queue = Arc::new(Queue::new(bounds));
        let parcels = Taker::new(&queue);
        let form = exporter.form();
        let probe = Probe::new(&exporter, &ledger, &queue, &resource);
        let task = Task { exporter, ledger: Arc::clone(&ledger), resource, progress, timeout };
        tokio::spawn(task.run(parcels));
        Self { ledger, queue, form, probe }
    }

    /// Whether a batch of this size is better left where it is.
    pub(crate) fn is_full(&self, batch: Amount) -> bool {
        self.queue.is_full(batch)
    }

    /// Queues spans; what exceeds the bounds is dropped, and counted.
    pub(crate) fn spans(&self, spans: Batch) {
        self.offer(Item::Span, spans);
    }

    /// Queues log records, in the same way.
    pub(crate) fn records(&self, records: Vec<LogRecord>) {
        self.offer(Item::Record, records);
    }

    fn offer<T: Items>(&self, item: Item, batch: T) {
        let count = batch.amount().items as u64;
        self.ledger.enqueue(item, count);
        if let Some(dropped) = self.queue.offer(batch) {
            self.ledger.dropped(item, dropped, self.queue.bounds());
        } else {
            self.ledger.dequeue(item, count);
            self.ledger.lost(item, count, "the exporter is gone");
        }
    }

    /// Whether no metrics wait.
    pub(crate) fn is_idle(&self) -> bool {
        self.ledger.queued(Item::Point) == 0
    }

    /// Queues a collection, unless too many wait already.
    pub(crate) fn metrics(&self, metrics: &Arc<ResourceMetrics>) {
        let points = points(metrics);
        let waiting = self.ledger.queued(Item::Point);
        if waiting >= points.saturating_mul(COLLECTIONS) {
            let reason = format!("{}: queue of metrics full", self.ledger.destination);
            self.ledger.lost(Item::Point, points, &reason);
            return;
        }
        self.ledger.enqueue(Item::Point, points);
        if !self.queue.push(Parcel::Metrics(Arc::clone(metrics))) {
            self.ledger.dequeue(Item::Point, points);
            self.ledger.lost(Item::Point, points, "the exporter is gone");
        }
    }

    /// Waits until everything queued has been tried.
    pub(crate) fn barrier(&self, close: bool) -> oneshot::Receiver<()> {
        let (reached, waiting) = oneshot::channel();
        // A task that is gone drops the sender, which wakes the receiver as well.
        self.queue.push(Parcel::Barrier { close, reached });
        waiting
    }

    /// What still waits will not be sent any more.
    pub(crate) fn abandon(&self, deadline: Duration) {
        let reason =
            format!("{}: not sent within {:.1} s", self.ledger.destination, deadline.as_secs_f64());
        for item in Item::ALL {
            // At once: what a spool keeps meanwhile is not lost.
            let queued = self.ledger.take_queued(item);
            self.ledger.lost(item, queued, &reason);
        }
    }
}

struct Task {
    exporter: Exporter,
    ledger: Arc<Ledger>,
    resource: Resource,
    progress: Arc<Notify>,
    timeout: Duration,
}

impl Task {
    async fn run(mut self, parcels: Taker) {
        loop {
            match parcels.next().await {
                Parcel::Spans(Held { batch, amount }) => {
                    let count = amount.items as u64;
                    let export = self.exporter.export_batch(&self.resource, batch);
                    let delivery = within(self.timeout, count, export).await;
                    parcels.release(amount);
                    self.settle(Item::Span, count, delivery);
                    self.progress.notify_one();
                }
                Parcel::Records(Held { batch, amount }) => {
                    let count = amount.items as u64;
                    let export = self.exporter.export_records(&self.resource, batch);
                    let delivery = within(self.timeout, count, export).await;
                    parcels.release(amount);
                    self.settle(Item::Record, count, delivery);
                    self.progress.notify_one();
                }
                Parcel::Metrics(metrics) => {
                    let count = points(&metrics);
                    let export = self.exporter.export_metrics(&metrics);
                    let delivery = within(self.timeout, count, export).await;
                    self.settle(Item::Point, count, delivery);
                }
                Parcel::Check { sample, told } => {
                    let export = self.exporter.export_sample(&self.resource, sample);
                    let _ = told.send(within(self.timeout, 1, export).await);
                }
                Parcel::Barrier { close, mut reached } => {
                    tokio::select! {
                        () = self.exporter.empty_spool(close) => {}
                        // Whoever asked has waited long enough.
                        () = reached.closed() => {}
                    }
                    let delivery =
                        if close { self.exporter.close() } else { self.exporter.flush() };
                    self.book(Item::Span, 0, delivery);
                    let _ = reached.send(());
                }
            }
        }
    }

    fn settle(&mut self, item: Item, count: u64, delivery: Delivery) {
        // The rest has left the queue for the disk, and is booked when it leaves that.
        let count = count.saturating_sub(self.exporter.take_kept_items());
        let delivery = Delivery { lost: delivery.lost.min(count), ..delivery };
        self.ledger.dequeue(item, count);
        self.book(item, count, delivery);
    }

    fn book(&mut self, item: Item, count: u64, delivery: Delivery) {
        self.ledger.shrunk(self.exporter.take_shrunk_items());
        self.ledger.exported(item, count.saturating_sub(delivery.lost));
        let Some(reason) = delivery.reason else { return };
        let reason = format!("{}: {reason}", self.ledger.signal);
        if delivery.lost == 0 {
            self.ledger.remark(reason);
        } else {
            self.ledger.lost(item, delivery.lost, &reason);
        }
    }
}

async fn within(timeout: Duration, count: u64, export: impl Future<Output = Delivery>) -> Delivery {
    tokio::time::timeout(timeout, export).await.unwrap_or_else(|_| Delivery {
        lost: count,
        reason: Some(format!("no answer within {:.1} s", timeout.as_secs_f64())),
    })
}

/// Data points in a collection.
pub(crate) fn points(metrics: &ResourceMetrics) -> u64 {
    use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};

    fn of<T>(data: &MetricData<T>) -> usize {
        match data {
            MetricData::Gauge(gauge) => gauge.data_points().count(),
            MetricData::Sum(sum) => sum.data_points().count(),
            MetricData::Histogram(histogram) => histogram.data_points().count(),
            MetricData::ExponentialHistogram(histogram) => histogram.data_points().count(),
        }
    }

    metrics
        .scope_metrics()
        .flat_map(opentelemetry_sdk::metrics::data::ScopeMetrics::metrics)
        .map(|metric| match metric.data() {
            AggregatedMetrics::F64(data) => of(data),
            AggregatedMetrics::U64(data) => of(data),
            AggregatedMetrics::I64(data) => of(data),
        })
        .sum::<usize>() as u64
}
