//! What ended, written down at once: a process that is killed has no other memory.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write as _;

/// A span that has begun; its ids are known inside it alone.
#[derive(Debug)]
pub(crate) struct Begun(String);

/// Which spans have ended.
#[derive(Debug)]
pub(crate) struct Diary {
    file: RefCell<File>,
    ended: Cell<u64>,
}

impl Diary {
    pub(crate) fn open(path: &str) -> Self {
        Self { file: RefCell::new(File::create(path).unwrap()), ended: Cell::new(0) }
    }

    /// To be called inside the span.
    pub(crate) fn begun() -> Begun {
        let current = spanline::current();
        Begun(format!("{} {}\n", current.trace_id().unwrap(), current.span_id().unwrap()))
    }

    /// To be called when the annotated function has returned.
    pub(crate) fn ended(&self, span: &Begun) {
        self.file.borrow_mut().write_all(span.0.as_bytes()).unwrap();
        self.ended.set(self.ended.get() + 1);
    }

    pub(crate) fn count(&self) -> u64 {
        self.ended.get()
    }
}
