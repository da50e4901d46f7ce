//! Each shape of function beside its expansion.

use proc_macro2::TokenStream;
use quote::quote;

use crate::operation::{self, Operation};
use crate::trace;

#[track_caller]
pub(super) fn check(
    operation: &'static Operation,
    args: TokenStream,
    item: TokenStream,
    expected: &TokenStream,
) {
    assert_eq!(text(&trace(operation, args, item)), text(expected));
}

/// `>>` is one token or two.
pub(super) fn text(tokens: &TokenStream) -> String {
    tokens.to_string().replace("> >", ">>").replace("> >", ">>")
}

#[test]
fn a_future_is_traced_from_the_call_on() {
    check(
        &operation::LLM_CALL,
        quote!(provider = "openai", model = request.model, temperature = request.temperature),
        quote! {
            /// Asks.
            #[inline]
            pub async fn complete(request: Request, history: &[Message]) -> Result<Reply, Error> {
                send(request, history).await
            }
        },
        &quote! {
            /// Asks.
            #[inline]
            pub fn complete(
                request: Request, history: &[Message]
            ) -> impl ::core::future::Future<Output = Result<Reply, Error>> {
                ::spanline::__private::Operation::trace(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::LlmCall::new(&("openai"), &(request.model)).settled()
                            .temperature(&(request.temperature))
                            .operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    async move {
                        let _ = &request;
                        let history = history;
                        if let ::core::option::Option::Some(output)
                            = ::core::option::Option::None::<Result<Reply, Error>>
                        {
                            return output;
                        }
                        match () { () => { send(request, history).await } }
                    },
                    |output, ending| ::spanline::__private::end!(
                        named,
                        output,
                        ending,
                        read = |output, settlement| ::spanline::__private::read!(
                            output,
                            value,
                            ::spanline::__private::respond!(value, settlement)
                        )
                    )
                )
            }
        },
    );
}

#[test]
fn a_call_is_traced_as_a_closure() {
    check(
        &operation::STAGE,
        quote!(
            "retrieve",
            kind = "retriever",
            attributes(query, top.k = 5, "odd-key" = [1, 2]),
            root
        ),
        quote! {
            unsafe fn retrieve<'a, T: Ord>(&mut self, query: &'a str) -> Vec<&'a T> where T: Clone {
                self.find(query)
            }
        },
        &quote! {
            unsafe fn retrieve<'a, T: Ord>(&mut self, query: &'a str) -> Vec<&'a T> where T: Clone {
                ::spanline::__private::Operation::trace_returned(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::Stage::new("retrieve")
                            .kind(&("retriever"))
                            .attribute("query", &(query))
                            .attribute("top.k", &(5))
                            .attribute("odd-key", &([1, 2]))
                            .root()
                            .operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    move || -> Vec<&'a T> { self.find(query) },
                    |returned| ::spanline::__private::ask!(named, returned, is_lazy),
                    |output, ending| ::spanline::__private::end!(named, output, ending)
                )
            }
        },
    );
}

#[test]
fn a_returned_future_is_traced() {
    check(
        &operation::SPAN,
        quote!(kind = "client", crate = crate::telemetry),
        quote! {
            fn fetch(url: &str) -> impl Future<Output = Result<impl Read, Error>> + Send { get(url) }
        },
        &quote! {
            fn fetch(url: &str) -> impl Future<Output = Result<impl Read, Error>> + Send {
                crate::telemetry::__private::Operation::trace(
                    if crate::telemetry::__private::is_enabled() {
                        crate::telemetry::__private::SpanBuilder::new("fetch").settled()
                            .kind(crate::telemetry::__private::SpanKind::Client)
                            .operation()
                    } else {
                        crate::telemetry::__private::Operation::disabled()
                    },
                    ::core::option::Option::unwrap_or_else(
                        ::core::option::Option::None,
                        move || -> _ { get(url) }
                    ),
                    |output: Result<_, Error>, ending|
                        crate::telemetry::__private::end!(opaque, output, ending)
                )
            }
        },
    );
}

