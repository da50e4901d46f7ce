//! Set-up, flush, shutdown and health.

pub(crate) mod env;
pub(crate) mod resource;
pub(crate) mod settings;
