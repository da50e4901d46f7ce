//! A console that cannot be written to.

use std::io::{self, Write};

use super::super::{ConsoleExporter, Delivery};
use super::given::{batch, pipeline, stage};

struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn spans_that_cannot_be_written_are_counted() {
    let mut console = ConsoleExporter::fixed(Box::new(Closed), None, false, true);
    let lost = |lost| Delivery::lost(lost, "could not write to the console: broken pipe");

    assert_eq!(
        console.export_spans(batch([stage(2, "a").under(1), stage(22, "b").under(21).in_trace(2)])),
        Delivery::complete(),
        "nothing was to be written yet"
    );
    assert_eq!(console.export_spans(batch([pipeline(1, "root")])), lost(2));
    assert_eq!(console.close(), lost(1));
    assert_eq!(console.close(), Delivery::complete());
}
