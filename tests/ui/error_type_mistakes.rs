//! All mistakes at once.
use std::fmt::{Display, Formatter, Result};

use spanline::ErrorType;

#[derive(Debug, ErrorType)]
enum Mistaken {
    #[error_type]
//~   ^^^^^^^^^^ what is the `error.type`? write `#[error_type("…")]` or `#[error_type(transparent)]`
    Nothing,
    #[error_type = "b"]
//~   ^^^^^^^^^^^^^^^^ the `error.type` stands in parentheses; write `#[error_type("b")]`
    Equals,
    #[error_type(3)]
    //~          ^ the `error.type` is text; write a string
    Number,
    #[error_type("")]
    //~          ^^ the `error.type` is empty; leave it out to use the name in the code
    Empty,
    #[error_type("a", transparent)]
    //~               ^^^^^^^^^^^ the `error.type` is given twice
    Twice(Box<Self>),
    #[error_type(transparnt)]
    //~          ^^^^^^^^^^ unknown word `transparnt`; did you mean `transparent`?
    Unknown(Box<Self>),
    #[error_type(transparent)]
    //~          ^^^^^^^^^^^ `transparent` asks the only field, and `Unit` has no field; write `#[error_type("…")]`
    Unit,
    #[error_type(transparent)]
    //~          ^^^^^^^^^^^ `transparent` asks the only field, and `Two` has 2 fields; write `#[error_type("…")]`
    Two(Box<Self>, u8),
}

impl Display for Mistaken {
    fn fmt(&self, _: &mut Formatter<'_>) -> Result { Ok(()) }
}
impl std::error::Error for Mistaken {}

fn main() {}
