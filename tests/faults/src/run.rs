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
    let setting =
        Setting { manner: scenario.manner(protocol), script: scenario.script(), writes: true };
    let mut receiver = Receiver::absent(programs, setting);
    if !matches!(scenario.endpoint, Endpoint::Nobody | Endpoint::Unknown) {
        receiver.start();
    }
    let address = receiver.address();
    let mut sender = measure.sender(programs, &Length::Pipelines(measure.pipelines));
    if scenario.fate(protocol) == Fate::Lost || scenario.script().contains(Fault::Stall) {
        sender = measure.hurried(sender);
    }
    sender = match scenario.endpoint {
        Endpoint::Plain | Endpoint::Nobody => sender.to(protocol, &format!("http://{address}")),
        Endpoint::Unknown => sender.to(protocol, "http://receiver.invalid:4317"),
        Endpoint::Untrusted => sender.to(protocol, &format!("https://{address}")),
        Endpoint::Trusted => {
            let sender = sender.to(protocol, &format!("https://{address}"));
            match receiver.certificate() {
                certificate if certificate.exists() => {
                    sender.env("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate)
                }
                _ => sender,
            }
        }
    };
    let (figures, sent) = sender.start().wait(measure.patience);
    receiver.stop();
    let account = Account::new(&sent, &receiver.spans(), figures.lost());
    (account, figures)
}

impl Scenario {
    /// What did not come out as it has to; nothing if all is well.
    #[must_use]
    pub fn objection(
        &self,
        protocol: Protocol,
        account: &Account,
        figures: &Figures,
    ) -> Option<String> {
        let Account { sent, arrived, counted, unknown, .. } = *account;
        let fate = self.fate(protocol);
        let says = |what: &str| Some(format!("{}, {protocol}: {what}: {account:?}", self.title));
        if sent != figures.ended() || sent == 0 || unknown > 0 {
            return says("the program and the receiver do not mean the same spans");
        }
        if account.silently_lost() > 0 {
            return says("spans are lost that nobody counted");
        }
        if account.counted_and_arrived() > 0 && !self.leaves_doubt {
            return says("spans are counted as lost that arrived");
        }
        if counted != figures.told() {
            return says("`shutdown` and `health` do not say the same");
        }
        if counted > 0 && figures.reasons().is_empty() {
            return says("there is no reason for the loss");
        }
        let is_met = match fate {
            Fate::Arrive => arrived == sent && counted == 0,
            Fate::Lost => counted == sent && (arrived == 0 || self.leaves_doubt),
            Fate::Partly => arrived > 0 && counted > 0,
        };
        if is_met { None } else { says(&format!("expected {fate:?}")) }
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
