//! The session cookie's own attributes, and two kinds of session in one app.

use crate::support::*;
use rocket::figment::Figment;
use rocket::http::Status;
use rocket_restricted_session::{
    FreshSession, RestrictedSession, SessionData, SessionJar, SessionShield,
};
use serde::{Deserialize, Serialize};
use std::fmt::Display;

fn line_of_sign_in(figment: Figment) -> String {
    let app = App::from_figment(figment);
    let lines = set_cookies(&app.owner().post("/login/ada"));
    assert_eq!(lines.len(), 1);
    lines[0].split_once("; ").unwrap().1.to_owned()
}

#[test]
fn the_cookie_is_secure_unless_the_debug_profile_serves_a_plain_name_over_plain_http() {
    const SECURE: &str = "Path=/; Secure; HttpOnly; SameSite=Lax";
    const BARE: &str = "Path=/; HttpOnly; SameSite=Lax";
    let plain_name = "cookie_name = \"session\"";
    assert_eq!(line_of_sign_in(figment("")), SECURE);
    assert_eq!(line_of_sign_in(released("")), SECURE);
    assert_eq!(line_of_sign_in(figment(plain_name)), BARE);
    assert_eq!(line_of_sign_in(released(plain_name)), SECURE);
    let over_tls = format!("{plain_name}\nproxy.assume_secure = true");
    assert_eq!(line_of_sign_in(figment(&over_tls)), SECURE);
}

#[test]
fn same_site_is_what_was_configured() {
    for same_site in ["Strict", "Lax", "None"] {
        let line = line_of_sign_in(figment(&format!("same_site = \"{same_site}\"")));
        assert!(line.ends_with(&format!("SameSite={same_site}")), "{line}");
    }
}

#[test]
fn the_session_cookie_keeps_its_attributes_without_hardening() {
    let line = line_of_sign_in(figment("cookies.harden = false"));
    assert_eq!(line, "Path=/; Secure; HttpOnly; SameSite=Lax");
}

#[derive(Serialize, Deserialize)]
pub struct Admin {
    name: String,
    cart: String,
}

impl SessionData for Admin {
    fn subject(&self) -> impl Display {
        &self.name
    }
}

#[rocket::get("/admin")]
fn admin(session: RestrictedSession<Admin>) -> String {
    session.name.clone()
}

#[rocket::get("/admin-fresh")]
fn admin_fresh(session: FreshSession<Admin>) -> String {
    session.name.clone()
}

#[rocket::post("/admin-login")]
async fn admin_login(jar: SessionJar<'_, Admin>) -> Result<(), Status> {
    let (name, cart) = ("root".into(), String::new());
    Ok(jar.login(Admin { name, cart }).await?)
}

fn two_kinds() -> App {
    let figment = figment("").merge(("admin_session.cookie_name", "__Host-admin"));
    let figment = figment.merge(("admin_session.fresh_for", 60));
    App::with(figment, |rocket| {
        rocket
            .attach(SessionShield::<Admin>::new().section("admin_session"))
            .mount("/", rocket::routes![admin, admin_fresh, admin_login])
    })
}

#[test]
fn a_user_cookie_never_opens_an_admin_route_nor_the_other_way_round() {
    let app = two_kinds();
    let user = app.sign_in();
    assert_eq!(app.owner().sees("/admin").0, 401);
    for name in ["__Host-admin", COOKIE] {
        let line = format!("{name}={user}");
        let response = app.owner().get_with_cookies("/admin", &[line]);
        assert_eq!(response.status(), Status::Unauthorized, "{name}");
    }

    app.owner().post("/admin-login");
    let admin = app
        .client
        .cookies()
        .get("__Host-admin")
        .unwrap()
        .value()
        .to_owned();
    let line = format!("{COOKIE}={admin}");
    let response = app.owner().get_with_cookies("/account", &[line]);
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(app.owner().sees("/admin"), (200, "root".into()));
    assert_eq!(app.owner().sees("/account"), (200, "ada:".into()));
}

#[test]
fn each_kind_of_session_ends_by_itself() {
    let app = two_kinds();
    app.sign_in();
    app.owner().post("/admin-login");
    app.owner().post("/logout-then/ok");
    assert_eq!(app.owner().sees("/admin-fresh").0, 200);
    assert_eq!(app.owner().sees("/account").0, 401);
}

#[test]
fn a_session_sealed_for_one_section_is_unreadable_in_another_of_the_same_cookie_name() {
    let figment = figment("").merge(("other.cookie_name", COOKIE));
    let rocket = rocket::custom(figment)
        .attach(SessionShield::<Admin>::new().section("other"))
        .mount("/", rocket::routes![admin, admin_fresh, admin_login]);
    let client = rocket::local::blocking::Client::tracked(rocket).unwrap();
    client.post("/admin-login").dispatch();
    let value = client.cookies().get(COOKIE).unwrap().value().to_owned();
    assert_eq!(client.get("/admin").dispatch().status(), Status::Ok);

    let app = App::new("");
    let quiet = app.owner().at("").with(None);
    let line = format!("{COOKIE}={value}");
    let seen = outcome(quiet.get_with_cookies("/account", &[line]));
    assert_eq!(seen, (401, "unreadable - false".into()));
}

#[test]
fn the_apps_own_signals_bind_as_well() {
    struct Platform;
    impl rocket_restricted_session::Signal for Platform {
        fn name(&self) -> &'static str {
            "platform"
        }
        fn observe<'r>(
            &self,
            request: &'r rocket::Request<'_>,
        ) -> Option<std::borrow::Cow<'r, str>> {
            let header = request.headers().get_one("Sec-CH-UA-Platform");
            header.map(std::borrow::Cow::Borrowed)
        }
    }
    let shield = || {
        let (clock, told) = (TestClock::default(), Told::default());
        shield(&clock, &told)
    };
    let rocket = rocket(figment(""))
        .manage(TestClock::default())
        .attach(shield().signal(Platform));
    let bound = rocket::local::blocking::Client::tracked(rocket).unwrap();
    let status = |request: rocket::local::blocking::LocalRequest<'_>,
                  platform: Option<&'static str>| {
        let mut request = request;
        if let Some(platform) = platform {
            request.add_header(rocket::http::Header::new("Sec-CH-UA-Platform", platform));
        }
        outcome(request.dispatch())
    };
    let refused = (401, String::from("mismatch platform true"));

    status(bound.post("/login/ada"), Some("\"Linux\""));
    assert_eq!(status(bound.get("/account"), Some("\"Linux\"")).0, 200);
    assert_eq!(status(bound.get("/account"), Some("\"macOS\"")), refused);
    assert_eq!(status(bound.get("/account"), None), refused);

    status(bound.post("/login/ada"), None);
    assert_eq!(status(bound.get("/account"), None).0, 200);
    assert_eq!(status(bound.get("/account"), Some("\"Linux\"")), refused);

    // A session from before the signal was added is not bound to it.
    let before = App::new("");
    let quiet = before.owner().at("").with(None);
    quiet.post("/login/ada");
    let line = format!("{COOKIE}={}", before.cookie().unwrap());
    let request = bound
        .get("/account")
        .header(rocket::http::Header::new("Cookie", line));
    assert_eq!(status(request, Some("\"Linux\"")).0, 200);
}
