//! Which trees are printed when, with spans in any order.

use super::super::held::{Block, HELD_SPANS, Held};
use super::super::span::Shown;
use super::given::{Given, batch, chat, console, pipeline, plain, stage};

#[test]
fn traces_do_not_interleave() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(12, "a-one").under(11).in_trace(1),
        stage(22, "b-one").under(21).in_trace(2),
    ]));
    console.export_spans(batch([
        stage(13, "a-two").under(11).in_trace(1).millis(1, 1),
        pipeline(21, "b").in_trace(2),
        stage(32, "c-one").under(31).in_trace(3),
    ]));
    console.export_spans(batch([pipeline(11, "a").in_trace(1), pipeline(31, "c").in_trace(3)]));
    let writes = paper.writes();
    assert_eq!(writes.len(), 3, "one write per tree");
    assert_eq!(
        paper.text(),
        "
b                                                 10 ms  ok
└─ b-one                                          10 ms  ok
a                                                 10 ms  ok
├─ a-one                                          10 ms  ok
└─ a-two                                         1.0 ms  ok
c                                                 10 ms  ok
└─ c-one                                          10 ms  ok
"
    );
}

#[test]
fn a_child_that_follows_its_root_in_the_batch_is_in_the_tree() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([pipeline(1, "root"), stage(2, "child").under(1)]));
    assert_eq!(paper.writes().len(), 1);
    assert_eq!(
        paper.text(),
        "
root                                              10 ms  ok
└─ child                                          10 ms  ok
"
    );
}

#[test]
fn late_spans_name_the_root_they_belong_under() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(2, "retrieve").under(1),
        chat(7, 3, 4).under(6).millis(8, 1),
        pipeline(1, "support-answer"),
    ]));
    console.export_spans(batch([
        stage(6, "summarize").under(1).millis(7, 30),
        stage(5, "store").under(2).millis(5, 20),
    ]));
    console.export_spans(batch([stage(8, "audit").under(6).millis(40, 1)]));
    console.close();
    assert_eq!(
        paper.text(),
        "
support-answer                                    10 ms  ok
└─ retrieve                                       10 ms  ok
late, under support-answer
├─ store                                          20 ms  ok
└─ summarize                                      30 ms  ok      3 → 4 tokens
   └─ chat gpt-4o-mini         openai            1.0 ms  ok      3 → 4 tokens
late, under support-answer
└─ audit                                         1.0 ms  ok
"
    );
}

#[test]
fn a_span_whose_parent_never_comes_is_shown_in_the_end() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(3, "orphan").under(99),
        stage(4, "its-child").under(3).millis(1, 1),
        pipeline(1, "support-answer"),
    ]));
    assert_eq!(paper.writes().len(), 1);
    console.close();
    assert_eq!(
        paper.text(),
        "
support-answer                                    10 ms  ok
late, under support-answer
└─ orphan                                         10 ms  ok      (parent not seen)
   └─ its-child                                  1.0 ms  ok
"
    );
}

#[test]
fn traces_without_an_end_are_printed_at_close() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(4, "later").under(1).millis(9, 1),
        stage(3, "inner").under(2).millis(1, 1),
        stage(2, "outer").under(1).millis(1, 2),
        stage(22, "elsewhere").under(21).in_trace(2),
    ]));
    assert_eq!(paper.text(), "\n");
    console.close();
    assert_eq!(
        paper.text(),
        "
trace 4bf92f35…, incomplete: its root has not ended
├─ outer                                         2.0 ms  ok      (parent not seen)
│  └─ inner                                      1.0 ms  ok
└─ later                                         1.0 ms  ok      (parent not seen)
trace 4bf92f35…, incomplete: its root has not ended
└─ elsewhere                                      10 ms  ok      (parent not seen)
"
    );
    console.close();
    assert_eq!(paper.writes().len(), 2, "once");
}

