//! Content that tries to do more than be read.

use super::super::screen::Screen;
use super::given::{batch, console, foreign, pipeline, plain, printed, stage};
use crate::semconv::attribute;

#[test]
fn control_characters_are_shown_and_not_obeyed() {
    let spans = [
        stage(2, "a\u{1b}[2Jb\r\nc")
            .under(1)
            .with("title", "\u{1b}]0;pwned\u{7}")
            .with("direction", "abc\u{202e}fed")
            .with("c1", "x\u{9b}31my")
            .with("key\u{1b}[31m", "tab\there")
            .with(attribute::STAGE_KIND, "\u{8}\u{8}\u{8}"),
        foreign(3, "query").under(1).millis(1, 1).failed("bad\n\u{1b}[41m").exception(
            "Ty\u{1b}pe",
            "bad\n\u{1b}[41m",
            "first\u{1b}[0m\nsecond",
        ),
        stage(4, "events").under(1).millis(2, 1).event("e\u{1b}vent"),
        pipeline(1, "p\u{7f}"),
    ];
    let text = printed(Screen::fixed(None, false, true), spans);
    let control: Vec<_> = text.chars().filter(|it| it.is_control() && *it != '\n').collect();
    assert!(control.is_empty(), "{control:?}");
    assert_eq!(
        text,
        r"
p\u{7f}                                           10 ms  ok
├─ a\u{1b}[2Jb\r\nc            \u{8}\u{8}\u{8}    10 ms  ok      title=\u{1b}]0;pwned\u{7}  direction=abc\u{202e}fed  c1=x\u{9b}31my  key\u{1b}[31m=tab\there
├─ query                                         1.0 ms  error   Ty\u{1b}pe: bad\n\u{1b}[41m
│     first\u{1b}[0m
│     second
└─ events                                        1.0 ms  ok      events: e\u{1b}vent
"
    );
}

#[test]
fn text_without_end_is_cut_in_the_middle() {
    let marks = format!("{}{}", "a", "\u{301}".repeat(1_000_000));
    let name: &'static str = "n".repeat(1_000_000).leak();
    let spans = [stage(1, name)
        .with("marks", marks)
        .with("text", format!("begin{}end", "x".repeat(1_000_000)))
        .failed(Box::leak("e".repeat(1_000_000).into_boxed_str()))];
    let text = printed(plain(), spans);
    assert!(text.len() < 2_000, "{} bytes", text.len());
    assert!(text.contains("text=beginxxx") && text.contains("xend"), "{text}");
}

#[test]
fn a_tree_deeper_than_the_stack_is_printed() {
    let mut spans: Vec<_> = (2..=8_000).map(|id| stage(id, "level").under(id - 1)).collect();
    spans.push(stage(1, "top"));
    let text = printed(plain(), spans);
    assert_eq!(text.lines().count(), 8_001);
    let widest = text.lines().map(str::len).max();
    assert!(widest < Some(400), "{widest:?}");
}

#[test]
fn parents_in_a_circle_are_printed_in_the_end() {
    let (mut console, paper) = console(plain());
    console.export_spans(batch([
        stage(2, "hen").under(3).millis(1, 1),
        stage(3, "egg").under(2).millis(2, 1),
        stage(4, "its-own-parent").under(4).millis(3, 1),
    ]));
    assert_eq!(paper.text(), "\n");
    console.close();
    assert_eq!(
        paper.text(),
        "
trace 4bf92f35…, incomplete: its root has not ended
├─ hen                                           1.0 ms  ok
│  └─ egg                                        1.0 ms  ok
└─ its-own-parent                                1.0 ms  ok
"
    );
}

#[test]
fn two_spans_with_one_id_are_both_printed() {
    let spans = [
        stage(2, "twin").under(1).millis(1, 1),
        stage(2, "twin").under(1).millis(2, 1),
        stage(3, "child").under(2).millis(1, 1),
        stage(1, "top"),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
top                                               10 ms  ok
├─ twin                                          1.0 ms  ok
│  └─ child                                      1.0 ms  ok
└─ twin                                          1.0 ms  ok
"
    );
}
