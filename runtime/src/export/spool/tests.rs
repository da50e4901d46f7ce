use super::entry::Unreadable;
use super::*;
use crate::export::ledger::Item;
use std::fs;
use tempfile::TempDir;

const KIND: Kind = Kind { signal: 0, encoding: 1 };

/// As on the export thread: a runtime of its own, with one thread.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}

fn place() -> Place {
    Place { shown: "http-protobuf-http://localhost:4318".to_owned(), hidden: String::new() }
}

fn open(folder: &TempDir, most_bytes: usize) -> (Spool, Arc<Ledger>) {
    let ledger = Arc::new(Ledger::new("traces", &"otlp"));
    let settings = SpoolSettings { folder: folder.path().to_owned(), most_bytes };
    let spool = Spool::open(&settings, &place(), KIND, &ledger);
    (spool.unwrap(), ledger)
}

fn health(ledger: &Ledger) -> crate::telemetry::health::SpoolHealth {
    ledger.account().spool.unwrap()
}

#[test]
fn what_is_kept_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 1 << 20);
        ledger.enqueue(Item::Span, 7);
        let body = Bytes::from_static(b"a request");
        assert!(spool.keep(&body, 7).await);
        assert_eq!((spool.take_kept_items(), ledger.queued(Item::Span)), (7, 0));
        let name = spool.next(End::Oldest, |_| true).unwrap();
        let Readable::Whole(read, items) = spool.read(name).await else { panic!("gone") };
        assert_eq!((read, items), (body, 7));
        spool.leave(name, Outcome::answered(7, 2, Some("too old".to_owned()))).await;
        assert_eq!(health(&ledger).waiting, 0);
        assert_eq!((ledger.account().spans.exported, ledger.account().spans.lost), (5, 2));
        assert_eq!(spool.next(End::Newest, |_| true), None);
    });
}

#[test]
fn every_changed_byte_of_a_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entry");
    entry::write(&path, KIND, 3, b"a request").unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(entry::read(&path, KIND).is_ok());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        fs::write(&path, &changed).unwrap();
        let read = entry::read(&path, KIND);
        // A later version's, as far as anybody can tell.
        let is_version = at == 4 && matches!(read, Err(Unreadable::Newer));
        assert!(is_version || matches!(read, Err(Unreadable::Damaged(_))), "byte {at}");
        fs::write(&path, &whole[..at]).unwrap();
        assert!(matches!(entry::read(&path, KIND), Err(Unreadable::Damaged(_))), "{at} bytes");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_longer_than_it_says_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entry");
    entry::write(&path, KIND, 3, b"a request").unwrap();
    // Nothing of it is on disk, and all of it would be in memory.
    fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 36).unwrap();
    assert!(matches!(entry::read(&path, KIND), Err(Unreadable::Damaged(Some(3)))));
}

#[test]
fn a_file_has_one_name() {
    let parse = |name: &str| EntryName::parse(Path::new(name));
    let name = EntryName { microseconds: 7, run: 0xab };
    assert_eq!(parse(&format!("{name}.otlp")), Some((name, true)));
    assert_eq!(parse(&format!("{name}.part")), Some((name, false)));
    for other in ["7-ab", "+7-ab", "00000000000000000007-000000AB", "00000000000000000007-ab"] {
        assert_eq!(parse(&format!("{other}.otlp")), None, "{other}");
    }
}

#[test]
fn what_is_counted_as_lost_meanwhile_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 1 << 20);
        // Nothing is queued: whoever handed it over has given it up.
        assert!(spool.keep(&Bytes::from_static(b"late"), 1).await);
        // It is not to be booked again.
        assert_eq!((spool.take_kept_items(), health(&ledger).waiting), (1, 0));
        assert_eq!(spool.next(End::Oldest, |_| true), None);
    });
}

#[test]
fn a_request_that_has_no_room_at_all_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 64 * 1024);
        ledger.enqueue(Item::Span, 1);
        assert!(!spool.keep(&vec![0; 70_000].into(), 1).await);
        assert!(health(&ledger).problem.unwrap().contains("73728 bytes have no room in 65536"));
        assert_eq!(ledger.queued(Item::Span), 1);
    });
}

