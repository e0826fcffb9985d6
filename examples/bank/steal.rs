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
    /// Only where the session is bound to a device.
    with_bound_cookie: Option<String>,
    /// Only where the server is the visitor's own machine, which has other addresses to come from.
    from_elsewhere: Option<String>,
}

impl Thief {
    /// Returns the lines for a visit; none outside the debug profile: a page that shows a session
    /// cookie undoes its `HttpOnly`.
    pub(crate) fn of(visit: &Visit<'_>) -> Option<Self> {
        let cookie = visit.session_cookie.filter(|_| visit.in_debug_profile)?;
        let curl = |cookies: &str, options: &[&str]| command(visit, cookies, options);
        let user_agent = format!("-A {}", quoted(visit.user_agent.unwrap_or_default()));
        let is_local = visit.client.is_some_and(|client| client.is_loopback());
        let with_bound = |bound| curl(&format!("{cookie}; {bound}"), &[&user_agent]);
        let elsewhere = || curl(cookie, &[&user_agent, "--interface 127.0.0.2"]);
        Some(Self {
            cookie_only: curl(cookie, &[]),
            with_user_agent: curl(cookie, &[&user_agent]),
            with_bound_cookie: visit.bound_cookie.map(with_bound),
            from_elsewhere: is_local.then(elsewhere),
        })
    }
}

fn command(visit: &Visit<'_>, cookies: &str, options: &[&str]) -> String {
    let cookies = format!("-b {}", quoted(cookies));
    let url = quoted(&format!("{}/account", visit.origin));
    let mut words = vec!["curl -i"];
    if visit.over_own_tls {
        words.push("-k");
    }
    words.extend_from_slice(options);
    words.extend(["-H 'Accept: application/json'", &cookies, &url]);
    words.join(" ")
}

/// Quotes a word for a POSIX shell: between single quotes nothing is special but their like.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
