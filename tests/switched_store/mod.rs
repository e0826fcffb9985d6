//! A store in memory that a test can take away, and give to one server after another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use rocket::async_trait;
use rocket_restricted_session::store::{
    Binding, Created, Device, Lineage, MemoryStore, Millis, NewSession, Over, Presence, Presented,
    Proof, SessionKey, Store, StoreError, SubjectId, Token, Update,
};
use rocket_restricted_session::{SessionId, SessionInfo};

/// A memory store behind a switch; its clones share what is kept.
#[derive(Debug, Clone, Default)]
pub struct Switched {
    store: Arc<MemoryStore>,
    pub fault: Fault,
    is_durable: bool,
}

impl Switched {
    /// One that passes for a store that does not forget.
    #[allow(dead_code)] // Not each binary has a use for it.
    pub fn durable() -> Self {
        Self {
            is_durable: true,
            ..Self::default()
        }
    }
}

#[derive(Debug, Clone, Default)]
pub struct Fault {
    pub away: Arc<AtomicBool>,
    pub hangs: Arc<AtomicBool>,
}

impl Fault {
    async fn strike(&self) -> Result<(), StoreError> {
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        match self.away.load(Ordering::SeqCst) {
            true => Err(StoreError::new("connection refused")),
            false => Ok(()),
        }
    }
}

type Answer<R> = Result<R, StoreError>;

#[async_trait]
impl Store for Switched {
    fn process(&self) -> u64 {
        match self.is_durable {
            true => 0,
            false => self.store.process(),
        }
    }

    async fn create(&self, new: &NewSession<'_>, now: Millis) -> Answer<Created> {
        self.fault.strike().await?;
        self.store.create(new, now).await
    }

    async fn present(&self, shown: &Presented<'_>, now: Millis) -> Answer<Presence> {
        self.fault.strike().await?;
        self.store.present(shown, now).await
    }

    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        now: Millis,
    ) -> Answer<Option<(Lineage, Millis)>> {
        self.fault.strike().await?;
        self.store.succeed(key, fresh, grace, now).await
    }

    async fn update(&self, key: &SessionKey, update: &Update, now: Millis) -> Answer<bool> {
        self.fault.strike().await?;
        self.store.update(key, update, now).await
    }

    async fn end(&self, key: &SessionKey, why: Over, now: Millis) -> Answer<bool> {
        self.fault.strike().await?;
        self.store.end(key, why, now).await
    }

    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        keep: Millis,
        now: Millis,
    ) -> Answer<()> {
        self.fault.strike().await?;
        self.store.end_all(subject, except, keep, now).await
    }

    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        now: Millis,
    ) -> Answer<Vec<SessionInfo>> {
        self.fault.strike().await?;
        self.store.sessions(subject, idle_timeout, now).await
    }

    async fn is_live(&self, key: &SessionKey, idle_timeout: Millis, now: Millis) -> Answer<bool> {
        self.fault.strike().await?;
        self.store.is_live(key, idle_timeout, now).await
    }

    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        now: Millis,
    ) -> Answer<Binding> {
        self.fault.strike().await?;
        self.store.bind(key, device, stamp, now).await
    }

    async fn device(&self, key: &SessionKey, now: Millis) -> Answer<Device> {
        self.fault.strike().await?;
        self.store.device(key, now).await
    }

    async fn prove(&self, key: &SessionKey, stamp: u64, now: Millis) -> Answer<Proof> {
        self.fault.strike().await?;
        self.store.prove(key, stamp, now).await
    }
}
