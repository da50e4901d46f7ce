//! The prices of providers with fewer models.

use super::Rates;
use super::list::{Model, Provider, embeddings, model, rates, tiered};

pub(super) static MISTRAL_AI: Provider = Provider {
    names: &["mistral_ai", "mistral"],
    source: "list 2025-10",
    #[cfg(test)]
    page: "https://mistral.ai/pricing",
    models: &MISTRAL_AI_MODELS,
};

static MISTRAL_AI_MODELS: [Model; 20] = [
    model("codestral-2501", rates(0.3, 0.9)),
    model("codestral-2508", rates(0.3, 0.9)),
    embeddings("codestral-embed", 0.15),
    model("codestral-latest", rates(0.3, 0.9)),
    model("devstral-medium-2507", rates(0.4, 2.0)),
    model("devstral-small-2507", rates(0.1, 0.3)),
    model("magistral-medium-2507", rates(2.0, 5.0)),
    model("magistral-small-2507", rates(0.5, 1.5)),
    model("ministral-3b-2410", rates(0.04, 0.04)),
    model("ministral-8b-2410", rates(0.1, 0.1)),
    embeddings("mistral-embed", 0.1),
    model("mistral-large-2411", rates(2.0, 6.0)),
    model("mistral-medium-2505", rates(0.4, 2.0)),
    model("mistral-medium-2508", rates(0.4, 2.0)),
    model("mistral-medium-latest", rates(0.4, 2.0)),
    model("mistral-small-2503", rates(0.1, 0.3)),
    model("mistral-small-2506", rates(0.1, 0.3)),
    model("mistral-small-latest", rates(0.1, 0.3)),
    model("open-mistral-nemo", rates(0.15, 0.15)),
    model("pixtral-large-2411", rates(2.0, 6.0)),
];

pub(super) static COHERE: Provider = Provider {
    names: &["cohere"],
    source: "list 2025-10",
    #[cfg(test)]
    page: "https://cohere.com/pricing",
    models: &COHERE_MODELS,
};

static COHERE_MODELS: [Model; 7] = [
    model("command-a-03-2025", rates(2.5, 10.0)),
    model("command-r-08-2024", rates(0.15, 0.6)),
    model("command-r-plus-08-2024", rates(2.5, 10.0)),
    model("command-r7b-12-2024", rates(0.0375, 0.15)),
    embeddings("embed-english-v3.0", 0.1),
    embeddings("embed-multilingual-v3.0", 0.1),
    embeddings("embed-v4.0", 0.12),
];

pub(super) static DEEPSEEK: Provider = Provider {
    names: &["deepseek"],
    source: "list 2025-10",
    #[cfg(test)]
    page: "https://api-docs.deepseek.com/quick_start/pricing",
    models: &DEEPSEEK_MODELS,
};

static DEEPSEEK_MODELS: [Model; 2] = [
    model("deepseek-chat", rates(0.28, 0.42).cached(0.028)),
    model("deepseek-reasoner", rates(0.28, 0.42).cached(0.028)),
];

pub(super) static X_AI: Provider = Provider {
    names: &["x_ai", "xai"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://docs.x.ai/docs/models",
    models: &X_AI_MODELS,
};

/// Input tokens of a call beyond which the models of the fourth generation cost twice as much.
const LONG: u64 = 128_000;
const GROK_4_FAST: Rates = rates(0.2, 0.5).cached(0.05);
const GROK_4_FAST_LONG: Rates = rates(0.4, 1.0).cached(0.05);

static X_AI_MODELS: [Model; 9] = [
    model("grok-2-1212", rates(2.0, 10.0)),
    model("grok-3", rates(3.0, 15.0).cached(0.75)),
    model("grok-3-mini", rates(0.3, 0.5).cached(0.075)),
    tiered("grok-4", rates(3.0, 15.0).cached(0.75), LONG, rates(6.0, 30.0).cached(0.75)),
    tiered("grok-4-0709", rates(3.0, 15.0).cached(0.75), LONG, rates(6.0, 30.0).cached(0.75)),
    tiered("grok-4-fast", GROK_4_FAST, LONG, GROK_4_FAST_LONG),
    tiered("grok-4-fast-non-reasoning", GROK_4_FAST, LONG, GROK_4_FAST_LONG),
    tiered("grok-4-fast-reasoning", GROK_4_FAST, LONG, GROK_4_FAST_LONG),
    model("grok-code-fast-1", rates(0.2, 1.5).cached(0.02)),
];

pub(super) static GROQ: Provider = Provider {
    names: &["groq"],
    source: "list 2025-10",
    #[cfg(test)]
    page: "https://groq.com/pricing",
    models: &GROQ_MODELS,
};

static GROQ_MODELS: [Model; 8] = [
    model("llama-3.1-8b-instant", rates(0.05, 0.08)),
    model("llama-3.3-70b-versatile", rates(0.59, 0.79)),
    model("meta-llama/llama-4-maverick-17b-128e-instruct", rates(0.2, 0.6)),
    model("meta-llama/llama-4-scout-17b-16e-instruct", rates(0.11, 0.34)),
    model("moonshotai/kimi-k2-instruct-0905", rates(1.0, 3.0).cached(0.5)),
    model("openai/gpt-oss-120b", rates(0.15, 0.6).cached(0.075)),
    model("openai/gpt-oss-20b", rates(0.075, 0.3).cached(0.0375)),
    model("qwen/qwen3-32b", rates(0.29, 0.59)),
];
