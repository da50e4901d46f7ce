//! What is dropped, and when.

use super::format::{Count, Words};
use super::reader::Reader;
use super::table;
use crate::telemetry::overload::{DropFirst, Overload};
use crate::telemetry::settings::Overrides;

/// 64 MiB.
pub(super) const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Less than one span with its texts makes no queue.
pub(super) const LEAST_QUEUE_BYTES: usize = 64 * 1024;

pub(super) const DROP_FIRST: Words<DropFirst> = Words {
    known: &[
        ("newest", DropFirst::Newest),
        ("oldest", DropFirst::Oldest),
        ("least_valuable", DropFirst::LeastValuable),
    ],
    unavailable: &[],
};

pub(super) fn overload(reader: &mut Reader<'_>, overrides: &Overrides) -> Overload {
    let bytes = reader.setting(
        "queue, bytes",
        &Count { least: LEAST_QUEUE_BYTES },
        overrides.queue_bytes,
        &[table::SPANLINE_QUEUE_MAX_BYTES],
        QUEUE_BYTES,
    );
    let drop_first = reader.setting(
        "dropped first",
        &DROP_FIRST,
        overrides.drop_first,
        &[table::SPANLINE_DROP_FIRST],
        DropFirst::Newest,
    );
    Overload { bytes, drop_first }
}
