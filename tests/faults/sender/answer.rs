//! Questions are answered, one after the other.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use spanline::{trace_llm_call, trace_pipeline, trace_stage};

use crate::diary::{Begun, Diary};

#[trace_stage("retrieve", kind = "retriever", attributes(top_k = top_k))]
async fn retrieve(question: u64, top_k: u64) -> (Vec<u64>, Begun) {
    tokio::task::yield_now().await;
    ((question..question + top_k).collect(), Diary::begun())
}

#[trace_llm_call(provider = "openai", model = "gpt-4o-mini", usage = |_| (612_u32, 148_u32))]
async fn complete(documents: &[u64]) -> (String, Begun) {
    tokio::task::yield_now().await;
    (format!("{} documents say so", documents.len()), Diary::begun())
}

/// Refuses some, and says in which span it did.
#[trace_stage("check", ok_if = |(is_good, _)| *is_good)]
async fn check(question: u64, reply: &str) -> (bool, Begun) {
    (question % 10 != 9 && !reply.is_empty(), Diary::begun())
}

#[trace_pipeline("answer", run_id = question.to_string())]
async fn answer(question: u64, diary: &Diary) -> (String, Begun) {
    let (documents, span) = retrieve(question, 5).await;
    diary.ended(&span);
    let (reply, span) = complete(&documents).await;
    diary.ended(&span);
    let (_, span) = check(question, &reply).await;
    diary.ended(&span);
    (reply, Diary::begun())
}

/// When it is over.
enum Length<'a> {
    Pipelines(u64),
    Until(&'a Path),
}

impl<'a> Length<'a> {
    fn parse(text: &'a str) -> Self {
        match text {
            "for-ever" => Self::Pipelines(u64::MAX),
            text if text.contains('/') => Self::Until(Path::new(text)),
            count => Self::Pipelines(count.parse().unwrap()),
        }
    }

    fn is_over(&self, pipelines: u64) -> bool {
        match self {
            Self::Pipelines(count) => pipelines == *count,
            Self::Until(file) => file.exists(),
        }
    }
}

/// A number of pipelines, `for-ever`, or until there is a file; with a pause of so many milliseconds after
/// each.
pub(crate) fn run(length: &str, pause: &str, diary: &str) -> Value {
    let length = Length::parse(length);
    let pause = Duration::from_millis(pause.parse().unwrap());
    let diary = Diary::open(diary);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let mut question = 0;
        while !length.is_over(question) {
            let (_, span) = answer(question, &diary).await;
            diary.ended(&span);
            question += 1;
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    });
    json!({ "ended": diary.count() })
}
