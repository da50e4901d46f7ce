//! Tables of prices.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use spanline::__private::read_prices;
use spanline_fuzz::bounded;

const MILLION: u64 = 1_000_000;

/// Numbers of tokens, and those around the limits that the table has.
fn counts(entry: &Value) -> Vec<u64> {
    let mut counts = vec![0, 1, 1000, MILLION, i64::MAX as u64, u64::MAX];
    let tiers = entry["above"].as_array().into_iter().flatten();
    for limit in tiers.take(4).filter_map(|tier| tier["input_tokens"].as_u64()) {
        counts.extend([limit, limit.saturating_add(1)]);
    }
    counts
}

fn read(text: &str) {
    let bill = match read_prices(text) {
        Ok(bill) => bill,
        Err(problem) => {
            assert!(!problem.is_empty() && problem.len() < 1024, "{problem}");
            return;
        }
    };
    let table: Value = serde_json::from_str(text).expect("a table is JSON");
    let entries = table.as_array().expect("a table is a list");
    assert_eq!(bill.models(), entries.len());
    for entry in entries.iter().take(8) {
        let [provider, model] = ["provider", "model"].map(|key| entry[key].as_str());
        let (provider, model) = provider.zip(model).expect("whoever has a price has a name");
        let cost = |tokens| {
            let cost: Option<f64> = bill.cost(provider, model, tokens);
            if let Some(dollars) = cost {
                assert!(dollars.is_finite() && dollars >= 0.0, "{dollars} for {tokens:?}");
            }
            cost
        };
        assert_eq!(cost([0; 3]), Some(0.0), "no tokens cost nothing");
        let upper = provider.to_ascii_uppercase();
        for input in counts(entry) {
            let dearer = [0, 1, MILLION, u64::MAX].map(|output| cost([input, 0, output]));
            for pair in dearer.windows(2) {
                let is_more = pair[0].zip(pair[1]).is_none_or(|(less, more)| less <= more);
                assert!(is_more, "more output for less: {dearer:?}");
            }
            // The cache serves no more than there is, whatever is said.
            for cached in [1, input / 2, input, u64::MAX] {
                let tokens = [input, cached, 1];
                assert_eq!(cost(tokens), bill.cost(&upper, model, tokens));
            }
        }
    }
}

fuzz_target!(|input: &[u8]| {
    if let Ok(text) = std::str::from_utf8(input) {
        bounded(input, 64 << 10, 512, || read(text));
    }
});
