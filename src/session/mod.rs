//! Sessions: what is sealed, how it is judged, and who may change it.

pub(crate) mod cookie;
mod data;
mod guard;
mod id;
mod jar;
mod judge;
mod rejections;
pub(crate) mod response;
mod restricted;
pub(crate) mod seal;
pub(crate) mod section;
pub(crate) mod settings;
pub(crate) mod shield;
mod ticket;
pub(crate) mod trace;
mod verdict;

pub use data::SessionData;
pub use guard::FreshSession;
pub use id::{InvalidSessionId, SessionId};
pub use jar::SessionJar;
pub use restricted::RestrictedSession;
pub use trace::rejection;
