//! Names of our own, and the prefix that they have.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{attribute, event, metric};

/// What our own names start with, unless it is set otherwise.
pub(crate) const PREFIX: &str = "spanline";

/// Characters of a prefix: a name of a metric has at most 255.
const LONGEST: usize = 63;
/// Prefixes whose names are others'.
const TAKEN: [&str; 2] = ["gen_ai", "otel"];

/// Every name that has the prefix.
pub(crate) const NAMES: &[&str] = &[
    attribute::AGENT_HISTORY_LENGTH,
    attribute::AGENT_INFERENCE_CALLS,
    attribute::AGENT_TOOL_CALLS,
    attribute::ATTEMPTS,
    attribute::ATTEMPT_DURATION,
    attribute::ATTEMPT_NUMBER,
    attribute::BUDGET_EXCEEDED,
    attribute::BUDGET_KIND,
    attribute::BUDGET_LIMIT,
    attribute::BUDGET_MAX_COST_USD,
    attribute::BUDGET_MAX_TOTAL_TOKENS,
    attribute::BUDGET_SPENT,
    attribute::CARRIED_EVALUATION_EXPLANATION,
    attribute::CARRIED_EVALUATION_NAME,
    attribute::CARRIED_EVALUATION_RESPONSE_ID,
    attribute::CARRIED_EVALUATION_SCORE_LABEL,
    attribute::CARRIED_EVALUATION_SCORE_VALUE,
    attribute::COMPLETION_LENGTH,
    attribute::CONTENT_CUT_BYTES,
    attribute::COST_SOURCE,
    attribute::COST_USD,
    attribute::FAILED_ATTEMPTS_CACHE_CREATION_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_CACHE_READ_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_COST_USD,
    attribute::FAILED_ATTEMPTS_INPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_OUTPUT_TOKENS,
    attribute::FAILED_ATTEMPTS_REASONING_OUTPUT_TOKENS,
    attribute::PIPELINE_ID,
    attribute::PROMPT_LENGTH,
    attribute::RETRIEVAL_DOCUMENTS_LENGTH,
    attribute::RETRIEVAL_QUERY_LENGTH,
    attribute::RUN_ID,
    attribute::SAMPLING_RULE,
    attribute::SINK_ITEMS,
    attribute::STAGE_ID,
    attribute::STAGE_KIND,
    attribute::STAGE_NAME,
    attribute::STREAM_CHUNKS,
    attribute::STREAM_TIME_TO_FIRST_CHUNK,
    attribute::TAGS,
    attribute::TENANT_ID,
    attribute::TOOL_CALL_ARGUMENTS_LENGTH,
    attribute::TOOL_CALL_RESULT_LENGTH,
    attribute::TOTAL_CACHE_CREATION_INPUT_TOKENS,
    attribute::TOTAL_CACHE_READ_INPUT_TOKENS,
    attribute::TOTAL_COST_USD,
    attribute::TOTAL_ERRORS,
    attribute::TOTAL_INPUT_TOKENS,
    attribute::TOTAL_LLM_CALLS,
    attribute::TOTAL_OUTPUT_TOKENS,
    attribute::TOTAL_REASONING_OUTPUT_TOKENS,
    attribute::TOTAL_RETRIES,
    attribute::TOTAL_STAGES,
    attribute::TOTAL_TOKENS,
    attribute::TOTAL_TOOL_CALLS,
    attribute::TOTAL_UNPRICED_CALLS,
    attribute::USAGE_CACHE_CREATION_1H_INPUT_TOKENS,
    event::AGENT_EXCEPTION,
    event::ATTEMPT_FAILED,
    event::BUDGET_EXCEEDED,
    event::PIPELINE_EXCEPTION,
    event::SPAN_EXCEPTION,
    event::STAGE_EXCEPTION,
    event::TOOL_EXCEPTION,
    metric::CHECK,
    metric::CLIENT_OPERATION_COST,
    metric::STAGE_DURATION,
];

