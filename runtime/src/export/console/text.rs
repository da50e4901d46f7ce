//! Text from outside, made safe and short enough to print.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::screen::Glyphs;

/// `text` in at most `limit` columns, cut in the middle, with nothing in it that drives a terminal.
pub(super) fn printable(text: &str, limit: usize, glyphs: Glyphs) -> String {
    // Combining characters take no columns: the number of characters has a bound of its own.
    let edge = limit.saturating_mul(2).max(1);
    let head_end = text.char_indices().nth(edge).map_or(text.len(), |(at, _)| at);
    let rest = text.get(head_end..).unwrap_or_default();
    let tail_start = rest.char_indices().rev().nth(edge - 1).map_or(0, |(at, _)| at);

    let mut safe = String::new();
    escape(text.get(..head_end).unwrap_or_default(), glyphs, &mut safe);
    let head = safe.len();
    escape(rest.get(tail_start..).unwrap_or_default(), glyphs, &mut safe);
    if tail_start > 0 && safe.width() <= limit {
        safe.insert_str(head, glyphs.ellipsis());
    }
    shorten(&safe, limit, glyphs)
}

/// Control characters would move the cursor or change colours; the marks for writing direction
/// would reorder the line.
fn escape(text: &str, glyphs: Glyphs, out: &mut String) {
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}' => escape_code(character, out),
            _ if character.is_control() => escape_code(character, out),
            _ if !glyphs.unicode && !character.is_ascii() => escape_code(character, out),
            _ => out.push(character),
        }
    }
}

fn escape_code(character: char, out: &mut String) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{}", character.escape_unicode());
}

/// `text` itself, or its two ends in `limit` columns.
pub(super) fn shorten(text: &str, limit: usize, glyphs: Glyphs) -> String {
    if text.width() <= limit {
        return text.to_owned();
    }
    let mut keep = limit.saturating_sub(glyphs.ellipsis().width());
    loop {
        let head = end_within(text.char_indices(), keep - keep / 3);
        let tail = end_within(text.char_indices().rev(), keep / 3);
        let cut = format!(
            "{}{}{}",
            head.map_or("", |(at, last)| text.get(..at + last.len_utf8()).unwrap_or_default()),
            glyphs.ellipsis(),
            tail.map_or("", |(at, _)| text.get(at..).unwrap_or_default()),
        );
        // Characters can be wider together than alone (an emoji and its selector).
        if cut.width() <= limit || keep == 0 {
            return cut;
        }
        keep -= 1;
    }
}

/// The last of the characters that fit into `columns`.
fn end_within(
    characters: impl Iterator<Item = (usize, char)>,
    columns: usize,
) -> Option<(usize, char)> {
    let mut used = 0;
    characters
        .take_while(|(_, character)| {
            used += character.width().unwrap_or(0);
            used <= columns
        })
        .last()
}

/// `text` in lines of at most `limit` columns, broken between words where there are any.
pub(super) fn wrap(text: &str, limit: usize) -> Vec<String> {
    if text.width() <= limit {
        return vec![text.to_owned()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > limit {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for character in word.chars() {
            if !line.is_empty() && line.width() + character.width().unwrap_or(0) > limit {
                lines.push(std::mem::take(&mut line));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::super::screen::Glyphs;
    use super::{printable, shorten, wrap};

    const UNICODE: Glyphs = Glyphs { unicode: true };
    const ASCII: Glyphs = Glyphs { unicode: false };

    #[test]
    fn text_that_fits_stays_whole() {
        assert_eq!(printable("0123456789", 10, UNICODE), "0123456789");
        assert_eq!(printable("👩‍👩‍👧 und größer", 60, UNICODE), "👩‍👩‍👧 und größer");
        assert_eq!(printable("", 0, UNICODE), "");
    }

    #[test]
    fn the_middle_is_what_goes() {
        assert_eq!(printable("0123456789a", 10, UNICODE), "012345…89a");
        assert_eq!(printable("0123456789a", 10, ASCII), "01234...9a");
        assert_eq!(shorten("東京の天気は", 7, UNICODE), "東京…は");
    }

    #[test]
    fn a_cut_never_takes_more_than_its_columns() {
        let text = "a❤\u{fe0f}b👩‍👩‍👧c東d".repeat(30);
        for limit in 1..40 {
            for glyphs in [UNICODE, ASCII] {
                let cut = printable(&text, limit, glyphs);
                let least = glyphs.ellipsis().width();
                assert!(cut.width() <= limit.max(least), "{limit}: {cut}");
            }
        }
    }

    #[test]
    fn characters_without_width_do_not_pile_up() {
        let text = format!("a{}b", "\u{301}".repeat(100_000));
        let cut = printable(&text, 10, UNICODE);
        assert!(cut.chars().count() < 50);
        assert!(cut.starts_with('a') && cut.contains('…') && cut.ends_with('b'));
    }

    #[test]
    fn lines_break_between_words_and_in_those_that_are_too_long() {
        assert_eq!(wrap("429 Too Many Requests", 10), ["429 Too", "Many", "Requests"]);
        assert_eq!(wrap("see https://host/path now", 10), ["see", "https://ho", "st/path", "now"]);
        assert_eq!(wrap("東京の天気", 4), ["東京", "の天", "気"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
