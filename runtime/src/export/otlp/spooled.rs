//! Sends what is on disk, beside whoever writes it there: a receiver that is away keeps nothing in memory.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::OtlpExporter;
use super::backoff::Backoff;
use super::patience::{FOR_EVER, Patience, Undelivered, Until};
use super::setbacks::Setbacks;
use super::signal::Signal;
use crate::Error;
use crate::export::ledger::{Item, Ledger};
use crate::export::spool::{End, EntryName, Kind, Outcome, Place, Readable, Spool};
use crate::telemetry::settings::{Protocol, SpoolSettings};

/// How often the oldest metrics are tried before the receiver is looked for with others.
const TRIES_IN_ORDER: u32 = 3;
/// Requests that fail, one after the other, where the receiver is taken to be away.
const WITNESSES: u32 = 2;

/// The way of an exporter that goes by the disk; ends with the last copy.
#[derive(Clone)]
pub(super) struct Spooled {
    spool: Spool,
    emptyings: mpsc::UnboundedSender<Emptying>,
}

/// A request to try all that waits.
struct Emptying {
    close: bool,
    done: oneshot::Sender<()>,
}

impl Spooled {
    /// Opens the folder of the endpoint, and starts to send what is in it.
    pub(super) fn open(
        exporter: &OtlpExporter,
        settings: &SpoolSettings,
        ledger: &Arc<Ledger>,
    ) -> Result<Self, Error> {
        let signal = Signal::of_item(ledger.item());
        let (encoding, word) = match exporter.settings.protocol {
            Protocol::Grpc => (1, "grpc"),
            Protocol::HttpProtobuf => (1, "http-protobuf"),
            Protocol::HttpJson => (2, "http-json"),
        };
        let kind = Kind { signal: signal as u8, encoding };
        let (shown, hidden) = exporter.endpoint.place();
        let place = Place { shown: format!("{word}-{shown}"), hidden };
        let spool = Spool::open(settings, &place, kind, ledger)?;
        let (emptyings, asked) = mpsc::unbounded_channel();
        let sender = Sender {
            exporter: exporter.direct(),
            spool: spool.clone(),
            ledger: Arc::clone(ledger),
            signal,
            absence: None,
            setbacks: Setbacks::default(),
            end: End::Oldest,
            last: None,
            emptyings: Vec::new(),
        };
        tokio::spawn(sender.run(asked));
        Ok(Self { spool, emptyings })
    }

    /// Writes a request to disk, from where it is sent; false where the disk does not take it.
    pub(super) async fn keep(&self, body: &Bytes, items: usize) -> bool {
        self.spool.keep(body, items).await
    }

    pub(super) fn take_kept_items(&self) -> u64 {
        self.spool.take_kept_items()
    }

    /// Waits until everything on disk was tried, or the receiver turned out to be away.
    pub(super) async fn empty(&self, close: bool) {
        let (done, waiting) = oneshot::channel();
        // Where nobody takes the request, nobody answers.
        let _ = self.emptyings.send(Emptying { close, done });
        let _ = waiting.await;
    }
}

struct Sender {
    exporter: OtlpExporter,
    spool: Spool,
    ledger: Arc<Ledger>,
    signal: Signal,
    /// While the receiver takes nothing.
    absence: Option<Absence>,
    setbacks: Setbacks,
    /// Where the last one was taken from.
    end: End,
    /// The last one that was tried.
    last: Option<EntryName>,
    emptyings: Vec<Asked>,
}

/// An emptying that was taken note of.
struct Asked {
    at: Instant,
    /// That there was.
    newest: Option<EntryName>,
    emptying: Emptying,
}

struct Absence {
    backoff: Backoff,
    /// When it is looked for next.
    until: Instant,
    /// Whether that is what it asked for.
    is_asked: bool,
    failures: u32,
}

