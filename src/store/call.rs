//! What a store is asked, and what it answers.

use std::fmt;

use time::OffsetDateTime;

use super::key::{SessionId, SessionKey};
use super::record::Record;
use super::token::{Lineage, Token};
use super::Millis;

/// A session that starts.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Where it is kept.
    pub key: SessionKey,
    /// The lineage of its first ticket.
    pub first: Lineage,
    /// How long it may live, from its start.
    pub lifetime: Millis,
    /// The owner's software, such as `"Firefox on Windows"`.
    pub label: &'a str,
    /// The owner's network, masked; empty where it is not known.
    pub network: &'a str,
    /// When it started, if that was earlier: an adopted session.
    pub created_at: Option<Millis>,
    /// A session of the same subject that ends in the same step, as [`Over::Replaced`], and takes
    /// no place: the one that the same browser had.
    pub replaces: Option<SessionId>,
    /// How many live sessions the subject may have, this one included; the oldest go.
    pub max_sessions: Option<u32>,
    /// After how long without a request a session is not live any more.
    pub idle_timeout: Millis,
}

/// A session has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created {
    /// The store's time.
    pub now: Millis,
    /// How many of the subject's sessions had to go.
    pub evicted: u32,
}

impl Created {
    /// Returns the answer of a store at this time, after so many sessions had to go.
    pub fn new(now: Millis, evicted: usize) -> Self {
        let evicted = u32::try_from(evicted).unwrap_or(u32::MAX);
        Self { now, evicted }
    }
}

/// The rules of rotation and idling, for one kind of session. Times are milliseconds.
///
/// ```rust
/// use rocket_restricted_session::store::Policy;
///
/// let policy = Policy {
///     rotate_every: None,
///     ..Policy::new(30 * 60 * 1000)
/// };
/// assert_eq!(policy.touch_after(), 3 * 60 * 1000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The age of a cookie at which its successor is due; `None`: never.
    pub rotate_every: Option<Millis>,
    /// How long a superseded cookie is still let in.
    pub grace: Millis,
    /// After how long without a request the session is over.
    pub idle_timeout: Millis,
    /// Whether a session whose theft is found is revoked, or only the request is refused.
    pub revoke_on_replay: bool,
    /// How long after its binding a session needs no bound cookie yet.
    pub device_grace: Millis,
}

impl Policy {
    /// Returns rules with an idle timeout, and the defaults of the crate for all else.
    pub fn new(idle_timeout: Millis) -> Self {
        Self {
            rotate_every: Some(15 * 60 * 1000),
            grace: 10 * 1000,
            idle_timeout,
            revoke_on_replay: true,
            device_grace: 60 * 1000,
        }
    }

    /// Returns after how long a session in use is noted as seen: so often that it never idles
    /// out, so seldom that most requests write nothing.
    pub fn touch_after(&self) -> Millis {
        (self.idle_timeout / 10)
            .max(60 * 1000)
            .min(self.idle_timeout / 3)
    }
}

/// Whether a valid cookie that is bound to the session's device came along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceCookie {
    /// It did.
    Shown,
    /// It did not: a session that is bound to a device is refused.
    Absent,
    /// The path needs none.
    NotNeeded,
}

/// A ticket that a request shows. Everything that could be judged without a store has been.
#[derive(Debug, Clone)]
pub struct Presented<'a> {
    /// Where the session is kept.
    pub key: SessionKey,
    /// The ticket's place in its session.
    pub lineage: Lineage,
    /// The revision of the app's data in the ticket.
    pub revision: u32,
    /// A token drawn for this call, for the successor that may be handed out.
    pub fresh: Token,
    /// Whether a valid bound cookie came along.
    pub device_cookie: DeviceCookie,
    /// The rules.
    pub policy: &'a Policy,
    /// The session as its ticket tells it, if a store that forgets may take it over.
    pub adoptable: Option<NewSession<'a>>,
}

/// What becomes of a ticket that was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It is let in.
    Admitted(Admission),
    /// The session is over, or unknown.
    Over(Over),
    /// The ticket was replaced long ago: two parties hold the session.
    Replayed,
    /// The session is bound to a device, and the request does not show it.
    Unbound,
}

/// A ticket that is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The store's time.
    pub now: Millis,
    /// The successor that the response shall hand out.
    pub successor: Option<Lineage>,
    /// What is worth telling.
    pub occurrence: Option<Occurrence>,
    /// The app's data, if the store has it newer than the ticket.
    pub update: Option<Update>,
    /// Whether the session is bound to the key of a device.
    pub device_bound: bool,
}

