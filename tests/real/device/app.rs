//! The app of the tests with sessions bound to devices, a log of its requests, and another site.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::response::content::RawHtml;
use rocket::{get, post, routes, Build, Request, Response, Rocket};
use rocket_restricted_session::{EventKind, RestrictedSession, SessionShield};
use time::{Duration, OffsetDateTime};

use crate::app::{self, Account};
use crate::switched_store::Switched;

/// What outlives a restart of the server.
#[derive(Debug, Clone, Default)]
pub struct Backstage {
    pub store: Switched,
    pub log: Log,
    pub told: Told,
    ahead: Arc<AtomicI64>,
}

impl Backstage {
    /// Moves the server's clock; that of the browser stays.
    pub fn pass(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn rocket(&self, figment: Figment) -> Rocket<Build> {
        let ahead = self.ahead.clone();
        let now =
            move || OffsetDateTime::now_utc() + Duration::seconds(ahead.load(Ordering::SeqCst));
        let (told, log) = (self.told.clone(), self.log.clone());
        let shield = SessionShield::new()
            .clock(now)
            .store(self.store.clone())
            .on_event(move |event| told.0.lock().unwrap().push(event.kind.clone()));
        app::rocket_behind(shield, figment)
            .mount("/", routes![device, pay, link, form])
            .attach(AdHoc::on_response("Log", move |request, response| {
                log.note(request, response);
                Box::pin(async {})
            }))
    }
}

/// Events, in the order in which they happened.
#[derive(Debug, Clone, Default)]
pub struct Told(Arc<Mutex<Vec<EventKind>>>);

impl Told {
    pub fn count(&self, is_meant: impl Fn(&EventKind) -> bool) -> usize {
        let told = self.0.lock().unwrap();
        told.iter().filter(|kind| is_meant(kind)).count()
    }
}

/// A request as it arrived, and the status of its answer.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub status: u16,
    pub cookies: String,
    pub identifier: String,
    pub proof: String,
}

/// The requests that were answered, in that order.
#[derive(Debug, Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    fn note(&self, request: &Request<'_>, response: &Response<'_>) {
        let header = |name| request.headers().get_one(name).unwrap_or_default().into();
        self.0.lock().unwrap().push(Seen {
            path: request.uri().path().to_string(),
            status: response.status().code,
            cookies: header("Cookie"),
            identifier: header("Sec-Secure-Session-Id"),
            proof: header("Secure-Session-Response"),
        });
    }

    /// Forgets what arrived so far.
    pub fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    pub fn of(&self, path: &str) -> Vec<Seen> {
        let seen = self.0.lock().unwrap();
        seen.iter()
            .filter(|seen| seen.path == path)
            .cloned()
            .collect()
    }

    /// The statuses of all refreshes.
    pub fn refreshes(&self) -> Vec<u16> {
        let seen = self.of("/.dbsc/refresh");
        seen.iter().map(|seen| seen.status).collect()
    }
}

#[get("/device")]
fn device(session: RestrictedSession<Account>) -> RawHtml<String> {
    let bound = session.is_device_bound();
    page(&format!("device-bound: {bound}"))
}

#[post("/pay", data = "<order>")]
fn pay(order: String, session: RestrictedSession<Account>) -> String {
    format!("paid, device-bound: {}, {order}", session.is_device_bound())
}

/// A page of another site that leads here.
#[get("/link?<to>")]
fn link(to: &str) -> RawHtml<String> {
    page(&format!("<a href='{to}'>To your bank</a>"))
}

/// A page of another site that signs in here, as an identity provider does.
#[get("/form?<to>")]
fn form(to: &str) -> RawHtml<String> {
    page(&format!(
        "<form method=post action='{to}'><input name=name value=ada><button>Go</button></form>"
    ))
}

/// A page without an icon, which a browser would ask for by itself.
fn page(body: &str) -> RawHtml<String> {
    RawHtml(format!(
        "<!doctype html><title>Page</title><link rel=icon href='data:,'>{body}"
    ))
}
