//! Session protection for Rocket: a cookie that was stolen does not open the route elsewhere.
//!
//! One fairing and one guard. From then on
//!
//! 1. responses carry HSTS where the standard allows it, and every cookie that leaves the app is
//!    hardened, whoever wrote it;
//! 2. a session cookie that is presented from somewhere else, by something else, after its time,
//!    after the sign-out, or after a newer one took its place does not open the route, and the app
//!    learns why;
//! 3. one section of the configuration changes any of it, and a configuration that cannot protect
//!    refuses the launch, with the remedy.
//!
//! # Quick start
//!
//! 1. Depend on the crate, on Rocket, and on serde:
//!
//!    ```toml
//!    [dependencies]
//!    rocket = "0.5.2"
//!    rocket_restricted_session = "0.1"
//!    serde = { version = "1", features = ["derive"] }
//!    ```
//! 2. Say what a session holds, attach the fairing, name the guard:
//!
//!    ```rust,no_run
//!    use rocket::form::Form;
//!    use rocket::http::Status;
//!    use rocket::{catch, catchers, get, launch, post, routes, FromForm, Request};
//!    use rocket_restricted_session::*;
//!    use serde::{Deserialize, Serialize};
//!
//!    #[derive(Serialize, Deserialize, FromForm)]
//!    struct Account {
//!        name: String,
//!    }
//!
//!    impl SessionData for Account {
//!        fn subject(&self) -> impl std::fmt::Display {
//!            &self.name
//!        }
//!    }
//!
//!    #[post("/login", data = "<account>")]
//!    async fn login(account: Form<Account>, jar: SessionJar<'_, Account>) -> Result<(), Status> {
//!        Ok(jar.login(account.into_inner()).await?) // first check a password here
//!    }
//!
//!    #[get("/account")]
//!    fn account(session: RestrictedSession<Account>) -> String {
//!        format!("Hello, {}.", session.name)
//!    }
//!
//!    #[catch(401)]
//!    fn unauthorized(request: &Request<'_>) -> &'static str {
//!        match rejection(request) {
//!            Some(r) if r.is_hijack() => "This session was used from elsewhere.",
//!            _ => "Please sign in.",
//!        }
//!    }
//!
//!    #[launch]
//!    fn rocket() -> _ {
//!        rocket::build()
//!            .attach(SessionShield::<Account>::new())
//!            .mount("/", routes![login, account])
//!            .register("/", catchers![unauthorized])
//!    }
//!    ```
//! 3. Outside the debug profile Rocket needs a key to seal cookies with:
//!    `ROCKET_SECRET_KEY=$(openssl rand -base64 32)`.
//! 4. Behind a proxy, list it: see [below](#behind-a-proxy).
//!
//! # What protects
//!
//! | threat | protection | where |
//! |---|---|---|
//! | the first visit over plain HTTP | HSTS (RFC 6797), redirect or rejection | [`TransportShield`] |
//! | cookies without `Secure`, `HttpOnly`, `SameSite` | every `Set-Cookie` line is hardened | [`TransportShield`] |
//! | a cookie used on another network | network by prefix, a slot for each address family | [`RestrictedSession`] |
//! | a cookie used by other software | class of browser and platform, whose version may only rise | [`RestrictedSession`] |
//! | whatever else tells clients apart | the app's own signal | [`Signal`] |
//! | a cookie used later | idle and absolute timeout | [`RestrictedSession`] |
//! | a copy used after the sign-out | a store, in which the session has ended | [`SessionJar::logout`] |
//! | a copy used from the owner's network and browser | rotation, which finds whoever shows a replaced cookie | [`guide::rotation`] |
//! | a copy used anywhere, of a browser with DBSC | a key that never leaves the owner's device | [`guide::dbsc`] |
//! | a device that was lost, or is not the user's | the list of sessions, each of which can be ended | [`SessionJar::sessions`] |
//! | an account that is disabled, a new password | all sessions of a user end at once | [`SessionJar::logout_everywhere`] |
//! | a stream that outlives its session | a future that waits for the end | [`RestrictedSession::ended`] |
//! | a session left open, a password changed by a passer-by | step-up by re-authentication | [`FreshSession`] |
//! | fixation | every sign-in starts a session of its own | [`SessionJar::login`] |
//! | cookies planted by a sibling domain | `__Host-` names, raw lookup of the exact name | [`RestrictedSession`] |
//! | a forged client address | the trusted-proxy rule | [`ClientIp`] |
//! | a `User` cookie on an `Admin` route | the section is sealed in | [`SessionShield::section`] |
//! | a cache that keeps a session's answer | `Cache-Control: no-store` | [`RestrictedSession`] |
//! | secrets in logs | masked events, opaque errors | [`Event`] |
//!
//! # What this does not stop
//!
//! Script in the page and malware on the device ride the session from the owner's own browser. A
//! phishing site that relays the sign-in creates the session itself. A thief behind the same NAT
//! with the same browser looks like the owner: rotation finds him when both go on, and never while
//! one of the two does nothing; a device's key shuts him out, where the browser has one. The default
//! store forgets at a restart who was signed out. [`guide::threats`] has the whole table,
//! [`guide::stores`] tells what each store forgets.
//!
//! # Behind a proxy
//!
//! The client's address is the connection's peer, unless that is listed:
//!
//! ```toml
//! [release.restricted_session.proxy]
//! trusted = ["10.0.0.0/8"]   # whoever connects to Rocket; or "loopback", "private"
//! ```
//!
//! **Deployment caveat:** an unlisted proxy is taken for the client, and a listed one that passes on
//! what clients send is believed. [`guide::proxies`] says what to write for nginx, haproxy,
//! Cloudflare, Heroku, Fly.io, AWS and Kubernetes.
//!
//! # Configuration
//!
//! All keys, at their defaults; in `Rocket.toml`, in a profile's table, or whole in
//! `ROCKET_RESTRICTED_SESSION='{idle_timeout="10m",binding={network="step-up"}}'`. Durations are
//! seconds or text such as `"30m"`.
//!
//! ```toml
//! [default.restricted_session]
//! cookie_name = "__Host-session"    # [debug.restricted_session] cookie_name = "session" for browsers that refuse Secure on plain HTTP
//! same_site = "Lax"                 # "Strict" | "Lax" | "None"
//! context = ""                      # sealed into sessions: apps or stages that share a secret key never accept each other's
//! absolute_timeout = "12h"
//! idle_timeout = "30m"
//! fresh_for = "10m"                 # how long a sign-in opens routes that ask for a FreshSession
//! mode = "enforce"                  # "report" tells of thieves and lets them in
//! failure_status = 401
//! store = "memory"                  # "none" | "memory" | "sqlite:<path>" | "redis://.." | "rediss://.."
//! rotate_every = "15m"              # age at which the cookie of a session in use is replaced; false: never
//! rotation_grace = "10s"            # how long a replaced cookie still passes as a request in flight
//! on_replay = "revoke"              # a replaced cookie came back: "revoke" ends the session | "reject" refuses the request
//! max_sessions = false              # of one user, from 1; the oldest goes
//! adopt = true                      # memory only, and not with dbsc: take over sessions of the process before, so that a deploy signs nobody out
//! store_timeout = "2s"              # a slower store counts as away
//! previous_secret_keys = []         # earlier values of secret_key, accepted until they expire. Never list a leaked key
//!
//! [default.restricted_session.binding] # each action: "off" | "report" | "step-up" | "reject" | "revoke"
//! network = "reject"
//! ipv4_prefix = 32
//! ipv6_prefix = 64
//! other_family = "reject"           # first sight of the other address family; if not written, as network
//! user_agent = "reject"
//! user_agent_match = "upgrade"      # same browser and platform, version may only rise; or "exact"
//!
//! [default.restricted_session.proxy]
//! trusted = []                      # CIDRs of the proxies in front, or "loopback", "private"; only they are believed
//! client_header = "X-Forwarded-For" # or "Forwarded", "X-Real-IP", "CF-Connecting-IP", ..
//! scheme_header = "X-Forwarded-Proto" # or "Forwarded"
//! internal_clients = false          # of a chain of trusted hops only, the leftmost is a client
//! assume_secure = false             # every request arrived over TLS, though nothing says so
//!
//! [default.restricted_session.hsts]
//! max_age = "365d"                  # 0 makes browsers forget the host; false sends nothing
//! include_subdomains = false
//! preload = false
//! exclude_hosts = []                # beside addresses and localhost, which never get it
//!
//! [default.restricted_session.https]
//! on_insecure = "allow"             # "redirect" (308, to listed hosts only) | "reject" (403, for APIs)
//! hosts = []                        # hosts, with their port where it is not 443, that a redirect may name
//! exempt = ["/.well-known/acme-challenge"] # served over plain HTTP, with all below; health checks belong here
//!
//! [default.restricted_session.cookies]
//! harden = true
//! same_site = "Lax"                 # filled in where a cookie has none
//! readable = []                     # names that scripts must read (CSRF tokens): no HttpOnly
//! except = []                       # names left alone; a trailing * matches a prefix
//!
//! [default.restricted_session.checks]
//! silence = []                      # codes of deployment checks not to print
//! deny = []                         # codes that refuse the launch
//!
//! [default.restricted_session.dbsc] # sessions bound to a key that the browser's device keeps; needs the feature dbsc and a store
//! enabled = false
//! path = "/.dbsc"                   # of the two routes that the browser calls
//! bound_for = "10m"                 # how long a bound cookie lives, and what a copy of it is worth
//! algorithms = ["ES256", "RS256"]   # in the order of preference
//! required = false                  # true: browsers without DBSC are refused
//! grace = "60s"                     # how long the bound cookie may be missing, after the sign-in and after the binding
//! exclude = []                      # paths that need no bound cookie, with all below: static files
//! allowed_refresh_initiators = ["*"] # hosts whose links land signed in: "mail.example", "*.example", "*"
//! relax_binding = false             # true: a valid bound cookie makes "reject" of network and user_agent a "report"
//! ```
//!
//! In code:
//!
//! ```rust
//! # let secret_key = "0".repeat(64);
//! let figment = rocket::Config::figment()
//!     .merge(("restricted_session.binding.network", "step-up"));
//! # let figment = figment.merge(("secret_key", secret_key));
//! let rocket = rocket::custom(figment);
//! ```
//!
//! | action | what a change leads to |
//! |---|---|
//! | `off` | nothing; it is not compared |
//! | `report` | an [`Event`] |
//! | `step-up` | the session opens routes, but not those that ask for a [`FreshSession`], until [`SessionJar::reauthenticate`] |
//! | `reject` | the route fails with `failure_status`; the cookie stays, so that the owner goes on |
//! | `revoke` | as `reject`, and every copy of the session is dead, the owner's too |
//!
//! [`guide::hsts`] rolls HSTS out in stages, [`guide::stores`] chooses a store, [`guide::rotation`]
//! tunes theft detection, [`guide::dbsc`] binds sessions to devices, [`guide::checks`] lists the
//! deployment checks. For an audit, [`guide::asvs`] goes through OWASP's requirements.
//!
//! # Outcomes
//!
//! | the request shows | the guard | status |
//! |---|---|---|
//! | no session, or one that has ended | forwards: a route of lower rank may greet the visitor | 401 |
//! | somebody else's session | fails | `failure_status` |
//! | a session that is not fresh, where a [`FreshSession`] is asked for | forwards | 403 |
//! | a session while the store is away | fails, and signs nobody out | 503 |
//!
//! [`RestrictedSession`] lists every case. [`rejection`] tells a catcher which one it was.
//!
//! # Cargo features
//!
//! | feature | |
//! |---|---|
//! | `sqlite` | sessions in a file: `store = "sqlite:<path>"` |
//! | `redis` | sessions in Redis or Valkey: `store = "redis://.."` |
//! | `dbsc` | sessions bound to a key of the browser's device: `dbsc.enabled = true` |
//! | `conformance` | `store::conformance`: a suite that tests a store |
//!
//! None is on by default.
//!
//! # Extending
//!
//! Bind sessions to one more thing with a [`Signal`]. Keep them in a database of yours with a
//! [`store::Store`]: [`guide::stores`](guide::stores#a-store-of-your-own) writes one and has it
//! tested. Hear what happens with [`SessionShield::on_event`]. Keep a second kind of session with
//! [`SessionShield::section`]. In tests of your app, [`SessionShield::clock`] moves the time.

// Each module imports only from those before it.
mod cached;
mod codes;
mod error;
mod paths;
mod rejection;
mod told;
mod wire;

pub mod store;

mod event;

mod client;

mod binding;
mod transport;

mod cookie;
mod seal;

#[cfg(feature = "dbsc")]
mod dbsc;

mod session;

mod config;

mod checks;

mod fairing;

pub mod guide;

pub use binding::Signal;
pub use client::{ClientIp, ClientUnresolved};
pub use error::Error;
pub use event::{Change, Event, EventKind};
pub use fairing::{SessionShield, TransportShield};
pub use rejection::{Reason, Rejection};
pub use session::{rejection, FreshSession, RestrictedSession, SessionData, SessionJar};
pub use store::{InvalidSessionId, SessionId, SessionInfo};
pub use transport::SameSite;
