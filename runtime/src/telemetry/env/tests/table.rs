//! The table against the code and against the documentation.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::rc::Rc;

use super::{ALL, quiet};
use crate::telemetry::env::table::{TABLE, Variable};
use crate::telemetry::env::{Environment, Reader};
use crate::telemetry::settings::{Overrides, Settings};

#[test]
fn every_variable_of_the_table_is_read() {
    let asked = Rc::new(RefCell::new(BTreeSet::new()));
    for variables in [
        vec![],
        vec![("OTEL_TRACES_EXPORTER", "file,otlp")],
        vec![("OTEL_TRACES_EXPORTER", "otlp"), ("SPANLINE_SPOOL_DIR", "spool")],
        vec![("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_METRICS_EXPORTER", "prometheus")],
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "host:4317")],
        vec![("OTEL_EXPORTER_OTLP_ENDPOINT", "https://host:4317")],
        vec![("OTEL_TRACES_SAMPLER", "traceidratio")],
        vec![("OTEL_EXPORTER_JAEGER_AGENT_HOST", "host")],
        vec![("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://host:4317")],
        vec![
            ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "host:4317"),
            ("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc"),
        ],
    ] {
        let notes = Rc::clone(&asked);
        let find = move |name: &str| {
            notes.borrow_mut().insert(name.to_owned());
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let environment = Environment::new(find, None);
        // Without the examination, which looks at everything.
        Settings::settle(&mut Reader::new(&environment), &Overrides::default(), ALL);
    }
    // The console asks when it is set up.
    let read = TABLE.iter().filter(|variable| variable.row().reader != "console");
    let table: BTreeSet<String> = read.map(|variable| variable.name().to_owned()).collect();
    assert_eq!(*asked.borrow(), table);
    let names: BTreeSet<&str> = TABLE.iter().map(|variable| variable.name()).collect();
    assert_eq!(names.len(), TABLE.len(), "a name is there twice");
}

/// The value that the default's column says could be written, if it is one.
fn literal_default(variable: &Variable) -> Option<&'static str> {
    let value = variable.row().default.strip_prefix('`')?.strip_suffix('`')?;
    let is_literal = !value.contains('`') && TABLE.iter().all(|other| other.name() != value);
    is_literal.then_some(value)
}

#[test]
fn the_defaults_of_the_table_are_those_of_the_code() {
    let mut checked = 0;
    for variable in TABLE {
        let Some(default) = literal_default(variable) else { continue };
        let name = variable.name();
        // Settings in which the variable counts.
        let context: &[(&str, &str)] = match name {
            "SPANLINE_FILE" => &[("OTEL_TRACES_EXPORTER", "file")],
            "SPANLINE_SPOOL_MAX_BYTES" => {
                &[("OTEL_TRACES_EXPORTER", "otlp"), ("SPANLINE_SPOOL_DIR", "spool")]
            }
            "OTEL_TRACES_SAMPLER_ARG" => &[("OTEL_TRACES_SAMPLER", "traceidratio")],
            _ if name.contains("_ZIPKIN_") => &[("OTEL_TRACES_EXPORTER", "zipkin")],
            _ if name.contains("_PROMETHEUS_") => &[("OTEL_METRICS_EXPORTER", "prometheus")],
            _ if name.contains("_OTLP_") => {
                &[("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
            }
            _ => &[],
        };
        let said: Vec<_> = context.iter().copied().chain([(name, default)]).collect();
        assert_eq!(comparable(&quiet(&said)), comparable(&quiet(context)), "{name}");
        checked += 1;
    }
    assert!(checked > 20, "only {checked} defaults could be checked");
}

fn comparable(settings: &Settings) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        (settings.disabled, settings.traces.clone(), settings.metrics.clone()),
        settings.prometheus.clone(),
        (settings.sampler, settings.batch, settings.limits),
        (settings.metric_interval, settings.metric_timeout, settings.temporality),
        (settings.propagators.clone(), settings.log_level, settings.error_detail, settings.content),
        (settings.conventions.clone(), settings.prefix.clone()),
    )
}

#[test]
fn the_documentation_has_the_rows_of_the_table() {
    let mut rows = String::from("| Variable | Default | Read for | Meaning |\n|---|---|---|---|\n");
    for variable in TABLE {
        let row = variable.row();
        let (default, reader, meaning) = (row.default, row.reader, row.meaning);
        writeln!(rows, "| `{}` | {default} | {reader} | {meaning} |", variable.name()).unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/variables.md");
    let documentation = std::fs::read_to_string(path).unwrap();
    let table: String = documentation
        .lines()
        .filter(|line| line.starts_with('|'))
        .flat_map(|line| [line, "\n"])
        .collect();
    assert_eq!(table, rows, "docs/variables.md should have these rows:\n{rows}");
}
