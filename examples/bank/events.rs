//! What happened to a session, in words.

use rocket_restricted_session::{Change, EventKind, Rejection};

/// Describes an event, and tells whether its owner should be alarmed.
pub(crate) fn in_words(kind: &EventKind) -> Option<(String, bool)> {
    let calm = |text: &str| Some((text.to_owned(), false));
    match kind {
        EventKind::SignedIn => calm("Signed in"),
        EventKind::Reauthenticated => calm("Confirmed the password"),
        EventKind::SignedOut => calm("Signed out"),
        EventKind::Evicted(_) => calm("Signed the oldest device out, to make room"),
        EventKind::Ended(_) => calm("Signed another device out"),
        EventKind::EndedAll => calm("Signed all other devices out"),
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
