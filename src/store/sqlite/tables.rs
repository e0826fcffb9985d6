//! What the file keeps: a row for each session, and the epoch of each subject that has one.

use rusqlite::{named_params, Connection, OptionalExtension};

use super::fault::Fault;
use crate::store::key::{SessionId, SessionKey, SubjectId};
use crate::store::record::Record;
use crate::store::{seconds, Millis};

/// Times are Unix seconds. What expires is indexed, so that reaping finds it without a search.
pub(super) const SCHEMA: &str = "
    CREATE TABLE sessions (
        subject BLOB NOT NULL,
        id      BLOB NOT NULL,
        expires INTEGER NOT NULL,
        record  BLOB NOT NULL,
        PRIMARY KEY (subject, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_by_expiry ON sessions (expires);
    CREATE TABLE epochs (
        subject    BLOB NOT NULL PRIMARY KEY,
        epoch      INTEGER NOT NULL,
        keep_until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX epochs_by_expiry ON epochs (keep_until);
";

const SESSION: &str = "
    SELECT record, ifnull((SELECT epoch FROM epochs WHERE subject = :subject), 0)
    FROM sessions WHERE subject = :subject AND id = :id";

const SESSIONS: &str = "
    SELECT record, ifnull((SELECT epoch FROM epochs WHERE subject = :subject), 0), id
    FROM sessions WHERE subject = :subject ORDER BY id";

const INSERT: &str = "
    INSERT OR REPLACE INTO sessions (subject, id, expires, record)
    VALUES (:subject, :id, :expires, :record)";

const UPDATE: &str = "
    UPDATE sessions SET record = :record WHERE subject = :subject AND id = :id";

const EPOCH: &str = "
    SELECT epoch FROM epochs WHERE subject = :subject";

const SET_EPOCH: &str = "
    INSERT INTO epochs (subject, epoch, keep_until)
    VALUES (:subject, :epoch, max(:keep_until, (
        SELECT ifnull(max(expires), 0) FROM sessions WHERE subject = :subject
    )))
    ON CONFLICT (subject) DO UPDATE SET
        epoch = excluded.epoch,
        keep_until = max(keep_until, excluded.keep_until)";

const KEEP_EPOCH: &str = "
    UPDATE epochs SET keep_until = max(keep_until, :expires) WHERE subject = :subject";

pub(super) const REAP_SESSIONS: &str = "
    DELETE FROM sessions WHERE (subject, id) IN (
        SELECT subject, id FROM sessions WHERE expires <= :now ORDER BY expires LIMIT :most
    )";

pub(super) const REAP_EPOCHS: &str = "
    DELETE FROM epochs WHERE subject IN (
        SELECT subject FROM epochs WHERE keep_until <= :now ORDER BY keep_until LIMIT :most
    )";

/// How many rows of a table are reaped at once: more than the one that is added meanwhile, so
/// that they become fewer, and few enough that nobody waits.
const MOST_REAPED: u32 = 20;

/// A session as it is kept, with its subject's epoch.
pub(super) struct Kept {
    pub(super) record: Record,
    pub(super) epoch: u32,
    bytes: Vec<u8>,
}

impl Kept {
    pub(super) fn read(db: &Connection, key: &SessionKey) -> Result<Option<Self>, Fault> {
        let key = named_params! { ":subject": key.subject.as_bytes(), ":id": key.id.as_bytes() };
        let found = db
            .prepare_cached(SESSION)?
            .query_row(key, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        found
            .map(|(bytes, epoch)| Self::new(bytes, epoch))
            .transpose()
    }

    fn new(bytes: Vec<u8>, epoch: u32) -> Result<Self, Fault> {
        let record = Record::from_bytes(&bytes)?;
        Ok(Self {
            record,
            epoch,
            bytes,
        })
    }

    /// Returns what has to be written, if anything.
    pub(super) fn changed(&self) -> Option<Vec<u8>> {
        Some(self.record.to_bytes()).filter(|bytes| *bytes != self.bytes)
    }
}

/// Lets `step` change a session, by its subject's epoch; `None` if it is unknown.
pub(super) fn change<R>(
    db: &Connection,
    key: &SessionKey,
    step: impl FnOnce(&mut Record, u32) -> R,
) -> Result<Option<R>, Fault> {
    let Some(mut kept) = Kept::read(db, key)? else {
        return Ok(None);
    };
    let answer = step(&mut kept.record, kept.epoch);
    if let Some(record) = kept.changed() {
        db.prepare_cached(UPDATE)?.execute(named_params! {
            ":subject": key.subject.as_bytes(),
            ":id": key.id.as_bytes(),
            ":record": record,
        })?;
    }
    Ok(Some(answer))
}

/// Returns all sessions of a subject that are kept, in the order of their handles.
pub(super) fn sessions(
    db: &Connection,
    subject: &SubjectId,
) -> Result<Vec<(SessionId, Kept)>, Fault> {
    let mut select = db.prepare_cached(SESSIONS)?;
    let mut rows = select.query(named_params! { ":subject": subject.as_bytes() })?;
    let mut sessions = Vec::new();
    while let Some(row) = rows.next()? {
        let id = SessionId::from_bytes(row.get(2)?);
        sessions.push((id, Kept::new(row.get(0)?, row.get(1)?)?));
    }
    Ok(sessions)
}

/// Adds a session, which keeps the epoch that it started in as long as it lives.
pub(super) fn insert(db: &Connection, key: &SessionKey, record: &Record) -> Result<(), Fault> {
    let subject = key.subject.as_bytes();
    let expires = record.expires();
    db.prepare_cached(INSERT)?.execute(named_params! {
        ":subject": subject,
        ":id": key.id.as_bytes(),
        ":expires": expires,
        ":record": record.to_bytes(),
    })?;
    db.prepare_cached(KEEP_EPOCH)?
        .execute(named_params! { ":subject": subject, ":expires": expires })?;
    Ok(())
}

/// Returns a subject's epoch; 0 if none was set, or is remembered any more.
pub(super) fn epoch(db: &Connection, subject: &SubjectId) -> Result<u32, Fault> {
    let epoch = db
        .prepare_cached(EPOCH)?
        .query_row(named_params! { ":subject": subject.as_bytes() }, |row| {
            row.get(0)
        })
        .optional()?;
    Ok(epoch.unwrap_or(0))
}

/// Sets a subject's epoch, to be remembered until then, and as long as any of its sessions lives.
pub(super) fn set_epoch(
    db: &Connection,
    subject: &SubjectId,
    epoch: u32,
    keep_until: u32,
) -> Result<(), Fault> {
    db.prepare_cached(SET_EPOCH)?.execute(named_params! {
        ":subject": subject.as_bytes(),
        ":epoch": epoch,
        ":keep_until": keep_until,
    })?;
    Ok(())
}

/// Forgets some of what has expired. No other reason counts: what is forgotten looks unknown.
pub(super) fn reap(db: &Connection, now: Millis) -> Result<(), Fault> {
    for reap in [REAP_SESSIONS, REAP_EPOCHS] {
        db.prepare_cached(reap)?
            .execute(named_params! { ":now": seconds(now), ":most": MOST_REAPED })?;
    }
    Ok(())
}