#[test]
fn a_boxed_future_is_boxed_again_only_when_recorded() {
    for returned in [
        quote!(Pin<Box<dyn Future<Output = u32> + Send + 'async_trait>>),
        quote!(::core::pin::Pin<Box<dyn ::core::future::Future<Output = u32>>>),
        quote!(futures::future::BoxFuture<'_, u32>),
    ] {
        check(
            &operation::PIPELINE,
            quote!(name()),
            quote!(fn answer(&self) -> #returned { Box::pin(async { 1 }) }),
            &quote! {
                fn answer(&self) -> #returned {
                    let operation = if ::spanline::__private::is_enabled() {
                        ::core::option::Option::Some(
                            ::spanline::__private::Pipeline::new(::spanline::__private::name(&(name())))
                                .settled()
                                .operation()
                        )
                    } else {
                        ::core::option::Option::None
                    };
                    let future = ::core::option::Option::unwrap_or_else(
                        ::core::option::Option::None,
                        move || -> #returned { Box::pin(async { 1 }) }
                    );
                    match operation {
                        ::core::option::Option::Some(operation) => {
                            ::std::boxed::Box::pin(::spanline::__private::Operation::trace(
                                operation,
                                future,
                                |output, ending| ::spanline::__private::end!(named, output, ending)
                            ))
                        }
                        ::core::option::Option::None => future,
                    }
                }
            },
        );
    }
}

#[test]
fn a_future_in_a_box_that_is_not_pinned_is_boxed_again() {
    for returned in [
        quote!(Box<dyn Future<Output = u32> + Send + Unpin>),
        quote!(std::boxed::Box<dyn std::future::Future<Output = u32>>),
    ] {
        let item = quote!(fn answer(self) -> #returned { value });
        let expansion = trace(&operation::STAGE, TokenStream::new(), item).to_string();
        let expected = quote! {
            ::std::boxed::Box::new(::spanline::__private::Operation::trace(
                operation,
                ::core::pin::Pin::from(future),
                |output, ending| ::spanline::__private::end!(named, output, ending)
            ))
        };
        assert!(expansion.contains(&expected.to_string()), "{returned}: {expansion}");
    }
}

#[test]
fn a_stream_inside_of_a_value_is_found_when_that_is_returned() {
    check(
        &operation::LLM_CALL,
        quote!(provider = p, stream = Reply::chunks, usage = |chunk| chunk.usage),
        quote!(
            fn complete(p: &str) -> Result<Reply, Error> {
                reply
            }
        ),
        &quote! {
            fn complete(p: &str) -> Result<Reply, Error> {
                ::spanline::__private::Operation::trace_blocking(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::LlmCall::new(
                            &(p),
                            &::core::option::Option::None::<&str>
                        ).settled()
                        .operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    move || -> Result<Reply, Error> { reply },
                    |output, ending| ::spanline::__private::end!(
                        inside,
                        output,
                        ending,
                        success,
                        stream = ::spanline::__private::follow(
                            success,
                            ending,
                            Reply::chunks,
                            |item, outcome| ::spanline::__private::settle!(item, outcome),
                            |output, settlement| ::spanline::__private::read!(
                                output,
                                value,
                                ::spanline::__private::respond!(value, settlement),
                                ::spanline::__private::read_usage(
                                    value,
                                    settlement,
                                    |chunk| chunk.usage
                                )
                            )
                        )
                    )
                )
            }
        },
    );
}

#[test]
fn a_closure_that_is_returned_is_told_its_bound() {
    check(
        &operation::SPAN,
        TokenStream::new(),
        quote!(
            fn counter(&self) -> impl for<'b> FnMut(&'b str) -> T + Send {
                move |text| self.count(text)
            }
        ),
        &quote! {
            fn counter(&self) -> impl for<'b> FnMut(&'b str) -> T + Send {
                ::spanline::__private::Operation::trace_blocking(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::SpanBuilder::new("counter").settled().operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    move || -> _ {
                        let mut kept;
                        let _: *const (dyn for<'b> FnMut(&'b str) -> T + '_) =
                            ::spanline::__private::tell(
                                match () { () => { move |text| self.count(text) } },
                                { kept = ::core::option::Option::None; &mut kept }
                            );
                        ::spanline::__private::kept(kept)
                    },
                    |output, ending| ::spanline::__private::end!(plain, output, ending)
                )
            }
        },
    );
}

#[test]
fn a_parameter_by_reference_is_read_before_the_future_has_it() {
    let item = quote! {
        async fn f(Pair { ref mut left, right }: Pair, ref other: u32) { body }
    };
    let expansion = trace(&operation::STAGE, quote!(attributes(length = left.len())), item);
    for expected in [
        quote! {
            fn f(argument_0: Pair, argument_1: u32)
        },
        quote! {
            if ::spanline::__private::is_enabled() {
                #[allow(unused_variables)]
                let Pair { ref left, right: _ } = argument_0;
                ::spanline::__private::Stage::new("f").settled()
                    .attribute("length", &(left.len()))
                    .operation()
            }
        },
        quote! {
            let mut argument_0 = argument_0;
            let Pair { ref mut left, right } = argument_0;
        },
    ] {
        assert!(text(&expansion).contains(&text(&expected)), "{expansion}");
    }
}

#[test]
fn a_pinned_reference_a_stream_and_an_alias_are_told_apart_by_their_type() {
    for returned in [
        quote!(Pin<&mut Self>),
        quote!(Pin<Box<dyn Stream<Item = u32>>>),
        quote!(Pin<Box<T>>),
        quote!(impl Stream<Item = u32>),
        quote!(Answer<'_>),
        quote!(Box<dyn Stream<Item = u32> + Unpin>),
        quote!(Box<T>),
    ] {
        let item = quote!(fn answer(self) -> #returned { value });
        let expansion = trace(&operation::STAGE, TokenStream::new(), item).to_string();
        assert!(expansion.contains("trace_returned"), "{returned}: {expansion}");
    }
}

#[test]
fn what_is_returned_is_asked_for_a_stream_and_told_the_items_that_are_written() {
    for (returned, expected) in [
        (quote!(Result<Reply, Error>), quote!(named, output, ending)),
        (quote!(Pin<Box<dyn Stream<Item = u32>>>), quote!(named, output, ending)),
        (quote!((u32, impl Stream<Item = u32>)), quote!(named, output, ending)),
        (quote!(impl Chunks), quote!(opaque, output, ending)),
        (
            quote!(impl Send + Sink<&'a str, Error = E>),
            quote!(sink, output, ending, items = &'a str, errors = E),
        ),
        (
            quote!(io::Result<impl futures::Sink<Option<impl Display>, Error = E>>),
            quote!(sink, output, ending, items = Option<_>, errors = E),
        ),
        (
            quote!(Option<impl Stream<Item = Heard> + Sink<Said, Error = E>>),
            quote!(duplex, output, ending, items = Said, errors = E),
        ),
        (quote!(impl Stream<Item = &'a str>), quote!(opaque, output, ending, items = &'a str)),
        (
            quote!(io::Result<impl Send + Stream<Item = Option<impl Display>>>),
            quote!(opaque, output, ending, items = Option<_>),
        ),
        (
            quote!(Option<impl futures::TryStream<Ok = u8, Error = E>>),
            quote!(opaque, output, ending, items = ::core::result::Result<u8, E>),
        ),
    ] {
        for item in [
            quote!(fn answer(self) -> #returned { value }),
            quote!(async fn answer(self) -> #returned { value }),
            quote!(fn answer(self) -> impl Future<Output = #returned> { value }),
        ] {
            let expansion = trace(&operation::STAGE, TokenStream::new(), item);
            let expected = quote!(::spanline::__private::end!(#expected));
            assert!(text(&expansion).contains(&text(&expected)), "{returned}: {expansion}");
        }
    }
    let item = quote!(
        fn answer() {
            value
        }
    );
    let expansion = trace(&operation::STAGE, TokenStream::new(), item).to_string();
    assert!(expansion.contains("trace_blocking"), "{expansion}");
}

#[test]
fn parameters_are_captured_whole_and_in_order() {
    check(
        &operation::STAGE,
        quote!(format!("{prefix}-{}", pair.len())),
        quote! {
            #[other(fields(seen))]
            async fn f(
                mut self: Arc<Self>,
                #[cfg(all())] #[allow(unused)] mut plain: u32,
                _permit: Permit,
                _: Guard,
                Pair(a, mut b): Pair,
                (prefix, pair): (&str, &str),
                seen: u32,
            ) {
                body
            }
        },
        &quote! {
            #[other(fields(seen))]
            fn f(
                mut self: Arc<Self>,
                #[cfg(all())] plain: u32,
                _permit: Permit,
                argument_3: Guard,
                argument_4: Pair,
                (prefix, pair): (&str, &str),
                seen: u32,
            ) -> impl ::core::future::Future<Output = ()> {
                ::spanline::__private::Operation::trace(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::Stage::new(
                            ::spanline::__private::name(&(format!("{prefix}-{}", pair.len())))
                        ).settled().operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    async move {
                        let _ = &seen;
                        let _ = &pair;
                        let _ = &prefix;
                        let _ = &self;
                        #[cfg(all())] #[allow(unused)] let mut plain = plain;
                        let (_permit,) = (_permit,);
                        let argument_3 = argument_3;
                        let _ = argument_3;
                        let argument_4 = argument_4;
                        let Pair(a, mut b) = argument_4;
                        if let ::core::option::Option::Some(output) = ::core::option::Option::None::<()> {
                            return output;
                        }
                        match () { () => { body } }
                    },
                    |output, ending| ::spanline::__private::end!(plain, output, ending)
                )
            }
        },
    );
}

#[test]
fn what_never_returns_has_nothing_to_settle() {
    check(
        &operation::STAGE,
        TokenStream::new(),
        quote!(
            async fn serve() -> ! {
                forever().await
            }
        ),
        &quote! {
            async fn serve() -> ! {
                ::spanline::__private::Operation::trace(
                    if ::spanline::__private::is_enabled() {
                        ::spanline::__private::Stage::new("serve").settled().operation()
                    } else {
                        ::spanline::__private::Operation::disabled()
                    },
                    async move { forever().await },
                    |output, _| output
                ).await
            }
        },
    );
}

#[test]
fn a_span_is_named_for_its_function_without_the_escape() {
    let item = quote!(
        fn r#match() {}
    );
    let expansion = trace(&operation::STAGE, TokenStream::new(), item).to_string();
    assert!(expansion.contains("new (\"match\")"), "{expansion}");
}

#[test]
fn a_half_typed_body_is_passed_on() {
    let item = quote!(fn answer() { request. ; let = => });
    let expansion = trace(&operation::STAGE, TokenStream::new(), item).to_string();
    assert!(expansion.contains(&quote!({ request. ; let = => }).to_string()), "{expansion}");
    assert!(!expansion.contains("compile_error"), "{expansion}");
}
