//! The resource.

use opentelemetry::{Key, KeyValue, Value};

use super::{assert_decided, attempt, quiet, settings, settings_of_code};
use crate::telemetry::env::Environment;
use crate::telemetry::resource::resource;
use crate::telemetry::settings::{Overrides, Settings};

fn attribute(settings: &Settings, name: &str) -> Option<String> {
    let found: Vec<&KeyValue> =
        settings.resource.iter().filter(|attribute| attribute.key.as_str() == name).collect();
    assert!(found.len() <= 1, "{name} is there twice");
    found.first().map(|attribute| attribute.value.to_string())
}

fn is(settings: &Settings, name: &str, value: &str) {
    assert_eq!(attribute(settings, name).as_deref(), Some(value), "{name}");
}

#[test]
fn a_service_without_a_name_is_called_after_its_executable() {
    let settings = quiet(&[]);
    is(&settings, "service.name", "unknown_service:program");
    assert_decided(&settings, "service.name: unknown_service:program (default)");
    let nameless = Environment::new(|_| None, None);
    let settings = Settings::from_environment(&nameless, &Overrides::default()).unwrap();
    is(&settings, "service.name", "unknown_service");
}

#[test]
fn resource_attributes_are_decoded() {
    let settings = quiet(&[(
        "OTEL_RESOURCE_ATTRIBUTES",
        " team = search%2C%20ranking ,k%3Dey=1=2,empty=,city=K%C3%B6ln,plus=a+b,,",
    )]);
    is(&settings, "team", "search, ranking");
    is(&settings, "k=ey", "1=2");
    is(&settings, "empty", "");
    is(&settings, "city", "Köln");
    is(&settings, "plus", "a+b");
    assert_decided(&settings, "city: Köln (OTEL_RESOURCE_ATTRIBUTES)");
}

#[test]
fn one_mistake_in_the_resource_attributes_and_none_is_used() {
    for (bad, problem) in [
        ("team=a,region", "\"region\" has no `=`"),
        ("team=a,=b", "\"=b\" has no name"),
        ("team=a,rate=50%", "\"rate=50%\" has a percent sign that starts no escape"),
        ("team=a,rate=5%zz", "\"rate=5%zz\" has a percent sign that starts no escape"),
        ("team=a,rate=5%2", "\"rate=5%2\" has a percent sign that starts no escape"),
        ("team=a,x%=1", "\"x%=1\" has a percent sign that starts no escape"),
        ("team=a,x=%ff", "\"x=%ff\" does not decode to UTF-8"),
    ] {
        let settings = settings(&[("OTEL_RESOURCE_ATTRIBUTES", bad)]);
        assert_eq!(attribute(&settings, "team"), None);
        let rest = "expected name=value,name=value, percent-encoded; using none of it";
        assert_eq!(settings.warnings, [format!("OTEL_RESOURCE_ATTRIBUTES: {problem}; {rest}")]);
    }
}

#[test]
fn the_service_name_wins_over_the_resource_attributes() {
    let attributes = ("OTEL_RESOURCE_ATTRIBUTES", "service.name=general,service.version=2");
    is(&quiet(&[attributes]), "service.name", "general");
    let settings = quiet(&[attributes, ("OTEL_SERVICE_NAME", "checkout")]);
    is(&settings, "service.name", "checkout");
    is(&settings, "service.version", "2");
    assert_decided(&settings, "service.name: checkout (OTEL_SERVICE_NAME)");
}

#[test]
fn the_deployment_environment_has_its_names_in_order() {
    let name = "deployment.environment.name";
    let all = [
        ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=one"),
        ("OTEL_ENVIRONMENT", "two"),
        ("DEPLOYMENT_ENV", "three"),
        ("FLO_ENV", "four"),
    ];
    for (start, expected) in ["one", "two", "three", "four"].into_iter().enumerate() {
        is(&quiet(&all[start..]), name, expected);
    }
    assert_eq!(attribute(&quiet(&[]), name), None);
    assert_eq!(attribute(&quiet(&[("OTEL_ENVIRONMENT", " ")]), name), None);
}

#[test]
fn code_wins_over_the_environment() {
    let variables = [
        ("OTEL_SERVICE_NAME", "environment"),
        ("OTEL_RESOURCE_ATTRIBUTES", "service.version=1,team=a,region=eu"),
        ("OTEL_ENVIRONMENT", "production"),
    ];
    let overrides = Overrides {
        service_name: Some("code".to_owned()),
        service_version: Some("2".to_owned()),
        environment: Some("staging".to_owned()),
        attributes: vec![KeyValue::new("team", 7), KeyValue::new("service.name", "loses")],
        ..Overrides::default()
    };
    let settings = attempt(&variables, &overrides).unwrap();
    is(&settings, "service.name", "code");
    is(&settings, "service.version", "2");
    is(&settings, "deployment.environment.name", "staging");
    is(&settings, "team", "7");
    is(&settings, "region", "eu");
    assert_decided(&settings, "service.name: code (code)");
}

#[test]
fn an_empty_name_in_code_is_no_name() {
    let settings =
        settings_of_code(&Overrides { service_name: Some(String::new()), ..Overrides::default() });
    is(&settings, "service.name", "unknown_service:program");
}

#[test]
fn each_instance_has_an_id_of_its_own_unless_it_is_given_one() {
    let id = || attribute(&quiet(&[]), "service.instance.id").unwrap();
    let (one, other) = (id(), id());
    assert_ne!(one, other);
    let parts: Vec<usize> = one.split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
    assert!(one.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()));
    assert_eq!(one.as_bytes()[14], b'4', "version 4: {one}");
    assert!(b"89ab".contains(&one.as_bytes()[19]), "variant 1: {one}");
    let given = quiet(&[("OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=pod-7")]);
    is(&given, "service.instance.id", "pod-7");
}

#[test]
fn the_resource_names_the_sdk_and_its_distribution() {
    let settings = quiet(&[(
        "OTEL_RESOURCE_ATTRIBUTES",
        "service.name=checkout,telemetry.sdk.name=forged,telemetry.distro.name=forged",
    )]);
    let resource = resource(&settings.resource);
    let text = |name: &'static str| resource.get(&Key::new(name)).map(|value| value.to_string());
    assert_eq!(text("service.name").as_deref(), Some("checkout"));
    assert_eq!(text("telemetry.sdk.name").as_deref(), Some("opentelemetry"));
    assert_eq!(text("telemetry.sdk.language").as_deref(), Some("rust"));
    assert!(text("telemetry.sdk.version").is_some_and(|version| version.starts_with("0.")));
    assert_eq!(text("telemetry.distro.name").as_deref(), Some("spanline"));
    assert_eq!(text("telemetry.distro.version").as_deref(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(resource.schema_url(), Some(crate::semconv::SCHEMA_URL));
}

#[test]
fn numbers_in_code_stay_numbers() {
    let attributes = vec![KeyValue::new("shard", 7)];
    let settings = settings_of_code(&Overrides { attributes, ..Overrides::default() });
    let value = resource(&settings.resource).get(&Key::new("shard"));
    assert_eq!(value, Some(Value::I64(7)));
}