impl Admission {
    /// Returns the answer to a ticket that is alive, and of which there is nothing else to say.
    pub fn plain(now: Millis) -> Self {
        Self {
            now,
            successor: None,
            occurrence: None,
            update: None,
            device_bound: false,
        }
    }
}

/// What may happen while a ticket is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Occurrence {
    /// A successor was used for the first time.
    Rotated,
    /// Successors keep being handed out and are not used: somebody may discard them.
    RotationContested,
    /// The store has forgotten what the ticket proves.
    StoreBehind,
    /// The session was taken over from another process.
    Adopted,
}

/// Why a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Over {
    /// Its owner signed out.
    SignedOut,
    /// The subject started more sessions than it may have, and this was the oldest.
    Evicted,
    /// It was ended from another session, or by an administrator.
    EndedElsewhere,
    /// The same browser signed in anew.
    Replaced,
    /// It was not used for too long.
    Idle,
    /// It has reached its greatest age.
    Expired,
    /// It is compromised.
    Revoked,
    /// The store has never heard of it.
    Unknown,
}

impl Over {
    const CODES: [(Over, u8); 8] = [
        (Over::SignedOut, 1),
        (Over::Evicted, 2),
        (Over::EndedElsewhere, 3),
        (Over::Replaced, 4),
        (Over::Idle, 5),
        (Over::Expired, 6),
        (Over::Revoked, 7),
        (Over::Unknown, 8),
    ];

    /// Returns the number that stores keep; none is 0.
    pub fn code(self) -> u8 {
        let found = Self::CODES.iter().find(|(over, _)| *over == self);
        found.map_or(0, |(_, code)| *code)
    }

    /// Returns what a number means.
    pub fn from_code(code: u8) -> Option<Self> {
        let found = Self::CODES.iter().find(|(_, known)| *known == code);
        found.map(|(over, _)| *over)
    }
}

/// The app's data, sealed, and how often it was replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct Update {
    /// How often it was replaced.
    pub revision: u32,
    /// Sealed under the app's key, so that a stolen store shows nothing.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Update")
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

/// The answer to a device that registers its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The session is bound to it.
    Bound,
    /// Another key was there first.
    Taken,
    /// The session is over, or unknown.
    Over(Over),
}

/// The key that a session is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// It is bound to one.
    Bound {
        /// The key, as it was bound.
        key: Vec<u8>,
        /// The stamp of the last challenge that was answered.
        proved: u64,
        /// The store's time.
        now: Millis,
    },
    /// It is bound to none.
    None,
    /// The session is over, or unknown.
    Over(Over),
}

/// The answer to a challenge that a device has signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was signed for the first time.
    Fresh {
        /// The store's time.
        now: Millis,
    },
    /// This one, or a later one, was answered before.
    Used,
    /// The session is over, or unknown.
    Over(Over),
}

/// A live session, as its owner sees it in a list.
///
/// [`SessionJar::sessions`](crate::SessionJar::sessions) returns them.
///
/// ```rust
/// use rocket_restricted_session::SessionInfo;
///
/// fn line(session: &SessionInfo) -> String {
///     let network = session.network.as_deref().unwrap_or("an unknown network");
///     let seen = session.last_seen.date();
///     format!("{} from {network}, last used on {seen}", session.label)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SessionInfo {
    /// Its handle, for [`SessionJar::end`](crate::SessionJar::end).
    pub id: SessionId,
    /// Whether it is the session of this request.
    pub current: bool,
    /// The software that signed in, such as `"Firefox on Windows"`.
    pub label: String,
    /// The network that signed in, masked; `None` where it was not known.
    pub network: Option<String>,
    /// When it started.
    pub created_at: OffsetDateTime,
    /// When it was last used, to a few minutes.
    pub last_seen: OffsetDateTime,
    /// Whether it is bound to the key of a device.
    pub device_bound: bool,
}

impl SessionInfo {
    pub(super) fn new(record: &Record, id: SessionId) -> Self {
        let at = |seconds: u32| {
            OffsetDateTime::from_unix_timestamp(i64::from(seconds))
                .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        };
        Self {
            id,
            current: false,
            label: record.label.to_string(),
            network: Some(record.network.to_string()).filter(|network| !network.is_empty()),
            created_at: at(record.created),
            last_seen: at(record.last_seen),
            device_bound: record.is_device_bound(),
        }
    }
}

/// A store did not do what it was asked: it cannot be reached, is too slow, or is broken.
///
/// Never shown to clients, who get a 503, and never mixed up with a session that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreError(String);

impl StoreError {
    /// Returns the error with what an administrator needs to know. It is logged: no secrets.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}
