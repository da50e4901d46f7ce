//! The sampler with its share, and the propagators.

use super::{assert_decided, quiet, settings};
use crate::telemetry::settings::{Propagator, Sampler};

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
