//! Environments: `NAME=value`, one on each line.
#![no_main]

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use http::{HeaderName, HeaderValue, Uri};
use libfuzzer_sys::fuzz_target;
use spanline::__private::{settle, variables};
use spanline_fuzz::bounded;

/// What stands in each variable of headers as the value of one, and behind its other headers.
const SECRET: &str = "sw0rdfish-4711";
/// Bytes of a problem or a decision, beside what it shows of the value: that has an end too.
const LINE: usize = 4096;

fn environment(input: &[u8]) -> HashMap<String, OsString> {
    let mut environment = HashMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        let Some(middle) = line.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = line.split_at(middle);
        let Some(name) = variables().find(|known| known.as_bytes() == name) else { continue };
        let mut value = OsStr::from_bytes(&value[1..]).to_owned();
        // No environment holds one.
        if value.as_bytes().contains(&0) {
            continue;
        }
        if name.ends_with("_HEADERS") {
            value.push(",x-key=");
            value.push(SECRET);
        }
        environment.insert(name.to_owned(), value);
    }
    environment
}

fn read(environment: &HashMap<String, OsString>) {
    let first = settle(environment.clone());
    let again = settle(environment.clone());
    let (settled, again) = match (first, again) {
        (Ok(settled), Ok(again)) => (settled, again),
        (Err(error), Err(again)) => {
            let said = error.to_string();
            assert_eq!(said, again.to_string());
            assert!(!said.contains(SECRET), "{said}");
            return;
        }
        (first, again) => panic!("{first:?} and then {again:?}"),
    };
    assert_eq!(settled.shown, again.shown);
    assert!(!settled.shown.contains(SECRET), "{}", settled.shown);
    for line in &settled.said {
        assert!(!line.contains(SECRET), "{line}");
    }
    let longest = environment.values().map(|value| value.len()).max().unwrap_or(0);
    for line in &settled.said {
        assert!(line.len() <= LINE + 8 * longest, "{} bytes in a line", line.len());
    }
    for endpoint in &settled.endpoints {
        let url: Uri = endpoint.parse().unwrap_or_else(|error| panic!("{endpoint:?}: {error}"));
        assert!(url.host().is_some_and(|host| !host.is_empty()), "{endpoint:?}");
        assert!(matches!(url.scheme_str(), Some("http" | "https")), "{endpoint:?}");
    }
    for (name, value) in &settled.headers {
        assert!(HeaderName::try_from(name).is_ok(), "{name:?}");
        assert!(HeaderValue::try_from(value).is_ok(), "a value of {name:?}");
    }
    for (queue, size) in settled.batches {
        assert!((1..=queue).contains(&size), "batches of {size} from a queue of {queue}");
    }
    assert!((0.0..=1.0).contains(&settled.share), "{}", settled.share);
}

fuzz_target!(|input: &[u8]| {
    // What the secret says elsewhere is not secret.
    if input.windows(SECRET.len()).any(|text| text == SECRET.as_bytes()) {
        return;
    }
    bounded(input, 512 << 10, 256, || read(&environment(input)));
});
