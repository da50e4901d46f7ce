//! Errors, and how much of them is told where they do not say it themselves.

use futures::stream::{self, StreamExt as _};
use spanline::{ErrorDetail, Stage, Telemetry, trace_stage};

#[derive(Debug)]
struct Quoting(&'static str);

impl std::fmt::Display for Quoting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "cannot answer {}", self.0)
    }
}

impl std::error::Error for Quoting {}

#[trace_stage]
fn usual() -> Result<(), Quoting> {
    Err(Quoting("this"))
}

#[trace_stage(err = display)]
fn chosen() -> Result<(), Quoting> {
    usual()
}

#[trace_stage]
fn text() -> Result<(), String> {
    spanline::current().record_error(&Quoting("that"));
    Err(String::from("text"))
}

/// Errors in every way, told as the set-up says.
pub(crate) fn errors() {
    fail(&spanline::init().unwrap());
}

/// The same, where code says that the text be left out.
pub(crate) fn in_code() {
    fail(&Telemetry::builder().errors(ErrorDetail::Type).init().unwrap());
}

fn fail(telemetry: &Telemetry) {
    chosen().unwrap_err();
    text().unwrap_err();
    Stage::new("guard").start().fail(&Quoting("them"));
    Stage::new("built").run_blocking(|| Err::<(), _>(Quoting("those"))).unwrap_err();
    let items = Stage::new("items").run_stream(stream::iter([Err::<(), _>(Quoting("it"))]));
    assert_eq!(futures::executor::block_on(items.count()), 1);
    telemetry.shutdown().unwrap();
}
