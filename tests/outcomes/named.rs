//! Errors whose `error.type` is derived.

use std::fmt;

use spanline::{ErrorType, trace_llm_call, trace_stage};
use spanline_tests::telemetry::{metrics, watch, watch_blocking};

#[derive(Debug, ErrorType)]
enum ModelError {
    RateLimited,
    #[error_type("context_length_exceeded")]
    TooLong {
        tokens: u32,
    },
    #[error_type(transparent)]
    Transport(Box<TransportError>),
}

#[derive(Debug, ErrorType)]
enum TransportError {
    DNSFailure,
    #[error_type(transparent)]
    Closed {
        by: Closed<&'static str>,
    },
}

#[derive(Debug, ErrorType)]
#[error_type("closed_by_peer")]
struct Closed<P>(P);

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RateLimited => formatter.write_str("slow down"),
            Self::TooLong { tokens } => write!(formatter, "{tokens} tokens"),
            Self::Transport(error) => write!(formatter, "{error}"),
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DNSFailure => formatter.write_str("no such host"),
            Self::Closed { by } => write!(formatter, "{by}"),
        }
    }
}

impl<P: fmt::Debug> fmt::Display for Closed<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "closed by {:?}", self.0)
    }
}

impl std::error::Error for ModelError {}
impl std::error::Error for TransportError {}
impl<P: fmt::Debug> std::error::Error for Closed<P> {}

#[trace_llm_call(provider = "local", model = "named-errors")]
async fn complete(error: ModelError) -> Result<(), ModelError> {
    Err(error)
}

#[tokio::test]
async fn each_variant_is_an_error_type_on_span_and_metric() {
    let transport = |error| ModelError::Transport(Box::new(error));
    let ((), trace) = watch(async {
        complete(ModelError::RateLimited).await.unwrap_err();
        complete(ModelError::TooLong { tokens: 9000 }).await.unwrap_err();
        complete(transport(TransportError::DNSFailure)).await.unwrap_err();
        complete(transport(TransportError::Closed { by: Closed("peer") })).await.unwrap_err();
    })
    .await;
    assert_eq!(
        trace.tree(),
        r#"chat named-errors <client> error "9000 tokens" error.type="context_length_exceeded"
chat named-errors <client> error "closed by \"peer\"" error.type="closed_by_peer"
chat named-errors <client> error "no such host" error.type="dns_failure"
chat named-errors <client> error "slow down" error.type="rate_limited"
"#
    );
    let counts = metrics().counts(
        "gen_ai.client.operation.duration",
        "gen_ai.request.model",
        "named-errors",
    );
    for error_type in ["context_length_exceeded", "closed_by_peer", "dns_failure", "rate_limited"] {
        assert!(counts.contains(&format!("error.type=\"{error_type}\" ")), "{counts}");
    }
}

#[test]
fn a_box_and_a_reference_are_named_as_what_they_hold() {
    #[trace_stage]
    fn boxed() -> Result<(), Box<TransportError>> {
        Err(Box::new(TransportError::DNSFailure))
    }
    #[trace_stage(err = debug)]
    fn debugged() -> Result<(), std::sync::Arc<TransportError>> {
        Err(TransportError::DNSFailure.into())
    }
    let (_, trace) = watch_blocking(|| (boxed(), debugged()));
    assert_eq!(
        trace.tree(),
        "boxed error \"no such host\" error.type=\"dns_failure\"\n\
         debugged error \"DNSFailure\" error.type=\"dns_failure\"\n"
    );
}
