//! Keys in customers' devices: what the shield told of each, for the account page to show.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use minijinja::context;
use rocket_restricted_session::{Event, EventKind, SessionId};
use serde::Deserialize;
use time::OffsetDateTime;

use super::times::{time_of_day, Span};

/// How many sessions are remembered, and how many refreshes of each.
const SESSIONS: usize = 100;
const LATEST: usize = 3;

/// The part of `restricted_session.dbsc` that customers may want to know.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub(crate) struct DeviceBinding {
    enabled: bool,
    bound_for: Span,
    grace: Span,
}

impl Default for DeviceBinding {
    fn default() -> Self {
        Self {
            enabled: false,
            bound_for: Span::words("10m"),
            grace: Span::words("60s"),
        }
    }
}

/// What is known of the key that one session is bound to.
struct Key {
    session: SessionId,
    shown_at: OffsetDateTime,
    refreshes: usize,
    latest: VecDeque<OffsetDateTime>,
    /// Proofs that were copied, and keys of others.
    attempts: usize,
}

/// The keys of the sessions that were bound last, the newest first.
#[derive(Default)]
pub(crate) struct DeviceKeys(Mutex<VecDeque<Key>>);

impl DeviceKeys {
    pub(crate) fn note(&self, event: &Event) {
        let now = OffsetDateTime::now_utc();
        match event.kind {
            EventKind::DeviceBound(id) => {
                let mut keys = self.keys();
                keys.truncate(SESSIONS - 1);
                keys.push_front(Key::new(id, now));
            }
            EventKind::DeviceRefreshed(id) => self.with(id, |key| key.refresh(now)),
            EventKind::ProofReused(id) | EventKind::SecondDevice(id) => {
                self.with(id, |key| key.attempts += 1);
            }
            _ => {}
        }
    }

    /// Returns what the account page tells of a session's key.
    pub(crate) fn told(&self, session: SessionId, policy: &DeviceBinding) -> minijinja::Value {
        let keys = self.keys();
        let key = keys.iter().find(|key| key.session == session);
        context! {
            wanted => policy.enabled,
            bound_for => policy.bound_for.to_string(),
            grace => policy.grace.to_string(),
            ends_at => key.map(|key| time_of_day(key.shown_at + policy.bound_for.as_duration())),
            refreshes => key.map_or(0, |key| key.refreshes),
            latest => key.map(Key::latest_times),
            attempts => key.map_or(0, |key| key.attempts),
        }
    }

    fn with(&self, session: SessionId, change: impl FnOnce(&mut Key)) {
        let mut keys = self.keys();
        if let Some(key) = keys.iter_mut().find(|key| key.session == session) {
            change(key);
        }
    }

    fn keys(&self) -> MutexGuard<'_, VecDeque<Key>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Key {
    fn new(session: SessionId, now: OffsetDateTime) -> Self {
        Self {
            session,
            shown_at: now,
            refreshes: 0,
            latest: VecDeque::new(),
            attempts: 0,
        }
    }

    fn refresh(&mut self, now: OffsetDateTime) {
        self.shown_at = now;
        self.refreshes += 1;
        self.latest.truncate(LATEST - 1);
        self.latest.push_front(now);
    }

    fn latest_times(&self) -> Vec<String> {
        self.latest.iter().copied().map(time_of_day).collect()
    }
}
