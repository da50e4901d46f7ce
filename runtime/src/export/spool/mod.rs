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
mod place;
mod run;
mod store;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::Context;
use prost::bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

pub(crate) use self::account::Outcome;
pub(crate) use self::entry::{EntryName, Kind};
pub(crate) use self::index::End;
pub(crate) use self::place::Place;
use self::run::Run;
use self::store::{Handover, State, Store};
use super::ledger::Ledger;
use crate::Error;
use crate::telemetry::settings::SpoolSettings;

/// How long a disk may take for one request, and how long one that took longer is left alone.
const DISK_PATIENCE: Duration = Duration::from_secs(2);
const DISK_REST: Duration = Duration::from_secs(30);
/// How often runs that ended meanwhile are looked for, where something is going on at all.
const ADOPTION_INTERVAL: Duration = Duration::from_secs(60);

/// The requests to one destination.
#[derive(Clone, Debug)]
pub(crate) struct Spool(Arc<Store>);

/// What became of a request that was to be read.
pub(crate) enum Readable {
    Whole(Bytes, u64),
    /// The disk does not give it now, for this reason; with how many items are in it.
    NotNow(String, u64),
    /// It is counted as lost.
    Gone,
}

impl Spool {
    /// Begins a run. A disk that is full is no error, since it may have room later.
    pub(crate) fn open(
        settings: &SpoolSettings,
        place: &Place,
        kind: Kind,
        ledger: &Arc<Ledger>,
    ) -> Result<Self, Error> {
        let destination = settings.folder.join(place.folder_name(ledger.signal));
        // Programs may go elsewhere later.
        let destination = std::path::absolute(&destination).unwrap_or(destination);
        let begun = Run::begin(&destination);
        Self::begun(settings, &destination, kind, ledger, begun)
    }

    fn begun(
        settings: &SpoolSettings,
        destination: &Path,
        kind: Kind,
        ledger: &Arc<Ledger>,
        begun: io::Result<Run>,
    ) -> Result<Self, Error> {
        let (run, problem) = match begun {
            Ok(run) => (Some(Arc::new(run)), None),
            Err(error) if is_full(&error) => (None, Some(cannot_write(destination, &error))),
            Err(error) => {
                let message = format!(
                    "{}; expected a folder that may be made and written to",
                    cannot_write(destination, &error)
                );
                return Err(Error::file(&settings.folder, message));
            }
        };
        ledger.begin_spool(destination.to_owned());
        let spool = Self(Arc::new(Store {
            destination: destination.to_owned(),
            most_bytes: settings.most_bytes as u64,
            kind,
            ledger: Arc::clone(ledger),
            more: Notify::new(),
            state: Mutex::new(State::new(run)),
            is_writing: AtomicBool::new(false),
        }));
        spool.0.set_problem(|problems| problems.write = problem);
        Ok(spool)
    }

    /// Writes a request of so many items to disk; false where that cannot be done now, which the
    /// ledger is told. Whoever stops waiting for this has not handed anything over.
    pub(crate) async fn keep(&self, body: &Bytes, items: usize) -> bool {
        let problem = match self.try_to_keep(body, items).await {
            Ok(()) => None,
            Err(error) => Some(self.0.cannot_write(&error)),
        };
        let is_kept = problem.is_none();
        self.0.set_problem(|problems| problems.write = problem);
        is_kept
    }

    async fn try_to_keep(&self, body: &Bytes, items: usize) -> io::Result<()> {
        let stalled = || io::Error::new(io::ErrorKind::TimedOut, "the disk does not answer");
        let is_resting = self.0.state().rest.is_some_and(|until| Instant::now() < until);
        if is_resting || self.0.is_writing.swap(true, Ordering::SeqCst) {
            return Err(stalled());
        }
        let waiting = Waiting { store: &self.0, handover: Arc::default() };
        let (store, body) = (Arc::clone(&self.0), body.clone());
        let handover = Arc::clone(&waiting.handover);
        let written = on_disk(move || {
            let written = store.write(&body, items, &handover);
            store.is_writing.store(false, Ordering::SeqCst);
            written
        });
        if let Ok(written) = timeout(DISK_PATIENCE, written).await {
            return written.unwrap_or_else(|| Err(io::Error::other("the write was given up")));
        }
        // Kept at the last moment, and then nobody may send it beside.
        if waiting.give_up() {
            return Ok(());
        }
        self.0.state().rest = Some(Instant::now() + DISK_REST);
        Err(stalled())
    }

    /// How many items went to disk, or were given up on their way, since this was last asked.
    pub(crate) fn take_kept_items(&self) -> u64 {
        std::mem::take(&mut self.0.state().kept)
    }

    /// Ends when there may be something new to send.
    pub(crate) async fn more(&self) {
        self.0.more.notified().await;
    }

    /// The next one from this end that `is_wanted`, if there is one.
    pub(crate) fn next(
        &self,
        end: End,
        is_wanted: impl Fn(EntryName) -> bool,
    ) -> Option<EntryName> {
        self.0.state().index.end(end, is_wanted)
    }

    pub(crate) fn has(&self, name: EntryName) -> bool {
        self.0.state().index.entry(name).is_some()
    }

    /// The request itself, which nobody drops until it is [done with](Self::leave) or put back.
    pub(crate) async fn read(&self, name: EntryName) -> Readable {
        let store = Arc::clone(&self.0);
        let read = on_disk(move || store.read(name)).await;
        read.unwrap_or_else(|| {
            self.put_back();
            let items = self.0.state().index.entry(name).map_or(0, |entry| entry.items);
            Readable::NotNow("the thread that reads is gone".to_owned(), items)
        })
    }

    /// What was read stays where it is.
    pub(crate) fn put_back(&self) {
        self.0.put_back();
    }

    /// Removes a request that its receiver has taken, or never will, and books what became of it.
    pub(crate) async fn leave(&self, name: EntryName, outcome: Outcome) {
        let store = Arc::clone(&self.0);
        on_disk(move || store.leave(name, outcome)).await;
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
        let store = Arc::clone(&self.0);
        on_disk(move || store.adopt()).await;
    }

    /// Leaves what is there to the next run.
    pub(crate) async fn close(&self) {
        let store = Arc::clone(&self.0);
        on_disk(move || store.close()).await;
    }
}

/// Somebody who waits for a request to be written.
struct Waiting<'a> {
    store: &'a Store,
    handover: Arc<Mutex<Handover>>,
}

impl Waiting<'_> {
    /// Under the lock: either it is kept, which this says, or it will not be.
    fn give_up(&self) -> bool {
        let _state = self.store.state();
        let mut handover = self.handover.lock().unwrap_or_else(PoisonError::into_inner);
        handover.is_over = true;
        handover.is_kept
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.give_up();
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

fn cannot_write(folder: &Path, error: &io::Error) -> String {
    format!("cannot write to the spool `{}`: {error}", folder.display())
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
