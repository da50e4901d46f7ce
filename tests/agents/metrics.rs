//! The metrics of agents, tools and retrievals.

use std::fmt::Write as _;

use spanline_tests::metric::Metrics;
use spanline_tests::process::Process;

fn run(sampler: &str) -> (usize, Metrics) {
    let process = Process::new(env!("CARGO_BIN_EXE_program"), "agents");
    let ended = process.env("OTEL_TRACES_SAMPLER", sampler).run();
    assert!(ended.success, "{}", ended.stderr);
    (ended.lines.traces.len(), ended.lines.metrics())
}

/// The points whose numbers do not depend on the clock.
fn told(metrics: &Metrics) -> String {
    let mut told = String::new();
    let agents = ["outer", "inner", "idle"].map(|agent| ("gen_ai.agent.name", agent));
    let tools = ["search", "read", "delegate"].map(|tool| ("gen_ai.tool.name", tool));
    let retrievals = [("gen_ai.operation.name", "retrieval")];
    for (name, wanted) in [
        ("gen_ai.invoke_agent.duration", &agents[..]),
        ("gen_ai.invoke_agent.inference_calls", &agents[..]),
        ("gen_ai.invoke_agent.tool_calls", &agents[..]),
        ("gen_ai.execute_tool.duration", &tools[..]),
        ("gen_ai.client.operation.duration", &retrievals[..]),
    ] {
        writeln!(told, "{name}").unwrap();
        for (key, value) in wanted {
            told.push_str(&metrics.counts(name, key, value));
            if name.ends_with("calls") {
                let points = metrics.points(name, key, value);
                let sum: f64 = points.iter().filter_map(|point| point.sum).sum();
                writeln!(told, "  {sum} calls").unwrap();
            }
        }
    }
    told
}

const TOLD: &str = r#"gen_ai.invoke_agent.duration
gen_ai.agent.name="outer" gen_ai.request.model="m": 1
gen_ai.agent.name="inner": 1
error.type="core::fmt::Error" gen_ai.agent.name="idle": 1
gen_ai.invoke_agent.inference_calls
gen_ai.agent.name="outer": 1
  2 calls
gen_ai.agent.name="inner": 1
  1 calls
gen_ai.agent.name="idle": 1
  0 calls
gen_ai.invoke_agent.tool_calls
gen_ai.agent.name="outer": 1
  3 calls
gen_ai.agent.name="inner": 1
  0 calls
gen_ai.agent.name="idle": 1
  0 calls
gen_ai.execute_tool.duration
error.type="core::fmt::Error" gen_ai.agent.name="outer" gen_ai.tool.name="search" gen_ai.tool.type="datastore": 1
gen_ai.agent.name="outer" gen_ai.tool.name="read": 1
gen_ai.tool.name="read": 1
gen_ai.agent.name="outer" gen_ai.tool.name="delegate": 1
gen_ai.client.operation.duration
error.type="core::fmt::Error" gen_ai.operation.name="retrieval" gen_ai.provider.name="qdrant": 1
"#;

#[test]
fn calls_and_durations_are_counted_whether_the_trace_is_kept_or_not() {
    let (traces, sampled) = run("always_on");
    assert_eq!(traces, 3);
    assert_eq!(told(&sampled), TOLD);
    let (traces, unsampled) = run("always_off");
    assert_eq!(traces, 0);
    assert_eq!(told(&unsampled), TOLD);
}

#[test]
fn metrics_of_agents_have_the_units_and_bounds_of_the_conventions() {
    let (_, metrics) = run("always_off");
    let agents: Vec<f64> = (0..13).map(|power| 0.1 * 2_f64.powi(power)).collect();
    let operations: Vec<f64> = (0..14).map(|power| 0.01 * 2_f64.powi(power)).collect();
    let calls: Vec<f64> = (0..8).map(|power| 2_f64.powi(power)).collect();
    for (name, unit, bounds) in [
        ("gen_ai.invoke_agent.duration", "s", &agents),
        ("gen_ai.invoke_agent.inference_calls", "{inference_call}", &calls),
        ("gen_ai.invoke_agent.tool_calls", "{tool_call}", &calls),
        ("gen_ai.execute_tool.duration", "s", &operations),
        ("gen_ai.client.operation.duration", "s", &operations),
    ] {
        let (scope, schema_url, metric) = metrics.metric(name);
        assert_eq!(scope.name, "spanline");
        assert_eq!(schema_url, "https://opentelemetry.io/schemas/1.41.1");
        assert_eq!(metric.unit, unit, "{name}");
        for point in &metrics.histogram(name).data_points {
            assert_eq!(&point.explicit_bounds, bounds, "{name}");
        }
    }
    let outer = metrics.points("gen_ai.invoke_agent.tool_calls", "gen_ai.agent.name", "outer");
    assert_eq!(outer[0].bucket_counts[2], 1, "3 calls lie between 2 and 4");
}
