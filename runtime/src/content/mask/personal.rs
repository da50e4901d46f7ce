//! What tells of a person: e-mail addresses, card numbers, bank accounts.

use super::form::Name;
use super::scan::{Finding, Scan};

/// The address round an `@`.
pub(super) fn email(scan: &Scan<'_>, at: usize) -> Option<Finding> {
    let local = scan.before(at, 64).rev().take_while(|(_, letter)| is_local(*letter));
    let mut start = local.last().map(|(start, _)| start)?;
    start += scan.run(start, |byte| byte == b'.');
    // An escape in front is none of it: `\nalice@…`.
    let is_escaped = start.checked_sub(1).and_then(|at| scan.byte(at)) == Some(b'\\');
    if is_escaped && matches!(scan.byte(start), Some(b'n' | b'r' | b't')) {
        start += 1;
    }
    let domain = domain(scan, at + 1)?;
    let range = start..at + 1 + domain.len();
    (start < at).then_some(Finding { range, name: Name::Email })
}

fn domain<'a>(scan: &Scan<'a>, start: usize) -> Option<&'a str> {
    let mut end = start + scan.run(start, is_domain);
    let text = scan.text.get(start..end)?;
    // The first dot that a name of letters follows may not be the last.
    let (host, top) = text.trim_end_matches(['.', '-']).rsplit_once('.')?;
    let top = match top.find(|letter: char| !letter.is_ascii()) {
        // Text that has no spaces goes on behind the address.
        Some(end @ 2..) => top.get(..end)?,
        _ => top,
    };
    end = start + host.len() + 1 + top.len();
    let is_domain = !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && top.chars().count() >= 2
        && top.chars().all(|letter| letter.is_ascii_alphabetic() || !letter.is_ascii());
    is_domain.then(|| scan.text.get(start..end)).flatten()
}

/// Where the digits end that start here, with single spaces and dashes between them.
pub(super) fn end_of_digits(scan: &Scan<'_>, start: usize) -> usize {
    let mut end = start;
    loop {
        end += scan.run(end, |byte| byte.is_ascii_digit());
        let goes_on = matches!(scan.byte(end), Some(b' ' | b'-'))
            && scan.byte(end + 1).is_some_and(|byte| byte.is_ascii_digit());
        if !goes_on {
            return end;
        }
        end += 1;
    }
}

/// Card numbers among digits that single spaces or dashes may divide into groups.
pub(super) fn cards(scan: &mut Scan<'_>, start: usize, end: usize, findings: &mut Vec<Finding>) {
    let before = |distance| start.checked_sub(distance).and_then(|at| scan.byte(at));
    let is_digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_digit());
    // The digits of a word, or those behind the point of a number.
    let is_part = !scan.starts_word(start) || (before(1) == Some(b'.') && is_digit(before(2)));
    let mut at = start;
    while at < end {
        let number = if is_part && at == start { None } else { card(scan, at, end) };
        if let Some(last) = number {
            findings.push(Finding { range: at..last, name: Name::Card });
            scan.floor = last;
            at = last;
        } else {
            at += scan.run(at, |byte| byte.is_ascii_digit());
        }
        // Nothing but what divides groups is left between them.
        at += scan.run(at, |byte| matches!(byte, b' ' | b'-'));
    }
}

/// Where the card number that starts here ends.
fn card(scan: &Scan<'_>, start: usize, limit: usize) -> Option<usize> {
    let (mut digits, mut count) = ([0_u8; 19], 0);
    let (mut group, mut groups, mut separator) = (0, 0, None);
    let mut found = None;
    let mut at = start;
    loop {
        let byte = scan.byte(at).filter(|_| at < limit);
        if let Some(digit @ b'0'..=b'9') = byte {
            let Some(slot) = digits.get_mut(count) else { break };
            *slot = digit - b'0';
            count += 1;
            group += 1;
            at += 1;
            continue;
        }
        // Here a group ends, and with it perhaps the number.
        groups += 1;
        let is_group = if groups == 1 { group >= 4 } else { group >= 3 };
        if !is_group || groups > 5 {
            break;
        }
        let number = digits.get(..count).unwrap_or_default();
        if (13..=19).contains(&count) && is_issued(number) && passes_luhn(number) {
            let is_word =
                byte.is_none() && scan.byte(at).is_some_and(|byte| byte.is_ascii_alphabetic());
            if !is_word {
                found = Some(at);
            }
        }
        group = 0;
        let is_next = |byte: u8| separator.is_none_or(|separator| separator == byte);
        let followed = scan.byte(at + 1).is_some_and(|byte| byte.is_ascii_digit());
        match byte {
            Some(byte @ (b' ' | b'-')) if is_next(byte) && followed => {
                separator = Some(byte);
                at += 1;
            }
            _ => break,
        }
    }
    found
}

/// Whether numbers that start so are given to cards.
fn is_issued(digits: &[u8]) -> bool {
    let start = digits.iter().take(4).fold(0_u32, |start, digit| start * 10 + u32::from(*digit));
    matches!(start, 2221..=2720 | 3000..=3059 | 3400..=3499 | 3528..=3999 | 4000..=6999)
}

fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit @ 5..) => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The bank account that starts here: a country, two check digits, and 11 to 30 more.
pub(super) fn iban(scan: &Scan<'_>, at: usize) -> Option<Finding> {
    let start = scan.text.as_bytes().get(at..at + 4)?;
    let [a, b, c, d] = start else { return None };
    let is_start = a.is_ascii_uppercase() && b.is_ascii_uppercase();
    if !is_start || !c.is_ascii_digit() || !d.is_ascii_digit() || !scan.starts_word(at) {
        return None;
    }
    // The check is of the rest with the start behind it, letters being two digits.
    let of_start = start.iter().fold(0, |sum, byte| with_letter(sum, *byte));
    let (mut sum, mut count, mut found) = (0_u64, 0, None);
    let mut end = at + 4;
    while let Some(byte) = scan.byte(end) {
        if byte == b' ' && scan.byte(end + 1).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            end += 1;
            continue;
        }
        if !(byte.is_ascii_uppercase() || byte.is_ascii_digit()) || count == 30 {
            break;
        }
        sum = with_letter(sum, byte);
        count += 1;
        end += 1;
        let is_end =
            !scan.byte(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if count >= 11 && is_end && (sum * 1_000_000 + of_start) % 97 == 1 {
            found = Some(end);
        }
    }
    found.map(|end| Finding { range: at..end, name: Name::Iban })
}

/// The remainder of a number with one more letter or digit behind it.
fn with_letter(sum: u64, byte: u8) -> u64 {
    match byte {
        b'A'..=b'Z' => (sum * 100 + u64::from(byte - b'A') + 10) % 97,
        _ => (sum * 10 + u64::from(byte.wrapping_sub(b'0'))) % 97,
    }
}

fn is_local(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '.' | '_' | '%' | '+' | '-')
        // Letters of Latin scripts. Others stand in texts that have no spaces.
        || matches!(letter, '\u{c0}'..='\u{24f}')
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-') || byte >= 0x80
}
