//! A search by words: Okapi BM25, which ranks a text by how often it has the question's rare words.

use std::collections::HashMap;

/// How soon another occurrence of the same word stops to matter.
const SATURATION: f64 = 1.2;
/// How much a long text is held back.
const LENGTH: f64 = 0.75;

/// Words that every question has and no answer is found by.
const STOP_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "has",
    "have", "how", "i", "if", "in", "is", "it", "its", "my", "of", "on", "or", "that", "the",
    "then", "there", "this", "to", "was", "what", "when", "where", "which", "who", "why", "will",
    "with", "you", "your",
];

/// Texts, counted once and ready to be searched.
#[derive(Debug)]
pub struct Index {
    texts: Vec<Counted>,
    /// In how many texts each word occurs.
    spread: HashMap<String, usize>,
    mean_length: f64,
}

#[derive(Debug)]
struct Counted {
    counts: HashMap<String, usize>,
    length: usize,
}

/// A text that fits, by its place in what the index was made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Which text.
    pub at: usize,
    /// How well it fits, above zero.
    pub score: f64,
}

impl Index {
    /// Counts the words of each text.
    pub fn new<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Self {
        let texts: Vec<Counted> = texts.into_iter().map(|text| count(text.as_ref())).collect();
        let mut spread = HashMap::new();
        for text in &texts {
            for word in text.counts.keys() {
                *spread.entry(word.clone()).or_insert(0) += 1;
            }
        }
        let words: usize = texts.iter().map(|text| text.length).sum();
        let mean_length = float(words) / float(texts.len().max(1));
        Self { texts, spread, mean_length }
    }

    /// The texts that share a word with the question, best first, at most `limit`.
    #[must_use]
    pub fn search(&self, question: &str, limit: usize) -> Vec<Hit> {
        let mut asked: Vec<String> = words(question).collect();
        asked.sort_unstable();
        asked.dedup();
        let mut hits: Vec<Hit> = self
            .texts
            .iter()
            .enumerate()
            .map(|(at, text)| Hit { at, score: self.score(text, &asked) })
            .filter(|hit| hit.score > 0.0)
            .collect();
        hits.sort_by(|one, other| other.score.total_cmp(&one.score));
        hits.truncate(limit);
        hits
    }

    fn score(&self, text: &Counted, asked: &[String]) -> f64 {
        let stretch = float(text.length) / self.mean_length.max(1.0);
        asked
            .iter()
            .filter_map(|word| {
                let count = float(*text.counts.get(word)?);
                let held_back = SATURATION * (1.0 - LENGTH + LENGTH * stretch);
                Some(self.rarity(word) * count * (SATURATION + 1.0) / (count + held_back))
            })
            .sum()
    }

    fn rarity(&self, word: &str) -> f64 {
        let with = float(self.spread.get(word).copied().unwrap_or(0));
        (1.0 + (float(self.texts.len()) - with + 0.5) / (with + 0.5)).ln()
    }
}

fn count(text: &str) -> Counted {
    let mut counts = HashMap::new();
    let mut length = 0;
    for word in words(text) {
        *counts.entry(word).or_insert(0) += 1;
        length += 1;
    }
    Counted { counts, length }
}

/// Words in lower case, a plural's `s` cut off, without those that every question has.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|symbol: char| !symbol.is_alphanumeric()).filter(|word| !word.is_empty()).filter_map(
        |word| {
            let mut word = word.to_lowercase();
            if STOP_WORDS.contains(&word.as_str()) {
                return None;
            }
            if word.len() > 3 && word.ends_with('s') && !word.ends_with("ss") {
                word.pop();
            }
            Some(word)
        },
    )
}

#[allow(clippy::cast_precision_loss, reason = "counts of words in files that a person reads")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 3] = [
        "Spans go to a collector over OTLP.",
        "The tree is printed to stderr. The tree has colours on a terminal.",
        "A collector is a program.",
    ];

    fn best(question: &str) -> Vec<usize> {
        Index::new(TEXTS).search(question, 5).into_iter().map(|hit| hit.at).collect()
    }

    #[test]
    fn the_text_with_the_most_of_the_questions_words_comes_first() {
        assert_eq!(best("How do I send a span to a collector?"), [0, 2]);
        assert_eq!(best("What colour has the tree?"), [1]);
    }

    #[test]
    fn what_no_text_has_finds_nothing() {
        assert!(best("How do I do that?").is_empty());
        assert!(best("").is_empty());
        assert!(Index::new(Vec::<String>::new()).search("collector", 5).is_empty());
    }

    #[test]
    fn no_more_are_found_than_are_asked_for() {
        assert_eq!(Index::new(TEXTS).search("collector", 1).len(), 1);
    }
}
