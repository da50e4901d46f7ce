//! Text files as passages: a paragraph or a table's row each, under the nearest heading.

use std::io;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use anyhow::Context as _;

/// A paragraph or a table's row, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The file.
    pub source: String,
    /// The nearest heading above; empty before the first one.
    pub heading: String,
    /// The paragraph, with the code block or list that follows it; or the row.
    pub text: String,
}

impl Passage {
    /// Where it stands, as a reader would look it up.
    #[must_use]
    pub fn place(&self) -> String {
        match self.heading.as_str() {
            "" => self.source.clone(),
            heading => format!("{}, {heading}", self.source),
        }
    }
}

/// The files of this repository that a reader would look into: its README and its docs.
///
/// # Errors
///
/// When the folder of the docs cannot be read.
pub fn own_files() -> io::Result<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let mut files = vec![root.join("README.md")];
    let mut docs: Vec<PathBuf> = std::fs::read_dir(root.join("docs"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    docs.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    docs.sort();
    files.append(&mut docs);
    Ok(files)
}

/// Reads files into passages.
///
/// # Errors
///
/// When a file cannot be read or is no text; the message names it.
pub async fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Passage>> {
    let mut passages = Vec::new();
    for file in files {
        let text = tokio::fs::read_to_string(file)
            .await
            .with_context(|| format!("cannot read {}", file.display()))?;
        passages.append(&mut split(&shown(file), &text));
    }
    Ok(passages)
}

/// A path as short as a reader needs it: seen from this repository or from the working directory.
fn shown(file: &Path) -> String {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().ok();
    let working = std::env::current_dir().ok();
    let short = [repository, working]
        .into_iter()
        .flatten()
        .find_map(|folder| file.strip_prefix(folder).ok().map(Path::to_path_buf));
    let shown = short.as_deref().unwrap_or(file).display().to_string();
    shown.replace(MAIN_SEPARATOR, "/")
}

/// Splits Markdown or plain text into passages.
#[must_use]
pub fn split(source: &str, text: &str) -> Vec<Passage> {
    let mut passages: Vec<Passage> = Vec::new();
    let mut heading = String::new();
    let mut is_new_section = true;
    for block in blocks(text) {
        if let Some(title) = title(&block) {
            title.clone_into(&mut heading);
            is_new_section = true;
            continue;
        }
        let passage =
            |text: String| Passage { source: source.to_owned(), heading: heading.clone(), text };
        match passages.last_mut() {
            _ if block.starts_with('|') => {
                passages.extend(rows(&block).map(|row| passage(row.to_owned())));
            }
            Some(last) if !is_new_section && belongs_to_what_is_above(&block) => {
                last.text.push_str("\n\n");
                last.text.push_str(&block);
            }
            _ => passages.push(passage(block)),
        }
        is_new_section = false;
    }
    passages
}

/// The rows of a Markdown table, without what stands above its rule.
fn rows(table: &str) -> impl Iterator<Item = &str> {
    let is_rule = |line: &str| line.chars().all(|symbol| "|-: ".contains(symbol));
    let head = table.lines().position(is_rule).map_or(0, |rule| rule + 1);
    table.lines().skip(head)
}

/// Runs of lines without a blank one; a heading and a fenced block are one each.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block = String::new();
    let mut is_fenced = false;
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        if !is_fenced && (line.trim().is_empty() || is_fence || title(line).is_some()) {
            close(&mut block, &mut blocks);
        }
        block.push_str(line.trim_end());
        block.push('\n');
        if is_fence {
            is_fenced = !is_fenced;
        }
        if !is_fenced && (is_fence || title(line).is_some()) {
            close(&mut block, &mut blocks);
        }
    }
    close(&mut block, &mut blocks);
    blocks
}

fn close(block: &mut String, blocks: &mut Vec<String>) {
    let whole = std::mem::take(block);
    let whole = whole.trim_matches('\n');
    if !whole.trim().is_empty() {
        blocks.push(whole.to_owned());
    }
}

/// The text of a Markdown heading.
fn title(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' ')).then(|| text.trim())
}

fn belongs_to_what_is_above(block: &str) -> bool {
    ["```", "- ", "* "].iter().any(|start| block.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_keeps_its_heading_and_its_code() {
        let text = "# Guide\nWelcome.\n\n## Set-up\n\nRun this:\n\n```sh\n# not a heading\n\nmake\n```\n\nThen wait.\n";
        let passages: Vec<_> = split("guide.md", text)
            .into_iter()
            .map(|passage| (passage.place(), passage.text))
            .collect();
        assert_eq!(
            passages,
            [
                ("guide.md, Guide".to_owned(), "Welcome.".to_owned()),
                (
                    "guide.md, Set-up".to_owned(),
                    "Run this:\n\n```sh\n# not a heading\n\nmake\n```".to_owned()
                ),
                ("guide.md, Set-up".to_owned(), "Then wait.".to_owned()),
            ]
        );
    }

    #[test]
    fn a_table_is_as_many_passages_as_it_has_rows() {
        let table =
            "Words:\n\n| Word | Means |\n|---|---|\n| span | a part |\n| trace | the whole |\n";
        let texts: Vec<_> = split("words.md", table).into_iter().map(|row| row.text).collect();
        assert_eq!(texts, ["Words:", "| span | a part |", "| trace | the whole |"]);
    }

    #[test]
    fn text_without_headings_is_split_at_blank_lines() {
        let passages = split("notes.txt", "one\ntwo\n\n\nthree");
        assert_eq!(passages.len(), 2);
        assert_eq!(passages[0].text, "one\ntwo");
        assert_eq!(passages[1].place(), "notes.txt");
    }
}
