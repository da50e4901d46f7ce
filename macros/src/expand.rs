//! A checked call as Rust: only quoting, which cannot fail.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Expr, LitStr, Pat, ReturnType, Token, Type};

use crate::args::{Given, Value};
use crate::check::{Call, Name};
use crate::operation::{Form, New};
use crate::parameter::{self, Capture};
use crate::shape::{self, Sent, Shape, returns_future};

/// The annotated function, traced.
///
/// ```text
/// // Input:
/// //     #[trace_llm_call(provider = "openai", model = request.model)]
/// //     pub async fn complete(request: Request) -> Result<Reply, Error> { BODY }
/// // Output, with `::spanline::__private` and `::core` left out:
/// //     pub fn complete(request: Request) -> impl Future<Output = Result<Reply, Error>> {
/// //         Operation::trace(
/// //             if is_enabled() {
/// //                 LlmCall::new(&("openai"), &(request.model)).settled().operation()
/// //             } else {
/// //                 Operation::disabled()
/// //             },
/// //             async move {
/// //                 let _ = &request;
/// //                 if let Some(output) = None::<Result<Reply, Error>> { return output; }
/// //                 match () { () => { BODY } }
/// //             },
/// //             |output, ending| end!(named, output, ending),
/// //         )
/// //     }
/// ```
///
/// `fn -> impl Future` and not `async fn`, because the parent of the span is taken when the function
/// is called: `spawn(stage(x))` keeps the tree.
pub(crate) fn expand(call: &Call) -> TokenStream {
    let Call { attributes, visibility, signature, shape, .. } = call;
    let traced = traced(call);
    let mut signature = signature.clone();
    if *shape == Shape::Async {
        signature.asyncness = None;
        signature.output = future_of(&signature.output, signature.paren_token.span.close());
    }
    // With braces of ours the whole function would be one that a macro wrote: of those rustc does not
    // say that they are never called, and Clippy next to nothing.
    let mut block = Group::new(Delimiter::Brace, traced);
    block.set_span(call.body.span());
    quote_spanned! {ours()=>
        #(#attributes)*
        #visibility #signature #block
    }
}

/// Names of ours: not seen by the user's code, and none of it seen by them.
pub(crate) fn ours() -> Span {
    Span::mixed_site()
}

/// The same, where rustc shall point.
pub(crate) fn ours_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

