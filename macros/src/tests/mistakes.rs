//! Each mistake under its caret, in the arguments or in the function.

use proc_macro2::TokenStream;

use crate::check::Call;
use crate::operation::{self, Operation};

const FUNCTION: &str = "async fn complete(request: Request) {}";

/// The errors of one attribute, each as carets under the text it is about and its message.
fn drawn(operation: &'static Operation, args: &str, item: &str) -> Vec<String> {
    let args: TokenStream = args.parse().unwrap();
    let item: TokenStream = item.parse().unwrap();
    let Err(errors) = Call::check(args, item, operation) else { return Vec::new() };
    let draw = |error: syn::Error| {
        let span = error.span();
        let (start, end) = (span.start().column, span.end().column);
        format!("{}{} {error}", " ".repeat(start), "^".repeat(end - start))
    };
    errors.into_iter().map(draw).collect()
}

#[track_caller]
fn check_args(operation: &'static Operation, args: &str, expected: &[&str]) {
    assert_eq!(drawn(operation, args, FUNCTION), expected, "\n{args}");
}

#[track_caller]
fn check_item(item: &str, expected: &[&str]) {
    assert_eq!(drawn(&operation::STAGE, "", item), expected, "\n{item}");
}

#[test]
fn every_unknown_argument_is_told_with_the_one_that_was_meant() {
    check_args(
        &operation::LLM_CALL,
        r#"provder = "openai", modle = "m", provider = "openai""#,
        &[
            "^^^^^^^ unknown argument `provder`; did you mean `provider`?",
            "                    ^^^^^ unknown argument `modle`; did you mean `model`?",
        ],
    );
}

#[test]
fn an_argument_nobody_knows_brings_the_list() {
    check_args(
        &operation::SPAN,
        "frobnicate = 3",
        &[
            "^^^^^^^^^^ unknown argument `frobnicate`; expected one of `kind`, `name`, `attributes`, \
           `result`, `parent`, `links`, `root`, `ok_if`, `err`, `stream`, `crate`",
        ],
    );
}

#[test]
fn a_name_of_another_library_is_understood() {
    check_args(
        &operation::PIPELINE,
        "fields(a = 1), session_id = 3, labels(b = 2)",
        &[
            "               ^^^^^^^^^^ unknown argument `session_id`; did you mean `session`?",
            "                               ^^^^^^ unknown argument `labels`; did you mean `attributes`?",
            "^^^^^^ unknown argument `fields`; did you mean `attributes`?",
        ],
    );
}

#[test]
fn an_argument_of_another_library_that_has_no_use_here_is_told_why() {
    check_args(
        &operation::STAGE,
        r#"skip(request), level = "debug", properties = { "a": "b" }"#,
        &[
            "               ^^^^^ there is no `level`: a span has no level; remove it",
            "                                ^^^^^^^^^^ unknown argument `properties`; did you mean `attributes`?",
            "^^^^ there is no `skip`: nothing is recorded unless it is named; remove it",
        ],
    );
    check_args(
        &operation::STAGE,
        "skip_all",
        &["^^^^^^^^ there is no `skip_all`: nothing is recorded unless it is named; remove it"],
    );
    let named = "fn count(level: &str, skip_all: &str) {}";
    assert!(drawn(&operation::STAGE, "level", named).is_empty());
    assert!(drawn(&operation::STAGE, "skip_all", named).is_empty());
}

#[test]
fn a_streamed_request_and_a_stream_to_follow_are_told_apart() {
    check_args(
        &operation::LLM_CALL,
        "provider = p, streamed = true, chunks = |reply| &mut reply.chunks",
        &[
            "              ^^^^^^^^ unknown argument `streamed`; did you mean `streaming`?",
            "                               ^^^^^^ unknown argument `chunks`; did you mean `stream`?",
        ],
    );
    check_args(
        &operation::STAGE,
        "stream = request.stream",
        &["         ^^^^^^^^^^^^^^ `stream` is a function to the stream in the returned value; \
           write `stream = |reply| &mut reply.chunks`"],
    );
}

