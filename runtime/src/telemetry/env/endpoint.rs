//! The URL of a collector: what it says, and what would be lost by guessing.

use std::net::Ipv6Addr;

/// A URL that OTLP can be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoint {
    /// `None` for `host:port`, which gRPC allows.
    pub(super) scheme: Option<&'static str>,
    /// Host and port.
    pub(super) authority: String,
    pub(super) port: Option<u16>,
    /// Empty, or with its leading slash.
    pub(super) path: String,
    /// Empty, or with its leading question mark; may be secret.
    pub(super) query: String,
}

impl Endpoint {
    /// The parts of `text`, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("has a blank or a character outside ASCII");
        }
        let (scheme, rest) = match text.split_once("://") {
            None => (None, text),
            Some((word, rest)) if word.eq_ignore_ascii_case("http") => (Some("http"), rest),
            Some((word, rest)) if word.eq_ignore_ascii_case("https") => (Some("https"), rest),
            Some(_) => return Err("is neither http:// nor https://"),
        };
        if rest.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}']) {
            return Err("has a character that has to be percent-encoded");
        }
        if rest.contains('#') {
            return Err("has a fragment");
        }
        let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("carries credentials, which belong in OTEL_EXPORTER_OTLP_HEADERS");
        }
        let port = port(authority)?;
        Ok(Self {
            scheme,
            authority: authority.to_owned(),
            port,
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }

    /// The URL for a signal: `path` goes behind what the endpoint has of its own.
    pub(super) fn with_path(&self, scheme: &str, path: &str) -> String {
        let base = self.path.trim_end_matches('/');
        format!("{scheme}://{}{base}/{path}{}", self.authority, self.query)
    }

    /// The URL as it was given, with the root's path if it had none.
    pub(super) fn whole(&self, scheme: &str) -> String {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        format!("{scheme}://{}{path}{}", self.authority, self.query)
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.authority)
    }

    /// More than a slash behind the authority.
    pub(super) fn has_path(&self) -> bool {
        !self.path.trim_matches('/').is_empty() || !self.query.is_empty()
    }
}

fn port(authority: &str) -> Result<Option<u16>, &'static str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let Some((host, behind)) = rest.split_once(']') else {
                return Err("has an IPv6 address without its closing bracket");
            };
            if host.parse::<Ipv6Addr>().is_err() {
                return Err("has brackets round something that is no IPv6 address");
            }
            match behind.strip_prefix(':') {
                None if behind.is_empty() => (host, None),
                None => return Err("has something other than a port behind its host"),
                Some(port) => (host, Some(port)),
            }
        }
        None => match authority.split_once(':') {
            None => (authority, None),
            Some((host, port)) => (host, Some(port)),
        },
    };
    if host.is_empty() {
        return Err("has no host");
    }
    let is_of_host =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    if !host.bytes().all(is_of_host) {
        return Err("has a character in its host that no host name has");
    }
    match port.map(str::parse::<u16>) {
        None => Ok(None),
        Some(Ok(port)) if port > 0 => Ok(Some(port)),
        Some(_) => Err("has a port that is not a number from 1 to 65535"),
    }
}

/// `text` for messages: whatever could be a password or a token is left out.
pub(crate) fn without_secrets(text: &str) -> String {
    let (scheme, rest) = text.split_at(text.find("://").map_or(0, |start| start + "://".len()));
    let query = rest.find(['?', '#']);
    match (rest.rfind('@'), query) {
        // Of a password or of a token: nobody can tell.
        (Some(at), Some(query)) if query < at => format!("{scheme}…"),
        (at, query) => {
            let start = at.unwrap_or(0);
            let end = query.map_or(rest.len(), |mark| mark + 1);
            let shown = rest.get(start..end).unwrap_or_default();
            let before = if at.is_some() { "…" } else { "" };
            let behind = if query.is_some() { "…" } else { "" };
            format!("{scheme}{before}{shown}{behind}")
        }
    }
}
