//! Sets telemetry up from the environment alone and prints what `health` says of it. With `work` it
//! also ends two spans, and says how that went.
#![allow(clippy::print_stdout, reason = "what it prints is what the test reads")]

use spanline::{Error, Stage};

fn main() -> Result<(), Error> {
    let telemetry = spanline::init()?;
    let works = std::env::args().nth(1).as_deref() == Some("work");
    if works {
        let work = Stage::new("work").start();
        let attached = work.attach();
        Stage::new("part").start().end();
        drop(attached);
        work.end();
    }
    let flushed = telemetry.flush();
    println!("{}", telemetry.health());
    if works {
        println!("{telemetry:?}\n{:?}\n{flushed:?}", telemetry.health());
        if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
            status
                .lines()
                .filter(|line| line.starts_with("VmPeak:"))
                .for_each(|it| println!("{it}"));
        }
    }
    telemetry.shutdown()
}
