//! The annotated function: its signature parsed, its body left as tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Ident, Signature, Token, Visibility};

/// A function or a method with a body.
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
}

impl Item {
    /// Fails at the token that makes it something else.
    pub(crate) fn parse(tokens: TokenStream, attribute: &str) -> syn::Result<Self> {
        let Annotated { mut attributes, visibility, kind } = syn::parse2(tokens)?;
        let (signature, rest) = match kind {
            Kind::Function(signature, rest) => (*signature, rest),
            Kind::Other(found) => {
                let message = format!(
                    "`#[{attribute}]` goes on a function, a method, an `impl` or a `trait`"
                );
                return Err(Error::new_spanned(found, message));
            }
        };
        let Some(body) = rest.clone().into_iter().next().and_then(braced) else {
            let message =
                format!("there is no body to trace; put `#[{attribute}]` where the body is");
            return Err(Error::new_spanned(rest, message));
        };
        let body = hoist(body, &mut attributes);
        Ok(Self { attributes, visibility, signature, body })
    }

    /// The function's name as text, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.signature.ident.unraw().to_string()
    }
}

/// Whatever the attribute was put on.
struct Annotated {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    kind: Kind,
}

enum Kind {
    /// Its signature, and what follows.
    Function(Box<Signature>, TokenStream),
    /// The token that says that it is something else.
    Other(TokenStream),
}

impl Parse for Annotated {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let kind = if is_function(&input.fork()) {
            // Only `extern` blocks have `safe`, and functions there have no body.
            input.parse::<Option<Token![safe]>>()?;
            Kind::Function(input.parse()?, input.parse()?)
        } else {
            let rest: TokenStream = input.parse()?;
            let found = rest.into_iter().find(|token| !is_ident(token, &["auto", "unsafe"]));
            Kind::Other(found.into_iter().collect())
        };
        Ok(Self { attributes, visibility, kind })
    }
}

/// Whether nothing but qualifiers stands before `fn` and a name.
pub(crate) fn is_function(input: ParseStream<'_>) -> bool {
    while let Ok(token) = input.parse::<TokenTree>() {
        if is_ident(&token, &["fn"]) {
            return input.peek(Ident::peek_any);
        }
        let is_abi = matches!(token, TokenTree::Literal(_));
        if !is_abi && !is_ident(&token, &["async", "const", "extern", "safe", "unsafe"]) {
            return false;
        }
    }
    false
}

fn is_ident(token: &TokenTree, names: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(ident) if names.iter().any(|name| ident == name))
}

/// A block, also one that a `macro_rules` passes on.
fn braced(token: TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            group.stream().into_iter().next().and_then(braced)
        }
        _ => None,
    }
}

/// Takes the inner attributes out of a body: what it becomes is no place for them. Half-typed ones
/// stay, and are rustc's to report.
fn hoist(body: Group, attributes: &mut Vec<Attribute>) -> Group {
    let parser = |input: ParseStream<'_>| {
        let inner = input.call(Attribute::parse_inner)?;
        let rest: TokenStream = input.parse()?;
        Ok((inner, rest))
    };
    let Ok((inner, rest)) = parser.parse2(body.stream()) else { return body };
    if inner.is_empty() {
        return body;
    }
    attributes.extend(
        inner.into_iter().map(|attribute| Attribute { style: syn::AttrStyle::Outer, ..attribute }),
    );
    let mut without = Group::new(Delimiter::Brace, rest);
    without.set_span(body.span());
    without
}
