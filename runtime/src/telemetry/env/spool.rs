//! Where what cannot be delivered waits.

use std::path::PathBuf;

use super::exporter::Available;
use super::format::Count;
use super::reader::{Failed, Origin, Reader};
use super::signal::Signal;
use super::table;
use crate::telemetry::settings::{Overrides, SpoolSettings};

pub(super) const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Room for a batch or two: with less, nothing would ever wait.
pub(super) const BYTES: Count = Count { least: 64 * 1024 };

/// The spool of one exporter, if a folder is named.
pub(super) fn resolve(
    reader: &mut Reader<'_>,
    overrides: &Overrides,
    available: Available,
    signal: Signal,
) -> Result<Option<Box<SpoolSettings>>, Failed> {
    let variable = table::SPANLINE_SPOOL_DIR;
    let of_code = overrides.spool.clone().map(|folder| (folder, Origin::Code));
    let named: Option<(PathBuf, Origin)> =
        of_code.or_else(|| Some((reader.path(variable)?, Origin::Variable(variable.name()))));
    let Some((folder, origin)) = named else { return Ok(None) };
    if !available.spool {
        let what = format_args!("the spool ({origin})");
        return Err(reader.fail_for_want_of(signal.name(), what, "spool"));
    }
    if origin != Origin::Code {
        reader.note_file(&folder, variable.name());
    }
    reader.decide(format_args!("{} spool", signal.name()), folder.display(), origin);
    let most_bytes = reader.setting(
        &format!("{} spool, bytes", signal.name()),
        &BYTES,
        overrides.spool_bytes,
        &[table::SPANLINE_SPOOL_MAX_BYTES],
        MOST_BYTES,
    );
    Ok(Some(Box::new(SpoolSettings { folder, most_bytes })))
}
