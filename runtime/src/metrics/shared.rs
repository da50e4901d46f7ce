//! The metrics that all conventions have, and our own.

use opentelemetry::metrics::{Histogram, Meter};

use super::client::Client;
use super::cost::Cost;
use super::instrument::{Instrument as _, Place};
use super::series::{Attributes, Series};
use super::{count, counts, seconds};
use crate::export::naming::Naming;
use crate::export::record::Record;
use crate::semconv::{Measured, attribute, boundary, metric, unit};
use crate::span::record::OperationKind;

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
    workflows: Series<2, Place<Histogram<f64>>>,
    stages: Series<3, Place<Histogram<f64>>>,
    agents: Series<3, AgentPlaces>,
    tools: Series<4, Place<Histogram<f64>>>,
    stage_keys: [&'static str; 3],
}

/// What is bound for the runs of one agent.
#[derive(Debug, Default)]
struct AgentPlaces {
    duration: Place<Histogram<f64>>,
    inference_calls: Place<Histogram<u64>>,
    tool_calls: Place<Histogram<u64>>,
}

const WORKFLOW: [&str; 2] = [attribute::WORKFLOW_NAME, attribute::ERROR_TYPE];
/// The first one is on counts, too.
const AGENT: [&str; 3] = [attribute::AGENT_NAME, attribute::REQUEST_MODEL, attribute::ERROR_TYPE];
const TOOL: [&str; 4] =
    [attribute::TOOL_NAME, attribute::TOOL_TYPE, attribute::AGENT_NAME, attribute::ERROR_TYPE];

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
            workflows: Series::default(),
            stages: Series::default(),
            agents: Series::default(),
            tools: Series::default(),
            stage_keys: [
                naming.own(attribute::STAGE_KIND),
                attribute::ERROR_TYPE,
                naming.own(attribute::STAGE_NAME),
            ],
        }
    }

    /// Adds everything of an operation but its [client duration](Self::record_client_duration).
    pub(super) fn record(&mut self, duration: f64, record: &Record) {
        match record.head.operation {
            OperationKind::Workflow => {
                let values = [Measured::WORKFLOW_NAME, Measured::ERROR_TYPE];
                let values = values.map(|it| record.measured(it));
                let attributes = Attributes { keys: &WORKFLOW, values };
                let place = self.workflows.get(&attributes);
                self.workflow_duration.record_at(place, duration, || attributes.to_vec());
            }
            OperationKind::Stage => {
                let values = [
                    record.measured(Measured::STAGE_KIND),
                    record.measured(Measured::ERROR_TYPE),
                    record.own(),
                ];
                let attributes = Attributes { keys: &self.stage_keys, values };
                let place = self.stages.get(&attributes);
                self.stage_duration.record_at(place, duration, || attributes.to_vec());
            }
            OperationKind::Agent => self.record_agent(duration, record),
            OperationKind::Tool => {
                let values = [
                    Measured::TOOL_NAME,
                    Measured::TOOL_TYPE,
                    Measured::AGENT_NAME,
                    Measured::ERROR_TYPE,
                ];
                let values = values.map(|it| record.measured(it));
                let attributes = Attributes { keys: &TOOL, values };
                let place = self.tools.get(&attributes);
                self.tool_duration.record_at(place, duration, || attributes.to_vec());
            }
            kind if kind.is_model_call() && !record.head.is_cost_told_inside => {
                self.cost.record(record);
            }
            _ => {}
        }
    }

    /// Adds the duration of a client operation that its conventions have no other metric for.
    pub(super) fn record_client_duration(
        &self,
        duration: f64,
        call: Client<'_>,
        place: Option<&mut Place<Histogram<f64>>>,
    ) {
        self.operation_duration.record_at(place, duration, || call.with_error());
    }

    /// Of all instruments.
    pub(super) fn release(&mut self) {
        self.workflows.release();
        self.stages.release();
        self.agents.release();
        self.tools.release();
    }

    fn record_agent(&mut self, duration: f64, record: &Record) {
        let values = [Measured::AGENT_NAME, Measured::REQUEST_MODEL, Measured::ERROR_TYPE];
        let values = values.map(|it| record.measured(it));
        let attributes = Attributes { keys: &AGENT, values };
        let [name, ..] = values;
        let named = || Attributes { keys: &AGENT, values: [name, None, None] }.to_vec();
        let mut places = self.agents.get(&attributes);
        if let Some(calls) = count(record, Measured::AGENT_INFERENCE_CALLS) {
            let place = places.as_deref_mut().map(|it| &mut it.inference_calls);
            self.agent_inference_calls.record_at(place, calls, named);
        }
        if let Some(calls) = count(record, Measured::AGENT_TOOL_CALLS) {
            let place = places.as_deref_mut().map(|it| &mut it.tool_calls);
            self.agent_tool_calls.record_at(place, calls, named);
        }
        let place = places.map(|it| &mut it.duration);
        self.agent_duration.record_at(place, duration, || attributes.to_vec());
    }
}
