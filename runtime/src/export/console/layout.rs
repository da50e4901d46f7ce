//! From a tree to lines: columns, wrapping, colours.

use unicode_width::UnicodeWidthStr;

use super::ink::{Line, Piece, Tone};
use super::screen::{Glyphs, Screen};
use super::span::Outcome;
use super::text::{shorten, wrap};
use super::tree::{DRAWN_LEVELS, Node, Place};

/// Between two columns, and between two items of a line.
const GAP: usize = 2;
/// Columns of a level of the tree.
const LEVEL: usize = 3;
/// At this width columns of successive trees line up, as long as the screen has room for it.
const USUAL: Columns = Columns { name: 29, detail: 16, duration: 6, outcome: 6 };
/// Columns that the items should have to themselves before the usual width is given up.
const ITEMS: usize = 32;
/// A line below is never narrower than this, whatever the terminal says.
const NARROWEST: usize = 20;
/// A name is never shorter than this.
const SHORTEST_NAME: usize = 6;

/// A title with nothing in its columns, then the tree; the whole text of one write.
pub(super) fn text(title: Option<Piece>, nodes: Vec<Node>, screen: &Screen) -> String {
    let width = screen.columns();
    let levels = width.map_or(DRAWN_LEVELS, |width| (width / 3 / LEVEL).clamp(1, DRAWN_LEVELS));
    let mut rows: Vec<_> =
        nodes.into_iter().map(|node| Row::new(node, levels, screen.glyphs)).collect();
    let columns = Columns::choose(&mut rows, width, screen.glyphs);

    let mut out = String::new();
    if let Some(title) = title {
        for text in wrap(&title.text, width.unwrap_or(usize::MAX).max(NARROWEST)) {
            let mut line = Line::new(screen.colour);
            line.push(&text, title.tone);
            line.end(&mut out);
        }
    }
    for row in rows {
        row.write(columns, width, screen, &mut out);
    }
    out
}

#[derive(Debug)]
struct Row {
    rails: String,
    /// What stands before a line that belongs to this row.
    rails_below: String,
    name: String,
    is_root: bool,
    detail: String,
    duration: String,
    outcome: Outcome,
    usage: Option<Piece>,
    error: Option<Piece>,
    items: Vec<Piece>,
    below: Vec<Piece>,
}

impl Row {
    fn new(node: Node, levels: usize, glyphs: Glyphs) -> Self {
        let (rails, rails_below) = rails(&node, levels, glyphs);
        let span = node.span;
        let outcome = span.outcome.show();
        let mut items = node.notes;
        items.extend(span.items);
        Self {
            rails,
            rails_below,
            name: span.name,
            is_root: node.place == Place::Root,
            detail: span.detail,
            duration: span.duration,
            outcome: span.outcome,
            usage: node.usage.show(glyphs).map(Piece::plain),
            error: span.error.map(|error| Piece::new(error, outcome.tone)),
            items,
            below: span.below,
        }
    }

    /// Everything that follows the columns, if it is on one line.
    fn tail(&self) -> usize {
        let pieces = self.usage.iter().chain(&self.error).chain(&self.items);
        pieces.map(|piece| GAP + piece.width()).sum()
    }

    fn write(self, columns: Columns, width: Option<usize>, screen: &Screen, out: &mut String) {
        let mut line = Line::new(screen.colour);
        line.push(&self.rails, Tone::Faint);
        let name = if self.is_root { Tone::Strong } else { Tone::Plain };
        line.cell(&self.name, name, columns.name.saturating_sub(self.rails.width()));
        line.skip(GAP);
        if columns.detail > 0 {
            line.cell(&self.detail, Tone::Faint, columns.detail);
            line.skip(GAP);
        }
        line.cell_right(&self.duration, Tone::Plain, columns.duration);
        line.skip(GAP);
        let outcome = self.outcome.show();
        line.cell(&outcome.text, outcome.tone, columns.outcome);

        let mut flow = Flow { line, width, rails: &self.rails_below, screen, out };
        if let Some(usage) = &self.usage {
            flow.add(usage);
        }
        // An error stays whole: on this line, or on lines of its own.
        let (beside, below) = match self.error {
            Some(error) if flow.has_room(&error) => (Some(error), None),
            error => (None, error),
        };
        for piece in beside.iter().chain(&self.items) {
            flow.add(piece);
        }
        for piece in below.iter().chain(&self.below) {
            flow.block(piece);
        }
        flow.line.end(flow.out);
    }
}

