use std::path::PathBuf;

use super::*;
use crate::telemetry::settings::SpoolSettings;

const OTLP: (&str, &str) = ("OTEL_TRACES_EXPORTER", "otlp");
const FOLDER: (&str, &str) = ("SPANLINE_SPOOL_DIR", "/var/spool/bot");

fn spool(folder: &str, most_bytes: usize) -> SpoolSettings {
    SpoolSettings { folder: PathBuf::from(folder), most_bytes }
}

#[test]
fn nothing_waits_on_disk_unless_a_folder_is_named() {
    let settings = quiet(&[OTLP, ("SPANLINE_SPOOL_MAX_BYTES", "70000")]);
    assert_eq!(otlp(&settings.traces).spool, None);
    assert!(!settings.decisions.iter().any(|line| line.contains("spool")));
}

#[test]
fn all_signals_that_go_by_otlp_have_the_folder() {
    let settings = quiet(&[OTLP, FOLDER, ("OTEL_LOGS_EXPORTER", "otlp")]);
    for destinations in [&settings.traces, &settings.metrics, &settings.logs] {
        let spooled = otlp(destinations).spool.as_deref();
        assert_eq!(spooled, Some(&spool("/var/spool/bot", 256 * 1024 * 1024)));
    }
    assert_decided(&settings, "metrics spool: /var/spool/bot (SPANLINE_SPOOL_DIR)");
    assert_decided(&settings, "traces spool, bytes: 268435456 (default)");
}

#[test]
fn code_wins_over_the_variables() {
    let overrides = Overrides {
        spool: Some("/code".into()),
        spool_bytes: Some(70_000),
        ..Overrides::default()
    };
    let variables = [OTLP, FOLDER, ("SPANLINE_SPOOL_MAX_BYTES", "80000")];
    let settings = attempt(&variables, &overrides).unwrap();
    assert_eq!(otlp(&settings.traces).spool.as_deref(), Some(&spool("/code", 70_000)));
    assert_decided(&settings, "traces spool: /code (code)");
}

#[test]
fn a_limit_without_room_for_a_request_is_named() {
    let settings = settings(&[OTLP, FOLDER, ("SPANLINE_SPOOL_MAX_BYTES", "65535")]);
    assert_eq!(
        settings.warnings,
        ["SPANLINE_SPOOL_MAX_BYTES: \"65535\" is below 65536; expected a whole number such as \
          268435456; using 268435456"]
    );
}

#[test]
fn without_its_feature_it_fails() {
    let available = Available { spool: false, ..ALL };
    let environment = environment(&[OTLP, FOLDER]);
    let error = Settings::with_available(&environment, &Overrides::default(), available);
    let message = error.unwrap_err().to_string();
    assert!(message.contains("the spool (SPANLINE_SPOOL_DIR) is not compiled in"), "{message}");
    assert!(message.contains("enable the feature `spool` of `spanline`"), "{message}");
}
