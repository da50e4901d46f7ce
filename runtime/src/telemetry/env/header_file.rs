//! The file of headers: secrets that are mounted, and changed while the program runs.

use std::path::{Path, PathBuf};

use super::pair::{self, Headers};
use super::reader::{Failed, Origin, Reader, quoted};
use super::signal::Signal;
use super::table;
use crate::telemetry::settings::{HeaderFile, Overrides};

pub(super) const EXPECTED: &str =
    "the path of a file with a header on each line, such as `authorization: Bearer …`";

/// What such a file holds, `name: value` or `name=value` on each line, a `#` before what is no
/// header. A problem names a line and never a value, which may be secret.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, String)>, String> {
    let shown = shown(path);
    let cannot = |error| format!("{shown} cannot be read: {error}");
    // A pipe would be waited for, and a device may never end.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    let text = std::fs::read_to_string(path).map_err(cannot)?;
    let mut headers = Headers::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        // A secret that was pasted without its name must not be taken for a name and shown.
        let header = line.split_once([':', '=']).map(|(name, value)| (name.trim(), value.trim()));
        match header {
            Some((name, value)) if pair::is_header_name(name) && pair::is_header_value(value) => {
                headers.set(name, value.to_owned());
            }
            _ => return Err(format!("line {} of {shown} is no header", index + 1)),
        }
    }
    Ok(headers.headers)
}

/// Headers that were put where their file's path belongs are no less secret: what looks like a path is
/// shown.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_path = path.is_absolute() || text.starts_with("./") || text.starts_with("../");
    let is_header = text.contains(|it: char| it == '=' || it.is_whitespace());
    if is_path && !is_header { quoted(&text) } else { "the path".to_owned() }
}

pub(super) fn problem(path: &Path) -> Option<String> {
    read(path).err()
}

/// The file of one exporter, if one is named.
pub(super) fn resolve(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    signal: Signal,
) -> Result<Option<HeaderFile>, Failed> {
    let variable = table::SPANLINE_OTLP_HEADERS_FILE;
    let of_code = overrides.header_file.clone().map(|path| (path, Origin::Code));
    let named: Option<(PathBuf, Origin)> =
        of_code.or_else(|| Some((reader.path(variable)?, Origin::Variable(variable.name()))));
    let Some((path, origin)) = named else { return Ok(None) };
    let is_of_code = origin == Origin::Code;
    if let Err(problem) = read(&path) {
        let name = if is_of_code { "the file of headers set in code" } else { variable.name() };
        return Err(reader.fail(name, problem, EXPECTED));
    }
    if !is_of_code {
        reader.note_file(&path, variable.name());
    }
    reader.decide(format_args!("{} headers file", signal.name()), path.display(), origin);
    let of_code = overrides.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let yields_to = if is_of_code { Vec::new() } else { of_code.collect() };
    Ok(Some(HeaderFile { path, yields_to }))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_may_never_end_is_not_read() {
        assert_eq!(read(Path::new("/dev/zero")), Err("\"/dev/zero\" is not a file".to_owned()));
    }
}
