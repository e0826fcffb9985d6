//! Session protection for Rocket.

mod binding;
mod checks;
mod client;
mod config;
mod error;
mod event;
mod fairing;
mod session;
mod told;
mod transport;
mod wire;

pub use binding::Signal;
pub use client::{ClientIp, ClientUnresolved};
pub use error::Error;
pub use event::{Change, Event, EventKind};
pub use fairing::{SessionShield, TransportShield};
pub use session::{
    rejection, FreshSession, InvalidSessionId, Reason, Rejection, RestrictedSession, SessionData,
    SessionId, SessionJar,
};
pub use transport::SameSite;
