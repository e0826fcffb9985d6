//! Attacks in pairs: the thief fails, the owner still passes.

use std::fmt::Display;
use std::net::SocketAddr;

use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::{get, post, routes, Config};
use rocket_restricted_session::{RestrictedSession, SessionData, SessionJar, SessionShield};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Account {
    name: String,
}

impl SessionData for Account {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

#[post("/login")]
async fn login(jar: SessionJar<'_, Account>) -> Result<(), Status> {
    let name = "ada".into();
    Ok(jar.login(Account { name }).await?)
}

#[get("/account")]
fn account(session: RestrictedSession<Account>) -> String {
    session.name.clone()
}

fn client() -> Client {
    let figment = Config::figment().merge(("secret_key", "5a".repeat(32)));
    let rocket = rocket::custom(figment)
        .attach(SessionShield::<Account>::new())
        .mount("/", routes![login, account]);
    Client::tracked(rocket).unwrap()
}

fn get_account(client: &Client, address: &str, user_agent: &'static str) -> Status {
    let remote: SocketAddr = address.parse().unwrap();
    let request = client.get("/account").remote(remote);
    request
        .header(Header::new("User-Agent", user_agent))
        .dispatch()
        .status()
}

#[test]
fn a_stolen_cookie_does_not_open_the_route_and_the_owner_goes_on() {
    let (home, firefox) = ("192.0.2.7:1234", "Mozilla/5.0 (X11; Linux) Firefox/130.0");
    let client = client();
    let login = client.post("/login").remote(home.parse().unwrap());
    let login = login.header(Header::new("User-Agent", firefox)).dispatch();
    assert_eq!(login.status(), Status::Ok);

    let elsewhere = "198.51.100.9:1234";
    assert_eq!(
        get_account(&client, elsewhere, firefox),
        Status::Unauthorized
    );
    assert_eq!(
        get_account(&client, home, "curl/8.5.0"),
        Status::Unauthorized
    );
    assert_eq!(get_account(&client, home, firefox), Status::Ok);
}
