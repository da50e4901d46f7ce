//! The folder of one run of the program, and the lock that says whether the run goes on.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use fs4::TryLockError;

const LOCK: &str = "lock";
/// Another process may take the lock of a run for that of one which has ended, while it is made.
const ATTEMPTS: usize = 8;

/// A run that goes on; when it is dropped, or its process ends in whatever way, the lock is free.
#[derive(Debug)]
pub(super) struct Run {
    /// With a file for each request.
    pub(super) folder: PathBuf,
    /// Beside the folder, and there whenever the folder is.
    lock: PathBuf,
    _locked: File,
    /// In the names of all that it writes.
    pub(super) id: u32,
}

impl Run {
    /// Begins one in the folder of a destination, which is made where it is missing.
    pub(super) fn begin(destination: &Path) -> io::Result<Self> {
        make_folder(destination, true)?;
        for _ in 0..ATTEMPTS {
            let id = rand::random();
            let name = format!("{:020}-{}-{id:08x}", microseconds(), std::process::id());
            let lock = destination.join(&name).with_extension(LOCK);
            let Some(locked) = take(&lock, true)? else { continue };
            let folder = destination.join(name);
            // Whoever could read the folder could also read what is in it.
            make_private(destination, &locked)
                .and_then(|()| make_folder(&folder, false))
                .inspect_err(|_| drop(fs::remove_file(&lock)))?;
            return Ok(Self { folder, lock, _locked: locked, id });
        }
        Err(io::Error::other("no lock could be taken"))
    }

    /// The runs of a destination that have ended, each locked while it is looked at.
    pub(super) fn ended(destination: &Path) -> impl Iterator<Item = Self> {
        let mut locks: Vec<PathBuf> = files(destination);
        locks.retain(|path| path.extension().is_some_and(|extension| extension == LOCK));
        locks.sort();
        locks.into_iter().filter_map(|lock| {
            let locked = take(&lock, false).ok()??;
            Some(Self { folder: lock.with_extension(""), lock, _locked: locked, id: 0 })
        })
    }

    /// Removes the folder if nothing is in it any more, and then the lock.
    pub(super) fn end(self) {
        match fs::remove_dir(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {}
            _ => drop(fs::remove_file(&self.lock)),
        }
    }
}

/// The lock of a file, if nobody has it and the file is still there: whoever removed it had the lock.
fn take(path: &Path, is_new: bool) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(is_new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    match fs4::FileExt::try_lock(&file) {
        Ok(()) => Ok(path.try_exists()?.then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Makes a folder for its owner alone, with those above it where that is asked.
fn make_folder(path: &Path, recursive: bool) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(recursive);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes a folder its owner's alone, if that is the owner of a file that was just made in it. Others may
/// have opened it: Kubernetes gives a volume to its `fsGroup` each time it is mounted.
#[cfg(unix)]
fn make_private(folder: &Path, made: &File) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    let metadata = fs::symlink_metadata(folder)?;
    if !metadata.is_dir() || metadata.uid() != made.metadata()?.uid() {
        let message = format!("`{}` is another user's, or no folder", folder.display());
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    if metadata.permissions().mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

/// Elsewhere a folder is for those whom the folder above it is for.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn make_private(_folder: &Path, _made: &File) -> io::Result<()> {
    Ok(())
}

/// What is in a folder; nothing where it cannot be read.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// Since 1970.
pub(super) fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_not_ended_while_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("spool").join("traces");
        let run = Run::begin(&destination).unwrap();
        assert_eq!(Run::ended(&destination).count(), 0);
        fs::write(run.folder.join("left"), "").unwrap();
        let (left, lock) = (run.folder.clone(), run.lock.clone());
        run.end();
        assert!(left.exists() && lock.exists());

        let ended: Vec<Run> = Run::ended(&destination).collect();
        assert_eq!(ended.len(), 1);
        assert_eq!(ended[0].folder, left);
        // Locked by whoever looks at it.
        assert_eq!(Run::ended(&destination).count(), 0);
        fs::remove_file(left.join("left")).unwrap();
        ended.into_iter().for_each(Run::end);
        assert!(!left.exists() && !lock.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_can_read_is_made_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().unwrap();
        let destination = folder.path().join("traces");
        fs::create_dir(&destination).unwrap();
        for mode in [0o755, 0o2770] {
            fs::set_permissions(&destination, fs::Permissions::from_mode(mode)).unwrap();
            let run = Run::begin(&destination).unwrap();
            let made = fs::metadata(&destination).unwrap().permissions().mode();
            assert_eq!(made & 0o777, 0o700, "{mode:o}");
            run.end();
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_behind_a_link_is_not_used_and_no_lock_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (elsewhere, destination) =
            (folder.path().join("elsewhere"), folder.path().join("traces"));
        fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &destination).unwrap();
        let error = Run::begin(&destination).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(files(&elsewhere), Vec::<PathBuf>::new());
    }
}
