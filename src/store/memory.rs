//! Sessions in the memory of one process.

mod shard;
mod texts;

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::OsRng;
use rand::RngCore;
use rocket::async_trait;

use super::call::{
    Binding, Created, Device, NewSession, Over, Presence, Presented, Proof, SessionInfo,
    StoreError, Update,
};
use super::key::{SessionId, SessionKey, SubjectId};
use super::record::Record;
use super::token::{Lineage, Token};
use super::{seconds, Millis, Store};
use shard::Shard;
use texts::Texts;

/// So many that requests rarely wait for each other, and that a sweep of one is short.
const SHARDS: usize = 160;

/// How often a shard is swept of what has expired, in seconds.
const SWEEP_EVERY: u32 = 60;

/// Keeps sessions in the memory of this process; the default.
///
/// It needs nothing, and forgets at a restart: sessions go on, because their tickets are taken
/// over, but who was signed out or revoked, and may come with a copy, is not remembered. One
/// process only; several need a store that they share.
///
/// Nothing is dropped to save memory: a session takes about 200 bytes until it expires.
///
/// ```rust
/// use rocket_restricted_session::store::{MemoryStore, Store};
///
/// let (one, other) = (MemoryStore::new(), MemoryStore::new());
/// assert_ne!(one.process(), other.process()); // Neither knows what the other has ended.
/// ```
pub struct MemoryStore {
    process: u64,
    shards: Vec<Mutex<Shard>>,
    texts: Mutex<Texts>,
}

impl MemoryStore {
    /// Returns an empty store.
    pub fn new() -> Self {
        let shards = std::iter::repeat_with(Mutex::default);
        Self {
            process: OsRng.next_u64().max(1),
            shards: shards.take(SHARDS).collect(),
            texts: Mutex::default(),
        }
    }

    /// Locks the shard of a subject, swept not long ago.
    fn shard(&self, subject: &SubjectId, now: Millis) -> MutexGuard<'_, Shard> {
        let [high, low, ..] = *subject.as_bytes();
        let index = usize::from(u16::from_be_bytes([high, low])) % SHARDS;
        let mut shard = lock(&self.shards[index]);
        if seconds(now).saturating_sub(shard.swept) >= SWEEP_EVERY {
            self.sweep(&mut shard, now);
        }
        shard
    }

    fn sweep(&self, shard: &mut Shard, now: Millis) {
        shard.sweep(now);
        let mut texts = lock(&self.texts);
        if texts.is_due() {
            texts.sweep();
        }
    }

    fn started(&self, mut record: Record) -> Record {
        let mut texts = lock(&self.texts);
        record.label = texts.once(record.label);
        record.network = texts.once(record.network);
        record
    }

    /// Lets `step` read or change a session and its subject's epoch; `None` if it is unknown.
    fn with<R>(
        &self,
        key: &SessionKey,
        now: Millis,
        step: impl FnOnce(&mut Record, u32) -> R,
    ) -> Option<R> {
        let mut shard = self.shard(&key.subject, now);
        let sessions = shard.subjects.get_mut(&key.subject)?;
        let epoch = sessions.epoch;
        sessions.get_mut(&key.id).map(|record| step(record, epoch))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Store for MemoryStore {
    fn process(&self) -> u64 {
        self.process
    }

    async fn create(&self, new: &NewSession<'_>, now: Millis) -> Result<Created, StoreError> {
        let mut shard = self.shard(&new.key.subject, now);
        let sessions = shard.subjects.entry(new.key.subject).or_default();
        let epoch = sessions.epoch;
        let replaced = new.replaces.and_then(|id| sessions.get_mut(&id));
        if let Some(replaced) = replaced {
            replaced.end(Over::Replaced, epoch, now);
        }
        let evicted = sessions.beyond_limit(new, now);
        for id in &evicted {
            if let Some(record) = sessions.get_mut(id) {
                record.end(Over::Evicted, epoch, now);
            }
        }
        let record = self.started(Record::start(new, epoch, now));
        sessions.insert(new.key.id, record);
        Ok(Created::new(now, evicted.len()))
    }

    async fn present(&self, shown: &Presented<'_>, now: Millis) -> Result<Presence, StoreError> {
        let mut shard = self.shard(&shown.key.subject, now);
        if let Some(sessions) = shard.subjects.get_mut(&shown.key.subject) {
            let epoch = sessions.epoch;
            if let Some(record) = sessions.get_mut(&shown.key.id) {
                return Ok(record.present(shown, epoch, now));
            }
        }
        let Some(new) = &shown.adoptable else {
            return Ok(Presence::Over(Over::Unknown));
        };
        let record = self.started(Record::adopt(shown, new, 0, now));
        let sessions = shard.subjects.entry(shown.key.subject).or_default();
        Ok(sessions.adopt(shown, record, now))
    }

    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        now: Millis,
    ) -> Result<Option<(Lineage, Millis)>, StoreError> {
        let succeeded = self.with(key, now, |record, epoch| {
            record.succeed(fresh, grace, epoch, now)
        });
        Ok(succeeded.flatten().map(|lineage| (lineage, now)))
    }

    async fn update(
        &self,
        key: &SessionKey,
        update: &Update,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let updated = self.with(key, now, |record, epoch| record.update(update, epoch, now));
        Ok(updated.unwrap_or(false))
    }

    async fn end(&self, key: &SessionKey, why: Over, now: Millis) -> Result<bool, StoreError> {
        let ended = self.with(key, now, |record, epoch| record.end(why, epoch, now));
        Ok(ended.unwrap_or(false))
    }

    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        keep: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut shard = self.shard(subject, now);
        let sessions = shard.subjects.entry(*subject).or_default();
        let before = sessions.epoch;
        sessions.epoch = before.saturating_add(1);
        sessions.keep_until = seconds(now.saturating_add(keep)).max(sessions.keep_until);
        let epoch = sessions.epoch;
        if let Some(spared) = except.and_then(|id| sessions.get_mut(id)) {
            spared.spare(before, epoch, now);
        }
        Ok(())
    }

    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let shard = self.shard(subject, now);
        let sessions = shard.subjects.get(subject).into_iter();
        let live = sessions.flat_map(|sessions| sessions.live(idle_timeout, now));
        Ok(live.map(|(id, record)| record.info(*id)).collect())
    }

    async fn is_live(
        &self,
        key: &SessionKey,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let live = self.with(key, now, |record, epoch| {
            record.is_live(idle_timeout, epoch, now)
        });
        Ok(live.unwrap_or(false))
    }

    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        now: Millis,
    ) -> Result<Binding, StoreError> {
        let bound = self.with(key, now, |record, epoch| {
            record.bind(device, stamp, epoch, now)
        });
        Ok(bound.unwrap_or(Binding::Over(Over::Unknown)))
    }

    async fn device(&self, key: &SessionKey, now: Millis) -> Result<Device, StoreError> {
        let device = self.with(key, now, |record, epoch| record.device(epoch, now));
        Ok(device.unwrap_or(Device::Over(Over::Unknown)))
    }

    async fn prove(&self, key: &SessionKey, stamp: u64, now: Millis) -> Result<Proof, StoreError> {
        let proof = self.with(key, now, |record, epoch| record.prove(stamp, epoch, now));
        Ok(proof.unwrap_or(Proof::Over(Over::Unknown)))
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

/// Says nothing of the sessions.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryStore")
    }
}
