//! Stores: where sessions are remembered, so that they can be ended, listed, and found stolen.
//!
//! [`Store`] is the seam. Each of its methods is one atomic step with one meaning; that they are
//! atomic is what makes them safe under parallel requests, and what the conformance suite checks.

mod call;
mod codec;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod key;
mod memory;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod rotation;
#[cfg(feature = "sqlite")]
mod sqlite;
mod token;

use std::fmt;

use rocket::async_trait;

#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
pub use call::{
    Admission, Binding, Created, Device, DeviceCookie, NewSession, Occurrence, Over, Policy,
    Presence, Presented, Proof, SessionInfo, StoreError, Update,
};
pub use codec::Unreadable;
pub use key::{InvalidSessionId, SessionId, SessionKey, SubjectId};
pub use memory::MemoryStore;
pub use record::{beyond_limit, Record};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use token::{Lineage, Token};

/// Milliseconds, as a span or since the Unix epoch.
pub type Millis = i64;

/// Where sessions are kept.
///
/// `now` is the time of the caller. A store that several machines share goes by one clock of its
/// own instead, and tells it in its answers.
///
/// Nothing but `create` creates a record, but that a store that forgets may adopt one in `present`.
/// A record that is over stays so, and stays until it expires: one that vanished earlier would let
/// a ticket look unknown.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Returns the name of the one process that shares this store's memory; 0 for a store that
    /// does not forget.
    ///
    /// It is sealed into tickets: an unknown one of this process is dead, one of another process
    /// may be adopted.
    fn process(&self) -> u64 {
        0
    }

    /// Starts a session. The one that it replaces ends first; then those of the subject that become
    /// too many end as [`Over::Evicted`].
    async fn create(&self, new: &NewSession<'_>, now: Millis) -> Result<Created, StoreError>;

    /// Judges a ticket that a request shows, and takes the step that follows: [`Record::present`].
    async fn present(&self, shown: &Presented<'_>, now: Millis) -> Result<Presence, StoreError>;

    /// Returns where the ticket of a re-authentication stands, with the store's time; `None` if
    /// the session is over: [`Record::succeed`].
    async fn succeed(
        &self,
        key: &SessionKey,
        fresh: Token,
        grace: Millis,
        now: Millis,
    ) -> Result<Option<(Lineage, Millis)>, StoreError>;

    /// Replaces the app's data; tells whether the session is there: [`Record::update`].
    async fn update(
        &self,
        key: &SessionKey,
        update: &Update,
        now: Millis,
    ) -> Result<bool, StoreError>;

    /// Ends a session; tells whether it was there to be ended: [`Record::end`].
    async fn end(&self, key: &SessionKey, why: Over, now: Millis) -> Result<bool, StoreError>;

    /// Ends all sessions of a subject that were started before, but one, by adding one to the
    /// subject's epoch. The epoch is remembered for `keep`: as long as any of them may live.
    async fn end_all(
        &self,
        subject: &SubjectId,
        except: Option<&SessionId>,
        keep: Millis,
        now: Millis,
    ) -> Result<(), StoreError>;

    /// Returns the live sessions of a subject.
    async fn sessions(
        &self,
        subject: &SubjectId,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<Vec<SessionInfo>, StoreError>;

    /// Tells whether a session opens routes, without touching it.
    async fn is_live(
        &self,
        key: &SessionKey,
        idle_timeout: Millis,
        now: Millis,
    ) -> Result<bool, StoreError>;

    /// Binds a session to the key of a device: [`Record::bind`].
    async fn bind(
        &self,
        key: &SessionKey,
        device: &[u8],
        stamp: u64,
        now: Millis,
    ) -> Result<Binding, StoreError>;

    /// Returns the key that a session is bound to: [`Record::device`].
    async fn device(&self, key: &SessionKey, now: Millis) -> Result<Device, StoreError>;

    /// Notes that the device has answered a challenge: [`Record::prove`].
    async fn prove(&self, key: &SessionKey, stamp: u64, now: Millis) -> Result<Proof, StoreError>;
}

/// Returns whole seconds, until the year 2106.
fn seconds(millis: Millis) -> u32 {
    u32::try_from((millis / 1000).max(0)).unwrap_or(u32::MAX)
}
