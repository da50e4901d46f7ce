//! The program that every contender compiles: a tree of functions of different bodies, all of them
//! called.

use std::fmt::Write as _;

use crate::contender::{Contender, Function};

/// How many functions are annotated.
pub(crate) const FUNCTIONS: usize = 200;
/// The function whose body an edit changes.
const EDITED: usize = 100;

/// What the functions stand on, the same for all.
const GROUND: &str = r#"
#![allow(dead_code)]
use std::fmt;
use std::future::Future;
use std::num::ParseIntError;
use std::pin::{Pin, pin};
use std::task::{Context as Task, Poll, Waker};

#[derive(Debug)]
enum Error {
    Empty,
    Number(ParseIntError),
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("nothing to work on"),
            Self::Number(error) => write!(formatter, "no number: {error}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<ParseIntError> for Error {
    fn from(error: ParseIntError) -> Self {
        Self::Number(error)
    }
}

trait Weight {
    fn weight(&self) -> usize;
}
impl Weight for usize {
    fn weight(&self) -> usize {
        *self
    }
}
impl Weight for String {
    fn weight(&self) -> usize {
        self.len()
    }
}
impl Weight for Vec<String> {
    fn weight(&self) -> usize {
        self.iter().map(String::len).sum()
    }
}
impl Weight for (usize, f64) {
    fn weight(&self) -> usize {
        self.0
    }
}
impl Weight for Option<char> {
    fn weight(&self) -> usize {
        self.is_some().into()
    }
}

/// Waits once.
#[derive(Default)]
struct Pause(bool);

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Task::from_waker(Waker::noop())) {
            return output;
        }
    }
}
"#;

/// What stands above the functions.
pub(crate) fn ground(contender: &Contender) -> String {
    format!("{GROUND}\n{}\n", contender.imports)
}

/// The program; another one for every number of edits.
pub(crate) fn source(contender: &Contender, edits: usize) -> String {
    let mut source = ground(contender);
    for index in 0..FUNCTIONS {
        source.push_str(&contender.annotate(&function(index, edits)));
    }
    source.push_str(
        "fn main() {\n    let text = std::env::args().collect::<Vec<_>>().join(\" \");\n    \
         println!(\"{:?}\", block_on(step_0(&text, text.len())).map(|it| it.weight()));\n}\n",
    );
    source
}

fn function(index: usize, edits: usize) -> Function {
    let number = if index == EDITED { index + edits } else { index };
    let (returned, work) = match index % 5 {
        0 => (
            "usize",
            format!(
                "    let mut words: Vec<&str> = input.split(' ').collect();\n    \
                 words.sort_unstable();\n    words.dedup();\n    \
                 let value = words.len() * {number} + below;\n"
            ),
        ),
        1 => (
            "String",
            format!(
                "    let mut value = format!(\"{{input}}-{number}-{{below}}\");\n    \
                 if value.len() > length {{\n        value.make_ascii_uppercase();\n    }}\n"
            ),
        ),
        2 => (
            "Vec<String>",
            format!(
                "    let value: Vec<String> = input\n        .lines()\n        \
                 .filter(|line| line.len() > {number})\n        \
                 .map(|line| line.trim().repeat(below % 3))\n        .collect();\n"
            ),
        ),
        3 => (
            "(usize, f64)",
            format!(
                "    let number: usize = input.trim().parse().or_else(|_| \"{number}\".parse())?;\n    \
                 let value = (number + below, number as f64 / (length + 1) as f64);\n"
            ),
        ),
        _ => (
            "Option<char>",
            format!(
                "    let value = input.chars().nth({number} % (below + 1));\n    \
                 if length == {number} && value.is_none() {{\n        \
                 return Err(Error::Empty);\n    }}\n"
            ),
        ),
    };
    let mut body = String::from("    let mut below = 0;\n    Pause::default().await;\n");
    for child in [2 * index + 1, 2 * index + 2] {
        if child < FUNCTIONS {
            let _ = writeln!(body, "    below += step_{child}(input, length).await?.weight();");
        } else {
            let _ = writeln!(body, "    below += {child} % (length + 1);");
        }
    }
    body.push_str(&work);
    body.push_str("    Ok(value)\n");
    let returned = format!("Result<{returned}, Error>");
    Function {
        name: format!("step_{index}"),
        signature: format!("(input: &str, length: usize) -> {returned}"),
        returned,
        body,
    }
}
