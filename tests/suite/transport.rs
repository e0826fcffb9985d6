//! HSTS and cookie hardening on whole responses, whoever wrote them.

use crate::support::{figment, outcome, set_cookies};
use rocket::fairing::AdHoc;
use rocket::figment::Figment;
use rocket::http::uri::Host;
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::response::Responder;
use rocket::shield::{Hsts, Shield};
use rocket::{catch, catchers, get, routes, Build, Rocket};
use rocket_restricted_session::TransportShield;

const HSTS: &str = "Strict-Transport-Security";

#[derive(rocket::Responder)]
struct With<R> {
    inner: R,
    header: Header<'static>,
}

fn with<R>(inner: R, name: &'static str, value: String) -> With<R> {
    let header = Header::new(name, value);
    With { inner, header }
}

#[get("/raw?<line>")]
fn raw(line: String) -> With<()> {
    with((), "Set-Cookie", line)
}

#[get("/hsts?<value>")]
fn hsts(value: String) -> With<()> {
    with((), HSTS, value)
}

#[get("/two-hsts")]
fn two_hsts() -> TwoHsts {
    TwoHsts
}

struct TwoHsts;

impl<'r> Responder<'r, 'static> for TwoHsts {
    fn respond_to(self, _: &'r rocket::Request<'_>) -> rocket::response::Result<'static> {
        let mut response = rocket::Response::new();
        response.adjoin_raw_header(HSTS, "max-age=7200");
        response.adjoin_raw_header(HSTS, "max-age=1");
        Ok(response)
    }
}

#[get("/jar")]
fn jar(jar: &rocket::http::CookieJar<'_>) {
    jar.add(("theme", "dark"));
    jar.add_private(("private", "1"));
}

#[get("/remove")]
fn remove(jar: &rocket::http::CookieJar<'_>) {
    jar.remove("__Host-old");
}

#[get("/status/<code>")]
fn status(code: u16) -> Status {
    Status::new(code)
}

#[get("/redirect")]
fn redirect() -> rocket::response::Redirect {
    rocket::response::Redirect::to("/open")
}

#[get("/panic")]
fn panics() {
    panic!("as the test asked for")
}

#[get("/open")]
fn open() -> &'static str {
    "open"
}

#[catch(418)]
fn teapot(request: &rocket::Request<'_>) -> &'static str {
    request.cookies().add(("from", "catcher"));
    "teapot"
}

fn rocket(figment: Figment) -> Rocket<Build> {
    let routes = routes![raw, hsts, two_hsts, jar, remove, status, redirect, panics, open];
    rocket::custom(figment)
        .mount("/", routes)
        .register("/", catchers![teapot])
}

fn secure(keys: &str) -> Client {
    client(&format!("proxy.assume_secure = true\n{keys}"))
}

fn client(keys: &str) -> Client {
    let rocket = rocket(figment(keys).select("release"));
    Client::untracked(rocket.attach(TransportShield::new())).unwrap()
}

/// Rocket's local client knows no `Host` header: the request is told.
fn to_host<'c>(request: LocalRequest<'c>, host: &'c str) -> LocalRequest<'c> {
    let mut request = request;
    if let Ok(host) = Host::parse(host) {
        request.inner_mut().set_host(host);
    }
    request
}

fn ask<'c>(client: &'c Client, path: &'c str, host: &'c str) -> LocalResponse<'c> {
    to_host(client.get(path), host).dispatch()
}

fn hsts_of(response: &LocalResponse<'_>) -> Vec<String> {
    response.headers().get(HSTS).map(str::to_owned).collect()
}

#[test]
fn a_secure_response_carries_one_header_at_every_status() {
    let client = secure("");
    for path in [
        "/open",
        "/redirect",
        "/status/204",
        "/status/304",
        "/status/403",
        "/status/418",
        "/status/500",
        "/panic",
        "/nowhere",
        "/two-hsts",
    ] {
        let response = ask(&client, path, "app.example");
        let expected = if path == "/two-hsts" {
            "max-age=7200"
        } else {
            "max-age=31536000"
        };
        assert_eq!(hsts_of(&response), [expected], "{path}");
    }
    let head = to_host(client.head("/open"), "app.example");
    assert_eq!(hsts_of(&head.dispatch()).len(), 1);
}

