//! What a model call consumed, and what that costs.

pub(crate) mod bill;
pub(crate) mod money;
pub(crate) mod price;
pub(crate) mod tokens;
