//! The resource: what produces the telemetry.

use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::TelemetryResourceDetector;
use rand::TryRngCore as _;
use rand::rngs::OsRng;

use super::env::{Origin, Reader, ResourceVariables};
use super::settings::Overrides;
use crate::semconv::{SCHEMA_URL, resource};

/// The resource of spans and metrics.
///
/// `telemetry.sdk.*` names the SDK that Spanline stands on, as the conventions reserve it to; that
/// Spanline is what was installed, `telemetry.distro.*` says. Neither can be overridden.
pub(crate) fn resource(attributes: &[KeyValue]) -> Resource {
    Resource::builder_empty()
        .with_schema_url(attributes.iter().cloned(), SCHEMA_URL)
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_attributes([
            KeyValue::new(resource::TELEMETRY_DISTRO_NAME, env!("CARGO_PKG_NAME")),
            KeyValue::new(resource::TELEMETRY_DISTRO_VERSION, env!("CARGO_PKG_VERSION")),
        ])
        .build()
}

/// Attributes and who said them; a later word wins over an earlier one.
struct Attributes(Vec<(KeyValue, Origin)>);

impl Attributes {
    fn set(&mut self, attribute: KeyValue, origin: Origin) {
        match self.0.iter_mut().find(|(existing, _)| existing.key == attribute.key) {
            Some(existing) => *existing = (attribute, origin),
            None => self.0.push((attribute, origin)),
        }
    }

    fn set_text(&mut self, name: &'static str, value: Option<&str>, origin: Origin) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.set(KeyValue::new(name, value.to_owned()), origin);
        }
    }
}

/// The resource's attributes, from the least to the most specific source.
pub(crate) fn attributes(reader: &mut Reader<'_>, overrides: &Overrides) -> Vec<KeyValue> {
    let mut attributes = Attributes(Vec::new());
    let executable = reader.environment().executable();
    let service = executable.map_or_else(
        || "unknown_service".to_owned(),
        |executable| format!("unknown_service:{executable}"),
    );
    attributes.set_text(resource::SERVICE_NAME, Some(&service), Origin::Default);
    attributes.set_text(resource::SERVICE_INSTANCE_ID, instance_id().as_deref(), Origin::Default);
    let variables = ResourceVariables::read(reader, &service);
    if let Some((environment, origin)) = variables.environment {
        attributes.set_text(resource::DEPLOYMENT_ENVIRONMENT_NAME, Some(&environment), origin);
    }
    for (name, value) in variables.attributes {
        attributes.set(KeyValue::new(name, value), variables.attributes_origin);
    }
    if let Some((name, origin)) = variables.service_name {
        attributes.set_text(resource::SERVICE_NAME, Some(&name), origin);
    }
    for attribute in &overrides.attributes {
        attributes.set(attribute.clone(), Origin::Code);
    }
    for (name, value) in [
        (resource::SERVICE_NAME, &overrides.service_name),
        (resource::SERVICE_VERSION, &overrides.service_version),
        (resource::DEPLOYMENT_ENVIRONMENT_NAME, &overrides.environment),
    ] {
        attributes.set_text(name, value.as_deref(), Origin::Code);
    }
    for (attribute, origin) in &attributes.0 {
        reader.decide(&attribute.key, &attribute.value, origin);
    }
    attributes.0.into_iter().map(|(attribute, _)| attribute).collect()
}

/// A random UUID: without it, two instances of a service overwrite each other's metrics.
fn instance_id() -> Option<String> {
    let mut bytes = [0_u8; 16];
    OsRng.try_fill_bytes(&mut bytes).ok()?;
    let random = u128::from_be_bytes(bytes);
    // Version 4, variant 1, as RFC 9562 has them.
    let id = random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{id:032x}");
    let part = |range| hex.get(range);
    Some([part(0..8)?, part(8..12)?, part(12..16)?, part(16..20)?, part(20..32)?].join("-"))
}
