//! The arguments, as written: parsed one by one, so that one mistake does not hide the next.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprLit, Lit, LitStr, Path, Token, parenthesized, token};

use crate::diagnostic::{Diagnostics, list, unknown};
use crate::operation::{self, Argument, Choice, Form, Operation};

/// What stands between the parentheses of the attribute.
#[derive(Default)]
pub(crate) struct Args {
    /// The name, as the first argument or after `name =`.
    pub(crate) name: Option<Expr>,
    pub(crate) given: Vec<Given>,
}

/// One argument with its value.
pub(crate) struct Given {
    pub(crate) key: Ident,
    pub(crate) argument: &'static Argument,
    pub(crate) value: Value,
}

impl Given {
    /// `key = required`: the type of the value shall be enough.
    pub(crate) fn is_required(&self) -> bool {
        matches!(&self.value, Value::Expression(Expr::Path(path)) if path.path.is_ident("required"))
    }
}

/// What the user wrote after a key.
pub(crate) enum Value {
    Expression(Expr),
    Chosen {
        choice: &'static Choice,
        text: &'static str,
        variant: &'static str,
        /// Where it is written.
        at: Span,
    },
    Flag,
    /// Of `attributes(…)` or `result(…)`.
    Attributes(Vec<Entry>),
    Path(Path),
    /// A mistake that has been reported.
    Mistaken,
}

/// One entry of `attributes(…)`, `properties(…)` or `result(…)`.
pub(crate) struct Entry {
    pub(crate) key: LitStr,
    pub(crate) value: EntryValue,
}

/// The value of an entry.
pub(crate) enum EntryValue {
    Expression(Expr),
    /// `short` alone: the parameter of that name.
    Parameter(Ident),
}

/// The values alone.
impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Expression(value) => value.to_tokens(tokens),
            Self::Attributes(entries) => {
                for entry in entries {
                    entry.value.to_tokens(tokens);
                }
            }
            Self::Path(path) => path.to_tokens(tokens),
            Self::Chosen { .. } | Self::Flag | Self::Mistaken => {}
        }
    }
}

impl ToTokens for EntryValue {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Expression(value) => value.to_tokens(tokens),
            Self::Parameter(name) => name.to_tokens(tokens),
        }
    }
}

impl Args {
    pub(crate) fn parse(
        tokens: TokenStream,
        operation: &'static Operation,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut args = Self::default();
        let parser = |input: ParseStream<'_>| {
            separated(input, diagnostics, |input, diagnostics, first| {
                args.argument(input, operation, diagnostics, first)
            })
        };
        if let Err(error) = parser.parse2(tokens) {
            diagnostics.push(error);
        }
        args
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.argument.key == key)
    }

    fn argument(
        &mut self,
        input: ParseStream<'_>,
        operation: &'static Operation,
        diagnostics: &mut Diagnostics,
        first: bool,
    ) -> syn::Result<()> {
        if !is_keyed(input, operation) {
            if first {
                self.name = Some(input.parse()?);
                return Ok(());
            }
            if input.peek(Lit) {
                let literal: Lit = input.parse()?;
                let message = if self.name.is_some() {
                    "the name is given twice"
                } else {
                    "the name goes first; put it before the other arguments or write `name = …`"
                };
                return Err(Error::new_spanned(literal, message));
            }
            if !input.peek(Ident::peek_any) {
                return Err(input.error("expected an argument; write `key = value`"));
            }
        }

        let key = input.call(Ident::parse_any)?;
        let written = key.unraw().to_string();
        let Some(argument) = operation.argument(&written) else {
            diagnostics.at(&key, unaccepted(&written, operation));
            return skip_value(input);
        };
        let repeated = match argument.form {
            Form::Name => self.name.is_some(),
            _ => self.find(argument.key).is_some(),
        };
        if repeated {
            diagnostics.at(&key, format!("`{written}` is given twice"));
        }
        let value = match value(input, argument, &key, diagnostics) {
            Ok(value) => value,
            Err(error) => {
                diagnostics.push(error);
                skip_to_comma(input)?;
                Value::Mistaken
            }
        };
        match (argument.form, value) {
            _ if repeated => {}
            (Form::Name, Value::Expression(name)) => self.name = Some(name),
            (_, value) => self.given.push(Given { key, argument, value }),
        }
        Ok(())
    }
}