#[test]
fn two_local_roots_of_one_trace_are_two_trees() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(3, "of-the-second").under(2),
        pipeline(1, "first").under_remote(98),
        stage(4, "late-of-the-first").under(1),
    ]));
    console.export_spans(batch([pipeline(2, "second").under_remote(99)]));
    assert_eq!(paper.text(), "
first                                             10 ms  ok      (continues trace 4bf92f35… from remote)
└─ late-of-the-first                              10 ms  ok
second                                            10 ms  ok      (continues trace 4bf92f35… from remote)
└─ of-the-second                                  10 ms  ok
");
}

fn shown(given: &Given) -> Shown {
    Shown::new(&given.0, plain().glyphs)
}

fn names(block: &Block) -> Vec<&str> {
    match block {
        Block::Tree { root, below, .. } => {
            below.iter().chain([&**root]).map(|span| span.name.as_str()).collect()
        }
        Block::Late { spans, .. } | Block::Incomplete { spans, .. } => {
            spans.iter().map(|span| span.name.as_str()).collect()
        }
    }
}

#[test]
fn beyond_the_bound_the_oldest_trace_goes_first() {
    let mut held = Held::with_limits(3, 100);
    assert!(held.accept(vec![shown(&stage(12, "a").under(11).in_trace(1))]).is_empty());
    assert!(held.accept(vec![shown(&stage(22, "b").under(21).in_trace(2))]).is_empty());
    assert!(held.accept(vec![shown(&stage(13, "a2").under(11).in_trace(1))]).is_empty());
    let blocks = held.accept(vec![shown(&stage(32, "c").under(31).in_trace(3))]);
    let [block @ Block::Incomplete { .. }] = &*blocks else { panic!("{blocks:?}") };
    assert_eq!(names(block), ["a", "a2"]);
    let rest = held.rest();
    assert_eq!(rest.iter().map(names).collect::<Vec<_>>(), [["b"], ["c"]]);
}

#[test]
fn what_follows_an_incomplete_tree_says_so() {
    let (mut console, paper) = console(plain());
    let many = u64::try_from(HELD_SPANS).unwrap();
    console.export_spans(batch((2..many + 3).map(|id| stage(id, "item").under(1).millis(id, 1))));
    let text = paper.text();
    assert_eq!(text.lines().count(), HELD_SPANS + 3, "all of them and a title");
    assert_eq!(
        text.lines().take(3).collect::<Vec<_>>(),
        [
            "",
            "trace 4bf92f35…, incomplete: more than 8192 spans wait for their roots",
            "├─ item                                          1.0 ms  ok      (parent not seen)",
        ]
    );

    console.export_spans(batch([
        stage(10_000, "detail").under(2),
        stage(10_001, "item").under(1),
        pipeline(1, "map"),
    ]));
    let after: String = paper.writes().split_off(1).concat();
    assert_eq!(
        format!("\n{after}"),
        "
map                                               10 ms  ok      (a part of it is above)
└─ item                                           10 ms  ok
late, under the incomplete trace 4bf92f35…
└─ detail                                         10 ms  ok
"
    );
}

#[test]
fn printed_trees_are_forgotten_in_order_and_nothing_is_lost() {
    let mut held = Held::with_limits(100, 4);
    held.accept(vec![shown(&stage(11, "old").in_trace(1))]);
    for id in 0..4 {
        held.accept(vec![shown(&stage(100 + id, "new").in_trace(10 + u128::from(id)))]);
    }
    assert!(held.accept(vec![shown(&stage(12, "of-old").under(11).in_trace(1))]).is_empty());
    let blocks = held.accept(vec![shown(&stage(104, "of-new").under(103).in_trace(13))]);
    assert!(matches!(&*blocks, [Block::Late { .. }]), "{blocks:?}");
    let rest = held.rest();
    assert!(matches!(&*rest, [Block::Incomplete { .. }]), "{rest:?}");
}
