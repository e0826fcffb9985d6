//! The quick start of the README: sign in, be recognised, be told of a thief.

use rocket::form::Form;
use rocket::http::Status;
use rocket::{catch, catchers, get, launch, post, routes, FromForm, Request};
use rocket_restricted_session::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, FromForm)]
struct Account {
    name: String,
}

impl SessionData for Account {
    fn subject(&self) -> impl std::fmt::Display {
        &self.name
    }
}

#[post("/login", data = "<account>")]
async fn login(account: Form<Account>, jar: SessionJar<'_, Account>) -> Result<(), Status> {
    Ok(jar.login(account.into_inner()).await?) // first check a password here
}

#[get("/account")]
fn account(session: RestrictedSession<Account>) -> String {
    format!("Hello, {}.", session.name)
}

#[catch(401)]
fn unauthorized(request: &Request<'_>) -> &'static str {
    match rejection(request) {
        Some(r) if r.is_hijack() => "This session was used from elsewhere.",
        _ => "Please sign in.",
    }
}

#[launch]
fn rocket() -> _ {
    rocket::build()
        .attach(SessionShield::<Account>::new())
        .mount("/", routes![login, account])
        .register("/", catchers![unauthorized])
}
