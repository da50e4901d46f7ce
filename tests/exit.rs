//! Programs that end otherwise than by the end of `main`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use spanline_tests::process::{Ended, Process};

fn program(scenario: &str) -> Process {
    Process::new(env!("CARGO_BIN_EXE_program"), scenario)
}

fn names(ended: &Ended) -> Vec<String> {
    ended.lines.all().spans.into_iter().map(|span| span.name).collect()
}

#[test]
fn an_exit_from_the_main_thread_exports_what_has_ended() {
    let ended = program("exit").run();
    assert_eq!((ended.code, &*ended.stderr), (Some(3), ""));
    assert_eq!(names(&ended), ["before the exit"]);
    assert_eq!(ended.lines.metrics().histogram("spanline.stage.duration").data_points.len(), 1);
}

#[test]
fn an_exit_says_what_did_not_arrive() {
    let ended = program("exit-without-receiver").run();
    assert_eq!(ended.code, Some(3));
    assert!(ended.stderr.contains("spanline: error: lost 1 span"), "{}", ended.stderr);
}

#[test]
fn a_handle_that_nobody_drops_exports_at_the_end_of_main() {
    let ended = program("never-dropped").run();
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert_eq!(names(&ended), ["before the end of main"]);
}

#[test]
fn the_end_of_the_thread_that_called_init_ends_nothing() {
    let ended = program("begun-elsewhere").run();
    assert_eq!(ended.code, Some(0));
    assert_eq!(names(&ended), ["after the thread that called init"]);
}

#[test]
fn a_signal_ends_the_program_after_what_has_ended_is_exported() {
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let started = program("signal").start();
        started.signal(name);
        let ended = started.wait();
        assert_eq!((ended.code, ended.signal), (None, Some(number)), "{}", ended.stderr);
        assert_eq!(names(&ended), ["before the signal"]);
    }
}

#[test]
fn a_second_signal_waits_for_no_exporter() {
    let mut started = program("signal-while-stalled").start();
    // The program would wait for ten minutes.
    while !started.has_ended() {
        started.signal("TERM");
        std::thread::yield_now();
    }
    assert_eq!(started.wait().signal, Some(15));
}
