//! What one sees of agents, their tools and their retrievals.

use super::given::{agent, chat, pipeline, plain, printed, retrieval, tool};
use crate::semconv::attribute;

#[test]
fn agents_tools_and_retrievals_are_named_without_their_operation_and_calls_are_told() {
    let spans = [
        chat(3, 600, 40).under(2).millis(1, 1),
        retrieval(5, "retrieval handbook")
            .under(4)
            .millis(3, 1)
            .with(attribute::REQUEST_TOP_K, 5.0),
        tool(4, "search")
            .under(2)
            .millis(2, 2)
            .with(attribute::AGENT_NAME, "researcher")
            .with(attribute::TOOL_TYPE, "function")
            .with(attribute::TOOL_CALL_ID, "call-1"),
        chat(7, 100, 10).under(6).millis(5, 1),
        agent(6, "reviewer")
            .under(2)
            .millis(4, 3)
            .with(attribute::AGENT_INFERENCE_CALLS, 1)
            .with(attribute::AGENT_TOOL_CALLS, 0),
        agent(2, "researcher")
            .under(1)
            .millis(1, 8)
            .with(attribute::PROVIDER_NAME, "openai")
            .with(attribute::AGENT_VERSION, "2")
            .with(attribute::AGENT_INFERENCE_CALLS, 3)
            .with(attribute::AGENT_TOOL_CALLS, 2)
            .with("turns", 2),
        pipeline(1, "ask-the-docs"),
    ];
    assert_eq!(printed(plain(), spans), "
ask-the-docs                                      10 ms  ok      700 → 50 tokens
└─ researcher                  agent             8.0 ms  ok      700 → 50 tokens  3 LLM calls, 2 tool calls  turns=2
   ├─ chat gpt-4o-mini         openai            1.0 ms  ok      600 → 40 tokens
   ├─ search                   tool              2.0 ms  ok
   │  └─ handbook              retrieval         1.0 ms  ok
   └─ reviewer                 agent             3.0 ms  ok      100 → 10 tokens  1 LLM call
      └─ chat gpt-4o-mini      openai            1.0 ms  ok      100 → 10 tokens
");
}

#[test]
fn a_run_shows_its_own_totals_and_cost_and_what_became_of_its_budget() {
    let spans = [
        chat(3, 600, 40)
            .under(2)
            .millis(1, 1)
            .with(attribute::COST_USD, 0.0013)
            .with(attribute::COST_SOURCE, "user")
            .with(attribute::ATTEMPTS, 3)
            .with(attribute::FAILED_ATTEMPTS_COST_USD, 0.5),
        agent(2, "researcher")
            .under(1)
            .millis(1, 8)
            .with(attribute::TOTAL_INPUT_TOKENS, 1000)
            .with(attribute::TOTAL_OUTPUT_TOKENS, 40)
            .with(attribute::TOTAL_COST_USD, 0.5013)
            .with(attribute::BUDGET_MAX_COST_USD, 0.5)
            .with(attribute::BUDGET_EXCEEDED, true),
        pipeline(1, "ask-the-docs")
            .with(attribute::TOTAL_INPUT_TOKENS, 1000)
            .with(attribute::TOTAL_OUTPUT_TOKENS, 40)
            .with(attribute::TOTAL_TOKENS, 1040)
            .with(attribute::TOTAL_LLM_CALLS, 1)
            .with(attribute::TOTAL_COST_USD, 0.5013),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
ask-the-docs                                      10 ms  ok      1000 → 40 tokens  $0.50
└─ researcher                  agent             8.0 ms  ok      1000 → 40 tokens  $0.50  over budget
   └─ chat gpt-4o-mini         openai            1.0 ms  ok      600 → 40 tokens  $0.0013  3 attempts
"
    );
}

#[test]
fn a_name_that_is_not_made_of_its_operation_stands_as_it_is() {
    let mut renamed = agent(1, "researcher");
    renamed.0.name = "find out".into();
    let unnamed = retrieval(2, "retrieval").in_trace(2);
    let looked_up = retrieval(3, "retrievals of today").in_trace(3);
    assert_eq!(
        printed(plain(), [renamed, unnamed, looked_up]),
        "
find out                       agent              10 ms  ok
retrieval                      qdrant             10 ms  ok
retrievals of today            retrieval          10 ms  ok
"
    );
}
