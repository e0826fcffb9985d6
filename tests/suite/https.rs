//! Requests that did not arrive over TLS: served, redirected or rejected, with their body unread.

use crate::support::{figment, outcome, set_cookies};
use rocket::fairing::AdHoc;
use rocket::http::uri::Host;
use rocket::http::{ContentType, Header, Method, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::{catch, catchers, get, post, routes, State};
use rocket_restricted_session::TransportShield;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Default)]
struct Handled(AtomicUsize);

#[get("/<_..>")]
fn catch_all(handled: &State<Handled>) -> &'static str {
    handled.0.fetch_add(1, Ordering::SeqCst);
    "served"
}

#[post("/<_..>", data = "<body>")]
fn posted(body: Vec<u8>, handled: &State<Handled>) -> String {
    handled.0.fetch_add(1, Ordering::SeqCst);
    body.len().to_string()
}

#[catch(default)]
fn catcher() -> &'static str {
    "catcher"
}

const PROXY: &str = "10.0.0.1:1";
const REDIRECT: &str =
    "https = { on_insecure = \"redirect\", hosts = [\"bank.example\", \"api.example:8443\"] }";

fn client(profile: &str, keys: &str) -> Client {
    let keys = format!("proxy.trusted = [\"10.0.0.1\"]\n{keys}");
    let early = AdHoc::on_request("Early", |request, _| {
        Box::pin(async move { request.cookies().add(("early", "1")) })
    });
    let rocket = rocket::custom(figment(&keys).select(profile))
        .attach(TransportShield::new())
        .attach(early)
        .manage(Handled::default())
        .mount("/", routes![catch_all, posted])
        .register("/", catchers![catcher]);
    Client::untracked(rocket).unwrap()
}

fn dress<'c>(request: LocalRequest<'c>, host: &'c str, proto: &'static str) -> LocalRequest<'c> {
    let mut request = request.remote(PROXY.parse().unwrap());
    if !host.is_empty() {
        request.inner_mut().set_host(Host::parse(host).unwrap());
    }
    request.add_header(Header::new("X-Forwarded-Proto", proto));
    request
}

fn location(response: &LocalResponse<'_>) -> Option<String> {
    let location = response.headers().get_one("Location");
    location.map(str::to_owned)
}

#[test]
fn a_plain_request_is_redirected_byte_for_byte() {
    let client = client("release", REDIRECT);
    for path in ["/", "/a/b?x=1&y=%2F", "/%20%C3%BC", "/a?", "/?q=a+b%00"] {
        let response = dress(client.get(path), "bank.example:80", "http").dispatch();
        assert_eq!(response.status(), Status::PermanentRedirect);
        let expected = format!("https://bank.example{path}");
        assert_eq!(location(&response), Some(expected));
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        assert!(response
            .headers()
            .get_one("Strict-Transport-Security")
            .is_none());
    }
    let response = dress(client.get("/x"), "API.example", "http").dispatch();
    assert_eq!(
        location(&response).as_deref(),
        Some("https://api.example:8443/x")
    );
}

#[test]
fn every_method_keeps_its_name_and_body_by_308_and_no_handler_runs() {
    let client = client("release", REDIRECT);
    for method in [
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Options,
        Method::Head,
    ] {
        let request = client.req(method, "/transfer").header(ContentType::Form);
        let request = request.body("_method=delete&x=".to_owned() + &"y".repeat(5_000_000));
        let response = dress(request, "bank.example", "http").dispatch();
        assert_eq!(response.status(), Status::PermanentRedirect, "{method}");
        assert_eq!(
            location(&response).as_deref(),
            Some("https://bank.example/transfer")
        );
        assert_eq!(outcome(response).1, "");
    }
    let handled = client.rocket().state::<Handled>().unwrap();
    assert_eq!(handled.0.load(Ordering::SeqCst), 0);
}

#[test]
fn a_secure_request_is_served() {
    for keys in [REDIRECT, "https.on_insecure = \"reject\""] {
        let client = client("release", keys);
        let response = dress(client.get("/x"), "bank.example", "https").dispatch();
        assert_eq!(outcome(response), (200, "served".into()));
        let response = dress(client.post("/x").body("12345"), "bank.example", "https").dispatch();
        assert_eq!(outcome(response), (200, "5".into()));
    }
}

#[test]
fn the_word_of_a_stranger_does_not_make_a_request_secure() {
    let client = client("release", REDIRECT);
    let request = dress(client.get("/x"), "bank.example", "https");
    let response = request.remote("192.0.2.7:1".parse().unwrap()).dispatch();
    assert_eq!(response.status(), Status::PermanentRedirect);
}

#[test]
fn a_host_that_is_not_listed_is_told_nothing() {
    let client = client("release", REDIRECT);
    for host in ["", "evil.test", "bank.example.evil.test", "192.0.2.7"] {
        let response = dress(client.get("/x"), host, "http").dispatch();
        assert_eq!(location(&response), None);
        assert_eq!(outcome(response), (400, String::new()), "{host}");
    }
}

#[test]
fn an_api_may_reject_instead() {
    let client = client("release", "https.on_insecure = \"reject\"");
    for host in ["bank.example", "evil.test", ""] {
        let response = dress(client.get("/x"), host, "http").dispatch();
        assert_eq!(location(&response), None);
        assert_eq!(outcome(response), (403, String::new()));
    }
}

#[test]
fn exempt_paths_are_served() {
    let acme = "/.well-known/acme-challenge/token";
    let default = client("release", REDIRECT);
    let served = |client: &Client, path: &str| {
        dress(client.get(path.to_owned()), "bank.example", "http")
            .dispatch()
            .status()
            == Status::Ok
    };
    assert!(served(&default, acme) && !served(&default, "/healthz"));
    let health = client(
        "release",
        "https = { on_insecure = \"reject\", exempt = [\"/healthz\"] }",
    );
    assert!(served(&health, "/healthz") && served(&health, "/healthz/db"));
    assert!(!served(&health, "/healthzzz") && !served(&health, acme));
}

#[test]
fn the_internal_route_is_no_route_from_outside() {
    let rocket = rocket::custom(figment("").select("release")).attach(TransportShield::new());
    let bare = Client::untracked(rocket).unwrap();
    let path = "/.rocket-restricted-session-insecure";
    assert_eq!(bare.get(path).dispatch().status(), Status::NotFound);
    let allowed = client("release", "");
    let response = dress(allowed.get(path), "bank.example", "http").dispatch();
    assert_eq!(outcome(response), (200, "served".into()));
}

#[test]
fn a_developer_is_left_in_peace_on_the_own_machine_only() {
    let debug = client("debug", REDIRECT);
    for host in ["localhost:8000", "127.0.0.1:8000", "app.localhost"] {
        let response = dress(debug.get("/x"), host, "http").dispatch();
        assert_eq!(response.status(), Status::Ok, "{host}");
    }
    let response = dress(debug.get("/x"), "bank.example", "http").dispatch();
    assert_eq!(response.status(), Status::PermanentRedirect);
    let release = client("release", REDIRECT);
    let response = dress(release.get("/x"), "localhost", "http").dispatch();
    assert_eq!(response.status(), Status::BadRequest);
}

#[test]
fn cookies_of_an_exempt_path_are_hardened_as_everywhere() {
    let client = client("release", REDIRECT);
    let path = "/.well-known/acme-challenge/token";
    let response = dress(client.get(path), "bank.example", "https").dispatch();
    let line = &set_cookies(&response)[0];
    assert!(
        line.contains("; Secure") && line.contains("; HttpOnly"),
        "{line}"
    );
}
