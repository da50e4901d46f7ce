//! What every target holds its work to.

/// Does `work` on `input`, and stops if it takes more memory than `base` bytes and `share` for each
/// byte of the input.
///
/// # Panics
///
/// If it does.
pub fn bounded<T>(input: &[u8], base: u64, share: u64, work: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = allocation_counter::measure(|| result = Some(work()));
    let most = base + share * input.len() as u64;
    assert!(taken.bytes_max <= most, "{} bytes at once, of at most {most}", taken.bytes_max);
    result.expect("the work was done")
}

/// The lines of the input that are text.
pub fn lines(input: &[u8]) -> impl Iterator<Item = &str> {
    input.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok())
}
