//! What one sees of a run in which all goes well.

use opentelemetry::trace::SpanKind;
use opentelemetry::{Array, StringValue, Value};

use super::super::screen::Screen;
use super::given::{Given, chat, foreign, pipeline, plain, printed, stage};
use crate::semconv::attribute;

/// The run that the crate's documentation opens with.
pub(super) fn support_answer() -> [Given; 3] {
    [
        stage(2, "retrieve")
            .under(1)
            .millis(3, 42)
            .with(attribute::STAGE_KIND, "retriever")
            .with("top_k", 5),
        chat(3, 612, 148)
            .under(1)
            .millis(46, 1790)
            .with(attribute::REQUEST_TEMPERATURE, 0.2)
            .with(attribute::RESPONSE_MODEL, "gpt-4o-mini-2024-07-18")
            .with(attribute::RESPONSE_TIME_TO_FIRST_CHUNK, 0.31),
        pipeline(1, "support-answer").millis(0, 1840).with(attribute::SESSION_ID, "s-1"),
    ]
}

#[test]
fn a_run_is_printed_as_the_tree_of_the_documentation() {
    assert_eq!(printed(plain(), support_answer()), "
support-answer                                   1.84 s  ok      612 → 148 tokens
├─ retrieve                    retriever          42 ms  ok      top_k=5
└─ chat gpt-4o-mini            openai            1.79 s  ok      612 → 148 tokens  first chunk 310 ms
");
}

#[test]
fn colours_say_what_the_words_say() {
    let text = printed(Screen::fixed(Some(120), true, true), support_answer());
    assert_eq!(text.replace('\u{1b}', "␛"), "
␛[1msupport-answer␛[0m                                   1.84 s  ␛[32mok␛[0m      612 → 148 tokens
␛[2m├─ ␛[0mretrieve                    ␛[2mretriever␛[0m          42 ms  ␛[32mok␛[0m      top_k=5
␛[2m└─ ␛[0mchat gpt-4o-mini            ␛[2mopenai␛[0m            1.79 s  ␛[32mok␛[0m      612 → 148 tokens  first chunk 310 ms
");
}

#[test]
fn without_unicode_the_same_tree_is_ascii() {
    let text = printed(
        Screen::fixed(None, false, false),
        support_answer()
            .into_iter()
            .chain([stage(8, "größe").under(7).micros(1, 850), pipeline(7, "second").in_trace(1)]),
    );
    assert!(text.is_ascii(), "{text}");
    assert_eq!(
        text,
        r"
support-answer                                   1.84 s  ok      612 -> 148 tokens
|- retrieve                    retriever          42 ms  ok      top_k=5
`- chat gpt-4o-mini            openai            1.79 s  ok      612 -> 148 tokens  first chunk 310 ms
second                                            10 ms  ok
`- gr\u{f6}\u{df}e                               850 us  ok
"
    );
}

#[test]
fn nested_pipelines_count_their_tokens_once() {
    let spans = [
        chat(4, 100, 10).under(3).millis(2, 3),
        pipeline(3, "inner").under(2).millis(1, 5),
        chat(5, 20, 2).under(2).millis(6, 1),
        stage(2, "refine").under(1).millis(1, 8),
        chat(6, 1000, 0).under(1).millis(9, 1),
        pipeline(1, "outer"),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
outer                                             10 ms  ok      1120 → 12 tokens
├─ refine                                        8.0 ms  ok      120 → 12 tokens
│  ├─ inner                                      5.0 ms  ok      100 → 10 tokens
│  │  └─ chat gpt-4o-mini      openai            3.0 ms  ok      100 → 10 tokens
│  └─ chat gpt-4o-mini         openai            1.0 ms  ok      20 → 2 tokens
└─ chat gpt-4o-mini            openai            1.0 ms  ok      1000 → 0 tokens
"
    );
}

#[test]
fn what_a_span_used_itself_is_not_added_to_what_is_below_it() {
    let spans = [
        chat(3, 612, 148).under(2),
        pipeline(2, "sums-itself")
            .under(1)
            .with(attribute::USAGE_INPUT_TOKENS, 612)
            .with(attribute::USAGE_OUTPUT_TOKENS, 148),
        pipeline(1, "outer"),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
outer                                             10 ms  ok      612 → 148 tokens
└─ sums-itself                                    10 ms  ok      612 → 148 tokens
   └─ chat gpt-4o-mini         openai             10 ms  ok      612 → 148 tokens
"
    );
}

#[test]
fn embeddings_have_input_tokens_only() {
    let mut embeddings = chat(1, 90, 0);
    embeddings.0.name = "embeddings text-embedding-3-small".into();
    embeddings.0.attributes.pop();
    assert_eq!(
        printed(plain(), [embeddings]),
        "
embeddings text-embedding-3-small  openai             10 ms  ok      90 input tokens
"
    );
}

#[test]
fn spans_of_other_libraries_stand_where_they_ran() {
    let spans = [
        foreign(4, "SELECT documents")
            .under(3)
            .micros(1200, 850)
            .kind(SpanKind::Client)
            .with("db.system.name", "postgresql")
            .with("code.file.path", "src/db.rs")
            .with("thread.id", 7),
        foreign(3, "search").under(2).millis(1, 3).with("rows", 5),
        stage(2, "retrieve").under(1).millis(1, 4),
        foreign(1, "POST /answer").kind(SpanKind::Server).with("http.response.status_code", 200),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
POST /answer                   server             10 ms  ok      http.response.status_code=200
└─ retrieve                                      4.0 ms  ok
   └─ search                                     3.0 ms  ok      rows=5
      └─ SELECT documents      client            850 µs  ok      db.system.name=postgresql
"
    );
}

#[test]
fn a_remote_parent_is_named_at_the_root() {
    let spans = [stage(2, "retrieve").under(1), pipeline(1, "support-answer").under_remote(99)];
    assert_eq!(printed(plain(), spans), "
support-answer                                    10 ms  ok      (continues trace 4bf92f35… from remote)
└─ retrieve                                       10 ms  ok
");
}

#[test]
fn children_stand_in_the_order_of_their_start() {
    let spans = [
        stage(4, "third").under(1).millis(5, 1),
        stage(2, "first").under(1).millis(1, 2),
        stage(3, "second").under(1).millis(2, 8),
        pipeline(1, "fan-out"),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
fan-out                                           10 ms  ok
├─ first                                         2.0 ms  ok
├─ second                                        8.0 ms  ok
└─ third                                         1.0 ms  ok
"
    );
}

#[test]
fn values_look_like_what_they_are() {
    let array = |texts: &[&'static str]| {
        Value::Array(Array::String(texts.iter().map(|text| StringValue::from(*text)).collect()))
    };
    let spans = [stage(1, "values")
        .with("flag", true)
        .with("share", 0.25)
        .with("query", "two words")
        .with("none", "")
        .with("ids", array(&["a", "b"]))
        .with("long", "0123456789".repeat(20))];
    assert_eq!(
        printed(plain(), spans),
        r#"
values                                            10 ms  ok      flag=true  share=0.25  query="two words"  none=""  ids=["a","b"]  long=0123456789012345678901234567890123456789…1234567890123456789
"#
    );
}

#[test]
fn unusual_answers_are_pointed_out() {
    let finished =
        |reason: &'static str| Value::Array(Array::String(vec![StringValue::from(reason)]));
    let spans = [
        chat(2, 1, 1)
            .under(1)
            .millis(1, 1)
            .with(attribute::RESPONSE_FINISH_REASONS, finished("stop")),
        chat(3, 1, 1)
            .under(1)
            .millis(2, 1)
            .with(attribute::RESPONSE_FINISH_REASONS, finished("length"))
            .with(attribute::RESPONSE_MODEL, "gpt-3.5-turbo")
            .with(attribute::USAGE_CACHE_READ_INPUT_TOKENS, 512)
            .with(attribute::USAGE_REASONING_OUTPUT_TOKENS, 64),
        stage(1, "ask").event("retry").event("retry").event("fallback").link(),
    ];
    assert_eq!(printed(plain(), spans), "
ask                                               10 ms  ok      2 → 2 tokens  events: retry ×2, fallback  1 link
├─ chat gpt-4o-mini            openai            1.0 ms  ok      1 → 1 tokens
└─ chat gpt-4o-mini            openai            1.0 ms  ok      1 → 1 tokens  512 cached  64 reasoning  answered by gpt-3.5-turbo  finished by length
");
}

#[test]
fn many_attributes_are_counted() {
    let names: Vec<&'static str> = ('a'..='z').map(|name| &*name.to_string().leak()).collect();
    let mut span = stage(1, "wide");
    for name in names {
        span = span.with(name, 1);
    }
    span.0.dropped_attributes_count = 3;
    assert_eq!(printed(plain(), [span]), "
wide                                              10 ms  ok      a=1  b=1  c=1  d=1  e=1  f=1  g=1  h=1  i=1  j=1  k=1  l=1  m=1  n=1  o=1  p=1  q=1  r=1  s=1  t=1  u=1  v=1  w=1  x=1  2 more attributes  3 attributes dropped
");
}

#[test]
fn a_clock_set_back_is_no_time() {
    let mut span = stage(1, "odd");
    std::mem::swap(&mut span.0.start_time, &mut span.0.end_time);
    assert_eq!(
        printed(plain(), [span]),
        "
odd                                                0 ns  ok
"
    );
}
