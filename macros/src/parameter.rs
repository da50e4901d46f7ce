//! The parameters of an `async fn`: they live as long as its future, mentioned in the body or not.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, PatWild, ReceiverKind, Signature, Token};

/// Every name that some tokens mention, in format strings too.
#[derive(Default)]
pub(crate) struct Mentions(HashSet<String>);

impl Mentions {
    pub(crate) fn read(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.read(group.stream()),
                TokenTree::Ident(ident) => {
                    self.0.insert(ident.unraw().to_string());
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let words =
                        text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                    self.0.extend(words.map(str::to_owned));
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    fn contains(&self, name: &Ident) -> bool {
        self.0.contains(&name.unraw().to_string())
    }
}

/// How one parameter gets into the future.
pub(crate) enum Capture {
    /// `self` by value.
    Receiver(Token![self]),
    /// A name that stays as it is.
    Kept { attributes: Vec<Attribute>, name: Ident },
    /// A parameter that goes by a name of ours, and is bound again inside.
    Bound {
        attributes: Vec<Attribute>,
        pattern: Box<Pat>,
        name: Ident,
        /// What the arguments of the macro read before that, where it is by a reference to the
        /// parameter.
        read: Option<Box<Pat>>,
    },
}

/// The names that the parameters bind.
pub(crate) fn bindings(signature: &Signature) -> Vec<&Ident> {
    let mut names = Vec::new();
    for input in &signature.inputs {
        if let FnArg::Typed(parameter) = input {
            bound(&parameter.pat, &mut names);
        }
    }
    names
}

/// Makes the parameters ready to be captured whole, in an order that lets go of the last one first.
///
/// What the arguments of a macro mention keeps its name, for they are read before the body runs. The
/// rest goes by names of ours, as in the future of any `async fn`: a block captures only what it
/// mentions, and of a struct only the fields it mentions.
pub(crate) fn capture(signature: &mut Signature, mentions: &Mentions) -> Vec<Capture> {
    let mut captures = Vec::new();
    for (index, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                // A borrowed `self` has nothing to drop.
                if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
                    captures.push(Capture::Receiver(receiver.self_token));
                }
            }
            FnArg::Typed(parameter) => capture_one(parameter, index, mentions, &mut captures),
        }
    }
    // What keeps its name belongs to the future itself, which lets go of it after the variables of the
    // body, first captured first.
    let (bound, mut kept): (Vec<_>, Vec<_>) =
        captures.into_iter().partition(|capture| matches!(capture, Capture::Bound { .. }));
    kept.reverse();
    kept.extend(bound);
    kept
}

fn capture_one(
    parameter: &mut PatType,
    index: usize,
    mentions: &Mentions,
    captures: &mut Vec<Capture>,
) {
    let attributes = parameter.attrs.clone();
    let mut names = Vec::new();
    bound(&parameter.pat, &mut names);
    let is_mentioned = names.iter().any(|name| mentions.contains(name));
    // A reference to a parameter cannot leave the function, as the future does.
    let read = (is_mentioned && refers(&parameter.pat)).then(|| {
        let mut read = parameter.pat.clone();
        only_read(&mut read, mentions);
        read
    });
    if is_mentioned && read.is_none() {
        captures.extend(
            names
                .into_iter()
                .map(|name| Capture::Kept { attributes: attributes.clone(), name: name.clone() }),
        );
        return;
    }
    let name = match &*parameter.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => {
            let mut name = ident.clone();
            name.set_span(Span::mixed_site().located_at(ident.span()));
            name
        }
        _ => format_ident!("argument_{index}", span = Span::mixed_site()),
    };
    let ours = Pat::Ident(PatIdent {
        attrs: Vec::new(),
        by_ref: None,
        mutability: None,
        ident: name.clone(),
        subpat: None,
    });
    let pattern = std::mem::replace(&mut *parameter.pat, ours);
    // Lint levels are for the pattern; what it is compiled for is for both.
    parameter.attrs.retain(|attribute| {
        attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
    });
    captures.push(Capture::Bound { attributes, pattern: Box::new(pattern), name, read });
}

/// Whether a pattern binds something by `ref`.
fn refers(pattern: &Pat) -> bool {
    any_ident(pattern, &mut |pattern| pattern.by_ref.is_some())
}

