//! Arguments and function together: every rule, and what is left for the expansion.

use std::mem::discriminant;

use proc_macro2::{Group, Ident, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, Lit, LitStr, Path, Signature, Visibility};

use crate::args::{Args, Entry, EntryValue, Given, Value, literal};
use crate::block::Block;
use crate::diagnostic::{Diagnostics, list, nearest};
use crate::item::Item;
use crate::operation::{self, Form, Operation};
use crate::parameter::{self, Capture, Mentions};
use crate::shape::{self, Shape};

/// A checked use of a macro: its expansion cannot fail.
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    pub(crate) name: Name,
    pub(crate) given: Vec<Given>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Group,
    pub(crate) shape: Shape,
    /// The return type as it can be written in the body.
    pub(crate) returned: TokenStream,
    /// The output of the future that is returned.
    pub(crate) promised: Option<TokenStream>,
    /// What ends the span.
    pub(crate) value: shape::Value,
    pub(crate) captures: Vec<Capture>,
}

/// What the span is named for.
pub(crate) enum Name {
    /// No name was given.
    Function(LitStr),
    Literal(LitStr),
    Expression(Box<Expr>),
}

impl Call {
    /// All the mistakes, when there is one.
    pub(crate) fn check(
        args: TokenStream,
        item: TokenStream,
        operation: &'static Operation,
    ) -> syn::Result<Self> {
        let mut diagnostics = Diagnostics::default();
        let args = Args::parse(args, operation, &mut diagnostics);
        let item =
            Item::parse(item, operation.attribute).map_err(|error| diagnostics.push(error)).ok();

        check_name(&args, item.as_ref(), operation, &mut diagnostics);
        check_meaning(&args, &mut diagnostics);
        check_parent(&args, &mut diagnostics);
        check_keys(&args, &mut diagnostics);
        if let Some(item) = &item {
            check_required(&args, item, operation, &mut diagnostics);
            check_attributes(&args, item, &mut diagnostics);
            check_stream(&args, item, operation, &mut diagnostics);
            check_item(item, operation, &mut diagnostics);
        }
        match (item, diagnostics.errors()) {
            (_, Some(errors)) => Err(errors),
            (Some(item), None) => Ok(Self::new(args, item, operation)),
            // A failed parse is a mistake.
            (None, None) => {
                Err(syn::Error::new(proc_macro2::Span::mixed_site(), "expected a function"))
            }
        }
    }

    fn new(args: Args, item: Item, operation: &'static Operation) -> Self {
        let function = LitStr::new(&item.name(), item.signature.ident.span());
        let Item { attributes, visibility, mut signature, body } = item;
        let shape = Shape::of(&signature);
        let returned = shape::returned(&signature);
        let promised = shape::promised(&signature);
        let value = shape::Value::of(shape, &signature);
        let captures = if shape == Shape::Async {
            parameter::capture(&mut signature, &mentions(&args, &attributes))
        } else {
            Vec::new()
        };
        let name = match args.name {
            None => Name::Function(function),
            Some(name) => match literal(&name) {
                Some(Lit::Str(text)) => Name::Literal(text.clone()),
                _ => Name::Expression(Box::new(name)),
            },
        };
        let given = args.given;
        Self {
            operation,
            name,
            given,
            attributes,
            visibility,
            signature,
            body,
            shape,
            returned,
            promised,
            value,
            captures,
        }
    }
}

/// Checks the arguments of a whole block once, before each of its methods gets them; gives the
/// `crate = …` among them.
pub(crate) fn check_block(
    args: TokenStream,
    block: &Block,
    operation: &'static Operation,
    diagnostics: &mut Diagnostics,
) -> Option<Path> {
    let args = Args::parse(args, operation, diagnostics);
    if let Some(name) = &args.name {
        diagnostics.at(name, "each method has a name of its own; give the name to a method");
    }
    check_meaning(&args, diagnostics);
    check_parent(&args, diagnostics);
    check_keys(&args, diagnostics);
    if !block.has_bodies() {
        diagnostics.at(&block.keyword, "there is no method with a body to trace");
    }
    for argument in operation.arguments() {
        if let (Some(example), None) = (argument.required, args.find(argument.key)) {
            diagnostics.at(&block.keyword, missing(operation, argument.key, example));
        }
    }
    for entry in args.given.iter().flat_map(|given| match &given.value {
        Value::Attributes(entries) => entries.as_slice(),
        _ => &[],
    }) {
        if let EntryValue::Parameter(name) = &entry.value {
            let message = format!("`{name}` is not a parameter of each method; write `{name} = …`");
            diagnostics.at(name, message);
        }
    }
    args.given.into_iter().find_map(|given| match given.value {
        Value::Path(path) => Some(path),
        _ => None,
    })
}

