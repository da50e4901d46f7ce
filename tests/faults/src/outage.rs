//! A receiver that goes and comes again.

use std::path::Path;
use std::time::Duration;

use crate::{
    Account, Fault, Figures, Length, Manner, Measure, Programs, Protocol, Receiver, Script, Setting,
};

/// How long what lasts; pipelines are run all the time.
#[derive(Clone, Copy, Debug)]
pub struct Outage {
    /// Spans that have arrived when the receiver goes.
    pub before: usize,
    pub down: Duration,
    /// Spans that have arrived since it is there again, when the program ends.
    pub after: usize,
}

/// The receiver answers what it has begun to read, goes, and comes again at the same place.
#[must_use]
pub fn outage(
    programs: Programs,
    protocol: Protocol,
    measure: &Measure,
    outage: Outage,
    spool: Option<&Path>,
) -> (Account, Figures) {
    let setting =
        Setting { manner: Manner::Normal, script: Script::new(&[Fault::Take]), writes: true };
    let mut receiver = Receiver::present(programs, setting);
    let folder = tempfile::tempdir().unwrap();
    let over = folder.path().join("over");
    let sender = measure.sender(programs, &Length::Until(over.clone()));
    let sender = sender.to(protocol, &format!("http://{}", receiver.address())).spool(spool);
    let mut running = sender.start();
    let mut wait_for = |receiver: &Receiver, spans: usize| {
        let what = format!("{spans} spans had arrived");
        running.wait_until(&what, measure.patience, |_| receiver.spans().len() >= spans);
    };
    wait_for(&receiver, outage.before);
    receiver.stop();
    let arrived = receiver.spans().len();
    std::thread::sleep(outage.down);
    receiver.start();
    wait_for(&receiver, arrived + outage.after);
    std::fs::write(&over, "").unwrap();
    let (figures, sent) = running.wait(measure.patience);
    receiver.stop();
    (Account::new(&sent, &receiver.spans(), figures.lost(), figures.on_disk()), figures)
}
