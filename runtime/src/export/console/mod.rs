//! The tree of each trace, a line for each log record and a summary of the metrics, on stderr.

mod failure;
mod held;
mod ink;
mod layout;
mod quantity;
mod record;
mod screen;
mod span;
mod summary;
#[cfg(test)]
mod tests;
mod text;
mod tree;

use std::fmt;
use std::io::{self, Write};

use opentelemetry::trace::TraceId;
use opentelemetry_sdk::metrics::data::ResourceMetrics;
use opentelemetry_sdk::trace::SpanData;

use self::held::{Block, HELD_SPANS, Held, Reason, Title};
use self::ink::{Piece, Tone};
use self::screen::{Glyphs, Screen};
use self::span::Shown;
use self::summary::Summary;
use super::Delivery;
use super::log_record::LogRecord;

/// Holds the spans of a trace until its local root has ended, then prints the whole tree at once.
pub(crate) struct ConsoleExporter {
    screen: Screen,
    out: Box<dyn Write + Send>,
    held: Held,
    summary: Summary,
    wrote: bool,
}

impl fmt::Debug for ConsoleExporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleExporter").field("screen", &self.screen).finish_non_exhaustive()
    }
}

impl ConsoleExporter {
    /// To stderr, in the form that stderr and the environment ask for.
    pub(crate) fn stderr() -> Self {
        Self::new(Screen::of_stderr(), Box::new(io::stderr()))
    }

    /// To anything, in the form given; without a width lines are not wrapped.
    #[cfg(test)]
    pub(crate) fn fixed(
        out: Box<dyn Write + Send>,
        width: Option<usize>,
        colour: bool,
        unicode: bool,
    ) -> Self {
        Self::new(Screen::fixed(width, colour, unicode), out)
    }

    fn new(screen: Screen, out: Box<dyn Write + Send>) -> Self {
        Self { screen, out, held: Held::new(), summary: Summary::default(), wrote: false }
    }

    /// Prints what this batch completes, and keeps the rest.
    pub(crate) fn export_spans(&mut self, spans: Vec<SpanData>) -> Delivery {
        let glyphs = self.screen.glyphs;
        let batch = spans.into_iter().map(|span| Shown::new(&span, glyphs)).collect();
        let blocks = self.held.accept(batch);
        self.print(blocks)
    }

    /// Prints a line for each.
    pub(crate) fn export_records(&mut self, records: &[LogRecord]) -> Delivery {
        let mut delivery = Delivery::complete();
        let text: String =
            records.iter().map(|record| record::line(record, &self.screen)).collect();
        if let Err(error) = self.write(&text) {
            add_loss(&mut delivery, records.len(), &error);
        }
        delivery
    }

    /// Keeps the numbers for [`close`](Self::close).
    pub(crate) fn export_metrics(&mut self, metrics: &ResourceMetrics) -> Delivery {
        self.summary.take(metrics);
        Delivery::complete()
    }

    /// Prints the traces that never came to an end, then the metrics.
    pub(crate) fn close(&mut self) -> Delivery {
        let blocks = self.held.rest();
        let mut delivery = self.print(blocks);
        let summary = std::mem::take(&mut self.summary);
        let points = summary.points();
        if points > 0 {
            let mut text = summary.text(&self.screen);
            if self.wrote {
                text.insert(0, '\n');
            }
            if let Err(error) = self.write(&text) {
                add_loss(&mut delivery, points, &error);
            }
        }
        delivery
    }

    fn print(&mut self, blocks: Vec<Block>) -> Delivery {
        let mut delivery = Delivery::complete();
        for block in blocks {
            let spans = block.spans();
            let text = self.draw(block);
            if let Err(error) = self.write(&text) {
                add_loss(&mut delivery, spans, &error);
            }
        }
        delivery
    }

    fn draw(&self, block: Block) -> String {
        let glyphs = self.screen.glyphs;
        match block {
            Block::Tree { root, below, resumed } => {
                let mut notes = Vec::new();
                if root.remote_parent {
                    let trace = short(root.trace, glyphs);
                    notes.push(Piece::faint(format!("(continues trace {trace} from remote)")));
                }
                if resumed {
                    notes.push(Piece::faint("(a part of it is above)"));
                }
                layout::text(None, tree::rooted(*root, notes, below), &self.screen)
            }
            Block::Late { under, spans, orphans } => {
                let under = match under {
                    Title::Root(name) => name,
                    Title::Incomplete(trace) => {
                        format!("the incomplete trace {}", short(trace, glyphs))
                    }
                };
                let title = Piece::faint(format!("late, under {under}"));
                let note = orphans.then(parent_not_seen);
                layout::text(Some(title), tree::unrooted(spans, note.as_ref()), &self.screen)
            }
            Block::Incomplete { trace, reason, spans } => {
                let reason = match reason {
                    Reason::Closed => "its root has not ended".to_owned(),
                    Reason::Full => format!("more than {HELD_SPANS} spans wait for their roots"),
                };
                let title = format!("trace {}, incomplete: {reason}", short(trace, glyphs));
                let title = Piece::new(title, Tone::Cancelled);
                let nodes = tree::unrooted(spans, Some(&parent_not_seen()));
                layout::text(Some(title), nodes, &self.screen)
            }
        }
    }

    /// In one go, so that what the program itself writes does not come between.
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())?;
        self.out.flush()?;
        self.wrote = true;
        Ok(())
    }
}

fn add_loss(delivery: &mut Delivery, lost: usize, error: &io::Error) {
    delivery.lost += lost as u64;
    delivery.reason = Some(format!("could not write to the console: {error}"));
}

fn parent_not_seen() -> Piece {
    Piece::faint("(parent not seen)")
}

/// Enough of a trace's id to find it by.
fn short(trace: TraceId, glyphs: Glyphs) -> String {
    let id = trace.to_string();
    format!("{}{}", id.get(..8).unwrap_or(&id), glyphs.ellipsis())
}
