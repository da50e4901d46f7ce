//! One fault from the first span to the account.

use std::time::Duration;

use crate::{
    Account, Endpoint, Fate, Fault, Figures, Length, Manner, Programs, Protocol, Receiver,
    Scenario, Script, Sender, Setting,
};

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
    (Account::new(&sent, &arrived, figures.lost()), figures)
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
    (Account::new(&sent, &receiver.spans(), figures.lost()), figures)
}
