//! From an operation that is about to run to a finished record: parent, sampling, outcome.

pub(crate) mod active;
pub(crate) mod agent;
pub(crate) mod ambient;
pub(crate) mod attributes;
pub(crate) mod boxed;
pub(crate) mod closure;
pub(crate) mod course;
pub(crate) mod current;
pub(crate) mod detail;
pub(crate) mod dispatch;
pub(crate) mod duplex;
pub(crate) mod ending;
pub(crate) mod future;
pub(crate) mod gaps;
pub(crate) mod guard;
pub(crate) mod outcome;
pub(crate) mod probe;
pub(crate) mod record;
pub(crate) mod response;
pub(crate) mod returned;
pub(crate) mod room;
pub(crate) mod sampler;
pub(crate) mod settlement;
pub(crate) mod sink;
pub(crate) mod stream;
pub(crate) mod value;
