//! Whatever goes wrong between a program and its receiver: what did not arrive is counted, and the program
//! ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::process::Command;
use std::time::Duration;

use spanline_faults::{
    Fault, Kills, Length, Measure, Outage, Programs, Protocol, SCENARIOS, Scenario, Script, kills,
    outage, run, run_on_small_disk, run_twice, run_until_read_only, run_with_short_files, scripted,
};

const PROGRAMS: Programs = Programs {
    sender: env!("CARGO_BIN_EXE_faults-sender"),
    receiver: env!("CARGO_BIN_EXE_faults-receiver"),
};

/// Any other does as well: it is in the message of a failure, and with it a run can be repeated.
const SEED: u64 = 20_261_122;

/// In KiB: less than what is sent.
const SMALL_DISK: u64 = 48;

/// Both protocols, side by side.
fn over_each_protocol(prove: impl Fn(Protocol) + Sync) {
    std::thread::scope(|scope| {
        for protocol in Protocol::ALL {
            let prove = &prove;
            scope.spawn(move || prove(protocol));
        }
    });
}

/// Each fault does what it may do, and no more.
fn prove(titles: &[&str]) {
    over_each_protocol(|protocol| {
        std::thread::scope(|scope| {
            for title in titles {
                let scenario = Scenario::named(title);
                scope.spawn(move || {
                    let (account, figures) = run(PROGRAMS, scenario, protocol, &Measure::brief());
                    let objection = scenario.objection(protocol, &account, &figures);
                    assert_eq!(objection, None, "{figures:?}");
                });
            }
        });
    });
}

/// A test for each sentence, and all that they prove.
macro_rules! proofs {
    ($($sentence:ident: $titles:expr;)+) => {
        $(
            #[test]
            fn $sentence() {
                prove(&$titles);
            }
        )+

        const PROVED: &[&[&str]] = &[$(&$titles),+];
    };
}

proofs! {
    without_a_fault_everything_arrives_once: ["none", "none, in TLS"];

    what_cannot_be_reached_costs_all_and_is_counted: ["nobody listens", "no such host"];

    a_receiver_that_never_answers_costs_what_it_was_asked_and_holds_no_program_up:
        ["accepts and says nothing", "reads requests and never answers", "never answers once"];

    a_request_that_was_cut_off_is_sent_again:
        ["resets once in a request", "resets in every request"];

    an_answer_that_is_lost_loses_no_span:
        ["takes, and resets once before the answer", "takes, and resets before every answer"];

    a_receiver_that_is_busy_gets_everything_in_the_end: [
        "429 twice",
        "429 twice, with `Retry-After`",
        "503 twice",
        "503 twice, with `Retry-After`",
    ];

    a_receiver_that_refuses_for_ever_costs_all_and_is_counted: [
        "429 for ever",
        "503 for ever",
        "503 for ever, with `Retry-After` of an hour",
        "400",
        "answers 200 with a web page",
    ];

    a_receiver_that_takes_a_part_costs_the_rest: ["takes all spans of a request but two"];

    a_slow_reader_gets_all_and_one_too_slow_is_given_up_on: ["reads slowly", "reads too slowly"];

    whoever_speaks_something_else_costs_all_and_is_counted:
        ["speaks the other protocol", "speaks as mail servers do"];

    tls_that_does_not_fit_costs_all_and_is_counted:
        ["plain text to TLS", "TLS to plain text", "a certificate that is not trusted"];
}

#[test]
fn every_fault_of_the_table_is_proved_here() {
    let mut proved = PROVED.concat();
    let mut table: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.title).collect();
    proved.sort_unstable();
    table.sort_unstable();
    assert_eq!(proved, table);
}

#[test]
fn an_answer_that_is_lost_may_send_a_span_twice() {
    let scenario = Scenario::named("takes, and resets once before the answer");
    over_each_protocol(|protocol| {
        let (account, _) = run(PROGRAMS, scenario, protocol, &Measure::brief());
        assert!(account.twice > 0, "it was taken before: {account:?}");
    });
}

