//! The metrics that all conventions have, and our own.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter};

use super::cost::Cost;
use super::{attributes, count, counts, operation_name, seconds};
use crate::export::naming::Naming;
use crate::semconv::{attribute, boundary, metric, unit};
use crate::span::record::{OperationKind, Record};

#[derive(Debug)]
pub(super) struct Shared {
    workflow_duration: Histogram<f64>,
    stage_duration: Histogram<f64>,
    operation_duration: Histogram<f64>,
    agent_duration: Histogram<f64>,
    agent_inference_calls: Histogram<u64>,
    agent_tool_calls: Histogram<u64>,
    tool_duration: Histogram<f64>,
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
    pub(super) fn record(&self, duration: f64, record: &Record) {
        match record.head.operation {
            OperationKind::Workflow => self.workflow_duration.record(
                duration,
                &attributes(record, &[attribute::WORKFLOW_NAME, attribute::ERROR_TYPE]),
            ),
            OperationKind::Stage => self.record_stage(duration, record),
            OperationKind::Agent => self.record_agent(duration, record),
            OperationKind::Tool => self.tool_duration.record(
                duration,
                &attributes(
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
    pub(super) fn record_client_duration(&self, duration: f64, attributes: &[KeyValue]) {
        self.operation_duration.record(duration, attributes);
    }

    fn record_stage(&self, duration: f64, record: &Record) {
        let kind = record.attribute(attribute::STAGE_KIND);
        let kind = kind.map(|kind| KeyValue::new(self.stage_kind, kind.clone()));
        let mut attributes: Vec<KeyValue> =
            kind.into_iter().chain(attributes(record, &[attribute::ERROR_TYPE])).collect();
        attributes.push(KeyValue::new(self.stage_name, record.name.clone()));
        self.stage_duration.record(duration, &attributes);
    }

    fn record_agent(&self, duration: f64, record: &Record) {
        let named = attributes(record, &[attribute::AGENT_NAME]);
        for (calls, key) in [
            (&self.agent_inference_calls, attribute::AGENT_INFERENCE_CALLS),
            (&self.agent_tool_calls, attribute::AGENT_TOOL_CALLS),
        ] {
            if let Some(count) = count(record, key) {
                calls.record(count, &named);
            }
        }
        self.agent_duration.record(
            duration,
            &attributes(
                record,
                &[attribute::AGENT_NAME, attribute::REQUEST_MODEL, attribute::ERROR_TYPE],
            ),
        );
    }
}
