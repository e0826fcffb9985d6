//! What arrives through a socket and no test client would send.

use std::net::TcpListener;

use crate::app;
use crate::support::*;

#[test]
fn a_cookie_from_another_address_is_refused_and_the_owner_goes_on() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let owner = server.visitor(OWNER).holding(&session);
    let thief = server.visitor(THIEF).holding(&session);
    assert!(owner.is_welcome());
    assert!(thief.is_refused_for("network"));
    assert!(owner.is_welcome());
}

#[test]
fn ipv4_visitors_of_a_dual_stack_listener_are_told_apart() {
    if TcpListener::bind("[::]:0").is_err() {
        return eprintln!("skipped: this machine has no IPv6");
    }
    let figment = figment("debug", "").merge(("address", "::"));
    let server = Server::launch(app::rocket(figment));
    let session = server.visitor(OWNER).sign_in();
    assert!(server.visitor(OWNER).holding(&session).is_welcome());
    for elsewhere in [THIEF, "::1"] {
        let thief = server.visitor(elsewhere).holding(&session);
        assert!(thief.is_refused_for("network"), "{elsewhere}");
    }
    let session = server.visitor("::1").sign_in();
    assert!(server.visitor("::1").holding(&session).is_welcome());
    let thief = server.visitor(OWNER).holding(&session);
    assert!(thief.is_refused_for("network"));
    assert_eq!(server.visitor(THIEF).get("/whoami").body, THIEF);
}

#[test]
fn the_session_is_found_among_several_cookie_lines() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let burdened = |from| {
        let visitor = server.visitor(from).with("Cookie: theme=dark; lang=en");
        visitor.holding(&session).with("Cookie: last=1")
    };
    assert!(burdened(OWNER).is_welcome());
    assert!(burdened(THIEF).is_refused_for("network"));
    let bare = server.visitor(OWNER).with("Cookie: theme=dark");
    assert_eq!(bare.with("Cookie: last=1").get("/account").status, 401);
}

#[test]
fn bytes_that_are_no_text_neither_break_nor_open_the_session() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let pair = format!("Cookie: {COOKIE}={session}");
    let junk = b"Cookie: junk=\xff\xfe";
    for lines in [[junk.as_slice(), pair.as_bytes()], [pair.as_bytes(), junk]] {
        let owner = server.visitor(OWNER);
        let answer = owner.send(&owner.request_with_bytes("/account", &lines));
        assert_eq!(answer.status, 200, "{answer:?}");
        let thief = server.visitor(THIEF);
        let answer = thief.send(&thief.request_with_bytes("/account", &lines));
        assert_eq!(answer.body, "stolen: network");
    }
}

#[test]
fn a_user_agent_that_is_no_text_is_somebody_else() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let odd = server
        .visitor(OWNER)
        .without("User-Agent")
        .holding(&session);
    let request = odd.request_with_bytes("/account", &[b"User-Agent: Mozilla \xff"]);
    assert_eq!(odd.send(&request).body, "stolen: user_agent");
    assert!(server.visitor(OWNER).holding(&session).is_welcome());
}

#[test]
fn one_host_none_or_two_are_the_same_owner_and_the_same_thief() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    for (from, status) in [(OWNER, 200), (THIEF, 401)] {
        let visitor = server.visitor(from).holding(&session);
        let none = visitor.without("Host");
        let two = visitor.with("Host: evil.example");
        for visitor in [visitor, none, two] {
            assert_eq!(visitor.get("/account").status, status);
        }
    }
}

#[test]
fn hostile_paths_neither_break_nor_open_the_app() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let thief = server.visitor(THIEF).holding(&session);
    let long = format!("/{}", "a".repeat(60_000));
    for path in [
        "//account",
        "/account/",
        "/./account",
        "/x/../account",
        "/%61ccount",
        "/account%00",
        "/account?x=%ff%fe",
        "/account;x",
        "/ACCOUNT",
        "//evil.example/account",
        "http://evil.example/account",
        "*",
        "/%",
        "/\\account",
        long.as_str(),
    ] {
        let answer = thief.get(path);
        assert!((300..500).contains(&answer.status), "{path}: {answer:?}");
        assert!(!answer.body.contains("Hello"), "{path}");
    }
    assert!(server.visitor(OWNER).holding(&session).is_welcome());
}

#[test]
fn a_user_agent_of_64_kib_signs_in_and_is_bound() {
    let server = Server::start("");
    let huge = |letter: &str| {
        let line = format!("User-Agent: {}", letter.repeat(64 * 1024));
        server.visitor(OWNER).without("User-Agent").with(line)
    };
    let session = huge("a").sign_in();
    assert!(session.len() < 4096);
    assert!(huge("a").holding(&session).is_welcome());
    assert!(huge("b").holding(&session).is_refused_for("user_agent"));
}

