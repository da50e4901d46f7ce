//! A checked type as the implementation of the trait: only quoting, which cannot fail.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use super::{CHOICES, FLATTEN, Field, INDEX, Part, Response, Shape, binding, mentions};
use crate::expand::{ends, ours, ours_at};

/// ```text
/// // Input:
/// //     #[derive(LlmResponse)]
/// //     struct Reply { #[llm(model)] model: String, #[llm(flatten)] usage: Usage, text: String }
/// // Output, with `::spanline::__private` left out:
/// //     impl LlmResponse for Reply {
/// //         fn read(&self, reply: &mut Reply) {
/// //             let Self { model: field0, usage: field1, .. } = self;
/// //             reply.model(field0);
/// //             LlmResponse::read(field1, reply);
/// //         }
/// //     }
/// ```
pub(super) fn expand(response: &Response) -> TokenStream {
    let Response { root, name, generics, shapes, is_partial } = response;
    let root = root
        .as_ref()
        .map_or_else(|| quote_spanned!(ours()=> ::spanline), ToTokens::to_token_stream);
    let private = quote_spanned!(ours()=> #root::__private);

    let (parameters, arguments, _) = generics.split_for_impl();
    let demanded = generics.where_clause.iter().flat_map(|demanded| &demanded.predicates);
    let flattened = shapes
        .iter()
        .flat_map(|shape| &shape.fields)
        .filter(|field| field.parts.iter().any(|part| part.key == FLATTEN))
        .map(|field| &field.of)
        .filter(|of| mentions(of, generics));

    let arms = shapes.iter().map(|shape| arm(shape, &private));
    let rest = (*is_partial || shapes.is_empty()).then(|| quote_spanned!(ours()=> _ => {}));
    quote_spanned! {ours()=>
        #[automatically_derived]
        impl #parameters #private::LlmResponse for #name #arguments
        where
            #(#demanded,)*
            #(#flattened: #private::LlmResponse,)*
        {
            fn read(&self, reply: &mut #private::Reply) {
                match self { #(#arms)* #rest }
            }
        }
    }
}

fn arm(shape: &Shape, private: &TokenStream) -> TokenStream {
    let variant = shape.variant.iter();
    let path = quote_spanned!(ours()=> Self #(::#variant)*);
    let patterns = shape.fields.iter().enumerate().map(|(index, field)| {
        let (member, binding) = (&field.member, binding(index));
        quote_spanned!(ours()=> #member: #binding)
    });
    // What a choice says is said of its index.
    let is_index = |part: &Part| part.key == INDEX;
    let (mut first, mut then) = (TokenStream::new(), TokenStream::new());
    for (index, field) in shape.fields.iter().enumerate() {
        for part in &field.parts {
            let tokens = if is_index(part) { &mut first } else { &mut then };
            tokens.extend(told(part, field, &binding(index), private));
        }
    }
    quote_spanned!(ours()=> #path { #(#patterns,)* .. } => { #first #then })
}

/// With the type of the field for its place, which rustc underlines when it is the wrong one.
fn told(part: &Part, field: &Field, binding: &Ident, private: &TokenStream) -> TokenStream {
    let (start, end) = ends(&field.of);
    let (start, end) = (ours_at(start), ours_at(end));
    let mut last = binding.clone();
    last.set_span(end);
    let value = quote_spanned!(start=> &*#last);
    match part.key {
        FLATTEN => quote_spanned!(ours()=> #private::LlmResponse::read(#value, reply);),
        CHOICES => quote_spanned! {ours()=>
            for (place, choice) in
                ::core::iter::Iterator::enumerate(::core::iter::IntoIterator::into_iter(#value))
            {
                reply.choice(place);
                #private::LlmResponse::read(choice, reply);
            }
            reply.choice(0_u8);
        },
        INDEX => quote_spanned!(ours()=> reply.choice(#value);),
        "usage" => {
            let copy = quote_spanned!(start=> ::core::clone::Clone::clone(#last));
            quote_spanned!(ours()=> reply.usage(#copy);)
        }
        key => {
            let setter = Ident::new(key, Span::mixed_site());
            quote_spanned!(ours()=> reply.#setter(#value);)
        }
    }
}
