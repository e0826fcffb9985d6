//! The plainest store there can be: records in a map, none ever dropped.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use rocket::async_trait;
use rocket_restricted_session::store::{
    beyond_limit, Binding, Created, Device, Lineage, Millis, NewSession, Over, Presence, Presented,
    Proof, Record, SessionId, SessionInfo, SessionKey, Store, StoreError, SubjectId, Token, Update,
};

#[derive(Debug, Default)]
pub struct Reference(Mutex<HashMap<SubjectId, Subject>>);

#[derive(Debug, Default, Clone)]
pub struct Subject {
    pub epoch: u32,
    pub records: BTreeMap<SessionId, Record>,
}

impl Subject {
    fn live(&self, idle: Millis, now: Millis) -> impl Iterator<Item = (&SessionId, &Record)> {
        let is_live = move |record: &Record| record.is_live(idle, self.epoch, now);
        self.records
            .iter()
            .filter(move |(_, record)| is_live(record))
    }
}

impl Reference {
    pub fn subject(&self, subject: &SubjectId) -> Subject {
        let subjects = self.0.lock().unwrap();
        subjects.get(subject).cloned().unwrap_or_default()
    }

    fn with<R>(&self, subject: &SubjectId, step: impl FnOnce(&mut Subject) -> R) -> R {
        step(self.0.lock().unwrap().entry(*subject).or_default())
    }

    fn session<R>(
        &self,
        key: &SessionKey,
        unknown: R,
        step: impl FnOnce(&mut Record, u32) -> R,
    ) -> Result<R, StoreError> {
        Ok(self.with(&key.subject, |subject| {
            let epoch = subject.epoch;
            match subject.records.get_mut(&key.id) {
                Some(record) => step(record, epoch),
                None => unknown,
            }
        }))
    }
}

#[async_trait]
impl Store for Reference {
    async fn create(&self, new: &NewSession<'_>, now: Millis) -> Result<Created, StoreError> {
        Ok(self.with(&new.key.subject, |subject| {
            let epoch = subject.epoch;
            let replaced = new.replaces.and_then(|id| subject.records.get_mut(&id));
            if let Some(replaced) = replaced {
                replaced.end(Over::Replaced, epoch, now);
            }
            let live = subject.live(new.idle_timeout, now);
            let live = live.map(|(id, record)| (record.created(), *id)).collect();
            let evicted = beyond_limit(live, new.max_sessions);
            for id in &evicted {
                let evicted = subject.records.get_mut(id).unwrap();
                evicted.end(Over::Evicted, epoch, now);
            }
            let record = Record::start(new, epoch, now);
            subject.records.insert(new.key.id, record);
            Created::new(now, evicted.len())
        }))
    }

    async fn present(&self, shown: &Presented<'_>, now: Millis) -> Result<Presence, StoreError> {
        let unknown = Presence::Over(Over::Unknown);
        self.session(&shown.key, unknown, |record, epoch| {
            record.present(shown, epoch, now)
        })
    }

    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        now: Millis,
    ) -> Result<Option<(Lineage, Millis)>, StoreError> {
        self.session(key, None, |record, epoch| {
            let lineage = record.succeed(fresh, grace, epoch, now)?;
            Some((lineage, now))
        })
    }

    async fn update(
        &self,
        key: &SessionKey,
        update: &Update,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.session(key, false, |record, epoch| {
            record.update(update, epoch, now)
        })
    }

    async fn end(&self, key: &SessionKey, why: Over, now: Millis) -> Result<bool, StoreError> {
        self.session(key, false, |record, epoch| record.end(why, epoch, now))
    }

    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        _: Millis,
        now: Millis,
    ) -> Result<(), StoreError> {
        self.with(subject, |subject| {
            let before = subject.epoch;
            subject.epoch += 1;
            let spared = except.and_then(|id| subject.records.get_mut(id));
            if let Some(record) = spared.filter(|record| record.over(before, now).is_none()) {
                record.carry_into(subject.epoch);
            }
        });
        Ok(())
    }

    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let subject = self.subject(subject);
        let live = subject.live(idle_timeout, now);
        Ok(live.map(|(id, record)| record.info(*id)).collect())
    }

    async fn is_live(
        &self,
        key: &SessionKey,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<bool, StoreError> {
        self.session(key, false, |record, epoch| {
            record.is_live(idle_timeout, epoch, now)
        })
    }

    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        now: Millis,
    ) -> Result<Binding, StoreError> {
        let unknown = Binding::Over(Over::Unknown);
        self.session(key, unknown, |record, epoch| {
            record.bind(device, stamp, epoch, now)
        })
    }

    async fn device(&self, key: &SessionKey, now: Millis) -> Result<Device, StoreError> {
        let unknown = Device::Over(Over::Unknown);
        self.session(key, unknown, |record, epoch| record.device(epoch, now))
    }

    async fn prove(&self, key: &SessionKey, stamp: u64, now: Millis) -> Result<Proof, StoreError> {
        let unknown = Proof::Over(Over::Unknown);
        self.session(key, unknown, |record, epoch| {
            record.prove(stamp, epoch, now)
        })
    }
}
