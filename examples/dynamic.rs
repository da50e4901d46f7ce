//! A pipeline whose stages are known only when it runs: a list of steps, given on the command line.
//!
//! ```text
//! cargo run --example dynamic
//! cargo run --example dynamic -- words,lowercase,unique,count README.md CHANGELOG.md
//! ```
//!
//! You will see what each file came to on stdout, and on stderr one tree: under the pipeline a stage
//! per file, all at once, and in each the steps in their order. Nothing is annotated: the builders
//! are what the macros expand into.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a terminal")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use spanline::{Pipeline, Stage};
use spanline_examples::corpus;
use tokio::task::JoinSet;

const STEPS: &str = "words,lowercase,unique,longest";

/// A step that can be asked for: its name and its kind.
type Step = (&'static str, &'static str);

const KNOWN: [Step; 8] = [
    ("lines", "splitter"),
    ("words", "splitter"),
    ("lowercase", "mapper"),
    ("numbers", "filter"),
    ("unique", "filter"),
    ("longest", "reducer"),
    ("count", "reducer"),
    ("sum", "reducer"),
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let steps = parse(arguments.next().as_deref().unwrap_or(STEPS))?;
    let mut files: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if files.is_empty() {
        files = corpus::own_files()?;
    }

    let telemetry = spanline::init()?;
    let results = Pipeline::new("text-steps")
        .attribute("steps", steps.iter().map(|(name, _)| *name).collect::<Vec<_>>())
        .run(run(files, steps))
        .await?;
    for (file, result) in results {
        println!("{file}: {result}");
    }
    if let Err(error) = telemetry.shutdown() {
        eprintln!("dynamic: {error}");
    }
    Ok(())
}

fn parse(list: &str) -> anyhow::Result<Vec<Step>> {
    list.split(',')
        .map(str::trim)
        .map(|name| {
            KNOWN.into_iter().find(|(known, _)| *known == name).with_context(|| {
                let known = KNOWN.map(|(known, _)| known).join(", ");
                format!("unknown step `{name}`; expected a list of {known}")
            })
        })
        .collect()
}

/// All files at once; `run` takes its parent where it is called, so the tasks stay in the tree.
async fn run(files: Vec<PathBuf>, steps: Vec<Step>) -> anyhow::Result<Vec<(String, String)>> {
    let mut tasks = JoinSet::new();
    for file in files {
        let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let steps = steps.clone();
        let stage = Stage::new("file").kind("branch").attribute("name", &name);
        tasks.spawn(
            stage.run(async move { Ok::<_, anyhow::Error>((name, apply(&file, steps).await?)) }),
        );
    }
    let mut results = Vec::new();
    while let Some(result) = tasks.join_next().await {
        results.push(result??);
    }
    results.sort();
    Ok(results)
}

async fn apply(file: &Path, steps: Vec<Step>) -> anyhow::Result<String> {
    let text = Stage::new("read").kind("loader").run(tokio::fs::read_to_string(file)).await;
    let mut texts = vec![text.with_context(|| format!("cannot read {}", file.display()))?];
    for (name, kind) in steps {
        texts = Stage::new(name)
            .kind(kind)
            .attribute("texts", texts.len())
            .run_blocking(|| step(name, &texts))?;
    }
    Ok(texts.join(" "))
}

fn step(name: &str, texts: &[String]) -> anyhow::Result<Vec<String>> {
    let owned = |text: &str| text.to_owned();
    Ok(match name {
        "lines" => texts.iter().flat_map(|text| text.lines()).map(owned).collect(),
        "words" => {
            let words = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
            words.filter(|word| !word.is_empty()).map(owned).collect()
        }
        "lowercase" => texts.iter().map(|text| text.to_lowercase()).collect(),
        "numbers" => texts.iter().filter(|text| text.parse::<f64>().is_ok()).cloned().collect(),
        "unique" => {
            let mut seen = HashSet::new();
            texts.iter().filter(|text| seen.insert(*text)).cloned().collect()
        }
        "longest" => {
            let longest = texts.iter().rev().max_by_key(|text| text.chars().count());
            vec![longest.context("there is no text to choose from")?.clone()]
        }
        "count" => vec![texts.len().to_string()],
        "sum" => {
            let mut sum = 0.0;
            for text in texts {
                sum += text
                    .parse::<f64>()
                    .with_context(|| format!("cannot add {:?}", shortened(text)))?;
            }
            vec![sum.to_string()]
        }
        other => bail!("unknown step `{other}`"),
    })
}

fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}
