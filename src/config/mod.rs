//! The configuration: read from Rocket's figment, judged once, refused with key and remedy.
//!
//! Defaults that were not written adapt to what was; contradictions between written keys refuse
//! the launch.

mod dbsc;
mod duration;
mod keys;
mod session;
mod spelling;
mod store;
mod transport;
mod written;

use rocket::figment::{Error, Figment};

pub(crate) use session::read_session;
pub(crate) use transport::read_transport;

/// The section that a shield reads unless it is told another.
pub(crate) const SECTION: &str = "restricted_session";

/// An error that names `section.key`, the profile and the source it was written in.
fn refusal(figment: &Figment, section: &str, key: &str, remedy: &str) -> Error {
    let mut path = vec![section.to_owned()];
    path.extend(key.split('.').filter(|k| !k.is_empty()).map(str::to_owned));
    let dotted = path.join(".");

    let mut error = Error::from(format!("`{dotted}` {remedy}"));
    error.metadata = figment.find_metadata(&dotted).cloned();
    error.profile = figment
        .find_value(&dotted)
        .ok()
        .and_then(|value| value.tag().profile())
        .or_else(|| Some(figment.profile().clone()));
    error.path = path;
    error
}

#[cfg(test)]
mod tests;
