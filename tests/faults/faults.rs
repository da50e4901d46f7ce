//! Whatever goes wrong between a program and its receiver: what did not arrive is counted, and the program
//! ends.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::time::Duration;

use spanline_faults::{
    Fault, Kills, Measure, Outage, Programs, Protocol, SCENARIOS, Scenario, Script, kills, outage,
    run, run_twice, scripted,
};

const PROGRAMS: Programs = Programs {
    sender: env!("CARGO_BIN_EXE_faults-sender"),
    receiver: env!("CARGO_BIN_EXE_faults-receiver"),
};

/// Any other does as well: it is in the message of a failure, and with it a run can be repeated.
const SEED: u64 = 20_261_122;

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

#[test]
fn without_a_fault_everything_arrives_once() {
    prove(&["none", "none, in TLS"]);
}

#[test]
fn what_cannot_be_reached_costs_all_and_is_counted() {
    prove(&["nobody listens", "no such host"]);
}

#[test]
fn a_receiver_that_never_answers_costs_what_it_was_asked_and_holds_no_program_up() {
    prove(&["accepts and says nothing", "reads requests and never answers", "never answers once"]);
}

#[test]
fn a_request_that_was_cut_off_is_sent_again() {
    prove(&["resets once in a request", "resets in every request"]);
}

#[test]
fn an_answer_that_is_lost_loses_no_span_and_may_send_it_twice() {
    prove(&["takes, and resets before every answer"]);
    let scenario = Scenario::named("takes, and resets once before the answer");
    over_each_protocol(|protocol| {
        let (account, figures) = run(PROGRAMS, scenario, protocol, &Measure::brief());
        assert_eq!(scenario.objection(protocol, &account, &figures), None, "{figures:?}");
        assert!(account.twice > 0, "it was taken before: {account:?}");
    });
}

#[test]
fn a_receiver_that_is_busy_gets_everything_in_the_end() {
    prove(&[
        "429 twice",
        "429 twice, with `Retry-After`",
        "503 twice",
        "503 twice, with `Retry-After`",
    ]);
}

#[test]
fn a_receiver_that_refuses_for_ever_costs_all_and_is_counted() {
    prove(&[
        "429 for ever",
        "503 for ever",
        "503 for ever, with `Retry-After` of an hour",
        "400",
        "answers 200 with a web page",
    ]);
}

#[test]
fn a_receiver_that_takes_a_part_costs_the_rest() {
    prove(&["takes all spans of a request but two"]);
}

#[test]
fn a_slow_reader_gets_all_and_one_too_slow_is_given_up_on() {
    prove(&["reads slowly", "reads too slowly"]);
}

#[test]
fn whoever_speaks_something_else_costs_all_and_is_counted() {
    prove(&["speaks the other protocol", "speaks as mail servers do"]);
}

#[test]
fn tls_that_does_not_fit_costs_all_and_is_counted() {
    prove(&["plain text to TLS", "TLS to plain text", "a certificate that is not trusted"]);
}

#[test]
fn every_fault_of_the_table_is_proved_here() {
    let source = include_str!("faults.rs");
    for scenario in SCENARIOS {
        assert!(source.contains(&format!("\"{}\"", scenario.title)), "{}", scenario.title);
    }
}

#[test]
fn all_faults_by_chance_leave_nothing_uncounted() {
    over_each_protocol(|protocol| {
        let mut random = fastrand::Rng::with_seed(SEED);
        let faults: Vec<Fault> = (0..40).map(|_| Fault::random(&mut random)).collect();
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
