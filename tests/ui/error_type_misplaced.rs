//! Where the attribute goes.
use std::fmt::{Display, Formatter, Result};

use spanline::ErrorType;

#[derive(Debug, ErrorType)]
#[error_type("none")]
//~          ^^^^^^ each variant has an `error.type` of its own; put `#[error_type(…)]` on a variant
enum Misplaced {
    #[error_type(crate = ::spanline)]
    //~          ^^^^^ `crate` is the same for all variants; put `#[error_type(crate = …)]` on the enum
    First(#[error_type("first")] u8),
    //~   ^^^^^^^^^^^^^^^^^^^^^^ `#[error_type]` goes on the variant, not on its fields
}

#[derive(ErrorType)]
pub union Bits {
//~ ^^^^^ `ErrorType` goes on a struct or an enum
    bits: u8,
}

impl Display for Misplaced {
    fn fmt(&self, _: &mut Formatter<'_>) -> Result { Ok(()) }
}
impl std::error::Error for Misplaced {}

fn main() {}
