//! Behind proxies: whom the app believes, and what an unlisted proxy does to sessions.

use crate::support::*;
use rocket::http::Header;
use rocket::local::blocking::Client;
use rocket_restricted_session::{ClientIp, TransportShield};
use std::net::SocketAddr;

#[rocket::get("/whoami")]
fn whoami(client: ClientIp) -> String {
    client.to_string()
}

fn seen_as(keys: &str, peer: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    let rocket = rocket::custom(figment(keys))
        .attach(TransportShield::new())
        .mount("/", rocket::routes![whoami]);
    let client = Client::untracked(rocket).unwrap();
    let mut request = client.get("/whoami");
    if !peer.is_empty() {
        request = request.remote(SocketAddr::new(peer.parse().unwrap(), 40_000));
    }
    for (name, value) in headers {
        request.add_header(Header::new(*name, (*value).to_owned()));
    }
    let (status, body) = outcome(request.dispatch());
    (status, if status == 200 { body } else { String::new() })
}

#[test]
fn nobody_is_believed_by_default() {
    for name in [
        "X-Forwarded-For",
        "X-Real-IP",
        "Forwarded",
        "CF-Connecting-IP",
    ] {
        let seen = seen_as("", "10.0.0.7", &[(name, "203.0.113.9")]);
        assert_eq!(seen, (200, "10.0.0.7".into()), "{name}");
    }
    let mapped = seen_as("", "::ffff:192.0.2.1", &[]);
    assert_eq!(mapped, (200, "192.0.2.1".into()));
}

#[test]
fn a_trusted_proxy_is_believed_from_the_right() {
    let keys = "proxy.trusted = [\"10.0.0.0/8\"]";
    let xff = |value| seen_as(keys, "10.0.0.7", &[("X-Forwarded-For", value)]);
    assert_eq!(xff("203.0.113.9"), (200, "203.0.113.9".into()));
    assert_eq!(
        xff("1.1.1.1, 203.0.113.9, 10.0.0.8"),
        (200, "203.0.113.9".into())
    );
    assert_eq!(xff("junk, 203.0.113.9"), (200, "203.0.113.9".into()));
    for unresolved in ["", ",", "203.0.113.9, junk", "unknown", "10.0.0.8"] {
        assert_eq!(xff(unresolved), (500, String::new()), "{unresolved}");
    }
    assert_eq!(seen_as(keys, "10.0.0.7", &[]), (500, String::new()));
    assert_eq!(seen_as(keys, "", &[]), (500, String::new()));
    let elsewhere = seen_as(keys, "192.0.2.1", &[("X-Forwarded-For", "203.0.113.9")]);
    assert_eq!(elsewhere, (200, "192.0.2.1".into()));
}

#[test]
fn only_the_configured_header_is_read() {
    let keys =
        |header| format!("proxy = {{ trusted = [\"loopback\"], client_header = \"{header}\" }}");
    let all = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("Forwarded", "for=\"[2001:db8::1]:4711\";proto=https"),
        ("X-Real-IP", "192.0.2.3"),
        ("CF-Connecting-IP", "192.0.2.4"),
    ];
    for (header, client) in [
        ("X-Forwarded-For", "192.0.2.1"),
        ("Forwarded", "2001:db8::1"),
        ("x-real-ip", "192.0.2.3"),
        ("CF-Connecting-IP", "192.0.2.4"),
    ] {
        let seen = seen_as(&keys(header), "127.0.0.1", &all);
        assert_eq!(seen, (200, client.into()), "{header}");
    }
    let two_lines = [("X-Real-IP", "192.0.2.3"), ("X-Real-IP", "192.0.2.4")];
    assert_eq!(seen_as(&keys("X-Real-IP"), "127.0.0.1", &two_lines).0, 500);
}

#[test]
fn a_chain_of_trusted_hops_is_a_client_only_if_that_was_configured() {
    let hops = [("X-Forwarded-For", "10.0.0.9, 10.0.0.8")];
    let trusted = "trusted = [\"private\"]";
    let strict = format!("proxy = {{ {trusted} }}");
    assert_eq!(seen_as(&strict, "10.0.0.7", &hops).0, 500);
    let internal = format!("proxy = {{ {trusted}, internal_clients = true }}");
    assert_eq!(
        seen_as(&internal, "10.0.0.7", &hops),
        (200, "10.0.0.9".into())
    );
}

fn through<'a>(
    app: &'a App,
    peer: &'a str,
    client: Option<&'a str>,
    request: rocket::local::blocking::LocalRequest<'a>,
) -> (u16, String) {
    let mut request = app.owner().at(peer).dress(request);
    if let Some(client) = client {
        request.add_header(Header::new("X-Forwarded-For", client.to_owned()));
    }
    outcome(request.dispatch())
}

