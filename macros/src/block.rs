//! An attribute on an `impl` or a `trait`: each method with a body gets the attribute of its own.
//!
//! The block is written back as it was, with attributes added: `#[async_trait]` above or below, and
//! whatever else rewrites methods, finds them as their author wrote them.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Error, ItemImpl, ItemTrait, LitStr, Path, Signature, Token, Type, Visibility,
};

use crate::diagnostic::{Diagnostics, unknown};
use crate::item::is_function;
use crate::operation::{self, Operation};

/// A block whose methods are to be traced.
pub(crate) struct Block {
    /// Everything before the braces.
    header: TokenStream,
    /// What the methods are named after.
    owner: String,
    /// The token that says what the block is.
    pub(crate) keyword: TokenTree,
    inner: Vec<Attribute>,
    items: Vec<BlockItem>,
    braces: Group,
    /// Whether all of it could be read.
    is_whole: bool,
}

enum BlockItem {
    Method(Box<Method>),
    Other(TokenStream),
}

struct Method {
    attributes: Vec<Attribute>,
    rest: TokenStream,
    name: Ident,
    has_body: bool,
    is_traced: bool,
}

impl Block {
    /// `None` for whatever is neither an `impl` nor a `trait`.
    pub(crate) fn parse(item: &TokenStream, diagnostics: &mut Diagnostics) -> Option<Self> {
        let tokens: Vec<TokenTree> = item.clone().into_iter().collect();
        let (TokenTree::Group(braces), header) = tokens.split_last()? else { return None };
        if braces.delimiter() != Delimiter::Brace {
            return None;
        }
        let header: TokenStream = header.iter().cloned().collect();
        let (owner, keyword) = owner(&header)?;
        let mut inner = Vec::new();
        let mut items = Vec::new();
        let parser = |input: ParseStream<'_>| {
            inner = input.call(Attribute::parse_inner)?;
            while !input.is_empty() {
                items.push(block_item(input, diagnostics)?);
            }
            Ok(())
        };
        let read = parser.parse2(braces.stream());
        let is_whole = read.is_ok();
        if let Err(error) = read {
            diagnostics.push(error);
        }
        Some(Self { header, owner, keyword, inner, items, braces: braces.clone(), is_whole })
    }

    /// Whether there is a method with a body, traced or not.
    pub(crate) fn has_bodies(&self) -> bool {
        !self.is_whole
            || self.items.iter().any(|item| matches!(item, BlockItem::Method(it) if it.has_body))
    }

    /// The block without what is ours alone, for rustc to look at beside our errors.
    pub(crate) fn untraced(&self, item: TokenStream) -> TokenStream {
        if !self.is_whole {
            return item;
        }
        self.written(|method| {
            let attributes = &method.attributes;
            quote!(#(#attributes)*)
        })
    }

    /// The block with the attribute on each of its methods.
    pub(crate) fn traced(
        &self,
        operation: &Operation,
        root: Option<&Path>,
        args: &TokenStream,
    ) -> TokenStream {
        let root = root.map_or_else(
            || quote_spanned!(Span::mixed_site()=> ::spanline),
            ToTokens::to_token_stream,
        );
        let attribute = Ident::new(operation.attribute, Span::mixed_site());
        self.written(|method| {
            let attributes = &method.attributes;
            if !method.is_traced {
                return quote!(#(#attributes)*);
            }
            let name = format!("{}::{}", self.owner, method.name.unraw());
            let name = LitStr::new(&name, method.name.span());
            quote!(#[#root::#attribute(#name, #args)] #(#attributes)*)
        })
    }

    fn written(&self, attributes: impl Fn(&Method) -> TokenStream) -> TokenStream {
        let inner = &self.inner;
        let mut body = quote!(#(#inner)*);
        for item in &self.items {
            match item {
                BlockItem::Method(method) => {
                    body.extend(attributes(method));
                    body.extend(method.rest.clone());
                }
                BlockItem::Other(tokens) => body.extend(tokens.clone()),
            }
        }
        let mut braces = Group::new(Delimiter::Brace, body);
        braces.set_span(self.braces.span());
        let mut tokens = self.header.clone();
        tokens.extend([TokenTree::Group(braces)]);
        tokens
    }
}

/// What the methods are named after, and the token that says what the block is.
fn owner(header: &TokenStream) -> Option<(String, TokenTree)> {
    let whole = quote!(#header {});
    if let Ok(block) = syn::parse2::<ItemImpl>(whole.clone()) {
        let keyword = Ident::new("impl", block.impl_token.span);
        return Some((type_name(&block.self_ty), TokenTree::Ident(keyword)));
    }
    let block = syn::parse2::<ItemTrait>(whole).ok()?;
    let keyword = Ident::new("trait", block.trait_token.span);
    Some((block.ident.unraw().to_string(), TokenTree::Ident(keyword)))
}

/// `Store` for `&'a mut crate::Store<T>`.
fn type_name(subject: &Type) -> String {
    match subject {
        Type::Path(path) if !path.path.segments.is_empty() => path
            .path
            .segments
            .last()
            .map_or_else(String::new, |last| last.ident.unraw().to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        Type::Paren(paren) => type_name(&paren.elem),
        Type::Group(group) => type_name(&group.elem),
        other => other.to_token_stream().to_string().replace(' ', ""),
    }
}

fn block_item(input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<BlockItem> {
    let start = input.fork();
    let mut attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    let default = if input.peek(syn::Ident::peek_any) && input.peek2(Token![!]) {
        None
    } else {
        input.parse::<Option<Token![default]>>()?
    };
    if !is_function(&input.fork()) {
        return Ok(BlockItem::Other(other(&start, input)?));
    }
    let signature: Signature = input.parse()?;
    let body: TokenTree = input.parse()?;
    let is_skipped = take_skip(&mut attributes, diagnostics);
    let is_ours = attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last();
        last.is_some_and(|last| operation::is_attribute(&last.ident.to_string()))
    });
    let has_body = matches!(body, TokenTree::Group(_));
    Ok(BlockItem::Method(Box::new(Method {
        name: signature.ident.clone(),
        rest: quote!(#visibility #default #signature #body),
        attributes,
        has_body,
        is_traced: has_body && !is_skipped && !is_ours,
    })))
}

/// A constant, a type or a macro, from its attributes to its `;` or braces.
fn other(start: ParseStream<'_>, input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let before = start.cursor();
    let mut is_macro = false;
    loop {
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Punct(punct) => is_macro |= punct.as_char() == '!',
            TokenTree::Group(group) if is_macro && group.delimiter() == Delimiter::Brace => break,
            _ if input.is_empty() => break,
            _ => {}
        }
    }
    let mut tokens = TokenStream::new();
    let mut cursor = before;
    while cursor != input.cursor() {
        let Some((token, next)) = cursor.token_tree() else { break };
        tokens.extend([token]);
        cursor = next;
    }
    Ok(tokens)
}

/// Takes `#[spanline(skip)]` away and says whether it was there.
fn take_skip(attributes: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> bool {
    let mut is_skipped = false;
    attributes.retain(|attribute| {
        if !attribute.path().is_ident("spanline") {
            return true;
        }
        is_skipped = true;
        match attribute.parse_args_with(Ident::parse_any) {
            Ok(word) if word == "skip" => {}
            Ok(word) => diagnostics
                .push(Error::new_spanned(&word, unknown("word", &word.to_string(), &["skip"]))),
            Err(_) => {
                diagnostics.at(attribute, "what shall be left out? write `#[spanline(skip)]`");
            }
        }
        false
    });
    is_skipped
}
