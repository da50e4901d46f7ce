//! What a span takes of its outcome: how its errors are told, and which attributes have a place.

use opentelemetry::Context;

use super::dispatch;
use crate::semconv;

/// How much of an error its span tells: the argument `err` of the macros.
///
/// `error.type` is recorded in any case.
///
/// ```
/// use spanline::{ErrorDetail, Stage};
///
/// // The text of such an error may quote what a user wrote.
/// let number = Stage::new("parse").err(ErrorDetail::Type).run_blocking(|| "5".parse::<u8>())?;
/// # assert_eq!(number, 5);
/// # Ok::<(), std::num::ParseIntError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorDetail {
    /// The error as it displays, and the sources below it.
    #[default]
    Display,
    /// The error by its `Debug`. An error that is text stays as it is.
    Debug,
    /// Nothing but `error.type`: for errors whose text may hold what users wrote.
    Type,
}

/// What a span wants to know of its outcome.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) detail: ErrorDetail,
    pub(crate) extent: Extent,
    /// Whether what it gives back is captured.
    pub(crate) content: bool,
}

/// What of a span is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Extent {
    Nothing,
    /// It is not sampled: what metrics are made of.
    Measured,
    #[default]
    All,
}

impl Extent {
    #[inline]
    pub(crate) fn takes(self, key: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Measured => semconv::is_measured(key),
            Self::All => true,
        }
    }
}

impl Wanted {
    /// Of a span of which nothing is recorded.
    pub(crate) const NOTHING: Self =
        Self { detail: ErrorDetail::Type, extent: Extent::Nothing, content: false };

    pub(crate) fn takes(self, key: &str) -> bool {
        self.extent.takes(key)
    }

    /// How errors are told: no metric has a place for their text.
    pub(crate) fn detail(self) -> ErrorDetail {
        if self.extent == Extent::All { self.detail } else { ErrorDetail::Type }
    }
}

/// What the `Context` holds where it is not what is set up for the process.
#[derive(Debug)]
struct Chosen(ErrorDetail);

/// The context of a span whose errors are told like this.
#[inline]
pub(crate) fn enter(context: Context, detail: ErrorDetail, usual: ErrorDetail) -> Context {
    let inherited = context.get::<Chosen>().map_or(usual, |chosen| chosen.0);
    if inherited == detail { context } else { context.with_value(Chosen(detail)) }
}

/// How the errors of the span in this context are told.
pub(crate) fn of(context: &Context) -> ErrorDetail {
    context.get::<Chosen>().map_or_else(
        || dispatch::with_way(|dispatch, _| dispatch.detail).unwrap_or_default(),
        |chosen| chosen.0,
    )
}
