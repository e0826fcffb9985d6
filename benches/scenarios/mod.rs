//! The requests that both benchmarks measure, on a release build, in one process.
//!
//! Every request carries the same headers and cookies, so that what a scenario costs over the
//! open route is what its route and fairings do.

use std::fmt::Display;
use std::net::SocketAddr;

use rocket::figment::Figment;
use rocket::http::uri::Host;
use rocket::http::{Cookie, CookieJar, Header, Status};
use rocket::local::asynchronous::Client;
use rocket::request::{FromRequest, Outcome, Request};
use rocket::{get, post, routes, Build, Config, Rocket};
use rocket_restricted_session::{
    RestrictedSession, SessionData, SessionJar, SessionShield, TransportShield,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
    (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
const CLIENT: &str = "203.0.113.9:40000";
const WEAK_COOKIE: &str = "tracker=0123456789abcdef0123456789abcdef; Path=/; Max-Age=31536000";

/// The session of a made-up shop: 219 bytes in JSON.
#[derive(Serialize, Deserialize)]
pub struct Account {
    id: u64,
    name: String,
    email: String,
    roles: Vec<String>,
    csrf: String,
    address: String,
    user_agent: String,
}

impl Account {
    fn example() -> Self {
        let account = Self {
            id: 4_815_162_342,
            name: "Ada Lovelace".into(),
            email: "ada@analytical.example".into(),
            roles: vec!["customer".into(), "reviewer".into()],
            csrf: "0123456789abcdef0123456789abcdef0123456789abcdef".into(),
            address: "203.0.113.9".into(),
            user_agent: "Chrome on Windows".into(),
        };
        let length = serde_json::to_string(&account).map_or(0, |json| json.len());
        assert_eq!(length, 219, "the session that the figures are about");
        account
    }
}

impl SessionData for Account {
    fn subject(&self) -> impl Display {
        self.id
    }
}

#[get("/open")]
fn open() -> &'static str {
    "Hello."
}

#[get("/guarded")]
fn guarded(session: RestrictedSession<Account>) -> &'static str {
    assert_eq!(session.id, 4_815_162_342);
    "Hello."
}

#[get("/guarded")]
fn guarded_not() {}

#[post("/sign-in")]
fn sign_in_not() {}

#[get("/floor")]
fn floor(cookies: &CookieJar<'_>) -> &'static str {
    let cookie = cookies.get_private("floor").expect("the floor's cookie");
    let account: Account = serde_json::from_str(cookie.value()).expect("json");
    assert_eq!(account.id, 4_815_162_342);
    "Hello."
}

/// What people write by hand: exact address, exact User-Agent.
struct ByHand;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for ByHand {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let cookie = request.cookies().get_private("floor");
        let account = cookie.and_then(|c| serde_json::from_str::<Account>(c.value()).ok());
        let address = request.client_ip().map(|ip| ip.to_string());
        let agent = request.headers().get_one("User-Agent");
        let same = |account: Account| Some(account.address) == address && agent == Some(USER_AGENT);
        match account.is_some_and(same) {
            true => Outcome::Success(Self),
            false => Outcome::Error((Status::Unauthorized, ())),
        }
    }
}

#[get("/by-hand")]
fn by_hand(_guard: ByHand) -> &'static str {
    "Hello."
}

struct Lines(usize);

impl<'r> rocket::response::Responder<'r, 'static> for Lines {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = rocket::Response::new();
        for _ in 0..self.0 {
            response.adjoin_raw_header("Set-Cookie", WEAK_COOKIE);
        }
        Ok(response)
    }
}

#[get("/cookies/<lines>")]
fn cookies(lines: usize) -> Lines {
    Lines(lines)
}

#[get("/reprinted/<lines>")]
fn reprinted(lines: usize) -> Reprinted {
    Reprinted(lines)
}

/// Hardening as it is often done: parse the line, change the cookie, print it.
struct Reprinted(usize);

impl<'r> rocket::response::Responder<'r, 'static> for Reprinted {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = rocket::Response::new();
        for _ in 0..self.0 {
            let mut cookie = Cookie::parse_encoded(WEAK_COOKIE).expect("a cookie");
            cookie.set_secure(true);
            cookie.set_http_only(true);
            cookie.set_same_site(rocket::http::SameSite::Lax);
            response.adjoin_raw_header("Set-Cookie", cookie.encoded().to_string());
        }
        Ok(response)
    }
}

#[post("/sign-in")]
async fn sign_in(jar: SessionJar<'_, Account>) -> Result<(), Status> {
    Ok(jar.login(Account::example()).await?)
}

#[get("/seal-floor")]
fn seal_floor(cookies: &CookieJar<'_>) {
    let json = serde_json::to_string(&Account::example()).expect("json");
    cookies.add_private(("floor", json));
}

/// What is attached to the app.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    Nothing,
    Transport,
    Sessions,
    /// Sessions, on a clock that is late enough for a refresh.
    SessionsLater,
}

/// One thing to measure.
#[derive(Clone, Copy)]
pub struct Scenario {
    pub name: &'static str,
    pub path: &'static str,
    pub attached: Attached,
    keys: &'static [(&'static str, bool)],
}

const fn scenario(name: &'static str, path: &'static str, attached: Attached) -> Scenario {
    Scenario {
        name,
        path,
        attached,
        keys: &[],
    }
}

