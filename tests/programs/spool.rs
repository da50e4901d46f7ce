//! Spans that wait on disk.

use std::fs::File;
use std::io::Write as _;

use spanline::{Stage, Telemetry};

fn stage(name: &str) {
    Stage::new(name.to_owned()).run_blocking(|| Ok::<_, String>(())).unwrap();
}

fn name_and_notes() -> (String, File) {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let notes = File::options().append(true).create(true).open(&arguments[1]).unwrap();
    (arguments[0].clone(), notes)
}

/// A span after the other, each noted once it is flushed.
pub(crate) fn until_killed() {
    let telemetry = Telemetry::builder().init().unwrap();
    let (name, mut notes) = name_and_notes();
    for number in 0_u64.. {
        let name = format!("{name}-{number}");
        stage(&name);
        // It may be of a loss that is not its own: of a run that was killed while it wrote.
        let _ = telemetry.flush();
        writeln!(notes, "{name}").unwrap();
        if number == 0 {
            println!("ready");
        }
    }
}

/// One span, to the end of the program.
pub(crate) fn once() {
    let telemetry = Telemetry::builder().init().unwrap();
    let (name, mut notes) = name_and_notes();
    stage(&name);
    let flushed = telemetry.flush();
    writeln!(notes, "{flushed:?}").unwrap();
    println!("{}", telemetry.health());
}
