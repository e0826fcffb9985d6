//! What happened to sessions, told to the app once per request.

use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;

use crate::rejection::Rejection;
use crate::store::SessionId;

/// What happened to a session.
///
/// It carries no cookie value and no key; an address is masked and a User-Agent is named by its
/// class. Of a session it names at most the [`SessionId`], which opens nothing.
/// [`SessionShield::on_event`](crate::SessionShield::on_event) has an example.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// Whose session it is, where one was read. What browsers do to bind a session to their device
    /// does not tell.
    pub subject: Option<String>,
    /// The client's address, masked, where it is known.
    pub client: Option<String>,
    /// The client's software, such as `"Firefox on Windows"`.
    pub user_agent: String,
    /// The configuration section of the shield that tells it.
    pub section: String,
}

/// The kinds of [`Event`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// A session was started.
    SignedIn,
    /// The owner proved again who they are.
    Reauthenticated,
    /// The session's data was replaced.
    Updated,
    /// A session was ended by its owner.
    SignedOut,
    /// So many sessions of the subject ended, the oldest first, because it had too many.
    Evicted(u32),
    /// A session of the subject was ended from another one: the handle that was named.
    Ended(SessionId),
    /// All sessions of the subject ended, but that of this request where it was to be spared.
    EndedAll,
    /// A session did not open the route, because of the rejection, and of what had changed.
    Refused(Rejection, Vec<Change>),
    /// The session opened the route but is not fresh until `reauthenticate`.
    SteppedUp(Vec<Change>),
    /// The session opened the route although this changed: the action is `report`, or the mode is.
    Reported(Vec<Change>),
    /// The owner's browser uses the next cookie of the session; the one before it is worthless.
    Rotated,
    /// A cookie that had been replaced opened the route, because the mode is `report`. Otherwise it
    /// is `Refused` with [`Reason::Replayed`](crate::Reason::Replayed).
    Replayed,
    /// New cookies keep being handed out and are not used. Somebody may discard them, to stay
    /// undetected; or the app's responses take longer than `rotation_grace`. The session is not
    /// fresh on this request.
    RotationContested,
    /// The store has forgotten what it was told, after a failover.
    StoreBehind,
    /// A session that another process started was taken over, after a restart.
    Adopted,
    /// The session with this handle was bound to a key that the owner's device keeps.
    DeviceBound(SessionId),
    /// Somebody tried to bind the session with this handle to a second key; the first one stays.
    SecondDevice(SessionId),
    /// The device of the session with this handle has proved itself again, and got the next bound
    /// cookie.
    DeviceRefreshed(SessionId),
    /// A proof was refused, and why: it is malformed, or signed by another key.
    ProofRefused(String),
    /// A proof for the session with this handle was shown that answers no newer challenge than the
    /// one before it: sent in parallel, sent again after a lost response, or copied.
    ProofReused(SessionId),
    /// A bound session opened the route without its bound cookie: within the grace, or because the
    /// mode is `report`.
    DeviceMissing,
    /// The browser of a bound session tells why it brings no bound cookie. Anybody can say so.
    RefreshSkipped(String),
    /// A cookie whose name only decodes to the session cookie's was ignored: somebody planted it.
    AliasIgnored,
}

/// One thing that a session is bound to and that differs on this request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// `"network"`, `"user_agent"`, or the name of a [`Signal`](crate::Signal).
    pub signal: String,
    /// What the session was bound to, where that can be told.
    pub was: Option<String>,
    /// What the request shows instead, masked.
    pub now: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changed", self.signal)?;
        if let Some(was) = &self.was {
            write!(f, " from {was}")?;
        }
        match &self.now {
            Some(now) => write!(f, " to {now}"),
            None => Ok(()),
        }
    }
}

type HookFn = dyn Fn(&Event) + Send + Sync;

/// The app's hook, which can never break a request.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Arc<HookFn>>);

impl Hook {
    pub(crate) fn new(hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hook)))
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn tell(&self, event: &Event) {
        let Some(hook) = &self.0 else { return };
        if catch_unwind(AssertUnwindSafe(|| hook(event))).is_err() {
            rocket::error!("The event hook of a session shield panicked.");
            rocket::error_!("The request goes on as if it had not.");
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({})", if self.is_set() { ".." } else { "none" })
    }
}
