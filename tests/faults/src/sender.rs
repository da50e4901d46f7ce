//! The sender as a process, set up by its environment as a user's program is.

use std::fmt;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Programs, SpanKey, spans_of};

/// How OTLP is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Grpc,
    Http,
}

impl Protocol {
    pub const ALL: [Self; 2] = [Self::Grpc, Self::Http];

    /// As its variable has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::Http => "http/protobuf",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How long a sender goes on.
#[derive(Clone, Debug)]
pub enum Length {
    Pipelines(u64),
    /// Until there is that file.
    Until(PathBuf),
    ForEver,
}

/// What a sender says at its end.
#[derive(Clone, Debug)]
pub struct Figures(serde_json::Value);

impl Figures {
    /// A number by its name.
    #[must_use]
    pub fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_else(|| panic!("no `{name}` in {}", self.0))
    }

    /// Several numbers by their name.
    #[must_use]
    pub fn numbers(&self, name: &str) -> Vec<u64> {
        let numbers = self.0[name].as_array().into_iter().flatten();
        numbers.map(|number| number.as_u64().unwrap()).collect()
    }

    /// Spans that ended in it.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.number("ended")
    }

    /// Spans that `health()` counts as lost, wherever.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.number("lost")
    }

    /// Spans that `health()` says wait on disk.
    #[must_use]
    pub fn on_disk(&self) -> u64 {
        self.number("on_disk")
    }

    /// What `shutdown()` said was lost.
    #[must_use]
    pub fn told(&self) -> u64 {
        self.number("told")
    }

    /// Why something was lost, the costliest reason first.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        self.texts("reasons")
    }

    /// What the receiver had to say.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.texts("remarks")
    }

    fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.0[name].as_array().unwrap();
        texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }
}

/// A process to be.
#[derive(Debug)]
pub struct Sender {
    command: Command,
    folder: TempDir,
}

impl Sender {
    /// Of the variables that mean us it has only those that it is given.
    #[must_use]
    pub fn new(programs: Programs, arguments: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(programs.sender);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if ["OTEL_", "SPANLINE_", "FLO_"].iter().any(|ours| text.starts_with(ours)) {
                command.env_remove(&name);
            }
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { command, folder }
    }

    /// One that runs pipelines with a pause after each, and keeps a diary; it sends spans alone.
    #[must_use]
    pub fn of_pipelines(programs: Programs, length: &Length, pause: Duration) -> Self {
        let length = match length {
            Length::Pipelines(count) => count.to_string(),
            Length::Until(file) => file.display().to_string(),
            Length::ForEver => "for-ever".to_owned(),
        };
        let pause = pause.as_millis().to_string();
        let mut sender = Self::new(programs, &["answer".to_owned(), length, pause]);
        let diary = sender.diary();
        sender.command.arg(diary);
        // What is judged is what becomes of spans.
        sender.env("OTEL_METRICS_EXPORTER", "none")
    }

    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// With a folder for what cannot be sent now.
    #[must_use]
    pub fn spool(self, folder: Option<&Path>) -> Self {
        match folder {
            Some(folder) => self.env("SPANLINE_SPOOL_DIR", folder),
            None => self,
        }
    }

    /// With a folder on a disk of so many KiB that nobody else sees; `None` where the system has no
    /// namespaces for that.
    #[must_use]
    pub fn spool_on_small_disk(self, kibibytes: u64) -> Option<Self> {
        const UNSHARED: [&str; 3] = ["--user", "--map-root-user", "--mount"];
        let is_possible = Command::new("unshare").args(UNSHARED).arg("true").output();
        if !is_possible.is_ok_and(|output| output.status.success()) {
            return None;
        }
        let disk = self.folder.path().join("disk");
        std::fs::create_dir(&disk).unwrap();
        let mount = format!("mount -t tmpfs -o size={kibibytes}k spool \"$0\" && exec \"$@\"");
        let mut command = Command::new("unshare");
        command.args(UNSHARED).args(["sh", "-c", &mount]).arg(&disk);
        Some(self.inside(command).spool(Some(&disk)))
    }

    /// With no file that is longer than so many blocks of 512 bytes.
    #[must_use]
    pub fn with_short_files(self, blocks: u64) -> Self {
        // A signal that is not ignored would end the process.
        let limit = format!("trap '' XFSZ && ulimit -f {blocks} && exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limit]);
        self.inside(command)
    }

    /// Without the powers of root, if it had them: no permission would keep it from writing.
    #[must_use]
    pub fn without_powers(self) -> Self {
        if std::fs::metadata(self.folder.path()).unwrap().uid() != 0 {
            return self;
        }
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all"]);
        self.inside(command)
    }

    /// Begun by another program, which becomes it.
    fn inside(mut self, mut other: Command) -> Self {
        other.arg(self.command.get_program()).args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => other.env(name, value),
                None => other.env_remove(name),
            };
        }
        other.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        self.command = other;
        self
    }

    /// Sends in that protocol to that endpoint.
    #[must_use]
    pub fn to(self, protocol: Protocol, endpoint: &str) -> Self {
        self.env("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.name())
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    }

    fn diary(&self) -> PathBuf {
        self.folder.path().join("diary")
    }

    #[must_use]
    pub fn start(mut self) -> Running {
        let child = self.command.spawn().unwrap();
        Running { child, diary: self.diary(), _folder: self.folder, started: Instant::now() }
    }
}

/// A sender at work, which is killed when it is dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    diary: PathBuf,
    _folder: TempDir,
    started: Instant,
}

impl Running {
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Spans that have ended by now.
    #[must_use]
    pub fn ended(&self) -> u64 {
        spans_of(&self.diary).len() as u64
    }

    #[must_use]
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end; one that takes longer than `patience` hangs.
    #[must_use]
    pub fn wait(mut self, patience: Duration) -> (Figures, Vec<SpanKey>) {
        let mut said = String::new();
        while self.child.try_wait().unwrap().is_none() {
            let elapsed = self.started.elapsed();
            assert!(elapsed < patience, "a sender hangs, {elapsed:?} after its start");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
        let figures = serde_json::from_str(&said).unwrap_or_else(|_| {
            let mut problem = String::new();
            let _ = self.child.stderr.take().unwrap().read_to_string(&mut problem);
            panic!("a sender said {said:?} and {problem:?}")
        });
        (Figures(figures), spans_of(&self.diary))
    }

    /// Waits while it goes on, for `patience` at most, until something has come about.
    pub fn wait_until(&mut self, what: &str, patience: Duration, has_come: impl Fn(&Path) -> bool) {
        let began = Instant::now();
        while !has_come(&self.diary) {
            assert!(!self.has_ended(), "a sender ended before {what}");
            assert!(began.elapsed() < patience, "waited {patience:?} until {what}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Ends it at once, without a word, and gives what it had ended.
    #[must_use]
    pub fn kill(mut self) -> Vec<SpanKey> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        spans_of(&self.diary)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
