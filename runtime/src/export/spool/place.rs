//! The folder of each receiver, by its address.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

/// What folders of all systems can have in their names.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');
/// Names of folders are no longer than 255 bytes.
const LONGEST_NAME: usize = 200;
/// Of a digest: no two addresses share it by chance.
const DIGEST_BYTES: usize = 8;

/// Where requests go, and in which form.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Encoding, scheme, host, port and path.
    pub(crate) shown: String,
    /// User information and query: part of the address, and maybe secret.
    pub(crate) hidden: String,
}

impl Place {
    /// Different for each place; what is hidden is in it as a digest.
    pub(super) fn folder_name(&self, signal: &str) -> String {
        let mut name = format!("{signal}-{}", utf8_percent_encode(&self.shown, PLAIN));
        let is_long = name.len() > LONGEST_NAME;
        if !is_long && self.hidden.is_empty() {
            return name;
        }
        // No address has a line break.
        let digest = Sha256::digest(format!("{name}\n{}", self.hidden));
        // Percent-encoded: all of it is ASCII.
        name.truncate(LONGEST_NAME);
        name.push('-');
        for byte in digest.iter().take(DIGEST_BYTES) {
            let _ = write!(name, "{byte:02x}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(shown: &str, hidden: &str) -> String {
        Place { shown: shown.to_owned(), hidden: hidden.to_owned() }.folder_name("traces")
    }

    #[test]
    fn the_folder_of_each_place_is_its_own() {
        let plain = name("grpc-http://localhost:4317", "");
        assert_eq!(plain, "traces-grpc-http%3A%2F%2Flocalhost%3A4317");
        let long = "x".repeat(300);
        let (one, other) =
            (name(&format!("http://{long}/a"), ""), name(&format!("http://{long}/b"), ""));
        assert!(one != other && one.len() < 255);
    }

    #[test]
    fn what_is_hidden_tells_folders_apart_and_is_not_in_their_names() {
        let (one, other) = (
            name("http-https://one.example", "?t=secret1"),
            name("http-https://one.example", "?t=secret2"),
        );
        assert_ne!(one, other);
        assert!(one.starts_with("traces-http-https%3A%2F%2Fone.example-"), "{one}");
        assert!(!one.contains("secret"), "{one}");
        assert_eq!(one, name("http-https://one.example", "?t=secret1"));
    }
}
