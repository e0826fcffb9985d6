//! The file: which one it is, that it is a store's, and that it is there still.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{self, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, MAIN_DB};

use super::fault::Fault;
use super::tables::SCHEMA;

/// What marks a file as a store: `RRSs`.
const APPLICATION: i32 = 0x5252_5373;

/// The version of the schema.
const VERSION: i32 = 1;

/// How long another process may hold the lock: less than the two seconds after which a store
/// counts as away by default, so that the log can say why.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How often to try again. The timeout that SQLite has built in soon tries ten times a second
/// only, and then never finds the lock free where others write without a pause.
const TRY_AGAIN: Duration = Duration::from_millis(1);

/// A database file, and what tells whether it is there still.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    identity: Identity,
}

/// What an empty or suitable file holds.
#[derive(PartialEq)]
enum Content {
    Nothing,
    Store,
}

impl DatabaseFile {
    /// Returns the file at `path`, which is created if there is none.
    pub(super) fn at(path: &Path) -> Result<Self, Fault> {
        // Nor is an absolute path one of the names that mean no file to SQLite.
        let path = path::absolute(path).map_err(Fault::Uncreatable)?;
        create(&path).map_err(Fault::Uncreatable)?;
        let identity = Identity::of(&path)?;
        Ok(Self { path, identity })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the file to write, and makes it a store if it is empty.
    pub(super) fn writer(&self) -> Result<Connection, Fault> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.try_writer() {
                // Two that open a new file at once may each hold what the other needs: then
                // SQLite fails without waiting.
                Err(fault) if fault.is_busy() && Instant::now() < deadline => {
                    thread::sleep(TRY_AGAIN);
                }
                opened => return opened,
            }
        }
    }

    fn try_writer(&self) -> Result<Connection, Fault> {
        let mut db = self.connect()?;
        content(&db.transaction()?)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if content(&transaction)? == Content::Nothing {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
        }
        transaction.commit()?;
        Ok(db)
    }

    /// Opens the file to read only, once it is a store.
    pub(super) fn reader(&self) -> Result<Connection, Fault> {
        let db = self.connect()?;
        db.pragma_update(None, "query_only", true)?;
        Ok(db)
    }

    fn connect(&self) -> Result<Connection, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(&self.path, flags)?;
        db.busy_handler(Some(wait_for_lock()))?;
        if db.is_readonly(MAIN_DB)? {
            return Err(Fault::ReadOnly);
        }
        Ok(db)
    }

    /// Makes sure that the path still names this file: what is written to another, or to none,
    /// would be lost without a word.
    pub(super) fn check(&self) -> Result<(), Fault> {
        match Identity::of(&self.path) {
            Ok(identity) if identity == self.identity => Ok(()),
            _ => Err(Fault::Moved),
        }
    }
}

/// Returns what SQLite asks, with how often it has asked, whether to go on waiting for a lock.
fn wait_for_lock() -> impl FnMut(i32) -> bool + Send + 'static {
    let mut since = Instant::now();
    move |asked| {
        if asked == 0 {
            since = Instant::now();
        }
        thread::sleep(TRY_AGAIN);
        since.elapsed() < PATIENCE
    }
}

/// Creates an empty file, unless there is one: SQLite would let others read it.
///
/// A file that exists must not be opened here. Closing it would release the locks that SQLite
/// holds on it elsewhere in this process.
fn create(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Tells whether there is a store; fails if there is something else.
///
/// In one transaction: another process may make the file a store meanwhile.
fn content(db: &Transaction<'_>) -> Result<Content, Fault> {
    let number = |pragma| db.pragma_query_value(None, pragma, |row| row.get::<_, i32>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, VERSION) => Ok(Content::Store),
        (APPLICATION, version) => Err(Fault::OtherVersion(version)),
        (0, 0) if is_empty(db)? => Ok(Content::Nothing),
        _ => Err(Fault::Foreign),
    }
}

fn is_empty(db: &Connection) -> Result<bool, Fault> {
    let tables = "SELECT count(*) = 0 FROM sqlite_schema";
    Ok(db.query_row(tables, [], |row| row.get(0))?)
}

/// What a file keeps when it is renamed, and another one does not have.
#[derive(Debug, PartialEq, Eq)]
struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

impl Identity {
    fn of(path: &Path) -> Result<Self, Fault> {
        let metadata = fs::metadata(path).map_err(Fault::Uncreatable)?;
        if !metadata.is_file() {
            return Err(Fault::NoFile);
        }
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt;
        Ok(Self {
            #[cfg(unix)]
            device: metadata.dev(),
            #[cfg(unix)]
            inode: metadata.ino(),
        })
    }
}
