//! Errors that tell too much.

use spanline::{Error, SpanBuilder, Stage};

pub(crate) fn masks() {
    let key = "sk-aB3dE5gH7jK9mN1pQ3sT5vW7";
    let telemetry = spanline::init().unwrap();
    let failed = || {
        Stage::new("ask").run_blocking_with(
            || (),
            |(), outcome| {
                outcome.fail("refused", format!("the key {key} was refused"));
            },
        );
    };
    SpanBuilder::new(format!("GET /?key={key}")).run_blocking_with(failed, |(), _| ());
    let shut: Result<(), Error> = telemetry.shutdown();
    shut.unwrap();
}
