//! `#[derive(ErrorType)]`: each mistake under its caret, and what is written.

use proc_macro2::TokenStream;
use quote::quote;

use super::expansions::text;
use crate::diagnostic::Diagnostics;
use crate::error_type::NamedError;
use crate::name_errors;

#[track_caller]
fn check(item: &str, expected: &[&str]) {
    let mut diagnostics = Diagnostics::default();
    NamedError::parse(item.parse().unwrap(), &mut diagnostics);
    let drawn: Vec<String> = diagnostics
        .errors()
        .into_iter()
        .flatten()
        .map(|error| {
            let (start, end) = (error.span().start().column, error.span().end().column);
            format!("{}{} {error}", " ".repeat(start), "^".repeat(end - start))
        })
        .collect();
    assert_eq!(drawn, expected, "\n{item}");
}

#[track_caller]
fn check_expansion(item: TokenStream, expected: &TokenStream) {
    assert_eq!(text(&name_errors(item)), text(expected));
}

#[test]
fn every_mistake_is_told() {
    check(
        r#"enum E { #[error_type] A, #[error_type = "b"] B, #[error_type()] C, #[error_type(3)] D }"#,
        &[
            "           ^^^^^^^^^^ what is the `error.type`? write `#[error_type(\"…\")]` or \
             `#[error_type(transparent)]`",
            "                            ^^^^^^^^^^^^^^^^ the `error.type` stands in parentheses; write \
             `#[error_type(\"b\")]`",
            "                                                   ^^^^^^^^^^^^ what is the `error.type`? write \
             `#[error_type(\"…\")]` or `#[error_type(transparent)]`",
            "                                                                                 ^ the \
             `error.type` is text; write a string",
        ],
    );
    check(
        r#"enum E { #[error_type(" ")] A, #[error_type("a", "b")] B, #[error_type(transparnt)] C(D) }"#,
        &[
            "                      ^^^ the `error.type` is empty; leave it out to use the name in the code",
            "                                                 ^^^ the `error.type` is given twice",
            "                                                                       ^^^^^^^^^^ unknown word \
             `transparnt`; did you mean `transparent`?",
        ],
    );
}

#[test]
fn transparent_asks_one_field() {
    check(
        "enum E { #[error_type(transparent)] A, #[error_type(transparent)] B { c: C, d: D } }",
        &[
            "                      ^^^^^^^^^^^ `transparent` asks the only field, and `A` has no field; \
             write `#[error_type(\"…\")]`",
            "                                                    ^^^^^^^^^^^ `transparent` asks the only \
             field, and `B` has 2 fields; write `#[error_type(\"…\")]`",
        ],
    );
    check(
        "#[error_type(transparent = true)] struct S(E);",
        &["             ^^^^^^^^^^^ `transparent` takes no value; write `transparent` alone"],
    );
}

#[test]
fn what_is_misplaced_is_told_where_it_belongs() {
    check(
        r#"#[error_type("e")] enum E { #[error_type(crate = a::b)] A(#[error_type("c")] C) }"#,
        &[
            "             ^^^ each variant has an `error.type` of its own; put `#[error_type(…)]` on a \
             variant",
            "                                         ^^^^^ `crate` is the same for all variants; put \
             `#[error_type(crate = …)]` on the enum",
            "                                                          ^^^^^^^^^^^^^^^^^^ `#[error_type]` goes on the \
             variant, not on its fields",
        ],
    );
    check("union U { a: u8 }", &["^^^^^ `ErrorType` goes on a struct or an enum"]);
}

#[test]
fn a_mistaken_variant_goes_by_its_default() {
    let tokens = name_errors(quote!(
        enum E {
            #[error_type(3)]
            TooLarge,
        }
    ));
    let text = tokens.to_string();
    assert!(text.contains("compile_error") && text.contains("\"too_large\""), "{text}");
}

#[test]
fn names_are_in_snake_case() {
    for (name, expected) in [
        ("RateLimited", "rate_limited"),
        ("HTTPError", "http_error"),
        ("Utf8Broken", "utf8_broken"),
        ("Io", "io"),
        ("IO", "io"),
        ("V2API", "v2_api"),
        ("Already_Split", "already_split"),
        ("r#Self_", "self_"),
        ("ÜberLang", "über_lang"),
    ] {
        let item: TokenStream = format!("struct {name};").parse().unwrap();
        let text = name_errors(item).to_string();
        assert!(text.contains(&format!("(\"{expected}\")")), "{expected}: {text}");
    }
}

#[test]
fn each_variant_is_named_or_asks_its_field() {
    check_expansion(
        quote! {
            #[error_type(crate = ::telemetry)]
            enum ApiError<'a, T: Debug, const N: usize> where T: Clone {
                RateLimited,
                #[error_type("too_long")]
                Length { tokens: [u8; N] },
                #[error_type(transparent)]
                Transport(Box<Wire<T>>),
                #[error_type(transparent)]
                Text { error: TextError<'a> },
            }
        },
        &quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl<'a, T: Debug, const N: usize> ::telemetry::__private::ErrorType for ApiError<'a, T, N>
            where
                T: Clone,
                Self: ::core::error::Error,
                Box<Wire<T>>: ::telemetry::__private::ErrorType
            {
                fn error_type(&self) -> ::std::borrow::Cow<'static, str> {
                    match self {
                        Self::RateLimited { .. } => ::std::borrow::Cow::Borrowed("rate_limited"),
                        Self::Length { .. } => ::std::borrow::Cow::Borrowed("too_long"),
                        Self::Transport { 0: error } =>
                            <Box<Wire<T>> as ::telemetry::__private::ErrorType>::error_type(error),
                        Self::Text { error: error } =>
                            <TextError<'a> as ::telemetry::__private::ErrorType>::error_type(error),
                    }
                }
            }
        },
    );
}

#[test]
fn what_has_no_variants_has_no_name() {
    check_expansion(
        quote!(
            enum Never {}
        ),
        &quote! {
            #[automatically_derived]
            #[allow(deprecated)]
            impl ::spanline::__private::ErrorType for Never {
                fn error_type(&self) -> ::std::borrow::Cow<'static, str> {
                    match *self {}
                }
            }
        },
    );
}
