//! Whose names are written, and the prefix.

use super::{assert_decided, attempt, quiet, settings, settings_of_code};
use crate::telemetry::settings::Convention::{GenAiMain, OpenInference, V1_41};
use crate::telemetry::settings::{Convention, Overrides};

#[test]
fn the_default_is_the_last_release() {
    let settings = quiet(&[]);
    assert_eq!(settings.conventions, [V1_41]);
    assert_eq!(settings.prefix, "spanline");
    assert_decided(&settings, "conventions: v1.41.1 (default)");
    assert_decided(&settings, "prefix: spanline (default)");
}

#[test]
fn a_list_names_conventions_in_any_order_and_once() {
    for (text, expected) in [
        ("genai-main", &[GenAiMain][..]),
        ("openinference, v1.41.1", &[V1_41, OpenInference]),
        ("OpenInference,GENAI-MAIN,openinference", &[GenAiMain, OpenInference]),
    ] {
        assert_eq!(quiet(&[("SPANLINE_CONVENTIONS", text)]).conventions, expected, "{text}");
    }
    let settings = quiet(&[("SPANLINE_CONVENTIONS", "openinference,v1.41.1")]);
    assert_decided(&settings, "conventions: v1.41.1,openinference (SPANLINE_CONVENTIONS)");
}

#[test]
fn the_opt_in_of_the_standard_is_heard_and_its_other_categories_are_not_ours() {
    let opted = |text| quiet(&[("OTEL_SEMCONV_STABILITY_OPT_IN", text)]).conventions;
    assert_eq!(opted("gen_ai_latest_experimental"), [GenAiMain]);
    assert_eq!(opted("gen_ai_latest_experimental/dup"), [V1_41, GenAiMain]);
    assert_eq!(opted("http/dup, gen_ai_latest_experimental ,database"), [GenAiMain]);
    assert_eq!(opted("GEN_AI_latest_experimental"), [GenAiMain]);
    assert_eq!(opted("http,database/dup,messaging,é"), [V1_41]);
    let settings = quiet(&[("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental/dup")]);
    assert_decided(&settings, "conventions: v1.41.1,genai-main (OTEL_SEMCONV_STABILITY_OPT_IN)");
}

#[test]
fn code_wins_over_our_variable_and_that_over_the_standards() {
    let variables = [
        ("SPANLINE_CONVENTIONS", "openinference"),
        ("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental"),
    ];
    let settings = quiet(&variables);
    assert_eq!(settings.conventions, [OpenInference]);
    assert_decided(&settings, "conventions: openinference (SPANLINE_CONVENTIONS)");
    let overrides = Overrides {
        conventions: Some(vec![GenAiMain, V1_41, GenAiMain]),
        prefix: Some("acme".into()),
        ..Overrides::default()
    };
    let settings = attempt(&[&variables[..], &[("SPANLINE_PREFIX", "other")]].concat(), &overrides);
    let settings = settings.unwrap();
    assert_eq!(settings.conventions, [V1_41, GenAiMain]);
    assert_decided(&settings, "conventions: v1.41.1,genai-main (code)");
    assert_decided(&settings, "prefix: acme (code)");
}

#[test]
fn what_is_unknown_is_named_and_the_rest_is_followed() {
    let list = "expected a list of v1.41.1, genai-main, openinference";
    let opt_in = "expected gen_ai_latest_experimental, gen_ai_latest_experimental/dup and words of \
                  other categories";
    for (name, value, warning, expected) in [
        (
            "SPANLINE_CONVENTIONS",
            "openinfrence",
            format!("\"openinfrence\" is unknown; {list}; using v1.41.1"),
            &[V1_41][..],
        ),
        (
            "SPANLINE_CONVENTIONS",
            "none",
            format!("\"none\" is unknown; {list}; using v1.41.1"),
            &[V1_41],
        ),
        (
            "SPANLINE_CONVENTIONS",
            "genai-main,1.40",
            format!("\"1.40\" is unknown; {list}; using genai-main"),
            &[GenAiMain],
        ),
        (
            "OTEL_SEMCONV_STABILITY_OPT_IN",
            "gen_ai_latest",
            format!("\"gen_ai_latest\" is unknown; {opt_in}; using v1.41.1"),
            &[V1_41],
        ),
    ] {
        let settings = settings(&[(name, value)]);
        assert_eq!(settings.warnings, [format!("{name}: {warning}")]);
        assert_eq!(settings.conventions, expected);
    }
    let nothing: Vec<Convention> = Vec::new();
    let overrides = Overrides { conventions: Some(nothing), ..Overrides::default() };
    let settings = settings_of_code(&overrides);
    assert_eq!(
        settings.warnings,
        [format!("SPANLINE_CONVENTIONS: no convention, set in code; {list}; using v1.41.1")]
    );
    assert_eq!(settings.conventions, [V1_41]);
}

#[test]
fn a_prefix_that_cannot_be_one_is_named_and_ours_is_used() {
    assert_eq!(quiet(&[("SPANLINE_PREFIX", "flowmason")]).prefix, "flowmason");
    let expected = "expected words of small letters, digits and `_` with dots between them, such as \
                    acme or acme.llm, not under gen_ai or otel; using spanline";
    for (value, problem) in [
        ("Acme Corp", "\"Acme Corp\" is no name of OpenTelemetry"),
        ("gen_ai", "\"gen_ai\" belongs to OpenTelemetry"),
        ("otel.acme", "\"otel.acme\" belongs to OpenTelemetry"),
    ] {
        let warning = format!("SPANLINE_PREFIX: {problem}; {expected}");
        let settings = settings(&[("SPANLINE_PREFIX", value)]);
        assert_eq!(settings.warnings, [warning.as_str()]);
        assert_eq!(settings.prefix, "spanline");
        assert_decided(&settings, "prefix: spanline (default)");
        let overrides = Overrides { prefix: Some(value.into()), ..Overrides::default() };
        assert_eq!(settings_of_code(&overrides).warnings, [warning]);
    }
}
