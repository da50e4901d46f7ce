//! Files in the folder of a spool: what is in them, and what they are called.
#![no_main]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use spanline::__private::{entry_name, look_at_entry, read_entry, write_entry};
use spanline_fuzz::bounded;
use tempfile::TempDir;

/// One for each process, and in memory where the system has a place for that.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    folder.expect("files can be made")
});
static FOUND: LazyLock<PathBuf> = LazyLock::new(|| FOLDER.path().join("found"));
static WRITTEN: LazyLock<PathBuf> = LazyLock::new(|| FOLDER.path().join("written"));

/// What `write_entry` makes of it.
fn written(items: u32, body: &[u8]) -> Vec<u8> {
    let _ = fs::remove_file(&*WRITTEN);
    write_entry(&WRITTEN, items, body).expect("there is room");
    fs::read(&*WRITTEN).expect("it was written")
}

/// What was read is what would have been written, or it is nothing.
fn find(file: &[u8]) -> bool {
    fs::write(&*FOUND, file).expect("there is room");
    let looked_at = look_at_entry(&FOUND);
    let Some((items, bytes, body)) = read_entry(&FOUND) else { return false };
    assert_eq!(looked_at, Some((items, bytes)));
    assert!(bytes >= file.len() as u64, "{bytes} on disk");
    let items = u32::try_from(items).expect("so many are written");
    assert!(written(items, &body) == file, "another file has the same request");
    true
}

fn call(name: &[u8]) {
    let path = Path::new(OsStr::from_bytes(name));
    if let Some((name, is_finished)) = entry_name(path) {
        let extension = if is_finished { "otlp" } else { "part" };
        assert_eq!(path.file_name(), Some(format!("{name}.{extension}").as_ref()));
    }
}

/// Writes the request, finds it again, and finds nothing once a byte of it has changed or is missing.
fn damage(items: u32, at: u16, body: &[u8]) {
    let mut file = written(items, body);
    assert!(find(&file), "what was written is found");
    let at = usize::from(at) % file.len();
    file[at] ^= 1 << (items % 8);
    assert!(!find(&file), "byte {at} has changed");
    assert!(!find(&file[..at]), "{at} bytes are there");
}

fuzz_target!(|input: &[u8]| {
    let _ = (&*FOUND, &*WRITTEN);
    bounded(input, 64 << 10, 16, || {
        find(input);
        call(input);
        if let Some(([a, b, c, d, low, high], body)) = input.split_first_chunk() {
            damage(u32::from_le_bytes([*a, *b, *c, *d]), u16::from_le_bytes([*low, *high]), body);
        }
    });
});
