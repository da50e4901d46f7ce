//! What providers say that a call cost.

use serde_json::{Value, json};

use crate::usage::money::Money;
use crate::usage::reply::Reply;

fn cost(usage: &Value) -> Option<Money> {
    let mut reply = Reply::default();
    let mut all = json!({"prompt_tokens": 194, "completion_tokens": 2, "total_tokens": 196});
    all.as_object_mut().unwrap().extend(usage.as_object().unwrap().clone());
    reply.read(&json!({"id": "gen-1", "object": "chat.completion", "choices": [], "usage": all}));
    reply.consumed().reported_cost()
}

#[allow(clippy::unnecessary_wraps, reason = "beside what may be none")]
const fn picodollars(picodollars: u64) -> Option<Money> {
    Some(Money::of_picodollars(picodollars))
}

#[test]
fn openrouter_says_what_was_charged() {
    assert_eq!(cost(&json!({"cost": 0.000_042_35})), picodollars(42_350_000));
    assert_eq!(cost(&json!({"cost": 1})), picodollars(1_000_000_000_000));
    assert_eq!(cost(&json!({"cost": 0})), picodollars(0));
    let details = json!({"upstream_inference_cost": null});
    assert_eq!(
        cost(&json!({"cost": 0.1, "is_byok": false, "cost_details": details})),
        picodollars(100_000_000_000)
    );
}

#[test]
fn a_key_of_ones_own_pays_the_provider_beside_openrouter() {
    let usage = json!({"cost": 0.05, "is_byok": true,
        "cost_details": {"upstream_inference_cost": 1.1}});
    assert_eq!(cost(&usage), picodollars(1_150_000_000_000));
    let usage = json!({"cost": 1.1, "cost_details": {"upstream_inference_cost": 1.1}});
    assert_eq!(cost(&usage), picodollars(1_100_000_000_000));
}

#[test]
fn the_cost_of_a_stream_is_that_of_its_last_chunk() {
    let mut reply = Reply::default();
    for cost in [json!(0.2), Value::Null, json!(0.3)] {
        reply.read(&json!({"object": "chat.completion.chunk", "choices": [],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": cost}}));
    }
    assert_eq!(reply.consumed().reported_cost(), picodollars(300_000_000_000));
}

#[test]
fn xai_counts_in_ticks() {
    assert_eq!(cost(&json!({"cost_in_usd_ticks": 2_709_000})), picodollars(270_900_000));
    assert_eq!(cost(&json!({"cost_in_usd_ticks": u64::MAX})), picodollars(u64::MAX));
    let mut reply = Reply::default();
    reply.read(&json!({"id": "r", "object": "response", "status": "completed", "output": [],
        "usage": {"input_tokens": 9212, "output_tokens": 3417, "cost_in_usd_ticks": 318_319_000}}));
    assert_eq!(reply.consumed().reported_cost(), picodollars(31_831_900_000));
}

#[test]
fn perplexity_says_what_the_cost_is_made_of() {
    let usage = json!({"cost": {"input_tokens_cost": 0.00144, "output_tokens_cost": 0.04234,
        "request_cost": 0.008, "total_cost": 0.05178}});
    assert_eq!(cost(&usage), picodollars(51_780_000_000));
}

#[test]
fn deepinfra_estimates() {
    assert_eq!(cost(&json!({"estimated_cost": 0.000_026_8})), picodollars(26_800_000));
}

#[test]
fn what_is_no_cost_is_none() {
    for cost_of in [json!("free"), json!(-1), json!([1]), json!({}), json!(true), json!("0.1")] {
        assert_eq!(cost(&json!({"cost": cost_of})), None, "{cost_of}");
    }
    assert_eq!(cost(&json!({"cost_in_usd_ticks": -5})), None);
    assert_eq!(cost(&json!({})), None);
}
