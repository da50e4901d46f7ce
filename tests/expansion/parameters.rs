//! Parameters live as long as the future, as in any `async fn`, and go in the same order.

use std::future::ready;
use std::sync::{Arc, Mutex};

use spanline::trace_stage;

use crate::{recorded, unrecorded};

/// Writes down its end.
struct Guard {
    name: &'static str,
    log: Log,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn guard(&self, name: &'static str) -> Guard {
        Guard { name, log: self.clone() }
    }

    fn write(&self, line: &'static str) {
        self.0.lock().unwrap().push(line);
    }

    fn lines(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.log.write(self.name);
    }
}

/// The same functions as they are, and annotated: whole parameters, parts of them, and none.
macro_rules! functions {
    ($module:ident $(, #[$annotation:meta])?) => {
        mod $module {
            use super::*;

            pub(super) struct Pair {
                pub(super) left: Guard,
                #[allow(dead_code, reason = "it is there for its drop")]
                pub(super) right: Guard,
            }

            $(#[$annotation])?
            #[allow(clippy::used_underscore_binding, reason = "it is there for its drop")]
            pub(super) async fn takes(
                log: &Log,
                #[allow(unused_variables, reason = "it is there for its drop")] named: Guard,
                _permit: Guard,
                _: Guard,
                partly: Pair,
                Pair { left, .. }: Pair,
                (_, mut second): (Guard, Guard),
            ) {
                ready(()).await;
                log.write("begin");
                second.name = "second of a tuple";
                drop(left);
                let _moved = partly.left;
                log.write("end");
            }

            impl Pair {
                $(#[$annotation])?
                pub(super) async fn partly(self, log: &Log) {
                    ready(()).await;
                    log.write("begin");
                    drop(self.left);
                    log.write("end");
                }

                $(#[$annotation])?
                pub(super) async fn untouched(self, log: Log) {
                    ready(()).await;
                    log.write("end");
                }
            }

            pub(super) fn pair(log: &Log, left: &'static str, right: &'static str) -> Pair {
                Pair { left: log.guard(left), right: log.guard(right) }
            }

            /// Starts every function, and lets go of those that are left when `finish` is false.
            pub(super) async fn run(finish: bool) -> Vec<&'static str> {
                let log = Log::default();
                let takes = takes(
                    &log,
                    log.guard("named"),
                    log.guard("underscored"),
                    log.guard("wildcard"),
                    pair(&log, "part", "rest"),
                    pair(&log, "bound", "unbound"),
                    (log.guard("first of a tuple"), log.guard("second")),
                );
                let partly = pair(&log, "part of self", "rest of self").partly(&log);
                let untouched = pair(&log, "left of self", "right of self").untouched(log.clone());
                assert!(log.lines().is_empty(), "gone before the future: {:?}", log.lines());
                if finish {
                    takes.await;
                    partly.await;
                    untouched.await;
                } else {
                    drop(takes);
                    drop(partly);
                    drop(untouched);
                }
                log.lines()
            }
        }
    };
}

functions!(plain);
functions!(annotated, #[trace_stage]);

#[test]
fn parameters_go_when_and_in_the_order_that_an_async_fn_lets_them_go() {
    for finish in [true, false] {
        let expected = unrecorded(async || plain::run(finish).await);
        assert_eq!(expected.len(), if finish { 18 } else { 13 }, "{expected:?}");
        assert_eq!(unrecorded(async || annotated::run(finish).await), expected);
        assert_eq!(recorded(async || annotated::run(finish).await).0, expected);
    }
}

struct Request {
    #[allow(dead_code, reason = "it is there for its drop")]
    guard: Guard,
    id: u32,
}

/// Reads one parameter before the body runs; the body uses a part of it.
#[trace_stage(attributes(request.id = request.id, last = last.name.len(), size = log.lines().len()))]
async fn mentioned(request: Request, log: &Log, last: Guard, (kept, _): (Guard, u32)) -> u32 {
    ready(()).await;
    drop(kept);
    log.write("end");
    request.id
}

#[test]
fn a_parameter_that_the_arguments_mention_stays_whole_too() {
    let (lines, tree) = recorded(async || {
        let log = Log::default();
        let request = Request { guard: log.guard("request"), id: 7 };
        let future = mentioned(request, &log, log.guard("last"), (log.guard("kept"), 1));
        assert!(log.lines().is_empty(), "gone before the future: {:?}", log.lines());
        assert_eq!(future.await, 7);
        log.lines()
    });
    assert_eq!(lines, ["kept", "end", "last", "request"]);
    assert!(tree.contains("last = 4\n  request.id = 7\n  size = 0\n"), "{tree}");
}

struct Both {
    left: Guard,
    right: Guard,
}

/// Reads parameters that it has by reference, of which one is changed.
#[trace_stage(attributes(left = left.name, text = text.len(), count))]
async fn referred(
    Both { ref left, right }: Both,
    ref mut text: String,
    (ref words, count): (Vec<u32>, usize),
) -> usize {
    ready(()).await;
    text.push('!');
    drop(right);
    left.log.write("end");
    text.len() + words.len() + count
}

#[test]
fn a_parameter_by_reference_can_be_read_and_lives_as_long_as_the_future() {
    let (lines, tree) = recorded(async || {
        let log = Log::default();
        let both = Both { left: log.guard("left"), right: log.guard("right") };
        let future = referred(both, "text".to_owned(), (vec![1, 2], 3));
        assert!(log.lines().is_empty(), "gone before the future: {:?}", log.lines());
        assert_eq!(future.await, 10);
        log.lines()
    });
    assert_eq!(lines, ["right", "end", "left"]);
    for line in ["count = 3", "left = \"left\"", "text = 4"] {
        assert!(tree.lines().any(|found| found.trim() == line), "{tree}");
    }
}
