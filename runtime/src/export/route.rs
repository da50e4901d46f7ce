//! One exporter's own queue and task, so that a slow one keeps nobody else waiting.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use tokio::sync::{Notify, mpsc, oneshot};

use super::check::{Probe, Sample};
use super::ledger::{Item, Ledger};
use super::log_record::LogRecord;
use super::pending::{Batch, Form};
use super::{Delivery, Exporter};

/// Collections of metrics that may wait.
const COLLECTIONS: u64 = 4;

/// The sending end of an exporter's queue.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) ledger: Arc<Ledger>,
    queue: mpsc::UnboundedSender<Parcel>,
    /// Spans, or log records, that may wait.
    limit: usize,
    /// How it wants spans.
    pub(crate) form: Form,
    pub(crate) probe: Probe,
}

pub(super) enum Parcel {
    Spans(Batch),
    Records(Vec<LogRecord>),
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
        limit: usize,
        timeout: Duration,
    ) -> Self {
        let (queue, parcels) = mpsc::unbounded_channel();
        let form = exporter.form();
        let probe = Probe::new(&exporter, &ledger, &queue, &resource);
        let task = Task { exporter, ledger: Arc::clone(&ledger), resource, progress, timeout };
        tokio::spawn(task.run(parcels));
        Self { ledger, queue, limit, form, probe }
    }

    /// How many spans could be queued.
    pub(crate) fn room(&self) -> usize {
        self.room_for(Item::Span)
    }

    /// How many log records could be queued.
    pub(crate) fn room_for_records(&self) -> usize {
        self.room_for(Item::Record)
    }

    fn room_for(&self, item: Item) -> usize {
        let queued = usize::try_from(self.ledger.queued(item)).unwrap_or(usize::MAX);
        self.limit.saturating_sub(queued)
    }

    /// Queues spans; what exceeds the limit is dropped, newest first, and counted.
    pub(crate) fn spans(&self, spans: Batch) {
        self.queue(Item::Span, spans, Parcel::Spans);
    }

    /// Queues log records, in the same way.
    pub(crate) fn records(&self, records: Vec<LogRecord>) {
        self.queue(Item::Record, records, Parcel::Records);
    }

    fn queue<T: Items>(&self, item: Item, mut items: T, parcel: fn(T) -> Parcel) {
        let room = self.room_for(item);
        if items.count() > room {
            let over = (items.count() - room) as u64;
            items.truncate(room);
            let noun = if item == Item::Span { "spans" } else { "log records" };
            let reason =
                format!("{}: queue of {} {noun} full", self.ledger.destination, self.limit);
            self.ledger.lost(item, over, &reason);
        }
        let count = items.count() as u64;
        if count > 0 {
            self.ledger.enqueue(item, count);
            if self.queue.send(parcel(items)).is_err() {
                self.ledger.dequeue(item, count);
                self.ledger.lost(item, count, "the exporter is gone");
            }
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
        if self.queue.send(Parcel::Metrics(Arc::clone(metrics))).is_err() {
            self.ledger.dequeue(Item::Point, points);
            self.ledger.lost(Item::Point, points, "the exporter is gone");
        }
    }

    /// Waits until everything queued has been tried.
    pub(crate) fn barrier(&self, close: bool) -> oneshot::Receiver<()> {
        let (reached, waiting) = oneshot::channel();
        // A task that is gone drops the sender, which wakes the receiver as well.
        let _ = self.queue.send(Parcel::Barrier { close, reached });
        waiting
    }

    /// What still waits will not be sent any more.
    pub(crate) fn abandon(&self, deadline: Duration) {
        let reason =
            format!("{}: not sent within {:.1} s", self.ledger.destination, deadline.as_secs_f64());
        for item in Item::ALL {
            let queued = self.ledger.queued(item);
            self.ledger.dequeue(item, queued);
            self.ledger.lost(item, queued, &reason);
        }
    }
}

/// What a queue counts.
trait Items {
    fn count(&self) -> usize;
    /// Leaves the first ones, at most so many.
    fn truncate(&mut self, most: usize);
}

impl Items for Vec<LogRecord> {
    fn count(&self) -> usize {
        self.len()
    }

    fn truncate(&mut self, most: usize) {
        self.truncate(most);
    }
}

impl Items for Batch {
    fn count(&self) -> usize {
        self.len()
    }

    fn truncate(&mut self, most: usize) {
        self.truncate(most);
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
    async fn run(mut self, mut parcels: mpsc::UnboundedReceiver<Parcel>) {
        while let Some(parcel) = parcels.recv().await {
            match parcel {
                Parcel::Spans(spans) => {
                    let count = spans.count() as u64;
                    let export = self.exporter.export_batch(&self.resource, spans);
                    let delivery = within(self.timeout, count, export).await;
                    self.settle(Item::Span, count, delivery);
                    self.progress.notify_one();
                }
                Parcel::Records(records) => {
                    let count = records.len() as u64;
                    let export = self.exporter.export_records(&self.resource, records);
                    let delivery = within(self.timeout, count, export).await;
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
                Parcel::Barrier { close, reached } => {
                    let delivery =
                        if close { self.exporter.close() } else { self.exporter.flush() };
                    self.book(Item::Span, 0, delivery);
                    let _ = reached.send(());
                }
            }
        }
    }

    fn settle(&mut self, item: Item, count: u64, delivery: Delivery) {
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
