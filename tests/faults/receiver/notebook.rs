//! What was taken, and what the next request meets.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use spanline_faults::{Fault, Script, receiver_file};

use crate::message::Span;

#[derive(Debug)]
pub(crate) struct Notebook {
    script: Script,
    file: Option<Mutex<File>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: usize,
    taken: u64,
}

impl Notebook {
    pub(crate) fn new(script: Script, folder: &Path, writes: bool) -> Self {
        let file = writes.then(|| {
            // One that comes again writes on.
            let path = receiver_file(folder);
            Mutex::new(OpenOptions::new().create(true).append(true).open(path).unwrap())
        });
        Self { script, file, state: Mutex::default() }
    }

    /// What happens to the request that has just begun.
    pub(crate) fn next_fault(&self) -> Fault {
        let mut state = self.state.lock().unwrap();
        state.requests += 1;
        self.script.fault(state.requests - 1)
    }

    /// What happens to a request that the script does not mean, since it has no spans.
    pub(crate) fn last_fault(&self) -> Fault {
        self.script.fault(usize::MAX)
    }

    pub(crate) fn has_resets(&self) -> bool {
        self.script.contains(Fault::Reset)
    }

    /// Before the sender hears of it: what is answered is written.
    pub(crate) fn take(&self, spans: &[Span]) {
        if let Some(file) = &self.file {
            let mut lines = String::new();
            for span in spans {
                hex(&span.trace_id, &mut lines);
                lines.push(' ');
                hex(&span.span_id, &mut lines);
                lines.push('\n');
            }
            file.lock().unwrap().write_all(lines.as_bytes()).unwrap();
        }
        self.state.lock().unwrap().taken += spans.len() as u64;
    }

    pub(crate) fn taken(&self) -> u64 {
        self.state.lock().unwrap().taken
    }
}

fn hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
}
