//! Spans with more attributes than they may keep.

use spanline_tests::process::{Ended, Process};

const KEPT: [&str; 9] = [
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "error.type",
    "session.id",
    "user.id",
    "spanline.tenant.id",
    "gen_ai.conversation.id",
    "spanline.tags",
    "region",
];

fn run(limit: &str) -> Ended {
    let ended = Process::new(env!("CARGO_BIN_EXE_program"), "attributes-in-scope")
        .env("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", limit)
        .run();
    assert!(ended.success, "{}", ended.stderr);
    ended
}

#[test]
fn whom_a_span_is_for_outlives_the_limit() {
    for limit in [128, 20, 9] {
        let all = run(&limit.to_string()).lines.all();
        let ours = all.span("chat m");
        let theirs = all.span("theirs");
        assert_eq!((ours.attributes.len(), theirs.attributes.len()), (limit, limit));
        assert_eq!(
            all.tree_with(&KEPT),
            "chat m <client> error \"an error occurred when formatting an argument\" \
             gen_ai.usage.input_tokens=612 gen_ai.usage.output_tokens=148 \
             error.type=\"core::fmt::Error\" session.id=\"s-1\" user.id=\"u-1\" \
             spanline.tenant.id=\"t-1\" gen_ai.conversation.id=\"c-1\" spanline.tags=[\"beta\"] \
             region=\"eu\"\n\
             theirs session.id=\"s-1\" user.id=\"u-1\" spanline.tenant.id=\"t-1\" \
             spanline.tags=[\"beta\"] region=\"eu\"\n",
            "of {limit}"
        );
        let total = |of: &opentelemetry_proto::tonic::trace::v1::Span| {
            of.attributes.len() + of.dropped_attributes_count as usize
        };
        assert_eq!((total(ours), total(theirs)), (412, 205), "all that is missing is counted");
    }
}

#[test]
fn outcome_and_usage_outlive_it_longer() {
    let all = run("4").lines.all();
    assert_eq!(
        all.tree_with(&KEPT),
        "chat m <client> error \"an error occurred when formatting an argument\" \
         gen_ai.usage.input_tokens=612 gen_ai.usage.output_tokens=148 \
         error.type=\"core::fmt::Error\" session.id=\"s-1\"\n\
         theirs session.id=\"s-1\" user.id=\"u-1\" spanline.tenant.id=\"t-1\" \
         spanline.tags=[\"beta\"]\n"
    );
}
