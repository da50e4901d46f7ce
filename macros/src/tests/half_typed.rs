//! What an editor works with while the user types: the function, its body's tokens where they are.

use std::str::FromStr;

use proc_macro2::{LineColumn, TokenStream, TokenTree};

use crate::operation::{self, Operation};
use crate::trace;

/// Every macro, with what it needs.
const MACROS: [(&Operation, &str); 7] = [
    (&operation::PIPELINE, ""),
    (&operation::STAGE, "\"find\", attributes(query)"),
    (&operation::LLM_CALL, "provider = \"openai\""),
    (&operation::AGENT, ""),
    (&operation::TOOL, ""),
    (&operation::RETRIEVAL, ""),
    (&operation::SPAN, "ok_if = Result::is_ok"),
];

/// Every shape, its name and parameters apart from what is before and after them.
const SHAPES: [(&str, &str, &str); 8] = [
    ("async fn", "find(query: &str)", "-> Result<Vec<Hit>, Error>"),
    ("pub async fn", "find(query: &str)", ""),
    ("async fn", "find(query: &str)", "-> !"),
    ("fn", "find(query: &str)", "-> Result<Vec<Hit>, Error>"),
    ("fn", "find(query: &str)", "-> impl Future<Output = Result<Vec<Hit>, Error>>"),
    ("fn", "find(query: &str)", "-> Pin<Box<dyn Future<Output = Vec<Hit>> + Send + '_>>"),
    ("fn", "find(query: &str)", "-> impl Stream<Item = Result<Hit, Error>>"),
    ("fn", "find(query: &str)", "-> BoxStream<'_, Hit>"),
];

/// A body to type, with blocks, calls, a closure and a macro in it.
const BODY: &str = "let store = Store::open(query, |it| it.len())?; \
    for hit in store.search(query, 5) { if hit.score > 0.5 { println!(\"{}\", hit.text); } } \
    store.close().map_err(|error| Error::from(error))";

/// What stands where the user types; what an editor makes of some of it.
const TYPED: [&str; 11] = [
    "",
    "store.",
    "store.;",
    "store. __ra_fixup",
    "store.sea",
    "let x =",
    "let x = ;",
    "let x",
    "if",
    "match store { Some(",
    "#!",
];

/// A token's text and place, groups taken apart.
type Place = (String, LineColumn, LineColumn);

fn flat(tokens: TokenStream, found: &mut Vec<Place>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = (group.span_open(), group.span_close());
                found.push((format!("open {:?}", group.delimiter()), open.start(), open.end()));
                flat(group.stream(), found);
                found.push((format!("close {:?}", group.delimiter()), close.start(), close.end()));
            }
            token => {
                let span = token.span();
                found.push((token.to_string(), span.start(), span.end()));
            }
        }
    }
}

fn places(tokens: TokenStream) -> Vec<Place> {
    let mut found = Vec::new();
    flat(tokens, &mut found);
    found
}

/// What stands in the braces at the end.
fn body_of(item: &TokenStream) -> TokenStream {
    match item.clone().into_iter().last() {
        Some(TokenTree::Group(body)) => body.stream(),
        other => panic!("{other:?} is no body"),
    }
}

fn count(text: &str) -> usize {
    places(TokenStream::from_str(text).unwrap()).len()
}

fn contains(whole: &[Place], part: &[Place]) -> bool {
    part.is_empty() || whole.windows(part.len()).any(|window| window == part)
}

/// A text cut off after each of its tokens, with what was open closed.
fn prefixes(text: &str) -> Vec<String> {
    let mut prefixes = vec![String::new()];
    let mut open = Vec::new();
    let mut ends: Vec<(usize, Option<char>, bool)> = Vec::new();
    for (_, start, end) in places(TokenStream::from_str(text).unwrap()) {
        let token = &text[start.column..end.column];
        match token {
            "(" => ends.push((end.column, Some(')'), false)),
            "{" => ends.push((end.column, Some('}'), false)),
            "[" => ends.push((end.column, Some(']'), false)),
            ")" | "}" | "]" => ends.push((end.column, None, true)),
            _ => ends.push((end.column, None, false)),
        }
    }
    for (end, opened, closed) in ends {
        open.extend(opened);
        if closed {
            open.pop();
        }
        let mut prefix = text[..end].to_owned();
        prefix.extend(open.iter().rev());
        prefixes.push(prefix);
    }
    prefixes
}

