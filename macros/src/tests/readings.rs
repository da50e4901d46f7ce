//! What expansions read from returned values.

use proc_macro2::TokenStream;
use quote::quote;

use super::expansions::{check, text};
use crate::operation::{self, Operation};
use crate::trace;

#[test]
fn what_is_read_from_the_returned_value_is_read_in_its_end() {
    check(
        &operation::LLM_CALL,
        quote!(
            "named",
            operation = "text_completion",
            provider = p,
            ok_if = |reply| reply.ok,
            result(reply.length = |reply| reply.len(), "odd-key" = f),
            usage = |reply| reply.usage,
            err = debug
        ),
        quote!(
            fn r#match(p: &str) -> Reply {
                reply
            }
        ),
        &quote! {
            fn r#match(p: &str) -> Reply {
                ::spanline::__private::Operation::trace_returned(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::LlmCall::new(
                            &(p),
                            &::core::option::Option::None::<&str>
                        )
                        .name("named").settled()
                        .operation_kind(::spanline::__private::LlmOperation::TextCompletion)
                        .err(::spanline::__private::ErrorDetail::Debug)
                        .operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    move || -> Reply { reply },
                    |returned| ::spanline::__private::ask!(named, returned, is_lazy),
                    |output, ending| ::spanline::__private::end!(
                        named,
                        output,
                        ending,
                        ok_if = |reply| reply.ok => "ok_if",
                        debug = |output, settlement| ::spanline::__private::debug!(
                            output,
                            error,
                            named,
                            ::spanline::__private::settle_debug(error, named, settlement)
                        ),
                        read = |output, settlement| ::spanline::__private::read!(
                            output,
                            value,
                            ::spanline::__private::respond!(value, settlement),
                            ::spanline::__private::read_usage(value, settlement, |reply| reply.usage),
                            ::spanline::__private::read_attribute(
                                value, settlement, "reply.length", |reply| reply.len()
                            ),
                            ::spanline::__private::read_attribute(value, settlement, "odd-key", f)
                        )
                    )
                )
            }
        },
    );
}

/// What is read from the value of success.
fn readings(operation: &'static Operation, args: TokenStream) -> String {
    let traced = trace(
        operation,
        args,
        quote!(
            async fn complete() -> Reply {
                reply
            }
        ),
    );
    let text = text(&traced);
    let (_, readings) = text.split_once("read ! (output , value , ").unwrap_or_default();
    readings.trim_end_matches([')', '}', ' ']).replace(":: spanline :: __private :: ", "")
}

#[test]
fn a_reply_is_looked_for_unless_it_is_found_or_demanded() {
    assert_eq!(
        readings(&operation::LLM_CALL, quote!(provider = "p", response = |reply| &reply.inner)),
        "find_response (value , settlement , | reply | & reply . inner"
    );
    assert_eq!(
        readings(&operation::LLM_CALL, quote!(provider = "p", usage = required)),
        "read_response (value , settlement"
    );
    assert_eq!(
        readings(&operation::LLM_CALL, quote!(provider = "p", usage = required, response = json)),
        "find_response (value , settlement , json"
    );
    assert_eq!(readings(&operation::AGENT, quote!()), "respond ! (value , settlement");
    assert_eq!(readings(&operation::TOOL, quote!()), "");
}

#[test]
fn content_is_given_in_one_place_and_read_in_another() {
    let expansion = trace(
        &operation::LLM_CALL,
        quote!(
            provider = "openai",
            input_messages = request.messages,
            output_messages = |reply| &reply.text,
            temperature = 0.5,
            tool_definitions = tools()
        ),
        quote!(
            async fn complete(request: Request) -> Result<Reply, Error> {
                send(request).await
            }
        ),
    );
    let expansion = text(&expansion);
    let builder = quote! {
        ::spanline::__private::LlmCall::new(&("openai"), &::core::option::Option::None::<&str>).settled()
            .temperature(&(0.5))
            .content(|operation| operation
                .input_messages(&(request.messages))
                .tool_definitions(&(tools())))
            .operation()
    };
    assert!(expansion.contains(&text(&builder)), "{expansion}");
    let read = quote! {
        ::spanline::__private::read_output_messages(value, settlement, |reply| &reply.text)
    };
    assert!(expansion.contains(&text(&read)), "{expansion}");
}
