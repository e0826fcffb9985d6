//! The app that the tests visit: sign-in by a form, an account, four weak cookies, a panic.

use std::fmt::Display;
use std::pin::Pin;

use rocket::data::{IoHandler, IoStream};
use rocket::figment::Figment;
use rocket::form::Form;
use rocket::http::{Cookie, CookieJar, Header, Status};
use rocket::response::content::RawHtml;
use rocket::response::stream::{Event, EventStream};
use rocket::response::{Redirect, Responder, Response};
use rocket::{catch, catchers, get, post, routes, Build, FromForm, Request, Rocket};
use rocket_restricted_session::{
    rejection, ClientIp, Error, RestrictedSession, SessionData, SessionJar, SessionShield,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, FromForm)]
pub struct Account {
    name: String,
}

impl SessionData for Account {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

#[get("/")]
fn index() -> RawHtml<&'static str> {
    RawHtml(
        "<!doctype html><title>Sign in</title><form method=post action=/login>\
         <input name=name><button id=login>Sign in</button></form>",
    )
}

#[post("/login", data = "<account>")]
async fn login(account: Form<Account>, jar: SessionJar<'_, Account>) -> Result<Redirect, Error> {
    jar.login(account.into_inner()).await?;
    Ok(Redirect::to("/account"))
}

#[get("/account")]
fn account(session: RestrictedSession<Account>) -> RawHtml<String> {
    RawHtml(format!(
        "<!doctype html><title>Account</title><p id=greeting>Hello, {}.</p>\
         <form method=post action=/logout><button id=logout>Sign out</button></form>",
        session.name
    ))
}

#[post("/logout")]
async fn logout(jar: SessionJar<'_, Account>) -> Result<Redirect, Error> {
    jar.logout().await?;
    Ok(Redirect::to("/"))
}

#[get("/live")]
fn live(session: RestrictedSession<Account>) -> EventStream![] {
    EventStream! {
        yield Event::data("open");
        session.ended().await;
        yield Event::data("ended");
    }
}

#[get("/whoami")]
fn whoami(client: ClientIp) -> String {
    client.to_string()
}

#[post("/echo", data = "<body>")]
fn echo(body: String) -> String {
    format!("posted: {body}")
}

#[post("/login-and-panic", data = "<account>")]
async fn login_and_panic(account: Form<Account>, jar: SessionJar<'_, Account>) -> Status {
    let _ = jar.login(account.into_inner()).await;
    panic!("as the test asked for")
}

#[post("/logout-and-panic")]
async fn logout_and_panic(jar: SessionJar<'_, Account>) -> Status {
    let _ = jar.logout().await;
    panic!("as the test asked for")
}

#[derive(Responder)]
struct WeakCookies {
    text: &'static str,
    tracker: Header<'static>,
}

#[get("/cookies")]
fn cookies(jar: &CookieJar<'_>) -> WeakCookies {
    jar.add(Cookie::build(("theme", "dark")).http_only(false));
    jar.add(Cookie::new("csrf", "token"));
    jar.remove("__Host-old");
    WeakCookies {
        text: "four cookies",
        tracker: Header::new("Set-Cookie", "tracker=1; Path=/"),
    }
}

#[get("/plant")]
fn plant(jar: &CookieJar<'_>) -> &'static str {
    jar.add(Cookie::build(("__Host-old", "1")).secure(true));
    "one cookie"
}

/// Speaks another protocol for a moment.
struct Silence;

#[rocket::async_trait]
impl IoHandler for Silence {
    async fn io(self: Pin<Box<Self>>, _: IoStream) -> std::io::Result<()> {
        Ok(())
    }
}

struct Upgraded;

impl<'r> Responder<'r, 'static> for Upgraded {
    fn respond_to(self, _: &'r Request<'_>) -> rocket::response::Result<'static> {
        let mut response = Response::build();
        response.raw_header("Set-Cookie", "tracker=1");
        response.upgrade("silence", Silence).ok()
    }
}

#[get("/upgrade")]
fn upgrade(_session: RestrictedSession<Account>) -> Upgraded {
    Upgraded
}

#[catch(401)]
fn unauthorized(request: &Request<'_>) -> String {
    match rejection(request) {
        Some(why) if why.is_hijack() => format!("stolen: {}", why.signal().unwrap_or("-")),
        Some(why) => format!("sign in: {}", why.reason()),
        None => String::from("sign in"),
    }
}

pub fn rocket(figment: Figment) -> Rocket<Build> {
    rocket_behind(SessionShield::new(), figment)
}

pub fn rocket_behind(shield: SessionShield<Account>, figment: Figment) -> Rocket<Build> {
    let session = routes![
        login,
        account,
        logout,
        upgrade,
        live,
        login_and_panic,
        logout_and_panic
    ];
    rocket::custom(figment)
        .attach(shield)
        .mount("/", session)
        .mount("/", routes![index, whoami, echo, plant, cookies])
        .register("/", catchers![unauthorized])
}
