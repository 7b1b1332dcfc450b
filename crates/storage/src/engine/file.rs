//! The file of an `SQLite` database: private to its owner, told from others that take its place, and held by one server.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::sql::StorageError;

/// A database's file.
#[derive(Debug, Clone)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
}

/// Which file a path leads to. Another one that takes its place is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    device: u64,
    inode: u64,
}

/// The right to serve from a file. It ends with the process, however that ends.
#[derive(Debug)]
pub struct ServerLock(#[expect(dead_code, reason = "open for as long as it is held")] File);

impl DatabaseFile {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes it where it is missing; refuses what others may read.
    pub(crate) fn prepare(&self) -> Result<(), StorageError> {
        create_private(&self.path)?;
        for beside in ["", "-wal", "-shm"] {
            make_private(&with_suffix(&self.path, beside))?;
        }
        Ok(())
    }

    #[cfg(unix)]
    pub(crate) fn identity(&self) -> Result<FileIdentity, StorageError> {
        use std::os::unix::fs::MetadataExt as _;
        let found = std::fs::metadata(&self.path);
        let found = found.map_err(|error| StorageError::unavailable(format!("{}: {error}", self.path.display())))?;
        Ok(FileIdentity { device: found.dev(), inode: found.ino() })
    }

    #[cfg(not(unix))]
    pub(crate) fn identity(&self) -> Result<FileIdentity, StorageError> {
        let found = std::fs::metadata(&self.path);
        found.map_err(|error| StorageError::unavailable(format!("{}: {error}", self.path.display())))?;
        Ok(FileIdentity { device: 0, inode: 0 })
    }

    /// The right to serve, which one server at a time has. Commands need none.
    pub(crate) fn lock(&self) -> Result<ServerLock, StorageError> {
        let path = self.path.canonicalize().unwrap_or_else(|_| self.path.clone());
        let beside = with_suffix(&path, ".lock");
        let told = |error: std::io::Error| StorageError::failed(format!("{}: {error}", beside.display()));
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&beside).map_err(told)?;
        match file.try_lock() {
            Ok(()) => Ok(ServerLock(file)),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse(path.display().to_string())),
            Err(TryLockError::Error(error)) => Err(told(error)),
        }
    }
}

/// Makes a file that only its owner can read, where there is none. `SQLite` gives its mode to the log beside it. A file that
/// exists is not opened here: closing it would release the locks that this process may hold on it
/// (<https://sqlite.org/howtocorrupt.html>, 2.2).
pub(crate) fn create_private(path: &Path) -> Result<bool, StorageError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(StorageError::failed(format!("{}: {error}", path.display()))),
    }
}

/// Takes others' rights to a file away; refuses it where that cannot be done.
#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = match std::fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o777,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(StorageError::failed(format!("{}: {error}", path.display()))),
    };
    let owners_alone = mode & 0o700;
    if mode == owners_alone {
        return Ok(());
    }
    let private = std::fs::Permissions::from_mode(owners_alone);
    std::fs::set_permissions(path, private).map_err(|error| {
        let path = path.display();
        StorageError::failed(format!(
            "{path} can be read by others (mode {mode:03o}), and that cannot be mended ({error}): chmod 600 {path}"
        ))
    })?;
    tracing::warn!(file = %path.display(), "others could read the database (mode {mode:03o}); it is private to its owner now");
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_path: &Path) -> Result<(), StorageError> {
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
