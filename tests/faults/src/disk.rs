//! A spool on a disk that takes no more.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::{
    Account, Fault, Figures, Length, Manner, Measure, Programs, Protocol, Receiver, Scenario,
    Script, Setting, spans_of,
};

/// In blocks of 512 bytes: the diary of a brief measure has room, and a request of all its spans has not.
const SHORT_FILE: u64 = 16;
const READ_ONLY: u32 = 0o500;
const WRITABLE: u32 = 0o700;

/// A run with a spool on a disk of so many KiB, and a receiver that takes all or is not there; `None` where
/// the system cannot make such a disk.
#[must_use]
pub fn run_on_small_disk(
    programs: Programs,
    scenario: &Scenario,
    protocol: Protocol,
    measure: &Measure,
    kibibytes: u64,
) -> Option<(Account, Figures)> {
    let mut receiver = scenario.receiver(programs, protocol);
    let sender = scenario.sender(programs, protocol, measure, &receiver);
    let (figures, sent) = sender.spool_on_small_disk(kibibytes)?.start().wait(measure.patience);
    receiver.stop();
    let arrived = receiver.spans();
    Some((Account::new(&sent, &arrived, figures.lost(), figures.on_disk()), figures))
}

/// The same where the disk takes the beginning of a request and no more, which every system can do; and
/// the files that are in the spool at the end.
#[must_use]
pub fn run_with_short_files(
    programs: Programs,
    scenario: &Scenario,
    protocol: Protocol,
    measure: &Measure,
) -> (Account, Figures, Vec<PathBuf>) {
    let folder = tempfile::tempdir().unwrap();
    let mut receiver = scenario.receiver(programs, protocol);
    let sender = scenario.sender(programs, protocol, measure, &receiver);
    let sender = sender.env("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512");
    let sender = sender.env("OTEL_BSP_SCHEDULE_DELAY", "60000");
    let sender = sender.spool(Some(folder.path())).with_short_files(SHORT_FILE);
    let (figures, sent) = sender.start().wait(measure.patience);
    receiver.stop();
    let account = Account::new(&sent, &receiver.spans(), figures.lost(), figures.on_disk());
    (account, figures, within(folder.path()).1)
}

/// A run with a spool that nobody can write to any more when something is on disk; and what came of it
/// when the program was started again, with a disk that can be written to and a receiver that takes all.
#[must_use]
pub fn run_until_read_only(
    programs: Programs,
    protocol: Protocol,
    measure: &Measure,
) -> [(Account, Figures); 2] {
    let folder = tempfile::tempdir().unwrap();
    let (spool, over) = (folder.path().join("spool"), folder.path().join("over"));
    let setting =
        Setting { manner: Manner::Normal, script: Script::new(&[Fault::Take]), writes: true };
    let mut receiver = Receiver::absent(programs, setting);
    let endpoint = format!("http://{}", receiver.address());
    let sender = |length: &Length| {
        let sender = measure.sender(programs, length).to(protocol, &endpoint);
        sender.spool(Some(&spool))
    };
    let mut running = sender(&Length::Until(over.clone())).without_powers().start();
    running.wait_until("something was on disk", measure.patience, |_| {
        // A lock is there from the beginning, and is empty.
        within(&spool).1.iter().any(|file| fs::metadata(file).is_ok_and(|file| file.len() > 0))
    });
    permit(&spool, READ_ONLY);
    let before = running.ended();
    let enough = before + measure.pipelines;
    running.wait_until("more spans ended", measure.patience, |diary| {
        spans_of(diary).len() as u64 >= enough
    });
    fs::write(&over, "").unwrap();
    let (figures, sent) = running.wait(measure.patience);
    let first = Account::new(&sent, &[], figures.lost(), figures.on_disk());
    permit(&spool, WRITABLE);
    receiver.start();
    let (at_last, _) = sender(&Length::Pipelines(0)).start().wait(measure.patience);
    receiver.stop();
    let counted = figures.lost() + at_last.lost();
    let last = Account::new(&sent, &receiver.spans(), counted, at_last.on_disk());
    [(first, figures), (last, at_last)]
}

/// For all folders, from the outermost in.
fn permit(folder: &Path, mode: u32) {
    for folder in within(folder).0 {
        fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
}

/// The folder itself and all in it: folders, and files.
fn within(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    let mut next = 0;
    while let Some(folder) = folders.get(next) {
        let entries: Vec<PathBuf> =
            fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
        let (inner, outer): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(outer);
        next += 1;
    }
    (folders, files)
}
