//! Programs in a process of their own: what only the first `init` or the end of `main` can show.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::lines::Lines;

/// A process to be.
#[derive(Debug)]
pub struct Process {
    command: Command,
    folder: TempDir,
}

/// How it ended, and what it exported to its file.
#[derive(Debug)]
pub struct Ended {
    pub success: bool,
    /// What it exited with; `None` where a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub lines: Lines<File>,
    /// The file as it is.
    pub file: String,
}

impl Process {
    /// `scenario` of the program; spans and metrics go to a file.
    #[must_use]
    pub fn new(program: &str, scenario: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(program);
        command.arg(scenario).stdin(Stdio::null());
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["OTEL_", "SPANLINE_", "FLO_", "DEPLOYMENT_ENV"]
                .iter()
                .any(|ours| text.starts_with(ours))
            {
                command.env_remove(&name);
            }
        }
        let process = Self { command, folder };
        let file = process.file();
        File::create(&file).unwrap().flush().unwrap();
        process
            .env("SPANLINE_FILE", &file.display().to_string())
            .env("OTEL_TRACES_EXPORTER", "file")
            .env("OTEL_METRICS_EXPORTER", "file")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("telemetry.jsonl")
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[must_use]
    pub fn arg(mut self, argument: &str) -> Self {
        self.command.arg(argument);
        self
    }

    /// Runs it to its end.
    #[must_use]
    pub fn run(mut self) -> Ended {
        let output = self.command.output().unwrap();
        self.ended(output)
    }

    /// Runs it until it has printed its first line.
    #[must_use]
    pub fn start(mut self) -> Started {
        let piped = self.command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut first = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        stdout.read_line(&mut first).unwrap();
        Started { process: self, child }
    }

    fn ended(&self, output: Output) -> Ended {
        let Output { status, stdout, stderr } = output;
        let file = std::fs::read_to_string(self.file()).unwrap();
        let mut lines = Lines::new(File::open(self.file()).unwrap());
        lines.read();
        Ended {
            success: status.success(),
            code: status.code(),
            #[cfg(unix)]
            signal: std::os::unix::process::ExitStatusExt::signal(&status),
            #[cfg(not(unix))]
            signal: None,
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            lines,
            file,
        }
    }
}

/// A process that runs.
#[derive(Debug)]
pub struct Started {
    process: Process,
    child: Child,
}

impl Started {
    /// Sends it a signal, by the name that `kill` knows.
    pub fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    #[must_use]
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    #[must_use]
    pub fn wait(self) -> Ended {
        let output = self.child.wait_with_output().unwrap();
        self.process.ended(output)
    }
}
