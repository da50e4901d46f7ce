//! Names as Prometheus has them: letters, digits and `_`, with the unit and the kind behind.

/// What OpenTelemetry writes for a unit, and what Prometheus does.
const UNITS: [(&str, &str); 35] = [
    ("d", "days"),
    ("h", "hours"),
    ("min", "minutes"),
    ("s", "seconds"),
    ("ms", "milliseconds"),
    ("us", "microseconds"),
    ("ns", "nanoseconds"),
    ("By", "bytes"),
    ("KiBy", "kibibytes"),
    ("MiBy", "mebibytes"),
    ("GiBy", "gibibytes"),
    ("TiBy", "tebibytes"),
    ("kBy", "kilobytes"),
    ("KBy", "kilobytes"),
    ("MBy", "megabytes"),
    ("GBy", "gigabytes"),
    ("TBy", "terabytes"),
    ("B", "bytes"),
    ("KB", "kilobytes"),
    ("MB", "megabytes"),
    ("GB", "gigabytes"),
    ("TB", "terabytes"),
    ("bit", "bits"),
    ("m", "meters"),
    ("V", "volts"),
    ("A", "amperes"),
    ("J", "joules"),
    ("W", "watts"),
    ("g", "grams"),
    ("Cel", "celsius"),
    ("Hz", "hertz"),
    ("%", "percent"),
    ("wk", "weeks"),
    ("mo", "months"),
    ("a", "years"),
];

/// The same behind a slash, in the singular.
const PER: [(&str, &str); 10] = [
    ("s", "second"),
    ("m", "minute"),
    ("min", "minute"),
    ("h", "hour"),
    ("d", "day"),
    ("w", "week"),
    ("wk", "week"),
    ("mo", "month"),
    ("y", "year"),
    ("a", "year"),
];

/// What a metric family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// The name of a metric family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FamilyName {
    /// Without the `_total` of a counter.
    pub(super) base: String,
    /// In Prometheus's words; the name ends with it.
    pub(super) unit: Option<String>,
}

impl FamilyName {
    pub(super) fn new(name: &str, unit: &str, kind: Kind) -> Self {
        let mut base = allowed(name, true);
        if kind == Kind::Counter && base.ends_with("_total") {
            base.truncate(base.len() - "_total".len());
        }
        let unit = unit_words(unit, kind);
        if let Some(unit) = &unit
            && base != *unit
            && !base.strip_suffix(unit.as_str()).is_some_and(|start| start.ends_with('_'))
        {
            base.truncate(base.trim_end_matches('_').len());
            base.push('_');
            base.push_str(unit);
        }
        Self { base, unit }
    }

    /// The names that no other family may have.
    pub(super) fn all(&self, kind: Kind) -> Vec<String> {
        let mut names = vec![self.base.clone()];
        match kind {
            Kind::Counter => names.push(self.sample(kind)),
            Kind::Gauge => {}
            Kind::Histogram => {
                let parts = ["_bucket", "_sum", "_count"];
                names.extend(parts.map(|part| format!("{}{part}", self.base)));
            }
        }
        names
    }

    /// The name of a single value.
    pub(super) fn sample(&self, kind: Kind) -> String {
        match kind {
            Kind::Counter => format!("{}_total", self.base.trim_end_matches('_')),
            Kind::Gauge | Kind::Histogram => self.base.clone(),
        }
    }
}

/// The name of a label.
pub(super) fn label(key: &str) -> String {
    allowed(key, false)
}

/// Each run of other characters becomes one `_`, and a digit does not come first.
fn allowed(text: &str, colons: bool) -> String {
    let mut name = String::with_capacity(text.len() + 1);
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        name.push('_');
    }
    for character in text.chars() {
        if character.is_ascii_alphanumeric() || (colons && character == ':') {
            name.push(character);
        } else if !name.ends_with('_') {
            name.push('_');
        }
    }
    if name.is_empty() {
        name.push('_');
    }
    name
}

/// Without what stands in braces, which counts things and is no unit to Prometheus.
fn unit_words(unit: &str, kind: Kind) -> Option<String> {
    // A share is a gauge; counters have a unit of 1 by mistake.
    if unit == "1" {
        return (kind == Kind::Gauge).then(|| String::from("ratio"));
    }
    let (main, per) = match unit.split_once('/') {
        Some((main, per)) => (main, Some(per)),
        None => (unit, None),
    };
    let word = |text: &str, known: &[(&str, &str)]| {
        let text = without_braces(text);
        let text = text.trim();
        if text.is_empty() || text == "1" {
            return None;
        }
        let found = known.iter().find(|(symbol, _)| *symbol == text).map(|(_, word)| *word);
        Some(found.map_or_else(|| allowed(text, false), str::to_owned))
            .map(|word| word.trim_matches('_').to_owned())
            .filter(|word| !word.is_empty())
    };
    match (word(main, &UNITS), per.and_then(|per| word(per, &PER))) {
        (Some(main), Some(per)) => Some(format!("{main}_per_{per}")),
        (None, Some(per)) => Some(format!("per_{per}")),
        (main, None) => main,
    }
}

fn without_braces(text: &str) -> String {
    let mut depth = 0_u32;
    let keep = |character: &char| {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str, unit: &str, kind: Kind) -> String {
        FamilyName::new(name, unit, kind).sample(kind)
    }

    #[test]
    fn a_name_has_its_unit_and_its_kind_behind_it() {
        for (name, unit, kind, expected) in [
            ("http.server.duration", "s", Kind::Histogram, "http_server_duration_seconds"),
            ("requests", "{request}", Kind::Counter, "requests_total"),
            ("requests.total", "{request}", Kind::Counter, "requests_total"),
            ("io", "By", Kind::Counter, "io_bytes_total"),
            ("io.bytes", "By", Kind::Counter, "io_bytes_total"),
            ("bytes", "By", Kind::Gauge, "bytes"),
            // A unit is a suffix of words, not of letters.
            ("seconds.left", "s", Kind::Gauge, "seconds_left_seconds"),
            ("kilobytes", "By", Kind::Gauge, "kilobytes_bytes"),
            ("fill", "1", Kind::Gauge, "fill_ratio"),
            ("things", "1", Kind::Counter, "things_total"),
            ("speed", "m/s", Kind::Gauge, "speed_meters_per_second"),
            ("rate", "{token}/s", Kind::Gauge, "rate_per_second"),
            ("cost", "USD", Kind::Histogram, "cost_USD"),
            ("cost", "", Kind::Histogram, "cost"),
            ("mean", "By/{request}", Kind::Gauge, "mean_bytes"),
        ] {
            assert_eq!(sample(name, unit, kind), expected, "{name} {unit}");
        }
    }

    #[test]
    fn what_prometheus_does_not_allow_is_one_underscore() {
        assert_eq!(sample("a..b-/c", "", Kind::Gauge), "a_b_c");
        assert_eq!(sample("9lives", "", Kind::Gauge), "_9lives");
        assert_eq!(sample("rule:a", "", Kind::Gauge), "rule:a");
        assert_eq!(sample("größe_", "s", Kind::Gauge), "gr_e_seconds");
        assert_eq!(label("rule:a"), "rule_a");
        assert_eq!(label("__name__"), "_name_");
        assert_eq!(label("1st"), "_1st");
        assert_eq!(label(""), "_");
    }
}
