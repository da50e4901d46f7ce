//! What goes into a model and comes out of it: recorded where the user asks for it, and compiled in by
//! the feature `content` alone. What leaves the process is masked and limited, whoever recorded it.

#[cfg(not(feature = "content"))]
mod absent;
#[cfg(feature = "telemetry")]
pub(crate) mod captured;
#[cfg(feature = "telemetry")]
pub(crate) mod choice;
#[cfg(feature = "content")]
pub(crate) mod given;
#[cfg(feature = "telemetry")]
pub(crate) mod limit;
#[cfg(feature = "telemetry")]
pub(crate) mod mask;
#[cfg(feature = "content")]
pub(crate) mod message;
#[cfg(all(feature = "content", feature = "telemetry"))]
mod mode;
#[cfg(feature = "content")]
mod piece;
#[cfg(all(feature = "content", feature = "telemetry"))]
pub(crate) mod policy;
#[cfg(feature = "content")]
pub(crate) mod shape;
#[cfg(all(feature = "content", feature = "telemetry"))]
pub(crate) mod span_content;
#[cfg(feature = "content")]
mod switch;

#[cfg(not(feature = "content"))]
pub use self::absent::{IntoContent, IntoInstructions, IntoMessages};
#[cfg(not(feature = "content"))]
pub(crate) use self::absent::{Piece, has_hook, is_captured};
#[cfg(feature = "content")]
pub use self::given::{IntoContent, IntoInstructions, IntoMessages};
#[cfg(feature = "content")]
pub(crate) use self::piece::Piece;
#[cfg(all(feature = "content", feature = "telemetry"))]
pub(crate) use self::switch::set;
#[cfg(feature = "content")]
pub(crate) use self::switch::{has_hook, is_captured};
