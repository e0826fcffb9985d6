//! What happened to customers' sessions lately, thefts included; filled by the shield's hook.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket_restricted_session::Event;
use serde::Serialize;
use time::OffsetDateTime;

use super::events::in_words;
use super::times::time_of_day;

/// How many entries are kept for each customer.
const KEPT: usize = 5;

/// One thing that happened, in words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    at: String,
    what: String,
    by: String,
    alarming: bool,
}

/// The latest entries of each customer, the newest first.
#[derive(Default)]
pub(crate) struct Activity(Mutex<HashMap<String, VecDeque<Entry>>>);

impl Activity {
    pub(crate) fn note(&self, event: &Event) {
        let (Some(subject), Some((what, alarming))) = (&event.subject, in_words(&event.kind))
        else {
            return;
        };
        let client = event.client.as_deref().unwrap_or("an unknown address");
        let mut entries = self.entries();
        let entries = entries.entry(subject.clone()).or_default();
        entries.truncate(KEPT - 1);
        entries.push_front(Entry {
            at: time_of_day(OffsetDateTime::now_utc()),
            what,
            by: format!("{}, {client}", event.user_agent),
            alarming,
        });
    }

    pub(crate) fn of(&self, name: &str) -> Vec<Entry> {
        let entries = self.entries();
        entries.get(name).into_iter().flatten().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
