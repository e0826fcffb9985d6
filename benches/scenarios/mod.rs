//! What is measured: apps that differ in their protection, and the visitor who comes to them all.

mod app;
#[cfg(feature = "dbsc")]
pub(crate) mod device;

#[cfg(feature = "dbsc")]
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicI64, Ordering};

use app::{Account, SessionByHand, COOKIE, HSTS};
use rocket::figment::Figment;
use rocket::http::uri::Host;
use rocket::http::{Header, Status};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};
use rocket::tokio::runtime::{Builder, Runtime};
use rocket::{routes, uri, Build, Config, Rocket, Route};
use rocket_restricted_session::SessionShield;
use time::{Duration, OffsetDateTime};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                      (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

/// How many bytes each session cookie seals.
const SEALED_BYTES: usize = 219;

const WARM_UP: usize = 20;

/// How many requests were made, which the hurrying clock counts.
static REQUESTS: AtomicI64 = AtomicI64::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// A route without guards in an app without fairings: what Rocket itself costs.
    Open,
    /// As open, with a response fairing that does nothing.
    Idle,
    /// Rocket unseals the session cookie, and the handler reads its JSON: the floor.
    Unsealed,
    /// The app compares address and browser by itself, and adds HSTS.
    ByHand,
    /// A route with our guard in an app with our fairing, without a store.
    Guarded,
    /// As guarded, with the store in memory.
    Kept,
    /// As kept, with a cookie so old that its successor is handed out.
    Rotated,
    /// As guarded, with a cookie so old that the response issues it anew.
    Reissued,
    /// As kept, and the session is bound to a device, whose cookie comes along.
    #[cfg(feature = "dbsc")]
    Bound,
    /// A route without guards in an app with our fairing.
    Shielded,
    /// As shielded, over TLS: the response carries HSTS.
    Hsts,
    /// As shielded, with so many weak cookies that are hardened.
    Hardened(usize),
    /// As shielded, and the app hardens its weak cookies by parsing and printing them.
    Reprinted(usize),
    /// As shielded, and the app sends the cookies hardened; nobody looks at them.
    Strong(usize),
}

impl Scenario {
    pub(crate) fn app(self) -> Rocket<Build> {
        let rocket = rocket::custom(self.figment()).mount("/", self.routes());
        let shield = SessionShield::<Account>::new();
        let soon = || OffsetDateTime::now_utc() + Duration::minutes(10);
        match self {
            Self::Open | Self::Unsealed => rocket,
            Self::Idle => rocket.attach(app::Idle),
            Self::ByHand => rocket.attach(app::hsts_by_hand()),
            Self::Reissued => rocket.attach(shield.clock(soon)),
            Self::Rotated => rocket.attach(shield.clock(hurrying())),
            Self::Reprinted(_) => rocket.attach(shield).attach(app::reprinted_cookies()),
            _ => rocket.attach(shield),
        }
    }

    /// Returns one route: Rocket compares a request with all that there are.
    fn routes(self) -> Vec<Route> {
        match self {
            Self::Open | Self::Idle | Self::Shielded | Self::Hsts => routes![app::open],
            Self::Unsealed => routes![app::unsealed],
            Self::ByHand => routes![app::by_hand],
            Self::Guarded | Self::Reissued | Self::Kept | Self::Rotated => routes![app::guarded],
            #[cfg(feature = "dbsc")]
            Self::Bound => routes![app::guarded, app::login],
            Self::Hardened(_) | Self::Reprinted(_) => routes![app::weak],
            Self::Strong(_) => routes![app::strong],
        }
    }

    fn figment(self) -> Figment {
        let figment = Figment::from(Config::release_default())
            .merge(("secret_key", "5a".repeat(32)))
            .merge(("log_level", "off"));
        match self {
            Self::Guarded | Self::Reissued => figment.merge(("restricted_session.store", "none")),
            #[cfg(feature = "dbsc")]
            Self::Bound => figment
                .merge(("restricted_session.dbsc.enabled", true))
                .merge(("restricted_session.proxy.assume_secure", true))
                .merge(("restricted_session.hsts.max_age", false)),
            Self::Rotated => figment.merge(("restricted_session.absolute_timeout", "400d")),
            Self::Hsts => figment.merge(("restricted_session.proxy.assume_secure", true)),
            Self::Reprinted(_) | Self::Strong(_) => {
                figment.merge(("restricted_session.cookies.harden", false))
            }
            _ => figment,
        }
    }

    fn path(self) -> String {
        match self {
            Self::Open | Self::Idle | Self::Shielded | Self::Hsts => "/open".into(),
            Self::Unsealed => "/unsealed".into(),
            Self::ByHand => "/by-hand".into(),
            Self::Guarded | Self::Reissued | Self::Kept | Self::Rotated => "/guarded".into(),
            #[cfg(feature = "dbsc")]
            Self::Bound => "/guarded".into(),
            Self::Hardened(number) | Self::Reprinted(number) => format!("/weak/{number}"),
            Self::Strong(number) => format!("/strong/{number}"),
        }
    }

    /// Tells whether a response is what the scenario is about.
    fn is_met_by(self, response: &LocalResponse<'_>) -> bool {
        let headers = response.headers();
        let cookies = headers.get("Set-Cookie");
        let hardened = cookies.filter(|line| line.contains("HttpOnly; SameSite=Lax"));
        let expected = match self {
            Self::Reissued | Self::Rotated => 1,
            Self::Hardened(number) | Self::Reprinted(number) | Self::Strong(number) => number,
            _ => 0,
        };
        let has_hsts = matches!(self, Self::ByHand | Self::Hsts);
        response.status() == Status::Ok
            && hardened.count() == expected
            && headers.contains(HSTS) == has_hsts
    }
}

