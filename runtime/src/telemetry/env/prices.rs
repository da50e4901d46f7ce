//! What models cost: set in code, and in a file.

use std::path::Path;

use serde_json::{Map, Value};

use super::reader::{Origin, Reader, quoted};
use super::table;
use crate::telemetry::settings::Overrides;
use crate::usage::money::Amount;
use crate::usage::price::Price;

pub(super) const EXPECTED: &str = "the path of a JSON file such as \
     [{\"provider\": \"openai\", \"model\": \"m\", \"input\": 0.15, \"output\": 0.60}], \
     in dollars per million tokens";

/// Those of the code, then those of the file about other models.
pub(super) fn prices(reader: &mut Reader<'_>, overrides: &Overrides) -> Vec<Price> {
    let mut prices = overrides.prices.clone();
    // What is said last counts.
    prices.reverse();
    let code = prices.len();
    let variable = table::SPANLINE_PRICES;
    let mut origin = Origin::Default;
    if let Some(path) = reader.path(variable) {
        reader.settle(variable);
        match read(&path) {
            Ok(of_file) => {
                origin = Origin::Variable(variable.name());
                prices.extend(of_file);
            }
            Err(problem) => {
                let problem = format_args!("{} {problem}", shown(&path));
                reader.warn(variable.name(), problem, EXPECTED, "the list prices");
            }
        }
    }
    if code > 0 {
        reader.decide("prices in code", code, Origin::Code);
    }
    if let Origin::Variable(_) = origin {
        reader.decide("prices in a file", prices.len() - code, origin);
    }
    prices
}

/// What is wrong with the file.
pub(super) fn problem(path: &Path) -> Option<String> {
    let problem = read(path).err()?;
    Some(format!("{} {problem}", shown(path)))
}

fn shown(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

fn read(path: &Path) -> Result<Vec<Price>, String> {
    let cannot = |error| format!("cannot be read: {error}");
    // To open a pipe would be to wait for its other end.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(String::from("is not a file"));
    }
    parse(&std::fs::read_to_string(path).map_err(cannot)?)
}

/// The prices in a file's text, or what is wrong with the first bad one.
pub(crate) fn parse(text: &str) -> Result<Vec<Price>, String> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
    let Value::Array(entries) = value else { return Err(String::from("is not a list of prices")) };
    let mut prices: Vec<Price> = Vec::new();
    for (number, entry) in (1..).zip(&entries) {
        let price = price(entry).map_err(|problem| format!("has in entry {number} {problem}"))?;
        if prices.iter().any(|known| known.is_for_the_model_of(&price)) {
            return Err(format!("has in entry {number} a model that has a price already"));
        }
        prices.push(price);
    }
    Ok(prices)
}

fn price(entry: &Value) -> Result<Price, String> {
    let Value::Object(fields) = entry else { return Err(String::from("no object")) };
    let text = |key: &str| match fields.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("no text as `{key}`")),
    };
    let mut price = Price::new(text("provider")?, text("model")?);
    price = rates(price, fields, &["provider", "model", "above"])?;
    match fields.get("above") {
        None => {}
        Some(Value::Array(tiers)) => {
            for tier in tiers {
                let Value::Object(fields) = tier else {
                    return Err(String::from("no object in `above`"));
                };
                let tokens = fields.get("input_tokens").and_then(Value::as_u64);
                let tokens = tokens.ok_or("no whole number as `input_tokens` in `above`")?;
                price = rates(price.above_input_tokens(tokens), fields, &["input_tokens"])?;
            }
        }
        Some(_) => return Err(String::from("no list as `above`")),
    }
    Ok(price)
}

/// The rates among the fields; those of `others` are none.
fn rates(mut price: Price, fields: &Map<String, Value>, others: &[&str]) -> Result<Price, String> {
    for (key, value) in fields.iter().filter(|(key, _)| !others.contains(&key.as_str())) {
        let set: fn(Price, Dollars) -> Price = match key.as_str() {
            "input" => Price::input_per_million,
            "output" => Price::output_per_million,
            "cache_read" => Price::cache_read_per_million,
            "cache_creation" => Price::cache_creation_per_million,
            "cache_creation_1h" => Price::cache_creation_1h_per_million,
            "reasoning" => Price::reasoning_per_million,
            _ => return Err(format!("{}, which is not known", quoted(key))),
        };
        let dollars = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => String::new(),
        };
        if dollars.money().is_none() {
            return Err(format!("no amount as `{key}`"));
        }
        price = set(price, dollars);
    }
    Ok(price)
}

/// A decimal.
type Dollars = String;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Result<Vec<Price>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prices.json");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn a_file_says_what_the_builder_can() {
        let prices = told(
            r#"[
                {"provider": "local", "model": "free", "input": 0, "output": "0"},
                {"provider": "p", "model": "m", "input": 1.25, "output": "10", "cache_read": 0.1,
                 "cache_creation": 2, "cache_creation_1h": 3, "reasoning": 1e1,
                 "above": [{"input_tokens": 200000, "input": 2.5}]}
            ]"#,
        );
        let whole = Price::new("p", "m")
            .input_per_million(1.25)
            .output_per_million(10)
            .cache_read_per_million(0.1)
            .cache_creation_per_million(2)
            .cache_creation_1h_per_million(3)
            .reasoning_per_million(10)
            .above_input_tokens(200_000)
            .input_per_million(2.5);
        let free = Price::new("local", "free").input_per_million(0).output_per_million(0);
        assert_eq!(prices, Ok(vec![free, whole]));
        assert_eq!(told("[]"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (text, problem) in [
            ("{", "is not JSON: EOF while parsing an object at line 1 column 1"),
            ("{}", "is not a list of prices"),
            ("[1]", "has in entry 1 no object"),
            (r#"[{"model": "m"}]"#, "has in entry 1 no text as `provider`"),
            (r#"[{"provider": "p", "model": ""}]"#, "has in entry 1 no text as `model`"),
            (
                r#"[{"provider": "p", "model": "m"}, {"provider": "p", "model": "n", "inptu": 1}]"#,
                "has in entry 2 \"inptu\", which is not known",
            ),
            (
                r#"[{"provider": "p", "model": "m", "input": -1}]"#,
                "has in entry 1 no amount as `input`",
            ),
            (
                r#"[{"provider": "p", "model": "m", "output": null}]"#,
                "has in entry 1 no amount as `output`",
            ),
            (
                r#"[{"provider": "p", "model": "m", "above": {}}]"#,
                "has in entry 1 no list as `above`",
            ),
            (
                r#"[{"provider": "p", "model": "m", "above": [{"input": 1}]}]"#,
                "has in entry 1 no whole number as `input_tokens` in `above`",
            ),
            (
                r#"[{"provider": "p", "model": "m"}, {"provider": "P", "model": "m"}]"#,
                "has in entry 2 a model that has a price already",
            ),
        ] {
            assert_eq!(told(text), Err(problem.to_owned()));
        }
    }
}
