//! What happened to customers' sessions lately, thefts included; filled by the shield's hook.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket_restricted_session::{Change, Event, EventKind, Rejection};
use serde::Serialize;
use time::OffsetDateTime;

use super::policy::time_of_day;

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

/// Describes an event, and tells whether its owner should be alarmed.
fn in_words(kind: &EventKind) -> Option<(String, bool)> {
    let calm = |text: &str| Some((text.to_owned(), false));
    match kind {
        EventKind::SignedIn => calm("Signed in"),
        EventKind::Reauthenticated => calm("Confirmed the password"),
        EventKind::SignedOut => calm("Signed out"),
        EventKind::SteppedUp(changes) => {
            let what = format!("Let in, but not to transfer: {}", listed(changes));
            Some((what, true))
        }
        EventKind::Reported(changes) => Some((format!("Let in: {}", listed(changes)), true)),
        EventKind::Refused(rejection, changes) => Some(refusal(rejection, changes)),
        _ => None,
    }
}

fn refusal(rejection: &Rejection, changes: &[Change]) -> (String, bool) {
    let why = match changes {
        [] => rejection.to_string(),
        changes => listed(changes),
    };
    (format!("Refused: {why}"), rejection.is_hijack())
}

fn listed(changes: &[Change]) -> String {
    let changes: Vec<_> = changes.iter().map(change).collect();
    changes.join(", ")
}

fn change(change: &Change) -> String {
    match (change.signal.as_str(), &change.was) {
        ("network", _) => "another network".into(),
        ("user_agent", Some(was)) => format!("another browser than {was}"),
        (signal, _) => format!("another {signal}"),
    }
}
