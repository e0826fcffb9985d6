//! The steps of the store. `now` is the server's own time: it is one for all nodes of the app.

use rocket::async_trait;

use super::script::SCRIPTS;
use super::{reply, RedisStore};
use crate::store::{
    Binding, Created, Device, DeviceCookie, Lineage, Millis, NewSession, Over, Policy, Presence,
    Presented, Proof, Record, SessionId, SessionInfo, SessionKey, Store, StoreError, SubjectId,
    Token, Update,
};

#[async_trait]
impl Store for RedisStore {
    async fn create(&self, new: &NewSession<'_>, _: Millis) -> Result<Created, StoreError> {
        let script = &SCRIPTS.create;
        let mut call = self.call(script, &new.key.subject, new.key.id.as_bytes());
        call.arg(Record::start(new, 0, 0).to_bytes())
            .arg(new.lifetime)
            .arg(new.idle_timeout)
            .arg(
                new.max_sessions
                    .map_or(String::new(), |most| most.to_string()),
            )
            .arg(new.replaces.as_ref().map_or(&[][..], |id| id.as_bytes()));
        let (now, evicted) = reply::read(self.run(script, &call).await?)?;
        Ok(Created { now, evicted })
    }

    async fn present(&self, shown: &Presented<'_>, _: Millis) -> Result<Presence, StoreError> {
        let script = &SCRIPTS.present;
        let mut call = self.call(script, &shown.key.subject, shown.key.id.as_bytes());
        call.arg(&packed(shown)[..]).arg(&rules(shown.policy)[..]);
        reply::presence(self.run(script, &call).await?)
    }

    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        _: Millis,
    ) -> Result<Option<(Lineage, Millis)>, StoreError> {
        let script = &SCRIPTS.succeed;
        let mut call = self.call(script, &key.subject, key.id.as_bytes());
        call.arg(&fresh.to_bytes()[..]).arg(grace);
        reply::succession(self.run(script, &call).await?)
    }

    async fn update(
        &self,
        key: &SessionKey,
        update: &Update,
        _: Millis,
    ) -> Result<bool, StoreError> {
        let script = &SCRIPTS.update;
        let mut call = self.call(script, &key.subject, key.id.as_bytes());
        call.arg(update.revision).arg(fitting(&update.payload)?);
        reply::read(self.run(script, &call).await?)
    }

    async fn end(&self, key: &SessionKey, why: Over, _: Millis) -> Result<bool, StoreError> {
        let script = &SCRIPTS.end;
        let mut call = self.call(script, &key.subject, key.id.as_bytes());
        call.arg(why.code());
        reply::read(self.run_lastingly(script, &call).await?)
    }

    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        keep: Millis,
        _: Millis,
    ) -> Result<(), StoreError> {
        let script = &SCRIPTS.end_all;
        let spared = except.map_or(&[][..], |id| id.as_bytes());
        let mut call = self.call(script, subject, spared);
        call.arg(keep);
        self.run_lastingly(script, &call).await.map(|_| ())
    }

    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        _: Millis,
    ) -> Result<Vec<SessionInfo>, StoreError> {
        let script = &SCRIPTS.sessions;
        let call = self.call(script, subject, &[]);
        let (now, epoch, open): (Millis, u32, Vec<(Vec<u8>, Vec<u8>)>) =
            reply::read(self.run(script, &call).await?)?;
        let mut live = Vec::new();
        for (id, record) in open {
            let id = id.try_into().map_err(|_| reply::unexpected())?;
            let record = Record::from_bytes(&record).map_err(StoreError::new)?;
            if record.is_live(idle_timeout, epoch, now) {
                live.push(record.info(SessionId::from_bytes(id)));
            }
        }
        live.sort_unstable_by_key(|info| info.id);
        Ok(live)
    }

    async fn is_live(
        &self,
        key: &SessionKey,
        idle_timeout: Millis,
        _: Millis,
    ) -> Result<bool, StoreError> {
        let found = self.read(key).await?;
        Ok(found.is_some_and(|(record, epoch, now)| record.is_live(idle_timeout, epoch, now)))
    }

    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        _: Millis,
    ) -> Result<Binding, StoreError> {
        let script = &SCRIPTS.bind;
        let mut call = self.call(script, &key.subject, key.id.as_bytes());
        call.arg(fitting(device)?).arg(&stamp.to_be_bytes()[..]);
        reply::binding(self.run(script, &call).await?)
    }

    async fn device(&self, key: &SessionKey, _: Millis) -> Result<Device, StoreError> {
        let found = self.read(key).await?;
        Ok(
            found.map_or(Device::Over(Over::Unknown), |(record, epoch, now)| {
                record.device(epoch, now)
            }),
        )
    }

    async fn prove(&self, key: &SessionKey, stamp: u64, _: Millis) -> Result<Proof, StoreError> {
        let script = &SCRIPTS.prove;
        let mut call = self.call(script, &key.subject, key.id.as_bytes());
        call.arg(&stamp.to_be_bytes()[..]);
        reply::proof(self.run(script, &call).await?)
    }
}

impl RedisStore {
    /// Returns a session with its subject's epoch and the server's time.
    async fn read(&self, key: &SessionKey) -> Result<Option<(Record, u32, Millis)>, StoreError> {
        let script = &SCRIPTS.read;
        let call = self.call(script, &key.subject, key.id.as_bytes());
        let answer = self.run(script, &call).await?;
        let (now, epoch, bytes): (Millis, u32, Option<Vec<u8>>) = reply::read(answer)?;
        let record = bytes.map(|bytes| Record::from_bytes(&bytes)).transpose();
        let record = record.map_err(StoreError::new)?;
        Ok(record.map(|record| (record, epoch, now)))
    }
}

/// Returns what a record keeps of a device or an app; it has two bytes for the length.
fn fitting(bytes: &[u8]) -> Result<&[u8], StoreError> {
    match u16::try_from(bytes.len()) {
        Ok(_) => Ok(bytes),
        Err(_) => Err(StoreError::new("a session holds at most 65535 bytes")),
    }
}

/// A ticket in one argument: a script unpacks it faster than it reads seven.
fn packed(shown: &Presented<'_>) -> Vec<u8> {
    let mut packed = Vec::with_capacity(34);
    packed.extend(shown.lineage.token.to_bytes());
    packed.extend(shown.lineage.parent.to_bytes());
    packed.extend(shown.lineage.generation.to_be_bytes());
    packed.extend(shown.revision.to_be_bytes());
    packed.extend(shown.fresh.to_bytes());
    let lacks_cookie = shown.device_cookie == DeviceCookie::Absent;
    packed.push(lacks_cookie.into());
    packed.push(shown.policy.revoke_on_replay.into());
    packed
}

/// The times of the rules in one argument.
fn rules(policy: &Policy) -> Vec<u8> {
    let never = Millis::MAX;
    [
        policy.rotate_every.unwrap_or(never),
        policy.grace,
        policy.idle_timeout,
        policy.touch_after(),
        policy.device_grace,
    ]
    .map(Millis::to_be_bytes)
    .concat()
}
