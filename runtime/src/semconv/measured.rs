//! The attributes of a span that metrics read, or totals.

use super::attribute;

macro_rules! measured {
    ($($name:ident)+) => {
        /// One of them; each has a place of its own in a record.
        #[allow(non_camel_case_types, reason = "each is called what its attribute is")]
        #[cfg_attr(
            not(feature = "telemetry"),
            allow(dead_code, reason = "nobody reads records without it")
        )]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Measured {
            $($name,)+
        }

        impl Measured {
            /// How many there are.
            #[cfg(feature = "telemetry")]
            pub(crate) const COUNT: usize = [$(Self::$name,)+].len();

            /// The one with this key.
            pub(crate) fn of(key: &str) -> Option<Self> {
                match key {
                    $(attribute::$name => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

measured! {
    AGENT_INFERENCE_CALLS
    AGENT_NAME
    AGENT_TOOL_CALLS
    COST_USD
    ERROR_TYPE
    FAILED_ATTEMPTS_COST_USD
    OPENAI_RESPONSE_SERVICE_TIER
    PROVIDER_NAME
    REQUEST_MODEL
    RESPONSE_MODEL
    RESPONSE_TIME_TO_FIRST_CHUNK
    SERVER_ADDRESS
    SERVER_PORT
    STAGE_KIND
    TOOL_NAME
    TOOL_TYPE
    USAGE_AUDIO_CACHE_READ_INPUT_TOKENS
    USAGE_AUDIO_INPUT_TOKENS
    USAGE_AUDIO_OUTPUT_TOKENS
    USAGE_CACHE_CREATION_1H_INPUT_TOKENS
    USAGE_CACHE_CREATION_INPUT_TOKENS
    USAGE_CACHE_READ_INPUT_TOKENS
    USAGE_IMAGE_CACHE_READ_INPUT_TOKENS
    USAGE_IMAGE_INPUT_TOKENS
    USAGE_IMAGE_OUTPUT_TOKENS
    USAGE_INPUT_TOKENS
    USAGE_OUTPUT_TOKENS
    USAGE_REASONING_OUTPUT_TOKENS
    USAGE_TEXT_CACHE_READ_INPUT_TOKENS
    USAGE_TEXT_INPUT_TOKENS
    USAGE_TEXT_OUTPUT_TOKENS
    WORKFLOW_NAME
}