#[test]
fn behind_a_listed_proxy_the_thief_fails_and_the_owner_passes() {
    let app = App::new("proxy.trusted = [\"10.0.0.1\"]");
    let via = |client, path| through(&app, "10.0.0.1", client, app.client.get(path));
    through(&app, "10.0.0.1", Some(HOME), app.client.post("/login/ada"));
    assert_eq!(via(Some(HOME), "/account"), (200, "ada:".into()));
    assert_eq!(via(Some(ELSEWHERE), "/account").0, 401);
    let forged = format!("{HOME}, {ELSEWHERE}");
    assert_eq!(via(Some(&forged), "/account").0, 401);
    assert_eq!(
        via(None, "/account"),
        (500, "client-unresolved - false".into())
    );
    assert_eq!(via(Some("junk"), "/account").0, 500);
    assert_eq!(via(Some(HOME), "/account").0, 200);
}

#[test]
fn nobody_signs_in_while_the_client_is_unresolved() {
    let app = App::new("proxy.trusted = [\"10.0.0.1\"]");
    let seen = through(&app, "10.0.0.1", None, app.client.post("/login/ada"));
    assert_eq!(seen.0, 500);
    assert_eq!(app.cookie(), None);
}

#[test]
fn an_unresolved_client_is_told_only_where_the_network_is_only_reported() {
    for (keys, status) in [
        ("binding.network = \"off\"", 200),
        ("binding.network = \"report\"", 200),
        ("mode = \"report\"", 200),
        ("binding.network = \"step-up\"", 500),
    ] {
        let app = App::new(&format!("{keys}\nproxy.trusted = [\"10.0.0.1\"]"));
        through(&app, "10.0.0.1", Some(HOME), app.client.post("/login/ada"));
        app.told.take();
        let seen = through(&app, "10.0.0.1", None, app.client.get("/account"));
        assert_eq!(seen.0, status, "{keys}");
        let tells = !keys.contains("off");
        assert_eq!(app.told.take().len(), usize::from(tells), "{keys}");
    }
}

#[test]
fn behind_a_proxy_that_nobody_listed_owners_move_freely_and_browsers_are_still_compared() {
    let app = App::new("");
    let proxy = "172.16.0.2";
    let seen = through(&app, proxy, Some(HOME), app.client.post("/login/ada"));
    assert_eq!(seen.0, 200);
    for (peer, client) in [(proxy, Some(ELSEWHERE)), ("172.16.0.3", None)] {
        let seen = through(&app, peer, client, app.client.get("/account"));
        assert_eq!(seen, (200, "ada:".into()));
    }
    let thief = app.owner().at(proxy).with(CURL);
    assert_eq!(thief.sees("/account").0, 401);

    let carrier = "100.64.0.1";
    through(&app, carrier, Some(HOME), app.client.post("/login/ada"));
    let seen = through(&app, "100.127.0.2", Some(HOME), app.client.get("/account"));
    assert_eq!(seen, (200, "ada:".into()));
}

#[test]
fn a_header_that_a_thief_adds_later_does_not_unbind_a_session() {
    let app = App::new("");
    let seen = through(&app, "192.168.1.5", None, app.client.post("/login/ada"));
    assert_eq!(seen.0, 200);
    let thief = through(
        &app,
        "192.168.1.6",
        Some("192.168.1.5"),
        app.client.get("/account"),
    );
    assert_eq!(thief.0, 401);
    let owner = through(&app, "192.168.1.5", None, app.client.get("/account"));
    assert_eq!(owner.0, 200);
}

#[test]
fn a_public_peer_is_the_client_whatever_it_sends() {
    let app = App::new("");
    through(&app, HOME, Some(ELSEWHERE), app.client.post("/login/ada"));
    assert_eq!(app.owner().at(ELSEWHERE).sees("/account").0, 401);
    assert_eq!(app.owner().sees("/account").0, 200);
}

#[test]
fn a_client_ip_without_a_shield_does_not_launch() {
    let rocket = rocket::custom(figment("")).mount("/", rocket::routes![whoami]);
    assert!(refusal(rocket).contains("SentinelAborts"));
}

#[test]
fn many_entries_cost_nothing() {
    let keys = "proxy.trusted = [\"10.0.0.0/8\"]";
    let long = "x, ".repeat(10_000) + "203.0.113.9";
    let seen = seen_as(keys, "10.0.0.7", &[("X-Forwarded-For", &long)]);
    assert_eq!(seen, (200, "203.0.113.9".into()));
    let only_proxies = "10.0.0.1, ".repeat(10_000) + "10.0.0.1";
    let seen = seen_as(keys, "10.0.0.7", &[("X-Forwarded-For", &only_proxies)]);
    assert_eq!(seen.0, 500);
}
