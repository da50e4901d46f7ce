//! What happens to the files, all of it on threads that may block.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prost::bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::account::Outcome;
use super::entry::{self, EXTENSION, Entry, EntryName, Kind, UNFINISHED, Unreadable};
use super::index::Index;
use super::run::{self, Run};
use super::{Readable, cannot_write};
use crate::export::ledger::Ledger;

#[derive(Debug)]
pub(super) struct Store {
    /// Of all runs.
    pub(super) destination: PathBuf,
    pub(super) most_bytes: u64,
    pub(super) kind: Kind,
    pub(super) ledger: Arc<Ledger>,
    /// Told when there is something to send.
    pub(super) more: Notify,
    pub(super) state: Mutex<State>,
    /// Whether a request is being written: one behind the other, so that a disk that stalls does not
    /// gather threads.
    pub(super) is_writing: AtomicBool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// None before the first one could be begun, and after the end.
    pub(super) run: Option<Arc<Run>>,
    pub(super) is_closed: bool,
    pub(super) index: Index,
    last: u64,
    /// Items that were handed over since this was last asked.
    pub(super) kept: u64,
    pub(super) rest: Option<Instant>,
    pub(super) last_adoption: Option<Instant>,
    /// Files that are done with and cannot be removed, with what they take on disk.
    unremoved: BTreeMap<PathBuf, u64>,
    pub(super) problems: Problems,
}

impl State {
    pub(super) fn new(run: Option<Arc<Run>>) -> Self {
        Self { run, ..Self::default() }
    }
}

/// Each goes when the same succeeds again.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) write: Option<String>,
    read: Option<String>,
    removal: Option<String>,
}

impl Problems {
    fn first(&self) -> Option<String> {
        self.write.as_ref().or(self.removal.as_ref()).or(self.read.as_ref()).cloned()
    }
}

/// Between somebody who waits for a request to be written and the thread that writes it.
#[derive(Debug, Default)]
pub(super) struct Handover {
    /// Nobody waits any more.
    pub(super) is_over: bool,
    pub(super) is_kept: bool,
}

impl Store {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what goes wrong, and says the first of it in the health.
    pub(super) fn set_problem(&self, change: impl FnOnce(&mut Problems)) {
        let problem = {
            let mut state = self.state();
            change(&mut state.problems);
            state.problems.first()
        };
        self.ledger.set_spool_problem(problem);
    }

