//! Which span is the child of which: across awaits, tasks, threads, processes and other code.
#![allow(clippy::unwrap_used, clippy::unused_async, reason = "programs as users write them")]

#[path = "context/carry.rs"]
mod carry;
#[path = "context/foreign.rs"]
mod foreign;
#[path = "context/hostile.rs"]
mod hostile;
#[path = "context/propagation.rs"]
mod propagation;
#[path = "context/task.rs"]
mod task;
#[path = "context/thread.rs"]
mod thread;
