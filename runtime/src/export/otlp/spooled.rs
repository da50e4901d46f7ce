//! Sends what is on disk, beside whoever writes it there: a receiver that is away keeps nothing in memory.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

use super::OtlpExporter;
use super::backoff::Backoff;
use super::patience::{FOR_EVER, Patience, Undelivered, Until};
use super::signal::Signal;
use crate::Error;
use crate::export::ledger::{Item, Ledger};
use crate::export::spool::{End, EntryName, Kind, Readable, Spool};
use crate::telemetry::settings::{Protocol, SpoolSettings};

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
        let place = format!("{word}-{}", exporter.settings.place());
        let spool = Spool::open(settings, &place, kind, ledger)?;
        let (emptyings, asked) = mpsc::unbounded_channel();
        let sender = Sender {
            exporter: exporter.direct(),
            spool: spool.clone(),
            ledger: Arc::clone(ledger),
            signal,
            absence: None,
            end: End::Oldest,
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
    /// Where the last one was taken from.
    end: End,
    /// Each with the newest that there was when it came.
    emptyings: Vec<(Option<EntryName>, Emptying)>,
}

struct Absence {
    backoff: Backoff,
    /// When it is looked for next.
    until: Instant,
    /// Whether that is what it asked for.
    is_asked: bool,
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
            let next = self.spool.next(self.turn());
            let until = self.absence.as_ref().map(|absence| absence.until);
            match (next, until.filter(|until| *until > Instant::now())) {
                (Some(name), None) => {
                    let is_taken = self.attempt(name).await;
                    // Whoever waits for the receiver, which is away, would wait in vain.
                    if !is_taken && self.answer(true).await {
                        return;
                    }
                }
                (Some(_), Some(_)) if !self.emptyings.is_empty() => {
                    if self.answer(true).await {
                        return;
                    }
                }
                (Some(_), Some(until)) => tokio::select! {
                    emptying = asked.recv() => match emptying {
                        Some(emptying) => self.take(emptying),
                        None => return,
                    },
                    () = sleep_until(until) => {}
                },
                (None, _) => tokio::select! {
                    emptying = asked.recv() => match emptying {
                        Some(emptying) => self.take(emptying),
                        None => return,
                    },
                    () = self.spool.more() => {}
                },
            }
        }
    }

    fn take(&mut self, emptying: Emptying) {
        if let Some(absence) = self.absence.as_mut().filter(|absence| !absence.is_asked) {
            absence.until = Instant::now();
        }
        self.emptyings.push((self.spool.next(End::Newest), emptying));
    }

    /// Answers those who waited for what is gone now, or everybody; whether that is the end.
    async fn answer(&mut self, everybody: bool) -> bool {
        let oldest = self.spool.next(End::Oldest);
        let mut is_end = false;
        for (newest, emptying) in std::mem::take(&mut self.emptyings) {
            let is_tried = oldest.is_none_or(|oldest| Some(oldest) > newest);
            if !everybody && !is_tried {
                self.emptyings.push((newest, emptying));
                continue;
            }
            if emptying.close {
                self.spool.close().await;
                is_end = true;
            }
            // Whoever asked may have lost patience.
            let _ = emptying.done.send(());
        }
        is_end
    }

    /// The oldest and the newest in turns, so that neither waits for all of the others; metrics in
    /// their order, for receivers refuse a point that is older than the last.
    fn turn(&self) -> End {
        match self.end {
            End::Oldest if self.ledger.item() != Item::Point => End::Newest,
            _ => End::Oldest,
        }
    }

    /// Tries one; false if the receiver takes nothing for now.
    async fn attempt(&mut self, name: EntryName) -> bool {
        self.end = self.turn();
        let Readable::Whole(body, items) = self.spool.read(name).await else { return true };
        let timeout = self.exporter.settings.timeout;
        let mut patience = match self.absence {
            None => Patience::new(timeout),
            Some(_) => Patience::for_one_try(timeout),
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
                self.defer(items, asked, &reason);
                return false;
            }
        };
        self.absence = None;
        self.spool.leave(name).await;
        self.book(items, lost, reason);
        true
    }

    fn defer(&mut self, items: u64, asked: Option<Duration>, reason: &str) {
        let is_first = self.absence.is_none();
        let mut backoff =
            self.absence.take().map_or_else(Backoff::of_looks, |absence| absence.backoff);
        let pause = backoff.pause().max(asked.unwrap_or_default()).min(FOR_EVER);
        self.absence =
            Some(Absence { backoff, until: Instant::now() + pause, is_asked: asked.is_some() });
        let reason = format!("{}: {reason}", self.ledger.signal);
        self.ledger.deferred(items, is_first, &reason);
    }

    fn book(&self, items: u64, lost: u64, reason: Option<String>) {
        let item = self.ledger.item();
        self.ledger.exported(item, items.saturating_sub(lost));
        let Some(reason) = reason else { return };
        let reason = format!("{}: {reason}", self.ledger.signal);
        if lost == 0 {
            self.ledger.remark(reason);
        } else {
            self.ledger.lost(item, lost, &reason);
        }
    }
}