    pub(super) fn write(
        &self,
        body: &Bytes,
        items: usize,
        handover: &Mutex<Handover>,
    ) -> io::Result<()> {
        let items = u32::try_from(items).map_err(|_| io::ErrorKind::InvalidInput)?;
        let entry = Entry::new(items, body.len());
        self.make_room(entry.bytes)?;
        let run = self.run()?;
        let (name, path) = match self.write_into(&run, body, items) {
            // Somebody has cleared up.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let run = self.begin_anew(&run)?;
                self.write_into(&run, body, items)
            }
            written => written,
        }?;
        let mut state = self.state();
        let mut handover = handover.lock().unwrap_or_else(PoisonError::into_inner);
        if handover.is_over {
            drop((handover, state));
            self.remove_file(path, entry.bytes);
            return Ok(());
        }
        // In any case it is in the account, and nobody is to send it from memory.
        handover.is_kept = true;
        state.kept += entry.items;
        if !self.ledger.keep(entry) {
            drop((handover, state));
            self.remove_file(path, entry.bytes);
            return Ok(());
        }
        state.index.insert(name, entry);
        drop((handover, state));
        self.more.notify_one();
        Ok(())
    }

    /// Under another name first: what has its own is whole.
    fn write_into(&self, run: &Run, body: &[u8], items: u32) -> io::Result<(EntryName, PathBuf)> {
        let name = self.new_name(run);
        let path = path_of(run, name);
        let unfinished = path.with_extension(UNFINISHED);
        entry::write(&unfinished, self.kind, items, body)
            .and_then(|()| fs::rename(&unfinished, &path))
            .inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        Ok((name, path))
    }

    fn new_name(&self, run: &Run) -> EntryName {
        let mut state = self.state();
        state.last = run::microseconds().max(state.last + 1);
        EntryName { microseconds: state.last, run: run.id }
    }

    fn run(&self) -> io::Result<Arc<Run>> {
        let run = self.state().run.clone();
        run.map_or_else(|| self.begin(None), Ok)
    }

    /// In place of a run whose folder is no longer there.
    fn begin_anew(&self, gone: &Arc<Run>) -> io::Result<Arc<Run>> {
        if gone.folder.try_exists()? {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.begin(Some(gone))
    }

    /// Begins a run, unless somebody else has begun one meanwhile.
    fn begin(&self, gone: Option<&Arc<Run>>) -> io::Result<Arc<Run>> {
        if self.state().is_closed {
            return Err(ended());
        }
        let begun = Run::begin(&self.destination)?;
        let mut state = self.state();
        let is_gone = |run: &Arc<Run>| gone.is_some_and(|gone| Arc::ptr_eq(run, gone));
        let held = state.run.as_ref().filter(|run| !is_gone(run)).cloned();
        if held.is_some() || state.is_closed {
            drop(state);
            begun.end();
            return held.ok_or_else(ended);
        }
        let run = Arc::new(begun);
        state.run = Some(Arc::clone(&run));
        Ok(run)
    }

    /// Drops the oldest until `wanted` bytes have room.
    fn make_room(&self, wanted: u64) -> io::Result<()> {
        self.remove_again();
        let (dropped, is_stuck) = {
            let mut state = self.state();
            // Nothing that gives way would be gone from the disk.
            let is_stuck = !state.unremoved.is_empty();
            let dropped =
                if is_stuck { Vec::new() } else { state.index.make_room(wanted, self.most_bytes) };
            (dropped, is_stuck)
        };
        let reason = format!("the spool had {} bytes, so its oldest gave way", self.most_bytes);
        for (name, entry) in dropped {
            if let Some(path) = self.path(name) {
                self.remove_file(path, entry.bytes);
            }
            self.ledger.drop_from_spool(entry, &reason);
        }
        let has_room = {
            let state = self.state();
            let unremoved: u64 = state.unremoved.values().sum();
            state.index.has_room(wanted.saturating_add(unremoved), self.most_bytes)
        };
        if has_room {
            return Ok(());
        }
        let most = self.most_bytes;
        let because = if is_stuck { ", and files cannot be removed" } else { "" };
        let message = format!("{wanted} bytes have no room in {most}{because}");
        Err(io::Error::new(io::ErrorKind::QuotaExceeded, message))
    }

    pub(super) fn read(&self, name: EntryName) -> Readable {
        let (path, entry) = {
            let mut state = self.state();
            let path = state.run.as_ref().map(|run| path_of(run, name));
            let entry = state.index.entry(name);
            state.index.set_in_flight(Some(name));
            (path, entry)
        };
        let (Some(path), Some(entry)) = (path, entry) else {
            self.put_back();
            return Readable::Gone;
        };
        let reason = match entry::read(&path, self.kind) {
            Ok((_, body)) => {
                self.set_problem(|problems| problems.read = None);
                return Readable::Whole(body, entry.items);
            }
            // It was of our version when it was written or taken over.
            Err(Unreadable::Damaged(_) | Unreadable::Newer) => "was damaged on disk",
            Err(Unreadable::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                "was removed from the spool by somebody else"
            }
            // The disk, or the process, may have what it takes a moment later.
            Err(Unreadable::Io(error)) => {
                self.put_back();
                let problem = format!("cannot read from the spool `{}`: {error}", path.display());
                self.set_problem(|problems| problems.read = Some(problem.clone()));
                return Readable::NotNow(problem, entry.items);
            }
        };
        self.leave(name, Outcome::dropped(entry.items, format!("a request {reason}")));
        Readable::Gone
    }

    pub(super) fn put_back(&self) {
        self.state().index.set_in_flight(None);
    }

    pub(super) fn leave(&self, name: EntryName, outcome: Outcome) {
        let path = self.path(name);
        let Some(entry) = self.state().index.remove(name) else { return };
        if let Some(path) = path {
            self.remove_file(path, entry.bytes);
        }
        self.ledger.leave_spool(entry, outcome);
        self.remove_again();
    }

    fn path(&self, name: EntryName) -> Option<PathBuf> {
        self.state().run.as_ref().map(|run| path_of(run, name))
    }

    /// Nothing is said of a file that is gone already; one that stays would be sent again by the next run.
    fn remove_file(&self, path: PathBuf, bytes: u64) {
        if let Err(problem) = removed(&path) {
            self.state().unremoved.insert(path, bytes);
            self.set_problem(|problems| problems.removal = Some(problem));
        }
    }

    /// What could not be removed before.
    pub(super) fn remove_again(&self) {
        let paths: Vec<PathBuf> = self.state().unremoved.keys().cloned().collect();
        for path in paths {
            // Where one cannot be removed, so it is for the others.
            if removed(&path).is_err() {
                return;
            }
            let is_last = {
                let unremoved = &mut self.state().unremoved;
                unremoved.remove(&path);
                unremoved.is_empty()
            };
            if is_last {
                self.set_problem(|problems| problems.removal = None);
            }
        }
    }

    pub(super) fn adopt(&self) {
        self.remove_again();
        let Ok(own) = self.run() else { return };
        for ended in Run::ended(&self.destination) {
            for path in run::files(&ended.folder) {
                self.adopt_file(&own, &path);
            }
            ended.end();
        }
    }

    fn adopt_file(&self, own: &Run, path: &Path) {
        let Some((name, is_finished)) = EntryName::parse(path) else { return };
        // A writer may have been killed after its last byte.
        let found = if is_finished {
            entry::look(path, self.kind)
        } else {
            entry::read(path, self.kind).map(|(entry, _)| entry)
        };
        match found {
            Ok(entry) => {
                // One that cannot be moved is there for the next run.
                if fs::rename(path, path_of(own, name)).is_ok() {
                    self.state().index.insert(name, entry);
                    self.ledger.recover(entry);
                    // What is too much was written when the limit was another.
                    let _ = self.make_room(0);
                    self.more.notify_one();
                }
            }
            Err(Unreadable::Io(_) | Unreadable::Newer) => {}
            Err(Unreadable::Damaged(items)) => {
                if fs::remove_file(path).is_ok() {
                    // There was something in it, if nobody can tell how much.
                    let entry = Entry { items: items.unwrap_or(1), bytes: 0 };
                    self.ledger.recover(entry);
                    let reason = "a request of an earlier run was not written to its end";
                    self.ledger.drop_from_spool(entry, reason);
                }
            }
        }
    }

    /// Leaves what is there to the next run.
    pub(super) fn close(&self) {
        self.remove_again();
        let run = {
            let mut state = self.state();
            state.is_closed = true;
            state.run.take()
        };
        if let Some(run) = run.and_then(Arc::into_inner) {
            run.end();
        }
    }

    pub(super) fn cannot_write(&self, error: &io::Error) -> String {
        cannot_write(&self.destination, error)
    }
}

fn removed(path: &Path) -> Result<(), String> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("`{}` cannot be removed: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

fn ended() -> io::Error {
    io::Error::other("the export has ended")
}

fn path_of(run: &Run, name: EntryName) -> PathBuf {
    run.folder.join(format!("{name}.{EXTENSION}"))
}
