//! An operation that has not started, and what its owner alone knows of it afterwards.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Mutex;

use opentelemetry::Context;
use opentelemetry::trace::{Link, SpanContext, SpanKind};

use super::State;
use super::content::is_unsampled_in;
use crate::identity::{self, Associations};
use crate::span::ambient;
use crate::span::detail::{ErrorDetail, Extent, Wanted};
use crate::span::pool::Pooled;
use crate::span::record::{Kind, OperationKind};
use crate::span::rollup::Plan;
use crate::span::value::ValueRef;
use crate::span::words::{Word, Words};

/// What the builders write into.
#[derive(Debug)]
pub(crate) struct Draft(pub(super) Box<Sheet>);

/// What stays in one place from the builder to the end: drafts and open spans are moved often.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) operation: OperationKind,
    pub(super) kind: Kind,
    /// Until the span is open.
    pub(super) words: Words,
    /// Which attributes have a place.
    extent: Extent,
    /// How errors are told, where somebody said.
    pub(super) detail: Option<ErrorDetail>,
    /// What it is to sum up with, and up to which limits.
    pub(super) plan: Plan,
    pub(super) parent: Option<Context>,
    /// Whether somebody named the parent, or named none.
    pub(super) is_parent_given: bool,
    /// What it and everything under it is associated with.
    pub(super) associations: Option<Box<Associations>>,
    /// What runs inside it is in this one; known when it is open.
    pub(super) context: Context,
    /// Absent until it is open, and when neither a trace nor a metric wants it.
    pub(super) state: Option<Pooled<Mutex<State>>>,
    /// Known when it is open.
    pub(super) wanted: Wanted,
}

/// How many a thread keeps for the operations to come.
const KEPT: usize = 32;

/// A sheet moves between here and its operation, and not what is in it.
#[allow(clippy::vec_box, reason = "what is kept are the boxes")]
type Sheets = RefCell<Vec<Box<Sheet>>>;

thread_local! {
    static SHEETS: Sheets = const { RefCell::new(Vec::new()) };
}

impl Sheet {
    fn new() -> Box<Self> {
        let kept = SHEETS.try_with(|sheets| sheets.try_borrow_mut().ok()?.pop());
        kept.ok().flatten().unwrap_or_else(|| {
            Box::new(Self {
                operation: OperationKind::Span,
                kind: Kind::Internal,
                words: Words::default(),
                extent: Extent::All,
                detail: None,
                plan: Plan::default(),
                parent: None,
                is_parent_given: false,
                associations: None,
                context: Context::new(),
                state: None,
                wanted: Wanted::NOTHING,
            })
        })
    }

    /// Forgets everything, and is used again.
    pub(super) fn recycle(mut self: Box<Self>) {
        let Self {
            operation: _,
            kind: _,
            words,
            extent,
            detail,
            plan: Plan { agent, budget },
            parent,
            is_parent_given,
            associations,
            context,
            state,
            wanted: _,
        } = &mut *self;
        words.clear();
        *extent = Extent::All;
        (*detail, *agent, *budget) = (None, None, None);
        (*parent, *associations, *state) = (None, None, None);
        *context = Context::new();
        *is_parent_given = false;
        let _ = SHEETS.try_with(|sheets| {
            if let Ok(mut sheets) = sheets.try_borrow_mut()
                && sheets.len() < KEPT
            {
                sheets.push(self);
            }
        });
    }
}

impl Draft {
    pub(crate) fn new(operation: OperationKind, kind: Kind) -> Self {
        let mut sheet = Sheet::new();
        (sheet.operation, sheet.kind) = (operation, kind);
        Self(sheet)
    }

    pub(in crate::span) fn plan(&mut self) -> &mut Plan {
        &mut self.0.plan
    }

    pub(crate) fn write(&mut self, write: impl FnOnce(&mut Words)) {
        write(&mut self.0.words);
    }

    /// Whether an attribute of this name has a place.
    pub(crate) fn takes(&self, key: &str) -> bool {
        self.0.extent.takes(key)
    }

    pub(crate) fn attribute(&mut self, key: &'static str, value: Option<ValueRef<'_>>) {
        if self.takes(key) {
            self.0.words.attribute(key, value);
        }
    }

    pub(crate) fn name(&mut self, name: Cow<'static, str>) {
        self.0.words.push(Word::Name);
        self.0.words.cow(name);
    }

    pub(crate) fn set_kind(&mut self, kind: SpanKind) {
        self.0.kind = kind.into();
    }

    pub(crate) fn set_operation(&mut self, operation: OperationKind) {
        self.0.operation = operation;
    }

    pub(crate) fn set_agent(&mut self, name: Cow<'static, str>) {
        self.0.plan.agent = Some(name);
    }

    pub(crate) fn set_detail(&mut self, detail: ErrorDetail) {
        self.0.detail = Some(detail);
    }

    pub(crate) fn associations(&mut self) -> &mut Associations {
        self.0.associations.get_or_insert_default()
    }

    pub(crate) fn link(&mut self, to: SpanContext) {
        if to.is_valid() && self.0.extent == Extent::All {
            self.0.words.link(Link::new(to, Vec::new(), 0));
        }
    }

    pub(crate) fn set_parent(&mut self, parent: Context) {
        self.0.parent = Some(identity::join(parent));
        self.0.is_parent_given = true;
    }

    /// Takes the parent here and now, wherever the operation will run.
    pub(crate) fn settle_parent(&mut self) {
        if self.0.parent.is_none() {
            self.0.parent = Some(ambient::current());
        }
    }

    /// Nobody is going to name the parent: what is known not to be sampled takes what is measured alone.
    pub(crate) fn settle(&mut self) {
        self.settle_parent();
        if self.0.parent.as_ref().is_some_and(is_unsampled_in) && !crate::content::has_hook() {
            self.0.extent = Extent::Measured;
        }
    }

    pub(super) fn take_parent(&mut self) -> Context {
        self.0.parent.take().unwrap_or_else(ambient::current)
    }
}
