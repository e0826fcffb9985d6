//! The configuration: read from Rocket's figment, judged once, refused with key and remedy.
//!
//! Defaults that were not written adapt to what was; contradictions between written keys refuse
//! the launch.

mod duration;
mod settings;
mod spelling;
mod written;

use std::fmt;

use rocket::figment::{Error, Figment};
use rocket::http::Status;

use crate::binding::network::Prefixes;
use crate::binding::user_agent::Match;
use crate::transport::SameSite;

pub(crate) use settings::{read_session, read_transport};

/// The section that a shield reads unless it is told another.
pub(crate) const SECTION: &str = "restricted_session";

/// What the guard does when something a session is bound to has changed.
///
/// Ordered by severity: of several that apply to a request, the severest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    Off,
    Report,
    StepUp,
    Reject,
    Revoke,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Off => "off",
            Action::Report => "report",
            Action::StepUp => "step-up",
            Action::Reject => "reject",
            Action::Revoke => "revoke",
        })
    }
}

/// Whether refusals happen, or are only told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    Enforce,
    Report,
}

/// What one shield was configured to do, judged and complete. Times are whole seconds.
#[derive(Debug)]
pub(crate) struct SessionSettings {
    pub(crate) cookie_name: String,
    pub(crate) same_site: SameSite,
    pub(crate) context: String,
    pub(crate) absolute_timeout: i64,
    pub(crate) idle_timeout: i64,
    pub(crate) fresh_for: i64,
    pub(crate) mode: Mode,
    pub(crate) failure_status: Status,
    pub(crate) previous_keys: Vec<cookie::Key>,
    pub(crate) binding: BindingSettings,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct BindingSettings {
    pub(crate) network: Action,
    pub(crate) prefixes: Prefixes,
    pub(crate) other_family: Action,
    pub(crate) user_agent: Action,
    pub(crate) user_agent_match: Match,
}

/// What the app does for every response, whoever made it. Read from one section only.
#[derive(Debug)]
pub(crate) struct TransportSettings {
    pub(crate) proxy: crate::client::ProxySettings,
    pub(crate) assume_secure: bool,
    pub(crate) hsts: crate::transport::HstsPolicy,
    pub(crate) hsts_max_age: Option<u64>,
    pub(crate) include_subdomains: bool,
    /// `None`: cookies are left as the app wrote them.
    pub(crate) cookies: Option<crate::transport::CookiePolicy>,
    pub(crate) silenced: Vec<String>,
    pub(crate) denied: Vec<String>,
}

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
