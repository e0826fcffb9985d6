//! What becomes of a request that did not arrive over TLS: served, redirected or rejected.
//!
//! A fairing cannot answer a request. So one that is not to be served is sent, before its body is
//! read, to a route of our own; nobody else's handler or guard runs.

use rocket::http::uri::Origin;
use rocket::http::{Method, Status};
use rocket::request::Request;
use rocket::response::Response;
use rocket::route::{Handler, Outcome, Route};
use rocket::{async_trait, Data};

use super::hsts;
use crate::cached;
use crate::paths;

/// Leads to no file and no route that an app would have.
const INTERNAL_PATH: &str = "/.rocket-restricted-session-insecure";

/// What is done to an insecure request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnInsecure {
    Allow,
    Redirect,
    Reject,
}

/// Where insecure requests are let in, and where they are sent.
#[derive(Debug)]
pub(crate) struct HttpsPolicy {
    pub(crate) on_insecure: OnInsecure,
    pub(crate) hosts: Vec<SecureHost>,
    pub(crate) exempt: Vec<String>,
}

/// The answer to a request that is not served, kept with it until the internal route gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 308: clients repeat method and body (RFC 9110 15.4.9).
    Redirect { location: String },
    /// 400: the request names no host that a redirect may name.
    UnknownHost,
    /// 403.
    Reject,
}

impl HttpsPolicy {
    /// Returns how to answer an insecure request; `None` if it is served.
    pub(crate) fn answer(&self, host: Option<&str>, path_and_query: &str) -> Option<Answer> {
        let path = path_and_query.split('?').next().unwrap_or_default();
        if self.on_insecure == OnInsecure::Allow || paths::is_at_or_below(path, &self.exempt) {
            return None;
        }
        if self.on_insecure == OnInsecure::Reject {
            return Some(Answer::Reject);
        }
        let mut listed = self.hosts.iter();
        let listed = listed.find(|listed| host.is_some_and(|host| listed.is_named(host)));
        Some(match listed {
            Some(SecureHost(authority)) => Answer::Redirect {
                location: format!("https://{authority}{path_and_query}"),
            },
            // An unlisted host is the client's word: repeating it would be an open redirect.
            None => Answer::UnknownHost,
        })
    }
}

/// A host that serves HTTPS, with its port where that is not 443.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecureHost(String);

impl SecureHost {
    /// Reads `example.com`, `example.com:8443`, `203.0.113.9` or `[2001:db8::1]:8443`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let host = rocket::http::uri::Host::parse(text).ok()?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        let is_host = !host.domain().is_empty() && text.chars().all(is_plain);
        is_host.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Tells whether browsers ignore HSTS of this host.
    pub(crate) fn gets_no_hsts(&self) -> bool {
        hsts::gets_none(&self.0)
    }

