//! Metrics of what did not arrive. There are none of them before something is lost: as a rule nothing is.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::metrics::SdkMeterProvider;

use crate::export::drops::{Cause, Drops};
use crate::export::ledger::{Item, Ledger, Tally};
use crate::export::record_queue::RecordQueue;
use crate::export::ring::Intake;
use crate::semconv::{self, attribute, error_type, sdk};
use crate::telemetry::notice::Notices;

/// Where everything is counted that may be lost.
#[derive(Clone, Debug)]
pub(crate) struct Losses {
    pub(crate) intake: Arc<Intake>,
    pub(crate) records: Arc<RecordQueue>,
    pub(crate) ledgers: Vec<Arc<Ledger>>,
}

impl Losses {
    /// Spans, metric points and log records so far, over all exporters.
    pub(crate) fn total(&self) -> u64 {
        let lost = |ledger: &Arc<Ledger>| -> u64 {
            let account = ledger.account();
            Item::ALL.into_iter().map(|item| account.tally(item).lost).sum()
        };
        let dropped = self.intake.drops.total() + self.records.drops.total();
        dropped + self.ledgers.iter().map(lost).sum::<u64>()
    }

    /// Why no exporter has seen them: what and why, each with how many.
    pub(crate) fn drop_reasons(&self) -> impl Iterator<Item = (String, u64)> {
        let spans = self.intake.drops.by_cause().map(|it| (Item::Span, it));
        let records = self.records.drops.by_cause().map(|it| (Item::Record, it));
        let named = spans.chain(records);
        named.map(|(item, (cause, count))| (format!("{} {}", item.noun(), cause.sentence()), count))
    }

    /// One reason for them: what last went wrong.
    fn last_reason(&self) -> Option<String> {
        let failures = self.ledgers.iter().filter_map(|ledger| ledger.account().last_failure);
        let last = failures.max_by_key(|(when, _)| *when).map(|(_, why)| why);
        last.or_else(|| self.drop_reasons().next().map(|(reason, _)| reason))
    }

    /// Gives the program's metrics what was lost.
    pub(super) fn observe(self, provider: &SdkMeterProvider) {
        let scope = InstrumentationScope::builder(semconv::SCOPE_NAME)
            .with_version(env!("CARGO_PKG_VERSION"))
            .with_schema_url(semconv::SCHEMA_URL);
        let meter = provider.meter_with_scope(scope.build());
        let losses = Arc::new(self);
        for metric in &PROCESSED {
            losses.count(&meter, metric, Self::processed);
        }
        for metric in &EXPORTED {
            losses.count(&meter, metric, Self::exported);
        }
    }

    fn count(
        self: &Arc<Self>,
        meter: &Meter,
        metric: &'static Metric,
        points: fn(&Self, &Metric) -> Points,
    ) {
        let losses = Arc::clone(self);
        meter
            .u64_observable_counter(metric.name)
            .with_unit(metric.unit)
            .with_description(metric.description)
            .with_callback(move |observer| {
                if losses.total() == 0 {
                    return;
                }
                for (count, attributes) in points(&losses, metric) {
                    observer.observe(count, &attributes);
                }
            })
            .build();
    }

    /// What left a queue, for an exporter or for good.
    fn processed(&self, metric: &Metric) -> Points {
        let drops = match metric.item {
            Item::Record => &self.records.drops,
            _ => &self.intake.drops,
        };
        let mut points = Vec::new();
        let first = format!("{}/0", metric.component);
        points.extend(dropped(drops).map(|(count, why)| {
            (count, vec![error_of(why), name(first.clone()), component(metric)])
        }));
        for (ledger, tally) in self.tallies(metric.item) {
            let Tally { exported, lost, dropped_by_items, dropped_by_bytes, .. } = tally;
            let handed_on = exported + lost - dropped_by_items - dropped_by_bytes;
            let whose = format!("{}/{}", metric.component, ledger.destination);
            let all = || vec![name(whose.clone()), component(metric)];
            points.push((handed_on, all()));
            for (count, why) in [
                (dropped_by_items, sdk::error_type::QUEUE_FULL),
                (dropped_by_bytes, sdk::error_type::QUEUE_BYTES_FULL),
            ] {
                if count > 0 {
                    points.push((count, [vec![error_of(why)], all()].concat()));
                }
            }
        }
        points
    }