const SECURE: &[(&str, bool)] = &[("restricted_session.proxy.assume_secure", true)];
const SECURE_UNHARDENED: &[(&str, bool)] = &[
    ("restricted_session.proxy.assume_secure", true),
    ("restricted_session.cookies.harden", false),
];

pub const SCENARIOS: [Scenario; 13] = [
    scenario("open route", "/open", Attached::Nothing),
    scenario(
        "floor: get_private, serde_json",
        "/floor",
        Attached::Nothing,
    ),
    scenario("guard by hand", "/by-hand", Attached::Nothing),
    scenario("guard and fairing", "/guarded", Attached::Sessions),
    scenario(
        "guard that re-issues the cookie",
        "/guarded",
        Attached::SessionsLater,
    ),
    scenario("open route, fairing", "/open", Attached::Transport),
    Scenario {
        keys: SECURE,
        ..scenario("open route, fairing, HSTS", "/open", Attached::Transport)
    },
    Scenario {
        keys: SECURE,
        ..scenario("guard, fairing, HSTS", "/guarded", Attached::Sessions)
    },
    Scenario {
        keys: SECURE_UNHARDENED,
        ..scenario(
            "1 Set-Cookie, not hardened",
            "/cookies/1",
            Attached::Transport,
        )
    },
    Scenario {
        keys: SECURE,
        ..scenario("1 Set-Cookie, hardened", "/cookies/1", Attached::Transport)
    },
    Scenario {
        keys: SECURE_UNHARDENED,
        ..scenario(
            "4 Set-Cookie, not hardened",
            "/cookies/4",
            Attached::Transport,
        )
    },
    Scenario {
        keys: SECURE,
        ..scenario("4 Set-Cookie, hardened", "/cookies/4", Attached::Transport)
    },
    Scenario {
        keys: SECURE_UNHARDENED,
        ..scenario(
            "4 Set-Cookie, parsed and printed",
            "/reprinted/4",
            Attached::Transport,
        )
    },
];

const SIGNED_IN: i64 = 1_800_000_000;
const REFRESH_IS_DUE: i64 = SIGNED_IN + 200;

fn figment(keys: &[(&'static str, bool)]) -> Figment {
    let figment = Figment::from(Config::release_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"));
    keys.iter()
        .fold(figment, |figment, key| figment.merge(*key))
}

fn rocket(scenario: &Scenario, attached: Attached) -> Rocket<Build> {
    let shield = |now: i64| {
        let now = OffsetDateTime::from_unix_timestamp(now).expect("a time");
        SessionShield::<Account>::new().clock(move || now)
    };
    let app = rocket::custom(figment(scenario.keys)).mount(
        "/",
        routes![open, floor, by_hand, cookies, reprinted, seal_floor],
    );
    let sessions = routes![guarded, sign_in];
    // Rocket compares each request with each route: every app has as many.
    let in_their_place = routes![guarded_not, sign_in_not];
    match attached {
        Attached::Nothing => app.mount("/", in_their_place),
        Attached::Transport => app
            .mount("/", in_their_place)
            .attach(TransportShield::new()),
        Attached::Sessions => app.mount("/", sessions).attach(shield(SIGNED_IN)),
        Attached::SessionsLater => app.mount("/", sessions).attach(shield(REFRESH_IS_DUE)),
    }
}

/// An app that serves one scenario's request again and again.
pub struct Server {
    client: Client,
    path: &'static str,
    cookies: Vec<Cookie<'static>>,
    line: String,
}

impl Server {
    pub async fn start(scenario: &Scenario) -> Self {
        let issuer = Client::tracked(rocket(scenario, Attached::Sessions)).await;
        let issuer = issuer.expect("launch");
        let sign_in = issuer.post("/sign-in").header(agent()).remote(client());
        assert_eq!(sign_in.dispatch().await.status(), Status::Ok);
        issuer.get("/seal-floor").dispatch().await;
        let cookies: Vec<_> = issuer.cookies().iter().cloned().collect();
        let session = cookies.iter().filter(|cookie| cookie.name() != "floor");
        let pairs = session.map(|c| format!("{}={}", c.name(), c.value()));

        let app = rocket(scenario, scenario.attached);
        Self {
            client: Client::untracked(app).await.expect("launch"),
            path: scenario.path,
            line: pairs.collect::<Vec<_>>().join("; "),
            cookies,
        }
    }

    /// Serves the request once.
    pub async fn serve(&self) {
        let mut request = self.client.get(self.path).remote(client()).header(agent());
        let host = Host::parse("shop.example").expect("a host");
        request.inner_mut().set_host(host);
        // A server has the line; Rocket's local client has only the jar.
        let request = request.header(Header::new("Cookie", self.line.clone()));
        let response = request
            .cookies(self.cookies.iter().cloned())
            .dispatch()
            .await;
        assert_eq!(response.status(), Status::Ok);
    }
}

fn agent() -> Header<'static> {
    Header::new("User-Agent", USER_AGENT)
}

fn client() -> SocketAddr {
    CLIENT.parse().expect("an address")
}

/// A runtime of one thread, so that counts repeat.
pub fn one_thread() -> rocket::tokio::runtime::Runtime {
    let runtime = rocket::tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime")
}