/// Whether an argument with a key comes next; else it is the name.
fn is_keyed(input: ParseStream<'_>, operation: &Operation) -> bool {
    if !input.peek(Ident::peek_any) {
        return false;
    }
    if input.peek2(Token![=]) {
        return !input.peek2(Token![==]) && !input.peek2(Token![=>]);
    }
    let fork = input.fork();
    let Ok(key) = fork.call(Ident::parse_any) else { return false };
    let Some(argument) = operation.argument(&key.to_string()) else { return false };
    fork.is_empty()
        || fork.peek(Token![,])
        || matches!(argument.form, Form::Attributes(_) | Form::Result) && fork.peek(token::Paren)
}

fn value(
    input: ParseStream<'_>,
    argument: &'static Argument,
    key: &Ident,
    diagnostics: &mut Diagnostics,
) -> syn::Result<Value> {
    let written = argument.key;
    match argument.form {
        Form::Flag if is_end(input) => return Ok(Value::Flag),
        Form::Flag => {
            if input.parse::<Option<Token![=]>>()?.is_some() && !is_end(input) {
                let value: Expr = input.parse()?;
                let message = format!("`{written}` takes no value; write `{written}` alone");
                return Err(Error::new_spanned(value, message));
            }
            let message = format!("`{written}` takes no value; write `{written}` alone");
            return Err(Error::new_spanned(key, message));
        }
        Form::Attributes(_) | Form::Result if input.peek(token::Paren) => {
            let content;
            parenthesized!(content in input);
            let mut entries = Vec::new();
            separated(&content, diagnostics, |input, diagnostics, _| {
                entry(input, argument.form, diagnostics, &mut entries)
            })?;
            return Ok(Value::Attributes(entries));
        }
        Form::Attributes(_) | Form::Result => {
            let value = stand_in(argument.form);
            let message = format!("`{written}` is a list; write `{written}(key = {value}, …)`");
            return Err(Error::new_spanned(key, message));
        }
        _ => {}
    }
    if input.parse::<Option<Token![=]>>()?.is_none() || is_end(input) {
        let message = format!("`{written}` needs a value; write `{written} = …`");
        return Err(Error::new_spanned(key, message));
    }
    match argument.form {
        Form::Choice(choice) => chosen(input, choice),
        Form::Path => {
            let fork = input.fork();
            if let Ok(path) = fork.call(Path::parse_mod_style)
                && is_end(&fork)
            {
                input.call(Path::parse_mod_style)?;
                return Ok(Value::Path(path));
            }
            let value: Expr = input.parse()?;
            let message = "expected a path; write `crate = ::path::to::spanline`";
            Err(Error::new_spanned(value, message))
        }
        _ => input.parse().map(Value::Expression),
    }
}

fn chosen(input: ParseStream<'_>, choice: &'static Choice) -> syn::Result<Value> {
    let texts: Vec<&str> = choice.texts().collect();
    let fork = input.fork();
    let (written, at) = if fork.call(Ident::parse_any).is_ok() && is_end(&fork) {
        // A keyword is no expression.
        let word = input.call(Ident::parse_any)?;
        (word.unraw().to_string(), word.span())
    } else {
        let value: Expr = input.parse()?;
        let Some(word) = word(&value) else {
            let message = format!("expected one of {}", list(&texts, " and "));
            return Err(Error::new_spanned(value, message));
        };
        word
    };
    match choice.values.iter().find(|(text, _)| *text == written) {
        Some((text, variant)) => Ok(Value::Chosen { choice, text, variant, at }),
        None => Err(Error::new(at, unknown(choice.noun, &written, &texts))),
    }
}

/// A text, or what a `macro_rules` passes on as an expression.
fn word(value: &Expr) -> Option<(String, Span)> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some((text.value(), text.span())),
        Expr::Path(path) => {
            let word = path.path.get_ident()?;
            Some((word.unraw().to_string(), word.span()))
        }
        Expr::Group(group) => word(&group.expr),
        _ => None,
    }
}

/// What stands for a value in advice.
fn stand_in(form: Form) -> &'static str {
    if matches!(form, Form::Result) { "|value| …" } else { "value" }
}

