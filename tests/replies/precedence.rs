//! Who is believed when a reply is not alone in telling something.

use spanline::{Usage, trace_llm_call};
use spanline_tests::telemetry::watch_blocking;

use crate::{ANSWERED, Answer, answer, told};

#[trace_llm_call(provider = "acme", usage = |_| (100, 50))]
fn explicit() -> Answer {
    answer()
}

#[trace_llm_call(provider = "acme", usage = |_| None::<Usage>)]
fn explicit_without_knowledge() -> Answer {
    answer()
}

#[test]
fn usage_that_is_told_explicitly_wins() {
    assert_eq!(
        told(&watch_blocking(explicit).1),
        "gen_ai.response.model=\"acme-large-2\" gen_ai.response.id=\"r-1\" \
         gen_ai.response.finish_reasons=[\"stop\"] gen_ai.usage.input_tokens=100 \
         gen_ai.usage.output_tokens=50"
    );
    assert_eq!(told(&watch_blocking(explicit_without_knowledge).1), ANSWERED);
}

#[trace_llm_call(provider = "acme")]
fn by_hand() -> Answer {
    spanline::current().response_model("mine").usage((1, 2));
    answer()
}

#[test]
fn what_the_body_told_by_hand_wins() {
    assert_eq!(
        told(&watch_blocking(by_hand).1),
        "gen_ai.response.model=\"mine\" gen_ai.response.id=\"r-1\" \
         gen_ai.response.finish_reasons=[\"stop\"] gen_ai.usage.input_tokens=1 \
         gen_ai.usage.output_tokens=2 gen_ai.usage.cache_read.input_tokens=8"
    );
}

struct Page {
    inner: Result<Answer, String>,
}

#[trace_llm_call(provider = "acme", response = |page| &page.inner)]
fn inside() -> Result<Page, String> {
    Ok(Page { inner: Ok(answer()) })
}

#[trace_llm_call(provider = "acme", response = |(_, answer)| answer, usage = |_| (3, 4))]
fn second() -> (u8, Answer) {
    (1, answer())
}

#[test]
fn a_reply_can_be_pointed_at() {
    assert_eq!(told(&watch_blocking(inside).1), ANSWERED);
    assert!(told(&watch_blocking(second).1).contains("r-1"));
    assert!(told(&watch_blocking(second).1).contains("gen_ai.usage.output_tokens=4"));
}

type Alias<T> = Result<Option<Box<T>>, String>;

#[trace_llm_call(provider = "acme", usage = required)]
fn required() -> Alias<Answer> {
    Ok(Some(Box::new(answer())))
}

#[test]
fn what_must_be_a_reply_is_read_like_any_other() {
    assert_eq!(told(&watch_blocking(required).1), ANSWERED);
}
