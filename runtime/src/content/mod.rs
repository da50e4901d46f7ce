//! What goes into a model and comes out of it: recorded where the user asks for it, and compiled in by
//! the feature `content` alone. What leaves the process is masked and limited, whoever recorded it.

#[cfg(feature = "telemetry")]
pub(crate) mod limit;
#[cfg(feature = "telemetry")]
pub(crate) mod mask;
#[cfg(feature = "content")]
pub(crate) mod message;
#[cfg(feature = "content")]
pub(crate) mod piece;
