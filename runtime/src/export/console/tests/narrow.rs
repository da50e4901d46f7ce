//! What a terminal's width does.

use super::super::screen::Screen;
use super::given::{Given, chat, pipeline, printed, stage};
use super::picture::support_answer;
use crate::semconv::attribute;

fn at(width: usize) -> Screen {
    Screen::fixed(Some(width), false, true)
}

/// No line is wider than the screen, and nothing is lost.
fn assert_fits(width: usize, text: &str) {
    use unicode_width::UnicodeWidthStr;
    for line in text.lines() {
        assert!(line.width() <= width, "{} columns: {line}", line.width());
    }
}

#[test]
fn with_room_the_columns_are_those_of_every_tree() {
    assert_eq!(
        printed(at(120), support_answer()),
        printed(Screen::fixed(None, false, true), support_answer())
    );
}

#[test]
fn eighty_columns_are_enough() {
    let text = printed(at(80), support_answer());
    assert_fits(80, &text);
    assert_eq!(
        text,
        "
support-answer                  1.84 s  ok  612 → 148 tokens
├─ retrieve          retriever   42 ms  ok  top_k=5
└─ chat gpt-4o-mini  openai     1.79 s  ok  612 → 148 tokens  first chunk 310 ms
"
    );
}

#[test]
fn items_go_on_below_their_span() {
    let text = printed(at(56), support_answer());
    assert_fits(56, &text);
    assert_eq!(
        text,
        "
support-answer                  1.84 s  ok
│  612 → 148 tokens
├─ retrieve          retriever   42 ms  ok  top_k=5
└─ chat gpt-4o-mini  openai     1.79 s  ok
      612 → 148 tokens  first chunk 310 ms
"
    );
}

#[test]
fn details_go_before_names_are_shortened() {
    let text = printed(at(44), support_answer());
    assert_fits(44, &text);
    assert_eq!(
        text,
        "
support-answer                  1.84 s  ok
│  612 → 148 tokens
├─ retrieve          retriever   42 ms  ok
│     top_k=5
└─ chat gpt-4o-mini  openai     1.79 s  ok
      612 → 148 tokens  first chunk 310 ms
"
    );
}

#[test]
fn names_are_shortened_at_last() {
    let text = printed(at(30), support_answer());
    assert_fits(30, &text);
    assert_eq!(
        text,
        "
support-answer      1.84 s  ok
│  612 → 148 tokens
├─ retrieve          42 ms  ok
│     retriever  top_k=5
└─ chat gpt-4…mini  1.79 s  ok
      612 → 148 tokens  openai
      first chunk 310 ms
"
    );
}

#[test]
fn a_terminal_of_one_column_gets_everything_all_the_same() {
    let text = printed(at(1), support_answer());
    for part in ["612 → 148 tokens", "top_k=5", "first chunk 310 ms", "retriever", "openai"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn the_lines_of_the_tree_go_on_beside_wrapped_items() {
    let query = "what does a stage keep of its arguments";
    let spans = [
        stage(3, "inner").under(2).millis(2, 1).with("query", query).with("top_k", 5),
        stage(2, "outer").under(1).millis(1, 5).with("query", query).with("top_k", 5),
        chat(4, 1, 2).under(1).millis(7, 1),
        pipeline(1, "root").with("query", query).with("user.plan", "free"),
    ];
    let text = printed(at(60), spans);
    assert_fits(60, &text);
    assert_eq!(
        text,
        r#"
root                          10 ms  ok  1 → 2 tokens
│  query="what does a stage keep of its arguments"
│  user.plan=free
├─ outer                     5.0 ms  ok
│  │  query="what does a stage keep of its arguments"
│  │  top_k=5
│  └─ inner                  1.0 ms  ok
│        query="what does a stage keep of its arguments"
│        top_k=5
└─ chat gpt-4o-mini  openai  1.0 ms  ok  1 → 2 tokens
"#
    );
}

#[test]
fn wide_characters_take_two_columns() {
    let spans = || -> [Given; 3] {
        [
            stage(2, "検索する").under(1).millis(1, 2).with("query", "東京の天気は"),
            stage(3, "🦀 rerank").under(1).millis(3, 2).with(attribute::STAGE_KIND, "再ランク"),
            pipeline(1, "回答"),
        ]
    };
    assert_eq!(
        printed(Screen::fixed(None, false, true), spans()),
        "
回答                                              10 ms  ok
├─ 検索する                                      2.0 ms  ok      query=東京の天気は
└─ 🦀 rerank                   再ランク          2.0 ms  ok
"
    );
    let text = printed(at(32), spans());
    assert_fits(32, &text);
    assert_eq!(
        text,
        "
回答           10 ms  ok
├─ 検索する   2.0 ms  ok
│     query=東京の天気は
└─ 🦀 rerank  2.0 ms  ok
      再ランク
"
    );
}

#[test]
fn a_tree_deeper_than_the_screen_is_wide_shifts_left() {
    let mut spans: Vec<_> = (2..=40)
        .map(|id| {
            stage(id, "level")
                .under(id - 1)
                .millis(id, 100 - 2 * id)
                .with("depth", i64::try_from(id).unwrap())
        })
        .collect();
    spans.reverse();
    spans.push(stage(1, "top"));
    let text = printed(at(60), spans);
    assert_fits(60, &text);
    let lines: Vec<_> = text.lines().rev().take(2).collect();
    assert_eq!(
        lines,
        [
            "…                    └─ level  20 ms  ok  depth=40",
            "…                    └─ level  22 ms  ok  depth=39",
        ]
    );
}
