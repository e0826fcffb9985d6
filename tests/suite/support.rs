//! An app with every kind of route, a clock that the tests hold, and visitors to it.

use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use rocket::figment::providers::{Format, Toml};
use rocket::figment::Figment;
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::{catch, catchers, get, post, routes, Build, Config, Request, Rocket};
use rocket_restricted_session::store::Store;
use rocket_restricted_session::{
    rejection, Error, Event, FreshSession, Rejection, RestrictedSession, SessionData, SessionId,
    SessionJar, SessionShield,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
pub const FIREFOX_131: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0";
pub const CURL: &str = "curl/8.5.0";
pub const HOME: &str = "192.0.2.7";
pub const ELSEWHERE: &str = "198.51.100.9";
pub const COOKIE: &str = "__Host-session";

#[derive(Debug, Serialize, Deserialize)]
pub struct Account {
    pub name: String,
    pub cart: String,
}

impl Account {
    pub fn of(name: &str) -> Self {
        Self {
            name: name.into(),
            cart: String::new(),
        }
    }
}

impl SessionData for Account {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

type Jar<'r> = SessionJar<'r, Account>;

#[post("/login/<name>")]
async fn login(name: &str, jar: Jar<'_>) -> Result<(), Error> {
    jar.login(Account::of(name)).await
}

#[post("/login-with/<bytes>")]
async fn login_with(bytes: usize, jar: Jar<'_>) -> Result<(), Error> {
    let (name, cart) = ("ada".into(), "x".repeat(bytes));
    jar.login(Account { name, cart }).await
}

#[post("/login-then/<fate>")]
async fn login_then(fate: &str, jar: Jar<'_>) -> Result<(), Status> {
    jar.login(Account::of("ada")).await?;
    meet(fate)
}

#[post("/logout-then/<fate>")]
async fn logout_then(fate: &str, jar: Jar<'_>) -> Result<(), Status> {
    jar.logout().await?;
    meet(fate)
}

fn meet(fate: &str) -> Result<(), Status> {
    match fate {
        "fail" => Err(Status::InternalServerError),
        "panic" => panic!("as the test asked for"),
        _ => Ok(()),
    }
}

#[post("/reauthenticate")]
async fn reauthenticate(jar: Jar<'_>) -> Result<(), Error> {
    jar.reauthenticate().await
}

#[post("/update/<name>/<cart>")]
async fn update(name: &str, cart: &str, jar: Jar<'_>) -> Result<(), Error> {
    let (name, cart) = (name.into(), cart.into());
    jar.update(Account { name, cart }).await
}

#[post("/all-at-once")]
async fn all_at_once(jar: Jar<'_>) -> Result<(), Error> {
    jar.logout().await?;
    jar.login(Account::of("grace")).await?;
    jar.reauthenticate().await?;
    let (name, cart) = ("grace".into(), "tea".into());
    jar.update(Account { name, cart }).await
}

#[post("/logout-then-update")]
async fn logout_then_update(jar: Jar<'_>) -> Result<(), Error> {
    jar.logout().await?;
    jar.update(Account::of("ada")).await
}

#[post("/slow-update/<seconds>")]
async fn slow_update(
    seconds: i64,
    jar: Jar<'_>,
    clock: &rocket::State<TestClock>,
) -> Result<(), Error> {
    let (name, cart) = ("ada".into(), "tea".into());
    jar.update(Account { name, cart }).await?;
    clock.pass(seconds);
    Ok(())
}

#[post("/slow-reauthenticate/<seconds>")]
async fn slow_reauthenticate(
    seconds: i64,
    jar: Jar<'_>,
    clock: &rocket::State<TestClock>,
) -> Result<(), Error> {
    jar.reauthenticate().await?;
    clock.pass(seconds);
    Ok(())
}

#[post("/slow-login/<seconds>")]
async fn slow_login(
    seconds: i64,
    jar: Jar<'_>,
    clock: &rocket::State<TestClock>,
) -> Result<(), Error> {
    jar.login(Account::of("ada")).await?;
    let (name, cart) = ("ada".into(), "tea".into());
    jar.update(Account { name, cart }).await?;
    clock.pass(seconds);
    Ok(())
}

#[get("/sessions")]
async fn sessions(jar: Jar<'_>) -> Result<String, Error> {
    let sessions = jar.sessions().await?;
    let lines: Vec<_> = sessions.iter().map(crate::ending::line).collect();
    Ok(lines.join("\n"))
}

#[post("/end/<id>")]
async fn end(id: SessionId, jar: Jar<'_>) -> Result<(), Error> {
    jar.end(id).await
}

#[post("/logout-others")]
async fn logout_others(jar: Jar<'_>) -> Result<(), Error> {
    jar.logout_others().await
}

#[post("/logout-everywhere/<subject>")]
async fn logout_everywhere(subject: &str, jar: Jar<'_>) -> Result<(), Error> {
    jar.logout_everywhere(subject).await
}

#[get("/account")]
fn account(session: RestrictedSession<Account>) -> String {
    format!("{}:{}", session.name, session.cart)
}

#[get("/times")]
fn times(session: RestrictedSession<Account>) -> String {
    let times = [session.authenticated_at(), session.expires_at()];
    let [authenticated, expires] = times.map(OffsetDateTime::unix_timestamp);
    format!(
        "{authenticated} {expires} {} {}",
        session.is_fresh(),
        session.session_id()
    )
}

#[get("/files/<path..>")]
fn files(path: PathBuf, _session: RestrictedSession<Account>) -> String {
    path.display().to_string()
}

#[get("/device")]
fn device(session: RestrictedSession<Account>) -> String {
    session.is_device_bound().to_string()
}

#[get("/fresh")]
fn fresh(session: FreshSession<Account>) -> String {
    session.name.clone()
}

#[get("/option")]
fn option(session: Option<RestrictedSession<Account>>) -> String {
    session.map_or("nobody".into(), |session| session.name.clone())
}

#[get("/result")]
fn result(session: Result<RestrictedSession<Account>, Rejection>) -> String {
    session.map_or_else(|why| format!("refused: {why}"), |s| s.name.clone())
}

#[get("/ranked")]
fn ranked(session: RestrictedSession<Account>, _fresh: FreshSession<Account>) -> String {
    session.name.clone()
}

#[get("/ranked", rank = 2)]
fn ranked_second(_session: RestrictedSession<Account>) -> &'static str {
    "second"
}

#[get("/ranked", rank = 3)]
fn ranked_third() -> &'static str {
    "third"
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[get("/account-then/<fate>")]
fn account_then(fate: &str, _session: RestrictedSession<Account>) -> Result<(), Status> {
    meet(fate)
}

#[get("/slow/<seconds>")]
fn slow(
    seconds: i64,
    _session: RestrictedSession<Account>,
    clock: &rocket::State<TestClock>,
) -> &'static str {
    clock.pass(seconds);
    "late"
}

