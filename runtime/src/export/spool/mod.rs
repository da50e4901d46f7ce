//! Requests on disk until their receiver has taken them: what cannot be delivered is sent later, by this
//! run of the program or by the next.
//!
//! Each request is a file: written under another name, renamed, and removed when it is done with. A
//! process that is killed at any moment leaves whole files and at most one that its name says is not,
//! and there is no index that could disagree with them; what a loss of power tears, the checksum tells.
//! The embedded databases and queues on disk that there are (redb, fjall, yaque, queue-file) belong to
//! one process at a time, so that two that share a folder would need one each and a way to inherit it,
//! which is most of what is here; ordered keys, transactions and compaction are what a list of at most
//! some thousand requests has no use for.
//!
//! `<folder>/<destination>/<run>/<time>-<run>.otlp`, and `<run>.lock` beside each run's folder. A run
//! whose lock is free has ended, and whoever takes the lock moves its files into the folder of its own.

mod account;
pub(crate) mod entry;
mod index;
mod run;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use prost::bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use self::entry::{EXTENSION, Entry, UNFINISHED, Unreadable};
pub(crate) use self::entry::{EntryName, Kind};
pub(crate) use self::index::End;
use self::index::Index;
use self::run::Run;
use super::ledger::Ledger;
use crate::Error;
use crate::telemetry::settings::SpoolSettings;

/// How long a disk may take for one request, and how long one that took longer is left alone.
const DISK_PATIENCE: Duration = Duration::from_secs(2);
const DISK_REST: Duration = Duration::from_secs(30);
/// How often runs that ended meanwhile are looked for, where something is going on at all.
const ADOPTION_INTERVAL: Duration = Duration::from_secs(60);

/// What folders of all systems can have in their names.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
/// Names of folders are no longer than 255 bytes.
const LONGEST_NAME: usize = 200;

/// The requests to one destination.
#[derive(Clone, Debug)]
pub(crate) struct Spool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Of all runs.
    destination: PathBuf,
    most_bytes: u64,
    kind: Kind,
    ledger: Arc<Ledger>,
    /// Told when there is something to send.
    more: Notify,
    state: Mutex<State>,
    /// Whether a request is being written: one behind the other, so that a disk that stalls does not
    /// gather threads.
    is_writing: AtomicBool,
}

#[derive(Debug)]
struct State {
    /// None before the first one could be begun, and after the end.
    run: Option<Arc<Run>>,
    is_closed: bool,
    index: Index,
    last: u64,
    /// Items that were kept since this was last asked.
    kept: u64,
    rest: Option<Instant>,
    last_adoption: Option<Instant>,
}

/// What became of a request that was to be read.
pub(crate) enum Readable {
    Whole(Bytes, u64),
    /// It is counted as lost.
    Gone,
}

impl Spool {
    /// Begins a run. A disk that is full is no error, since it may have room later.
    pub(crate) fn open(
        settings: &SpoolSettings,
        place: &str,
        kind: Kind,
        ledger: &Arc<Ledger>,
    ) -> Result<Self, Error> {
        let destination = settings.folder.join(folder_name(ledger.signal, place));
        // Programs may go elsewhere later.
        let destination = std::path::absolute(&destination).unwrap_or(destination);
        let (run, problem) = match Run::begin(&destination) {
            Ok(run) => (Some(Arc::new(run)), None),
            Err(error) if is_full(&error) => (None, Some(cannot_write(&destination, &error))),
            Err(error) => {
                let message = format!(
                    "{}; expected a folder that may be made and written to",
                    cannot_write(&destination, &error)
                );
                return Err(Error::file(&settings.folder, message));
            }
        };
        ledger.begin_spool(destination.clone());
        ledger.set_spool_problem(problem);
        Ok(Self(Arc::new(Shared {
            destination,
            most_bytes: settings.most_bytes as u64,
            kind,
            ledger: Arc::clone(ledger),
            more: Notify::new(),
            state: Mutex::new(State {
                run,
                is_closed: false,
                index: Index::default(),
                last: 0,
                kept: 0,
                rest: None,
                last_adoption: None,
            }),
            is_writing: AtomicBool::new(false),
        })))
    }

