//! Whether a completion includes the reasoning that led to it.

/// The output tokens, reasoning included. Some who speak OpenAI's protocol (xAI) count it beside the
/// completion; the total gives them away.
pub(crate) fn output_tokens(
    input: Option<u64>,
    completion: Option<u64>,
    reasoning: Option<u64>,
    total: Option<u64>,
) -> Option<u64> {
    let with_reasoning = || {
        let output = completion?.checked_add(reasoning?)?;
        let is_beside = reasoning? > 0 && input?.checked_add(output)? == total?;
        is_beside.then_some(output)
    };
    with_reasoning().or(completion)
}

#[cfg(test)]
mod tests {
    use super::output_tokens;

    #[test]
    fn reasoning_is_added_where_the_total_demands_it() {
        assert_eq!(output_tokens(Some(5), Some(3), Some(4), Some(12)), Some(7));
        assert_eq!(output_tokens(Some(5), Some(7), Some(4), Some(12)), Some(7));
        assert_eq!(output_tokens(Some(5), Some(3), Some(4), None), Some(3));
        assert_eq!(output_tokens(Some(5), Some(3), Some(0), Some(8)), Some(3));
        assert_eq!(output_tokens(None, None, Some(4), Some(4)), None);
        assert_eq!(output_tokens(Some(1), Some(u64::MAX), Some(1), Some(1)), Some(u64::MAX));
    }
}
