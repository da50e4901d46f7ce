//! Which form of the text a scraper asks for.

/// A form of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// Prometheus's own, 0.0.4.
    Text,
    /// The same, 1.0.0, which differs in names that are not escaped; ours are.
    EscapedText,
    /// OpenMetrics 1.0.0.
    OpenMetrics,
}

impl Media {
    /// What the header `Accept` asks for; the first of what it likes best.
    pub(super) fn accepted(accept: &str) -> Self {
        let mut best = (Self::Text, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next().unwrap_or_default();
            let (mut version, mut quality) = (None, 1.0);
            for (name, value) in parts.filter_map(|part| part.split_once('=')) {
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "version" => version = Some(value),
                    "q" => quality = value.parse().unwrap_or(0.0),
                    _ => {}
                }
            }
            let media = match (kind.to_ascii_lowercase().as_str(), version) {
                ("application/openmetrics-text", None | Some("1.0.0")) => Self::OpenMetrics,
                ("text/plain", Some("1.0.0")) => Self::EscapedText,
                ("text/plain", None | Some("0.0.4")) | ("text/*" | "*/*", _) => Self::Text,
                _ => continue,
            };
            if quality > best.1 {
                best = (media, quality);
            }
        }
        best.0
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::EscapedText => "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }

    pub(super) fn is_open_metrics(self) -> bool {
        self == Self::OpenMetrics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scraper_gets_what_it_likes_best_and_text_if_it_likes_nothing_of_ours() {
        for (accept, media) in [
            ("", Media::Text),
            ("*/*", Media::Text),
            ("text/html, application/json;q=0.9", Media::Text),
            ("text/plain", Media::Text),
            ("application/openmetrics-text", Media::OpenMetrics),
            (
                "application/openmetrics-text;version=2.0.0, text/plain;version=1.0.0;q=0.1",
                Media::EscapedText,
            ),
            ("Application/OpenMetrics-Text; Version=\"1.0.0\"", Media::OpenMetrics),
            ("application/openmetrics-text;q=0, */*;q=0.1", Media::Text),
            ("application/openmetrics-text;q=nonsense", Media::Text),
            // Prometheus 2.
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;\
                 version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                Media::OpenMetrics,
            ),
            // Prometheus 3, by PrometheusText1.0.0 alone.
            ("text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.1", Media::EscapedText),
        ] {
            assert_eq!(Media::accepted(accept), media, "{accept}");
        }
    }
}
