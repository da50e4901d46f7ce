//! What expansions name, and nothing else; not for use by hand.

#[cfg(fuzzing)]
pub use crate::fuzzing::{
    Bill, Settled, Told, entry_name, look_at_entry, read_entry, read_prices, read_replies, settle,
    variables, write_entry,
};
pub use crate::operation::Operation;
pub use crate::operation::agent::Agent;
pub use crate::operation::llm_call::{LlmCall, LlmOperation};
pub use crate::operation::pipeline::Pipeline;
pub use crate::operation::retrieval::Retrieval;
pub use crate::operation::span::SpanBuilder;
pub use crate::operation::stage::Stage;
pub use crate::operation::tool::Tool;
pub use crate::span::boxed::{SuccessOfOption, SuccessOfResult, SuccessOfValue, follow};
pub use crate::span::closure::{kept, tell};
pub use crate::span::content::{read_call_result, read_documents, read_output_messages};
pub use crate::span::detail::ErrorDetail;
pub use crate::span::dispatch::is_span_wanted as is_enabled;
pub use crate::span::inference::{
    HeldErrors, HeldItems, OtherErrors, OtherItems, SinkErrors, StreamItems,
};
pub use crate::span::outcome::ErrorType;
pub use crate::span::probe::{
    BoxedError, DisplayedError, ErrOfResult, ErrOfValue, NamedError, NamedType, OkOfResult,
    OkOfValue, OpaqueError, PlainValue, Probe, RustType, SharedError, StandardError, name,
    read_attribute, read_usage, settle_by, settle_debug, settle_if,
};
pub use crate::span::response::{OtherValue, ReplyValue, Success, find_response, read_response};
pub use crate::span::returned::{
    BoxedKind, HeldKind, HeldSinkKind, OtherKind, Plain, PlainKind, SinkKind, StreamKind, Type,
};
pub use crate::span::settlement::{
    FindBoxed, FindDisplayed, FindNamed, FindOpaque, FindShared, FindStandard, FindValue,
};
pub use crate::usage::reply::{LlmResponse, Reply};
pub use crate::{
    __ask as ask, __debug as debug, __end as end, __read as read, __respond as respond,
    __settle as settle, __way as way,
};
pub use opentelemetry::trace::SpanKind;
