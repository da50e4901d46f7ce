//! What a program may say of content: where it goes, and in which form.

/// Where captured content goes: `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentCapture {
    /// Nowhere: nothing is captured. The default.
    #[default]
    NoContent,
    /// On spans, as attributes that hold JSON.
    SpanOnly,
    /// On the event of a model call, and on no span.
    EventOnly,
    /// On both.
    SpanAndEvent,
}

/// In which form captured content leaves the process: `SPANLINE_CONTENT_MODE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContentMode {
    /// As it is. The default.
    #[default]
    Full,
    /// How many characters there were, and none of them.
    Length,
    /// The SHA-256 of each text, in hexadecimal digits; roles, types, ids and scores stay.
    ///
    /// Equal texts have equal hashes, so a text that can be guessed can be recognised.
    Hash,
}

impl ContentCapture {
    #[cfg(feature = "content")]
    pub(crate) fn is_on_spans(self) -> bool {
        matches!(self, Self::SpanOnly | Self::SpanAndEvent)
    }

    /// Where nothing tells the events.
    #[cfg(feature = "content")]
    pub(crate) fn without_events(self) -> Self {
        if self.is_on_spans() { Self::SpanOnly } else { Self::NoContent }
    }

    pub(crate) fn is_on_events(self) -> bool {
        matches!(self, Self::EventOnly | Self::SpanAndEvent)
    }
}
