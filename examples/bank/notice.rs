//! What a page says on top: good news, bad news, and what to do.

use rocket_restricted_session::{Reason, Rejection};
use serde::Serialize;

/// A message in a box.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Notice {
    tone: &'static str,
    title: String,
    text: String,
    advice: &'static str,
}

impl Notice {
    pub(crate) fn good(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new("good", title, text, "")
    }

    pub(crate) fn bad(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new("bad", title, text, "")
    }

    fn new(
        tone: &'static str,
        title: impl Into<String>,
        text: impl Into<String>,
        advice: &'static str,
    ) -> Self {
        Self {
            tone,
            title: title.into(),
            text: text.into(),
            advice,
        }
    }

    /// Explains why a session did not open the page.
    ///
    /// A demo tells it to whoever asks; a product may prefer to tell its owner alone.
    pub(crate) fn explaining(rejection: &Rejection) -> Self {
        let calm = |title, text, advice| Self::new("calm", title, text, advice);
        let bad = |title, text, advice| Self::new("bad", title, text, advice);
        match rejection.reason() {
            Reason::Missing => calm(
                "Please sign in",
                "That page is for customers who are signed in.",
                "",
            ),
            Reason::Unreadable => calm(
                "Please sign in again",
                "Your session cookie cannot be read: it was altered, or sealed with another key.",
                "Without a ROCKET_SECRET_KEY the key changes whenever the bank is started.",
            ),
            Reason::Expired => calm(
                "Your session has ended",
                "It was not used for a while, or it had reached its greatest age.",
                "Sign in to go on.",
            ),
            Reason::Ended => calm(
                "You are signed out",
                "The session was ended here, from another device, or to make room for a newer one.",
                "Sign in to go on. If it was not you, look at the recent activity.",
            ),
            Reason::Ambiguous => bad(
                "Two sessions at once",
                "Your browser sent two session cookies, and either would have been let in.",
                "Delete this site's cookies, then sign in.",
            ),
            Reason::Stale => calm(
                "Please confirm first",
                "Nothing has been done yet.",
                "Do it again once you have confirmed your password.",
            ),
            Reason::Mismatch => Self::new(
                "bad",
                "This session was used from elsewhere",
                changed(rejection.signal()),
                "Is it yours, and you are on another network or in another browser? Sign in again. \
                 Is it not yours? Then the cookie that you hold opens nothing.",
            ),
            Reason::Replayed => bad(
                "Two hold this session",
                "Its cookie was replaced by a newer one, and now the old one came back: one of the \
                 two is a copy.",
                "Sign in to start a session that no copy opens, and look at the recent activity.",
            ),
            Reason::Revoked => bad(
                "This session was stopped",
                "It was found stolen, so that no cookie of it opens anything any more: neither the \
                 thief's nor yours.",
                "Sign in to start a session that no copy opens, and look at the recent activity.",
            ),
            Reason::Unbound => bad(
                "This session stays on its device",
                "It is bound to a key that never leaves the device, and this request does not show \
                 that it comes from there.",
                "Is it yours? Sign in on this device.",
            ),
            Reason::StoreUnavailable => calm(
                "One moment, please",
                "The bank cannot see its sessions right now. You are not signed out.",
                "Please try again in a minute.",
            ),
            reason => calm(
                "Please sign in again",
                "Your session cannot be used any more.",
                "",
            )
            .with_detail(reason),
        }
    }

    fn with_detail(mut self, reason: Reason) -> Self {
        self.text = format!("{} ({reason})", self.text);
        self
    }
}

fn changed(signal: Option<&str>) -> String {
    let (bound_to, came_from) = match signal {
        Some("network") => ("the network that it was opened from", "another network"),
        Some("user_agent") => ("the browser that it was opened in", "another browser"),
        _ => ("the client that opened it", "another client"),
    };
    format!("It is bound to {bound_to}, and this request came from {came_from}.")
}
