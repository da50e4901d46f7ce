//! Spans in the order in which a reader sees them, with their place in the tree and their tokens.

use std::collections::{HashMap, HashSet};

use opentelemetry::trace::SpanId;

use super::ink::Piece;
use super::quantity::Usage;
use super::span::Shown;

/// Levels that are drawn; deeper ones are shifted left.
pub(super) const DRAWN_LEVELS: usize = 32;

#[derive(Debug)]
pub(super) struct Node {
    pub(super) span: Shown,
    pub(super) place: Place,
    pub(super) depth: usize,
    /// Whether the lines of the levels above go on, innermost last; of the innermost levels only.
    pub(super) rails: Vec<bool>,
    pub(super) has_children: bool,
    /// What the span used, or else everything below it.
    pub(super) usage: Usage,
    pub(super) notes: Vec<Piece>,
    parent: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Root,
    /// A child with younger siblings.
    Middle,
    Last,
}

/// A root and what is below it.
pub(super) fn rooted(root: Shown, notes: Vec<Piece>, below: Vec<Shown>) -> Vec<Node> {
    let mut forest = Forest::new(below);
    forest.grow(root, notes, Place::Root);
    forest.sum_usage()
}

/// Spans without a root of their own, to be drawn below a title; `note` is for those whose parent is
/// not among them.
pub(super) fn unrooted(spans: Vec<Shown>, note: Option<&Piece>) -> Vec<Node> {
    let present: HashSet<_> = spans.iter().map(|span| span.id).collect();
    let (mut tops, below): (Vec<_>, Vec<_>) = spans
        .into_iter()
        .partition(|span| span.parent.is_none_or(|parent| !present.contains(&parent)));
    tops.sort_by_key(|span| std::cmp::Reverse(span.start));
    let mut forest = Forest::new(below);
    let mut last = 0;
    while let Some(top) = tops.pop() {
        last = forest.nodes.len();
        forest.grow(top, note.into_iter().cloned().collect(), Place::Middle);
    }
    // Parents in a circle have no top; such a circle is opened at its first span.
    while let Some(top) = forest.take_first() {
        last = forest.nodes.len();
        forest.grow(top, Vec::new(), Place::Middle);
    }
    forest.end_at(last);
    forest.sum_usage()
}

#[derive(Debug)]
struct Forest {
    nodes: Vec<Node>,
    /// By parent, latest first.
    children: HashMap<SpanId, Vec<Shown>>,
}

impl Forest {
    fn new(spans: Vec<Shown>) -> Self {
        let mut children: HashMap<SpanId, Vec<Shown>> = HashMap::new();
        for span in spans {
            children.entry(span.parent.unwrap_or(SpanId::INVALID)).or_default().push(span);
        }
        for siblings in children.values_mut() {
            siblings.sort_by_key(|span| span.start);
            siblings.reverse();
        }
        Self { nodes: Vec::new(), children }
    }

    /// Adds `top` and everything below it. Without recursion: a tree can be deeper than a stack.
    fn grow(&mut self, top: Shown, notes: Vec<Piece>, place: Place) {
        let mut open = vec![Node {
            usage: top.usage,
            span: top,
            place,
            depth: 0,
            rails: Vec::new(),
            has_children: false,
            notes,
            parent: None,
        }];
        while let Some(mut node) = open.pop() {
            let children = self.children.remove(&node.span.id).unwrap_or_default();
            node.has_children = !children.is_empty();
            let mut rails = node.rails.clone();
            if node.place != Place::Root {
                rails.push(node.place == Place::Middle);
            }
            if rails.len() > DRAWN_LEVELS {
                rails.remove(0);
            }
            let at = self.nodes.len();
            open.extend(children.into_iter().enumerate().map(|(age, span)| Node {
                usage: span.usage,
                span,
                place: if age == 0 { Place::Last } else { Place::Middle },
                depth: node.depth + 1,
                rails: rails.clone(),
                has_children: false,
                notes: Vec::new(),
                parent: Some(at),
            }));
            self.nodes.push(node);
        }
    }

    fn take_first(&mut self) -> Option<Shown> {
        let (parent, _) = self
            .children
            .iter()
            .filter_map(|(parent, siblings)| Some((*parent, siblings.last()?.start)))
            .min_by_key(|(_, start)| *start)?;
        let siblings = self.children.get_mut(&parent)?;
        let first = siblings.pop();
        if siblings.is_empty() {
            self.children.remove(&parent);
        }
        first
    }

    /// Makes the topmost span at `last` the last child of the title.
    fn end_at(&mut self, last: usize) {
        for node in self.nodes.iter_mut().skip(last) {
            if node.depth == 0 {
                node.place = Place::Last;
            } else if node.depth == node.rails.len()
                && let Some(outermost) = node.rails.first_mut()
            {
                *outermost = false;
            }
        }
    }

    fn sum_usage(mut self) -> Vec<Node> {
        // Children stand after their parents, so the last come first.
        for at in (0..self.nodes.len()).rev() {
            let Some((usage, parent)) = self.nodes.get(at).map(|node| (node.usage, node.parent))
            else {
                continue;
            };
            if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent))
                && !parent.span.usage.is_known()
            {
                parent.usage.add(usage);
            }
        }
        self.nodes
    }
}
