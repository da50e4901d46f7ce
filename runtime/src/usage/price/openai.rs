//! OpenAI's prices.

use super::list::{Model, Provider, embeddings, model, rates};

pub(super) static OPENAI: Provider = Provider {
    names: &["openai"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://platform.openai.com/docs/pricing",
    models: &MODELS,
};

static MODELS: [Model; 42] = [
    model("chatgpt-4o-latest", rates(5.0, 15.0)),
    model("codex-mini-latest", rates(1.5, 6.0).cached(0.375)),
    model("computer-use-preview", rates(3.0, 12.0)),
    model("gpt-3.5-turbo", rates(0.5, 1.5)),
    model("gpt-3.5-turbo-0125", rates(0.5, 1.5)),
    model("gpt-3.5-turbo-1106", rates(1.0, 2.0)),
    model("gpt-3.5-turbo-instruct", rates(1.5, 2.0)),
    model("gpt-4", rates(30.0, 60.0)),
    model("gpt-4-0125-preview", rates(10.0, 30.0)),
    model("gpt-4-0613", rates(30.0, 60.0)),
    model("gpt-4-1106-preview", rates(10.0, 30.0)),
    model("gpt-4-turbo", rates(10.0, 30.0)),
    model("gpt-4-turbo-preview", rates(10.0, 30.0)),
    model("gpt-4.1", rates(2.0, 8.0).cached(0.5)),
    model("gpt-4.1-mini", rates(0.4, 1.6).cached(0.1)),
    model("gpt-4.1-nano", rates(0.1, 0.4).cached(0.025)),
    model("gpt-4o", rates(2.5, 10.0).cached(1.25)),
    // The first version kept its price.
    model("gpt-4o-2024-05-13", rates(5.0, 15.0)),
    model("gpt-4o-mini", rates(0.15, 0.6).cached(0.075)),
    model("gpt-5", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5-chat-latest", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5-codex", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5-mini", rates(0.25, 2.0).cached(0.025)),
    model("gpt-5-nano", rates(0.05, 0.4).cached(0.005)),
    model("gpt-5-pro", rates(15.0, 120.0)),
    model("gpt-5.1", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5.1-chat-latest", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5.1-codex", rates(1.25, 10.0).cached(0.125)),
    model("gpt-5.1-codex-mini", rates(0.25, 2.0).cached(0.025)),
    model("o1", rates(15.0, 60.0).cached(7.5)),
    model("o1-mini", rates(1.1, 4.4).cached(0.55)),
    model("o1-preview", rates(15.0, 60.0).cached(7.5)),
    model("o1-pro", rates(150.0, 600.0)),
    model("o3", rates(2.0, 8.0).cached(0.5)),
    model("o3-deep-research", rates(10.0, 40.0).cached(2.5)),
    model("o3-mini", rates(1.1, 4.4).cached(0.55)),
    model("o3-pro", rates(20.0, 80.0)),
    model("o4-mini", rates(1.1, 4.4).cached(0.275)),
    model("o4-mini-deep-research", rates(2.0, 8.0).cached(0.5)),
    embeddings("text-embedding-3-large", 0.13),
    embeddings("text-embedding-3-small", 0.02),
    embeddings("text-embedding-ada-002", 0.1),
];
