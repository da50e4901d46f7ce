//! `#[derive(ErrorType)]`, as written: what each form of an error is named.

pub(crate) mod expand;

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Attribute, Error, Fields, Generics, Item, Lit, LitStr, Member, Meta, Path, Token, Type, token,
};

use crate::args::{is_end, separated, skip_to_comma};
use crate::diagnostic::{Diagnostics, unknown};

const ATTRIBUTE: &str = "error_type";

/// A type that gets an `error.type`.
pub(crate) struct NamedError {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    /// `crate = …`
    pub(crate) root: Option<Path>,
    pub(crate) cases: Vec<Case>,
}

/// A variant, or a whole struct.
pub(crate) struct Case {
    /// Its variant, if it is one.
    pub(crate) variant: Option<Ident>,
    pub(crate) naming: Naming,
}

/// What an error is named by.
pub(crate) enum Naming {
    Text(LitStr),
    /// The error in this field.
    Field(Member, Box<Type>),
}

/// What one `#[error_type(…)]` says.
enum Word {
    Text(LitStr),
    Transparent(Ident),
    Root(Ident, Path),
}

/// What stands on a variant, a struct or an enum, of each word the first.
#[derive(Default)]
struct Words {
    naming: Option<Word>,
    root: Option<(Ident, Path)>,
}

impl NamedError {
    /// `None` for whatever is neither a struct nor an enum. What is mistaken goes by its default.
    pub(crate) fn parse(item: TokenStream, diagnostics: &mut Diagnostics) -> Option<Self> {
        let item = syn::parse2(item).map_err(|error| diagnostics.push(error)).ok()?;
        match item {
            Item::Struct(item) => {
                let Words { naming, root } = Words::read(&item.attrs, diagnostics);
                reject_on_fields(&item.fields, "struct", diagnostics);
                let naming = settle(naming, &item.ident, &item.fields, diagnostics);
                let cases = vec![Case { variant: None, naming }];
                let root = root.map(|(_, path)| path);
                Some(Self { name: item.ident, generics: item.generics, root, cases })
            }
            Item::Enum(item) => {
                let Words { naming, root } = Words::read(&item.attrs, diagnostics);
                if let Some(word) = naming {
                    let message = "each variant has an `error.type` of its own; put \
                                   `#[error_type(…)]` on a variant";
                    diagnostics.at(word, message);
                }
                let cases = item
                    .variants
                    .into_iter()
                    .map(|variant| {
                        let Words { naming, root } = Words::read(&variant.attrs, diagnostics);
                        if let Some((key, _)) = root {
                            let message = "`crate` is the same for all variants; put \
                                           `#[error_type(crate = …)]` on the enum";
                            diagnostics.at(key, message);
                        }
                        reject_on_fields(&variant.fields, "variant", diagnostics);
                        let naming = settle(naming, &variant.ident, &variant.fields, diagnostics);
                        Case { variant: Some(variant.ident), naming }
                    })
                    .collect();
                let root = root.map(|(_, path)| path);
                Some(Self { name: item.ident, generics: item.generics, root, cases })
            }
            Item::Union(item) => {
                diagnostics.at(item.union_token, "`ErrorType` goes on a struct or an enum");
                None
            }
            other => {
                diagnostics.at(other, "`ErrorType` goes on a struct or an enum");
                None
            }
        }
    }
}

impl ToTokens for Word {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Transparent(word) | Self::Root(word, _) => word.to_tokens(tokens),
        }
    }
}

