//! What is traced, decided on the signature alone: a call, or the future that it returns.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, ReturnType,
    Signature, Token, TraitBound, Type, TypeParamBound,
};

/// How the body becomes a traced one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `async fn`
    Async,
    /// `async fn … -> !`; stable Rust cannot write `impl Future<Output = !>`
    AsyncNever,
    /// `fn … -> impl Future`
    Future,
    /// `fn … -> Pin<Box<dyn Future>>`, hand-written or from `#[async_trait]`
    BoxedFuture,
    /// `fn … -> Box<dyn Future + Unpin>`
    UnpinnedFuture,
    /// `fn … -> !`
    BlockingNever,
    /// any other `fn`
    Blocking,
}

impl Shape {
    pub(crate) fn of(signature: &Signature) -> Self {
        let returned = match &signature.output {
            ReturnType::Type(_, returned) => Some(peel(returned)),
            ReturnType::Default => None,
        };
        match (signature.asyncness, returned) {
            (Some(_), Some(Type::Never(_))) => Self::AsyncNever,
            (Some(_), _) => Self::Async,
            (None, Some(Type::Never(_))) => Self::BlockingNever,
            (None, Some(returned)) if is_future(returned) => Self::Future,
            (None, Some(returned)) if is_boxed_future(returned) => Self::BoxedFuture,
            (None, Some(returned)) if is_unpinned_future(returned) => Self::UnpinnedFuture,
            (None, _) => Self::Blocking,
        }
    }
}

/// The return type as it can be written in a body: `_` for each `impl Trait`.
pub(crate) fn returned(signature: &Signature) -> TokenStream {
    match &signature.output {
        ReturnType::Type(_, returned) => {
            let mut returned = returned.clone();
            open(&mut returned);
            quote!(#returned)
        }
        ReturnType::Default => quote!(()),
    }
}

/// Whether an `async fn` returns a future, by the looks of it: clippy is told that it is meant.
pub(crate) fn returns_future(signature: &Signature) -> bool {
    let ReturnType::Type(_, returned) = &signature.output else { return false };
    is_future(peel(returned))
        || is_boxed_future(returned)
        || is_unpinned_future(returned)
        || last_segment(returned)
            .is_some_and(|(name, _)| name == "JoinHandle" || name.to_string().ends_with("Future"))
}

/// `T` of a returned `impl Future<Output = T>`, as it can be written in a body.
pub(crate) fn promised(signature: &Signature) -> Option<TokenStream> {
    let ReturnType::Type(_, returned) = &signature.output else { return None };
    let mut promised = associated(future_of(returned)?, "Output")?.clone();
    open(&mut promised);
    Some(quote!(#promised))
}

/// What the value that ends the span may be.
pub(crate) enum Value {
    /// Nothing, in so many words.
    Unit,
    /// A type by its name: what wraps it has to have the same.
    Named,
    /// `impl Trait`, or its like in `Result` or `Option`: anything that keeps the bounds will do. With
    /// `T` of `Item = T`, if it says so.
    Opaque(Option<TokenStream>),
    /// The same of `impl Sink<T>`.
    Sink(Sent),
    /// The same of `impl Stream + Sink<T>`.
    Duplex(Sent),
    /// `impl Fn(A) -> B`, with `Fn(A) -> B`.
    Closure(TokenStream),
}

/// What a sink takes: `T` of `Sink<T, Error = E>`, and `E`, if it says so.
pub(crate) struct Sent {
    pub(crate) item: TokenStream,
    pub(crate) error: Option<TokenStream>,
}

impl Value {
    pub(crate) fn of(shape: Shape, signature: &Signature) -> Self {
        let returned = match &signature.output {
            ReturnType::Type(_, returned) => returned,
            ReturnType::Default => return Self::Unit,
        };
        let returned = match shape {
            Shape::Future => {
                match future_of(returned).and_then(|future| associated(future, "Output")) {
                    Some(output) => output,
                    None => return Self::Named,
                }
            }
            Shape::BoxedFuture | Shape::UnpinnedFuture => return Self::Named,
            _ => returned,
        };
        if let Some(bounds) = opaque(returned)
            && shape != Shape::Future
            && let Some(closure) = bounds.iter().find_map(closure)
        {
            return Self::Closure(closure);
        }
        let held = || opaque(first_argument(returned)?);
        let Some(bounds) = opaque(returned).or_else(held) else { return Self::Named };
        let is_stream = bounds.iter().any(|bound| {
            named(bound).is_some_and(|segment| {
                ["Stream", "FusedStream", "TryStream"].iter().any(|name| segment.ident == name)
            })
        });
        match bounds.iter().find_map(sent) {
            Some(sent) if is_stream => Self::Duplex(sent),
            Some(sent) => Self::Sink(sent),
            None => Self::Opaque(bounds.iter().find_map(item)),
        }
    }
}

/// The trait of a bound, with its arguments.
fn named(bound: &TypeParamBound) -> Option<&PathSegment> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    bound.path.segments.last()
}

/// `Fn(A) -> B`, also `FnMut` and `FnOnce`.
fn closure(bound: &TypeParamBound) -> Option<TokenStream> {
    let segment = named(bound)?;
    let is_closure = ["Fn", "FnMut", "FnOnce"].iter().any(|name| segment.ident == name);
    (is_closure && matches!(segment.arguments, PathArguments::Parenthesized(_)))
        .then(|| quote!(#bound))
}

/// What `Sink<T>` takes, if that is one type.
fn sent(bound: &TypeParamBound) -> Option<Sent> {
    let segment = named(bound)?;
    let TypeParamBound::Trait(TraitBound { lifetimes: None, .. }) = bound else { return None };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    let item = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(argument) if segment.ident == "Sink" => Some(argument),
        _ => None,
    })?;
    let opened = |told: &Type| {
        let mut told = told.clone();
        open(&mut told);
        quote!(#told)
    };
    let error = associated(&segment.arguments, "Error").map(opened);
    Some(Sent { item: opened(item), error })
}

/// The type of the items that a bound such as `Stream<Item = T>` or `TryStream<Ok = T, Error = E>`
/// tells.
fn item(bound: &TypeParamBound) -> Option<TokenStream> {
    let arguments = &named(bound)?.arguments;
    let told = |name| {
        let mut told = associated(arguments, name)?.clone();
        open(&mut told);
        Some(quote!(#told))
    };
    told("Item").or_else(|| {
        let (value, error) = (told("Ok")?, told("Error")?);
        Some(quote_spanned!(Span::mixed_site()=> ::core::result::Result<#value, #error>))
    })
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;

fn opaque(subject: &Type) -> Option<&Bounds> {
    match peel(subject) {
        Type::ImplTrait(subject) => Some(&subject.bounds),
        _ => None,
    }
}

/// `T` of `Result<T, E>`, by whatever name.
fn first_argument(subject: &Type) -> Option<&Type> {
    last_segment(subject)?.1?.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(argument) => Some(argument),
        _ => None,
    })
}

/// `T` of `<Name = T>`
fn associated<'a>(arguments: &'a PathArguments, name: &str) -> Option<&'a Type> {
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(found) if found.ident == name => Some(&found.ty),
        _ => None,
    })
}

/// Replaces each `impl Trait` in a type by `_`.
fn open(subject: &mut Type) {
    match subject {
        Type::ImplTrait(_) => *subject = Type::Verbatim(quote!(_)),
        Type::Array(array) => open(&mut array.elem),
        Type::Group(group) => open(&mut group.elem),
        Type::Paren(paren) => open(&mut paren.elem),
        Type::Ptr(pointer) => open(&mut pointer.elem),
        Type::Reference(reference) => open(&mut reference.elem),
        Type::Slice(slice) => open(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(open),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                    for argument in &mut arguments.args {
                        if let GenericArgument::Type(argument) = argument {
                            open(argument);
                        }
                    }
                }
            }
        }
        _ => {}
    }
}