/// Whether a pattern binds something by `ref mut`.
pub(crate) fn refers_mutably(pattern: &Pat) -> bool {
    any_ident(pattern, &mut |pattern| pattern.by_ref.is_some() && pattern.mutability.is_some())
}

fn any_ident(pattern: &Pat, is_one: &mut dyn FnMut(&PatIdent) -> bool) -> bool {
    match pattern {
        Pat::Ident(pattern) => {
            is_one(pattern)
                || pattern.subpat.as_ref().is_some_and(|(_, inner)| any_ident(inner, is_one))
        }
        Pat::Paren(pattern) => any_ident(&pattern.pat, is_one),
        Pat::Reference(pattern) => any_ident(&pattern.pat, is_one),
        Pat::Slice(pattern) => pattern.elems.iter().any(|inner| any_ident(inner, is_one)),
        Pat::Struct(pattern) => pattern.fields.iter().any(|field| any_ident(&field.pat, is_one)),
        Pat::Tuple(pattern) => pattern.elems.iter().any(|inner| any_ident(inner, is_one)),
        Pat::TupleStruct(pattern) => pattern.elems.iter().any(|inner| any_ident(inner, is_one)),
        Pat::Or(pattern) => pattern.cases.iter().any(|inner| any_ident(inner, is_one)),
        _ => false,
    }
}

/// Leaves of a pattern what is mentioned, nothing of it to be changed.
fn only_read(pattern: &mut Pat, mentions: &Mentions) {
    match pattern {
        Pat::Ident(found) => {
            found.mutability = None;
            if let Some((_, inner)) = &mut found.subpat {
                only_read(inner, mentions);
            }
            if !mentions.contains(&found.ident) {
                *pattern = match found.subpat.take() {
                    Some((_, inner)) => *inner,
                    None => Pat::Wild(PatWild {
                        attrs: Vec::new(),
                        underscore_token: Token![_](found.ident.span()),
                    }),
                };
            }
        }
        Pat::Paren(pattern) => only_read(&mut pattern.pat, mentions),
        Pat::Reference(pattern) => only_read(&mut pattern.pat, mentions),
        Pat::Slice(pattern) => {
            pattern.elems.iter_mut().for_each(|inner| only_read(inner, mentions));
        }
        Pat::Struct(pattern) => {
            for field in &mut pattern.fields {
                only_read(&mut field.pat, mentions);
                // `Pair { left }` that has become `Pair { left: _ }`.
                if field.colon_token.is_none() && matches!(*field.pat, Pat::Wild(_)) {
                    field.colon_token = Some(Token![:](Span::mixed_site()));
                }
            }
        }
        Pat::Tuple(pattern) => {
            pattern.elems.iter_mut().for_each(|inner| only_read(inner, mentions));
        }
        Pat::TupleStruct(pattern) => {
            pattern.elems.iter_mut().for_each(|inner| only_read(inner, mentions));
        }
        Pat::Or(pattern) => pattern.cases.iter_mut().for_each(|inner| only_read(inner, mentions)),
        _ => {}
    }
}

fn bound<'a>(pattern: &'a Pat, names: &mut Vec<&'a Ident>) {
    match pattern {
        Pat::Ident(pattern) => {
            names.push(&pattern.ident);
            if let Some((_, inner)) = &pattern.subpat {
                bound(inner, names);
            }
        }
        Pat::Paren(pattern) => bound(&pattern.pat, names),
        Pat::Reference(pattern) => bound(&pattern.pat, names),
        Pat::Slice(pattern) => pattern.elems.iter().for_each(|inner| bound(inner, names)),
        Pat::Struct(pattern) => pattern.fields.iter().for_each(|field| bound(&field.pat, names)),
        Pat::Tuple(pattern) => pattern.elems.iter().for_each(|inner| bound(inner, names)),
        Pat::TupleStruct(pattern) => pattern.elems.iter().for_each(|inner| bound(inner, names)),
        // The sides of `|` bind the same names.
        Pat::Or(pattern) => pattern.cases.iter().take(1).for_each(|inner| bound(inner, names)),
        _ => {}
    }
}
