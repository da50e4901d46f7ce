//! `#[derive(LlmResponse)]`: each mistake under its caret, and what is made of the rest.

use proc_macro2::TokenStream;

use crate::response::{checked, derive};

/// The errors, each as carets under the text it is about and its message.
#[track_caller]
fn check(item: &str, expected: &[&str]) {
    let errors = checked(item.parse().unwrap()).err();
    let draw = |error: syn::Error| {
        let span = error.span();
        let (start, end) = (span.start().column, span.end().column);
        format!("{}{} {error}", " ".repeat(start), "^".repeat(end - start))
    };
    let drawn: Vec<String> = errors.into_iter().flatten().map(draw).collect();
    assert_eq!(drawn, expected, "\n{item}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    check(
        "struct Reply { #[llm(modle)] a: u8, #[llm(prompt_tokens, id = 3)] b: u8, #[llm] c: u8 }",
        &[
            "                     ^^^^^ unknown argument `modle`; did you mean `model`?",
            "                                          ^^^^^^^^^^^^^ unknown argument `prompt_tokens`; \
             did you mean `input_tokens`?",
            "                                                              ^ `id` takes no value; \
             write `#[llm(id)]`",
            "                                                                           \
             ^^^ expected what the field tells; write `#[llm(model)]`",
        ],
    );
}

#[test]
fn what_is_told_twice_is_refused() {
    check(
        "struct Reply { #[llm(model)] a: String, #[llm(flatten, model)] b: B, #[llm(flatten)] c: C }",
        &["                                                       ^^^^^ `model` is told twice"],
    );
    check("enum Event { A { #[llm(id)] id: String }, B(#[llm(id)] String) }", &[]);
}

#[test]
fn a_type_that_tells_nothing_is_refused() {
    let message = "no field tells anything; put `#[llm(model)]`, `#[llm(input_tokens)]`, \
                   `#[llm(flatten)]` or the like on a field";
    check("struct Reply { model: String }", &[&format!("       ^^^^^ {message}")]);
    check("enum Event { A(String), B }", &[&format!("     ^^^^^ {message}")]);
    check("struct Reply;", &[&format!("       ^^^^^ {message}")]);
}

#[test]
fn an_attribute_belongs_on_a_field() {
    check(
        "#[llm(model)] struct Reply(#[llm(id)] String);",
        &["  ^^^ `#[llm(…)]` goes on a field; put it there"],
    );
    check(
        "enum Event { #[llm(id)] A(#[llm(id)] String) }",
        &["               ^^^ `#[llm(…)]` goes on a field; put it there"],
    );
    check(
        "struct Reply { #[llm(crate = ::x)] id: String }",
        &["                     ^^^^^ `crate` goes above the type; \
           write `#[llm(crate = ::path::to::spanline)]` there"],
    );
}

#[test]
fn only_structs_and_enums_are_read() {
    check(
        "union Reply { id: u8 }",
        &["^^^^^ a union cannot be read: nothing tells which field it holds"],
    );
}

#[track_caller]
fn check_expansion(item: TokenStream, expected: &TokenStream) {
    assert_eq!(derive(item).to_string(), expected.to_string());
}

#[test]
fn a_struct_is_read_by_its_fields() {
    check_expansion(
        quote::quote! {
            struct Reply<'a, T: Clone> where T: Debug {
                #[llm(finish_reason)] stopped: &'a str,
                #[llm(index)] place: u32,
                #[llm(flatten)] rest: Vec<T>,
                text: String,
                #[llm(usage)] usage: Usage,
            }
        },
        &quote::quote! {
            #[automatically_derived]
            impl<'a, T: Clone> ::spanline::__private::LlmResponse for Reply<'a, T>
            where
                T: Debug,
                Vec<T>: ::spanline::__private::LlmResponse,
            {
                fn read(&self, reply: &mut ::spanline::__private::Reply) {
                    match self {
                        Self { stopped: field0, place: field1, rest: field2, usage: field3, .. } => {
                            reply.choice(&*field1);
                            reply.finish_reason(&*field0);
                            ::spanline::__private::LlmResponse::read(&*field2, reply);
                            reply.usage(::core::clone::Clone::clone(field3));
                        }
                    }
                }
            }
        },
    );
}

#[test]
fn an_enum_is_read_by_its_variant() {
    check_expansion(
        quote::quote! {
            #[llm(crate = ::telemetry)]
            enum Event { Text(String), End(u8, #[llm(model, id)] String) }
        },
        &quote::quote! {
            #[automatically_derived]
            impl ::telemetry::__private::LlmResponse for Event
            where
            {
                fn read(&self, reply: &mut ::telemetry::__private::Reply) {
                    match self {
                        Self::End { 1: field0, .. } => {
                            reply.model(&*field0);
                            reply.id(&*field0);
                        }
                        _ => {}
                    }
                }
            }
        },
    );
}
