//! One fault from the first span to the account.

use std::time::Duration;

use crate::{
    Account, Endpoint, Fate, Fault, Figures, Length, Manner, Programs, Protocol, Receiver,
    Scenario, Script, Sender, Setting,
};

/// What of a request's time is enough for an answer on a machine that is busy with other things; a stall
/// of as long leaves time for the rest until a program has to be at its end.
const TIME_TO_ANSWER: u64 = 2500;

/// How much is sent, and with what settings.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    pub pipelines: u64,
    pub pause: Duration,
    pub variables: &'static [(&'static str, &'static str)],
    /// The milliseconds that a request may take where none will arrive; others have more.
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

    /// One that gives up early on what will not arrive; where other requests do, what is given up on
    /// must not have been taken.
    #[must_use]
    pub fn hurried(&self, sender: Sender, fate: Fate) -> Sender {
        match (self.timeout, fate) {
            (None, _) => sender,
            (Some(timeout), Fate::Lost) => timed(sender, timeout),
            (Some(_), Fate::Arrive | Fate::Partly) => timed(sender, TIME_TO_ANSWER),
        }
    }
}

fn timed(sender: Sender, milliseconds: u64) -> Sender {
    sender.env("OTEL_EXPORTER_OTLP_TIMEOUT", milliseconds.to_string())
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
    pub(crate) fn receiver(&self, programs: Programs, protocol: Protocol) -> Receiver {
        let setting =
            Setting { manner: self.manner(protocol), script: self.script(), writes: true };
        let mut receiver = Receiver::absent(programs, setting);
        if !matches!(self.endpoint, Endpoint::Nobody | Endpoint::Unknown) {
            receiver.start();
        }
        receiver
    }

    pub(crate) fn sender(
        &self,
        programs: Programs,
        protocol: Protocol,
        measure: &Measure,
        receiver: &Receiver,
    ) -> Sender {
        let mut sender = measure.sender(programs, &Length::Pipelines(measure.pipelines));
        if self.fate(protocol) == Fate::Lost || self.script().contains(Fault::Stall) {
            sender = measure.hurried(sender, self.fate(protocol));
        }
        let certificate = receiver.certificate();
        if self.endpoint == Endpoint::Trusted && certificate.exists() {
            sender = sender.env("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate);
        }
        sender.to(protocol, &self.endpoint.url(receiver))
    }
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
    let sender = measure.hurried(sender, Fate::Partly);
    let sender = sender.to(protocol, &format!("http://{}", receiver.address()));
    let (figures, sent) = sender.start().wait(measure.patience);
    receiver.stop();
    (Account::new(&sent, &receiver.spans(), figures.lost(), figures.on_disk()), figures)
}
