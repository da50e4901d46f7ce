//! The faults, one by one, and what they may cost.

use crate::{Fault, Manner, Protocol, Script};

/// Where the sender is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// The receiver, in plain text.
    Plain,
    /// The receiver, in TLS, with its authority trusted.
    Trusted,
    /// The receiver, in TLS, with the system's authorities alone.
    Untrusted,
    /// The receiver's place, where nobody listens.
    Nobody,
    /// A name that no resolver knows.
    Unknown,
}

/// What becomes of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// All arrive.
    Arrive,
    /// All are lost, and counted.
    Lost,
    /// Some are lost, and counted.
    Partly,
}

/// One fault.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// In the words of the docs.
    pub title: &'static str,
    pub endpoint: Endpoint,
    manner: [Manner; 2],
    script: &'static [Fault],
    fate: [Fate; 2],
    /// Whether what was counted as lost may have arrived: the receiver takes a request and does not say so.
    pub leaves_doubt: bool,
}

impl Scenario {
    const fn new(title: &'static str, script: &'static [Fault], fate: Fate) -> Self {
        Self {
            title,
            endpoint: Endpoint::Plain,
            manner: [Manner::Normal; 2],
            script,
            fate: [fate; 2],
            leaves_doubt: false,
        }
    }

    const fn at(title: &'static str, endpoint: Endpoint, manner: Manner, fate: Fate) -> Self {
        Self { endpoint, manner: [manner; 2], ..Self::new(title, &[Fault::Take], fate) }
    }

    /// By its title.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[must_use]
    pub fn named(title: &str) -> &'static Self {
        let found = SCENARIOS.iter().find(|scenario| scenario.title == title);
        found.unwrap_or_else(|| panic!("no fault `{title}`"))
    }

    #[must_use]
    pub fn script(&self) -> Script {
        Script::new(self.script)
    }

    #[must_use]
    pub fn manner(&self, protocol: Protocol) -> Manner {
        self.manner[protocol as usize]
    }

    #[must_use]
    pub fn fate(&self, protocol: Protocol) -> Fate {
        self.fate[protocol as usize]
    }
}

const HOUR: u64 = 3600;

/// Every fault that can be told in advance; outages and kills are programs of their own.
pub const SCENARIOS: &[Scenario] = &[
    Scenario::new("none", &[Fault::Take], Fate::Arrive),
    Scenario::at("none, in TLS", Endpoint::Trusted, Manner::Tls, Fate::Arrive),
    Scenario::at("nobody listens", Endpoint::Nobody, Manner::Normal, Fate::Lost),
    Scenario::at("no such host", Endpoint::Unknown, Manner::Normal, Fate::Lost),
    Scenario::at("accepts and says nothing", Endpoint::Plain, Manner::Silent, Fate::Lost),
    Scenario::new("reads requests and never answers", &[Fault::Stall], Fate::Lost),
    Scenario::new("never answers once", &[Fault::Stall, Fault::Take], Fate::Partly),
    Scenario::new("resets once in a request", &[Fault::Reset, Fault::Take], Fate::Arrive),
    Scenario::new("resets in every request", &[Fault::Reset], Fate::Lost),
    Scenario::new(
        "takes, and resets once before the answer",
        &[Fault::LoseAnswer, Fault::Take],
        Fate::Arrive,
    ),
    Scenario {
        leaves_doubt: true,
        ..Scenario::new("takes, and resets before every answer", &[Fault::LoseAnswer], Fate::Lost)
    },
    Scenario {
        // Without a time to come again gRPC means that a quota is used up.
        fate: [Fate::Partly, Fate::Arrive],
        ..Scenario::new(
            "429 twice",
            &[Fault::Refuse(429, None), Fault::Refuse(429, None), Fault::Take],
            Fate::Arrive,
        )
    },
    Scenario::new(
        "429 twice, with `Retry-After`",
        &[Fault::Refuse(429, Some(0)), Fault::Refuse(429, Some(0)), Fault::Take],
        Fate::Arrive,
    ),
    Scenario::new(
        "503 twice",
        &[Fault::Refuse(503, None), Fault::Refuse(503, None), Fault::Take],
        Fate::Arrive,
    ),
    Scenario::new(
        "503 twice, with `Retry-After`",
        &[Fault::Refuse(503, Some(0)), Fault::Refuse(503, Some(0)), Fault::Take],
        Fate::Arrive,
    ),
    Scenario::new("429 for ever", &[Fault::Refuse(429, None)], Fate::Lost),
    Scenario::new("503 for ever", &[Fault::Refuse(503, None)], Fate::Lost),
    Scenario::new(
        "503 for ever, with `Retry-After` of an hour",
        &[Fault::Refuse(503, Some(HOUR))],
        Fate::Lost,
    ),
    Scenario::new("400", &[Fault::Refuse(400, None)], Fate::Lost),
    Scenario::new("takes all spans of a request but two", &[Fault::Reject(2)], Fate::Partly),
    Scenario::at("reads slowly", Endpoint::Plain, Manner::Slow(4096), Fate::Arrive),
    Scenario {
        leaves_doubt: true,
        ..Scenario::at("reads too slowly", Endpoint::Plain, Manner::Slow(16), Fate::Lost)
    },
    Scenario {
        manner: [Manner::Http1, Manner::Http2],
        ..Scenario::new("speaks the other protocol", &[Fault::Take], Fate::Lost)
    },
    Scenario::at("speaks as mail servers do", Endpoint::Plain, Manner::Mail, Fate::Lost),
    Scenario::new("answers 200 with a web page", &[Fault::AnswerOtherwise], Fate::Lost),
    Scenario::at("plain text to TLS", Endpoint::Plain, Manner::Tls, Fate::Lost),
    Scenario::at("TLS to plain text", Endpoint::Trusted, Manner::Normal, Fate::Lost),
    Scenario::at("a certificate that is not trusted", Endpoint::Untrusted, Manner::Tls, Fate::Lost),
];
