//! Transport: what is done to every response, whoever made it.

mod hsts;
mod https;
mod set_cookie;
mod settings;

use std::borrow::Cow;
use std::sync::Arc;

use rocket::http::Header;
use rocket::request::Request;
use rocket::response::Response;

use crate::client;
use crate::codes::Code;
use crate::told::Once;

pub(crate) use hsts::{Decision, HostPattern, HstsPolicy};
pub(crate) use https::{route, HttpsPolicy, OnInsecure, SecureHost};
use set_cookie::Hardened;
pub use set_cookie::SameSite;
pub(crate) use set_cookie::{demands_secure, CookiePolicy, NamePattern, MAX_PAIR_BYTES};
pub(crate) use settings::TransportSettings;

const STRICT_TRANSPORT_SECURITY: &str = "Strict-Transport-Security";
const SET_COOKIE: &str = "Set-Cookie";

/// The transport half of an app, as it runs.
#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) settings: TransportSettings,
    pub(crate) host: HostingFacts,
    unlisted_proxy: Once,
    plain_sign_in: Once,
}

/// What Rocket's own configuration says about the deployment.
#[derive(Debug)]
pub(crate) struct HostingFacts {
    pub(crate) debug_profile: bool,
    /// Rocket 0.5 has one listener: either every request arrives over its TLS, or none does.
    pub(crate) tls: bool,
    /// Rocket had no `secret_key` and made one up for this process.
    pub(crate) generated_key: bool,
    /// At this log level Rocket prints requests with their cookies.
    pub(crate) logs_requests: bool,
    /// `client_ip()` believes a header, whoever sends it.
    pub(crate) believes_ip_header: bool,
    pub(crate) on_every_interface: bool,
}

impl HostingFacts {
    fn of(config: &rocket::Config) -> Self {
        Self {
            debug_profile: config.profile == rocket::Config::DEBUG_PROFILE,
            tls: config.tls_enabled(),
            generated_key: config.secret_key.is_zero(),
            logs_requests: config.log_level == rocket::config::LogLevel::Debug,
            believes_ip_header: config.ip_header.is_some(),
            on_every_interface: config.address.is_unspecified(),
        }
    }
}

/// Returns the transport half of the app that serves `request`; `None` without a shield.
pub(crate) fn of<'r>(request: &'r Request<'_>) -> Option<&'r Transport> {
    request.rocket().state::<Arc<Transport>>().map(Arc::as_ref)
}

impl Transport {
    pub(crate) fn new(settings: TransportSettings, config: &rocket::Config) -> Self {
        let host = HostingFacts::of(config);
        let mut settings = settings;
        if host.debug_profile {
            settings.hsts = settings.hsts.off();
        }
        Self {
            settings,
            host,
            unlisted_proxy: Once::default(),
            plain_sign_in: Once::default(),
        }
    }

    /// Tells whether a request arrived over TLS: at Rocket, by the word of a trusted proxy, or by
    /// configuration. What an untrusted peer says about itself is ignored.
    pub(crate) fn is_secure(&self, request: &Request<'_>) -> bool {
        if self.host.tls || self.settings.assume_secure {
            return true;
        }
        client::scheme(request, &self.settings.proxy).is_secure()
    }

    /// Sends a request that is not to be served over plain HTTP on its way to another answer.
    pub(crate) fn divert_insecure(&self, request: &mut Request<'_>) {
        let policy = &self.settings.https;
        if policy.on_insecure == OnInsecure::Allow || self.is_secure(request) {
            return;
        }
        let host = request.host().map(|host| host.to_string());
        let is_developing = |host: &str| self.host.debug_profile && hsts::is_own_machine(host);
        if host.as_deref().is_some_and(is_developing) {
            return;
        }
        let answer = policy.answer(host.as_deref(), &request.uri().to_string());
        if let Some(answer) = answer {
            https::divert(request, answer);
        }
    }

    /// Hardens the cookies of a response and gives it the one HSTS header that it should have.
    pub(crate) fn finish(&self, request: &Request<'_>, response: &mut Response<'_>, secure: bool) {
        let pass = Pass::over(response, self.settings.cookies.as_ref(), secure);
        self.settle_hsts(request, response, secure, pass.finds_hsts);
        if self.settings.https.on_insecure != OnInsecure::Allow && https::was_diverted(request) {
            // Cookies of request fairings; over plain HTTP anyone can read them.
            response.remove_header(SET_COOKIE);
        } else if pass.changes_cookies {
            replace_cookies(response, pass.cookies);
        }
        self.notice_unlisted_proxy(request);
    }

