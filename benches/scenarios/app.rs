//! The app: a route for each kind of protection.

use std::fmt::Display;

use rocket::fairing::{AdHoc, Fairing, Info, Kind};
use rocket::http::{Cookie, CookieJar, Header, SameSite, Status};
use rocket::outcome::IntoOutcome;
use rocket::request::{self, FromRequest, Request};
use rocket::response::{self, Responder, Response};
use rocket::{async_trait, get, post};
use rocket_restricted_session::{Error, RestrictedSession, SessionData, SessionJar};
use serde::{Deserialize, Serialize};

pub(super) const COOKIE: &str = "__Host-session";
pub(super) const HSTS: &str = "Strict-Transport-Security";

#[derive(Serialize, Deserialize)]
pub(super) struct Account {
    name: String,
    email: String,
    note: String,
}

impl Account {
    pub(super) fn with_note(bytes: usize) -> Self {
        Self {
            name: "ada".into(),
            email: "ada@example.com".into(),
            note: "x".repeat(bytes),
        }
    }
}

impl SessionData for Account {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

#[post("/login/<note>")]
pub(super) async fn login(note: usize, jar: SessionJar<'_, Account>) -> Result<(), Error> {
    jar.login(Account::with_note(note)).await
}

#[get("/open")]
pub(super) fn open() -> &'static str {
    "Hello."
}

#[get("/guarded")]
pub(super) fn guarded(account: RestrictedSession<Account>) -> &'static str {
    greet(&account)
}

#[get("/unsealed")]
pub(super) fn unsealed(cookies: &CookieJar<'_>) -> Option<&'static str> {
    let cookie = cookies.get_private(COOKIE)?;
    let (_envelope, json) = cookie.value().split_once('.')?;
    let account: Account = serde_json::from_str(json).ok()?;
    Some(greet(&account))
}

fn greet(account: &Account) -> &'static str {
    assert!(!account.name.is_empty());
    "Hello."
}

/// The session of an app that compares by itself.
#[derive(Serialize, Deserialize)]
pub(super) struct SessionByHand {
    pub(super) address: String,
    pub(super) user_agent: String,
    pub(super) account: Account,
}

#[async_trait]
impl<'r> FromRequest<'r> for SessionByHand {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, ()> {
        let read = || {
            let cookie = request.cookies().get_private(COOKIE)?;
            let session: Self = serde_json::from_str(cookie.value()).ok()?;
            let address = request.remote()?.ip().to_string();
            let user_agent = request.headers().get_one("User-Agent")?;
            let same = session.address == address && session.user_agent == user_agent;
            same.then_some(session)
        };
        read().or_forward(Status::Unauthorized)
    }
}

#[get("/by-hand")]
pub(super) fn by_hand(session: SessionByHand) -> &'static str {
    greet(&session.account)
}

pub(super) struct Idle;

#[async_trait]
impl Fairing for Idle {
    fn info(&self) -> Info {
        Info {
            name: "Idle",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(&self, _: &'r Request<'_>, _: &mut Response<'r>) {}
}

pub(super) fn hsts_by_hand() -> impl Fairing {
    AdHoc::on_response("HSTS by hand", |_, response| {
        Box::pin(async move {
            response.set_raw_header(HSTS, "max-age=31536000");
        })
    })
}

const STRONG: &str = "; HttpOnly; SameSite=Lax";

/// A response with so many cookies, as long as real ones are.
pub(super) struct Cookies {
    number: usize,
    suffix: &'static str,
}

#[get("/weak/<number>")]
pub(super) fn weak(number: usize) -> Cookies {
    Cookies { number, suffix: "" }
}

#[get("/strong/<number>")]
pub(super) fn strong(number: usize) -> Cookies {
    let suffix = STRONG;
    Cookies { number, suffix }
}

impl<'r> Responder<'r, 'static> for Cookies {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::new();
        for number in 0..self.number {
            let line = format!(
                "tracker-{number}=0123456789abcdef0123456789abcdef; Path=/; Max-Age=31536000{}",
                self.suffix
            );
            response.adjoin_header(Header::new("Set-Cookie", line));
        }
        Ok(response)
    }
}

/// Hardens cookies as an app would that trusts the `cookie` crate with them.
pub(super) fn reprinted_cookies() -> impl Fairing {
    AdHoc::on_response("Reprinted cookies", |_, response| {
        Box::pin(async move {
            let lines = response.headers().get("Set-Cookie");
            let reprint = |line| {
                let mut cookie = Cookie::parse_encoded(line).ok()?;
                cookie.set_http_only(true);
                cookie.set_same_site(SameSite::Lax);
                Some(cookie.encoded().to_string())
            };
            let hardened: Vec<String> = lines.filter_map(reprint).collect();
            response.remove_header("Set-Cookie");
            for line in hardened {
                response.adjoin_header(Header::new("Set-Cookie", line));
            }
        })
    })
}
