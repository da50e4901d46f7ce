//! The prices of Amazon Bedrock, on demand, in the regions of the United States.

use super::Rates;
use super::anthropic::{
    HAIKU_3, HAIKU_3_5, HAIKU_4_5, LONG, OPUS, OPUS_4_5, SONNET, SONNET_LONG, cached,
};
use super::list::{Model, Provider, embeddings, model, rates, tiered};

pub(super) static BEDROCK: Provider = Provider {
    names: &["aws.bedrock", "bedrock"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://aws.amazon.com/bedrock/pricing/",
    models: &MODELS,
};

/// Since the models of 4.5, a region of one's own costs a tenth more than `global.`.
const HAIKU_4_5_IN_A_REGION: Rates = cached(1.1, 5.5);
const OPUS_4_5_IN_A_REGION: Rates = cached(5.5, 27.5);
const SONNET_4_5_IN_A_REGION: Rates = cached(3.3, 16.5);
const SONNET_4_5_IN_A_REGION_LONG: Rates = cached(6.6, 24.75);

static MODELS: [Model; 31] = [
    model("amazon.nova-lite", rates(0.06, 0.24).cached(0.015)),
    model("amazon.nova-micro", rates(0.035, 0.14).cached(0.008_75)),
    model("amazon.nova-premier", rates(2.5, 12.5).cached(0.625)),
    model("amazon.nova-pro", rates(0.8, 3.2).cached(0.2)),
    embeddings("amazon.titan-embed-text-v1", 0.1),
    embeddings("amazon.titan-embed-text-v2:0", 0.02),
    model("anthropic.claude-3-5-haiku", HAIKU_3_5),
    model("anthropic.claude-3-5-sonnet", SONNET),
    model("anthropic.claude-3-7-sonnet", SONNET),
    model("anthropic.claude-3-haiku", HAIKU_3),
    model("anthropic.claude-3-opus", OPUS),
    model("anthropic.claude-3-sonnet", SONNET),
    model("anthropic.claude-haiku-4-5", HAIKU_4_5_IN_A_REGION),
    model("anthropic.claude-opus-4", OPUS),
    model("anthropic.claude-opus-4-1", OPUS),
    model("anthropic.claude-opus-4-5", OPUS_4_5_IN_A_REGION),
    tiered("anthropic.claude-sonnet-4", SONNET, LONG, SONNET_LONG),
    tiered(
        "anthropic.claude-sonnet-4-5",
        SONNET_4_5_IN_A_REGION,
        LONG,
        SONNET_4_5_IN_A_REGION_LONG,
    ),
    model("cohere.command-r-plus-v1:0", rates(3.0, 15.0)),
    model("cohere.command-r-v1:0", rates(0.5, 1.5)),
    embeddings("cohere.embed-english-v3", 0.1),
    embeddings("cohere.embed-multilingual-v3", 0.1),
    model("deepseek.r1", rates(1.35, 5.4)),
    model("global.anthropic.claude-haiku-4-5", HAIKU_4_5),
    model("global.anthropic.claude-opus-4-5", OPUS_4_5),
    tiered("global.anthropic.claude-sonnet-4-5", SONNET, LONG, SONNET_LONG),
    model("meta.llama3-1-70b-instruct", rates(0.72, 0.72)),
    model("meta.llama3-1-8b-instruct", rates(0.22, 0.22)),
    model("meta.llama3-3-70b-instruct", rates(0.72, 0.72)),
    model("openai.gpt-oss-120b-1:0", rates(0.15, 0.6)),
    model("openai.gpt-oss-20b-1:0", rates(0.07, 0.3)),
];
