//! Idle, absolute and fresh: what ends when, and what does not move it.

use crate::support::*;
use rocket::http::Status;

fn expired() -> (u16, String) {
    (401, "expired - false".into())
}

#[test]
fn an_idle_session_lives_one_second_short_of_its_timeout() {
    let app = App::new("idle_timeout = 100");
    app.sign_in();
    app.clock.pass(99);
    assert_eq!(app.owner().sees("/account").0, 200);

    app.sign_in();
    app.clock.pass(100);
    let response = app.owner().get("/account");
    let removal = set_cookies(&response);
    assert_eq!(outcome(response), expired());
    assert_eq!(removal.len(), 1);
    assert!(removal[0].contains("Max-Age=0") && removal[0].contains("Expires="));
    assert_eq!(app.cookie(), None);
    assert_eq!(
        app.owner().sees("/account"),
        (401, "missing - false".into())
    );
}

#[test]
fn a_session_in_use_never_idles_out_and_ends_absolutely() {
    let app = App::new("idle_timeout = 90\nabsolute_timeout = 1000");
    app.sign_in();
    for _ in 0..33 {
        app.clock.pass(30);
        assert_eq!(app.owner().sees("/account").0, 200);
    }
    app.clock.pass(9);
    assert_eq!(app.owner().sees("/account").0, 200);
    app.clock.pass(1);
    assert_eq!(app.owner().sees("/account"), expired());
}

#[test]
fn neither_refresh_nor_reauthentication_moves_the_absolute_end() {
    let app = App::new("idle_timeout = 100\nabsolute_timeout = 200");
    app.sign_in();
    for _ in 0..2 {
        app.clock.pass(66);
        assert_eq!(app.owner().post("/reauthenticate").status(), Status::Ok);
    }
    let (_, times) = app.owner().sees("/times");
    let times: Vec<_> = times.split(' ').collect();
    assert_eq!(times[0], (START + 132).to_string());
    assert_eq!(times[1], (START + 200).to_string());
    app.clock.pass(68);
    assert_eq!(app.owner().sees("/account"), expired());
}

#[test]
fn a_refresh_does_not_make_a_session_fresh() {
    let app = App::new("store = \"none\"\nidle_timeout = 90\nfresh_for = 60");
    app.sign_in();
    app.clock.pass(40);
    assert_eq!(set_cookies(&app.owner().get("/account")).len(), 1);
    app.clock.pass(20);
    assert_eq!(app.owner().sees("/fresh").0, 403);
}

#[test]
fn clicks_once_a_second_reissue_on_under_one_percent_of_requests() {
    let app = App::new("store = \"none\"");
    app.sign_in();
    let mut issued = 0;
    for _ in 0..2000 {
        app.clock.pass(1);
        let response = app.owner().get("/account");
        assert_eq!(response.status(), Status::Ok);
        issued += set_cookies(&response).len();
    }
    assert!((1..20).contains(&issued), "{issued}");
}

#[test]
fn a_clock_that_went_back_a_little_signs_nobody_out() {
    let app = App::new("");
    app.sign_in();
    app.clock.pass(-60);
    assert_eq!(app.owner().sees("/account").0, 200);
    app.clock.pass(-1);
    let response = app.owner().get("/account");
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert_eq!(outcome(response), (401, "unreadable - false".into()));
    app.clock.pass(61);
    assert_eq!(app.owner().sees("/account").0, 200);
}

#[test]
fn absurd_clocks_never_break_a_request() {
    let app = App::new("");
    for seconds in [-62_135_596_800, -1, 0, 253_402_300_799] {
        app.clock.set(seconds);
        let status = app.owner().post("/login/ada").status();
        assert_eq!(status, Status::Ok, "{seconds}");
        app.owner().get("/times");
    }
    app.clock.set(START);
    app.sign_in();
    app.clock.set(253_402_300_799);
    assert_eq!(app.owner().sees("/account"), expired());
}

#[test]
fn a_previous_key_opens_and_the_next_cookie_is_sealed_under_the_current_one() {
    let old = App::from_figment(figment("store = \"none\"").merge(("secret_key", "6b".repeat(32))));
    let value = old.sign_in();
    let line = |value: &str| vec![format!("{COOKIE}={value}")];

    let keys = format!(
        "store = \"none\"\nprevious_secret_keys = [\"{}\"]",
        "6b".repeat(32)
    );
    let rotated = App::new(&keys);
    let response = rotated.owner().get_with_cookies("/account", &line(&value));
    assert_eq!(response.status(), Status::Ok);
    let reissued = rotated.cookie().expect("a cookie under the current key");
    let current = App::new("store = \"none\"");
    let seen = outcome(
        current
            .owner()
            .get_with_cookies("/account", &line(&reissued)),
    );
    assert_eq!(seen, (200, "ada:".into()));
    let seen = outcome(current.owner().get_with_cookies("/account", &line(&value)));
    assert_eq!(seen, (401, "unreadable - false".into()));

    let thief = rotated.owner().at(ELSEWHERE);
    let seen = outcome(thief.get_with_cookies("/account", &line(&value)));
    assert_eq!(seen, (401, "mismatch network true".into()));
}