/// Without parentheses and the invisible groups of `macro_rules`.
fn peel(subject: &Type) -> &Type {
    match subject {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        subject => subject,
    }
}

/// The arguments of `Future` in `impl Future<…>` or `dyn Future<…>`.
fn future_of(subject: &Type) -> Option<&PathArguments> {
    let bounds: &Bounds = match peel(subject) {
        Type::ImplTrait(subject) => &subject.bounds,
        Type::TraitObject(subject) => &subject.bounds,
        _ => return None,
    };
    bounds.iter().find_map(|bound| {
        let segment = named(bound)?;
        (segment.ident == "Future").then_some(&segment.arguments)
    })
}

fn is_future(subject: &Type) -> bool {
    matches!(subject, Type::ImplTrait(_)) && future_of(subject).is_some()
}

/// `Pin<Box<dyn Future>>`, by any path, or the aliases of the `futures` crates.
fn is_boxed_future(subject: &Type) -> bool {
    if last_segment(subject)
        .is_some_and(|(name, _)| name == "BoxFuture" || name == "LocalBoxFuture")
    {
        return true;
    }
    let boxed = argument_of(subject, "Pin").and_then(|pinned| argument_of(pinned, "Box"));
    boxed.is_some_and(is_future_object)
}

/// `Box<dyn Future>`, which can be polled if that is `Unpin`.
fn is_unpinned_future(subject: &Type) -> bool {
    argument_of(subject, "Box").is_some_and(is_future_object)
}

fn is_future_object(subject: &Type) -> bool {
    matches!(peel(subject), Type::TraitObject(_)) && future_of(subject).is_some()
}

/// `T` of `Name<T>`
fn argument_of<'a>(subject: &'a Type, name: &str) -> Option<&'a Type> {
    let (found, _) = last_segment(subject)?;
    if found == name { first_argument(subject) } else { None }
}

fn last_segment(subject: &Type) -> Option<(&syn::Ident, Option<&AngleBracketedGenericArguments>)> {
    let Type::Path(path) = peel(subject) else { return None };
    let segment = path.path.segments.last()?;
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    };
    Some((&segment.ident, arguments))
}
