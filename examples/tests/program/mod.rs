//! An example as a process with nothing in its environment, and its tree without its numbers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// An example to be run.
pub(crate) struct Program(Command);

/// How it ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    pub(crate) fn new(example: &str) -> Self {
        let mut command = Command::new(path(example));
        command.env_clear();
        // What processes need to run at all; `SYSTEMROOT` on Windows, for sockets.
        for name in ["PATH", "HOME", "SYSTEMROOT"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command)
    }

    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn run(mut self) -> Ended {
        let Output { status, stdout, stderr } = self.0.output().unwrap();
        Ended {
            code: status.code(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }

    pub(crate) fn start(mut self) -> Child {
        self.0.spawn().unwrap()
    }
}

/// Beside the folder of this test's own executable, where Cargo builds examples.
fn path(example: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let target = own.parent().and_then(Path::parent).unwrap();
    let path = target.join("examples").join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.exists(), "run `cargo build --examples` first: there is no {}", path.display());
    path
}

pub(crate) fn text_of(file: impl AsRef<Path>) -> String {
    std::fs::read_to_string(file).unwrap()
}

/// The trees on stderr: a line per span, two blanks per level, cells separated by ` | `, durations left
/// out, and each number a `#`.
pub(crate) fn shape(stderr: &str) -> String {
    let mut shape = String::from("\n");
    for line in stderr.lines().take_while(|line| *line != "metrics") {
        let text = line.trim_start_matches(['│', '├', '└', '─', ' ']);
        let level = (line.chars().count() - text.chars().count()) / 3;
        let cells = text.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let cells: Vec<_> = cells.filter(|cell| !is_duration(cell)).map(numbers_out).collect();
        shape.push_str(&"  ".repeat(level));
        shape.push_str(&cells.join(" | "));
        shape.push('\n');
    }
    shape
}

fn is_duration(cell: &str) -> bool {
    let unit = cell.trim_start_matches(|symbol: char| symbol.is_ascii_digit() || symbol == '.');
    unit.len() < cell.len() && matches!(unit, " ns" | " µs" | " ms" | " s")
}

fn numbers_out(cell: &str) -> String {
    let mut text = String::new();
    for symbol in cell.chars() {
        let symbol = if symbol.is_ascii_digit() { '#' } else { symbol };
        if symbol != '#' || !text.ends_with('#') {
            text.push(symbol);
        }
    }
    text
}
