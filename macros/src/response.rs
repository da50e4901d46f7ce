//! `#[derive(LlmResponse)]`: which field tells what, and every rule about it.

mod reading;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Fields, Generics, Member, Meta, Path, Token, Type};

use crate::diagnostic::{Diagnostics, nearest, unknown};

/// The attribute of a field.
const ATTRIBUTE: &str = "llm";

/// What a field can tell; each but the last three is a method of the runtime's reply.
const PARTS: [&str; 30] = [
    "usage",
    "cost_usd",
    "model",
    "id",
    "finish_reason",
    "text",
    "reasoning",
    "refusal",
    "service_tier",
    "system_fingerprint",
    "input_tokens",
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation_1h_input_tokens",
    "text_input_tokens",
    "image_input_tokens",
    "audio_input_tokens",
    "text_cache_read_input_tokens",
    "image_cache_read_input_tokens",
    "audio_cache_read_input_tokens",
    "output_tokens",
    "visible_output_tokens",
    "reasoning_output_tokens",
    "text_output_tokens",
    "image_output_tokens",
    "audio_output_tokens",
    INDEX,
    CHOICES,
    FLATTEN,
];
const INDEX: &str = "index";
const CHOICES: &str = "choices";
const FLATTEN: &str = "flatten";

/// What providers call the parts.
const SYNONYMS: [(&str, &str); 16] = [
    ("cached_tokens", "cache_read_input_tokens"),
    ("candidates", CHOICES),
    ("completion_tokens", "output_tokens"),
    ("content", "text"),
    ("cost", "cost_usd"),
    ("finish_reasons", CHOICES),
    ("nested", FLATTEN),
    ("prompt_tokens", "input_tokens"),
    ("reasoning_content", "reasoning"),
    ("reasoning_tokens", "reasoning_output_tokens"),
    ("response_id", "id"),
    ("response_model", "model"),
    ("stop_reason", "finish_reason"),
    ("thinking", "reasoning"),
    ("thinking_tokens", "reasoning_output_tokens"),
    ("tokens", "usage"),
];

/// A type that is read, checked.
pub(crate) struct Response {
    root: Option<Path>,
    name: Ident,
    generics: Generics,
    /// The struct itself, or each variant that tells something.
    shapes: Vec<Shape>,
    /// Whether some variants tell nothing.
    is_partial: bool,
}

/// A struct, or a variant.
struct Shape {
    /// `Self` or `Self::Variant`.
    variant: Option<Ident>,
    fields: Vec<Field>,
}

/// A field that tells something.
struct Field {
    member: Member,
    of: Type,
    parts: Vec<Part>,
}

/// One thing that a field tells.
struct Part {
    /// As the user wrote it.
    written: Ident,
    key: &'static str,
}

/// The implementation of the derived trait; the mistakes where there are any.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    match checked(item) {
        Ok(response) => reading::expand(&response),
        Err(errors) => errors.to_compile_error(),
    }
}

/// All the mistakes, when there is one.
pub(crate) fn checked(item: TokenStream) -> syn::Result<Response> {
    let mut diagnostics = Diagnostics::default();
    let response = Response::of(syn::parse2(item)?, &mut diagnostics);
    match (response, diagnostics.errors()) {
        (Some(response), None) => Ok(response),
        (_, Some(errors)) => Err(errors),
        // What is no response is a mistake.
        (None, None) => {
            Err(Error::new(proc_macro2::Span::mixed_site(), "expected a struct or an enum"))
        }
    }
}

impl Response {
    fn of(item: syn::Item, diagnostics: &mut Diagnostics) -> Option<Self> {
        let (attributes, name, generics, shapes, is_partial) = match item {
            syn::Item::Struct(item) => {
                let fields = fields(item.fields, diagnostics);
                (
                    item.attrs,
                    item.ident,
                    item.generics,
                    vec![Shape { variant: None, fields }],
                    false,
                )
            }
            syn::Item::Enum(item) => {
                let mut shapes = Vec::new();
                let count = item.variants.len();
                for variant in item.variants {
                    misplaced(&variant.attrs, diagnostics);
                    let fields = fields(variant.fields, diagnostics);
                    if !fields.is_empty() {
                        shapes.push(Shape { variant: Some(variant.ident), fields });
                    }
                }
                let is_partial = shapes.len() < count;
                (item.attrs, item.ident, item.generics, shapes, is_partial)
            }
            syn::Item::Union(item) => {
                let message = "a union cannot be read: nothing tells which field it holds";
                diagnostics.at(item.union_token, message);
                return None;
            }
            other => {
                diagnostics.at(other, "`LlmResponse` is derived for a struct or an enum");
                return None;
            }
        };
        let root = root(&attributes, diagnostics);
        let tells = shapes.iter().any(|shape| !shape.fields.is_empty());
        // An attribute with a mistake in it was meant to tell something.
        if !tells && diagnostics.is_empty() {
            let message = "no field tells anything; put `#[llm(model)]`, `#[llm(input_tokens)]`, \
                           `#[llm(flatten)]` or the like on a field";
            diagnostics.at(&name, message);
        }
        Some(Self { root, name, generics, shapes, is_partial })
    }
}