#[catch(default)]
fn reason(status: Status, request: &Request<'_>) -> (Status, String) {
    let why = rejection(request).map_or("-".into(), |why| {
        let signal = why.signal().unwrap_or("-");
        format!("{} {signal} {}", why.reason(), why.is_hijack())
    });
    (status, why)
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<AtomicI64>);

pub const START: i64 = 1_800_000_000;

impl Default for TestClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }
}

impl TestClock {
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    pub fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    pub fn reader(&self) -> impl Fn() -> OffsetDateTime + Send + Sync + 'static {
        let clock = self.0.clone();
        move || OffsetDateTime::from_unix_timestamp(clock.load(Ordering::SeqCst)).unwrap()
    }
}

/// Keys of `[default.restricted_session]`, in a figment that reads no file and no environment.
pub fn figment(keys: &str) -> Figment {
    figment_with("", keys)
}

/// As [`figment`], with keys of Rocket's own before the table.
pub fn figment_with(rocket: &str, keys: &str) -> Figment {
    let toml = format!("[default]\n{rocket}\n[default.restricted_session]\n{keys}");
    Figment::from(Config::debug_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"))
        .merge(Toml::string(&toml).nested())
}

pub fn toml(text: &str) -> impl rocket::figment::Provider {
    Toml::string(text).nested()
}

/// The app of the tests under another profile than debug.
pub fn released(keys: &str) -> Figment {
    figment(keys).select("release")
}

#[derive(Debug, Default, Clone)]
pub struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

pub struct App {
    pub client: Client,
    pub clock: TestClock,
    pub told: Told,
}

pub fn shield(clock: &TestClock, told: &Told) -> SessionShield<Account> {
    let told = told.clone();
    SessionShield::new()
        .clock(clock.reader())
        .on_event(move |event| told.0.lock().unwrap().push(event.clone()))
}

pub fn rocket(figment: Figment) -> Rocket<Build> {
    let routes = routes![
        login,
        login_with,
        login_then,
        logout_then,
        reauthenticate,
        update,
        all_at_once,
        logout_then_update,
        account,
        times,
        fresh,
        option,
        result,
        ranked,
        ranked_second,
        ranked_third,
        open,
        account_then,
        slow,
        slow_update,
        slow_login,
        sessions,
        end,
        logout_others,
        logout_everywhere,
        device,
        files,
        slow_reauthenticate,
    ];
    rocket::custom(figment)
        .mount("/", routes)
        .register("/", catchers![reason])
}

impl App {
    pub fn new(keys: &str) -> Self {
        Self::from_figment(figment(keys))
    }

    pub fn from_figment(figment: Figment) -> Self {
        Self::with(figment, |rocket| rocket)
    }

    pub fn with(figment: Figment, more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let (clock, told) = (TestClock::default(), Told::default());
        let rocket = rocket(figment)
            .manage(clock.clone())
            .attach(shield(&clock, &told));
        Self {
            client: Client::tracked(more(rocket)).expect("launch"),
            clock,
            told,
        }
    }

    pub fn on_store(figment: Figment, store: impl Store) -> Self {
        let (clock, told) = (TestClock::default(), Told::default());
        let rocket = rocket(figment)
            .manage(clock.clone())
            .attach(shield(&clock, &told).store(store));
        Self {
            client: Client::tracked(rocket).expect("launch"),
            clock,
            told,
        }
    }

    /// The owner's browser, at home.
    pub fn owner(&self) -> Visitor<'_> {
        Visitor {
            app: self,
            address: HOME,
            agent: Some(FIREFOX),
        }
    }

    /// Signs the owner in and returns the value of the cookie that the browser got.
    pub fn sign_in(&self) -> String {
        assert_eq!(self.owner().post("/login/ada").status(), Status::Ok);
        self.cookie().expect("a session cookie")
    }

    /// Signs the owner in with a browser that has no session yet, and returns the new cookie.
    pub fn another_browser(&self) -> String {
        let request = self.owner().dress(self.client.post("/login/ada"));
        let response = request.header(Header::new("Cookie", "other=1")).dispatch();
        assert_eq!(response.status(), Status::Ok);
        self.cookie().expect("a session cookie")
    }

    /// The session cookie that the browser holds.
    pub fn cookie(&self) -> Option<String> {
        let jar = self.client.cookies();
        jar.get(COOKIE).map(|cookie| cookie.value().to_owned())
    }

    /// Empties the browser of the session cookie.
    pub fn forget(&self) {
        self.owner().post("/logout-then/ok");
    }
}

