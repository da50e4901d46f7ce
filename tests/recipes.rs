//! The variables that the documentation gives for each backend, and what arrives there with them.
#![cfg(test)]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Command, Output};
use std::sync::mpsc::{Receiver, channel};

use axum::extract::Request;
use axum::http::HeaderMap;

const DOCUMENTATION: &str = include_str!("../docs/exporters.md");

type Variables = BTreeMap<String, String>;

/// The exports of each heading below `## Backends`.
fn recipes() -> BTreeMap<&'static str, Variables> {
    let (_, backends) = DOCUMENTATION.split_once("\n## Backends\n").unwrap();
    let backends = backends.split("\n## ").next().unwrap();
    let recipe = |section: &'static str| {
        let (name, rest) = section.split_once('\n').unwrap();
        let exports = rest.lines().filter_map(|line| line.strip_prefix("export "));
        let variables = exports.map(|export| {
            let (name, value) = export.split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        (name, variables.collect())
    };
    backends.split("\n### ").skip(1).map(recipe).collect()
}

#[derive(Debug)]
struct Arrived {
    path: String,
    headers: HeaderMap,
}

/// Takes everything, over HTTP/1 and HTTP/2.
fn backend() -> (SocketAddr, Receiver<Arrived>) {
    let (sent, arrived) = channel();
    let (bound, address) = channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            bound.send(listener.local_addr().unwrap()).unwrap();
            let take = move |request: Request| async move {
                let path = request.uri().path().to_owned();
                // Whoever asked may have seen enough.
                let _ = sent.send(Arrived { path, headers: request.headers().clone() });
            };
            axum::serve(listener, axum::Router::new().fallback(take)).await.unwrap();
        });
    });
    (address.recv().unwrap(), arrived)
}

/// Sets telemetry up with these variables alone, and ends two spans if it is to `work`.
fn run(work: bool, variables: &Variables) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_configured"));
    command.args(work.then_some("work")).env_clear().envs(variables);
    command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    command.output().unwrap()
}

/// The same, with all endpoints on `address`.
fn moved(variables: &Variables, address: SocketAddr) -> Variables {
    let mut variables = variables.clone();
    for (name, value) in &mut variables {
        if name.ends_with("_ENDPOINT") {
            let authority = value.split_once("://").unwrap().1;
            let path = authority.find('/').map_or("", |start| &authority[start..]);
            *value = format!("http://{address}{path}");
        }
    }
    variables
}

/// What a backend expects of requests to one path.
struct Expected {
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
}

fn assert_arrives(name: &str, variables: &Variables, expected: &[Expected]) {
    let (address, arrived) = backend();
    let output = run(true, &moved(variables, address));
    assert!(output.status.success() && output.stderr.is_empty(), "{name}: {output:?}");
    let arrived: Vec<Arrived> = arrived.try_iter().collect();
    for Arrived { path, headers } in &arrived {
        let expected = expected.iter().find(|expected| expected.path == path);
        let expected = expected.unwrap_or_else(|| panic!("{name}: {path} in {arrived:?}"));
        assert_eq!(headers["content-type"], "application/x-protobuf", "{name}");
        for (header, value) in expected.headers {
            assert_eq!(headers[*header], *value, "{name}: {header}");
        }
    }
    for expected in expected {
        assert!(arrived.iter().any(|it| it.path == expected.path), "{name}: {}", expected.path);
    }
}

#[test]
fn each_recipe_sends_what_its_backend_takes_to_where_it_takes_it() {
    let mut recipes = recipes();
    // Through an agent, at the place that its name stands for.
    let datadog = recipes.remove("Datadog").unwrap();
    let said = String::from_utf8(run(false, &datadog).stdout).unwrap();
    for signal in ["traces", "metrics"] {
        let start = format!("\n{signal}: datadog grpc http://localhost:4317 (");
        assert!(said.contains(&start), "{said}");
    }

    let langfuse: &[_] =
        &[("authorization", "Basic cGstbGY6c2stbGY="), ("x-langfuse-ingestion-version", "4")];
    let honeycomb: &[_] = &[("x-honeycomb-team", "honeycomb-key")];
    let honeycomb_metrics: &[_] =
        &[("x-honeycomb-team", "honeycomb-key"), ("x-honeycomb-dataset", "metrics")];
    let grafana: &[_] = &[("authorization", "Basic MTIzNDU2OmdsYw==")];
    let expected = |path, headers| Expected { path, headers };
    let mut backends = BTreeMap::from([
        ("Langfuse", vec![expected("/api/public/otel/v1/traces", langfuse)]),
        ("Phoenix", vec![expected("/v1/traces", &[("authorization", "Bearer phoenix-key")])]),
        ("MLflow", vec![expected("/v1/traces", &[("x-mlflow-experiment-id", "123")])]),
        (
            "Honeycomb",
            vec![expected("/v1/traces", honeycomb), expected("/v1/metrics", honeycomb_metrics)],
        ),
        (
            "Grafana Cloud",
            vec![expected("/otlp/v1/traces", grafana), expected("/otlp/v1/metrics", grafana)],
        ),
    ]);
    for (name, variables) in &recipes {
        let expected = backends.remove(name).unwrap_or_else(|| panic!("{name} is not checked"));
        assert_arrives(name, variables, &expected);
    }
    assert!(backends.is_empty(), "without a recipe: {:?}", backends.keys());
}

#[test]
fn the_documented_endpoints_are_those_of_the_backends() {
    let recipes = recipes();
    let endpoint = |name: &str| {
        let recipe = &recipes[name];
        let found = recipe.iter().find(|(variable, _)| variable.ends_with("_ENDPOINT"));
        found.map(|(_, value)| value.clone())
    };
    for (name, place) in [
        ("Langfuse", Some("https://cloud.langfuse.com/api/public/otel")),
        ("Phoenix", Some("http://localhost:6006")),
        ("MLflow", Some("http://localhost:5000/v1/traces")),
        ("Honeycomb", Some("https://api.honeycomb.io")),
        ("Grafana Cloud", Some("https://otlp-gateway-prod-eu-west-0.grafana.net/otlp")),
        ("Datadog", None),
    ] {
        assert_eq!(endpoint(name).as_deref(), place, "{name}");
    }
}
