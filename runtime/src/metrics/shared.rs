//! The metrics that all conventions have, and our own.

use opentelemetry::metrics::{Histogram, Meter};

use super::cost::Cost;
use super::instrument::Bound;
use super::series::{Attributes, Lent};
use super::{count, counts, operation_name, seconds};
use crate::export::naming::Naming;
use crate::semconv::{attribute, boundary, metric, unit};
use crate::span::record::{OperationKind, Record};

#[derive(Debug)]
pub(super) struct Shared {
    workflow_duration: Bound<Histogram<f64>>,
    stage_duration: Bound<Histogram<f64>>,
    operation_duration: Bound<Histogram<f64>>,
    agent_duration: Bound<Histogram<f64>>,
    agent_inference_calls: Bound<Histogram<u64>>,
    agent_tool_calls: Bound<Histogram<u64>>,
    tool_duration: Bound<Histogram<f64>>,
    cost: Cost,
    stage_kind: &'static str,
    stage_name: &'static str,
}

impl Shared {
    pub(super) fn new(meter: &Meter, naming: &Naming) -> Self {
        Self {
            workflow_duration: seconds(
                meter,
                metric::INVOKE_WORKFLOW_DURATION,
                "Duration of workflow runs.",
                &boundary::WORKFLOW,
            ),
            stage_duration: seconds(
                meter,
                naming.own(metric::STAGE_DURATION),
                "Duration of pipeline stages.",
                &boundary::OPERATION,
            ),
            operation_duration: seconds(
                meter,
                metric::CLIENT_OPERATION_DURATION,
                "Duration of GenAI client operations.",
                &boundary::OPERATION,
            ),
            agent_duration: seconds(
                meter,
                metric::INVOKE_AGENT_DURATION,
                "Duration of agent runs.",
                &boundary::AGENT,
            ),
            agent_inference_calls: counts(
                meter,
                metric::INVOKE_AGENT_INFERENCE_CALLS,
                unit::INFERENCE_CALL,
                "Model calls of one agent run, those of its sub-agents left out.",
                &boundary::CALL,
            ),
            agent_tool_calls: counts(
                meter,
                metric::INVOKE_AGENT_TOOL_CALLS,
                unit::TOOL_CALL,
                "Tool calls of one agent run, those of its sub-agents left out.",
                &boundary::CALL,
            ),
            tool_duration: seconds(
                meter,
                metric::EXECUTE_TOOL_DURATION,
                "Duration of tool runs.",
                &boundary::OPERATION,
            ),
            cost: Cost::new(meter, naming.own(metric::CLIENT_OPERATION_COST)),
            stage_kind: naming.own(attribute::STAGE_KIND),
            stage_name: naming.own(attribute::STAGE_NAME),
        }
    }

    /// Adds everything of an operation but its [client duration](Self::record_client_duration).
    pub(super) fn record(&mut self, duration: f64, record: &Record) {
        match record.head.operation {
            OperationKind::Workflow => self.workflow_duration.record(
                duration,
                &Attributes::of(record, &[attribute::WORKFLOW_NAME, attribute::ERROR_TYPE]),
            ),
            OperationKind::Stage => self.record_stage(duration, record),
            OperationKind::Agent => self.record_agent(duration, record),
            OperationKind::Tool => self.tool_duration.record(
                duration,
                &Attributes::of(
                    record,
                    &[
                        attribute::TOOL_NAME,
                        attribute::TOOL_TYPE,
                        attribute::AGENT_NAME,
                        attribute::ERROR_TYPE,
                    ],
                ),
            ),
            kind if kind.is_model_call() && !record.head.is_cost_told_inside => {
                self.cost.record(operation_name(kind), record);
            }
            _ => {}
        }
    }

    /// Adds the duration of a client operation that its conventions have no other metric for.
    pub(super) fn record_client_duration(&mut self, duration: f64, attributes: &Attributes<'_>) {
        self.operation_duration.record(duration, attributes);
    }

    /// Of all instruments.
    pub(super) fn release(&mut self) {
        for durations in [
            &mut self.workflow_duration,
            &mut self.stage_duration,
            &mut self.operation_duration,
            &mut self.agent_duration,
            &mut self.tool_duration,
        ] {
            durations.release();
        }
        self.agent_inference_calls.release();
        self.agent_tool_calls.release();
    }

    fn record_stage(&mut self, duration: f64, record: &Record) {
        let mut attributes = Attributes::new();
        if let Some(kind) = record.attribute(attribute::STAGE_KIND) {
            attributes.push(self.stage_kind, Lent::Value(kind));
        }
        attributes.add(record, &[attribute::ERROR_TYPE]);
        attributes.push(self.stage_name, Lent::Name(&record.name));
        self.stage_duration.record(duration, &attributes);
    }

    fn record_agent(&mut self, duration: f64, record: &Record) {
        let named = Attributes::of(record, &[attribute::AGENT_NAME]);
        for (calls, key) in [
            (&mut self.agent_inference_calls, attribute::AGENT_INFERENCE_CALLS),
            (&mut self.agent_tool_calls, attribute::AGENT_TOOL_CALLS),
        ] {
            if let Some(count) = count(record, key) {
                calls.record(count, &named);
            }
        }
        self.agent_duration.record(
            duration,
            &Attributes::of(
                record,
                &[attribute::AGENT_NAME, attribute::REQUEST_MODEL, attribute::ERROR_TYPE],
            ),
        );
    }
}