    /// Prints what is done to responses.
    pub(crate) fn print(&self) {
        let settings = &self.settings;
        rocket::launch_meta!("{}Transport:", rocket::log::PaintExt::emoji("🛡️ "));
        rocket::launch_meta_!("HSTS: {}", settings.hsts);
        let cookies = match &settings.cookies {
            Some(_) => "hardened",
            None => "left as they are",
        };
        rocket::launch_meta_!("cookies: {cookies}");
        rocket::launch_meta_!("trusted proxies: {}", settings.proxy.trusted);
    }

    /// Tells an administrator once that a proxy stands in front which nobody listed.
    fn notice_unlisted_proxy(&self, request: &Request<'_>) {
        if !self.unlisted_proxy.is_pending() || Code::UnlistedProxy.is_in(&self.settings.silenced) {
            return;
        }
        let Some(peer) = client::unlisted_proxy(request, &self.settings.proxy) else {
            return;
        };
        if self.unlisted_proxy.take() {
            let code = Code::UnlistedProxy.id();
            rocket::warn!("{code} A proxy at {peer} forwards requests, but it is not listed.");
            rocket::warn_!("Its headers are ignored, and sessions are not bound to a network.");
            rocket::warn_!("If it is yours, list it below [default] of Rocket.toml:");
            rocket::warn_!("restricted_session.proxy.trusted = [\"{peer}\"]");
        }
    }

    /// Tells once that sign-ins over plain HTTP do not hold, but on the developer's own machine.
    pub(crate) fn notice_plain_sign_in(&self, request: &Request<'_>) {
        let is_local =
            |host: &rocket::http::uri::Host<'_>| hsts::is_own_machine(host.domain().as_str());
        if self.is_secure(request) || request.host().is_some_and(is_local) {
            return;
        }
        if self.plain_sign_in.take() {
            rocket::warn!("Somebody signed in over plain HTTP.");
            rocket::warn_!("Browsers drop the session cookie there, and anyone can read along.");
            rocket::warn_!("Serve TLS, or list the proxy that does in `proxy.trusted`.");
        }
    }

    fn settle_hsts(
        &self,
        request: &Request<'_>,
        response: &mut Response<'_>,
        secure: bool,
        is_present: bool,
    ) {
        let host = request.host().map(|host| host.domain().as_str());
        let values = |name| response.headers().get(name).collect();
        let present: Vec<&str> = match is_present {
            true => values(STRICT_TRANSPORT_SECURITY),
            false => Vec::new(),
        };
        match self.settings.hsts.decide(secure, host, &present) {
            Decision::Leave => {}
            Decision::Remove => response.remove_header(STRICT_TRANSPORT_SECURITY),
            Decision::Set(value) => {
                let value = value.to_owned();
                response.set_raw_header(STRICT_TRANSPORT_SECURITY, value);
            }
        }
    }
}

/// What one pass over the headers of a response finds and mends.
///
/// Rocket hashes a name, byte by byte, each time it looks one up: a pass over the few headers of a
/// response is cheaper than two look-ups.
#[derive(Default)]
struct Pass {
    finds_hsts: bool,
    cookies: Vec<Header<'static>>,
    changes_cookies: bool,
}

impl Pass {
    fn over(response: &Response<'_>, policy: Option<&CookiePolicy>, secure: bool) -> Self {
        let mut pass = Self::default();
        for header in response.headers().iter() {
            match policy {
                Some(policy) if header.name() == SET_COOKIE => {
                    pass.harden(header.value(), policy, secure);
                }
                _ => pass.finds_hsts |= header.name() == STRICT_TRANSPORT_SECURITY,
            }
        }
        pass
    }

    fn harden(&mut self, line: &str, policy: &CookiePolicy, secure: bool) {
        let Hardened { line, flaw } = set_cookie::harden(line, policy, secure);
        if let Some(flaw) = flaw {
            rocket::warn!("Cookie `{}`: {flaw}.", set_cookie::cookie_name(&line));
        }
        self.changes_cookies |= matches!(line, Cow::Owned(_));
        self.cookies
            .push(Header::new(SET_COOKIE, line.into_owned()));
    }
}

/// Replaces the `Set-Cookie` lines of a response, keeping their order.
fn replace_cookies(response: &mut Response<'_>, cookies: Vec<Header<'static>>) {
    let mut cookies = cookies.into_iter();
    if let Some(first) = cookies.next() {
        response.set_header(first);
    }
    cookies.for_each(|cookie| response.adjoin_header(cookie));
}
