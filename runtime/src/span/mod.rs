//! From an operation that is about to run to a finished record: parent, sampling, outcome.

pub(crate) mod accounts;
pub(crate) mod active;
pub(crate) mod ambient;
pub(crate) mod attempt;
pub(crate) mod budget;
pub(crate) mod consumption;
pub(crate) mod current;
pub(crate) mod dispatch;
pub(crate) mod ending;
pub(crate) mod future;
pub(crate) mod gaps;
pub(crate) mod guard;
pub(crate) mod outcome;
pub(crate) mod probe;
pub(crate) mod record;
pub(crate) mod returned;
pub(crate) mod rollup;
pub(crate) mod room;
pub(crate) mod sampler;
pub(crate) mod stream;
pub(crate) mod value;
