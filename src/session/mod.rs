//! Sessions: what is sealed, how it is judged, and who may change it.

mod candidate;
mod choice;
mod data;
#[cfg_attr(not(feature = "dbsc"), path = "device_off.rs")]
pub(crate) mod device;
mod devices;
mod entry;
mod guard;
mod jar;
mod judge;
pub(crate) mod keeper;
mod presence;
mod print;
mod rejections;
pub(crate) mod response;
mod restricted;
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