/// The fields that tell something.
fn fields(fields: Fields, diagnostics: &mut Diagnostics) -> Vec<Field> {
    let mut told: Vec<&'static str> = Vec::new();
    let mut telling = Vec::new();
    for (index, field) in fields.into_iter().enumerate() {
        let parts = parts(&field.attrs, diagnostics);
        for part in &parts {
            if told.contains(&part.key) && part.key != FLATTEN {
                let written = part.written.unraw();
                diagnostics.at(&part.written, format!("`{written}` is told twice"));
            }
            told.push(part.key);
        }
        if !parts.is_empty() {
            let member = field.ident.map_or(Member::from(index), Member::Named);
            telling.push(Field { member, of: field.ty, parts });
        }
    }
    telling
}

/// `#[llm(model, id)]`, in one attribute or in several.
fn parts(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Vec<Part> {
    let mut parts = Vec::new();
    for attribute in ours(attributes) {
        let Meta::List(list) = &attribute.meta else {
            diagnostics
                .at(attribute.path(), "expected what the field tells; write `#[llm(model)]`");
            continue;
        };
        if list.tokens.is_empty() {
            diagnostics
                .at(attribute.path(), "expected what the field tells; write `#[llm(model)]`");
        }
        let parser = Punctuated::<(Ident, Option<Expr>), Token![,]>::parse_terminated_with;
        let parser = |input: ParseStream<'_>| parser(input, entry);
        match parser.parse2(list.tokens.clone()) {
            Ok(entries) => {
                for (written, value) in entries {
                    parts.extend(part(written, value, diagnostics));
                }
            }
            Err(error) => diagnostics.push(error),
        }
    }
    parts
}

fn entry(input: ParseStream<'_>) -> syn::Result<(Ident, Option<Expr>)> {
    let written = input.call(Ident::parse_any)?;
    let has_value = input.parse::<Option<Token![=]>>()?.is_some();
    Ok((written, if has_value { Some(input.parse()?) } else { None }))
}

fn part(written: Ident, value: Option<Expr>, diagnostics: &mut Diagnostics) -> Option<Part> {
    let found = written.unraw().to_string();
    let Some(key) = PARTS.into_iter().find(|key| *key == found) else {
        diagnostics.at(&written, unknown_part(&found));
        return None;
    };
    if let Some(value) = value {
        diagnostics.at(value, format!("`{key}` takes no value; write `#[llm({key})]`"));
    }
    Some(Part { written, key })
}

fn unknown_part(found: &str) -> String {
    if found == "crate" {
        return "`crate` goes above the type; write `#[llm(crate = ::path::to::spanline)]` there"
            .to_owned();
    }
    let meant = SYNONYMS.iter().find(|(synonym, _)| *synonym == found).map(|(_, meant)| *meant);
    match meant.or_else(|| nearest(found, &PARTS)) {
        Some(meant) => format!("unknown argument `{found}`; did you mean `{meant}`?"),
        None => unknown("argument", found, &PARTS),
    }
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident(ATTRIBUTE))
}

fn misplaced(attributes: &[Attribute], diagnostics: &mut Diagnostics) {
    for attribute in ours(attributes) {
        diagnostics.at(attribute.path(), "`#[llm(…)]` goes on a field; put it there");
    }
}

/// `#[llm(crate = ::path)]` above the type.
fn root(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Option<Path> {
    let mut root = None;
    for attribute in ours(attributes) {
        let parser = |input: ParseStream<'_>| {
            if input.parse::<Option<Token![crate]>>()?.is_none() {
                return Err(Error::new_spanned(
                    attribute.path(),
                    "`#[llm(…)]` goes on a field; put it there",
                ));
            }
            input.parse::<Token![=]>()?;
            input.call(Path::parse_mod_style)
        };
        let tokens = match &attribute.meta {
            Meta::List(list) => list.tokens.clone(),
            _ => TokenStream::new(),
        };
        match parser.parse2(tokens) {
            Ok(path) => root = Some(path),
            Err(error) => diagnostics.push(error),
        }
    }
    root
}

/// Whether a type names one of these parameters.
fn mentions(of: &Type, generics: &Generics) -> bool {
    let parameters: Vec<String> =
        generics.type_params().map(|parameter| parameter.ident.to_string()).collect();
    has_ident(of.to_token_stream(), &parameters)
}

fn has_ident(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        proc_macro2::TokenTree::Ident(ident) => names.contains(&ident.to_string()),
        proc_macro2::TokenTree::Group(group) => has_ident(group.stream(), names),
        _ => false,
    })
}

/// A name for what a pattern takes out of a field.
fn binding(index: usize) -> Ident {
    format_ident!("field{index}", span = proc_macro2::Span::mixed_site())
}
