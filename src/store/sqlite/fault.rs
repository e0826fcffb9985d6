//! What can be wrong with the file, in words for whoever runs the app.

use std::fmt;
use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::call::StoreError;
use crate::store::codec::Unreadable;

/// Why a step failed.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is no file, and none can be created.
    Uncreatable(io::Error),
    /// The path names a directory or a device.
    NoFile,
    /// The file may not be written.
    ReadOnly,
    /// The file is a database of another program.
    Foreign,
    /// The file has a schema that this version of the crate does not know.
    OtherVersion(i32),
    /// The path names another file than it did, or none.
    Moved,
    /// A session has a format that this version of the crate does not know, or is damaged.
    Unreadable,
    /// The step panicked, or the runtime has stopped.
    Interrupted,
    /// SQLite failed.
    Sqlite(rusqlite::Error),
}

impl Fault {
    /// Returns the error of a store whose file this is.
    pub(super) fn at(self, path: &Path) -> StoreError {
        StoreError::new(format_args!("session database {} {self}", path.display()))
    }

    /// Tells whether somebody else held a lock.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Fault::Sqlite(error) => error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy),
            _ => false,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

impl From<Unreadable> for Fault {
    fn from(_: Unreadable) -> Self {
        Fault::Unreadable
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Uncreatable(error) => write!(
                f,
                "cannot be created: {error}; name a file in a directory that the app may write to"
            ),
            Fault::NoFile => f.write_str("is not a file; name one"),
            Fault::ReadOnly => {
                f.write_str("cannot be written; let the app write to the file and to its directory")
            }
            Fault::Foreign => {
                f.write_str("belongs to another program; name a file of its own for the sessions")
            }
            Fault::OtherVersion(version) => write!(
                f,
                "has version {version}, which this version of the app cannot read; run the one \
                 that wrote it, or name another file"
            ),
            Fault::Moved => f.write_str(
                "was removed or replaced while in use; stop all processes that use it, and start \
                 them again",
            ),
            Fault::Unreadable => f.write_str(
                "holds a session that this version of the app cannot read; run the one that wrote \
                 it, or remove the file while no process uses it",
            ),
            Fault::Interrupted => f.write_str("was not changed: the step was interrupted"),
            Fault::Sqlite(error) => write!(f, "{}: {error}", remedy(error)),
        }
    }
}

/// SQLite's own words never hold a value of a row.
fn remedy(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "is locked by another process; find out which one holds it for long"
        }
        Some(ErrorCode::DiskFull) => "does not fit on the disk; make space",
        Some(ErrorCode::ReadOnly) => {
            "cannot be written; let the app write to the file and to its directory"
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "cannot be opened; let the app read and write the file and its directory"
        }
        Some(ErrorCode::NotADatabase) => "is no SQLite database; name another file",
        Some(ErrorCode::DatabaseCorrupt) => {
            "is damaged; restore it, or remove it, while no process uses it"
        }
        Some(ErrorCode::SystemIoFailure) => "cannot be read or written; check the disk",
        _ => "cannot be used",
    }
}
