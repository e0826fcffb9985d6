//! What happened to a session, in words.

use rocket_restricted_session::{Change, EventKind, Reason, Rejection};

/// Describes an event, and tells whether its owner should be alarmed.
pub(crate) fn in_words(kind: &EventKind) -> Option<(String, bool)> {
    let calm = |text: &str| Some((text.to_owned(), false));
    let alarming = |text: String| Some((text, true));
    match kind {
        EventKind::SignedIn => calm("Signed in"),
        EventKind::Reauthenticated => calm("Confirmed the password"),
        EventKind::Rotated => calm("Went on with a new cookie"),
        EventKind::Adopted => calm("Went on after the bank was started anew"),
        EventKind::StoreBehind => calm("Went on, though the store had lost the latest"),
        EventKind::SignedOut => calm("Signed out"),
        EventKind::Evicted(_) => calm("Signed the oldest device out, to make room"),
        EventKind::Ended(_) => calm("Signed another device out"),
        EventKind::EndedAll => calm("Signed all other devices out"),
        EventKind::SteppedUp(changes) => {
            alarming(format!("Let in, but not to transfer: {}", listed(changes)))
        }
        EventKind::Reported(changes) => alarming(format!("Let in: {}", listed(changes))),
        EventKind::Replayed => alarming("Let in: a cookie that had been replaced".into()),
        EventKind::RotationContested => {
            alarming("Let in, but not to transfer: new cookies are asked for and not used".into())
        }
        EventKind::DeviceMissing => calm("Let in before the key of the device was shown"),
        EventKind::RefreshSkipped(why) => {
            calm(&format!("The browser did not ask its device: {why}"))
        }
        EventKind::Refused(rejection, changes) => {
            let why = reason(rejection, changes);
            Some((format!("Refused: {why}"), rejection.is_hijack()))
        }
        _ => None,
    }
}

fn reason(rejection: &Rejection, changes: &[Change]) -> String {
    match rejection.reason() {
        Reason::Mismatch => listed(changes),
        Reason::Replayed => "a cookie that had been replaced, so that two hold it".into(),
        Reason::Revoked => "the session was found stolen before".into(),
        Reason::Unbound => "the key of the device was not shown".into(),
        Reason::Ended => "the session has ended".into(),
        _ => rejection.to_string(),
    }
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