#[test]
fn unknown_methods_and_broken_requests_leave_the_server_alive() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let owner = server.visitor(OWNER).holding(&session);
    for method in ["BREW", "PROPFIND", "TRACE", "get", "CONNECT"] {
        let status = owner.send(&owner.request(method, "/account", "")).status;
        assert!(
            (400..500).contains(&status) || status == 501,
            "{method}: {status}"
        );
    }
    for request in [
        &b"\x16\x03\x01\x02\x00"[..],
        b"GET\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ] {
        let answer = owner.send(request);
        assert!(matches!(answer.status, 0 | 400), "{answer:?}");
    }
    assert!(owner.is_welcome());
}

const PROXIED: &str = "proxy.trusted = [\"127.0.0.1\"]";

#[test]
fn behind_a_trusted_proxy_the_last_foreign_entry_is_the_client() {
    let server = Server::start(PROXIED);
    let at = |line: &str| {
        server
            .visitor(OWNER)
            .with(format!("X-Forwarded-For: {line}"))
    };
    let session = at("203.0.113.7").sign_in();
    for owner in [
        "203.0.113.7",
        "198.51.100.9, 203.0.113.7",
        "junk, 203.0.113.7",
    ] {
        assert!(at(owner).holding(&session).is_welcome(), "{owner}");
    }
    for thief in ["198.51.100.9", "203.0.113.7, 198.51.100.9"] {
        assert!(
            at(thief).holding(&session).is_refused_for("network"),
            "{thief}"
        );
    }
    let two_lines = at("203.0.113.7").with("X-Forwarded-For: 198.51.100.9");
    assert!(two_lines.holding(&session).is_refused_for("network"));
}

#[test]
fn around_the_proxy_headers_change_nothing() {
    let server = Server::start(PROXIED);
    let owner = server.visitor(OWNER).with("X-Forwarded-For: 203.0.113.7");
    let session = owner.sign_in();
    let around = server.visitor(THIEF).with("X-Forwarded-For: 203.0.113.7");
    assert!(around.holding(&session).is_refused_for("network"));
    assert_eq!(around.get("/whoami").body, THIEF);
    assert_eq!(owner.get("/whoami").body, "203.0.113.7");
    assert!(owner.holding(&session).is_welcome());
}

#[test]
fn a_trusted_proxy_that_names_no_client_is_a_fault_that_costs_no_session() {
    let server = Server::start(PROXIED);
    let owner = server.visitor(OWNER).with("X-Forwarded-For: 203.0.113.7");
    let session = owner.sign_in();
    for line in [
        "X-Forwarded-For: unknown",
        "X-Forwarded-For: 203.0.113.7,",
        "X-Other: 1",
    ] {
        let answer = server
            .visitor(OWNER)
            .with(line)
            .holding(&session)
            .get("/account");
        assert_eq!(
            (answer.status, answer.set_cookie(COOKIE)),
            (500, None),
            "{line}"
        );
    }
    assert!(owner.holding(&session).is_welcome());
}

#[test]
fn a_sign_in_survives_the_panic_of_its_handler() {
    let server = Server::start("");
    let owner = server.visitor(OWNER);
    let answer = owner.post("/login-and-panic", "name=ada");
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.session().expect("a session cookie on a 500");
    assert!(owner.holding(&session).is_welcome());
}

#[test]
fn a_sign_out_survives_the_panic_of_its_handler() {
    let server = Server::start("");
    let session = server.visitor(OWNER).sign_in();
    let owner = server.visitor(OWNER).holding(&session);
    let answer = owner.post("/logout-and-panic", "");
    assert_eq!(answer.status, 500);
    let line = answer.set_cookie(COOKIE).expect("a removal");
    assert!(
        line.contains("Max-Age=0") && line.contains("Secure"),
        "{line}"
    );
}

#[test]
fn an_upgrade_is_guarded_hardened_and_carries_hsts() {
    let server = Server::start_release("proxy.assume_secure = true");
    let session = server.visitor(OWNER).sign_in();
    let upgrading = |from| {
        let visitor = server.visitor(from).holding(&session).without("Host");
        let visitor = visitor
            .with("Host: app.example.test")
            .with("Upgrade: silence");
        let request = String::from_utf8(visitor.request("GET", "/upgrade", "")).unwrap();
        let request = request.replace("Connection: close", "Connection: Upgrade");
        visitor.send(request.as_bytes())
    };
    let owner = upgrading(OWNER);
    assert_eq!(owner.status, 101, "{owner:?}");
    let tracker = owner.set_cookie("tracker");
    assert_eq!(tracker, Some("tracker=1; Secure; HttpOnly; SameSite=Lax"));
    let hsts = owner.header("strict-transport-security");
    assert_eq!(hsts, Some("max-age=31536000"));
    assert_eq!(upgrading(THIEF).body, "stolen: network");
}
