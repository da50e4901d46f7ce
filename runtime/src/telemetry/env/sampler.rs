//! Which traces are recorded.

use super::format::{Format, Share, Words};
use super::reader::{Origin, Reader, quoted};
use super::table;
use crate::telemetry::settings::{Overrides, Sampler};

/// A sampler's word; the share comes from another variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    AlwaysOn,
    AlwaysOff,
    TraceIdRatio,
    ParentBasedAlwaysOn,
    ParentBasedAlwaysOff,
    ParentBasedTraceIdRatio,
}

pub(super) const WORDS: Words<Word> = Words {
    known: &[
        ("always_on", Word::AlwaysOn),
        ("always_off", Word::AlwaysOff),
        ("traceidratio", Word::TraceIdRatio),
        ("parentbased_always_on", Word::ParentBasedAlwaysOn),
        ("parentbased_always_off", Word::ParentBasedAlwaysOff),
        ("parentbased_traceidratio", Word::ParentBasedTraceIdRatio),
    ],
    unavailable: &["jaeger_remote", "parentbased_jaeger_remote", "xray"],
};

/// The sampler, with its share if it takes one.
pub(crate) fn sampler(reader: &mut Reader<'_>, overrides: &Overrides) -> Sampler {
    if overrides.sample_if.is_some() {
        reader.decide("sampler", "a function of the program", Origin::Code);
        return Sampler::ParentBasedAlwaysOn;
    }
    if let Some(sampler) = overrides.sampler {
        return of_code(reader, sampler);
    }
    let variable = table::OTEL_TRACES_SAMPLER;
    let (word, origin) = reader.pick(&WORDS, None, &[variable], Word::ParentBasedAlwaysOn);
    let argument = table::OTEL_TRACES_SAMPLER_ARG;
    let of_share: fn(f64) -> Sampler = match word {
        Word::TraceIdRatio => Sampler::TraceIdRatio,
        Word::ParentBasedTraceIdRatio => Sampler::ParentBasedTraceIdRatio,
        Word::AlwaysOn => return plain(reader, Sampler::AlwaysOn, word, origin),
        Word::AlwaysOff => return plain(reader, Sampler::AlwaysOff, word, origin),
        Word::ParentBasedAlwaysOn => {
            return plain(reader, Sampler::ParentBasedAlwaysOn, word, origin);
        }
        Word::ParentBasedAlwaysOff => {
            return plain(reader, Sampler::ParentBasedAlwaysOff, word, origin);
        }
    };
    let (share, share_origin) = reader.pick(&Share, None, &[argument], 1.0);
    let shown = format!("{} of {share}", WORDS.show(&word));
    reader.decide("sampler", shown, format_args!("{origin}; share: {share_origin}"));
    of_share(share)
}

fn plain(reader: &mut Reader<'_>, sampler: Sampler, word: Word, origin: Origin) -> Sampler {
    let shown = WORDS.show(&word);
    let argument = table::OTEL_TRACES_SAMPLER_ARG;
    let named = table::OTEL_TRACES_SAMPLER;
    let text = reader.text(named).and_then(Result::ok);
    if text.is_some_and(|text| WORDS.is_unavailable(&text)) {
        // Written for that sampler, it may well be right.
        reader.settle(argument);
    } else if let Some(Ok(value)) = reader.text(argument)
        && (origin != Origin::Default || !reader.is_set(named))
    {
        reader.warn(
            argument.name(),
            format_args!("{} has no effect on {shown}", quoted(&value)),
            "OTEL_TRACES_SAMPLER to be traceidratio or parentbased_traceidratio",
            &shown,
        );
    }
    reader.decide("sampler", shown, origin);
    sampler
}

fn of_code(reader: &mut Reader<'_>, sampler: Sampler) -> Sampler {
    let (word, share) = match sampler {
        Sampler::AlwaysOn => (Word::AlwaysOn, None),
        Sampler::AlwaysOff => (Word::AlwaysOff, None),
        Sampler::TraceIdRatio(share) => (Word::TraceIdRatio, Some(share)),
        Sampler::ParentBasedAlwaysOn => (Word::ParentBasedAlwaysOn, None),
        Sampler::ParentBasedAlwaysOff => (Word::ParentBasedAlwaysOff, None),
        Sampler::ParentBasedTraceIdRatio(share) => (Word::ParentBasedTraceIdRatio, Some(share)),
    };
    let shown = WORDS.show(&word);
    let Some(share) = share else {
        reader.decide("sampler", shown, Origin::Code);
        return sampler;
    };
    let variables = [table::OTEL_TRACES_SAMPLER_ARG];
    let (share, origin) = reader.pick(&Share, Some(share), &variables, 1.0);
    reader.decide(
        "sampler",
        format_args!("{shown} of {share}"),
        format_args!("code; share: {origin}"),
    );
    match word {
        Word::TraceIdRatio => Sampler::TraceIdRatio(share),
        _ => Sampler::ParentBasedTraceIdRatio(share),
    }
}
