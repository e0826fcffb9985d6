//! The fairings: what an app attaches.

mod app;
mod finisher;
mod obstacle;
mod session;
mod stores;
mod transport;

pub use session::SessionShield;
pub use transport::TransportShield;
