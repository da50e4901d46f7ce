//! A process with no variables but those it is given.

use std::ffi::{OsStr, OsString};
use std::process::{Command, Stdio};

/// What the process said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) is_success: bool,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Sets up telemetry and prints its health.
pub(crate) fn set_up(variables: &[(&str, &OsStr)]) -> Ended {
    run(&[], variables)
}

/// The same, with two spans.
pub(crate) fn work(variables: &[(&str, &OsStr)]) -> Ended {
    run(&["work"], variables)
}

fn run(arguments: &[&str], variables: &[(&str, &OsStr)]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_configured"));
    command.args(arguments).stdin(Stdio::null()).current_dir(folder.path()).env_clear();
    // Without it no process opens a socket on Windows.
    command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
    let output = command.envs(variables.iter().copied()).output().unwrap();
    Ended {
        is_success: output.status.success(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ended {
    /// What `health` says, line by line.
    pub(crate) fn has_line(&self, line: &str) -> bool {
        self.stdout.lines().any(|said| said == line)
    }

    /// Messages about `name`, as they stand behind it.
    pub(crate) fn about(&self, name: &str) -> Vec<&str> {
        let start = format!("{name}: ");
        self.stderr.lines().filter_map(|line| message(line).strip_prefix(&start)).collect()
    }
}

fn message(line: &str) -> &str {
    let starts = ["spanline: warning: ", "spanline: error: ", "Error: "];
    starts.iter().find_map(|start| line.strip_prefix(start)).unwrap_or(line)
}

/// Bytes that are no text.
#[cfg(unix)]
pub(crate) fn no_text() -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(vec![b's', b'3', 0xff])
}

/// Half a surrogate pair.
#[cfg(windows)]
pub(crate) fn no_text() -> OsString {
    std::os::windows::ffi::OsStringExt::from_wide(&[0x73, 0x33, 0xd800])
}
