//! Sessions in a SQLite file.

mod database;
mod fault;
mod file;
mod tables;

use std::fmt;
use std::path::Path;

use rocket::async_trait;
use rusqlite::Connection;

use self::database::Database;
use self::fault::Fault;
use self::tables::Kept;
use super::call::{
    Binding, Created, Device, NewSession, Over, Presence, Presented, Proof, SessionInfo,
    StoreError, Update,
};
use super::key::{SessionId, SessionKey, SubjectId};
use super::record::{beyond_limit, Record};
use super::token::{Lineage, Token};
use super::{seconds, Millis, Store};

/// Keeps sessions in a SQLite file, for an app on one machine that must not forget.
///
/// Who signed out, was revoked or was signed out everywhere stays so, across restarts, crashes and
/// power cuts: what was answered is on the disk. Only what changes waits for it; most requests
/// change nothing. Several processes of the machine may share the file; several machines may not,
/// because network file systems do not lock as SQLite needs it.
///
/// A session that the file does not know is over; no ticket is taken over. A session, ended or
/// not, is forgotten after its absolute timeout, never before: some whenever another one starts.
/// Removing the file while no process uses it signs everybody out.
///
/// Beside the app's data, which is sealed, the file holds digests, masked networks and names of
/// browsers; no cookie can be made from it. It is created for its owner's eyes only, together
/// with two files beside it, `-wal` and `-shm`, which belong to it wherever it is moved.
///
/// ```rust
/// use rocket_restricted_session::store::{SqliteStore, Store};
///
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("sessions.db");
/// let store = SqliteStore::open(&path)?;
/// assert_eq!(store.process(), 0); // It does not forget.
/// # Ok::<(), rocket_restricted_session::store::StoreError>(())
/// ```
pub struct SqliteStore {
    database: Database,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, which is created if there is none.
    ///
    /// A directory, a file of another program or of a newer version of this crate, and a file that
    /// cannot be written are refused, with the remedy.
    ///
    /// ```rust
    /// use rocket_restricted_session::store::SqliteStore;
    ///
    /// let error = SqliteStore::open("/nowhere/sessions.db").unwrap_err();
    /// assert!(error.to_string().contains("/nowhere/sessions.db cannot be created"));
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        match Database::open(path) {
            Ok(database) => Ok(Self { database }),
            Err(fault) => Err(fault.at(path)),
        }
    }

    /// Lets `step` look at a session and its subject's epoch; `None` if it is unknown.
    async fn look<R: Send + 'static>(
        &self,
        key: &SessionKey,
        step: impl FnOnce(&Record, u32) -> R + Send + 'static,
    ) -> Result<Option<R>, StoreError> {
        let key = *key;
        self.database
            .read(move |db| {
                let kept = Kept::read(db, &key)?;
                Ok(kept.map(|kept| step(&kept.record, kept.epoch)))
            })
            .await
    }

    /// Lets `step` change a session, by its subject's epoch; `None` if it is unknown.
    async fn change<R: Send + 'static>(
        &self,
        key: &SessionKey,
        step: impl FnOnce(&mut Record, u32) -> R + Send + 'static,
    ) -> Result<Option<R>, StoreError> {
        let key = *key;
        self.database
            .write(move |db| tables::change(db, &key, step))
            .await
    }
}

/// Returns what is done with the session of a ticket, for a thread of its own. Nothing is adopted.
fn presenting(
    shown: &Presented<'_>,
    now: Millis,
) -> impl Fn(&mut Record, u32) -> Presence + Clone + Send + 'static {
    let policy = *shown.policy;
    let (key, lineage, revision) = (shown.key, shown.lineage, shown.revision);
    let (fresh, device_cookie) = (shown.fresh, shown.device_cookie);
    move |record, epoch| {
        let shown = Presented {
            key,
            lineage,
            revision,
            fresh,
            device_cookie,
            policy: &policy,
            adoptable: None,
        };
        record.present(&shown, epoch, now)
    }
}

/// Ends the sessions of a subject that have to go for one more to fit; returns how many.
fn evict(
    db: &Connection,
    subject: &SubjectId,
    max_sessions: Option<u32>,
    idle_timeout: Millis,
    now: Millis,
) -> Result<usize, Fault> {
    if max_sessions.is_none() {
        return Ok(0);
    }
    let live = tables::sessions(db, subject)?
        .into_iter()
        .filter(|(_, kept)| kept.record.is_live(idle_timeout, kept.epoch, now))
        .map(|(id, kept)| (kept.record.created(), id));
    let excess = beyond_limit(live.collect(), max_sessions);
    for id in &excess {
        let key = SessionKey {
            subject: *subject,
            id: *id,
        };
        let end = |record: &mut Record, epoch| record.end(Over::Evicted, epoch, now);
        tables::change(db, &key, end)?;
    }
    Ok(excess.len())
}

