//! What a value may look like, whether or not anything uses it.

use std::ffi::OsStr;
use std::fmt::Debug;

use super::endpoint::without_secrets;
use super::exporter;
use super::format::Format;
use super::reader::quoted;
use super::signal::Signal;
use super::{
    baggage, certificate, convention, header_file, masks, pair, place, prices, propagator, records,
    tail,
};

/// The values that a variable takes.
#[derive(Debug)]
pub(crate) enum Form {
    /// Anything, text or not.
    Any,
    /// Any text.
    Text,
    /// A PEM file.
    File,
    Url,
    Host,
    Port,
    Headers,
    /// A file of headers.
    HeaderFile,
    Attributes,
    Exporters(Signal),
    /// Where exceptions are told.
    ExceptionSignals,
    Propagators,
    /// A file of prices.
    Prices,
    BaggageKeys,
    BaggageHosts,
    Masks,
    Conventions,
    /// Of the standard, with words for others than us.
    StabilityOptIn,
    Prefix,
    /// Which traces are kept once they have ended.
    TailSampling,
    /// A single value.
    Single(&'static dyn Single),
}

/// A form of one value, and what the variable says if it is not set.
#[derive(Debug)]
pub(crate) struct Usual<F: Format>(pub(crate) F, pub(crate) F::Value);

/// Of a [`Usual`], whatever its type.
pub(crate) trait Single: Debug + Sync {
    fn problem(&self, text: &str) -> Option<String>;
    fn expected(&self) -> String;
}

impl<F> Single for Usual<F>
where
    F: Format + Debug + Sync,
    F::Value: Debug + Sync,
{
    fn problem(&self, text: &str) -> Option<String> {
        self.0.parse(text).err()
    }

    fn expected(&self) -> String {
        self.0.expected(&self.1)
    }
}

impl Form {
    /// What is wrong with `value`, which is not blank; the same words that its reader has for it.
    pub(super) fn problem(&self, value: &OsStr, is_grpc: bool) -> Option<String> {
        if matches!(self, Self::Any) {
            return None;
        }
        if matches!(self, Self::File) {
            return certificate::problem(value.as_ref());
        }
        if matches!(self, Self::Prices) {
            return prices::problem(value.as_ref());
        }
        if matches!(self, Self::HeaderFile) {
            return header_file::problem(value.as_ref());
        }
        let Some(text) = value.to_str().map(str::trim) else { return Some(self.not_text(value)) };
        let of_list = |problems: Vec<String>| Some(problems.join(", ")).filter(|it| !it.is_empty());
        match self {
            Self::Any | Self::File | Self::HeaderFile | Self::Prices | Self::Text => None,
            Self::Url => place::url_problem(text, is_grpc),
            Self::Host => place::host_problem(text),
            Self::Port => place::port_problem(text),
            Self::Headers => of_list(pair::headers(text).problems),
            Self::Attributes => pair::attributes(text).err(),
            Self::Exporters(signal) => of_list(exporter::list(*signal, text).problems),
            Self::ExceptionSignals => of_list(records::exception_signals(text).problems),
            Self::Propagators => of_list(propagator::list(text).problems),
            Self::BaggageKeys => of_list(baggage::keys(text).problems),
            Self::BaggageHosts => of_list(baggage::hosts(text).problems),
            Self::Conventions => of_list(convention::list(text).problems),
            Self::StabilityOptIn => of_list(convention::opt_in(text).problems),
            Self::Prefix => convention::prefix_problem(text),
            Self::Masks => of_list(masks::list(text).problems),
            Self::TailSampling => tail::parse(text).err().and_then(of_list),
            Self::Single(single) => single.problem(text),
        }
    }

    pub(super) fn expected(&self) -> String {
        match self {
            Self::Any | Self::Text => "text",
            Self::File => certificate::EXPECTED,
            Self::HeaderFile => header_file::EXPECTED,
            Self::Url => place::URL_EXPECTED,
            Self::Host => place::HOST_EXPECTED,
            Self::Port => place::PORT_EXPECTED,
            Self::Headers | Self::Attributes => pair::EXPECTED,
            Self::Exporters(signal) => exporter::expected(*signal),
            Self::ExceptionSignals => records::EXCEPTION_SIGNALS_EXPECTED,
            Self::Propagators => propagator::EXPECTED,
            Self::Prices => prices::EXPECTED,
            Self::BaggageKeys => baggage::KEYS_EXPECTED,
            Self::BaggageHosts => baggage::HOSTS_EXPECTED,
            Self::Conventions => convention::EXPECTED,
            Self::StabilityOptIn => convention::OPT_IN_EXPECTED,
            Self::Prefix => convention::PREFIX_EXPECTED,
            Self::Masks => masks::EXPECTED,
            Self::TailSampling => tail::EXPECTED,
            Self::Single(single) => return single.expected(),
        }
        .to_owned()
    }

    /// That `value` is not UTF-8.
    pub(super) fn not_text(&self, value: &OsStr) -> String {
        format!("{} is not UTF-8", self.shown(&value.to_string_lossy()))
    }

    /// `text` as messages may show it.
    pub(super) fn shown(&self, text: &str) -> String {
        match self {
            Self::Headers => "the value".to_owned(),
            Self::Url => quoted(&without_secrets(text)),
            _ => quoted(text),
        }
    }
}