    /// Writes a request of so many items to disk; false where that cannot be done now, which the
    /// ledger is told. Whoever stops waiting for this has not handed anything over.
    pub(crate) async fn keep(&self, body: &Bytes, items: usize) -> bool {
        let problem = match self.try_to_keep(body, items).await {
            Ok(()) => None,
            Err(error) => Some(cannot_write(&self.0.destination, &error)),
        };
        let is_kept = problem.is_none();
        self.0.ledger.set_spool_problem(problem);
        is_kept
    }

    async fn try_to_keep(&self, body: &Bytes, items: usize) -> io::Result<()> {
        let stalled = || io::Error::new(io::ErrorKind::TimedOut, "the disk does not answer");
        let is_resting = self.0.state().rest.is_some_and(|until| Instant::now() < until);
        if is_resting || self.0.is_writing.swap(true, Ordering::SeqCst) {
            return Err(stalled());
        }
        let waiting = Waiting { shared: &self.0, is_over: Arc::new(AtomicBool::new(false)) };
        let (shared, body) = (Arc::clone(&self.0), body.clone());
        let is_over = Arc::clone(&waiting.is_over);
        let written = on_disk(move || {
            let written = shared.write(&body, items, &is_over);
            shared.is_writing.store(false, Ordering::SeqCst);
            written
        });
        if let Ok(written) = timeout(DISK_PATIENCE, written).await {
            return written.unwrap_or_else(|| Err(io::Error::other("the write was given up")));
        }
        self.0.state().rest = Some(Instant::now() + DISK_REST);
        Err(stalled())
    }

    /// How many items were kept since this was last asked.
    pub(crate) fn take_kept_items(&self) -> u64 {
        std::mem::take(&mut self.0.state().kept)
    }

    /// Ends when there may be something new to send.
    pub(crate) async fn more(&self) {
        self.0.more.notified().await;
    }

    /// The next one from this end, if there is one.
    pub(crate) fn next(&self, end: End) -> Option<EntryName> {
        self.0.state().index.end(end)
    }

    /// The request itself, which nobody drops until it is [done with](Self::leave) or put back.
    pub(crate) async fn read(&self, name: EntryName) -> Readable {
        let shared = Arc::clone(&self.0);
        on_disk(move || shared.read(name)).await.unwrap_or(Readable::Gone)
    }

    /// What was read stays where it is.
    pub(crate) fn put_back(&self) {
        self.0.state().index.set_in_flight(None);
    }

    /// Removes a request that its receiver has taken, or never will.
    pub(crate) async fn leave(&self, name: EntryName) {
        let shared = Arc::clone(&self.0);
        on_disk(move || shared.leave(name)).await;
    }

    /// Takes over what ended runs have left, if that has not been looked for within a minute.
    pub(crate) async fn adopt(&self) {
        {
            let mut state = self.0.state();
            let is_due = state.last_adoption.is_none_or(|last| last.elapsed() >= ADOPTION_INTERVAL);
            if !is_due {
                return;
            }
            state.last_adoption = Some(Instant::now());
        }
        let shared = Arc::clone(&self.0);
        on_disk(move || shared.adopt()).await;
    }

    /// Leaves what is there to the next run.
    pub(crate) async fn close(&self) {
        let shared = Arc::clone(&self.0);
        on_disk(move || {
            let run = {
                let mut state = shared.state();
                state.is_closed = true;
                state.run.take()
            };
            if let Some(run) = run.and_then(Arc::into_inner) {
                run.end();
            }
        })
        .await;
    }
}

/// Somebody who waits for a request to be written.
struct Waiting<'a> {
    shared: &'a Shared,
    is_over: Arc<AtomicBool>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // Under the lock: either it is kept, or it is not.
        let _state = self.shared.state();
        self.is_over.store(true, Ordering::SeqCst);
    }
}

/// On a thread that may block; `None` when that thread is gone.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let work = move || {
        // What is said about it must not be exported.
        let _suppressed = Context::enter_telemetry_suppressed_scope();
        work()
    };
    tokio::task::spawn_blocking(work).await.ok()
}

