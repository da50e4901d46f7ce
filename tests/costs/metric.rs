//! The metric of cost.

use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use spanline::{LlmCall, TraceContext, attempt, current};
use spanline_tests::telemetry::metrics;

/// The sum of the series of one model.
pub(super) fn cost_of(model: &str) -> Vec<String> {
    let metrics = metrics();
    let (_, _, metric) = metrics.metric("spanline.client.operation.cost");
    assert_eq!(metric.unit, "USD");
    let Some(Data::Sum(sum)) = &metric.data else { panic!("no sum: {metric:?}") };
    assert!(sum.is_monotonic);
    let is_of = |key: &str, value: &str, attributes: &[_]| {
        attributes.iter().any(|attribute: &opentelemetry_proto::tonic::common::v1::KeyValue| {
            attribute.key == key
                && spanline_tests::trace::written(attribute.value.as_ref()) == format!("{value:?}")
        })
    };
    sum.data_points
        .iter()
        .filter(|point| is_of("gen_ai.request.model", model, &point.attributes))
        .filter(|point| is_of("gen_ai.operation.name", "chat", &point.attributes))
        .filter(|point| is_of("gen_ai.provider.name", "metered", &point.attributes))
        .map(|point| match point.value {
            Some(Value::AsDouble(value)) => format!("{value:?}"),
            _ => panic!("{point:?}"),
        })
        .collect()
}

#[tokio::test]
async fn the_cost_of_all_calls_is_an_exact_sum_sampled_or_not() {
    super::set_up();
    let unsampled =
        TraceContext::from_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
    for number in 0..1000 {
        let mut call = LlmCall::new("metered", "cent");
        if number % 2 == 0 {
            call = call.parent(unsampled.clone());
        }
        call.run_with(async {}, |(), outcome| outcome.cost_usd(0.1)).await;
        if number % 200 == 199 {
            drop(metrics());
        }
    }
    assert_eq!(cost_of("cent"), ["100.0"]);
}

#[tokio::test]
async fn failed_attempts_are_in_the_metric_and_a_call_without_a_cost_is_not() {
    super::set_up();
    let retried = async {
        let failing = async {
            current().cost_usd("0.25");
            Err::<(), _>("no")
        };
        attempt(failing).await.unwrap_err();
        current().cost_usd("0.5");
    };
    LlmCall::new("metered", "retried").run_with(retried, |(), _| ()).await;
    LlmCall::new("metered", "unknown")
        .run_with(async {}, |(), outcome| outcome.usage((1, 1)))
        .await;
    assert_eq!(cost_of("retried"), ["0.75"]);
    assert_eq!(cost_of("unknown"), [""; 0]);
}
