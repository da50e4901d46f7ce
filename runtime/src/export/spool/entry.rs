//! One request as a file: a head that says what it is, and the request.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use crc32fast::Hasher;
use prost::bytes::Bytes;

const MAGIC: [u8; 4] = *b"SPLN";
const VERSION: u8 = 1;
/// Magic, version, signal, encoding, nothing, items, length, checksum.
const HEAD: usize = 20;
/// What a file takes on most disks, however little is in it.
const BLOCK: u64 = 4096;

/// How the file of an entry is named, and that of one which is being written.
pub(super) const EXTENSION: &str = "otlp";
pub(super) const UNFINISHED: &str = "part";

/// When an entry was written and by which run: the order of entries, and the names of their files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryName {
    /// Since 1970, and never the same twice in a run.
    pub(super) microseconds: u64,
    pub(super) run: u32,
}

impl EntryName {
    /// Of the file of an entry, and whether its writer has finished it.
    pub(crate) fn parse(path: &Path) -> Option<(Self, bool)> {
        let is_finished = path.extension()? == EXTENSION;
        if !is_finished && path.extension()? != UNFINISHED {
            return None;
        }
        let stem = path.file_stem()?.to_str()?;
        let (microseconds, run) = stem.split_once('-')?;
        let microseconds = microseconds.parse().ok()?;
        let name = Self { microseconds, run: u32::from_str_radix(run, 16).ok()? };
        // Two files of one name would be one.
        (name.to_string() == stem).then_some((name, is_finished))
    }
}

impl fmt::Display for EntryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:020}-{:08x}", self.microseconds, self.run)
    }
}

/// What all requests to one destination are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) signal: u8,
    pub(crate) encoding: u8,
}

/// What the index knows of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Spans, metric points or log records.
    pub(crate) items: u64,
    /// On disk.
    pub(crate) bytes: u64,
}

impl Entry {
    pub(super) fn new(items: u32, length: usize) -> Self {
        let bytes = (HEAD + length) as u64;
        Self { items: u64::from(items), bytes: bytes.next_multiple_of(BLOCK) }
    }
}

/// Why a file is no entry.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// Torn, or changed since it was written; with how many items were in it, if that can be read.
    Damaged(Option<u64>),
    /// Written by a later version of ours, which can read it.
    Newer,
    Io(io::Error),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged(None),
            _ => Self::Io(error),
        }
    }
}

/// Writes an entry into a new file that its owner alone can read.
pub(crate) fn write(path: &Path, kind: Kind, items: u32, body: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(&head(kind, items, body)?)?;
    file.write_all(body)
}

fn head(kind: Kind, items: u32, body: &[u8]) -> io::Result<[u8; HEAD]> {
    let length = u32::try_from(body.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
    let mut head = [0; HEAD];
    let (said, sum) = head.split_at_mut(HEAD - 4);
    let mut rest = &mut *said;
    rest.write_all(&MAGIC)?;
    rest.write_all(&[VERSION, kind.signal, kind.encoding, 0])?;
    rest.write_all(&items.to_le_bytes())?;
    rest.write_all(&length.to_le_bytes())?;
    sum.copy_from_slice(&checksum(said, body).to_le_bytes());
    Ok(head)
}

fn checksum(said: &[u8], body: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(said);
    hasher.update(body);
    hasher.finalize()
}

/// What the head says, and how long the request is.
fn parse(head: &[u8; HEAD], kind: Kind) -> Result<(u32, usize), Unreadable> {
    let [m, a, g, i, version, ..] = *head;
    if [m, a, g, i] == MAGIC && version > VERSION {
        return Err(Unreadable::Newer);
    }
    parse_ours(head, kind).ok_or(Unreadable::Damaged(None))
}

fn parse_ours(head: &[u8; HEAD], kind: Kind) -> Option<(u32, usize)> {
    let (start, numbers) = head.split_first_chunk::<8>()?;
    let (items, numbers) = numbers.split_first_chunk::<4>()?;
    let (length, _) = numbers.split_first_chunk::<4>()?;
    let [m, a, g, i, version, signal, encoding, 0] = *start else { return None };
    let is_ours = [m, a, g, i] == MAGIC && version == VERSION && Kind { signal, encoding } == kind;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    is_ours.then_some((u32::from_le_bytes(*items), length))
}

/// A file whose head and length are those of an entry.
struct Opened {
    file: File,
    head: [u8; HEAD],
    items: u32,
    length: usize,
}

fn open(path: &Path, kind: Kind) -> Result<Opened, Unreadable> {
    let mut file = File::open(path)?;
    let mut head = [0; HEAD];
    file.read_exact(&mut head)?;
    let (items, length) = parse(&head, kind)?;
    if file.metadata()?.len() != (HEAD + length) as u64 {
        return Err(Unreadable::Damaged(Some(u64::from(items))));
    }
    Ok(Opened { file, head, items, length })
}

/// What is in a file, by its head and its length alone.
pub(crate) fn look(path: &Path, kind: Kind) -> Result<Entry, Unreadable> {
    open(path, kind).map(|it| Entry::new(it.items, it.length))
}

/// The request in a file, if it is the one that was written; no more is read than its head says.
pub(crate) fn read(path: &Path, kind: Kind) -> Result<(Entry, Bytes), Unreadable> {
    let Opened { file, head, items, length } = open(path, kind)?;
    let mut body = Vec::with_capacity(length);
    file.take(length as u64).read_to_end(&mut body)?;
    let (said, sum) = head.split_at(HEAD - 4);
    if body.len() != length || checksum(said, &body).to_le_bytes() != sum {
        return Err(Unreadable::Damaged(Some(u64::from(items))));
    }
    Ok((Entry::new(items, length), Bytes::from(body)))
}
