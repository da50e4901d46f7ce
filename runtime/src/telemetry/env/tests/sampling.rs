//! The sampler with its share, and the propagators.

use super::{assert_decided, attempt, quiet, settings};
use crate::export::tail::sampling::TailSampling;
use crate::telemetry::settings::{Overrides, Propagator, Sampler};

#[test]
fn the_samplers_share_comes_from_its_argument() {
    let share = |sampler, argument| {
        quiet(&[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)])
    };
    assert_eq!(share("traceidratio", "0.25").sampler, Sampler::TraceIdRatio(0.25));
    let settings = share("parentbased_traceidratio", "0");
    assert_eq!(settings.sampler, Sampler::ParentBasedTraceIdRatio(0.0));
    assert_decided(
        &settings,
        "sampler: parentbased_traceidratio of 0 (OTEL_TRACES_SAMPLER; share: \
         OTEL_TRACES_SAMPLER_ARG)",
    );
    let whole = quiet(&[("OTEL_TRACES_SAMPLER", "traceidratio")]);
    assert_eq!(whole.sampler, Sampler::TraceIdRatio(1.0));
}

#[test]
fn a_bad_share_gives_one_message_and_every_trace() {
    for (bad, problem) in [
        ("10%", "\"10%\" is not a number"),
        ("1.5", "\"1.5\" is not between 0 and 1"),
        ("NaN", "\"NaN\" is not between 0 and 1"),
        ("-0.1", "\"-0.1\" is not between 0 and 1"),
    ] {
        let settings =
            settings(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", bad)]);
        assert_eq!(settings.sampler, Sampler::TraceIdRatio(1.0));
        let rest = "expected a number from 0 to 1 such as 0.25; using 1";
        assert_eq!(settings.warnings, [format!("OTEL_TRACES_SAMPLER_ARG: {problem}; {rest}")]);
    }
}

#[test]
fn a_share_that_no_sampler_takes_is_named() {
    let found = settings(&[("OTEL_TRACES_SAMPLER_ARG", "0.1")]);
    assert_eq!(found.sampler, Sampler::ParentBasedAlwaysOn);
    assert_eq!(
        found.warnings,
        ["OTEL_TRACES_SAMPLER_ARG: \"0.1\" has no effect on parentbased_always_on; expected \
          OTEL_TRACES_SAMPLER to be traceidratio or parentbased_traceidratio; using \
          parentbased_always_on"]
    );
}

#[test]
fn a_bad_share_that_no_sampler_takes_is_wrong_twice() {
    let found = settings(&[("OTEL_TRACES_SAMPLER_ARG", "lots")]);
    assert_eq!(
        found.warnings,
        [
            "OTEL_TRACES_SAMPLER_ARG: \"lots\" has no effect on parentbased_always_on; expected \
             OTEL_TRACES_SAMPLER to be traceidratio or parentbased_traceidratio; using \
             parentbased_always_on",
            "OTEL_TRACES_SAMPLER_ARG: \"lots\" is not a number; expected a number from 0 to 1 such \
             as 0.25; it is not used",
        ]
    );
}

#[test]
fn a_sampler_that_does_not_exist_yet_is_named_once() {
    for word in ["jaeger_remote", "parentbased_jaeger_remote", "xray"] {
        let found = settings(&[
            ("OTEL_TRACES_SAMPLER", word),
            ("OTEL_TRACES_SAMPLER_ARG", "endpoint=http://localhost:14250"),
        ]);
        let [warning] = found.warnings.as_slice() else { panic!("{:?}", found.warnings) };
        let start =
            format!("OTEL_TRACES_SAMPLER: \"{word}\" is not available yet; expected one of");
        assert!(warning.starts_with(&start), "{warning}");
    }
}

#[test]
fn propagators_that_do_not_exist_yet_are_named_and_the_others_used() {
    let found = settings(&[("OTEL_PROPAGATORS", "b3,tracecontext,xray")]);
    assert_eq!(found.propagators, [Propagator::TraceContext]);
    assert_eq!(
        found.warnings,
        [
            "OTEL_PROPAGATORS: \"b3\" is not available yet, \"xray\" is not available yet; expected a \
          list of tracecontext, baggage, or none; using tracecontext"
        ]
    );
    for word in ["b3multi", "jaeger", "ottrace"] {
        let found = settings(&[("OTEL_PROPAGATORS", word)]);
        assert_eq!(found.propagators, [Propagator::TraceContext, Propagator::Baggage]);
        assert!(found.warnings[0].contains("is not available yet"), "{:?}", found.warnings);
    }
}

#[test]
fn no_propagator_is_a_choice() {
    let none = quiet(&[("OTEL_PROPAGATORS", "none")]);
    assert_eq!(none.propagators, []);
    assert_decided(&none, "propagators: none (OTEL_PROPAGATORS)");
    let turned = quiet(&[("OTEL_PROPAGATORS", "baggage,tracecontext")]);
    assert_decided(&turned, "propagators: baggage,tracecontext (OTEL_PROPAGATORS)");
    let mixed = settings(&[("OTEL_PROPAGATORS", "none,baggage")]);
    assert_eq!(mixed.propagators, [Propagator::Baggage]);
    assert!(mixed.warnings[0].contains("\"none\" has no meaning beside others"));
}

#[test]
fn rules_for_traces_that_have_ended_come_in_any_order_and_are_shown_as_they_are_written() {
    for (text, shown) in [
        ("errors", "errors"),
        (
            "ratio=0.01,first=10, costly = 0.05 ,slow=2s,CANCELLED,errors",
            "errors,cancelled,slow=2s,costly=0.05,first=10,ratio=0.01",
        ),
        ("slow=0.5s,errors,errors", "errors,slow=0.5s"),
        ("slow=250ms", "slow=0.25s"),
        ("slow=2h,remote=keep", "slow=120m"),
        (
            "errors,remote=decide,max_traces=5,max_bytes=1000000,max_age=90s",
            "errors,remote=decide,max_traces=5,max_bytes=1000000,max_age=90s",
        ),
    ] {
        let found = quiet(&[("SPANLINE_TAIL_SAMPLING", text)]);
        assert_decided(&found, &format!("tail sampling: {shown} (SPANLINE_TAIL_SAMPLING)"));
        let again = quiet(&[("SPANLINE_TAIL_SAMPLING", shown)]);
        assert_eq!(format!("{:?}", again.tail_sampling), format!("{:?}", found.tail_sampling));
    }
    for text in ["none", "None", " , "] {
        let found = quiet(&[("SPANLINE_TAIL_SAMPLING", text)]);
        assert!(found.tail_sampling.is_none(), "{text}");
        assert_decided(&found, "tail sampling: none (SPANLINE_TAIL_SAMPLING)");
    }
    assert_decided(&quiet(&[]), "tail sampling: none (default)");
}

#[test]
fn one_mistake_in_the_rules_and_every_trace_is_kept() {
    for (text, problem) in [
        ("errors,slow", "\"slow\" has no value"),
        ("errors=yes", "\"errors=yes\" takes no value"),
        ("slow=2", "\"slow=2\" is no time such as 500ms, 2s or 10m"),
        ("slow=-2s", "\"slow=-2s\" is no time such as 500ms, 2s or 10m"),
        ("slow=2 days", "\"slow=2 days\" is no time such as 500ms, 2s or 10m"),
        ("costly=$1", "\"costly=$1\" is not a number"),
        ("costly=-1", "\"costly=-1\" is no amount of dollars"),
        ("ratio=10%", "\"ratio=10%\" is not a number"),
        ("ratio=NaN", "\"ratio=NaN\" is not between 0 and 1"),
        ("first=ten", "\"first=ten\" is no whole number up to 2147483647"),
        ("errors,max_age=0s", "\"max_age=0s\" is not above zero"),
        ("errors,remote=drop", "\"remote=drop\" is neither remote=keep nor remote=decide"),
        ("errors,none", "\"none\" is unknown"),
        ("remote=decide", "no rule would keep a trace"),
        ("first=0", "no rule would keep a trace"),
        ("fast,slow=x", "\"fast\" is unknown, \"slow=x\" is no time such as 500ms, 2s or 10m"),
    ] {
        let found = settings(&[("SPANLINE_TAIL_SAMPLING", text)]);
        assert!(found.tail_sampling.is_none(), "{text}");
        let rest = "expected none, or a list of errors, cancelled, slow=2s, costly=0.05, first=10 \
                    and ratio=0.01, with remote=decide, max_traces=10000, max_bytes=67108864 and \
                    max_age=10m; using none";
        let warning = format!("SPANLINE_TAIL_SAMPLING: {problem}; {rest}");
        assert_eq!(found.warnings, [warning], "{text}");
        assert_decided(&found, "tail sampling: none (default)");
    }
}

#[test]
fn rules_of_the_code_win_over_those_of_the_environment() {
    let overrides = Overrides {
        tail_sampling: Some(TailSampling::new().errors().rule("own", |_| true)),
        ..Overrides::default()
    };
    let found = attempt(&[("SPANLINE_TAIL_SAMPLING", "slow=2s")], &overrides).unwrap();
    assert_decided(&found, "tail sampling: errors,rule \"own\" (code)");
    assert_eq!(found.warnings, [""; 0]);
}
