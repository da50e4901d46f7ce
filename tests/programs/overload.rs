//! Spans that go on being lost, for longer than one warning.

use spanline::Stage;

pub(crate) fn overload() {
    let telemetry = spanline::init().unwrap();
    let lost = || telemetry.health().lost_spans();
    while lost() < 20 {
        let before = lost();
        Stage::new("lost").start().end();
        while lost() == before {
            std::thread::yield_now();
        }
    }
    telemetry.shutdown().unwrap_err();
}
