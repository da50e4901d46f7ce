//! One fault from the first span to the account.

use std::time::Duration;

use crate::{
    Account, Endpoint, Fate, Fault, Figures, Length, Manner, Programs, Protocol, Receiver,
    Scenario, Script, Sender, Setting,
};

/// In KiB: less than what a full measure sends.
const SMALL_DISK: u64 = 256;

/// How much is sent, and with what settings.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub pipelines: u64,
    pub pause: Duration,
    pub variables: &'static [(&'static str, &'static str)],
    /// The milliseconds that a request may take where it will not arrive; others have all the time.
    pub timeout: Option<u64>,
    /// Who is not done by then hangs.
    pub patience: Duration,
}

impl Measure {
    /// Enough for every fault to strike several requests.
    #[must_use]
    pub fn brief() -> Self {
        Self {
            pipelines: 25,
            pause: Duration::from_millis(2),
            variables: &[
                ("OTEL_BSP_SCHEDULE_DELAY", "10"),
                ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "25"),
            ],
            timeout: Some(1000),
            patience: Duration::from_secs(60),
        }
    }

    /// All settings as they are where nobody sets them.
    #[must_use]
    pub fn full() -> Self {
        Self {
            pipelines: 500,
            pause: Duration::from_millis(25),
            variables: &[],
            timeout: None,
            patience: Duration::from_secs(120),
        }
    }

    #[must_use]
    pub fn sender(&self, programs: Programs, length: &Length) -> Sender {
        let sender = Sender::of_pipelines(programs, length, self.pause);
        self.variables.iter().fold(sender, |sender, (name, value)| sender.env(name, value))
    }

    /// One that gives up early on what will not arrive.
    #[must_use]
    pub fn hurried(&self, sender: Sender) -> Sender {
        match self.timeout {
            Some(timeout) => sender.env("OTEL_EXPORTER_OTLP_TIMEOUT", timeout.to_string()),
            None => sender,
        }
    }
}

/// Runs it, and says what came of it and what the sender said.
#[must_use]
pub fn run(
    programs: Programs,
    scenario: &Scenario,
    protocol: Protocol,
    measure: &Measure,
) -> (Account, Figures) {
    let mut receiver = scenario.receiver(programs, protocol);
    let sender = scenario.sender(programs, protocol, measure, &receiver);
    let (figures, sent) = sender.start().wait(measure.patience);
    receiver.stop();
    let arrived = receiver.spans();
    (Account::new(&sent, &arrived, figures.lost(), figures.on_disk()), figures)
}

/// The same with a spool, and what came of it when the program was started again, with a receiver that
/// takes all.
#[must_use]
pub fn run_twice(
    programs: Programs,
    scenario: &Scenario,
    protocol: Protocol,
    measure: &Measure,
) -> [(Account, Figures); 2] {
    let folder = tempfile::tempdir().unwrap();
    let mut receiver = scenario.receiver(programs, protocol);
    let sender = scenario.sender(programs, protocol, measure, &receiver);
    let (figures, sent) = sender.spool(Some(folder.path())).start().wait(measure.patience);
    receiver.stop();
    let first = Account::new(&sent, &receiver.spans(), figures.lost(), figures.on_disk());
    let manner = match scenario.endpoint {
        Endpoint::Trusted | Endpoint::Untrusted => Manner::Tls,
        _ => Manner::Normal,
    };
    receiver.replace(Setting { manner, script: Script::new(&[Fault::Take]), writes: true });
    let mut again = measure.sender(programs, &Length::Pipelines(0));
    again = again.to(protocol, &scenario.endpoint.url(&receiver));
    if manner == Manner::Tls {
        again = again.env("OTEL_EXPORTER_OTLP_CERTIFICATE", receiver.certificate());
    }
    let (at_last, _) = again.spool(Some(folder.path())).start().wait(measure.patience);
    receiver.stop();
    let counted = figures.lost() + at_last.lost();
    let last = Account::new(&sent, &receiver.spans(), counted, at_last.on_disk());
    [(first, figures), (last, at_last)]
}

impl Endpoint {
    fn url(self, receiver: &Receiver) -> String {
        let address = receiver.address();
        match self {
            Self::Plain | Self::Nobody => format!("http://{address}"),
            Self::Unknown => "http://receiver.invalid:4317".to_owned(),
            Self::Trusted | Self::Untrusted => format!("https://{address}"),
        }
    }
}

impl Scenario {
    fn receiver(&self, programs: Programs, protocol: Protocol) -> Receiver {
        let setting =
            Setting { manner: self.manner(protocol), script: self.script(), writes: true };
        let mut receiver = Receiver::absent(programs, setting);
        if !matches!(self.endpoint, Endpoint::Nobody | Endpoint::Unknown) {
            receiver.start();
        }
        receiver
    }

    fn sender(
        &self,
        programs: Programs,
        protocol: Protocol,
        measure: &Measure,
        receiver: &Receiver,
    ) -> Sender {
        let mut sender = measure.sender(programs, &Length::Pipelines(measure.pipelines));
        if self.fate(protocol) == Fate::Lost || self.script().contains(Fault::Stall) {
            sender = measure.hurried(sender);
        }
        let certificate = receiver.certificate();
        if self.endpoint == Endpoint::Trusted && certificate.exists() {
            sender = sender.env("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate);
        }
        sender.to(protocol, &self.endpoint.url(receiver))
    }
}

/// A run with a spool on a disk that is soon full, and a receiver that takes all or is not there; `None`
/// where the system cannot make such a disk.
#[must_use]
pub fn run_on_small_disk(
    programs: Programs,
    scenario: &Scenario,
    protocol: Protocol,
    measure: &Measure,
) -> Option<(Account, Figures)> {
    let mut receiver = scenario.receiver(programs, protocol);
    let sender = scenario.sender(programs, protocol, measure, &receiver);
    let (figures, sent) = sender.spool_on_small_disk(SMALL_DISK)?.start().wait(measure.patience);
    receiver.stop();
    let arrived = receiver.spans();
    Some((Account::new(&sent, &arrived, figures.lost(), figures.on_disk()), figures))
}

/// A run in which every request meets what the script has for it.
#[must_use]
pub fn scripted(
    programs: Programs,
    script: Script,
    protocol: Protocol,
    measure: &Measure,
) -> (Account, Figures) {
    let setting = Setting { manner: Manner::Normal, script, writes: true };
    let mut receiver = Receiver::present(programs, setting);
    let sender = measure.sender(programs, &Length::Pipelines(measure.pipelines));
    let sender = measure.hurried(sender);
    let sender = sender.to(protocol, &format!("http://{}", receiver.address()));
    let (figures, sent) = sender.start().wait(measure.patience);
    receiver.stop();
    (Account::new(&sent, &receiver.spans(), figures.lost(), figures.on_disk()), figures)
}
