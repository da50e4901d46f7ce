//! What the environment says of the resource.

use super::reader::{Origin, Reader};
use super::{pair, table};
use crate::semconv::resource;

/// What the variables of the resource say.
pub(crate) struct ResourceVariables {
    /// Of the deployment environment's own variables the first that is set.
    pub(crate) environment: Option<(String, Origin)>,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) attributes_origin: Origin,
    pub(crate) service_name: Option<(String, Origin)>,
}

impl ResourceVariables {
    /// `service` is the name that is used if none is said.
    pub(crate) fn read(reader: &mut Reader<'_>, service: &str) -> Self {
        let variable = table::OTEL_RESOURCE_ATTRIBUTES;
        let text = reader.text(variable).map(|text| text.and_then(|text| pair::attributes(&text)));
        let attributes = match text {
            None => Vec::new(),
            Some(Ok(attributes)) => attributes,
            Some(Err(problem)) => {
                reader.warn(variable.name(), problem, pair::EXPECTED, "none of it");
                Vec::new()
            }
        };
        let named = attributes.iter().rfind(|(name, _)| name == resource::SERVICE_NAME);
        let service = named.map_or(service, |(_, name)| name);
        let service_variable = table::OTEL_SERVICE_NAME;
        let service_name = reader
            .any_text(service_variable, service)
            .map(|name| (name, Origin::Variable(service_variable.name())));
        let mut environment = None;
        for variable in [table::OTEL_ENVIRONMENT, table::DEPLOYMENT_ENV, table::FLO_ENV] {
            if environment.is_none() {
                environment = reader
                    .any_text(variable, "none")
                    .map(|name| (name, Origin::Variable(variable.name())));
            }
        }
        let attributes_origin = Origin::Variable(variable.name());
        Self { environment, attributes, attributes_origin, service_name }
    }
}