fn entry(
    input: ParseStream<'_>,
    form: Form,
    diagnostics: &mut Diagnostics,
    entries: &mut Vec<Entry>,
) -> syn::Result<()> {
    let (key, parameter) = if input.peek(LitStr) {
        (input.parse::<LitStr>()?, None)
    } else if input.peek(Ident::peek_any) {
        dotted(input)?
    } else {
        return Err(input.error(format!(
            "expected an attribute; write `a.key = {0}` or `\"a-key\" = {0}`",
            stand_in(form)
        )));
    };
    let written = key.value();
    if written.trim().is_empty() {
        diagnostics.at(&key, "the attribute has no name");
    }
    if entries.iter().any(|entry| entry.key.value() == written) {
        diagnostics.at(&key, format!("`{written}` is given twice"));
    }
    let value = match parameter {
        Some(parameter) if is_end(input) && matches!(form, Form::Attributes(_)) => {
            EntryValue::Parameter(parameter)
        }
        _ => {
            if input.peek(Token![-]) {
                let message = format!(
                    "only dots join the parts of a name; write it as a string, `\"a-key\" = {}`",
                    stand_in(form)
                );
                return Err(input.error(message));
            }
            if input.parse::<Option<Token![=]>>()?.is_none() || is_end(input) {
                let message = match form {
                    Form::Result => {
                        format!("`{written}` needs a function; write `{written} = |value| …`")
                    }
                    _ => format!("`{written}` needs a value; write `{written} = …`"),
                };
                return Err(Error::new(key.span(), message));
            }
            EntryValue::Expression(input.parse()?)
        }
    };
    entries.push(Entry { key, value });
    Ok(())
}

/// `a.b.c` as text, at its first part; with that part if it is alone.
fn dotted(input: ParseStream<'_>) -> syn::Result<(LitStr, Option<Ident>)> {
    let first = input.call(Ident::parse_any)?;
    let mut text = first.unraw().to_string();
    let alone = !input.peek(Token![.]);
    while input.parse::<Option<Token![.]>>()?.is_some() {
        text.push('.');
        text.push_str(&input.call(Ident::parse_any)?.unraw().to_string());
    }
    Ok((LitStr::new(&text, first.span()), alone.then_some(first)))
}

fn unaccepted(written: &str, operation: &Operation) -> String {
    if let Some(meant) = operation.synonym(written) {
        return format!("unknown argument `{written}`; did you mean `{meant}`?");
    }
    if let Some(message) = operation::superfluous(written) {
        return message;
    }
    let owners = operation::owners(written);
    if owners.is_empty() {
        return unknown("argument", written, &operation.keys().collect::<Vec<_>>());
    }
    let owners: Vec<String> = owners.iter().map(|owner| format!("#[{owner}]")).collect();
    let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
    format!(
        "`{written}` has no meaning for `#[{}]`; it belongs to {}",
        operation.attribute,
        list(&owners, " and ")
    )
}

/// The literal that an expression is, if it is one.
pub(crate) fn literal(expression: &Expr) -> Option<&Lit> {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        // What a `macro_rules` passes on.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

/// Calls `element` until the input is used up; after a mistake it goes on behind the next comma.
pub(crate) fn separated(
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
    mut element: impl FnMut(ParseStream<'_>, &mut Diagnostics, bool) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut first = true;
    while !input.is_empty() {
        if let Err(error) = element(input, diagnostics, first) {
            diagnostics.push(error);
            skip_to_comma(input)?;
        }
        first = false;
        if !is_end(input) {
            diagnostics.push(input.error("expected `,`"));
            if !input.peek(Ident::peek_any) {
                skip_to_comma(input)?;
            }
        }
        input.parse::<Option<Token![,]>>()?;
    }
    Ok(())
}

pub(crate) fn is_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn skip_value(input: ParseStream<'_>) -> syn::Result<()> {
    let fork = input.fork();
    if fork.parse::<Token![=]>().is_ok() && fork.parse::<Expr>().is_ok() {
        input.parse::<Token![=]>()?;
        input.parse::<Expr>()?;
        return Ok(());
    }
    skip_to_comma(input)
}

pub(crate) fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !is_end(input) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