    /// Compares with a request's host, without ports.
    fn is_named(&self, host: &str) -> bool {
        without_port(&self.0).eq_ignore_ascii_case(without_port(host).trim_end_matches('.'))
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Sends `request` to the internal route, which will give `answer`.
pub(super) fn divert(request: &mut Request<'_>, answer: Answer) {
    request.local_cache(|| answer);
    if request.method() != Method::Head {
        request.set_method(Method::Get);
    }
    request.set_uri(Origin::const_new(INTERNAL_PATH, None));
}

/// Tells whether `request` was answered by the internal route.
pub(super) fn was_diverted(request: &Request<'_>) -> bool {
    cached::peek::<Answer>(request).is_some()
}

/// Returns the internal route. It ranks before all others, so that a catch-all does not hide it,
/// and is no route at all for a client that asks for its path.
pub(crate) fn route() -> Route {
    Route::ranked(isize::MIN, Method::Get, INTERNAL_PATH, Internal)
}

#[derive(Debug, Clone)]
struct Internal;

#[async_trait]
impl Handler for Internal {
    async fn handle<'r>(&self, request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r> {
        match cached::peek(request) {
            Some(answer) => Outcome::Success(respond(answer)),
            None => Outcome::Forward((data, Status::NotFound)),
        }
    }
}

fn respond(answer: &Answer) -> Response<'static> {
    let mut response = Response::new();
    match answer {
        Answer::Redirect { location } => {
            response.set_status(Status::PermanentRedirect);
            response.set_raw_header("Location", location.clone());
        }
        Answer::UnknownHost => response.set_status(Status::BadRequest),
        Answer::Reject => response.set_status(Status::Forbidden),
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(on_insecure: OnInsecure) -> HttpsPolicy {
        let hosts = ["example.com", "api.example.com:8443", "[2001:db8::1]"];
        HttpsPolicy {
            on_insecure,
            hosts: hosts.map(|host| SecureHost::parse(host).unwrap()).into(),
            exempt: vec!["/.well-known/acme-challenge".into(), "/healthz/".into()],
        }
    }

    fn redirect(host: &str, path: &str) -> Option<String> {
        match policy(OnInsecure::Redirect).answer(Some(host), path) {
            Some(Answer::Redirect { location }) => Some(location),
            _ => None,
        }
    }

    #[test]
    fn a_redirect_names_a_listed_host_and_repeats_the_rest() {
        for (host, path, location) in [
            (
                "example.com",
                "/a?x=1&y=%2F",
                "https://example.com/a?x=1&y=%2F",
            ),
            ("EXAMPLE.com:8080", "/", "https://example.com/"),
            ("example.com.", "/", "https://example.com/"),
            (
                "api.example.com",
                "/%20?",
                "https://api.example.com:8443/%20?",
            ),
            ("[2001:db8::1]:80", "/", "https://[2001:db8::1]/"),
            (
                "example.com",
                "//evil.test",
                "https://example.com//evil.test",
            ),
        ] {
            assert_eq!(redirect(host, path).as_deref(), Some(location));
        }
    }

    #[test]
    fn an_unlisted_host_is_not_repeated() {
        let policy = policy(OnInsecure::Redirect);
        for host in [
            None,
            Some(""),
            Some("evil.test"),
            Some("example.com.evil.test"),
            Some("notexample.com"),
            Some("example.com@evil.test"),
        ] {
            assert_eq!(
                policy.answer(host, "/"),
                Some(Answer::UnknownHost),
                "{host:?}"
            );
        }
    }

    #[test]
    fn exempt_paths_are_served_with_all_below_them_and_nothing_beside_them() {
        for on_insecure in [OnInsecure::Redirect, OnInsecure::Reject] {
            let policy = policy(on_insecure);
            for path in [
                "/.well-known/acme-challenge/x",
                "/healthz",
                "/healthz/",
                "/healthz?v",
            ] {
                assert_eq!(policy.answer(Some("example.com"), path), None, "{path}");
            }
            for path in [
                "/healthz/../secret",
                "/healthz/%2e%2E/secret",
                "/healthz/x/..%2f../secret",
                "/healthzzz",
                "/",
                "/.well-known",
                "/x/healthz",
                "/%68ealthz",
            ] {
                assert!(policy.answer(Some("example.com"), path).is_some(), "{path}");
            }
        }
    }

    #[test]
    fn each_policy_does_what_it_says() {
        let answer = |on_insecure| policy(on_insecure).answer(Some("example.com"), "/");
        assert_eq!(answer(OnInsecure::Allow), None);
        assert_eq!(answer(OnInsecure::Reject), Some(Answer::Reject));
        assert!(matches!(
            answer(OnInsecure::Redirect),
            Some(Answer::Redirect { .. })
        ));
    }

    #[test]
    fn hosts_are_names_or_addresses_and_nothing_more() {
        for host in ["example.com", "a:8443", "203.0.113.9", "[::1]:1"] {
            assert!(SecureHost::parse(host).is_some(), "{host}");
        }
        for text in [
            "",
            "https://example.com",
            "example.com/",
            "a b",
            "a:b",
            "*.example.com",
            "u@h",
        ] {
            assert!(SecureHost::parse(text).is_none(), "{text}");
        }
    }
}
