//! The resource: what produces the telemetry.