#[test]
fn a_misplaced_argument_is_told_where_it_belongs() {
    check_args(
        &operation::STAGE,
        "id = 1, top_p = 0.5, run_id = 3",
        &[
            "        ^^^^^ `top_p` has no meaning for `#[trace_stage]`; it belongs to \
             `#[trace_llm_call]` and `#[trace_agent]`",
            "                     ^^^^^^ `run_id` has no meaning for `#[trace_stage]`; it belongs to \
             `#[trace_pipeline]`",
        ],
    );
}

#[test]
fn what_generates_and_what_embeds_have_their_own_arguments() {
    check_args(
        &operation::LLM_CALL,
        r#"provider = p, encoding_formats = ["float"], temperature = 1"#,
        &[
            "              ^^^^^^^^^^^^^^^^ `encoding_formats` has no meaning for `chat`; it belongs to \
           `embeddings`",
        ],
    );
    check_args(
        &operation::LLM_CALL,
        r#"provider = p, operation = "embeddings", dimension_count = 1, seed = 1"#,
        &[
            "                                                             ^^^^ `seed` has no meaning \
           for `embeddings`; it belongs to `chat`, `text_completion` and `generate_content`",
        ],
    );
}

#[test]
fn a_repeated_argument_is_told_at_the_second() {
    check_args(
        &operation::STAGE,
        r#""a", kind = "b", kind = "c", root, root, name = "d""#,
        &[
            "                 ^^^^ `kind` is given twice",
            "                                   ^^^^ `root` is given twice",
            "                                         ^^^^ `name` is given twice",
        ],
    );
}

#[test]
fn a_missing_and_a_surplus_value_are_told() {
    check_args(
        &operation::LLM_CALL,
        "provider = , top_p, seed(1), root = true, attributes = 3",
        &[
            "^^^^^^^^ `provider` needs a value; write `provider = …`",
            "             ^^^^^ `top_p` needs a value; write `top_p = …`",
            "                    ^^^^ `seed` needs a value; write `seed = …`",
            "                                    ^^^^ `root` takes no value; write `root` alone",
            "                                          ^^^^^^^^^^ `attributes` is a list; write \
             `attributes(key = value, …)`",
        ],
    );
}

#[test]
fn a_broken_value_does_not_hide_the_next_mistake() {
    check_args(
        &operation::LLM_CALL,
        r#"provider = "openai", top_p = 1 +, modle = "m""#,
        &[
            "                                ^ expected an expression",
            "                                  ^^^^^ unknown argument `modle`; did you mean `model`?",
        ],
    );
}

#[test]
fn a_missing_comma_does_not_hide_the_next_mistake() {
    check_args(
        &operation::LLM_CALL,
        r#"provider = "openai" modle = "m""#,
        &[
            "                    ^^^^^ expected `,`",
            "                    ^^^^^ unknown argument `modle`; did you mean `model`?",
        ],
    );
}

#[test]
fn a_value_of_a_closed_set_is_checked() {
    check_args(
        &operation::SPAN,
        r#"kind = "clinet""#,
        &["       ^^^^^^^^ unknown span kind `clinet`; did you mean `client`?"],
    );
    check_args(
        &operation::SPAN,
        "kind = SpanKind::Client",
        &[
            "       ^^^^^^^^^^^^^^^^ expected one of `internal`, `client`, `server`, `producer` and \
           `consumer`",
        ],
    );
    check_args(
        &operation::SPAN,
        "kind = clinet, err = Debug",
        &[
            "       ^^^^^^ unknown span kind `clinet`; did you mean `client`?",
            "                     ^^^^^ unknown detail of errors `Debug`; did you mean `debug`?",
        ],
    );
    check_args(
        &operation::SPAN,
        r#"kind = , err = "none""#,
        &[
            "^^^^ `kind` needs a value; write `kind = …`",
            "               ^^^^^^ unknown detail of errors `none`; expected one of `display`, `debug`, \
             `type`",
        ],
    );
}

