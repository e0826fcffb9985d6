//! What a request tells of its client: address, browser, and the cookie it came with.

use std::convert::Infallible;
use std::net::IpAddr;

use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Config};
use rocket_restricted_session::{rejection, ClientIp, Rejection};

use super::policy::Policy;

/// Request guard: one visit to the bank.
pub(crate) struct Visit<'r> {
    pub(crate) client: Option<IpAddr>,
    pub(crate) user_agent: Option<&'r str>,
    /// The session cookie as `name=value`, read from the raw `Cookie` lines.
    pub(crate) session_cookie: Option<&'r str>,
    /// The bound cookie, likewise.
    pub(crate) bound_cookie: Option<&'r str>,
    /// Scheme and host as the client knows them.
    pub(crate) origin: String,
    /// Rocket itself serves TLS, so that the certificate may be one that nobody knows.
    pub(crate) over_own_tls: bool,
    pub(crate) in_debug_profile: bool,
    /// Why the guards before this one in the handler's signature let no session in.
    pub(crate) rejection: Option<&'r Rejection>,
}

#[async_trait]
impl<'r> FromRequest<'r> for Visit<'r> {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Infallible> {
        let client: Option<ClientIp> = request.guard().await.succeeded();
        let config = request.rocket().config();
        Outcome::Success(Self {
            client: client.map(|ClientIp(address)| address),
            user_agent: request.headers().get_one("User-Agent"),
            session_cookie: cookie(request, ""),
            bound_cookie: cookie(request, "-bound"),
            origin: origin(request),
            over_own_tls: config.tls_enabled(),
            in_debug_profile: config.profile == Config::DEBUG_PROFILE,
            rejection: rejection(request),
        })
    }
}

/// Returns the session cookie, or the one whose name has `suffix` after the session cookie's.
fn cookie<'r>(request: &'r Request<'_>, suffix: &str) -> Option<&'r str> {
    let session = &request.rocket().state::<Policy>()?.cookie_name;
    let lines = request.headers().get("Cookie");
    let mut pairs = lines.flat_map(|line| line.split(';')).map(str::trim);
    pairs.find(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name.strip_prefix(session.as_str()) == Some(suffix)
    })
}

/// Returns where the client reached the bank, by its own word: good enough to show it, and for
/// nothing else.
fn origin(request: &Request<'_>) -> String {
    let config = request.rocket().config();
    let forwarded = request.headers().get_one("X-Forwarded-Proto");
    let scheme = match config.tls_enabled() || forwarded == Some("https") {
        true => "https",
        false => "http",
    };
    match request.host() {
        Some(host) if !host.domain().is_empty() => format!("{scheme}://{host}"),
        _ => format!("{scheme}://{}:{}", config.address, config.port),
    }
}

/// Names the browser and its platform, as far as people care.
pub(crate) fn browser(user_agent: Option<&str>) -> String {
    let Some(user_agent) = user_agent else {
        return "a client that does not tell its name".into();
    };
    let first = |known: &[(&str, &'static str)]| {
        let named = known.iter().find(|(mark, _)| user_agent.contains(mark));
        named.map(|(_, name)| *name)
    };
    // Chrome also claims to be Safari, Edge to be Chrome, Android to be Linux: order matters.
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let platform = first(&[
        ("Windows", " on Windows"),
        ("Android", " on Android"),
        ("iPhone", " on iOS"),
        ("iPad", " on iOS"),
        ("Mac OS", " on macOS"),
        ("Linux", " on Linux"),
    ]);
    let browser = browser.unwrap_or("an unknown browser");
    format!("{browser}{}", platform.unwrap_or_default())
}
