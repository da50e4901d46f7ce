//! What was measured, and with what.

use std::fs;
use std::process::Command;

const PEERS: [&str; 6] = [
    "opentelemetry_sdk",
    "tracing",
    "tracing-subscriber",
    "tracing-opentelemetry",
    "fastrace",
    "fastrace-opentelemetry",
];

/// `rustc 1.95.0`
pub(crate) fn rustc() -> String {
    let output =
        Command::new("rustc").arg("--version").output().expect("there is a compiler to ask");
    let version = String::from_utf8(output.stdout).expect("text");
    version.split(" (").next().unwrap_or_default().trim().to_owned()
}

/// The sentence above the tables.
pub(crate) fn print() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../Cargo.lock");
    let lock = fs::read_to_string(lock).expect("the workspace has a lock file");
    let mut named = vec![rustc()];
    for peer in PEERS {
        let (_, after) = lock
            .split_once(&format!("name = \"{peer}\"\nversion = \""))
            .unwrap_or_else(|| panic!("`{peer}` is in the lock file"));
        named.push(format!("`{peer}` {}", after.split('"').next().unwrap_or_default()));
    }
    println!("Measured with {}.", named.join(", "));
}
