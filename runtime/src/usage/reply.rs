//! What a model's reply says of itself.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use opentelemetry::{Array, StringValue};

#[cfg(feature = "content")]
use super::answer::Answer;
use super::money::Amount;
use super::tokens::{Count, IntoUsage, Usage, tokens};
use crate::semconv::{attribute, finish_reason};
use crate::span::value::{Integer, Text, ValueRef};

/// Choices above which no reason to stop is kept: a reply has few, and may be hostile.
pub(super) const CHOICES: u64 = 128;

/// A reply of a model, or a chunk of one: it knows what it consumed, who answered and why the model
/// stopped.
///
/// A function under [`trace_llm_call`](crate::trace_llm_call) that returns one needs no `usage`
/// argument: it is read by itself, in a `Result`, an `Option`, a `Box`, an `Arc`, an `Rc` or as the
/// first element of a tuple, and so is every item of a stream. Other types are left alone.
///
/// [Derive](derive@crate::LlmResponse) it, or implement it by hand:
///
/// ```
/// use spanline::{LlmResponse, Reply, trace_llm_call};
///
/// struct Answer { text: String, model: String, read: u32, written: u32, stopped: Option<String> }
///
/// impl LlmResponse for Answer {
///     fn read(&self, reply: &mut Reply) {
///         reply
///             .model(&self.model)
///             .input_tokens(self.read)
///             .output_tokens(self.written)
///             .finish_reason(&self.stopped);
///     }
/// }
///
/// #[trace_llm_call(provider = "acme", model = "a-large")]
/// async fn complete(prompt: String) -> Result<Answer, std::io::Error> {
/// #   let (read, written) = (12, 5);
///     Ok(Answer { text: prompt, model: "a-large-2".into(), read, written, stopped: None })
/// }
/// # drop(complete(String::new()));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read as the reply of a model",
    label = "does not implement `LlmResponse`",
    note = "derive `spanline::LlmResponse` for it, or tell what to read: \
            `usage = |reply| (reply.input_tokens, reply.output_tokens)`"
)]
pub trait LlmResponse {
    /// Tells what this reply or chunk knows.
    fn read(&self, reply: &mut Reply);
}

/// What is known of a reply so far; the chunks of a stream tell it piece by piece.
///
/// Told again, the last value holds. `None`, an empty text and a negative number tell nothing.
///
/// ```
/// use spanline::{LlmResponse, Reply};
///
/// struct Choice { index: u32, finish_reason: Option<String> }
/// struct Chunk { id: String, choices: Vec<Choice>, usage: Option<(u32, u32)> }
///
/// impl LlmResponse for Chunk {
///     fn read(&self, reply: &mut Reply) {
///         reply.id(&self.id).usage(self.usage);
///         for choice in &self.choices {
///             reply.choice(choice.index).finish_reason(&choice.finish_reason);
///         }
///     }
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Reply {
    usage: Usage,
    model: Option<Box<str>>,
    id: Option<Box<str>>,
    /// Of `openai.api.type`.
    api_type: Option<&'static str>,
    service_tier: Option<Box<str>>,
    system_fingerprint: Option<Box<str>>,
    /// In the order of the choices.
    pub(super) finish_reasons: Vec<(u64, Box<str>)>,
    /// So many choices have stopped or are to stop.
    choices: u64,
    /// Which choice is being told of.
    pub(super) choice: u64,
    /// What it says, where that is captured.
    #[cfg(feature = "content")]
    pub(super) answer: Option<Box<Answer>>,
}

