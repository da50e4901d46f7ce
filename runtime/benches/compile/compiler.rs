//! The compiler alone, on one program: Cargo tells how it calls it, and we call it the same way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::contender::Contender;
use crate::workspace::{PROGRAM, Workspace};

/// What is asked of the compiler.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    /// `cargo check` after one body has changed.
    Edit,
    Check,
    Debug,
    Release,
}

impl Task {
    /// In order of the table.
    pub(crate) const ALL: [Self; 4] = [Self::Edit, Self::Check, Self::Debug, Self::Release];
}

/// How the compiler is called for one contender.
pub(crate) struct Compiler<'a> {
    workspace: &'a Workspace,
    contender: &'a Contender,
    check: String,
    debug: String,
    release: String,
    edits: usize,
}

impl<'a> Compiler<'a> {
    /// Builds the dependencies, and learns how the program is compiled.
    pub(crate) fn prepare(workspace: &'a Workspace, contender: &'a Contender) -> Self {
        let call = |arguments: &[&str]| {
            let output = workspace.cargo(contender, PROGRAM, &[arguments, &["--verbose"]].concat());
            let said = String::from_utf8(output.stderr).expect("text");
            assert!(output.status.success(), "{said}");
            let call = said.lines().rev().find_map(|line| {
                let call = line.trim().strip_prefix("Running `")?.strip_suffix('`')?;
                call.contains(&format!("--crate-name {PROGRAM} ")).then(|| call.to_owned())
            });
            call.expect("a program that was just written is compiled")
        };
        Self {
            workspace,
            contender,
            check: call(&["check"]),
            debug: call(&["build"]),
            release: call(&["build", "--release"]),
            edits: 0,
        }
    }

    /// The seconds of CPU time that a task takes, the linker's included.
    pub(crate) fn run(&mut self, task: Task) -> f64 {
        match task {
            Task::Edit => {
                self.seconds(&self.check);
                self.edits += 1;
                self.workspace.write_program(self.contender, self.edits);
                self.seconds(&self.check)
            }
            Task::Check => self.scratch(&self.check),
            Task::Debug => self.scratch(&self.debug),
            Task::Release => self.scratch(&self.release),
        }
    }

    fn scratch(&self, call: &str) -> f64 {
        if let Some(memory) = argument(call, "incremental=") {
            // Only what this program left there; else the next run would start from it.
            for entry in fs::read_dir(memory).into_iter().flatten().flatten() {
                if entry.file_name().to_string_lossy().starts_with(&format!("{PROGRAM}-")) {
                    fs::remove_dir_all(entry.path()).expect("a folder can be removed");
                }
            }
        }
        self.seconds(call)
    }

    fn seconds(&self, call: &str) -> f64 {
        let output = Command::new("sh")
            .args(["-c", &format!("{call} && times")])
            .current_dir(self.workspace.folder())
            .output()
            .expect("there is a POSIX shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let times = String::from_utf8(output.stdout).expect("text");
        // The first line is the shell's own, the second that of what it ran: user and system.
        let children = times.lines().nth(1).expect("two lines of times");
        children.split_whitespace().map(parse).sum()
    }

    /// Bytes of machine code in the release program.
    pub(crate) fn text_size(&self) -> u64 {
        let program = self.program();
        let object = fs::read(&program).expect("the release program is there");
        section_size(&object, ".text").expect("an ELF program with code")
    }

    fn program(&self) -> PathBuf {
        let folder = argument(&self.release, "--out-dir ").expect("a folder for what is compiled");
        let hash = argument(&self.release, "extra-filename=").expect("a name for it");
        Path::new(folder).join(format!("{PROGRAM}{hash}"))
    }
}

/// What follows a name in a command line, up to the next space.
fn argument<'a>(call: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = call.split_once(name)?;
    after.split(' ').next()
}

/// `1m2.345s`
fn parse(time: &str) -> f64 {
    let (minutes, seconds) =
        time.trim_end_matches('s').split_once('m').expect("minutes and seconds");
    let number = |text: &str| text.replace(',', ".").parse::<f64>().expect("a number");
    number(minutes) * 60.0 + number(seconds)
}

/// The size of a section of a 64-bit little-endian ELF file.
fn section_size(object: &[u8], name: &str) -> Option<u64> {
    if object.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let word = |at: usize, length: usize| {
        let bytes = object.get(at..at + length)?;
        bytes.iter().rev().try_fold(0_usize, |sum, byte| Some(sum << 8 | usize::from(*byte)))
    };
    let (table, entry, count, names) =
        (word(0x28, 8)?, word(0x3a, 2)?, word(0x3c, 2)?, word(0x3e, 2)?);
    let names = word(table + names * entry + 0x18, 8)?;
    (0..count).find_map(|index| {
        let section = table + index * entry;
        let found = object.get(names + word(section, 4)?..)?;
        let is_it = found.starts_with(name.as_bytes()) && found.get(name.len()) == Some(&0);
        if is_it { word(section + 0x20, 8)?.try_into().ok() } else { None }
    })
}

/// What the compiler says of itself, as far as it matters.
pub(crate) fn version() -> String {
    let output =
        Command::new("rustc").arg("--version").output().expect("there is a compiler to ask");
    let version = String::from_utf8(output.stdout).expect("text");
    version.split(" (").next().unwrap_or_default().trim().to_owned()
}
