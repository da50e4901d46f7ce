//! Other attributes on the same function, in either order.

use spanline::{Stage, trace_pipeline, trace_span, trace_stage};
use spanline_tests::telemetry::{watch, watch_blocking};

#[tokio::test]
#[trace_stage]
async fn the_test_of_a_runtime_goes_above() -> Result<(), std::num::ParseIntError> {
    "1".parse::<u8>().map(drop)
}

#[test]
#[trace_stage]
fn a_test_goes_above() -> Result<(), std::num::ParseIntError> {
    "1".parse::<u8>().map(drop)
}

#[trace_stage]
#[test]
fn a_test_goes_below() {
    assert!(module_path!().ends_with("surroundings"));
}

#[trace_stage]
#[test]
#[should_panic(expected = "on purpose")]
fn a_panic_that_a_test_expects_arrives() {
    panic!("on purpose");
}

#[test]
fn a_main_of_a_runtime_goes_above() {
    #[tokio::main(flavor = "current_thread")]
    #[trace_pipeline("program")]
    async fn main() -> Option<String> {
        spanline::current().span_id()
    }
    let (id, trace) = watch_blocking(main);
    assert_eq!(trace.tree(), "invoke_workflow program\n");
    assert!(id.is_some());
}

#[test]
fn hints_to_the_compiler_stay_on_the_function() {
    #[inline]
    #[trace_span]
    #[cold]
    #[cfg_attr(not(any()), doc = "Twice.")]
    #[must_use]
    extern "C" fn twice(number: u8) -> u8 {
        number * 2
    }
    #[trace_span]
    #[cfg(any())]
    fn twice() -> Missing {}

    let (four, trace) = watch_blocking(|| twice(2));
    assert_eq!(four, 4);
    assert_eq!(trace.tree(), "twice\n");
}

#[tokio::test]
async fn two_attributes_of_ours_are_two_spans_with_a_function_each() {
    #[trace_stage]
    async fn outer() -> u8 {
        #[trace_stage]
        async fn inner() -> u8 {
            1
        }
        inner().await + Stage::new("block").run_blocking_with(|| 1, |_, _| ())
    }
    let (two, trace) = watch(async { outer().await }).await;
    assert_eq!(two, 2);
    assert_eq!(trace.tree(), "outer\n  block\n  inner\n");
}

/// Its parts have attributes of their own.
#[tokio::test]
async fn attributes_of_parameters_stay_on_them() {
    #[trace_stage(attributes(kept))]
    async fn parts(
        #[cfg(not(any()))] kept: u8,
        #[cfg(any())] gone: Missing,
        #[allow(unused_variables, reason = "this is about it")] unused: u8,
    ) -> u8 {
        kept
    }
    let (kept, trace) = watch(async { parts(1, 2).await }).await;
    assert_eq!(kept, 1);
    assert_eq!(trace.attributes("parts"), "kept=1\n");
}
