//! Google's prices; those of text, images and video, for sound is dearer with some models.

use super::Rates;
use super::list::{Model, Provider, embeddings, model, rates, tiered};

pub(super) static GEMINI: Provider = Provider {
    names: &["gcp.gemini", "gcp.gen_ai", "gemini", "google"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://ai.google.dev/gemini-api/docs/pricing",
    models: &GEMINI_MODELS,
};

pub(super) static VERTEX_AI: Provider = Provider {
    names: &["gcp.vertex_ai", "vertex_ai"],
    source: "list 2025-11",
    #[cfg(test)]
    page: "https://cloud.google.com/vertex-ai/generative-ai/pricing",
    models: &VERTEX_AI_MODELS,
};

const LONG: u64 = 200_000;
/// Of the models before 2.0.
const LONG_ONCE: u64 = 128_000;

const PRO_2_5: Rates = rates(1.25, 10.0).cached(0.125);
const PRO_2_5_LONG: Rates = rates(2.5, 15.0).cached(0.25);
const PRO_3: Rates = rates(2.0, 12.0).cached(0.2);
const PRO_3_LONG: Rates = rates(4.0, 18.0).cached(0.4);
const FLASH_2_5: Rates = rates(0.3, 2.5).cached(0.03);
const FLASH_LITE_2_5: Rates = rates(0.1, 0.4).cached(0.01);

static GEMINI_MODELS: [Model; 15] = [
    tiered(
        "gemini-1.5-flash",
        rates(0.075, 0.3).cached(0.018_75),
        LONG_ONCE,
        rates(0.15, 0.6).cached(0.0375),
    ),
    tiered(
        "gemini-1.5-flash-8b",
        rates(0.0375, 0.15).cached(0.01),
        LONG_ONCE,
        rates(0.075, 0.3).cached(0.02),
    ),
    tiered(
        "gemini-1.5-pro",
        rates(1.25, 5.0).cached(0.3125),
        LONG_ONCE,
        rates(2.5, 10.0).cached(0.625),
    ),
    model("gemini-2.0-flash", rates(0.1, 0.4).cached(0.025)),
    model("gemini-2.0-flash-001", rates(0.1, 0.4).cached(0.025)),
    model("gemini-2.0-flash-lite", rates(0.075, 0.3)),
    model("gemini-2.0-flash-lite-001", rates(0.075, 0.3)),
    model("gemini-2.5-flash", FLASH_2_5),
    model("gemini-2.5-flash-lite", FLASH_LITE_2_5),
    tiered("gemini-2.5-pro", PRO_2_5, LONG, PRO_2_5_LONG),
    tiered("gemini-3-pro-preview", PRO_3, LONG, PRO_3_LONG),
    embeddings("gemini-embedding-001", 0.15),
    model("gemma-3-12b-it", rates(0.0, 0.0)),
    model("gemma-3-27b-it", rates(0.0, 0.0)),
    embeddings("text-embedding-004", 0.0),
];

static VERTEX_AI_MODELS: [Model; 4] = [
    model("gemini-2.5-flash", FLASH_2_5),
    model("gemini-2.5-flash-lite", FLASH_LITE_2_5),
    tiered("gemini-2.5-pro", PRO_2_5, LONG, PRO_2_5_LONG),
    tiered("gemini-3-pro-preview", PRO_3, LONG, PRO_3_LONG),
];
