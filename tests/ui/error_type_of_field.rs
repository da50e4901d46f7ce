//! What is asked has to answer, and what is named has to be an error.
use std::fmt::{Display, Formatter, Result};

use spanline::ErrorType;

#[derive(Debug, ErrorType)]
enum Asking {
    #[error_type(transparent)]
    Io(std::io::Error),
    //~^^^^^^^^^^^^^^ `std::io::Error` does not name its `error.type`: `ErrorType` is not implemented for it
}

impl Display for Asking {
    fn fmt(&self, _: &mut Formatter<'_>) -> Result { Ok(()) }
}
impl std::error::Error for Asking {}

#[derive(Debug, ErrorType)]
struct NoError;
//~    ^^^^^^^ the trait bound `NoError: std::error::Error` is not satisfied

fn main() {}
