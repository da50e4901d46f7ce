//! The spans that wait for their local root, and the roots that late spans belong under.

use std::collections::{HashMap, HashSet, VecDeque};

use opentelemetry::trace::{SpanId, TraceId};

use super::span::Shown;

/// How many spans wait for their roots at most, over all traces.
pub(super) const HELD_SPANS: usize = 8_192;
/// How many printed spans are remembered, so that what arrives later finds its tree.
const REMEMBERED_SPANS: usize = 16_384;

/// What is printed in one write.
#[derive(Debug)]
pub(super) enum Block {
    /// A local root with everything below it; `resumed` if a part was printed before it came.
    Tree { root: Box<Shown>, below: Vec<Shown>, resumed: bool },
    /// Spans that come after their tree was printed; `orphans` if their parents have not come at all.
    Late { under: Title, spans: Vec<Shown>, orphans: bool },
    /// Spans whose root has not come.
    Incomplete { trace: TraceId, reason: Reason, spans: Vec<Shown> },
}

impl Block {
    pub(super) fn spans(&self) -> usize {
        match self {
            Self::Tree { below, .. } => below.len() + 1,
            Self::Late { spans, .. } | Self::Incomplete { spans, .. } => spans.len(),
        }
    }
}

/// What stands over a printed tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Title {
    /// The root's name.
    Root(String),
    Incomplete(TraceId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// The end of the program.
    Closed,
    /// The bound on waiting spans.
    Full,
}

/// Spans of one trace, in the order of arrival.
#[derive(Debug)]
struct Waiting {
    since: u64,
    spans: Vec<Shown>,
}

#[derive(Debug)]
struct Printed {
    title: Title,
    ids: HashSet<SpanId>,
}

impl Printed {
    fn is_complete(&self) -> bool {
        matches!(self.title, Title::Root(_))
    }
}

#[derive(Debug)]
pub(super) struct Held {
    waiting: HashMap<TraceId, Waiting>,
    /// How many spans are in `waiting`.
    count: usize,
    clock: u64,
    printed: HashMap<TraceId, Vec<Printed>>,
    /// The trace of each entry of `printed`, oldest first.
    order: VecDeque<TraceId>,
    /// How many ids are in `printed`.
    remembered: usize,
    limit: usize,
    memory: usize,
}

impl Held {
    pub(super) fn new() -> Self {
        Self::with_limits(HELD_SPANS, REMEMBERED_SPANS)
    }

    pub(super) fn with_limits(limit: usize, memory: usize) -> Self {
        Self {
            waiting: HashMap::new(),
            count: 0,
            clock: 0,
            printed: HashMap::new(),
            order: VecDeque::new(),
            remembered: 0,
            limit,
            memory,
        }
    }

    /// Takes a batch in; gives what can be printed now. The whole batch is read before any tree is
    /// closed, because a child may come a little after its parent.
    pub(super) fn accept(&mut self, batch: Vec<Shown>) -> Vec<Block> {
        let mut roots = Vec::new();
        let mut touched: Vec<TraceId> = Vec::new();
        let mut seen = HashSet::new();
        for span in batch {
            let trace = span.trace;
            if seen.insert(trace) {
                touched.push(trace);
            }
            if span.is_local_root() {
                roots.push(span);
                continue;
            }
            self.clock += 1;
            self.count += 1;
            let since = self.clock;
            let waiting =
                self.waiting.entry(trace).or_insert_with(|| Waiting { since, spans: Vec::new() });
            waiting.spans.push(span);
        }

        let mut blocks: Vec<_> = roots.into_iter().map(|root| self.complete(root)).collect();
        for trace in touched {
            self.take_late(trace, &mut blocks);
        }
        self.make_room(&mut blocks);
        blocks
    }

    /// Everything that is still held, oldest trace first.
    pub(super) fn rest(&mut self) -> Vec<Block> {
        self.oldest_first()
            .into_iter()
            .filter_map(|trace| self.give_up(trace, Reason::Closed))
            .collect()
    }

    fn complete(&mut self, root: Shown) -> Block {
        let below = self.take_below(root.trace, &HashSet::from([root.id]));
        let ids = below.iter().map(|span| span.id).chain([root.id]).collect();
        let resumed = self
            .printed
            .get(&root.trace)
            .is_some_and(|printed| printed.iter().any(|printed| !printed.is_complete()));
        self.remember(root.trace, Printed { title: Title::Root(root.name.clone()), ids });
        Block::Tree { root: Box::new(root), below, resumed }
    }