#[test]
fn a_plain_response_carries_none_even_if_the_app_sets_one() {
    let client = client("");
    for path in ["/open", "/hsts?value=max-age=9", "/two-hsts"] {
        let response = ask(&client, path, "app.example");
        assert_eq!(hsts_of(&response), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn the_apps_valid_header_wins_and_an_invalid_one_is_mended() {
    let client = secure("");
    let seen = |value: &str| {
        let path = format!("/hsts?value={value}");
        hsts_of(&to_host(client.get(path), "app.example").dispatch())
    };
    assert_eq!(seen("max-age=7200"), ["max-age=7200"]);
    assert_eq!(
        seen("max-age=1;includeSubDomains"),
        ["max-age=1;includeSubDomains"]
    );
    for invalid in [
        "includeSubDomains",
        "max-age=-1",
        "max-age=1;max-age=2",
        "junk",
    ] {
        assert_eq!(seen(invalid), ["max-age=31536000"], "{invalid}");
    }
}

#[test]
fn the_policy_is_what_was_configured() {
    for (keys, expected) in [
        ("hsts.max_age = \"30d\"", Some("max-age=2592000")),
        ("hsts.max_age = 0", Some("max-age=0")),
        ("hsts.max_age = false", None),
        (
            "hsts.include_subdomains = true",
            Some("max-age=31536000; includeSubDomains"),
        ),
        (
            "hsts = { include_subdomains = true, preload = true }",
            Some("max-age=31536000; includeSubDomains; preload"),
        ),
        ("hsts.exclude_hosts = [\"APP.example\"]", None),
        ("hsts.exclude_hosts = [\"*.example\"]", None),
        (
            "hsts.exclude_hosts = [\"other.example\"]",
            Some("max-age=31536000"),
        ),
    ] {
        let client = secure(keys);
        let seen = hsts_of(&ask(&client, "/open", "app.example:8443"));
        assert_eq!(seen.first().map(String::as_str), expected, "{keys}");
    }
}

#[test]
fn addresses_and_the_developers_machine_get_no_header() {
    let client = secure("");
    for host in [
        "127.0.0.1",
        "[::1]:8000",
        "203.0.113.9",
        "localhost",
        "LOCALHOST:8000",
        "app.localhost",
        "localhost.",
        "",
    ] {
        let seen = hsts_of(&ask(&client, "/open", host));
        assert_eq!(seen, Vec::<String>::new(), "{host}");
    }
    assert_eq!(
        hsts_of(&client.get("/open").dispatch()),
        Vec::<String>::new()
    );
}

#[test]
fn the_debug_profile_sends_none_of_its_own() {
    let figment = figment("proxy.assume_secure = true");
    let rocket = rocket(figment).attach(TransportShield::new());
    let client = Client::untracked(rocket).unwrap();
    assert_eq!(
        hsts_of(&ask(&client, "/open", "app.example")),
        Vec::<String>::new()
    );
    let seen = hsts_of(&ask(&client, "/hsts?value=max-age=9", "app.example"));
    assert_eq!(seen, ["max-age=9"]);
}

#[test]
fn a_request_is_secure_by_the_word_of_a_trusted_proxy_only() {
    let trusting = client("proxy.trusted = [\"10.0.0.1\"]");
    let untrusting = client("");
    let rfc7239 = client("proxy = { trusted = [\"10.0.0.1\"], scheme_header = \"Forwarded\" }");
    let is_secure = |client: &Client, peer: &str, headers: &[(&'static str, &'static str)]| {
        let mut request = client
            .get("/open")
            .remote(format!("{peer}:1").parse().unwrap());
        request = to_host(request, "app.example");
        for (name, value) in headers {
            request.add_header(Header::new(*name, *value));
        }
        !hsts_of(&request.dispatch()).is_empty()
    };
    let proto = "X-Forwarded-Proto";
    assert!(is_secure(&trusting, "10.0.0.1", &[(proto, "https")]));
    assert!(is_secure(&trusting, "10.0.0.1", &[(proto, "HTTPS")]));
    assert!(!is_secure(&trusting, "10.0.0.2", &[(proto, "https")]));
    assert!(!is_secure(
        &trusting,
        "10.0.0.2",
        &[(proto, "https"), ("X-Real-IP", "10.0.0.1")]
    ));
    assert!(!is_secure(&untrusting, "10.0.0.1", &[(proto, "https")]));
    for insecure in ["http", "http, https", "https, http", "", "on", "wss"] {
        assert!(
            !is_secure(&trusting, "10.0.0.1", &[(proto, insecure)]),
            "{insecure}"
        );
    }
    assert!(!is_secure(
        &trusting,
        "10.0.0.1",
        &[(proto, "https"), (proto, "http")]
    ));
    assert!(!is_secure(&trusting, "10.0.0.1", &[]));
    assert!(is_secure(
        &rfc7239,
        "10.0.0.1",
        &[("Forwarded", "for=1.2.3.4;proto=\"https\"")]
    ));
    assert!(!is_secure(&rfc7239, "10.0.0.1", &[(proto, "https")]));

    for round in 0..200 {
        let https = round % 2 == 0;
        let value = if https { "https" } else { "http" };
        assert_eq!(is_secure(&trusting, "10.0.0.1", &[(proto, value)]), https);
    }
}

#[test]
fn the_shield_of_rocket_may_stand_before_or_after() {
    for first in [true, false] {
        let shield = Shield::default().enable(Hsts::default());
        let rocket = rocket(figment(
            "proxy.assume_secure = true\nhsts.max_age = \"30d\"",
        ));
        let rocket = rocket.configure(
            figment("proxy.assume_secure = true\nhsts.max_age = \"30d\"").select("release"),
        );
        let rocket = match first {
            true => rocket.attach(shield).attach(TransportShield::new()),
            false => rocket.attach(TransportShield::new()).attach(shield),
        };
        let client = Client::untracked(rocket).unwrap();
        let response = ask(&client, "/open", "app.example");
        assert_eq!(hsts_of(&response), ["max-age=2592000"]);
        assert_eq!(
            response.headers().get_one("X-Frame-Options"),
            Some("SAMEORIGIN")
        );
        assert_eq!(
            hsts_of(&ask(&client, "/open", "localhost")),
            Vec::<String>::new()
        );
    }
}

#[test]
fn every_cookie_is_hardened_whoever_wrote_it() {
    let late = AdHoc::on_response("Late", |_, response| {
        Box::pin(async move { response.adjoin_raw_header("Set-Cookie", "late=1") })
    });
    let early = AdHoc::on_request("Early", |request, _| {
        Box::pin(async move { request.cookies().add(("early", "1")) })
    });
    let rocket = rocket(figment("proxy.assume_secure = true"))
        .attach(TransportShield::new())
        .attach(late)
        .attach(early);
    let client = Client::untracked(rocket).unwrap();
    for path in [
        "/jar",
        "/raw?line=tracker=1",
        "/status/418",
        "/remove",
        "/nowhere",
    ] {
        let request = client.get(path).cookie(("__Host-old", "1"));
        let lines = set_cookies(&request.dispatch());
        assert!(!lines.is_empty(), "{path}");
        for line in lines {
            for attribute in ["; Secure", "; HttpOnly", "; SameSite="] {
                assert_eq!(line.matches(attribute).count(), 1, "{path}: {line}");
            }
        }
    }
}

#[test]
fn a_removal_of_a_host_cookie_is_one_that_browsers_obey() {
    for keys in ["", "proxy.assume_secure = true"] {
        let client = client(keys);
        let request = client.get("/remove").cookie(("__Host-old", "1"));
        let lines = set_cookies(&request.dispatch());
        assert!(lines[0].starts_with("__Host-old=; "), "{lines:?}");
        for part in ["; Secure", "; Path=/", "; Max-Age=0"] {
            assert!(lines[0].contains(part), "{lines:?}");
        }
    }
}

#[test]
fn cookies_are_hardened_as_configured() {
    let line = |keys: &str, line: &str| {
        let client = client(keys);
        let path = format!("/raw?line={}", line.replace(';', "%3B"));
        let response = client.get(path).dispatch();
        set_cookies(&response).remove(0)
    };
    let tls = "proxy.assume_secure = true\n";
    let with = |keys: &str, written: &str| line(&format!("{tls}{keys}"), written);
    assert_eq!(line("", "a=1"), "a=1; HttpOnly; SameSite=Lax");
    assert_eq!(with("", "a=1"), "a=1; Secure; HttpOnly; SameSite=Lax");
    assert_eq!(with("cookies.harden = false", "a=1"), "a=1");
    assert_eq!(
        with("cookies.same_site = \"Strict\"", "a=1"),
        "a=1; Secure; HttpOnly; SameSite=Strict"
    );
    assert_eq!(
        with("cookies.same_site = \"Strict\"", "a=1;SameSite=Lax"),
        "a=1;SameSite=Lax; Secure; HttpOnly"
    );
    assert_eq!(
        with("cookies.readable = [\"csrf\"]", "csrf=1"),
        "csrf=1; Secure; SameSite=Lax"
    );
    assert_eq!(with("cookies.except = [\"ga_*\"]", "ga_x=1"), "ga_x=1");
    assert_eq!(with("cookies.except = [\"a\"]", "a=1"), "a=1");
}

#[test]
fn transport_is_set_up_once_however_many_shields_there_are() {
    for order in 0..2 {
        let rocket = rocket(figment("proxy.assume_secure = true").select("release"));
        let sessions = rocket_restricted_session::SessionShield::<crate::support::Account>::new();
        let rocket = match order {
            0 => rocket.attach(TransportShield::new()).attach(sessions),
            _ => rocket.attach(sessions).attach(TransportShield::new()),
        };
        let client = Client::untracked(rocket).unwrap();
        let response = ask(&client, "/raw?line=a=1", "app.example");
        assert_eq!(hsts_of(&response).len(), 1);
        assert_eq!(
            set_cookies(&response),
            ["a=1; Secure; HttpOnly; SameSite=Lax"]
        );
        assert_eq!(outcome(response).0, 200);
    }
}
