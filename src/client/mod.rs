//! Who the client is: the trusted-proxy rule applied to Rocket's requests, and `ClientIp`.

mod proxy;

use std::fmt;
use std::iter;
use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest, Request};
use rocket::{async_trait, Ignite, Rocket, Sentinel};

pub(crate) use proxy::{ClientHeader, Resolved, Scheme, SchemeHeader, TrustedProxies, Unresolved};

/// Headers by which proxies tell of the client. Only a proxy has a reason to send them.
const FORWARDING_HEADERS: [&str; 4] = [
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "X-Real-IP",
];

/// Which proxies are believed, and what they are asked.
#[derive(Debug)]
pub(crate) struct ProxySettings {
    pub(crate) trusted: TrustedProxies,
    pub(crate) client_header: ClientHeader,
    pub(crate) scheme_header: SchemeHeader,
    pub(crate) internal_clients: bool,
}

impl ProxySettings {
    /// Tells whether a header was configured that is only read from trusted proxies.
    pub(crate) fn is_customised(&self) -> bool {
        self.client_header != ClientHeader::XForwardedFor
            || self.scheme_header.name() != "X-Forwarded-Proto"
    }
}

/// Returns the settings of the app that serves `request`; `None` without a shield.
pub(crate) fn settings<'r>(request: &'r Request<'_>) -> Option<&'r ProxySettings> {
    let managed = request.rocket().state::<Arc<ProxySettings>>();
    managed.map(Arc::as_ref)
}

fn peer(request: &Request<'_>) -> Option<IpAddr> {
    // Never `client_ip()`: it believes the `X-Real-IP` header of anyone.
    request.remote().map(|remote| remote.ip())
}

/// Returns the client's address, by the peer and what a trusted proxy says.
pub(crate) fn resolve(request: &Request<'_>, settings: &ProxySettings) -> Resolved {
    // Looked up only when it is read: a look-up hashes the name, and most peers are clients.
    let lines = || request.headers().get(settings.client_header.name());
    proxy::resolve_client(
        peer(request),
        iter::once_with(lines).flatten(),
        &settings.trusted,
        &settings.client_header,
        settings.internal_clients,
    )
}

/// Returns what a trusted proxy says about how the client came.
pub(crate) fn scheme(request: &Request<'_>, settings: &ProxySettings) -> Scheme {
    let trusted = |peer| settings.trusted.contains(peer);
    if settings.trusted.is_empty() || !peer(request).is_some_and(trusted) {
        return Scheme::Absent;
    }
    let lines = request.headers().get(settings.scheme_header.name());
    proxy::forwarded_over_tls(lines, &settings.scheme_header)
}

/// Returns the peer if it looks like a proxy that nobody listed: it is on a private network, and
/// it sends a header that only proxies send.
pub(crate) fn unlisted_proxy(request: &Request<'_>, settings: &ProxySettings) -> Option<IpAddr> {
    let peer = peer(request)?.to_canonical();
    if !proxy::is_internal(peer) || settings.trusted.contains(peer) {
        return None;
    }
    let configured = settings.client_header.name();
    let forwards = |name: &str| request.headers().contains(name);
    let is_forwarded = forwards(configured) || FORWARDING_HEADERS.into_iter().any(forwards);
    is_forwarded.then_some(peer)
}

/// Request guard: the address of the client, by the trusted-proxy rule.
///
/// The peer of the connection is the client, unless it is listed in `proxy.trusted`. Then the one
/// header that `proxy.client_header` names is read from the right, past trusted hops; the first
/// address that is not trusted is the client's, and nothing left of it is read. Rocket's own
/// `client_ip()` believes the header of anyone.
///
/// It needs a [`TransportShield`](crate::TransportShield) or a
/// [`SessionShield`](crate::SessionShield); without one the launch aborts.
///
/// # Deployment caveat
///
/// The answer is as good as the list: a proxy that is not listed is taken for the client, and one
/// that is listed but passes on what clients send is believed. [`guide::proxies`] says what to
/// write for each platform.
///
/// [`guide::proxies`]: crate::guide::proxies
///
/// # Errors
///
/// 500 with [`ClientUnresolved`], when a trusted proxy does not name the client.
///
/// # Example
///
/// ```rust
/// use rocket::get;
/// use rocket_restricted_session::ClientIp;
///
/// #[get("/whoami")]
/// fn whoami(client: ClientIp) -> String {
///     client.to_string()
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientIp(pub IpAddr);

impl Deref for ClientIp {
    type Target = IpAddr;

    fn deref(&self) -> &IpAddr {
        &self.0
    }
}

impl fmt::Display for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why there is no [`ClientIp`]. Its text is for logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientUnresolved(Option<Unresolved>);

impl fmt::Display for ClientUnresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(unresolved) => unresolved.fmt(f),
            None => f.write_str("no shield is attached"),
        }
    }
}

impl std::error::Error for ClientUnresolved {}

#[async_trait]
impl<'r> FromRequest<'r> for ClientIp {
    type Error = ClientUnresolved;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ClientUnresolved> {
        let resolved = match settings(request) {
            Some(settings) => resolve(request, settings).map_err(Some),
            None => Err(None),
        };
        match resolved {
            Ok(address) => Outcome::Success(Self(address)),
            Err(why) => {
                let error = ClientUnresolved(why);
                rocket::error!("The client's address is unresolved: {error}.");
                Outcome::Error((Status::InternalServerError, error))
            }
        }
    }
}

impl Sentinel for ClientIp {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let attached = rocket.state::<Arc<ProxySettings>>().is_some();
        if !attached {
            rocket::error!("A route asks for `ClientIp`, but nothing provides it.");
            rocket::error_!("Attach the fairing: `.attach(TransportShield::new())`.");
        }
        !attached
    }
}
