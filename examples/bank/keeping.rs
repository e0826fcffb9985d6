//! Where sessions are kept, as the configuration says.

use minijinja::context;
use serde::Deserialize;

/// The part of `restricted_session` that is about the store.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Keeping {
    store: String,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            store: "memory".into(),
        }
    }
}

impl Keeping {
    /// Tells whether sessions are remembered, so that they can be listed and ended.
    pub(crate) fn remembers(&self) -> bool {
        self.store != "none"
    }

    /// Returns what the account page tells.
    pub(crate) fn told(&self) -> minijinja::Value {
        context! {
            place => self.place(),
        }
    }

    /// Names the kind of store; its address may hold a password.
    fn place(&self) -> Option<&'static str> {
        match self.store.split(':').next() {
            Some("none") => None,
            Some("memory") => Some("the bank's memory"),
            Some("sqlite") => Some("an SQLite file"),
            _ => Some("Redis"),
        }
    }
}