#[test]
fn all_faults_by_chance_leave_nothing_uncounted() {
    over_each_protocol(|protocol| {
        let mut random = fastrand::Rng::with_seed(SEED);
        let mut faults: Vec<Fault> = (0..12).map(|_| Fault::random(&mut random)).collect();
        // One alone: a program that is at its end waits for no second one.
        faults.insert(random.usize(0..4), Fault::Stall);
        faults.push(Fault::Take);
        let script = Script::new(&faults);
        let (account, figures) = scripted(PROGRAMS, script, protocol, &Measure::brief());
        let all = format!("{protocol}, seed {SEED}: {account:?}, {figures:?}");
        assert_eq!(account.sent, figures.ended(), "{all}");
        assert_eq!(account.sent, account.arrived + account.counted, "{all}");
        assert_eq!((account.twice, account.unknown), (0, 0), "{all}");
        assert_eq!(account.counted, figures.told(), "{all}");
        assert!(account.counted > 0 && account.arrived > 0, "{all}");
    });
}

#[test]
fn a_receiver_that_goes_and_comes_again_gets_what_ends_then_and_the_rest_is_counted() {
    over_each_protocol(|protocol| {
        let plan = Outage { before: 100, down: Duration::from_millis(2500), after: 100 };
        let (account, figures) = outage(PROGRAMS, protocol, &Measure::brief(), plan, None);
        assert_eq!(account.sent, figures.ended());
        assert_eq!(account.sent, account.arrived + account.counted, "{account:?} {figures:?}");
        assert_eq!((account.twice, account.unknown), (0, 0), "{account:?}");
        assert_eq!(account.counted, figures.told(), "{figures:?}");
        assert!(account.counted > 0, "{account:?}");
    });
}

#[test]
fn with_a_spool_a_receiver_that_goes_and_comes_again_gets_everything() {
    over_each_protocol(|protocol| {
        let folder = tempfile::tempdir().unwrap();
        let plan = Outage { before: 100, down: Duration::from_secs(1), after: 100 };
        let measure = Measure::brief();
        let (account, figures) = outage(PROGRAMS, protocol, &measure, plan, Some(folder.path()));
        let all = format!("{protocol}: {account:?}, {figures:?}");
        assert_eq!(account.sent, figures.ended(), "{all}");
        assert_eq!(account.sent, account.arrived + account.on_disk, "{all}");
        assert_eq!((account.counted, account.twice, account.unknown), (0, 0, 0), "{all}");
    });
}

#[test]
fn spans_that_never_come_fail_a_run_and_do_not_hold_it() {
    let plan = Outage { before: usize::MAX, down: Duration::ZERO, after: 0 };
    let measure = Measure { patience: Duration::from_millis(300), ..Measure::brief() };
    let run = || drop(outage(PROGRAMS, Protocol::Grpc, &measure, plan, None));
    let problem = std::panic::catch_unwind(run).unwrap_err();
    let problem = problem.downcast_ref::<String>().unwrap();
    assert!(problem.starts_with("waited 300ms until"), "{problem}");
}

#[test]
fn a_sender_that_nobody_waits_for_any_more_is_gone() {
    let sender = Measure::brief().sender(PROGRAMS, &Length::ForEver);
    let running = sender.to(Protocol::Grpc, "http://127.0.0.1:9").start();
    let id = running.id().to_string();
    let is_there = || Command::new("kill").args(["-0", &id]).output().unwrap().status.success();
    assert!(is_there());
    drop(running);
    assert!(!is_there());
}

#[test]
fn with_a_spool_what_is_not_refused_for_good_arrives_after_the_next_start() {
    // Several at once: most of the time they wait.
    for scenarios in SCENARIOS.chunks(7) {
        over_each_protocol(|protocol| {
            std::thread::scope(|scope| {
                for scenario in scenarios {
                    scope.spawn(move || {
                        let runs = run_twice(PROGRAMS, scenario, protocol, &Measure::brief());
                        let objection = scenario.objection_with_spool(protocol, &runs);
                        assert_eq!(objection, None, "{runs:?}");
                    });
                }
            });
        });
    }
}