/// A scenario that is ready for requests.
pub(crate) struct Stage {
    runtime: Runtime,
    client: &'static Client,
    path: String,
    cookies: Vec<(&'static str, String)>,
}

impl Stage {
    /// Sets the stage, and rehearses until nothing is done for the first time.
    pub(crate) fn set(scenario: Scenario) -> Self {
        let runtime = Builder::new_current_thread().build().unwrap();
        let client = launch(&runtime, scenario.app());
        let cookie = match scenario {
            Scenario::ByHand => padded(client, |note| sealed_by_hand(client, note)),
            #[cfg(feature = "dbsc")]
            Scenario::Bound => return Self::set_bound(runtime, client),
            _ => {
                let kept = matches!(scenario, Scenario::Kept | Scenario::Rotated);
                let app = if kept {
                    Scenario::Kept
                } else {
                    Scenario::Guarded
                }
                .app();
                let app = app.mount("/", routes![app::login]);
                let ours = launch(&runtime, app);
                padded(ours, |note| runtime.block_on(signed_in(ours, note)))
            }
        };
        Self::rehearsed(runtime, client, scenario, vec![(COOKIE, cookie)])
    }

    /// The device registers with the app that is measured: a store in memory takes no bound session
    /// over from another one.
    #[cfg(feature = "dbsc")]
    fn set_bound(runtime: Runtime, client: &'static Client) -> Self {
        let last = RefCell::new(None);
        padded(client, |note| {
            let signed_in = runtime.block_on(device::sign_in(client, note));
            let session = signed_in.session.clone();
            last.replace(Some(signed_in));
            session
        });
        let signed_in = last.take().unwrap();
        let cookies = runtime.block_on(device::cookies(client, signed_in));
        Self::rehearsed(runtime, client, Scenario::Bound, cookies)
    }

    fn rehearsed(
        runtime: Runtime,
        client: &'static Client,
        scenario: Scenario,
        cookies: Vec<(&'static str, String)>,
    ) -> Self {
        let stage = Self {
            runtime,
            client,
            path: scenario.path(),
            cookies,
        };
        // The store of this app takes the session over, and hands out nothing yet.
        drop(stage.runtime.block_on(stage.request().dispatch()));
        for _ in 0..WARM_UP {
            let response = stage.runtime.block_on(stage.request().dispatch());
            assert!(scenario.is_met_by(&response), "{scenario:?}: {response:?}");
        }
        stage
    }

    /// Returns a new request: clones of one would share what is cached with it.
    pub(crate) fn request(&self) -> LocalRequest<'static> {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        let pairs = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let line = Header::new("Cookie", pairs.collect::<Vec<_>>().join("; "));
        // Rocket fills its jar from the `Cookie` line; its local client leaves that to us.
        visit(self.client.get(self.path.clone()))
            .header(line)
            .cookies(self.cookies.clone())
    }

    /// Lets the app answer `request`.
    pub(crate) fn play(&self, request: LocalRequest<'static>) {
        drop(self.runtime.block_on(request.dispatch()));
    }
}

/// A clock by which a successor is due at each request.
fn hurrying() -> impl Fn() -> OffsetDateTime + Send + Sync + 'static {
    let start = OffsetDateTime::now_utc();
    move || start + Duration::minutes(20 * REQUESTS.load(Ordering::Relaxed))
}

pub(crate) fn launch(runtime: &Runtime, app: Rocket<Build>) -> &'static Client {
    let client = runtime.block_on(Client::untracked(app));
    // Requests borrow their client, and a stage stands until the process ends.
    Box::leak(Box::new(client.unwrap()))
}

fn visit(mut request: LocalRequest<'static>) -> LocalRequest<'static> {
    let inner = request.inner_mut();
    inner.set_host(Host::from(uri!("bank.example")));
    inner.set_remote(SocketAddr::new(HOME, 50123));
    request.header(Header::new("User-Agent", CHROME))
}

/// Returns the cookie with a note so long that it seals [`SEALED_BYTES`].
fn padded(client: &'static Client, sealed_with_note: impl Fn(usize) -> String) -> String {
    let request = client.get("/").cookie((COOKIE, sealed_with_note(0)));
    let plaintext = request.inner().cookies().get_private(COOKIE).unwrap();
    sealed_with_note(SEALED_BYTES - plaintext.value().len())
}

/// Returns the session cookie that our fairing issues.
async fn signed_in(client: &'static Client, note: usize) -> String {
    let response = visit(client.post(format!("/login/{note}")))
        .dispatch()
        .await;
    let cookie = response.cookies().get(COOKIE).unwrap();
    cookie.value().to_owned()
}

/// Returns the session cookie of an app that compares by itself.
fn sealed_by_hand(client: &'static Client, note: usize) -> String {
    let session = SessionByHand {
        address: HOME.to_string(),
        user_agent: CHROME.into(),
        account: Account::with_note(note),
    };
    let plaintext = serde_json::to_string(&session).unwrap();
    let request = client.get("/").private_cookie((COOKIE, plaintext));
    let cookie = request.inner().cookies().get(COOKIE).unwrap();
    cookie.value().to_owned()
}
