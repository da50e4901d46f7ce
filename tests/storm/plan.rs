//! The course of a pipeline, decided before it starts, so that what is seen can be judged.

/// One span of ours, and what runs inside it.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) end: End,
    /// Each a yield or so many milliseconds.
    pub(crate) pauses: Vec<u8>,
    pub(crate) calls_model: bool,
    pub(crate) children: Vec<(Run, Plan)>,
}

/// What the span does when everything inside it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Ok,
    Error,
    Panic,
    Cancelled,
}

/// How a child is run, and with that how it is cancelled.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Run {
    Awaited,
    Spawned,
    InSet,
}

impl End {
    /// The attribute as exported.
    pub(crate) fn error_type(self) -> Option<&'static str> {
        match self {
            Self::Ok => None,
            Self::Error => Some("\"storm::run::Failed\""),
            Self::Panic => Some("\"panic\""),
            Self::Cancelled => Some("\"cancelled\""),
        }
    }

    pub(crate) fn is_error(self) -> bool {
        matches!(self, Self::Error | Self::Panic)
    }
}

impl Plan {
    pub(crate) fn new(random: &mut fastrand::Rng) -> Self {
        Self::at_depth(random, 3, &mut 0)
    }

    fn at_depth(random: &mut fastrand::Rng, depth: u8, number: &mut u32) -> Self {
        *number += 1;
        let name = format!("n{number}");
        let end = match random.u8(0..20) {
            0..=2 => End::Error,
            3 => End::Panic,
            4..=5 => End::Cancelled,
            _ => End::Ok,
        };
        let pauses = (0..random.u8(0..4)).map(|_| random.u8(0..20)).collect();
        let calls_model = random.u8(0..4) == 0;
        let children = if depth == 0 { 0 } else { random.u8(0..3) };
        let children = (0..children)
            .map(|_| {
                let run = match random.u8(0..3) {
                    0 => Run::Awaited,
                    1 => Run::Spawned,
                    _ => Run::InSet,
                };
                (run, Self::at_depth(random, depth - 1, number))
            })
            .collect();
        Self { name, end, pauses, calls_model, children }
    }

    /// How many spans there will be.
    pub(crate) fn spans(&self) -> usize {
        let children = self.children.iter().map(|(_, child)| child.spans());
        1 + usize::from(self.calls_model) + children.sum::<usize>()
    }
}
