//! What happened to customers' sessions lately, thefts included; filled by the shield's hook.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket_restricted_session::Event;
use serde::Serialize;
use time::OffsetDateTime;

use super::events::in_words;
use super::times::time_of_day;

/// How many entries are kept for each customer.
const KEPT: usize = 6;

/// One thing that happened, in words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    at: String,
    what: String,
    by: String,
    alarming: bool,
    times: usize,
}

impl Entry {
    fn tells_the_same_as(&self, other: &Self) -> bool {
        (&self.what, &self.by) == (&other.what, &other.by)
    }
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
        let entry = Entry {
            at: time_of_day(OffsetDateTime::now_utc()),
            what,
            by: format!("{}, {client}", event.user_agent),
            alarming,
            times: 1,
        };
        push(self.entries().entry(subject.clone()).or_default(), entry);
    }

    pub(crate) fn of(&self, name: &str) -> Vec<Entry> {
        let entries = self.entries();
        entries.get(name).into_iter().flatten().cloned().collect()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, VecDeque<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts an entry on top. Whoever repeats himself does not push out what else happened.
fn push(entries: &mut VecDeque<Entry>, mut entry: Entry) {
    let same = entries
        .iter()
        .position(|earlier| earlier.tells_the_same_as(&entry));
    if let Some(earlier) = same.and_then(|at| entries.remove(at)) {
        entry.times += earlier.times;
    }
    entries.truncate(KEPT - 1);
    entries.push_front(entry);
}