/// What is wrong with a prefix, if something is.
pub(crate) fn problem(prefix: &str) -> Option<&'static str> {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
    };
    if !prefix.split('.').all(is_word) {
        return Some("is no name of OpenTelemetry");
    }
    if prefix.len() > LONGEST {
        return Some("is too long");
    }
    let root = prefix.split('.').next().unwrap_or_default();
    TAKEN.contains(&root).then_some("belongs to OpenTelemetry")
}

/// A prefix in place of ours.
#[derive(Debug)]
pub(crate) struct Prefix {
    prefix: &'static str,
    names: HashMap<&'static str, &'static str>,
}

impl Prefix {
    /// None where it is ours.
    pub(crate) fn new(prefix: &str) -> Option<Self> {
        if prefix == PREFIX {
            return None;
        }
        let rename = |name: &&'static str| {
            let rest = name.strip_prefix(PREFIX)?;
            Some((*name, interned(format!("{prefix}{rest}"))))
        };
        let names = NAMES.iter().filter_map(rename).collect();
        Some(Self { prefix: interned(prefix.to_owned()), names })
    }

    /// The other name of one of ours.
    pub(crate) fn rename(&self, name: &str) -> Option<&'static str> {
        self.names.get(name).copied()
    }

    /// Our name, of one with this prefix.
    pub(crate) fn original(&self, name: &str) -> Option<&'static str> {
        let rest = name.strip_prefix(self.prefix)?.strip_prefix('.')?;
        let is_it = |own: &&&str| {
            own.strip_prefix(PREFIX).and_then(|own| own.strip_prefix('.')) == Some(rest)
        };
        NAMES.iter().find(is_it).copied()
    }
}

/// Names live as long as the process, each once, however often telemetry is set up.
fn interned(name: String) -> &'static str {
    static NAMES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.iter().find(|known| **known == name) {
        return known;
    }
    let name: &'static str = name.leak();
    names.push(name);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_with_our_prefix_can_have_another() {
        let written: Vec<&str> = include_str!("../semconv.rs")
            .split('"')
            .skip(1)
            .step_by(2)
            .filter(|text| text.starts_with("spanline.") && !text.ends_with('.'))
            .collect();
        assert!(written.len() > 40, "{written:?}");
        for name in &written {
            assert!(NAMES.contains(name), "{name} is not among the names of our own");
        }
        let prefix = Prefix::new("flow.mason").unwrap();
        for name in NAMES {
            let renamed = prefix.rename(name).unwrap();
            assert_eq!(renamed.strip_prefix("flow.mason."), name.strip_prefix("spanline."));
            assert_eq!(prefix.original(renamed), Some(*name));
        }
    }

    #[test]
    fn names_of_the_user_are_not_renamed() {
        let prefix = Prefix::new("flowmason").unwrap();
        for name in ["spanline", "spanline.mine", "spanliner.cost.usd", "gen_ai.request.model"] {
            assert_eq!(prefix.rename(name), None);
        }
        assert_eq!(prefix.original("flowmason.mine"), None);
    }

    #[test]
    fn our_own_prefix_renames_nothing() {
        assert!(Prefix::new(PREFIX).is_none());
    }

    #[test]
    fn a_name_is_kept_once() {
        let one = Prefix::new("kept").unwrap().rename(attribute::COST_USD).unwrap();
        let other = Prefix::new("kept").unwrap().rename(attribute::COST_USD).unwrap();
        assert!(std::ptr::eq(one, other));
    }

    #[test]
    fn a_prefix_is_a_name_that_nobody_else_has() {
        for good in ["flowmason", "a", "acme.llm", "acme_2.x1", "genai", "oteller"] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in ["", "Acme", "acme.", ".acme", "acme..x", "1acme", "ac-me", "ac me", "_a", "é"]
        {
            assert_eq!(problem(bad), Some("is no name of OpenTelemetry"), "{bad}");
        }
        for taken in ["gen_ai", "otel", "gen_ai.acme", "otel.acme"] {
            assert_eq!(problem(taken), Some("belongs to OpenTelemetry"), "{taken}");
        }
        assert_eq!(problem(&"a".repeat(63)), None);
        assert_eq!(problem(&"a".repeat(64)), Some("is too long"));
    }
}