#[test]
fn what_a_full_disk_does_not_take_is_counted_or_arrives() {
    let measure = Measure { pipelines: 100, ..Measure::brief() };
    over_each_protocol(|protocol| {
        for title in ["none", "nobody listens"] {
            let scenario = Scenario::named(title);
            let run = run_on_small_disk(PROGRAMS, scenario, protocol, &measure, SMALL_DISK);
            // Where nobody may mount one, the test after this one still finds a disk that takes no more.
            let Some((account, figures)) = run else { continue };
            let all = format!("{title}, {protocol}: {account:?}, {figures:?}");
            assert_eq!(account.sent, figures.ended(), "{all}");
            assert_eq!(account.sent, account.arrived + account.on_disk + account.counted, "{all}");
            assert_eq!(account.counted, figures.told(), "{all}");
            assert_eq!((account.twice, account.unknown), (0, 0), "{all}");
            if title == "none" {
                assert_eq!(account.arrived, account.sent, "{all}");
            } else {
                assert!(account.on_disk > 0 && account.counted > 0, "{all}");
            }
        }
    });
}

#[test]
fn a_request_that_a_disk_takes_in_part_goes_as_it_would_without_a_spool_and_leaves_no_file() {
    over_each_protocol(|protocol| {
        for title in ["none", "nobody listens"] {
            let scenario = Scenario::named(title);
            let (account, figures, left) =
                run_with_short_files(PROGRAMS, scenario, protocol, &Measure::brief());
            let all = format!("{protocol}: {account:?}, {figures:?}, {left:?}");
            let objection = scenario.objection(protocol, &account, &figures);
            assert_eq!(objection, None, "{all}");
            assert_eq!((account.on_disk, left.len()), (0, 0), "{all}");
        }
    });
}

#[test]
fn a_disk_that_becomes_read_only_costs_what_ends_then_and_is_counted() {
    over_each_protocol(|protocol| {
        let [(first, figures), (last, at_last)] =
            run_until_read_only(PROGRAMS, protocol, &Measure::brief());
        let all = format!("{protocol}: {first:?}, {figures:?}, then {last:?}, {at_last:?}");
        assert_eq!(first.sent, figures.ended(), "{all}");
        assert_eq!(first.sent, first.on_disk + first.counted, "{all}");
        assert!(first.on_disk > 0 && first.counted > 0, "{all}");
        assert_eq!((first.counted, at_last.told()), (figures.told(), at_last.lost()), "{all}");
        // What was on disk by then is readable, and arrives once.
        assert_eq!((last.arrived, last.twice), (first.on_disk, 0), "{all}");
        assert_eq!((at_last.lost(), last.on_disk), (0, 0), "{all}");
    });
}

#[test]
fn a_kill_costs_the_newest_spans_alone() {
    over_each_protocol(|protocol| {
        let plan = Kills {
            rounds: 5,
            seed: SEED,
            latest: Duration::from_millis(300),
            is_away: false,
            spool: None,
        };
        let (account, rounds) = kills(PROGRAMS, protocol, &Measure::brief(), &plan);
        assert!(account.arrived > 0 && account.twice == 0, "{account:?}");
        for round in rounds {
            assert_eq!(round.lost_before_arrived, 0, "seed {SEED}: {round:?}");
        }
        // A program may be killed after a span has ended and before it could write that down.
        assert!(account.unknown <= plan.rounds, "{account:?}");
    });
}

#[test]
fn with_a_spool_a_kill_costs_what_was_in_no_request_yet() {
    over_each_protocol(|protocol| {
        let folder = tempfile::tempdir().unwrap();
        let spool = Some(folder.path().to_owned());
        let plan = Kills {
            rounds: 6,
            seed: SEED,
            latest: Duration::from_millis(300),
            is_away: true,
            spool,
        };
        let (account, rounds) = kills(PROGRAMS, protocol, &Measure::brief(), &plan);
        assert_eq!((account.counted, account.on_disk), (0, 0), "seed {SEED}: {account:?}");
        for round in rounds {
            assert_eq!(round.lost_before_arrived, 0, "seed {SEED}: {round:?}");
        }
        assert!(account.unknown <= plan.rounds, "{account:?}");
    });
}