/// `match store { Some(` as an editor hands it over.
fn closed(text: &str) -> String {
    let mut closed = text.to_owned();
    let mut open = Vec::new();
    for letter in text.chars() {
        match letter {
            '(' => open.push(')'),
            '{' => open.push('}'),
            ')' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    closed.extend(open.iter().rev());
    closed
}

fn half_typed_bodies() -> Vec<String> {
    let typed = TYPED.map(closed);
    let before = "let store = open(query);";
    let mut bodies = prefixes(BODY);
    assert!(bodies.len() > 50 && bodies.iter().all(|body| TokenStream::from_str(body).is_ok()));
    bodies.extend(typed.iter().map(|typed| format!("{before} {typed}")));
    bodies.extend(typed.iter().map(|typed| format!("{before} if true {{ {typed} }} Ok(store)")));
    bodies.extend(typed);
    bodies
}

#[test]
fn a_half_typed_body_is_passed_on_with_its_places_under_an_intact_signature() {
    // Every macro in turn: seven of them on eight shapes, so each meets every shape.
    let mut macros = MACROS.iter().cycle();
    for body in half_typed_bodies() {
        for (before, called, after) in SHAPES {
            let item = format!("{before} {called} {after} {{ {body} }}");
            let item = TokenStream::from_str(&item).unwrap();
            let tokens = places(body_of(&item));
            let whole = places(item.clone());
            let name = whole.iter().position(|(token, ..)| token == "find").unwrap();
            let (called, rest) = whole[name..].split_at(count(called));
            let (arrow, returned) = rest[..count(after)].split_at(count(after).min(2));
            assert!(arrow.iter().all(|(token, ..)| "->".contains(token.as_str())));
            let (operation, arguments) = macros.next().unwrap();
            let expansion =
                trace(operation, TokenStream::from_str(arguments).unwrap(), item.clone());
            let text = expansion.to_string();
            assert!(!text.contains("compile_error"), "{item}\n{text}");
            let found = places(expansion);
            assert!(contains(&found, &tokens), "{item}\n{text}");
            assert!(contains(&found, called) && contains(&found, returned), "{item}\n{text}");
        }
    }
}

#[test]
fn a_half_typed_method_is_passed_on_in_its_block() {
    for body in half_typed_bodies() {
        let item = format!("impl Store {{ async fn find(&self, query: &str) {{ {body} }} }}");
        let item = TokenStream::from_str(&item).unwrap();
        let expansion = trace(&operation::STAGE, TokenStream::new(), item.clone());
        let method = places(body_of(&item));
        assert!(contains(&places(expansion.clone()), &method), "{expansion}");
        assert!(!expansion.to_string().contains("compile_error"), "{expansion}");
    }
}

#[test]
fn a_mistake_in_the_attribute_leaves_the_function_as_it_was() {
    for (before, called, after) in SHAPES {
        let item = format!("{before} {called} {after} {{ {BODY} }}");
        for item in [item.clone(), format!("impl Store {{ {item} }}")] {
            let item = TokenStream::from_str(&item).unwrap();
            for (operation, arguments) in MACROS {
                for mistake in ["nmae = 1", "=", "nmae ="] {
                    let arguments = format!("{arguments}, {mistake}");
                    let arguments =
                        TokenStream::from_str(arguments.trim_start_matches(", ")).unwrap();
                    let expansion = trace(operation, arguments, item.clone());
                    let text = expansion.to_string();
                    assert!(text.contains("compile_error"), "{text}");
                    let (found, whole) = (places(expansion), places(item.clone()));
                    assert!(found.ends_with(&whole), "{text}");
                }
            }
        }
    }
}
