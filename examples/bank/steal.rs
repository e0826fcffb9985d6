//! "Steal this session": command lines that present the visitor's own cookie from elsewhere.
//!
//! Host, User-Agent and cookie are the client's words, and end up in somebody's shell.

use serde::Serialize;

use super::visit::Visit;

/// What a thief would type, each line a bit smarter than the one before.
#[derive(Debug, Serialize)]
pub(crate) struct Thief {
    cookie_only: String,
    with_user_agent: String,
    /// Only where the server is the visitor's own machine, which has other addresses to come from.
    from_elsewhere: Option<String>,
}

impl Thief {
    /// Returns the lines for a visit; none outside the debug profile: a page that shows a session
    /// cookie undoes its `HttpOnly`.
    pub(crate) fn of(visit: &Visit<'_>) -> Option<Self> {
        let cookie = visit.session_cookie.filter(|_| visit.in_debug_profile)?;
        let curl = |options: &[String]| command(visit, cookie, options);
        let user_agent = format!("-A {}", quoted(visit.user_agent.unwrap_or_default()));
        let is_local = visit.client.is_some_and(|client| client.is_loopback());
        let elsewhere = || "--interface 127.0.0.2".to_owned();
        Some(Self {
            cookie_only: curl(&[]),
            from_elsewhere: is_local.then(|| curl(&[user_agent.clone(), elsewhere()])),
            with_user_agent: curl(&[user_agent]),
        })
    }
}

fn command(visit: &Visit<'_>, cookie: &str, options: &[String]) -> String {
    let mut words = vec!["curl -i".to_owned()];
    if visit.over_own_tls {
        words.push("-k".to_owned());
    }
    words.extend_from_slice(options);
    words.push("-H 'Accept: application/json'".to_owned());
    words.push(format!("-b {}", quoted(cookie)));
    words.push(quoted(&format!("{}/account", visit.origin)));
    words.join(" ")
}

/// Quotes a word for a POSIX shell: between single quotes nothing is special but their like.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
