//! Rough treatment, each in a process of its own: ends of threads, callbacks, stalls, races, floods.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it did not expect")]

use spanline_tests::process::{Ended, Process};

fn run(scenario: &str) -> Ended {
    let ended = Process::new(env!("CARGO_BIN_EXE_program"), scenario).run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

fn numbers(ended: &Ended) -> Vec<u64> {
    ended.stdout.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn spans_that_end_with_their_thread_are_exported() {
    let ended = run("thread-ends");
    assert_eq!(
        ended.lines.all().tree(),
        "cancelled by the end of its thread error.type=\"cancelled\"\n".repeat(2)
            + "first\n"
            + &"in a destructor\n".repeat(5)
            + &"left error.type=\"cancelled\"\n".repeat(2)
    );
    assert_eq!(ended.stderr, "");
    assert_eq!(numbers(&ended), [0]);
}

#[test]
fn a_flush_inside_a_metric_callback_does_not_wait_for_itself() {
    let ended = run("callback-flushes");
    assert_eq!(ended.lines.all().spans.len(), 1);
    let refused = format!("{:?}", ended.lines.metrics().metric("depth").2.data);
    assert!(refused.contains("AsInt(1)"), "{refused}");
}

#[test]
fn a_metric_callback_that_panics_costs_metrics_and_no_span() {
    let ended = run("callback-panics");
    assert_eq!(
        ended.stdout,
        "lost 0 spans and 1 metric point: \
         metrics: cannot be collected: a callback panicked: no depth\n"
    );
    assert_eq!(ended.lines.all().tree(), "after\nbefore\n");
}

#[test]
fn a_metric_callback_that_hangs_does_not_keep_the_program_from_ending() {
    assert_eq!(run("callback-hangs").stdout, "true\n");
}

#[test]
fn the_longest_timeout_there_is_is_no_panic() {
    assert_eq!(run("forever").lines.all().tree(), "before\n");
}

#[test]
fn whoever_shuts_down_second_waits_for_the_first() {
    let ended = run("shutdown-twice");
    let mut told: Vec<&str> = ended.stdout.lines().collect();
    told.sort_unstable();
    assert_eq!(told, ["10 false", "10 false", "10 false", "10 true"]);
}

#[test]
fn an_init_during_a_shutdown_waits_and_sets_up_anew() {
    let ended = run("init-during-shutdown");
    assert_eq!(ended.stdout, "true\n");
    assert_eq!(ended.lines.all().tree(), "in the second\n");
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_flush_says_when_not_everything_was_sent() {
    assert_eq!(run("flush-stalled").stdout, "true\n1\n");
}

#[test]
fn a_shutdown_behind_many_flushes_knows_what_was_lost() {
    assert_eq!(numbers(&run("many-flushes")), [30]);
}

#[test]
fn a_flush_ends_while_spans_never_do() {
    let ended = run("flush-under-load");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(lines[0], "true");
    assert_eq!(lines[1], lines[2], "made, and accounted for");
}

#[cfg(target_os = "linux")]
#[test]
fn threads_that_come_and_go_by_the_thousands_take_no_memory_along() {
    let [made, accounted, grown_kib] = numbers(&run("many-threads"))[..] else { panic!() };
    assert_eq!(made, accounted);
    assert!(grown_kib < 40_000, "{grown_kib} KiB");
}

#[cfg(target_os = "linux")]
#[test]
fn a_span_that_is_written_to_without_end_does_not_grow_without_end() {
    let ended = run("long-span");
    let grown_kib = numbers(&ended)[0];
    assert!(grown_kib < 40_000, "{grown_kib} KiB");
    let all = ended.lines.all();
    assert_eq!(all.attribute("long", "progress"), "199999");
    assert_eq!(all.span("long").events.len(), 128);
    assert_eq!(all.span("long").dropped_events_count, 200_000 - 128);
}

#[test]
fn keys_without_number_keep_nobody_busy() {
    let ended = run("many-keys");
    let all = ended.lines.all();
    let span = all.span("keys");
    assert_eq!((span.attributes.len(), span.dropped_attributes_count), (128, 200_001 - 128));
}

#[cfg(target_os = "linux")]
#[test]
fn metrics_do_not_pile_up_for_a_stalled_exporter() {
    let [grown_kib, collections_lost] = numbers(&run("metrics-stalled"))[..] else { panic!() };
    assert!(collections_lost > 190, "{collections_lost} of 200");
    assert!(grown_kib < 40_000, "{grown_kib} KiB");
}

#[test]
fn a_name_may_be_computed_by_what_writes_to_the_span() {
    let ended = run("name-that-writes");
    let all = ended.lines.all();
    assert_eq!(all.attributes("around"), "named=true\n");
    assert_eq!(all.events("around"), "named named=1\n");
}

#[test]
fn a_status_of_ok_is_final() {
    assert_eq!(run("status-is-final").lines.all().tree(), "fine ok\n");
}

#[test]
fn nothing_goes_uncounted_between_many_beginnings_and_ends() {
    let [made, accounted] = numbers(&run("races"))[..] else { panic!() };
    assert_eq!(made, accounted);
}

#[test]
fn depth_width_and_size_have_no_end() {
    let ended = run("extremes");
    assert_eq!(numbers(&ended), [10_002]);
    let all = ended.lines.all();
    let depths = all.spans.iter().filter(|span| span.name == "deep");
    let parents: std::collections::HashSet<_> =
        depths.clone().map(|span| span.parent_span_id.clone()).collect();
    assert_eq!((depths.count(), parents.len()), (10_000, 10_000), "each has its own parent");
}
