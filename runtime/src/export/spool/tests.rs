use super::*;
use crate::export::ledger::Item;
use tempfile::TempDir;

const KIND: Kind = Kind { signal: 0, encoding: 1 };

/// As on the export thread: a runtime of its own, with one thread.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}

fn open(folder: &TempDir, most_bytes: usize) -> (Spool, Arc<Ledger>) {
    let ledger = Arc::new(Ledger::new("traces", &"otlp"));
    let settings = SpoolSettings { folder: folder.path().to_owned(), most_bytes };
    let spool = Spool::open(&settings, "http://localhost:4318", KIND, &ledger);
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
        let name = spool.next(End::Oldest).unwrap();
        let Readable::Whole(read, items) = spool.read(name).await else { panic!("gone") };
        assert_eq!((read, items), (body, 7));
        spool.leave(name).await;
        assert_eq!(health(&ledger).waiting, 0);
        assert_eq!(spool.next(End::Newest), None);
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
        assert!(matches!(entry::read(&path, KIND), Err(Unreadable::Damaged(_))), "byte {at}");
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
        assert_eq!((spool.take_kept_items(), health(&ledger).waiting), (0, 0));
        assert_eq!(spool.next(End::Oldest), None);
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
fn the_folder_of_each_place_is_its_own() {
    let name = |place| folder_name("traces", place);
    assert_eq!(name("grpc-http://localhost:4317"), "traces-grpc-http%3A%2F%2Flocalhost%3A4317");
    let long = "x".repeat(300);
    let (one, other) = (format!("http://{long}/a"), format!("http://{long}/b"));
    assert!(name(&one) != name(&other) && name(&one).len() < 255);
}
