//! Sessions: what is sealed, how it is judged, and who may change it.

mod candidate;
pub(crate) mod cookie;
mod data;
mod devices;
mod guard;
mod jar;
mod judge;
pub(crate) mod keeper;
mod presence;
mod print;
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
pub use jar::SessionJar;
pub use restricted::RestrictedSession;
pub use trace::rejection;