    /// Removes every waiting span of `trace` that has one of `above` over it.
    fn take_below(&mut self, trace: TraceId, above: &HashSet<SpanId>) -> Vec<Shown> {
        let Some(waiting) = self.waiting.get_mut(&trace) else { return Vec::new() };
        if !waiting.spans.iter().any(|span| span.parent.is_some_and(|id| above.contains(&id))) {
            return Vec::new();
        }
        let mut children: HashMap<SpanId, Vec<SpanId>> = HashMap::new();
        for span in &waiting.spans {
            if let Some(parent) = span.parent {
                children.entry(parent).or_default().push(span.id);
            }
        }
        let mut parents: HashSet<SpanId> = HashSet::new();
        let mut open: Vec<SpanId> = above.iter().copied().collect();
        while let Some(id) = open.pop() {
            if let Some(below) = children.remove(&id) {
                parents.insert(id);
                open.extend(below);
            }
        }
        let (taken, left): (Vec<_>, Vec<_>) = std::mem::take(&mut waiting.spans)
            .into_iter()
            .partition(|span| span.parent.is_some_and(|parent| parents.contains(&parent)));
        self.count -= taken.len();
        if left.is_empty() {
            self.waiting.remove(&trace);
        } else {
            waiting.spans = left;
        }
        taken
    }

    fn take_late(&mut self, trace: TraceId, blocks: &mut Vec<Block>) {
        let mut printed = self.printed.remove(&trace).unwrap_or_default();
        for tree in &mut printed {
            let spans = self.take_below(trace, &tree.ids);
            if !spans.is_empty() {
                let known = tree.ids.len();
                tree.ids.extend(spans.iter().map(|span| span.id));
                self.remembered += tree.ids.len() - known;
                blocks.push(Block::Late { under: tree.title.clone(), spans, orphans: false });
            }
        }
        if !printed.is_empty() {
            self.printed.insert(trace, printed);
        }
        self.forget();
    }

    fn make_room(&mut self, blocks: &mut Vec<Block>) {
        if self.count <= self.limit {
            return;
        }
        for trace in self.oldest_first() {
            if self.count <= self.limit {
                break;
            }
            blocks.extend(self.give_up(trace, Reason::Full));
        }
    }

    fn oldest_first(&self) -> Vec<TraceId> {
        let mut traces: Vec<_> =
            self.waiting.iter().map(|(trace, waiting)| (waiting.since, *trace)).collect();
        traces.sort_unstable_by_key(|(since, _)| *since);
        traces.into_iter().map(|(_, trace)| trace).collect()
    }

    /// Stops waiting for what a trace lacks.
    fn give_up(&mut self, trace: TraceId, reason: Reason) -> Option<Block> {
        let spans = self.waiting.remove(&trace)?.spans;
        self.count -= spans.len();
        let ids: HashSet<_> = spans.iter().map(|span| span.id).collect();
        let tree = self
            .printed
            .get_mut(&trace)
            .and_then(|printed| printed.iter_mut().rev().find(|printed| printed.is_complete()));
        if let Some(tree) = tree {
            let known = tree.ids.len();
            tree.ids.extend(ids);
            self.remembered += tree.ids.len() - known;
            let under = tree.title.clone();
            self.forget();
            return Some(Block::Late { under, spans, orphans: true });
        }
        self.remember(trace, Printed { title: Title::Incomplete(trace), ids });
        Some(Block::Incomplete { trace, reason, spans })
    }

    fn remember(&mut self, trace: TraceId, printed: Printed) {
        self.remembered += printed.ids.len();
        self.printed.entry(trace).or_default().push(printed);
        self.order.push_back(trace);
        self.forget();
    }

    fn forget(&mut self) {
        while self.remembered > self.memory {
            let Some(oldest) = self.order.pop_front() else { return };
            if let Some(printed) = self.printed.get_mut(&oldest) {
                if !printed.is_empty() {
                    self.remembered -= printed.remove(0).ids.len();
                }
                if printed.is_empty() {
                    self.printed.remove(&oldest);
                }
            }
        }
    }
}
