//! Where sessions are kept and how their cookies are replaced, as the configuration says.

use minijinja::context;
use serde::Deserialize;

use super::times::Span;

/// The part of `restricted_session` that is about the store.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Keeping {
    store: String,
    absolute_timeout: Span,
    rotate_every: Option<SpanOrOff>,
    rotation_grace: Span,
    on_replay: String,
}

/// A duration, or `false`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum SpanOrOff {
    Off(bool),
    Every(Span),
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            store: "memory".into(),
            absolute_timeout: Span::words("12h"),
            rotate_every: None,
            rotation_grace: Span::words("10s"),
            on_replay: "revoke".into(),
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
            rotates_every => self.rotation().map(|every| every.to_string()),
            grace => self.rotation_grace.to_string(),
            revokes => self.on_replay == "revoke",
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

    /// Returns how old a cookie gets before it is replaced, if it is.
    fn rotation(&self) -> Option<Span> {
        let rotation = match &self.rotate_every {
            Some(SpanOrOff::Every(span)) => Some(span.clone()),
            Some(SpanOrOff::Off(false)) => None,
            _ => self.usual_rotation(),
        };
        rotation.filter(|_| self.remembers())
    }

    /// A session that ends before its first rotation has none.
    fn usual_rotation(&self) -> Option<Span> {
        let usual = Span::words("15m");
        let lives_longer = usual.as_duration() <= self.absolute_timeout.as_duration();
        lives_longer.then_some(usual)
    }
}
