//! What one kind of session was configured to be.

use std::fmt;
use std::time::Duration;

use rocket::http::Status;

use crate::binding::BindingSettings;
use crate::seal::Key;
use crate::store::Millis;
use crate::transport::SameSite;

/// Whether refusals happen, or are only told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    Enforce,
    Report,
}

/// Where sessions are remembered.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum StoreChoice {
    None,
    Memory,
    Sqlite(String),
    Redis(String),
}

/// Hides the URL, which may hold a password.
impl fmt::Debug for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StoreChoice::None => "none",
            StoreChoice::Memory => "memory",
            StoreChoice::Sqlite(_) => "sqlite",
            StoreChoice::Redis(_) => "redis",
        })
    }
}

/// What becomes of a session whose theft is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnReplay {
    Revoke,
    Reject,
}

/// What a store is used for, and how.
#[derive(Debug, Clone)]
pub(crate) struct StoreSettings {
    pub(crate) choice: StoreChoice,
    pub(crate) rotate_every: Option<Millis>,
    pub(crate) on_replay: OnReplay,
    pub(crate) max_sessions: Option<u32>,
    pub(crate) adopt: bool,
    pub(crate) timeout: Duration,
}

/// How sessions are bound to devices.
#[derive(Debug, Clone)]
#[cfg_attr(not(feature = "dbsc"), allow(dead_code))]
pub(crate) struct DeviceSettings {
    pub(crate) path: String,
    /// Seconds.
    pub(crate) bound_for: i64,
    /// In the order of preference.
    pub(crate) algorithms: Vec<String>,
    pub(crate) required: bool,
    pub(crate) grace: Millis,
    pub(crate) exclude: Vec<String>,
    pub(crate) allowed_refresh_initiators: Vec<String>,
    pub(crate) relax_binding: bool,
}

/// What one shield was configured to do, judged and complete. Times are whole seconds, but where
/// their type says otherwise.
#[derive(Debug)]
pub(crate) struct SessionSettings {
    pub(crate) cookie_name: String,
    pub(crate) same_site: SameSite,
    pub(crate) context: String,
    pub(crate) absolute_timeout: i64,
    pub(crate) idle_timeout: i64,
    pub(crate) fresh_for: i64,
    pub(crate) mode: Mode,
    /// How late a response may change cookies by itself, and how long a superseded one is good.
    pub(crate) rotation_grace: Millis,
    pub(crate) store: StoreSettings,
    pub(crate) failure_status: Status,
    pub(crate) previous_keys: Vec<Key>,
    pub(crate) binding: BindingSettings,
    pub(crate) device: Option<DeviceSettings>,
}
