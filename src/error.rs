//! What can go wrong while a session is changed.

use std::fmt;

use rocket::http::Status;
use rocket::request::Request;
use rocket::response::{self, Responder};

/// What can go wrong while [`SessionJar`](crate::SessionJar) changes a session.
///
/// As a responder, and turned into a [`Status`], it shows the client a status and nothing else:
/// 401 without a session, 404 for a session that is not there, 501 without a store, 503 while it
/// is away, 500 otherwise.
///
/// ```rust
/// use rocket::http::Status;
/// use rocket_restricted_session::Error;
///
/// assert_eq!(Status::from(Error::NoSession), Status::Unauthorized);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The request has no session that its guard would let in (401).
    NoSession,
    /// The sealed session would exceed the 4096 bytes that browsers accept (500).
    TooLarge {
        /// How many bytes the name and the sealed value would take.
        bytes: usize,
    },
    /// The client's address could not be resolved, so that the session could not be bound (500).
    ClientUnresolved,
    /// The new data belongs to another subject; only `login` starts somebody's session (500).
    OtherSubject,
    /// The session data did not serialise to JSON (500).
    Unserializable,
    /// Rocket has no secret key to seal with (500).
    NoSecretKey,
    /// The store is away (503).
    StoreUnavailable,
    /// The sessions of this kind are in no store, so that they can be neither listed nor ended from
    /// elsewhere (501).
    NoStore,
    /// The user has no live session with this handle (404).
    NoSuchSession,
}

impl Error {
    /// Returns the status that a client is shown.
    pub fn status(&self) -> Status {
        match self {
            Error::NoSession => Status::Unauthorized,
            Error::NoSuchSession => Status::NotFound,
            Error::StoreUnavailable => Status::ServiceUnavailable,
            Error::NoStore => Status::NotImplemented,
            _ => Status::InternalServerError,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoSession => f.write_str("the request has no valid session"),
            Error::TooLarge { bytes } => write!(
                f,
                "the session cookie would take {bytes} of at most 4096 bytes; keep less in it"
            ),
            Error::ClientUnresolved => f.write_str(
                "the trusted proxy does not name the client; let it send `proxy.client_header`",
            ),
            Error::OtherSubject => {
                f.write_str("the session belongs to another subject; call `login`")
            }
            Error::Unserializable => f.write_str("the session data does not serialise to json"),
            Error::NoSecretKey => f.write_str("there is no secret key; set ROCKET_SECRET_KEY"),
            Error::StoreUnavailable => f.write_str("the session store is away"),
            Error::NoStore => f.write_str("there is no store; set `store = \"memory\"`"),
            Error::NoSuchSession => f.write_str("the user has no such session"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Error> for Status {
    fn from(error: Error) -> Status {
        error.status()
    }
}

impl<'r> Responder<'r, 'static> for Error {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        Err(self.status())
    }
}
