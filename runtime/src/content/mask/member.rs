//! Values that are secret for what they are called: `password=…`, `"api_key": "…"`.

use super::form::Name;

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrecy {
    /// Whatever it is.
    Always,
    /// If it looks like a key: there are tokens that a model counts, too.
    IfRandom,
}

/// How names end whose value is secret; in lower case and without `_`, `-` and `.`.
const ALWAYS: [&str; 15] = [
    "accountkey",
    "clientsecret",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "proxyauthorization",
    "secret",
    "secretaccesskey",
    "secretkey",
    "sharedaccesskey",
    "setcookie",
    "userpassword",
];
const IF_RANDOM: [&str; 10] = [
    "accesskey",
    "apikey",
    "authkey",
    "authorization",
    "encryptionkey",
    "signature",
    "signingkey",
    "subscriptionkey",
    "token",
    "sessionkey",
];

/// The last three letters of all these, of cookies and of short names.
const ENDS: [&[u8; 3]; 13] = [
    b"als", b"ase", b"ial", b"ion", b"ken", b"key", b"kie", b"ord", b"pwd", b"ret", b"sig", b"swd",
    b"ure",
];

/// Longer names have their last bytes looked at.
pub(super) const LONGEST_NAME: usize = 48;

/// Whether what is called so is a secret, and what it is called in its place.
pub(super) fn secrecy(name: &str) -> Option<(Name, Secrecy)> {
    // Most names end otherwise.
    let [.., a, b, c] = name.as_bytes() else { return None };
    let end = [a | 0x20, b | 0x20, c | 0x20];
    if !ENDS.contains(&&end) {
        return None;
    }
    let mut normal = [0; LONGEST_NAME];
    let mut length = 0;
    let start = name.len().saturating_sub(LONGEST_NAME);
    let letters = name.as_bytes().get(start..).unwrap_or_default();
    for byte in letters.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b'.')) {
        if let Some(slot) = normal.get_mut(length) {
            *slot = byte.to_ascii_lowercase();
            length += 1;
        }
    }
    let normal = normal.get(..length).unwrap_or_default();
    let ends = |endings: &[&str]| endings.iter().any(|it| normal.ends_with(it.as_bytes()));
    let is_cookie = normal == b"cookie" || normal.ends_with(b"headercookie");
    // `PWD` is where a process is.
    if ends(&ALWAYS) || is_cookie || (normal.ends_with(b"pwd") && name != "PWD") {
        let is_password = normal.ends_with(b"pwd") || ends(&["passphrase", "passwd", "password"]);
        let is_aws = ends(&["secretaccesskey"]);
        let name = match (is_password, is_aws) {
            (true, _) => Name::Password,
            (_, true) => Name::AwsKey,
            _ => Name::Credential,
        };
        return Some((name, Secrecy::Always));
    }
    if ends(&IF_RANDOM) || normal == b"sig" {
        let name = match () {
            () if ends(&["apikey", "subscriptionkey"]) => Name::ApiKey,
            () if ends(&["authorization"]) => Name::Authorization,
            () => Name::Credential,
        };
        return Some((name, Secrecy::IfRandom));
    }
    None
}

/// Whether a value is more likely to be a secret than a word.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = value.as_bytes();
    let has = |is: fn(&u8) -> bool| bytes.iter().any(is);
    let is_inner_upper = || {
        bytes
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()))
    };
    bytes.len() >= 8
        && !has(u8::is_ascii_whitespace)
        && has(u8::is_ascii_alphabetic)
        && (has(u8::is_ascii_digit) || is_inner_upper() || bytes.len() >= 24)
}

/// Whether a value without quotes behind a colon is more likely to be a secret than the next word of
/// a sentence.
pub(super) fn is_no_word(value: &str) -> bool {
    value.len() >= 4
        && !value.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'.' || byte >= 0x80)
}

/// Whether a value stands for one: `None`, `$PASSWORD`, `{}`, `<password>`, `***`.
pub(super) fn is_stand_in(value: &str) -> bool {
    const WORDS: [&str; 8] =
        ["none", "null", "nil", "true", "false", "undefined", "some", "required"];
    value.starts_with(['$', '{', '<', '*'])
        || WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_known_by_its_last_three_letters() {
        for name in ALWAYS.iter().chain(&IF_RANDOM).chain(&["cookie", "pwd", "sig"]) {
            assert!(secrecy(name).is_some(), "{name}");
            assert!(secrecy(&format!("my_{}", name.to_uppercase())).is_some() || name.len() < 7);
        }
    }
}