impl Sender {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Emptying>) {
        loop {
            self.spool.adopt().await;
            while let Ok(emptying) = asked.try_recv() {
                self.take(emptying);
            }
            if self.answer(false).await {
                return;
            }
            let next = self.choose();
            let until = self.absence.as_ref().map(|absence| absence.until);
            let until = until.filter(|until| *until > Instant::now());
            if let (Some(name), None) = (next, until) {
                let is_taken = self.attempt(name).await;
                // Whoever waits for the receiver, which is away, would wait in vain.
                if !is_taken && !self.looks_on(name) && self.answer(true).await {
                    return;
                }
                continue;
            }
            if next.is_some() && !self.emptyings.is_empty() {
                if self.answer(true).await {
                    return;
                }
                continue;
            }
            let until = if next.is_some() { until } else { self.setbacks.next_due() };
            let pause = sleep_until(until.unwrap_or_else(|| Instant::now() + FOR_EVER));
            tokio::select! {
                emptying = asked.recv() => match emptying {
                    Some(emptying) => self.take(emptying),
                    None => return,
                },
                () = self.spool.more(), if next.is_none() => {}
                () = pause => {}
            }
        }
    }

    fn take(&mut self, emptying: Emptying) {
        let at = Instant::now();
        if let Some(absence) = self.absence.as_mut().filter(|absence| !absence.is_asked) {
            absence.until = at;
        }
        self.setbacks.try_now();
        let newest = self.spool.next(End::Newest, |_| true);
        self.emptyings.push(Asked { at, newest, emptying });
    }

    /// Answers those for whom all was tried that there was, or everybody; whether that is the end.
    async fn answer(&mut self, everybody: bool) -> bool {
        let mut is_end = false;
        for asked in std::mem::take(&mut self.emptyings) {
            let is_untried = |name| !self.setbacks.was_tried_since(name, asked.at);
            let untried = self.spool.next(End::Oldest, is_untried);
            let is_tried = untried.is_none_or(|untried| Some(untried) > asked.newest);
            if !everybody && !is_tried {
                self.emptyings.push(asked);
                continue;
            }
            if asked.emptying.close {
                self.spool.close().await;
                is_end = true;
            }
            // Whoever asked may have lost patience.
            let _ = asked.emptying.done.send(());
        }
        is_end
    }

    /// What to try next: what did not fail yet, and then what is due; of metrics what was passed over
    /// first, for it is older.
    fn choose(&self) -> Option<EntryName> {
        if self.ledger.item() == Item::Point {
            let passed_over = self.setbacks.due().filter(|it| self.setbacks.is_passed_over(*it));
            return passed_over.or_else(|| self.choose_in_order());
        }
        let fresh = self.spool.next(self.turn(), |name| !self.setbacks.has(name));
        fresh.or_else(|| self.setbacks.due())
    }

    /// The oldest; where it fails again and again, in turns with others, which may be taken.
    fn choose_in_order(&self) -> Option<EntryName> {
        let oldest = self.spool.next(End::Oldest, |name| !self.setbacks.is_passed_over(name))?;
        let is_closing = self.emptyings.iter().any(|asked| asked.emptying.close);
        let tries = if is_closing { 1 } else { TRIES_IN_ORDER };
        if self.last != Some(oldest) || self.setbacks.failures(oldest) < tries {
            return Some(oldest);
        }
        let other = self.spool.next(End::Oldest, |name| !self.setbacks.has(name));
        Some(other.unwrap_or(oldest))
    }

    /// After one has failed: whether others are tried for those who wait, since it may be at fault itself.
    fn looks_on(&mut self, failed: EntryName) -> bool {
        let other = self.choose().filter(|name| *name != failed);
        let Some(absence) = &mut self.absence else { return true };
        let is_doubtful = !absence.is_asked && absence.failures < WITNESSES;
        if self.emptyings.is_empty() || !is_doubtful || other.is_none() {
            return false;
        }
        absence.until = Instant::now();
        true
    }

    /// The oldest and the newest in turns, so that neither waits for all of the others; not metrics,
    /// for receivers refuse a point that is older than the last.
    fn turn(&self) -> End {
        match self.end {
            End::Oldest => End::Newest,
            End::Newest => End::Oldest,
        }
    }

    /// Tries one; false if it is not taken for now.
    async fn attempt(&mut self, name: EntryName) -> bool {
        self.end = self.turn();
        self.last = Some(name);
        let (body, items) = match self.spool.read(name).await {
            Readable::Whole(body, items) => (body, items),
            Readable::Gone => return true,
            Readable::NotNow(reason, items) => {
                self.defer(name, items, None, &reason);
                return false;
            }
        };
        let timeout = self.exporter.settings.timeout;
        let mut patience = if self.absence.is_none() && !self.setbacks.has(name) {
            Patience::new(timeout)
        } else {
            Patience::for_one_try(timeout)
        };
        let count = usize::try_from(items).unwrap_or(usize::MAX);
        let (lost, reason) = match self.exporter.deliver(self.signal, body, &mut patience).await {
            Ok(partial) => {
                let objection = self.exporter.objection(self.signal, partial, count);
                objection.map_or((0, None), |(lost, reason)| (lost as u64, Some(reason)))
            }
            Err(Undelivered { reason, until: Until::Never }) => (items, Some(reason)),
            Err(Undelivered { reason, until: Until::Later(asked) }) => {
                self.spool.put_back();
                self.defer(name, items, asked, &reason);
                return false;
            }
        };
        self.absence = None;
        self.setbacks.retain(|other| other != name);
        self.setbacks.pass_over();
        self.spool.leave(name, Outcome::answered(items, lost, reason)).await;
        true
    }

    fn defer(&mut self, name: EntryName, items: u64, asked: Option<Duration>, reason: &str) {
        // What gave way since is of no interest.
        self.setbacks.retain(|other| self.spool.has(other));
        let reason = format!("{}: {reason}", self.ledger.signal);
        if self.setbacks.note(name, asked) && self.absence.is_none() {
            self.ledger.deferred(items, false, &reason);
            return;
        }
        let is_first = self.absence.is_none();
        let absence = self.absence.take();
        let failures = absence.as_ref().map_or(1, |absence| absence.failures + 1);
        let mut backoff = absence.map_or_else(Backoff::of_looks, |absence| absence.backoff);
        let pause = backoff.pause().max(asked.unwrap_or_default()).min(FOR_EVER);
        let (until, is_asked) = (Instant::now() + pause, asked.is_some());
        self.absence = Some(Absence { backoff, until, is_asked, failures });
        self.ledger.deferred(items, is_first, &reason);
    }
}