/// Before a span's name, and before the lines below it.
fn rails(node: &Node, levels: usize, glyphs: Glyphs) -> (String, String) {
    let blank = " ".repeat(LEVEL);
    let rail = |goes_on: bool| if goes_on { glyphs.rail() } else { &blank };
    let mut before = String::new();
    let cut = node.rails.len().saturating_sub(levels);
    if cut > 0 || node.depth > node.rails.len() + 1 {
        before.push_str(glyphs.cut_rail());
    }
    for goes_on in node.rails.iter().skip(cut) {
        before.push_str(rail(*goes_on));
    }
    let mut below = before.clone();
    match node.place {
        Place::Root => {}
        Place::Middle => {
            before.push_str(glyphs.branch());
            below.push_str(rail(true));
        }
        Place::Last => {
            before.push_str(glyphs.last_branch());
            below.push_str(rail(false));
        }
    }
    below.push_str(rail(node.has_children));
    (before, below)
}

/// The widths of the columns; without a detail column the detail is an item.
#[derive(Clone, Copy, Debug)]
struct Columns {
    name: usize,
    detail: usize,
    duration: usize,
    outcome: usize,
}

impl Columns {
    /// The best that fits: the usual widths; only what this tree needs; the details among the items;
    /// shortened names.
    fn choose(rows: &mut [Row], width: Option<usize>, glyphs: Glyphs) -> Self {
        let widest = |of: fn(&Row) -> usize| rows.iter().map(of).max().unwrap_or(0);
        let mut needed = Self {
            name: widest(|row| row.rails.width() + row.name.width()),
            detail: widest(|row| row.detail.width()),
            duration: widest(|row| row.duration.width()),
            outcome: widest(|row| row.outcome.show().width()),
        };
        let usual = Self {
            name: needed.name.max(USUAL.name),
            detail: needed.detail.max(USUAL.detail),
            duration: needed.duration.max(USUAL.duration),
            outcome: needed.outcome.max(USUAL.outcome),
        };
        let Some(width) = width else { return usual };
        let longest = rows.iter().map(Row::tail).max().unwrap_or(0);
        if usual.total() + longest.min(GAP + ITEMS) <= width {
            return usual;
        }
        if needed.total() <= width {
            return needed;
        }
        needed.detail = 0;
        for row in rows.iter_mut().filter(|row| !row.detail.is_empty()) {
            row.items.insert(0, Piece::faint(std::mem::take(&mut row.detail)));
        }
        let excess = needed.total().saturating_sub(width);
        if excess > 0 {
            needed.name = needed.name.saturating_sub(excess);
            for row in rows.iter_mut() {
                let room = needed.name.saturating_sub(row.rails.width()).max(SHORTEST_NAME);
                row.name = shorten(&row.name, room, glyphs);
            }
        }
        needed
    }

    fn total(self) -> usize {
        let detail = if self.detail > 0 { self.detail + GAP } else { 0 };
        self.name + GAP + detail + self.duration + GAP + self.outcome
    }
}

/// Items one after the other, on as many lines as they need.
struct Flow<'row> {
    line: Line,
    width: Option<usize>,
    rails: &'row str,
    screen: &'row Screen,
    out: &'row mut String,
}

impl Flow<'_> {
    fn has_room(&self, piece: &Piece) -> bool {
        self.width.is_none_or(|width| self.line.columns() + GAP + piece.width() <= width)
    }

    fn add(&mut self, piece: &Piece) {
        if self.has_room(piece) {
            self.line.skip(GAP);
            self.line.push(&piece.text, piece.tone);
        } else {
            self.next_line();
            self.line.push(&shorten(&piece.text, self.room(), self.screen.glyphs), piece.tone);
        }
    }

    /// On lines of its own, whole.
    fn block(&mut self, piece: &Piece) {
        for text in wrap(&piece.text, self.room()) {
            self.next_line();
            self.line.push(&text, piece.tone);
        }
    }

    fn next_line(&mut self) {
        let mut line = Line::new(self.screen.colour);
        line.push(self.rails.trim_end(), Tone::Faint);
        line.skip(self.rails.width() - self.rails.trim_end().width());
        std::mem::replace(&mut self.line, line).end(self.out);
    }

    fn room(&self) -> usize {
        self.width
            .map_or(usize::MAX, |width| width.saturating_sub(self.rails.width()).max(NARROWEST))
    }
}