#[test]
fn a_request_that_cannot_be_read_for_now_stays() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 1 << 20);
        ledger.enqueue(Item::Span, 3);
        assert!(spool.keep(&Bytes::from_static(b"a request"), 3).await);
        let name = spool.next(End::Oldest, |_| true).unwrap();
        let path = file(&health(&ledger).folder, name);
        let aside = path.with_extension("aside");
        fs::rename(&path, &aside).unwrap();
        // Opened, and not read.
        fs::create_dir(&path).unwrap();
        let Readable::NotNow(reason, items) = spool.read(name).await else { panic!("read") };
        assert_eq!(items, 3);
        assert!(reason.starts_with("cannot read from the spool `"), "{reason}");
        assert_eq!(health(&ledger).problem, Some(reason));
        assert_eq!((health(&ledger).waiting, ledger.account().spans.lost), (3, 0));

        fs::remove_dir(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
        assert!(matches!(spool.read(name).await, Readable::Whole(_, 3)));
        assert_eq!(health(&ledger).problem, None);
    });
}

/// Of an entry of the one run that there is.
fn file(destination: &Path, name: EntryName) -> std::path::PathBuf {
    let mut runs = fs::read_dir(destination).unwrap().map(|entry| entry.unwrap().path());
    runs.find(|path| path.is_dir()).unwrap().join(format!("{name}.otlp"))
}

#[test]
fn a_file_that_cannot_be_removed_is_told_until_it_can_be_and_nothing_gives_way_to_it() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 64 * 1024);
        ledger.enqueue(Item::Span, 3);
        assert!(spool.keep(&vec![0; 30_000].into(), 1).await);
        let stuck = spool.next(End::Oldest, |_| true).unwrap();
        let path = file(&health(&ledger).folder, stuck);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        spool.leave(stuck, Outcome::answered(1, 0, None)).await;
        assert!(health(&ledger).problem.unwrap().contains("cannot be removed"));
        assert_eq!((health(&ledger).waiting, ledger.account().spans.exported), (0, 1));

        assert!(spool.keep(&vec![0; 20_000].into(), 1).await);
        assert!(health(&ledger).problem.unwrap().contains("cannot be removed"));
        assert!(!spool.keep(&vec![0; 20_000].into(), 1).await);
        assert_eq!((health(&ledger).waiting, health(&ledger).dropped), (1, 0));

        fs::remove_dir(&path).unwrap();
        assert!(spool.keep(&vec![0; 20_000].into(), 1).await);
        assert_eq!(health(&ledger).problem, None);
        assert_eq!(health(&ledger).waiting, 2);
    });
}

#[test]
fn a_disk_without_room_for_a_folder_is_tried_again_with_the_next_request() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let ledger = Arc::new(Ledger::new("traces", &"otlp"));
        let settings = SpoolSettings { folder: folder.path().to_owned(), most_bytes: 1 << 20 };
        let full = Err(io::ErrorKind::StorageFull.into());
        let spool =
            Spool::begun(&settings, &folder.path().join("traces"), KIND, &ledger, full).unwrap();
        let problem = health(&ledger).problem.unwrap();
        assert!(problem.starts_with("cannot write to the spool `"), "{problem}");
        ledger.enqueue(Item::Span, 1);
        assert!(spool.keep(&Bytes::from_static(b"a request"), 1).await);
        assert_eq!((health(&ledger).problem, health(&ledger).waiting), (None, 1));
    });
}

#[test]
fn what_a_later_version_has_written_is_left_to_it() {
    let folder = tempfile::tempdir().unwrap();
    run(async {
        let (spool, ledger) = open(&folder, 1 << 20);
        ledger.enqueue(Item::Span, 1);
        assert!(spool.keep(&Bytes::from_static(b"a request"), 1).await);
        let name = spool.next(End::Oldest, |_| true).unwrap();
        let path = file(&health(&ledger).folder, name);
        spool.close().await;
        drop(spool);
        let mut written = fs::read(&path).unwrap();
        written[4] += 1;
        fs::write(&path, &written).unwrap();

        let (spool, ledger) = open(&folder, 1 << 20);
        spool.adopt().await;
        assert_eq!((health(&ledger).recovered, ledger.account().spans.lost), (0, 0));
        assert_eq!(fs::read(&path).unwrap(), written);
    });
}
