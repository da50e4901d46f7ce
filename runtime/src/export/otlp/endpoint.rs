//! Where requests go, and how to speak of it without secrets.

use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::Error;
use crate::telemetry::env::without_secrets;

/// Long enough for a sentence of the server's, short enough for one line of ours.
const LONGEST_QUOTE: usize = 200;
/// Shorter words are no secrets, and masking them would garble the text around them.
const SHORTEST_SECRET: usize = 6;

/// A checked URL.
#[derive(Clone)]
pub(super) struct Endpoint {
    uri: Uri,
    shown: String,
    secrets_of_url: Vec<String>,
    secrets: Vec<String>,
    secrets_before: Vec<String>,
}

impl Endpoint {
    /// `headers` are read for the secrets that no message may repeat.
    pub(super) fn parse(text: &str, headers: &[(String, String)]) -> Result<Self, Error> {
        let shown = without_secrets(text);
        let unusable = |problem: &str| {
            Error::configuration(format!(
                "cannot send OTLP to `{shown}`: {problem}; expected a URL such as \
                 `http://localhost:4318`"
            ))
        };
        let uri: Uri = text.parse().map_err(|_| unusable("it is not a URL"))?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(unusable("it names no host"));
        }
        match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => {}
            Some(_) => return Err(unusable("its scheme is neither http nor https")),
            None => return Err(unusable("it has no scheme")),
        }
        let mut secrets: Vec<String> = Vec::new();
        if let Some((user, password)) = user_information(&uri).and_then(|it| it.split_once(':')) {
            secrets.extend([user.to_owned(), password.to_owned()]);
        }
        if let Some(query) = uri.query() {
            secrets.extend(query.split(['&', '=']).map(str::to_owned));
        }
        secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
        let mut endpoint = Self {
            uri,
            shown,
            secrets_of_url: secrets,
            secrets: Vec::new(),
            secrets_before: Vec::new(),
        };
        endpoint.keep_secret(headers);
        Ok(endpoint)
    }

    /// No message repeats the values of these headers, nor of those before them: a receiver may be
    /// speaking of them still.
    pub(super) fn keep_secret(&mut self, headers: &[(String, String)]) {
        let parts = headers.iter().flat_map(|(_, value)| {
            let words = value.split([' ', ',', ';', '=']);
            std::iter::once(value.as_str()).chain(words)
        });
        let secrets = parts.filter(|part| part.len() >= SHORTEST_SECRET).map(str::to_owned);
        self.secrets_before = std::mem::replace(&mut self.secrets, secrets.collect());
    }

    #[cfg(feature = "otlp-grpc")]
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    pub(super) fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// Host and port.
    pub(super) fn address(&self) -> Option<(&str, u16)> {
        let default = if self.is_https() { 443 } else { 80 };
        let host = self.uri.host()?.trim_matches(['[', ']']);
        Some((host, self.uri.port_u16().unwrap_or(default)))
    }

    /// Scheme, host, port and path; and user information and query, which may be secret.
    #[cfg(feature = "spool")]
    pub(super) fn place(&self) -> (String, String) {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let host = self.uri.host().unwrap_or_default().to_ascii_lowercase();
        let port = self.uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
        let path = self.uri.path().trim_end_matches('/');
        let user = user_information(&self.uri).map(|user| format!("{user}@")).unwrap_or_default();
        let query = self.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        (format!("{scheme}://{host}{port}{path}"), format!("{user}{query}"))
    }

    #[cfg(feature = "otlp-grpc")]
    pub(super) fn has_user_information(&self) -> bool {
        user_information(&self.uri).is_some()
    }

    /// A server's words on one line of ours: short, printable, without what we sent in secret.
    pub(super) fn quote(&self, text: &str) -> String {
        let mut text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let headers = self.secrets.iter().chain(&self.secrets_before);
        let mut secrets: Vec<&String> = self.secrets_of_url.iter().chain(headers).collect();
        // Whole values before their words, else the rest of a value would stay.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        for secret in secrets {
            text = text.replace(secret, "…");
        }
        text.retain(|character| !character.is_control());
        if let Some((end, _)) = text.char_indices().nth(LONGEST_QUOTE) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

/// The URL without user information and query.
impl std::fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.shown)
    }
}

fn user_information(uri: &Uri) -> Option<&str> {
    uri.authority()?.as_str().rsplit_once('@').map(|(user_information, _)| user_information)
}

/// The user's headers as HTTP knows them, kept out of `Debug` and of compression tables.
pub(super) fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| {
            Error::configuration(format!(
                "`{}` cannot be the name of an OTLP header; expected letters, digits and `-`",
                name.escape_debug()
            ))
        })?;
        let mut value = HeaderValue::from_str(value).map_err(|_| {
            Error::configuration(format!(
                "the value of the OTLP header `{name}` cannot be sent; expected visible ASCII \
                 characters"
            ))
        })?;
        value.set_sensitive(true);
        map.append(name, value);
    }
    Ok(map)
}