#[async_trait]
impl Store for SqliteStore {
    async fn create(&self, new: &NewSession<'_>, now: Millis) -> Result<Created, StoreError> {
        let key = new.key;
        let (max_sessions, idle_timeout) = (new.max_sessions, new.idle_timeout);
        let replaces = new.replaces.map(|id| SessionKey { id, ..key });
        let mut record = Record::start(new, 0, now);
        self.database
            .write(move |db| {
                tables::reap(db, now)?;
                if let Some(replaced) = &replaces {
                    let end = |record: &mut Record, epoch| record.end(Over::Replaced, epoch, now);
                    tables::change(db, replaced, end)?;
                }
                let evicted = evict(db, &key.subject, max_sessions, idle_timeout, now)?;
                record.carry_into(tables::epoch(db, &key.subject)?);
                tables::insert(db, &key, &record)?;
                Ok(Created::new(now, evicted))
            })
            .await
    }

    /// Most tickets change nothing: those are judged without the lock that only one may hold.
    async fn present(&self, shown: &Presented<'_>, now: Millis) -> Result<Presence, StoreError> {
        let key = shown.key;
        let present = presenting(shown, now);
        let judge = present.clone();
        let judged = self.database.read(move |db| {
            let Some(mut kept) = Kept::read(db, &key)? else {
                return Ok(Some(Presence::Over(Over::Unknown)));
            };
            let presence = judge(&mut kept.record, kept.epoch);
            Ok(kept.changed().is_none().then_some(presence))
        });
        if let Some(presence) = judged.await? {
            return Ok(presence);
        }
        let presence = self.change(&key, present).await?;
        Ok(presence.unwrap_or(Presence::Over(Over::Unknown)))
    }

    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        now: Millis,
    ) -> Result<Option<(Lineage, Millis)>, StoreError> {
        let succeed = move |record: &mut Record, epoch| record.succeed(fresh, grace, epoch, now);
        let succeeded = self.change(key, succeed).await?;
        Ok(succeeded.flatten().map(|lineage| (lineage, now)))
    }

    async fn update(
        &self,
        key: &SessionKey,
        update: &Update,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let update = update.clone();
        let replace = move |record: &mut Record, epoch| record.update(&update, epoch, now);
        Ok(self.change(key, replace).await?.unwrap_or(false))
    }

    async fn end(&self, key: &SessionKey, why: Over, now: Millis) -> Result<bool, StoreError> {
        let end = move |record: &mut Record, epoch| record.end(why, epoch, now);
        Ok(self.change(key, end).await?.unwrap_or(false))
    }

    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        keep: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        let (subject, except) = (*subject, except.copied());
        let keep_until = seconds(now.saturating_add(keep));
        self.database
            .write(move |db| {
                let before = tables::epoch(db, &subject)?;
                tables::set_epoch(db, &subject, before.saturating_add(1), keep_until)?;
                let Some(id) = except else {
                    return Ok(());
                };
                let spare = |record: &mut Record, epoch| record.spare(before, epoch, now);
                tables::change(db, &SessionKey { subject, id }, spare)?;
                Ok(())
            })
            .await
    }

    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let subject = *subject;
        self.database
            .read(move |db| {
                let sessions = tables::sessions(db, &subject)?.into_iter();
                let live =
                    sessions.filter(|(_, kept)| kept.record.is_live(idle_timeout, kept.epoch, now));
                Ok(live.map(|(id, kept)| kept.record.info(id)).collect())
            })
            .await
    }

    async fn is_live(
        &self,
        key: &SessionKey,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let is_live = move |record: &Record, epoch| record.is_live(idle_timeout, epoch, now);
        Ok(self.look(key, is_live).await?.unwrap_or(false))
    }

    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        now: Millis,
    ) -> Result<Binding, StoreError> {
        let device = device.to_vec();
        let bind = move |record: &mut Record, epoch| record.bind(&device, stamp, epoch, now);
        let bound = self.change(key, bind).await?;
        Ok(bound.unwrap_or(Binding::Over(Over::Unknown)))
    }

    async fn device(&self, key: &SessionKey, now: Millis) -> Result<Device, StoreError> {
        let device = move |record: &Record, epoch| record.device(epoch, now);
        let device = self.look(key, device).await?;
        Ok(device.unwrap_or(Device::Over(Over::Unknown)))
    }

    async fn prove(&self, key: &SessionKey, stamp: u64, now: Millis) -> Result<Proof, StoreError> {
        let prove = move |record: &mut Record, epoch| record.prove(stamp, epoch, now);
        let proof = self.change(key, prove).await?;
        Ok(proof.unwrap_or(Proof::Over(Over::Unknown)))
    }
}

/// Shows the path, and nothing of the sessions.
impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.database.path())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
