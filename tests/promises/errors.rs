//! What is returned, and how.

use std::num::{ParseIntError, TryFromIntError};

use spanline::{trace_span, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

const ERROR: &str = " error \"out of range integral type conversion attempted\" error.type=\"core::num::error::TryFromIntError\"";

#[test]
fn every_way_out_of_a_function_is_seen() {
    #[trace_stage]
    fn tail() -> Result<u8, TryFromIntError> {
        u8::try_from(1234)
    }
    #[trace_stage]
    fn question_mark() -> Result<u8, TryFromIntError> {
        let number = u8::try_from(1234)?;
        Ok(number)
    }
    #[trace_stage]
    #[allow(clippy::needless_return, reason = "this is about it")]
    fn early(go: bool) -> Result<u8, TryFromIntError> {
        if go {
            return u8::try_from(1234);
        }
        Ok(0)
    }
    #[trace_stage]
    fn otherwise(text: &str) -> Result<u8, TryFromIntError> {
        let Ok(number) = text.parse() else { return u8::try_from(1234) };
        Ok(number)
    }
    let (_, trace) = watch_blocking(|| {
        (tail(), question_mark(), early(true), early(false).unwrap(), otherwise("x"))
    });
    assert_eq!(
        trace.tree(),
        format!("early\nearly{ERROR}\notherwise{ERROR}\nquestion_mark{ERROR}\ntail{ERROR}\n")
    );
}

#[tokio::test]
async fn every_way_out_of_an_async_function_is_seen() {
    #[trace_stage]
    async fn tail() -> Result<u8, TryFromIntError> {
        tokio::task::yield_now().await;
        u8::try_from(1234)
    }
    #[trace_stage]
    async fn question_mark() -> Result<u8, TryFromIntError> {
        let number = u8::try_from(1234)?;
        tokio::task::yield_now().await;
        Ok(number)
    }
    #[trace_stage]
    async fn early(go: bool) -> Result<u8, TryFromIntError> {
        if go {
            return u8::try_from(1234);
        }
        Ok(0)
    }
    let (_, trace) = watch(async {
        (tail().await, question_mark().await, early(true).await, early(false).await.unwrap())
    })
    .await;
    assert_eq!(trace.tree(), format!("early\nearly{ERROR}\nquestion_mark{ERROR}\ntail{ERROR}\n"));
}

#[tokio::test]
async fn what_a_body_changes_through_its_arguments_stays_changed() {
    #[trace_stage]
    fn blocking(out: &mut u8) -> Result<(), TryFromIntError> {
        *out += 1;
        u8::try_from(1234).map(drop)
    }
    #[trace_stage]
    async fn later(out: &mut u8) -> Result<(), TryFromIntError> {
        *out += 1;
        tokio::task::yield_now().await;
        u8::try_from(1234).map(drop)
    }
    let (count, trace) = watch(async {
        let mut count = 0;
        blocking(&mut count).unwrap_err();
        later(&mut count).await.unwrap_err();
        count
    })
    .await;
    assert_eq!(count, 2);
    assert_eq!(trace.tree(), format!("blocking{ERROR}\nlater{ERROR}\n"));
}

#[test]
fn an_impl_trait_in_a_result_is_returned_as_it_is() {
    #[trace_stage]
    fn numbers(text: &str) -> Result<impl Iterator<Item = u32> + Clone, ParseIntError> {
        let end: u32 = text.parse()?;
        Ok(0..end)
    }
    let (sum, trace) = watch_blocking(|| {
        assert!(numbers("x").is_err());
        numbers("4").unwrap().clone().sum::<u32>()
    });
    assert_eq!(sum, 6);
    assert_eq!(
        trace.tree(),
        r#"numbers
numbers error "invalid digit found in string" error.type="core::num::error::ParseIntError"
"#
    );
}

#[tokio::test]
async fn recursion_is_a_span_each_time() {
    #[trace_span(attributes(depth))]
    fn down(depth: u8) -> u8 {
        if depth == 0 { 0 } else { 1 + down(depth - 1) }
    }
    #[trace_span(attributes(depth))]
    async fn sink(depth: u8) -> u8 {
        if depth == 0 { 0 } else { 1 + Box::pin(sink(depth - 1)).await }
    }
    let (depths, trace) = watch(async { (down(2), sink(1).await) }).await;
    assert_eq!(depths, (2, 1));
    assert_eq!(
        trace.tree_with(&["depth"]),
        "down depth=2\n  down depth=1\n    down depth=0\nsink depth=1\n  sink depth=0\n"
    );
}
