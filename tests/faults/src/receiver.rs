//! The receiver as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::{Manner, Port, Programs, Script, SpanKey, spans_of};

/// What a receiver is told.
#[derive(Clone, Debug)]
pub struct Setting {
    pub manner: Manner,
    pub script: Script,
    /// Whether it writes down every span, or only counts them.
    pub writes: bool,
}

/// One port with its receiver, who may come and go.
#[derive(Debug)]
pub struct Receiver {
    program: &'static str,
    setting: Setting,
    port: Port,
    folder: TempDir,
    child: Option<Child>,
    counted: u64,
}

impl Receiver {
    /// Nobody listens yet.
    #[must_use]
    pub fn absent(programs: Programs, setting: Setting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = Port::reserve();
        Self { program: programs.receiver, setting, port, folder, child: None, counted: 0 }
    }

    #[must_use]
    pub fn present(programs: Programs, setting: Setting) -> Self {
        let mut receiver = Self::absent(programs, setting);
        receiver.start();
        receiver
    }

    /// Listens when this returns.
    pub fn start(&mut self) {
        let mut child = Command::new(self.program)
            .arg(self.port.address().to_string())
            .arg(self.folder.path())
            .args([self.setting.manner.to_string(), self.setting.script.to_string()])
            .arg(if self.setting.writes { "write" } else { "count" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::with_capacity(1, child.stdout.as_mut().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "ready\n", "the receiver listens");
        self.child = Some(child);
    }

    /// It answers what it has begun to read, and goes.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        drop(child.stdin.take());
        let mut counted = String::new();
        child.stdout.take().unwrap().read_to_string(&mut counted).unwrap();
        child.wait().unwrap();
        self.counted += counted.trim().parse::<u64>().unwrap();
    }

    /// Another comes in its place, at the same address.
    pub fn replace(&mut self, setting: Setting) {
        self.stop();
        self.setting = setting;
        self.start();
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        self.port.address().to_string()
    }

    /// The certificate of its authority.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("authority.pem")
    }

    /// Every span that was taken, as often as it was.
    #[must_use]
    pub fn spans(&self) -> Vec<SpanKey> {
        spans_of(&taken(self.folder.path()))
    }

    /// How many it took until it went.
    #[must_use]
    pub fn counted(&self) -> u64 {
        self.counted
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where a receiver writes what it took.
#[must_use]
pub fn taken(folder: &Path) -> PathBuf {
    folder.join("taken")
}