/// One method for each count.
macro_rules! counts {
    ($($(#[$doc:meta])* $setter:ident: $count:ident;)+) => {$(
        $(#[$doc])*
        #[allow(clippy::needless_pass_by_value, reason = "takes numbers and references to them alike")]
        pub fn $setter(&mut self, count: impl Integer) -> &mut Self {
            self.usage.set(Count::$count, tokens(&count));
            self
        }
    )+};
}

impl Reply {
    /// What was consumed; of each count the last one told holds, and [`summed`](crate::summed) adds.
    pub fn usage(&mut self, usage: impl IntoUsage) -> &mut Self {
        if let Some(usage) = usage.into_usage() {
            self.usage.merge(&usage);
        }
        self
    }

    counts! {
        /// All input tokens, cached ones included.
        input_tokens: Input;
        /// Input tokens beside the cached ones; see [`Usage::uncached_input_tokens`].
        uncached_input_tokens: UncachedInput;
        /// Input tokens served from the provider's cache.
        cache_read_input_tokens: CacheRead;
        /// Input tokens written to the provider's cache.
        cache_creation_input_tokens: CacheCreation;
        /// Input tokens written to the provider's cache for an hour; part of those written to it.
        cache_creation_1h_input_tokens: CacheCreation1h;
        /// Input tokens that were text.
        text_input_tokens: TextInput;
        /// Input tokens that were images.
        image_input_tokens: ImageInput;
        /// Input tokens that were sound.
        audio_input_tokens: AudioInput;
        /// Text that the provider's cache served.
        text_cache_read_input_tokens: TextCacheRead;
        /// Images that the provider's cache served.
        image_cache_read_input_tokens: ImageCacheRead;
        /// Sound that the provider's cache served.
        audio_cache_read_input_tokens: AudioCacheRead;
        /// All output tokens, those of reasoning included.
        output_tokens: Output;
        /// Output tokens beside those of reasoning; see [`Usage::visible_output_tokens`].
        visible_output_tokens: VisibleOutput;
        /// Output tokens spent on reasoning.
        reasoning_output_tokens: Reasoning;
        /// Output tokens that are text.
        text_output_tokens: TextOutput;
        /// Output tokens that are images.
        image_output_tokens: ImageOutput;
        /// Output tokens that are sound.
        audio_output_tokens: AudioOutput;
    }

    /// What the call cost in US dollars, as the provider reports it, in place of what its tokens cost
    /// by a price.
    #[allow(clippy::needless_pass_by_value, reason = "takes amounts and references to them alike")]
    pub fn cost_usd(&mut self, dollars: impl Amount) -> &mut Self {
        self.usage = self.usage.cost_usd(dollars);
        self
    }

    /// The model that answered: `gen_ai.response.model`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn model(&mut self, model: impl Text) -> &mut Self {
        keep(&mut self.model, &model);
        self
    }

    /// The provider's id of the reply: `gen_ai.response.id`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn id(&mut self, id: impl Text) -> &mut Self {
        keep(&mut self.id, &id);
        self
    }

    /// How the request was processed: `openai.response.service_tier`, where the provider is `openai`
    /// or `azure.ai.openai`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn service_tier(&mut self, tier: impl Text) -> &mut Self {
        keep(&mut self.service_tier, &tier);
        self
    }

    /// The configuration that answered: `openai.response.system_fingerprint`, where the provider is
    /// `openai` or `azure.ai.openai`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn system_fingerprint(&mut self, fingerprint: impl Text) -> &mut Self {
        keep(&mut self.system_fingerprint, &fingerprint);
        self
    }

    /// Which interface of OpenAI's it came through: `openai.api.type`.
    #[cfg(any(feature = "async-openai", feature = "json"))]
    pub(super) fn api_type(&mut self, api_type: &'static str) -> &mut Self {
        self.api_type = Some(api_type);
        self
    }

    /// Which choice the next [`finish_reason`](Self::finish_reason), [`text`](Self::text) and the like
    /// are of; each reply and each chunk starts at 0. Nothing is kept of choices from 128 on.
    #[allow(clippy::needless_pass_by_value, reason = "takes numbers and references to them alike")]
    pub fn choice(&mut self, index: impl Integer) -> &mut Self {
        if index.value().is_some() {
            self.choice = tokens(&index).unwrap_or(CHOICES);
        }
        self
    }

    /// Why the model stopped: `gen_ai.response.finish_reasons`, one of each choice, in their order.
    /// `None` says that no reason is known yet: a choice of which none is told in the end has none with
    /// `v1.41.1`, and `error` with `genai-main`.
    #[allow(clippy::needless_pass_by_value, reason = "takes text and references to it alike")]
    pub fn finish_reason(&mut self, reason: impl Text) -> &mut Self {
        self.expect_finish_reason();
        let Some(reason) = text(&reason).filter(|_| self.choice < CHOICES) else { return self };
        match self.finish_reasons.binary_search_by_key(&self.choice, |(choice, _)| *choice) {
            Ok(at) => {
                if let Some((_, known)) = self.finish_reasons.get_mut(at)
                    && **known != *reason
                {
                    *known = reason.into();
                }
            }
            Err(at) => self.finish_reasons.insert(at, (self.choice, reason.into())),
        }
        self
    }

    /// That the choice that is told of is to stop some day.
    pub(super) fn expect_finish_reason(&mut self) {
        if self.choice < CHOICES {
            self.choices = self.choices.max(self.choice + 1);
        }
    }

    /// Reads the next chunk, or the whole reply.
    pub(crate) fn read(&mut self, response: &(impl LlmResponse + ?Sized)) {
        self.choice = 0;
        response.read(self);
    }

    /// What it says of the consumption.
    pub(crate) fn consumed(&self) -> Usage {
        self.usage
    }

    /// What every provider's replies say beside it; with `fills_gaps`, a choice without a reason to stop
    /// has the word for that.
    pub(crate) fn attributes(
        &self,
        fills_gaps: bool,
    ) -> impl Iterator<Item = (&'static str, ValueRef<'_>)> {
        let texts = [
            (attribute::RESPONSE_MODEL, self.model.as_deref()),
            (attribute::RESPONSE_ID, self.id.as_deref()),
        ];
        let reasons = self.finish_reasons(fills_gaps);
        let reasons = (!reasons.is_empty()).then_some((
            attribute::RESPONSE_FINISH_REASONS,
            ValueRef::Array(Array::String(reasons)),
        ));
        given(texts).chain(reasons)
    }

    fn finish_reasons(&self, fills_gaps: bool) -> Vec<StringValue> {
        let mut reasons = Vec::new();
        let mut known = self.finish_reasons.iter().peekable();
        for choice in 0..self.choices {
            let reason = known.next_if(|(at, _)| *at == choice).map(|(_, reason)| &**reason);
            let reason = reason.or_else(|| fills_gaps.then_some(finish_reason::ERROR));
            reasons.extend(reason.map(|reason| StringValue::from(reason.to_owned())));
        }
        reasons
    }

    /// What the conventions name for OpenAI alone.
    pub(crate) fn openai_attributes(&self) -> impl Iterator<Item = (&'static str, ValueRef<'_>)> {
        given([
            (attribute::OPENAI_API_TYPE, self.api_type),
            (attribute::OPENAI_RESPONSE_SERVICE_TIER, self.service_tier.as_deref()),
            (attribute::OPENAI_RESPONSE_SYSTEM_FINGERPRINT, self.system_fingerprint.as_deref()),
        ])
    }
}