#[test]
fn a_value_of_a_closed_set_is_a_word_with_or_without_quotes() {
    for args in [
        "kind = client, err = type",
        r#"kind = "client", err = "type""#,
        "err = r#type, kind = r#client",
    ] {
        check_args(&operation::SPAN, args, &[]);
    }
    check_args(
        &operation::LLM_CALL,
        "provider = p, operation = embeddings, dimension_count = 1",
        &[],
    );
}

#[test]
fn a_provider_must_be_given() {
    assert_eq!(
        drawn(&operation::LLM_CALL, r#"model = "m""#, FUNCTION),
        ["         ^^^^^^^^ `#[trace_llm_call]` needs `provider`; write `provider = \"openai\"`"]
    );
}

#[test]
fn a_name_is_text_and_not_empty() {
    for (args, expected) in [
        ("3", "^ the name is text; write a string"),
        ("name = 'a'", "       ^^^ the name is text; write a string"),
        ("\" \"", "^^^ the name is empty; leave it out to use the function's name"),
        ("rot", "^^^ unknown argument `rot`; did you mean `root`?"),
    ] {
        check_args(&operation::STAGE, args, &[expected]);
    }
}

#[test]
fn a_lone_parameter_is_a_name_whatever_it_looks_like() {
    assert!(drawn(&operation::STAGE, "rot", "fn decay(rot: &str) {}").is_empty());
    assert!(drawn(&operation::STAGE, "NAME", FUNCTION).is_empty());
    assert!(drawn(&operation::STAGE, "a == b", FUNCTION).is_empty());
}

#[test]
fn a_root_has_no_parent() {
    check_args(
        &operation::STAGE,
        "parent = request.parent, root",
        &["                         ^^^^ a root span has no parent; remove `root` or `parent`"],
    );
}

#[test]
fn a_crate_is_a_path() {
    check_args(
        &operation::STAGE,
        "crate = \"spanline\"",
        &["        ^^^^^^^^^^ expected a path; write `crate = ::path::to::spanline`"],
    );
    check_args(
        &operation::STAGE,
        "crate = a::b + 1",
        &["        ^^^^^^^^ expected a path; write `crate = ::path::to::spanline`"],
    );
}

#[test]
fn every_mistaken_attribute_is_told() {
    check_args(
        &operation::STAGE,
        r#"attributes(a.b, c-d = 1, "" = 2, e = 3, e = 4, requst, response)"#,
        &[
            "           ^ `a.b` needs a value; write `a.b = …`",
            "                 ^ only dots join the parts of a name; write it as a string, \
             `\"a-key\" = value`",
            "                         ^^ the attribute has no name",
            "                                        ^ `e` is given twice",
            "                                               ^^^^^^ `requst` is not a parameter of \
             `complete`; did you mean `request`?",
            "                                                       ^^^^^^^^ `response` is not a \
             parameter of `complete`; write `response = …`",
        ],
    );
}

#[test]
fn every_mistaken_attribute_of_the_result_is_told() {
    check_args(
        &operation::STAGE,
        r#"result(hits, a.b, c-d = f, "" = f, e = f, e = g, 3), attributes(e = 1, h = 2)"#,
        &[
            "       ^^^^ `hits` needs a function; write `hits = |value| …`",
            "             ^ `a.b` needs a function; write `a.b = |value| …`",
            "                   ^ only dots join the parts of a name; write it as a string, \
             `\"a-key\" = |value| …`",
            "                           ^^ the attribute has no name",
            "                                          ^ `e` is given twice",
            "                                                 ^ expected an attribute; write \
             `a.key = |value| …` or `\"a-key\" = |value| …`",
            "                                                                ^ `e` is given twice",
        ],
    );
    check_args(
        &operation::STAGE,
        "result = 3, rsult(a = f)",
        &[
            "^^^^^^ `result` is a list; write `result(key = |value| …, …)`",
            "            ^^^^^ unknown argument `rsult`; did you mean `result`?",
        ],
    );
    check_args(
        &operation::STAGE,
        "rsult(a = f)",
        &["^^^^^ unknown argument `rsult`; did you mean `result`?"],
    );
}

#[test]
fn an_attribute_is_set_from_the_arguments_or_from_the_result() {
    check_args(
        &operation::STAGE,
        r#"attributes(a.b = 1, c = 2), result("a.b" = f, d = g)"#,
        &["                                   ^^^^^ `a.b` is given twice"],
    );
}

#[test]
fn only_a_function_with_a_body_can_be_traced() {
    let elsewhere = "goes on a function, a method, an `impl` or a `trait`";
    for (item, carets) in [
        ("pub struct Stage;", "    ^^^^^^"),
        ("pub(crate) enum Kind {}", "           ^^^^"),
        ("const ANSWER: fn() = f;", "^^^^^"),
        ("static S: u8 = 1;", "^^^^^^"),
        ("type F = fn(u32);", "^^^^"),
        ("mod inner { fn f() {} }", "^^^"),
        ("use a::b;", "^^^"),
        ("extern crate alloc;", "^^^^^^"),
        ("unsafe extern \"C\" {}", "       ^^^^^^"),
        ("let x = 1;", "^^^"),
        ("|| 1", "^"),
        ("async {}", "^^^^^"),
        ("macro_rules! m { () => {} }", "^^^^^^^^^^^"),
    ] {
        check_item(item, &[&format!("{carets} `#[trace_stage]` {elsewhere}")]);
    }
}

#[test]
fn a_function_without_a_body_cannot_be_traced() {
    check_item(
        "async fn find(&self) -> u32;",
        &[
            "                           ^ there is no body to trace; put `#[trace_stage]` where the body is",
        ],
    );
    check_item(
        "safe fn getpid() -> i32;",
        &[
            "                       ^ there is no body to trace; put `#[trace_stage]` where the body is",
        ],
    );
}

#[test]
fn what_cannot_run_in_a_span_is_told() {
    check_item(
        "pub const unsafe fn answer() {}",
        &["    ^^^^^ a `const fn` cannot be traced: a span needs a clock"],
    );
    check_item(
        "unsafe extern \"C\" fn sum(count: u8, ...) {}",
        &[
            "                                    ^^^ a variadic function cannot be traced: its body \
         becomes a closure; trace a function that it calls",
        ],
    );
    check_item(
        "#[tokio::main(flavor = \"current_thread\")] async fn answer() {}",
        &["  ^^^^^^^^^^^ `#[tokio::main]` must come first; put `#[trace_stage]` below it"],
    );
}

#[test]
fn a_function_has_one_span() {
    check_item(
        "#[spanline::trace_llm_call(provider = \"openai\")] fn answer() {}",
        &[
            "  ^^^^^^^^^^^^^^^^^^^^^^^^ a function has one span; put `#[spanline::trace_llm_call]` on a \
         function of its own",
        ],
    );
}

#[test]
fn the_mistakes_of_arguments_and_function_come_together() {
    assert_eq!(
        drawn(&operation::LLM_CALL, "temprature = 1", "const fn complete() {}"),
        [
            "^^^^^^^^^^ unknown argument `temprature`; did you mean `temperature`?",
            "         ^^^^^^^^ `#[trace_llm_call]` needs `provider`; write `provider = \"openai\"`",
            "^^^^^ a `const fn` cannot be traced: a span needs a clock",
        ]
    );
}

#[test]
fn the_item_is_still_emitted() {
    let item = "pub async fn complete () { half . }";
    let args: TokenStream = "knid = 1".parse().unwrap();
    let tokens = crate::trace(&operation::STAGE, args, item.parse().unwrap()).to_string();
    assert!(tokens.ends_with(item), "{tokens}");
    assert_eq!(tokens.matches("compile_error").count(), 1);
}
