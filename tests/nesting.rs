//! Futures of annotated functions in each other: how much they grow, and how deep they may go.
#![cfg(test)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A hundred functions that call each other, with and without an attribute, the innermost first; this
/// crate has the recursion limit that every crate has.
macro_rules! functions {
    ($($level:ident $below:ident),*) => {
        mod plain {
            pub(super) async fn level_1(number: usize) -> Result<usize, std::fmt::Error> {
                std::future::ready(()).await;
                Ok(number)
            }
            $(pub(super) async fn $level(number: usize) -> Result<usize, std::fmt::Error> {
                Ok($below(number).await? + 1)
            })*
        }
        mod annotated {
            #[spanline::trace_stage]
            pub(super) async fn level_1(number: usize) -> Result<usize, std::fmt::Error> {
                std::future::ready(()).await;
                Ok(number)
            }
            $(#[spanline::trace_stage(attributes(number))]
            pub(super) async fn $level(number: usize) -> Result<usize, std::fmt::Error> {
                Ok($below(number).await? + 1)
            })*
        }
    };
}

functions! {
    level_2 level_1, level_3 level_2, level_4 level_3, level_5 level_4,
    level_6 level_5, level_7 level_6, level_8 level_7, level_9 level_8,
    level_10 level_9, level_11 level_10, level_12 level_11,
    level_13 level_12, level_14 level_13, level_15 level_14,
    level_16 level_15, level_17 level_16, level_18 level_17,
    level_19 level_18, level_20 level_19, level_21 level_20,
    level_22 level_21, level_23 level_22, level_24 level_23,
    level_25 level_24, level_26 level_25, level_27 level_26,
    level_28 level_27, level_29 level_28, level_30 level_29,
    level_31 level_30, level_32 level_31, level_33 level_32,
    level_34 level_33, level_35 level_34, level_36 level_35,
    level_37 level_36, level_38 level_37, level_39 level_38,
    level_40 level_39, level_41 level_40, level_42 level_41,
    level_43 level_42, level_44 level_43, level_45 level_44,
    level_46 level_45, level_47 level_46, level_48 level_47,
    level_49 level_48, level_50 level_49, level_51 level_50,
    level_52 level_51, level_53 level_52, level_54 level_53,
    level_55 level_54, level_56 level_55, level_57 level_56,
    level_58 level_57, level_59 level_58, level_60 level_59,
    level_61 level_60, level_62 level_61, level_63 level_62,
    level_64 level_63, level_65 level_64, level_66 level_65,
    level_67 level_66, level_68 level_67, level_69 level_68,
    level_70 level_69, level_71 level_70, level_72 level_71,
    level_73 level_72, level_74 level_73, level_75 level_74,
    level_76 level_75, level_77 level_76, level_78 level_77,
    level_79 level_78, level_80 level_79, level_81 level_80,
    level_82 level_81, level_83 level_82, level_84 level_83,
    level_85 level_84, level_86 level_85, level_87 level_86,
    level_88 level_87, level_89 level_88, level_90 level_89,
    level_91 level_90, level_92 level_91, level_93 level_92,
    level_94 level_93, level_95 level_94, level_96 level_95,
    level_97 level_96, level_98 level_97, level_99 level_98,
    level_100 level_99
}

/// What a span adds to a future: where it stands, its parent or its context, and how it ends.
const SPAN: usize = 7 * size_of::<usize>();

fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing here waits"),
    }
}

#[test]
fn a_span_adds_a_few_words_to_its_future_at_any_depth() {
    for (depth, plain, annotated) in [
        (1, size_of_val(&plain::level_1(1)), size_of_val(&annotated::level_1(1))),
        (20, size_of_val(&plain::level_20(1)), size_of_val(&annotated::level_20(1))),
    ] {
        assert!(annotated > plain, "{depth}: {annotated} bytes, {plain} without");
        let bound = plain + depth * SPAN;
        assert!(annotated <= bound, "{depth}: {annotated} bytes, {plain} without; {bound} allowed");
    }
}

#[test]
fn a_hundred_annotated_functions_may_call_each_other() {
    assert_eq!(ready(plain::level_100(1)), Ok(100));
    assert_eq!(ready(annotated::level_100(1)), Ok(100));
}

#[test]
fn twenty_annotated_functions_deep_a_future_can_be_sent() {
    fn sent<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
        std::thread::spawn(|| ready(future)).join().unwrap()
    }
    assert_eq!(sent(annotated::level_20(1)), Ok(20));
}