fn given<'a, const COUNT: usize>(
    texts: [(&'static str, Option<&'a str>); COUNT],
) -> impl Iterator<Item = (&'static str, ValueRef<'a>)> {
    texts.into_iter().filter_map(|(key, text)| Some((key, ValueRef::Text(text?))))
}

pub(super) fn text(value: &impl Text) -> Option<&str> {
    match value.value()? {
        ValueRef::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Most chunks of a stream repeat what the first one said.
fn keep(known: &mut Option<Box<str>>, value: &impl Text) {
    if let Some(text) = text(value)
        && known.as_deref() != Some(text)
    {
        *known = Some(text.into());
    }
}

impl LlmResponse for Usage {
    fn read(&self, reply: &mut Reply) {
        reply.usage(self);
    }
}

impl<T: LlmResponse> LlmResponse for Option<T> {
    fn read(&self, reply: &mut Reply) {
        if let Some(response) = self {
            response.read(reply);
        }
    }
}

impl<T: LlmResponse, E> LlmResponse for Result<T, E> {
    fn read(&self, reply: &mut Reply) {
        if let Ok(response) = self {
            response.read(reply);
        }
    }
}

macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<T: LlmResponse + ?Sized> LlmResponse for $pointer {
            fn read(&self, reply: &mut Reply) {
                (**self).read(reply);
            }
        }
    )+};
}

pointers!(&T, &mut T, Box<T>, Arc<T>, Rc<T>);

impl<T: LlmResponse + Clone> LlmResponse for Cow<'_, T> {
    fn read(&self, reply: &mut Reply) {
        (**self).read(reply);
    }
}

/// A reply and what came with it: headers, the time it took.
macro_rules! tuples {
    ($(($($other:ident),*)),+) => {$(
        impl<T: LlmResponse, $($other),*> LlmResponse for (T, $($other,)*) {
            fn read(&self, reply: &mut Reply) {
                self.0.read(reply);
            }
        }
    )+};
}