/// What all that happens on a thread that may block consists of.
impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, body: &Bytes, items: usize, is_over: &AtomicBool) -> io::Result<()> {
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
        if is_over.load(Ordering::SeqCst) || !self.ledger.keep(entry) {
            drop(state);
            return fs::remove_file(path);
        }
        state.index.insert(name, entry);
        state.kept += entry.items;
        drop(state);
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
        let (run, is_closed) = {
            let state = self.state();
            (state.run.clone(), state.is_closed)
        };
        match run {
            Some(run) => Ok(run),
            None if is_closed => Err(io::Error::other("the export has ended")),
            None => self.begin(),
        }
    }

    /// In place of a run whose folder is no longer there.
    fn begin_anew(&self, gone: &Arc<Run>) -> io::Result<Arc<Run>> {
        if gone.folder.try_exists()? {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.begin()
    }

    fn begin(&self) -> io::Result<Arc<Run>> {
        let run = Arc::new(Run::begin(&self.destination)?);
        self.state().run = Some(Arc::clone(&run));
        Ok(run)
    }

    /// Drops the oldest until `wanted` bytes have room.
    fn make_room(&self, wanted: u64) -> io::Result<()> {
        let (dropped, has_room) = {
            let mut state = self.state();
            let dropped = state.index.make_room(wanted, self.most_bytes);
            (dropped, state.index.has_room(wanted, self.most_bytes))
        };
        if !dropped.is_empty() {
            let reason = format!("the spool had {} bytes, so its oldest gave way", self.most_bytes);
            for (name, entry) in dropped {
                self.remove_file(name);
                self.ledger.drop_from_spool(entry, &reason);
            }
        }
        if has_room {
            return Ok(());
        }
        let message = format!("{wanted} bytes have no room in {}", self.most_bytes);
        Err(io::Error::new(io::ErrorKind::QuotaExceeded, message))
    }

    fn read(&self, name: EntryName) -> Readable {
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
            Ok((_, body)) => return Readable::Whole(body, entry.items),
            Err(Unreadable::Damaged(_)) => "was damaged on disk".to_owned(),
            Err(Unreadable::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
                "was removed from the spool by somebody else".to_owned()
            }
            Err(Unreadable::Io(error)) => format!("cannot be read from the spool: {error}"),
        };
        self.state().index.remove(name);
        self.remove_file(name);
        self.ledger.drop_from_spool(entry, &format!("a request {reason}"));
        Readable::Gone
    }

    fn put_back(&self) {
        self.state().index.set_in_flight(None);
    }

    fn leave(&self, name: EntryName) {
        self.remove_file(name);
        let entry = self.state().index.remove(name);
        if let Some(entry) = entry {
            self.ledger.leave_spool(entry);
        }
    }

    /// Nothing is said of a file that is gone already; one that stays would be sent again.
    fn remove_file(&self, name: EntryName) {
        let Some(path) = self.state().run.as_ref().map(|run| path_of(run, name)) else { return };
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let problem = format!("`{}` cannot be removed: {error}", path.display());
                self.ledger.set_spool_problem(Some(problem));
            }
            _ => {}
        }
    }

    fn adopt(&self) {
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
            Err(Unreadable::Io(_)) => {}
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
}

fn path_of(run: &Run, name: EntryName) -> PathBuf {
    run.folder.join(format!("{name}.{EXTENSION}"))
}

/// Different for each place, of which nothing is secret any more.
fn folder_name(signal: &str, place: &str) -> String {
    let mut name = format!("{signal}-{}", utf8_percent_encode(place, PLAIN));
    if name.len() <= LONGEST_NAME {
        return name;
    }
    let sum = crc32fast::hash(name.as_bytes());
    // Percent-encoded: all of it is ASCII.
    name.truncate(LONGEST_NAME);
    format!("{name}-{sum:08x}")
}

fn cannot_write(folder: &Path, error: &io::Error) -> String {
    format!("cannot write to the spool `{}`: {error}", folder.display())
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
