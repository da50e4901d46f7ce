//! What is done, over and over.

use std::sync::LazyLock;

use futures::StreamExt as _;
use futures::future::join_all;

use crate::contender::Works;
use crate::exporter::Arrived;

/// Keys of attributes; every contender takes them as they are.
pub(crate) static KEYS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| (0..300).map(|number| &*format!("key.{number}").leak()).collect());

/// One piece of work, as the command line names it: `pipeline`, `attributes=30`, `depth=10`,
/// `held=1000`, `stream=100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Five spans, 17 attributes.
    Pipeline,
    /// One span with so many attributes.
    Attributes(usize),
    /// So many spans, each inside the one before.
    Depth(usize),
    /// So many spans that are open at once.
    Held(u64),
    /// One span around so many chunks.
    Stream(u64),
}

impl Scenario {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (name, count) = text.split_once('=').unwrap_or((text, "0"));
        let count: usize = count.parse().ok()?;
        Some(match name {
            "pipeline" => Self::Pipeline,
            "attributes" => Self::Attributes(count),
            "depth" => Self::Depth(count),
            "held" => Self::Held(count as u64),
            "stream" => Self::Stream(count as u64),
            _ => return None,
        })
    }

    pub(crate) fn argument(self) -> String {
        match self {
            Self::Pipeline => String::from("pipeline"),
            Self::Attributes(count) => format!("attributes={count}"),
            Self::Depth(count) => format!("depth={count}"),
            Self::Held(count) => format!("held={count}"),
            Self::Stream(count) => format!("stream={count}"),
        }
    }

    /// Spans that one run makes.
    pub(crate) fn spans(self) -> u64 {
        match self {
            Self::Pipeline => 5,
            Self::Attributes(_) | Self::Stream(_) => 1,
            Self::Depth(count) => count as u64,
            Self::Held(count) => count,
        }
    }

    /// What one run asks of queues, in spans: some contenders queue something for each chunk too.
    pub(crate) fn weight(self) -> u64 {
        match self {
            Self::Stream(count) => (count / 4).max(1),
            _ => self.spans(),
        }
    }

    /// How often to run what before anything is measured.
    pub(crate) fn to_warm_up(self) -> (Self, u64) {
        match self {
            Self::Held(count) if count > 1000 => (Self::Held(1000), 1),
            _ => (self, (1000 / self.weight()).clamp(1, 200)),
        }
    }

    /// The spans of one run, and the least of attributes that everybody sets on them.
    pub(crate) fn made(self) -> Arrived {
        let attributes = match self {
            Self::Pipeline => 17,
            Self::Attributes(count) => count as u64,
            Self::Depth(_) | Self::Held(_) | Self::Stream(_) => 0,
        };
        Arrived { spans: self.spans(), attributes }
    }

    pub(crate) async fn run(self, works: &Works, input: u64) {
        let result = match self {
            Self::Pipeline => (works.pipeline)(input).await,
            Self::Attributes(count) => (works.attributes)(count).await,
            Self::Depth(count) => (works.nested)(count).await,
            Self::Held(count) => join_all((0..count).map(works.held)).await.into_iter().sum(),
            Self::Stream(count) => {
                Ok((works.stream)(count).fold(0, async |sum, it| sum + it).await)
            }
        };
        assert!(result.is_ok(), "no stage fails");
    }
}
