//! Why a session did not open a route.

use std::borrow::Cow;
use std::fmt;

use rocket::http::Status;

/// Why a session did not open a route.
///
/// [`as_str`](Reason::as_str) gives each a short, stable name.
///
/// ```rust
/// use rocket_restricted_session::Reason;
///
/// assert_eq!(Reason::Mismatch.as_str(), "mismatch");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The request carries no session cookie.
    Missing,
    /// The cookie cannot be read: junk, sealed by an unknown key, for another section or context,
    /// by a newer version of the crate, in the future, or around data of another shape.
    Unreadable,
    /// The absolute or the idle timeout has passed.
    Expired,
    /// The session was ended: by a sign-out, from the list of the user's sessions, by the limit of
    /// sessions, or by a newer sign-in; or the store has never heard of it.
    Ended,
    /// Several cookies of the name hold sessions that would all open the route.
    Ambiguous,
    /// Something that the session is bound to has changed: a thief uses the cookie, or the owner
    /// does on another network or in another browser.
    Mismatch,
    /// The session was revoked as compromised before.
    Revoked,
    /// The cookie was replaced by a newer one that is in use: two parties hold the session.
    Replayed,
    /// The session is bound to a device, and the request does not show that it comes from there.
    Unbound,
    /// The session is valid, but [`FreshSession`](crate::FreshSession) asks for a recent sign-in.
    Stale,
    /// The client's address could not be resolved: the trusted proxy did not name it.
    ClientUnresolved,
    /// The store is away; the session may be fine.
    StoreUnavailable,
    /// No shield for this kind of session is attached.
    NotAttached,
}

impl Reason {
    /// Returns the reason's short, stable name, such as `"mismatch"`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Missing => "missing",
            Reason::Unreadable => "unreadable",
            Reason::Expired => "expired",
            Reason::Ended => "ended",
            Reason::Ambiguous => "ambiguous",
            Reason::Mismatch => "mismatch",
            Reason::Revoked => "revoked",
            Reason::Replayed => "replayed",
            Reason::Unbound => "unbound",
            Reason::Stale => "stale",
            Reason::ClientUnresolved => "client-unresolved",
            Reason::StoreUnavailable => "store-unavailable",
            Reason::NotAttached => "not-attached",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: the error of the guards, and what [`rejection`](crate::rejection) returns to
/// catchers.
///
/// What the client sees is the status alone; the reason is for the app and its logs.
///
/// ```rust
/// use rocket::get;
/// use rocket_restricted_session::{Rejection, RestrictedSession};
/// # use std::fmt::Display;
/// # #[derive(serde::Serialize, serde::Deserialize)]
/// # struct Account { name: String }
/// # impl rocket_restricted_session::SessionData for Account {
/// #     fn subject(&self) -> impl Display { &self.name }
/// # }
///
/// #[get("/account")]
/// fn account(session: Result<RestrictedSession<Account>, Rejection>) -> String {
///     match session {
///         Ok(session) => format!("Hello, {}.", session.name),
///         Err(rejection) => format!("Refused: {}.", rejection.reason()),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: Reason,
    signal: Option<Cow<'static, str>>,
    status: Status,
}

impl Rejection {
    pub(crate) fn new(reason: Reason, status: Status) -> Self {
        Self {
            reason,
            signal: None,
            status,
        }
    }

    pub(crate) fn mismatch(signal: Cow<'static, str>, status: Status) -> Self {
        Self {
            reason: Reason::Mismatch,
            signal: Some(signal),
            status,
        }
    }

    /// Returns why the request was refused.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// Returns what has changed, for a [`Reason::Mismatch`]: `"network"`, `"user_agent"`, or the
    /// name of a [`Signal`](crate::Signal).
    pub fn signal(&self) -> Option<&str> {
        self.signal.as_deref()
    }

    /// Returns the status that the guard answered with.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Tells whether the session looks stolen, rather than absent, ended or unreadable.
    pub fn is_hijack(&self) -> bool {
        matches!(
            self.reason,
            Reason::Mismatch | Reason::Revoked | Reason::Replayed | Reason::Unbound
        )
    }

    /// Tells whether the guard fails with an `Error` instead of forwarding to the next route.
    ///
    /// Nobody there is a forward: a lower-ranked route may greet the visitor. Somebody else, or a
    /// fault of the infrastructure, is an error.
    pub(crate) fn is_error(&self) -> bool {
        match self.reason {
            Reason::Missing
            | Reason::Unreadable
            | Reason::Expired
            | Reason::Ended
            | Reason::Stale => false,
            Reason::Ambiguous
            | Reason::Mismatch
            | Reason::Revoked
            | Reason::Replayed
            | Reason::Unbound
            | Reason::ClientUnresolved
            | Reason::StoreUnavailable
            | Reason::NotAttached => true,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.signal {
            Some(signal) => write!(f, "{} of {signal}", self.reason),
            None => self.reason.fmt(f),
        }
    }
}

impl std::error::Error for Rejection {}