fn missing(operation: &Operation, key: &str, example: &str) -> String {
    format!("`#[{}]` needs `{key}`; write `{example}`", operation.attribute)
}

/// What is read before the body runs, and what other macros may read after this one.
fn mentions(args: &Args, attributes: &[Attribute]) -> Mentions {
    let mut mentions = Mentions::default();
    mentions.read(args.name.to_token_stream());
    for given in &args.given {
        // These are read from the returned value, when the parameters are gone.
        if !matches!(given.argument.form, Form::Returned | Form::Given(_) | Form::Result) {
            mentions.read(given.value.to_token_stream());
        }
    }
    for attribute in attributes {
        if !attribute.path().is_ident("doc") {
            mentions.read(attribute.meta.to_token_stream());
        }
    }
    mentions
}

fn check_name(
    args: &Args,
    item: Option<&Item>,
    operation: &Operation,
    diagnostics: &mut Diagnostics,
) {
    let Some(name) = &args.name else { return };
    match literal(name) {
        Some(Lit::Str(text)) if text.value().trim().is_empty() => {
            diagnostics.at(text, "the name is empty; leave it out to use the function's name");
        }
        Some(Lit::Str(_)) => {}
        Some(other) => diagnostics.at(other, "the name is text; write a string"),
        None => {
            if let Some((written, message)) = mistyped(name, item, operation) {
                diagnostics.at(written, message);
            }
        }
    }
}

/// `rot`, `atributes(…)` or `skip_all` in first place: an argument rather than a name, unless it is a
/// parameter.
fn mistyped<'a>(
    name: &'a Expr,
    item: Option<&Item>,
    operation: &Operation,
) -> Option<(&'a Ident, String)> {
    let (path, forms) = match name {
        Expr::Path(path) => (path, [Form::Flag].as_slice()),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => (path, [Form::Attributes(""), Form::Result].as_slice()),
            _ => return None,
        },
        _ => return None,
    };
    let written = path.path.get_ident()?;
    let is_parameter = item.is_some_and(|item| {
        parameter::bindings(&item.signature).into_iter().any(|binding| binding == written)
    });
    if is_parameter {
        return None;
    }
    let of_form = |key: &str| {
        let argument = operation.argument(key)?;
        let is_meant = |form| discriminant(form) == discriminant(&argument.form);
        forms.iter().any(is_meant).then_some(argument.key)
    };
    let found = written.unraw().to_string();
    if let Some(message) = operation::superfluous(&found) {
        return Some((written, message));
    }
    let keys: Vec<&'static str> = operation.keys().filter_map(of_form).collect();
    let meant = operation.synonym(&found).and_then(of_form).or_else(|| nearest(&found, &keys))?;
    Some((written, format!("unknown argument `{found}`; did you mean `{meant}`?")))
}

/// Some arguments have a meaning for some choices of `operation` only.
fn check_meaning(args: &Args, diagnostics: &mut Diagnostics) {
    let chosen = match args.find("operation").map(|given| &given.value) {
        Some(Value::Chosen { text, .. }) => *text,
        Some(_) => return,
        None => "chat",
    };
    for Given { key, argument, .. } in &args.given {
        if !argument.operations.is_empty() && !argument.operations.contains(&chosen) {
            let message = format!(
                "`{key}` has no meaning for `{chosen}`; it belongs to {}",
                list(argument.operations, " and ")
            );
            diagnostics.at(key, message);
        }
    }
}

fn check_parent(args: &Args, diagnostics: &mut Diagnostics) {
    if let (Some(_), Some(root)) = (args.find("parent"), args.find("root")) {
        diagnostics.at(&root.key, "a root span has no parent; remove `root` or `parent`");
    }
}

