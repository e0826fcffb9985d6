//! Session protection for Rocket.

// Each module imports only from those before it.
mod codes;
mod error;
mod rejection;
mod told;
mod wire;

mod event;

mod client;

mod binding;
mod transport;

mod session;

mod config;

mod checks;

mod fairing;

pub use binding::Signal;
pub use client::{ClientIp, ClientUnresolved};
pub use error::Error;
pub use event::{Change, Event, EventKind};
pub use fairing::{SessionShield, TransportShield};
pub use rejection::{Reason, Rejection};
pub use session::{
    rejection, FreshSession, InvalidSessionId, RestrictedSession, SessionData, SessionId,
    SessionJar,
};
pub use transport::SameSite;