    /// What exporters were given and are done with.
    fn exported(&self, metric: &Metric) -> Points {
        let mut points = Vec::new();
        for (ledger, tally) in self.tallies(metric.item) {
            let Tally { exported, lost, dropped_by_items, dropped_by_bytes, .. } = tally;
            let failed = lost - dropped_by_items - dropped_by_bytes;
            let whose = || name(ledger.destination.clone());
            points.push((exported, vec![whose()]));
            if failed > 0 {
                points.push((failed, vec![error_of(error_type::OTHER), whose()]));
            }
        }
        points
    }

    /// Of the exporters that such items go to.
    fn tallies(&self, item: Item) -> impl Iterator<Item = (&Ledger, Tally)> {
        let of_its_signal = move |ledger: &&Arc<Ledger>| ledger.signal == item.signal();
        let ledgers = self.ledgers.iter().filter(of_its_signal);
        ledgers.map(move |ledger| (&**ledger, ledger.account().tally(item)))
    }
}

/// Says on stderr that something is lost: at once, and then once a minute at most.
#[derive(Debug)]
pub(crate) struct LossWarning {
    losses: Losses,
    notices: Arc<Notices>,
    /// How much was lost when this was last said, and when it may be said again.
    told: u64,
    next: Option<Instant>,
}

const INTERVAL: Duration = Duration::from_secs(60);

impl LossWarning {
    pub(crate) fn new(losses: Losses, notices: Arc<Notices>) -> Self {
        Self { losses, notices, told: 0, next: None }
    }

    /// Looks whether there is something to say.
    pub(crate) fn look(&mut self, now: Instant) {
        let lost = self.losses.total();
        if lost <= self.told || self.next.is_some_and(|next| now < next) {
            return;
        }
        let reason = self.losses.last_reason().unwrap_or_default();
        self.notices.remind(&format!(
            "{lost} spans, metric points or log records are lost so far, lastly: {reason}; `health()` tells more"
        ));
        (self.told, self.next) = (lost, now.checked_add(INTERVAL));
    }
}

/// Counts, each with its attributes.
type Points = Vec<(u64, Vec<KeyValue>)>;

/// One of these metrics.
struct Metric {
    name: &'static str,
    unit: &'static str,
    description: &'static str,
    item: Item,
    /// Of what kind they are whose work it counts, where the conventions have a word for that.
    component: &'static str,
}

const PROCESSED: [Metric; 2] = [
    Metric {
        name: sdk::PROCESSED_SPANS,
        unit: sdk::unit::SPAN,
        description: "Spans that left a queue, for an exporter or for good.",
        item: Item::Span,
        component: sdk::BATCHING_SPAN_PROCESSOR,
    },
    Metric {
        name: sdk::PROCESSED_RECORDS,
        unit: sdk::unit::LOG_RECORD,
        description: "Log records that left a queue, for an exporter or for good.",
        item: Item::Record,
        component: sdk::BATCHING_LOG_PROCESSOR,
    },
];

const EXPORTED: [Metric; 3] = [
    Metric {
        name: sdk::EXPORTED_SPANS,
        unit: sdk::unit::SPAN,
        description: "Spans that an exporter is done with.",
        item: Item::Span,
        component: "",
    },
    Metric {
        name: sdk::EXPORTED_RECORDS,
        unit: sdk::unit::LOG_RECORD,
        description: "Log records that an exporter is done with.",
        item: Item::Record,
        component: "",
    },
    Metric {
        name: sdk::EXPORTED_POINTS,
        unit: sdk::unit::DATA_POINT,
        description: "Metric points that an exporter is done with.",
        item: Item::Point,
        component: "",
    },
];

fn dropped(drops: &Drops) -> impl Iterator<Item = (u64, &'static str)> {
    drops.by_cause().map(|(cause, count)| {
        let why = match cause {
            Cause::QueueFull => sdk::error_type::QUEUE_FULL,
            Cause::QueueBytes => sdk::error_type::QUEUE_BYTES_FULL,
            Cause::ShutDown => sdk::error_type::ALREADY_SHUT_DOWN,
            Cause::Unreadable => error_type::OTHER,
        };
        (count, why)
    })
}

fn error_of(why: &'static str) -> KeyValue {
    KeyValue::new(attribute::ERROR_TYPE, why)
}

fn name(whose: String) -> KeyValue {
    KeyValue::new(sdk::COMPONENT_NAME, whose)
}

fn component(metric: &Metric) -> KeyValue {
    KeyValue::new(sdk::COMPONENT_TYPE, metric.component)
}
