//! What one sees of a run in which something goes wrong.

use opentelemetry::trace::SpanKind;

use super::super::screen::Screen;
use super::given::{Given, chat, foreign, pipeline, plain, printed, stage};
use crate::semconv::{attribute, error_type};

fn failing() -> [Given; 5] {
    [
        chat(2, 612, 0)
            .under(1)
            .millis(1, 2)
            .with(attribute::ERROR_TYPE, "rate_limit_exceeded")
            .failed("429 Too Many Requests")
            .exception(
                "rate_limit_exceeded",
                "429 Too Many Requests",
                "429 Too Many Requests\ncaused by: the tokens of this minute are used up",
            ),
        stage(3, "rerank").under(1).millis(3, 1).with(attribute::ERROR_TYPE, error_type::CANCELLED),
        stage(4, "parse")
            .under(1)
            .millis(4, 1)
            .with(attribute::ERROR_TYPE, error_type::PANIC)
            .failed("index out of bounds: the len is 0")
            .exception(error_type::PANIC, "index out of bounds: the len is 0", ""),
        foreign(5, "GET /documents").under(1).millis(5, 1).kind(SpanKind::Client).failed("refused"),
        pipeline(1, "support-answer")
            .with(attribute::ERROR_TYPE, error_type::OTHER)
            .failed("no answer"),
    ]
}