impl Words {
    fn read(attributes: &[Attribute], diagnostics: &mut Diagnostics) -> Self {
        let mut words = Self::default();
        for attribute in attributes.iter().filter(|it| it.path().is_ident(ATTRIBUTE)) {
            let Meta::List(list) = &attribute.meta else {
                let message = match &attribute.meta {
                    Meta::NameValue(pair) => {
                        let value = pair.value.to_token_stream();
                        format!(
                            "the `error.type` stands in parentheses; write `#[error_type({value})]`"
                        )
                    }
                    _ => NOTHING.to_owned(),
                };
                diagnostics.at(&attribute.meta, message);
                continue;
            };
            if list.tokens.is_empty() {
                diagnostics.at(&attribute.meta, NOTHING);
            }
            let parser = |input: ParseStream<'_>| {
                separated(input, diagnostics, |input, diagnostics, _| {
                    let word = word(input)?;
                    words.add(word, diagnostics);
                    Ok(())
                })
            };
            if let Err(error) = parser.parse2(list.tokens.clone()) {
                diagnostics.push(error);
            }
        }
        words
    }

    fn add(&mut self, word: Word, diagnostics: &mut Diagnostics) {
        match word {
            Word::Root(key, _) if self.root.is_some() => {
                diagnostics.at(key, "`crate` is given twice");
            }
            Word::Root(key, path) => self.root = Some((key, path)),
            word if self.naming.is_some() => {
                diagnostics.at(word, "the `error.type` is given twice");
            }
            word => self.naming = Some(word),
        }
    }
}

const NOTHING: &str = "what is the `error.type`? write `#[error_type(\"…\")]` or \
                       `#[error_type(transparent)]`";

fn word(input: ParseStream<'_>) -> syn::Result<Word> {
    if input.peek(Lit) {
        return match input.parse()? {
            Lit::Str(text) if text.value().trim().is_empty() => {
                let message = "the `error.type` is empty; leave it out to use the name in the code";
                Err(Error::new_spanned(text, message))
            }
            Lit::Str(text) => Ok(Word::Text(text)),
            other => Err(Error::new_spanned(other, "the `error.type` is text; write a string")),
        };
    }
    if input.peek(token::Group) || !input.peek(Ident::peek_any) {
        return Err(input.error("expected a string or `transparent`"));
    }
    let key = input.call(Ident::parse_any)?;
    if key == "crate" {
        input.parse::<Token![=]>()?;
        return Ok(Word::Root(key, input.call(Path::parse_mod_style)?));
    }
    if key == "transparent" && is_end(input) {
        return Ok(Word::Transparent(key));
    }
    if key == "transparent" {
        skip_to_comma(input)?;
        let message = "`transparent` takes no value; write `transparent` alone";
        return Err(Error::new_spanned(key, message));
    }
    let message = unknown("word", &key.to_string(), &["transparent", "crate"]);
    Err(Error::new_spanned(key, message))
}

/// What is written, or else the name in the code.
fn settle(
    naming: Option<Word>,
    name: &Ident,
    fields: &Fields,
    diagnostics: &mut Diagnostics,
) -> Naming {
    match naming {
        Some(Word::Text(text)) => return Naming::Text(text),
        Some(Word::Transparent(word)) => {
            let mut members = fields.members().zip(fields);
            if let (Some((member, field)), None) = (members.next(), members.next()) {
                return Naming::Field(member, Box::new(field.ty.clone()));
            }
            let found = match fields.len() {
                0 => "no field".to_owned(),
                count => format!("{count} fields"),
            };
            let message = format!(
                "`transparent` asks the only field, and `{name}` has {found}; write \
                 `#[error_type(\"…\")]`"
            );
            diagnostics.at(word, message);
        }
        Some(Word::Root(..)) | None => {}
    }
    Naming::Text(LitStr::new(&snake_case(&name.unraw().to_string()), Span::mixed_site()))
}

fn reject_on_fields(fields: &Fields, owner: &str, diagnostics: &mut Diagnostics) {
    for attribute in fields.iter().flat_map(|field| &field.attrs) {
        if attribute.path().is_ident(ATTRIBUTE) {
            let message = format!("`#[error_type]` goes on the {owner}, not on its fields");
            diagnostics.at(attribute, message);
        }
    }
}

/// `http_error` for `HTTPError`, `utf8_broken` for `Utf8Broken`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        let starts_word = letter.is_uppercase()
            && before.is_some_and(|before| {
                *before != '_'
                    && (!before.is_uppercase() || after.is_some_and(|after| after.is_lowercase()))
            });
        if starts_word {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
