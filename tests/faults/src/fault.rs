//! What a receiver does wrong.

use std::fmt;
use std::str::FromStr;

/// What happens to one request for spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// None: it is taken.
    Take,
    /// It is read, and never answered.
    Stall,
    /// The connection is reset while it is being sent.
    Reset,
    /// It is taken, and the connection is reset before the answer.
    LoseAnswer,
    /// All its spans are taken but so many.
    Reject(usize),
    /// It is refused with that status of HTTP, or what gRPC has for it, and perhaps with the seconds after
    /// which to come again.
    Refuse(u16, Option<u64>),
    /// It is answered `200 OK` by something that knows no OTLP.
    AnswerOtherwise,
}

impl Fault {
    /// All that a request can meet, is answered at once and leaves no doubt whether it was taken.
    #[must_use]
    pub fn random(random: &mut fastrand::Rng) -> Self {
        match random.u8(0..7) {
            0..3 => Self::Take,
            3 => Self::Reset,
            4 => Self::Reject(random.usize(1..4)),
            5 => Self::Refuse([400, 429, 503][random.usize(0..3)], None),
            _ => Self::Refuse([429, 503][random.usize(0..2)], Some(0)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Take => formatter.write_str("take"),
            Self::Stall => formatter.write_str("stall"),
            Self::Reset => formatter.write_str("reset"),
            Self::LoseAnswer => formatter.write_str("lose-answer"),
            Self::Reject(spans) => write!(formatter, "reject-{spans}"),
            Self::Refuse(status, None) => write!(formatter, "{status}"),
            Self::Refuse(status, Some(seconds)) => write!(formatter, "{status}+{seconds}"),
            Self::AnswerOtherwise => formatter.write_str("otherwise"),
        }
    }
}

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Ok(match text {
            "take" => Self::Take,
            "stall" => Self::Stall,
            "reset" => Self::Reset,
            "lose-answer" => Self::LoseAnswer,
            "otherwise" => Self::AnswerOtherwise,
            text => match (text.strip_prefix("reject-"), text.split_once('+')) {
                (Some(spans), _) => Self::Reject(spans.parse()?),
                (None, Some((status, seconds))) => {
                    Self::Refuse(status.parse()?, Some(seconds.parse()?))
                }
                (None, None) => Self::Refuse(text.parse()?, None),
            },
        })
    }
}

/// What happens to one request after the other; the last goes on for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script(Vec<Fault>);

impl Script {
    #[must_use]
    pub fn new(faults: &[Fault]) -> Self {
        assert!(!faults.is_empty(), "a script says something");
        Self(faults.to_vec())
    }

    /// What the request of that number meets.
    #[must_use]
    pub fn fault(&self, request: usize) -> Fault {
        self.0[request.min(self.0.len() - 1)]
    }

    #[must_use]
    pub fn contains(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }
}

impl fmt::Display for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> = self.0.iter().map(Fault::to_string).collect();
        formatter.write_str(&words.join(","))
    }
}

impl FromStr for Script {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        text.split(',').map(Fault::from_str).collect::<anyhow::Result<_>>().map(Self)
    }
}

/// How a receiver treats its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// gRPC and HTTP on one port.
    Normal,
    /// In TLS, with a certificate of its own authority.
    Tls,
    /// Accepts them, and neither reads nor writes.
    Silent,
    /// Reads so many bytes every ten milliseconds, out of a small buffer.
    Slow(usize),
    /// Speaks HTTP/1 alone, as no gRPC server does.
    Http1,
    /// Speaks HTTP/2 alone, as servers of gRPC do.
    Http2,
    /// Greets as a mail server does.
    Mail,
}

impl fmt::Display for Manner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => formatter.write_str("normal"),
            Self::Tls => formatter.write_str("tls"),
            Self::Silent => formatter.write_str("silent"),
            Self::Slow(bytes) => write!(formatter, "slow-{bytes}"),
            Self::Http1 => formatter.write_str("http1"),
            Self::Http2 => formatter.write_str("http2"),
            Self::Mail => formatter.write_str("mail"),
        }
    }
}

impl FromStr for Manner {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Ok(match text {
            "normal" => Self::Normal,
            "tls" => Self::Tls,
            "silent" => Self::Silent,
            "http1" => Self::Http1,
            "http2" => Self::Http2,
            "mail" => Self::Mail,
            text => match text.strip_prefix("slow-") {
                Some(bytes) => Self::Slow(bytes.parse()?),
                None => anyhow::bail!("no manner `{text}`"),
            },
        })
    }
}