/// Somebody who shares the browser's cookies, at some address, with some software.
#[derive(Clone, Copy)]
pub struct Visitor<'a> {
    app: &'a App,
    address: &'a str,
    agent: Option<&'a str>,
}

impl<'a> Visitor<'a> {
    pub fn at(self, address: &'a str) -> Self {
        Self { address, ..self }
    }

    pub fn with(self, agent: impl Into<Option<&'a str>>) -> Self {
        let agent = agent.into();
        Self { agent, ..self }
    }

    pub fn dress(&self, request: LocalRequest<'a>) -> LocalRequest<'a> {
        let mut request = request;
        if !self.address.is_empty() {
            let address = SocketAddr::new(self.address.parse().expect("an address"), 40_000);
            request = request.remote(address);
        }
        if let Some(agent) = self.agent {
            request.add_header(Header::new("User-Agent", agent.to_owned()));
        }
        request
    }

    pub fn get(&self, path: &'a str) -> LocalResponse<'a> {
        self.dress(self.app.client.get(path)).dispatch()
    }

    pub fn post(&self, path: &'a str) -> LocalResponse<'a> {
        self.dress(self.app.client.post(path)).dispatch()
    }

    /// Sends raw `Cookie` lines, as a thief or a misled browser does; the jar stays out of it.
    pub fn get_with_cookies(&self, path: &'a str, lines: &[String]) -> LocalResponse<'a> {
        let mut request = self.dress(self.app.client.get(path));
        for line in lines {
            request.add_header(Header::new("Cookie", line.clone()));
        }
        request.dispatch()
    }

    /// Status and body, which names the reason where a catcher answered.
    pub fn sees(&self, path: &'a str) -> (u16, String) {
        outcome(self.get(path))
    }
}

pub fn outcome(response: LocalResponse<'_>) -> (u16, String) {
    let status = response.status().code;
    (status, response.into_string().unwrap_or_default())
}

pub fn set_cookies(response: &LocalResponse<'_>) -> Vec<String> {
    let lines = response.headers().get("Set-Cookie");
    lines.map(str::to_owned).collect()
}

pub fn header(response: &LocalResponse<'_>, name: &str) -> Option<String> {
    response.headers().get_one(name).map(str::to_owned)
}

/// The error of a launch that must be refused. Rocket panics if nobody looks at it.
pub fn refusal(rocket: Rocket<Build>) -> String {
    match Client::untracked(rocket) {
        Ok(_) => panic!("the launch was not refused"),
        Err(error) => format!("{:?}", error.kind()),
    }
}
