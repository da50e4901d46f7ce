//! Everything that the conventions have names for.

#[path = "../conventions/program.rs"]
mod program;

pub(crate) fn operations() {
    let telemetry = spanline::init().unwrap();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(program::run());
    telemetry.shutdown().unwrap();
}