#[test]
fn each_outcome_says_what_happened_once() {
    assert_eq!(printed(plain(), failing()), "
support-answer                                    10 ms  error      612 → 0 tokens  no answer
├─ chat gpt-4o-mini            openai            2.0 ms  error      612 → 0 tokens  rate_limit_exceeded: 429 Too Many Requests
│     caused by: the tokens of this minute are used up
├─ rerank                                        1.0 ms  cancelled
├─ parse                                         1.0 ms  panicked   index out of bounds: the len is 0
└─ GET /documents              client            1.0 ms  error      refused
");
}

#[test]
fn each_outcome_has_its_colour() {
    let text = printed(Screen::fixed(Some(200), true, true), failing());
    assert_eq!(text.replace('\u{1b}', "␛"), "
␛[1msupport-answer␛[0m                                    10 ms  ␛[31merror␛[0m      612 → 0 tokens  ␛[31mno answer␛[0m
␛[2m├─ ␛[0mchat gpt-4o-mini            ␛[2mopenai␛[0m            2.0 ms  ␛[31merror␛[0m      612 → 0 tokens  ␛[31mrate_limit_exceeded: 429 Too Many Requests␛[0m
␛[2m│␛[0m     ␛[2mcaused by: the tokens of this minute are used up␛[0m
␛[2m├─ ␛[0mrerank                                        1.0 ms  ␛[33mcancelled␛[0m
␛[2m├─ ␛[0mparse                                         1.0 ms  ␛[1m␛[35mpanicked␛[0m   ␛[1m␛[35mindex out of bounds: the len is 0␛[0m
␛[2m└─ ␛[0mGET /documents              ␛[2mclient␛[0m            1.0 ms  ␛[31merror␛[0m      ␛[31mrefused␛[0m
");
}

#[test]
fn an_error_that_does_not_fit_stands_below_its_span() {
    let text = printed(Screen::fixed(Some(70), false, true), failing());
    assert_eq!(
        text,
        "
support-answer                10 ms  error      612 → 0 tokens
│  no answer
├─ chat gpt-4o-mini  openai  2.0 ms  error      612 → 0 tokens
│     rate_limit_exceeded: 429 Too Many Requests
│     caused by: the tokens of this minute are used up
├─ rerank                    1.0 ms  cancelled
├─ parse                     1.0 ms  panicked
│     index out of bounds: the len is 0
└─ GET /documents    client  1.0 ms  error      refused
"
    );
}

#[test]
fn errors_that_a_span_survived_are_told_too() {
    let spans = [stage(1, "ask")
        .exception("Timeout", "no answer in 30 s", "")
        .exception("Timeout", "no answer in 30 s", "")
        .exception("Refused", "429", "")
        .exception("Parse", "no JSON", "")
        .exception("Parse", "still no JSON", "")];
    assert_eq!(
        printed(plain(), spans),
        "
ask                                               10 ms  ok
   recorded Timeout: no answer in 30 s
   recorded Refused: 429
   recorded Parse: no JSON
   1 more recorded error
"
    );
}

#[test]
fn of_a_long_stack_trace_the_first_lines_are_shown() {
    let frames: Vec<_> = (0..40).map(|at| format!("   {at}: app::frame_{at}")).collect();
    let trace = format!("DbError: gone\n{}", frames.join("\n"));
    let spans = [foreign(1, "query").failed("gone").exception("DbError", "gone", &trace)];
    assert_eq!(
        printed(plain(), spans),
        "
query                                             10 ms  error   DbError: gone
   0: app::frame_0
   1: app::frame_1
   2: app::frame_2
   3: app::frame_3
   4: app::frame_4
   5: app::frame_5
   34 more lines
"
    );
}

#[test]
fn an_error_without_a_message_shows_its_type() {
    let spans = [
        stage(2, "typed").under(1).with(attribute::ERROR_TYPE, "app::Error").failed(""),
        stage(3, "bare").under(1).millis(1, 1).failed(""),
        stage(1, "root"),
    ];
    assert_eq!(
        printed(plain(), spans),
        "
root                                              10 ms  ok
├─ typed                                          10 ms  error   app::Error
└─ bare                                          1.0 ms  error
"
    );
}

#[test]
fn a_message_that_opens_with_its_type_is_not_led_by_it_again() {
    let spans = [stage(1, "ask")
        .with(attribute::ERROR_TYPE, "ApiError")
        .failed("ApiError: 500")
        .exception("ApiError", "ApiError: 500", "ApiError: 500\ncaused by: reset")];
    assert_eq!(
        printed(plain(), spans),
        "
ask                                               10 ms  error   ApiError: 500
   caused by: reset
"
    );
}

#[test]
fn an_error_that_was_recorded_and_then_returned_is_told_once() {
    let sources = "no answer\ncaused by: reset";
    let spans = [stage(1, "ask")
        .with(attribute::ERROR_TYPE, "Timeout")
        .failed("no answer")
        .exception("Refused", "answer", "")
        .exception("Timeout", "no answer", sources)
        .exception("Timeout", "no answer", sources)];
    assert_eq!(
        printed(plain(), spans),
        "
ask                                               10 ms  error   Timeout: no answer
   caused by: reset
   recorded Refused: answer
"
    );
}

#[test]
fn an_abandoned_stream_is_told_with_its_chunks_in_the_colour_of_cancelled() {
    let spans = || {
        [
            chat(1, 612, 9)
                .with(attribute::STREAM_CHUNKS, 12)
                .with(attribute::RESPONSE_TIME_TO_FIRST_CHUNK, 0.31)
                .with(attribute::ERROR_TYPE, error_type::ABANDONED),
            stage(2, "split")
                .with(attribute::STREAM_CHUNKS, 1)
                .with(attribute::STREAM_TIME_TO_FIRST_CHUNK, 0.002),
            stage(3, "write").with(attribute::SINK_ITEMS, 2),
        ]
    };
    assert_eq!(
        printed(plain(), spans()),
        "
chat gpt-4o-mini               openai             10 ms  abandoned  612 → 9 tokens  first chunk 310 ms  12 chunks
split                                             10 ms  ok      first chunk 2.0 ms  1 chunk
write                                             10 ms  ok      2 items sent
"
    );
    let text = printed(Screen::fixed(Some(200), true, true), spans());
    assert!(text.contains("\u{1b}[33mabandoned\u{1b}[0m"), "{text}");
}