/// One attribute is set from the arguments or from the result.
fn check_keys(args: &Args, diagnostics: &mut Diagnostics) {
    let lists: Vec<&Vec<Entry>> = args
        .given
        .iter()
        .filter_map(|given| match &given.value {
            Value::Attributes(entries) => Some(entries),
            _ => None,
        })
        .collect();
    let [first, second] = lists.as_slice() else { return };
    for entry in *second {
        let written = entry.key.value();
        if first.iter().any(|other| other.key.value() == written) {
            diagnostics.at(&entry.key, format!("`{written}` is given twice"));
        }
    }
}

/// Said at the function's name: in the attribute there is no token to point at.
fn check_required(args: &Args, item: &Item, operation: &Operation, diagnostics: &mut Diagnostics) {
    for argument in operation.arguments() {
        if let (Some(example), None) = (argument.required, args.find(argument.key)) {
            let message = missing(operation, argument.key, example);
            diagnostics.at(&item.signature.ident, message);
        }
    }
}

fn check_attributes(args: &Args, item: &Item, diagnostics: &mut Diagnostics) {
    let bindings = parameter::bindings(&item.signature);
    let entries = args.given.iter().filter_map(|given| match &given.value {
        Value::Attributes(entries) => Some(entries),
        _ => None,
    });
    for entry in entries.flatten() {
        let EntryValue::Parameter(name) = &entry.value else { continue };
        if bindings.contains(&name) {
            continue;
        }
        let names: Vec<String> = bindings.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let advice = match nearest(&name.to_string(), &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write `{} = …`", entry.key.value()),
        };
        let message = format!("`{name}` is not a parameter of `{}`; {advice}", item.name());
        diagnostics.at(name, message);
    }
}

/// `stream` was taken for the flag of a request.
fn check_stream(args: &Args, item: &Item, operation: &Operation, diagnostics: &mut Diagnostics) {
    let Some(Given { value: Value::Expression(value), .. }) = args.find("stream") else { return };
    let is_value = match value {
        Expr::Lit(_) | Expr::Field(_) | Expr::Unary(_) => true,
        Expr::Path(path) => path
            .path
            .get_ident()
            .is_some_and(|name| parameter::bindings(&item.signature).contains(&name)),
        _ => false,
    };
    if !is_value {
        return;
    }
    let message = "`stream` is a function to the stream in the returned value; \
                   write `stream = |reply| &mut reply.chunks`";
    let message = match operation.argument("streaming") {
        Some(_) => format!("{message}, or `streaming = …` for what was asked of the model"),
        None => message.to_owned(),
    };
    diagnostics.at(value, message);
}

fn check_item(item: &Item, operation: &Operation, diagnostics: &mut Diagnostics) {
    let signature = &item.signature;
    if let Some(token) = &signature.constness {
        diagnostics.at(token, "a `const fn` cannot be traced: a span needs a clock");
    }
    if let Some(variadic) = &signature.variadic {
        let message = "a variadic function cannot be traced: its body becomes a closure; \
                       trace a function that it calls";
        diagnostics.at(variadic.dots, message);
    }
    for attribute in &item.attributes {
        check_neighbour(attribute, signature.asyncness.is_some(), operation, diagnostics);
    }
}

/// An attribute below this one, which sees what this one makes of the function.
fn check_neighbour(
    attribute: &Attribute,
    is_async: bool,
    operation: &Operation,
    diagnostics: &mut Diagnostics,
) {
    let path = attribute.path();
    let Some(last) = path.segments.last() else { return };
    let name = last.ident.to_string();
    let written = path.to_token_stream().to_string().replace(' ', "");
    if operation::is_attribute(&name) {
        // The lower one would be the outer span, and of two futures neither would be the parent.
        let message =
            format!("a function has one span; put `#[{written}]` on a function of its own");
        diagnostics.at(path, message);
    } else if is_async && path.segments.len() > 1 && (name == "main" || name == "test") {
        // These ask for the `async` that the expansion takes away.
        let message =
            format!("`#[{written}]` must come first; put `#[{}]` below it", operation.attribute);
        diagnostics.at(path, message);
    }
}
