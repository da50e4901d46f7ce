//! One program of many scenarios, run by the tests as a process.
fn main() {}