fn private(call: &Call) -> TokenStream {
    let path = call.given.iter().find_map(|given| match &given.value {
        Value::Path(path) => Some(path.to_token_stream()),
        _ => None,
    });
    let root = path.unwrap_or_else(|| quote_spanned!(ours()=> ::spanline));
    quote_spanned!(ours()=> #root::__private)
}

/// With a span of ours the type is of this crate's edition, in which it captures every lifetime.
fn future_of(output: &ReturnType, close: Span) -> ReturnType {
    let (at, returned) = match output {
        ReturnType::Type(_, returned) => (ends(returned).0, returned.to_token_stream()),
        ReturnType::Default => (close, quote_spanned!(ours_at(close)=> ())),
    };
    let span = ours_at(at);
    let future = quote_spanned!(span=> impl ::core::future::Future<Output = #returned>);
    ReturnType::Type(Token![->](span), Box::new(Type::Verbatim(future)))
}

fn traced(call: &Call) -> TokenStream {
    let Call { signature, shape, body, returned, captures, .. } = call;
    let private = private(call);
    let builder = builder(call, &private);
    let end = end(call, &private);
    let question = question(call);
    let read = call.captures.iter().filter_map(read);
    let builder = quote_spanned!(ours()=> #(#read)* #builder.operation());
    // Not in a variable: a parameter that goes by a name of ours may be called the same.
    let operation = quote_spanned! {ours()=>
        if #private::is_enabled() { #builder } else { #private::Operation::disabled() }
    };
    match shape {
        Shape::Async => {
            let body = told(call, &private);
            let captures = captures.iter().map(capture);
            // Without this, rustc takes the type from the body and blames the signature; without the
            // `match`, it takes the braces of the body for superfluous ones.
            let pin = quote_spanned! {ours_at(ends(returned).0)=>
                if let ::core::option::Option::Some(output) = ::core::option::Option::None::<#returned> {
                    return output;
                }
            };
            let meant = returns_future(signature)
                .then(|| quote_spanned!(ours()=> #[allow(clippy::async_yields_async)]));
            quote_spanned! {ours()=>
                #private::Operation::trace(
                    #operation,
                    #meant async move { #(#captures)* #pin #body },
                    #end
                )
            }
        }
        Shape::AsyncNever => quote_spanned! {ours()=>
            #private::Operation::trace(#operation, async move #body, #end).await
        },
        Shape::Future => {
            let future = made(body, returned);
            quote_spanned!(ours()=> #private::Operation::trace(#operation, #future, #end))
        }
        Shape::BoxedFuture | Shape::UnpinnedFuture => {
            let future = made(body, returned);
            let (new, pinned) = if *shape == Shape::BoxedFuture {
                (quote_spanned!(ours()=> pin), quote_spanned!(ours()=> future))
            } else {
                let pinned = quote_spanned!(ours()=> ::core::pin::Pin::from(future));
                (quote_spanned!(ours()=> new), pinned)
            };
            // When nothing is recorded, nothing is boxed twice.
            quote_spanned! {ours()=>
                let operation = if #private::is_enabled() {
                    ::core::option::Option::Some(#builder)
                } else {
                    ::core::option::Option::None
                };
                let future = #future;
                match operation {
                    ::core::option::Option::Some(operation) => {
                        ::std::boxed::Box::#new(#private::Operation::trace(operation, #pinned, #end))
                    }
                    ::core::option::Option::None => future,
                }
            }
        }
        Shape::Blocking if question.is_some() => {
            quote_spanned! {ours()=>
                #private::Operation::trace_returned(
                    #operation,
                    move || -> #returned #body,
                    |returned| #private::ask!(#question, returned, is_lazy),
                    #end
                )
            }
        }
        Shape::Blocking | Shape::BlockingNever => {
            let body = match &call.value {
                shape::Value::Closure(_) => {
                    let told = told(call, &private);
                    quote_spanned!(ours()=> { #told })
                }
                _ => body.to_token_stream(),
            };
            quote_spanned! {ours()=>
                #private::Operation::trace_blocking(
                    #operation,
                    move || -> #returned #body,
                    #end
                )
            }
        }
    }
}

/// The value of the body inside of a closure or a block. Where that is a closure by itself, rustc is
/// told what it takes, as the return type tells it elsewhere: by a pointer that is never read, to what
/// has the bound.
fn told(call: &Call, private: &TokenStream) -> TokenStream {
    let body = &call.body;
    let ends_in_value =
        body.stream().into_iter().last().is_some_and(
            |token| !matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'),
        );
    let bound = match &call.value {
        shape::Value::Closure(bound) if ends_in_value => bound,
        _ => return quote_spanned!(ours()=> match () { () => #body }),
    };
    quote_spanned! {ours()=>
        let mut kept;
        let _: *const (dyn #bound + '_) = #private::tell(
            match () { () => #body },
            { kept = ::core::option::Option::None; &mut kept }
        );
        #private::kept(kept)
    }
}

/// The value of the body, `return` and `?` included. `unwrap_or_else` says `FnOnce`: a closure that
/// is called where it stands would be `FnMut`, and could not return what it borrows.
fn made(body: &Group, returned: &TokenStream) -> TokenStream {
    quote_spanned! {ours()=>
        ::core::option::Option::unwrap_or_else(
            ::core::option::Option::None,
            move || -> #returned #body
        )
    }
}

/// What the arguments of the macro read of a parameter that the future is going to have.
fn read(capture: &Capture) -> Option<TokenStream> {
    let Capture::Bound { attributes, read: Some(pattern), name, .. } = capture else { return None };
    Some(quote_spanned! {ours()=>
        #(#attributes)* #[allow(unused_variables)] let #pattern = #name;
    })
}

fn capture(capture: &Capture) -> TokenStream {
    match capture {
        Capture::Receiver(receiver) => quote_spanned!(ours()=> let _ = &#receiver;),
        Capture::Kept { attributes, name } => {
            quote_spanned!(ours()=> #(#attributes)* let _ = &#name;)
        }
        // A reference to change it by is to a variable that can be changed.
        Capture::Bound { attributes, pattern, name, .. } if parameter::refers_mutably(pattern) => {
            quote_spanned! {ours()=>
                #(#attributes)* let mut #name = #name;
                #(#attributes)* let #pattern = #name;
            }
        }
        // A lint takes `let _x = x;` for a mistake.
        Capture::Bound { attributes, pattern, name, .. } if name.to_string().starts_with('_') => {
            quote_spanned!(ours()=> #(#attributes)* let (#pattern,) = (#name,);)
        }
        Capture::Bound { attributes, pattern, name, .. } if matches!(**pattern, Pat::Ident(_)) => {
            quote_spanned!(ours()=> #(#attributes)* let #pattern = #name;)
        }
        // A pattern alone would capture the parts that it binds, and leave the rest behind.
        Capture::Bound { attributes, pattern, name, .. } => quote_spanned! {ours()=>
            #(#attributes)* let #name = #name;
            #(#attributes)* let #pattern = #name;
        },
    }
}

/// The builder with everything that the arguments say.
fn builder(call: &Call, private: &TokenStream) -> TokenStream {
    let Call { operation, given, name, .. } = call;
    let builder = Ident::new(operation.builder, ours());
    let (new, constructed) = match operation.new {
        New::Name => (named(name, private), [].as_slice()),
        New::Values(keys) => {
            let values = keys.iter().map(|key| {
                given
                    .iter()
                    .find(|given| given.argument.key == *key)
                    .map_or_else(none, |given| reference(&given.value))
            });
            (quote_spanned!(ours()=> #(#values),*), keys)
        }
    };
    let mut tokens = quote_spanned!(ours()=> #private::#builder::new(#new));
    if let (New::Values(_), Name::Literal(_) | Name::Expression(_)) = (&operation.new, name) {
        let name = named(name, private);
        tokens.extend(quote_spanned!(ours()=> .name(#name)));
    }
    if !given.iter().any(|given| matches!(given.argument.key, "parent" | "root")) {
        tokens.extend(quote_spanned!(ours()=> .settled()));
    }
    for given in given.iter().filter(|given| !constructed.contains(&given.argument.key)) {
        let span = ours_at(given.key.span());
        let setter = Ident::new(given.argument.key, span);
        tokens.extend(match (&given.value, given.argument.form) {
            (_, Form::Content | Form::Returned | Form::Given(_) | Form::Result | Form::Path)
            | (Value::Mistaken | Value::Path(_), _) => continue,
            (value @ Value::Expression(_), _) => {
                let value = reference(value);
                quote_spanned!(span=> .#setter(#value))
            }
            (Value::Chosen { choice, variant, .. }, _) => {
                let setter = Ident::new(choice.setter, span);
                let enumeration = Ident::new(choice.enumeration, ours());
                let variant = Ident::new(variant, ours());
                quote_spanned!(span=> .#setter(#private::#enumeration::#variant))
            }
            (Value::Flag, _) => quote_spanned!(span=> .#setter()),
            (Value::Attributes(entries), Form::Attributes(setter)) => entries
                .iter()
                .map(|entry| {
                    let key = &entry.key;
                    let setter = Ident::new(setter, ours_at(key.span()));
                    let value = reference(&entry.value);
                    quote_spanned!(ours_at(key.span())=> .#setter(#key, #value))
                })
                .collect(),
            (Value::Attributes(_), _) => continue,
        });
    }
    tokens.extend(content(given));
    tokens
}

/// What is evaluated only where content is captured.
fn content(given: &[Given]) -> Option<TokenStream> {
    let setters: Vec<TokenStream> = given
        .iter()
        .filter(|given| matches!(given.argument.form, Form::Content))
        .map(|given| {
            let span = ours_at(given.key.span());
            let setter = Ident::new(given.argument.key, span);
            let value = reference(&given.value);
            quote_spanned!(span=> .#setter(#value))
        })
        .collect();
    (!setters.is_empty())
        .then(|| quote_spanned!(ours()=> .content(|operation| operation #(#setters)*)))
}

fn none() -> TokenStream {
    quote_spanned!(ours()=> &::core::option::Option::None::<&str>)
}

fn named(name: &Name, private: &TokenStream) -> TokenStream {
    match name {
        Name::Function(text) | Name::Literal(text) => text.to_token_stream(),
        Name::Expression(name) => {
            let name = reference(name);
            quote_spanned!(ours()=> #private::name(#name))
        }
    }
}

/// `&(value)`, such that rustc underlines the whole value and nothing else.
fn reference(value: &impl ToTokens) -> TokenStream {
    let (first, last) = ends(value);
    let mut group = Group::new(Delimiter::Parenthesis, value.to_token_stream());
    group.set_span(ours_at(last));
    quote_spanned!(ours_at(first)=> &#group)
}

fn returned<'a>(call: &'a Call, key: &str) -> Option<&'a Value> {
    given(call, key).map(|given| &given.value)
}

fn given<'a>(call: &'a Call, key: &str) -> Option<&'a Given> {
    call.given.iter().find(|given| given.argument.key == key)
}

/// What asks a type whether it is lazy; `None` where it is known not to be.
fn question(call: &Call) -> Option<TokenStream> {
    if returned(call, "stream").is_some() {
        return None;
    }
    match &call.value {
        shape::Value::Unit | shape::Value::Closure(_) => None,
        shape::Value::Named => Some(quote_spanned!(ours()=> named)),
        shape::Value::Opaque(_) => Some(quote_spanned!(ours()=> opaque)),
        shape::Value::Sink(Sent { item, .. }) | shape::Value::Duplex(Sent { item, .. }) => {
            Some(quote_spanned!(ours()=> [#item]))
        }
    }
}

/// What the value may be, and what is known of it.
fn form(call: &Call) -> TokenStream {
    let (form, items, errors) = match &call.value {
        shape::Value::Unit | shape::Value::Closure(_) => ("plain", None, None),
        shape::Value::Named => ("named", None, None),
        shape::Value::Opaque(items) => ("opaque", items.as_ref(), None),
        shape::Value::Sink(sent) => ("sink", Some(&sent.item), sent.error.as_ref()),
        shape::Value::Duplex(sent) => ("duplex", Some(&sent.item), sent.error.as_ref()),
    };
    let form = Ident::new(form, ours());
    let items = items.map(|items| quote_spanned!(ours()=> , items = #items));
    let errors = errors.map(|errors| quote_spanned!(ours()=> , errors = #errors));
    quote_spanned!(ours()=> #form, output, ending #items #errors)
}

/// A call that rustc underlines at what the user wrote, when that does not fit.
fn blamed(
    private: &TokenStream,
    function: &str,
    written: &impl ToTokens,
    values: &TokenStream,
) -> TokenStream {
    let (first, last) = ends(written);
    let place = located(private, first);
    let mut values = Group::new(Delimiter::Parenthesis, values.clone());
    values.set_span(ours_at(last));
    let function = Ident::new(function, ours_at(first));
    quote_spanned!(ours_at(first)=> #place::#function #values)
}

fn end(call: &Call, private: &TokenStream) -> TokenStream {
    let output = match (call.shape, &call.promised) {
        (Shape::AsyncNever | Shape::BlockingNever, _) => {
            return quote_spanned!(ours()=> |output, _| output);
        }
        // Nothing else tells the type before the value is looked at.
        (Shape::Future, Some(promised)) => quote_spanned!(ours()=> output: #promised),
        _ => quote_spanned!(ours()=> output),
    };
    let ok_if = returned(call, "ok_if").map(|ok_if| {
        let test = test_name(ok_if);
        quote_spanned!(ours()=> , ok_if = #ok_if => #test)
    });
    let debug = debug(call, private);
    let read = reading(call, private);
    if let Some(stream) = returned(call, "stream") {
        let read = read.unwrap_or_else(|| quote_spanned!(ours()=> |_, _| ()));
        let values = quote_spanned! {ours()=>
            success,
            ending,
            #stream,
            |item, outcome| #private::settle!(item, outcome #debug),
            #read
        };
        let follow = blamed(private, "follow", stream, &values);
        return quote_spanned! {ours()=>
            |#output, ending| #private::end!(
                inside, output, ending, success, stream = #follow #ok_if #debug
            )
        };
    }
    let form = form(call);
    let read = read.map(|read| quote_spanned!(ours()=> , read = #read));
    quote_spanned! {ours()=>
        |#output, ending| #private::end!(#form #ok_if #debug #read)
    }
}

/// What a test goes by in messages: its path, if it has one.
fn test_name(test: &Value) -> String {
    match test {
        Value::Expression(Expr::Path(path)) => path.to_token_stream().to_string().replace(' ', ""),
        _ => String::from("ok_if"),
    }
}

/// What tells an error by its `Debug`: at the word, which rustc shall underline when there is none.
fn debug(call: &Call, private: &TokenStream) -> Option<TokenStream> {
    let Some(Value::Chosen { variant: "Debug", at, .. }) = returned(call, "err") else {
        return None;
    };
    let place = located(private, *at);
    let settle = quote_spanned! {ours_at(*at)=> #place::settle_debug(error, named, settlement)};
    Some(quote_spanned! {ours()=>
        , debug = |output, settlement| #private::debug!(output, error, named, #settle)
    })
}

/// What reads reply, usage and attributes from the value of success.
fn reading(call: &Call, private: &TokenStream) -> Option<TokenStream> {
    let usage = given(call, "usage");
    let is_required = usage.is_some_and(Given::is_required);
    let usage = usage.filter(|_| !is_required);
    let usage = usage.map(|usage| read_by(private, "read_usage", None, &usage.value));
    let attributes = match returned(call, "result") {
        Some(Value::Attributes(entries)) => entries.as_slice(),
        _ => &[],
    };
    let attributes = attributes
        .iter()
        .map(|entry| read_by(private, "read_attribute", Some(&entry.key), &entry.value));
    let given = call.given.iter().filter_map(|given| match given.argument.form {
        Form::Given(read) => Some(read_by(private, read, None, &given.value)),
        _ => None,
    });
    let reads: Vec<TokenStream> =
        response(call, private).into_iter().chain(usage).chain(attributes).chain(given).collect();
    (!reads.is_empty()).then(|| {
        quote_spanned! {ours()=>
            |output, settlement| #private::read!(output, value, #(#reads),*)
        }
    })
}

/// What reads a reply: where the user says, or where the type of the value is one.
fn response(call: &Call, private: &TokenStream) -> Option<TokenStream> {
    if let Some(response) = returned(call, "response") {
        return Some(read_by(private, "find_response", None, response));
    }
    if let Some(required) = given(call, "usage").filter(|usage| usage.is_required()) {
        let at = ends(&required.value).0;
        let place = located(private, at);
        return Some(quote_spanned!(ours_at(at)=> #place::read_response(value, settlement)));
    }
    let has_value = !matches!(call.value, shape::Value::Unit | shape::Value::Closure(_));
    (call.operation.reads_replies() && has_value)
        .then(|| quote_spanned!(ours()=> #private::respond!(value, settlement)))
}

/// A reading at the user's function, which rustc shall underline when its value does not fit.
fn read_by(
    private: &TokenStream,
    read: &str,
    key: Option<&LitStr>,
    function: &impl ToTokens,
) -> TokenStream {
    let key = key.map(|key| quote_spanned!(ours()=> #key,));
    let values = quote_spanned!(ours()=> value, settlement, #key #function);
    blamed(private, read, function, &values)
}

/// The same tokens, as if they stood there.
fn located(tokens: &TokenStream, there: Span) -> TokenStream {
    let moved = tokens.clone().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(there));
        token
    });
    moved.collect()
}

/// The spans of the first and the last token.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let tokens: Vec<TokenTree> = tokens.to_token_stream().into_iter().collect();
    let first = tokens.first().map_or_else(ours, |token| match token {
        TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    });
    let last = tokens.last().map_or_else(ours, |token| match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    });
    (first, last)
}
