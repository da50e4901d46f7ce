//! The hosts that may be told whom a request is for.

use std::fmt;

/// One entry of an allow list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// `*`: every host, and requests of which the host is not known.
    Every,
    Exact(String),
    /// `*.example.com`: what is kept starts with the dot.
    Below(String),
}

impl HostPattern {
    /// `None` where the text is no pattern.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::Every);
        }
        let (name, is_suffix) = match text.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (text, false),
        };
        let host = host(name)?;
        // A port in the list would be taken for a condition.
        if host.len() != name.trim_end_matches('.').len() {
            return None;
        }
        Some(if is_suffix { Self::Below(format!(".{host}")) } else { Self::Exact(host) })
    }

    /// Whether this host may be told; `None` is one that is not known.
    pub(crate) fn allows(&self, authority: Option<&str>) -> bool {
        let found = || authority.and_then(host);
        match self {
            Self::Every => true,
            Self::Exact(name) => found().is_some_and(|host| host == *name),
            Self::Below(suffix) => {
                found().is_some_and(|host| host.len() > suffix.len() && host.ends_with(suffix))
            }
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => formatter.write_str("*"),
            Self::Exact(name) => formatter.write_str(name),
            Self::Below(suffix) => write!(formatter, "*{suffix}"),
        }
    }
}

/// The host of `host`, `host:port` or `[address]:port`, in lower case; `None` for anything that
/// could be more than that, such as a URL with somebody else's host in its path.
fn host(authority: &str) -> Option<String> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        let is_address = address.contains(':')
            && address.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.'));
        let port = if after.is_empty() { Some("") } else { after.strip_prefix(':') };
        (is_address.then_some(authority.get(..address.len() + 2)?)?, port?)
    } else {
        let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
        let name = name.strip_suffix('.').unwrap_or(name);
        let is_name = name.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        });
        (is_name.then_some(name)?, port)
    };
    port.bytes().all(|byte| byte.is_ascii_digit()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, authority: &str) -> bool {
        HostPattern::parse(pattern).unwrap().allows(Some(authority))
    }

    #[test]
    fn an_exact_host_is_itself_alone_whatever_its_case_and_port() {
        for same in
            ["api.example.com", "API.Example.com", "api.example.com:8443", "api.example.com."]
        {
            assert!(allows("api.example.com", same), "{same}");
        }
        for other in ["example.com", "x.api.example.com", "api.example.com.evil.org", ""] {
            assert!(!allows("api.example.com", other), "{other}");
        }
        assert!(allows("[::1]", "[::1]:8080") && !allows("[::1]", "[::2]"));
        assert!(allows("127.0.0.1", "127.0.0.1:80"));
    }

    #[test]
    fn a_suffix_is_what_is_below_it() {
        for below in ["a.example.com", "a.b.EXAMPLE.com:1"] {
            assert!(allows("*.example.com", below), "{below}");
        }
        for other in ["example.com", ".example.com", "evilexample.com", "example.com.evil.org"] {
            assert!(!allows("*.example.com", other), "{other}");
        }
    }

    #[test]
    fn what_is_more_than_a_host_is_none() {
        for trick in [
            "evil.org/x.example.com",
            "evil.org#.example.com",
            "evil.org?.example.com",
            "evil.org\\.example.com",
            "a@b.example.com",
            "https://a.example.com",
            "a.example.com:80:a",
            "a.example.com:port",
            "a .example.com",
            "a\n.example.com",
            "[::1].example.com",
        ] {
            assert!(!allows("*.example.com", trick), "{trick}");
        }
    }

    #[test]
    fn every_host_is_allowed_by_a_star_known_or_not() {
        assert!(allows("*", "anything at all"));
        assert!(HostPattern::parse("*").unwrap().allows(None));
        assert!(!HostPattern::parse("a.example").unwrap().allows(None));
    }

    #[test]
    fn a_pattern_that_is_none_is_refused() {
        for text in [
            "",
            "*.",
            "**",
            "*example.com",
            "a.*.com",
            "https://a.b",
            "a.b:80",
            "a..b",
            "a/b",
            "*.*",
        ] {
            assert_eq!(HostPattern::parse(text), None, "{text}");
        }
        assert_eq!(HostPattern::parse("A.b.").unwrap().to_string(), "a.b");
        assert_eq!(HostPattern::parse("*.B.c").unwrap().to_string(), "*.b.c");
    }
}
