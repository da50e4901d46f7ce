//! A named error as Rust: only quoting, which cannot fail.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Generics, parse_quote_spanned};

use super::{Case, NamedError, Naming};

/// The implementation of the trait.
///
/// ```text
/// // Input:
/// //     #[derive(ErrorType)]
/// //     enum ApiError<E> { RateLimited, #[error_type(transparent)] Transport(E) }
/// // Output:
/// //     impl<E> ::spanline::__private::ErrorType for ApiError<E>
/// //     where Self: ::core::error::Error, E: ::spanline::__private::ErrorType,
/// //     {
/// //         fn error_type(&self) -> ::std::borrow::Cow<'static, str> {
/// //             match self {
/// //                 Self::RateLimited { .. } => ::std::borrow::Cow::Borrowed("rate_limited"),
/// //                 Self::Transport { 0: error } => <E as …::ErrorType>::error_type(error),
/// //             }
/// //         }
/// //     }
/// ```
pub(crate) fn expand(error: &NamedError) -> TokenStream {
    let NamedError { name, generics, root, cases } = error;
    let root = root
        .as_ref()
        .map_or_else(|| quote_spanned!(ours()=> ::spanline), ToTokens::to_token_stream);
    let implemented = quote_spanned!(ours()=> #root::__private::ErrorType);
    let bounded = bounded(generics, cases, &implemented);
    let (parameters, _, bounds) = bounded.split_for_impl();
    let (_, arguments, _) = generics.split_for_impl();
    let arms = cases.iter().map(|case| arm(case, &implemented));
    let value = if cases.is_empty() {
        quote_spanned!(ours()=> *self)
    } else {
        quote_spanned!(ours()=> self)
    };
    quote_spanned! {ours()=>
        #[automatically_derived]
        #[allow(deprecated)]
        impl #parameters #implemented for #name #arguments #bounds {
            fn error_type(&self) -> ::std::borrow::Cow<'static, str> {
                match #value { #(#arms)* }
            }
        }
    }
}

fn ours() -> Span {
    Span::mixed_site()
}

fn arm(case: &Case, implemented: &TokenStream) -> TokenStream {
    let variant = case.variant.as_ref().map(|variant| quote_spanned!(ours()=> ::#variant));
    match &case.naming {
        Naming::Text(text) => quote_spanned! {ours()=>
            Self #variant { .. } => ::std::borrow::Cow::Borrowed(#text),
        },
        Naming::Field(member, field) => quote_spanned! {ours()=>
            Self #variant { #member: error } => <#field as #implemented>::error_type(error),
        },
    }
}

/// What a generic type is an error for, and what its fields are to be.
fn bounded(generics: &Generics, cases: &[Case], implemented: &TokenStream) -> Generics {
    let mut bounded = generics.clone();
    let parameters: Vec<&Ident> =
        generics.type_params().map(|parameter| &parameter.ident).collect();
    if parameters.is_empty() {
        return bounded;
    }
    let bounds = &mut bounded.make_where_clause().predicates;
    bounds.push(parse_quote_spanned!(ours()=> Self: ::core::error::Error));
    for case in cases {
        if let Naming::Field(_, field) = &case.naming
            && mentions(field.to_token_stream(), &parameters)
        {
            bounds.push(parse_quote_spanned!(ours()=> #field: #implemented));
        }
    }
    bounded
}

fn mentions(tokens: TokenStream, names: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Ident(ident) => names.contains(&&ident),
        _ => false,
    })
}