tuples!((), (A), (A, B), (A, B, C));

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [&str; 0] = [];

    fn written(reply: &Reply) -> Vec<String> {
        let told = |(key, value): (_, ValueRef<'_>)| format!("{key}={}", value.into_value());
        let counts = reply.usage.counts().map(|(key, count)| format!("{key}={count}"));
        let attributes = reply.attributes(false).map(told);
        attributes.chain(counts).chain(reply.openai_attributes().map(told)).collect()
    }

    struct Chunk(&'static str, Option<&'static str>, Option<(u32, u32)>);

    impl LlmResponse for Chunk {
        fn read(&self, reply: &mut Reply) {
            reply.id(self.0).finish_reason(self.1).usage(self.2);
        }
    }

    #[test]
    fn chunks_tell_a_reply_piece_by_piece() {
        let mut reply = Reply::default();
        for chunk in [
            Chunk("", None, None),
            Chunk("r-1", None, Some((7, 1))),
            Chunk("r-1", Some("stop"), None),
            Chunk("r-1", Some(""), Some((7, 3))),
        ] {
            reply.read(&chunk);
        }
        assert_eq!(
            written(&reply),
            [
                "gen_ai.response.id=r-1",
                "gen_ai.response.finish_reasons=[\"stop\"]",
                "gen_ai.usage.input_tokens=7",
                "gen_ai.usage.output_tokens=3",
            ]
        );
    }

    #[test]
    fn reasons_stand_in_the_order_of_their_choices() {
        let mut reply = Reply::default();
        reply.choice(2).finish_reason("length").choice(0_u8).finish_reason("stop");
        reply.choice(1).finish_reason(None::<&str>);
        reply.choice(2).finish_reason("tool_calls");
        assert_eq!(written(&reply), ["gen_ai.response.finish_reasons=[\"stop\",\"tool_calls\"]"]);
    }

    #[test]
    fn a_choice_without_a_reason_has_the_word_for_that_where_each_is_to_have_one() {
        let reasons = |reply: &Reply| {
            let reasons = reply.finish_reasons(true);
            reasons.iter().map(StringValue::as_str).collect::<Vec<_>>().join(" ")
        };
        let mut reply = Reply::default();
        reply.id("r").choice(3);
        assert_eq!(reasons(&reply), "", "nobody asked for a reason");
        reply.read(&Chunk("", None, None));
        assert_eq!(reasons(&reply), "error");
        assert_eq!(written(&reply), ["gen_ai.response.id=r"]);
        reply.choice(2).finish_reason("stop").choice(500).finish_reason(None::<&str>);
        assert_eq!(reasons(&reply), "error error stop");
        reply.choice(0).finish_reason("length").choice(1).finish_reason("");
        assert_eq!(reasons(&reply), "length error stop");
    }

    #[test]
    fn a_choice_that_no_reply_has_is_not_kept() {
        let mut reply = Reply::default();
        for index in [-1, 128, i64::MAX] {
            reply.choice(index).finish_reason("stop");
        }
        reply.choice(u64::MAX).finish_reason("stop");
        assert_eq!(written(&reply), NOTHING);
        reply.choice(0).choice(None::<u8>).finish_reason("stop");
        assert_eq!(written(&reply).len(), 1);
    }

    #[test]
    fn each_chunk_starts_at_the_first_choice() {
        let mut reply = Reply::default();
        reply.choice(5);
        reply.read(&Chunk("", Some("stop"), None));
        reply.choice(0).finish_reason("length");
        assert_eq!(written(&reply), ["gen_ai.response.finish_reasons=[\"length\"]"]);
    }

    #[test]
    fn a_response_is_read_through_what_holds_it() {
        type Alias = Result<Option<(Arc<Chunk>, u8)>, String>;
        let chunk = || Chunk("r-2", None, None);
        let held: Alias = Ok(Some((Arc::new(chunk()), 1)));
        for response in [
            &held as &dyn LlmResponse,
            &Box::new(chunk()),
            &Rc::new(chunk()),
            &&mut chunk(),
            &(chunk(),),
            &(chunk(), (), "x", 4),
        ] {
            let mut reply = Reply::default();
            reply.read(response);
            assert_eq!(written(&reply), ["gen_ai.response.id=r-2"]);
        }
        let mut reply = Reply::default();
        reply.read(&(Err(String::new()) as Alias));
        reply.read(&None::<Chunk>);
        assert_eq!(written(&reply), NOTHING);
    }

    #[test]
    fn each_count_is_told_by_itself() {
        let mut reply = Reply::default();
        reply
            .input_tokens(10_u8)
            .cache_read_input_tokens(Some(1_i64))
            .cache_creation_input_tokens(2_usize)
            .text_input_tokens(3)
            .image_input_tokens(4)
            .audio_input_tokens(5)
            .output_tokens(20)
            .reasoning_output_tokens(6)
            .text_output_tokens(7)
            .image_output_tokens(8)
            .audio_output_tokens(9)
            .service_tier("default")
            .system_fingerprint("fp_1");
        reply.input_tokens(-1).output_tokens(None::<u32>);
        assert_eq!(
            written(&reply),
            [
                "gen_ai.usage.input_tokens=10",
                "gen_ai.usage.output_tokens=20",
                "gen_ai.usage.cache_read.input_tokens=1",
                "gen_ai.usage.cache_creation.input_tokens=2",
                "gen_ai.usage.reasoning.output_tokens=6",
                "gen_ai.usage.text.input_tokens=3",
                "gen_ai.usage.image.input_tokens=4",
                "gen_ai.usage.audio.input_tokens=5",
                "gen_ai.usage.text.output_tokens=7",
                "gen_ai.usage.image.output_tokens=8",
                "gen_ai.usage.audio.output_tokens=9",
                "openai.response.service_tier=default",
                "openai.response.system_fingerprint=fp_1",
            ]
        );
    }
}
