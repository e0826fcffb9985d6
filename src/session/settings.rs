//! What one kind of session was configured to be.

use rocket::http::Status;

use super::seal::Key;
use crate::binding::BindingSettings;
use crate::transport::SameSite;

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
    pub(crate) previous_keys: Vec<Key>,
    pub(crate) binding: BindingSettings,
}
