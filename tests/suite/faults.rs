//! A store that is away, slow, or has forgotten: nobody is let in, and nobody is signed out.

use std::sync::atomic::Ordering;

use rocket_restricted_session::store::MemoryStore;

use crate::browser::Browser;
use crate::support::*;
use crate::switched_store::{Fault, Switched};

fn app_on(keys: &str) -> (App, Fault) {
    let store = Switched::default();
    let fault = store.fault.clone();
    (App::on_store(figment(keys), store), fault)
}

fn away() -> (u16, String) {
    (503, "store-unavailable - false".into())
}

#[test]
fn while_the_store_is_away_guarded_routes_answer_503_and_cookies_stay() {
    let (app, fault) = app_on("");
    let mut owner = Browser::signed_in(&app, "ada");
    let cookie = owner.cookie.clone();
    fault.away.store(true, Ordering::SeqCst);
    for path in ["/account", "/fresh", "/sessions"] {
        assert_eq!(owner.get(path), away(), "{path}");
    }
    assert_eq!(owner.get("/option"), (200, "nobody".into()));
    assert_eq!(owner.get("/open").0, 200);
    for path in [
        "/reauthenticate",
        "/update/ada/tea",
        "/logout-others",
        "/login/ada",
    ] {
        assert_eq!(owner.post(path).0, 503, "{path}");
    }
    assert_eq!(owner.cookie, cookie);
    fault.away.store(false, Ordering::SeqCst);
    assert_eq!(owner.get("/account"), (200, "ada:".into()));
}

#[test]
fn a_sign_in_while_the_store_is_away_starts_nothing() {
    let (app, fault) = app_on("");
    fault.away.store(true, Ordering::SeqCst);
    let mut visitor = Browser::new(&app);
    assert_eq!(visitor.post("/login/ada").0, 503);
    assert_eq!(visitor.cookie, None);
}

#[test]
fn a_sign_out_while_the_store_is_away_empties_the_browser_and_says_that_copies_live() {
    let (app, fault) = app_on("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut copy = owner.clone();
    fault.away.store(true, Ordering::SeqCst);
    assert_eq!(owner.post("/logout-then/ok").0, 503);
    assert_eq!(owner.cookie, None);
    fault.away.store(false, Ordering::SeqCst);
    assert!(copy.is_signed_in());
}

#[test]
fn a_thief_is_refused_as_before_while_the_store_is_away_and_nothing_is_lost() {
    let (app, fault) = app_on("binding.network = \"revoke\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone().at(ELSEWHERE);
    fault.away.store(true, Ordering::SeqCst);
    assert_eq!(thief.get("/account").1, "mismatch network true");
    assert!(thief.cookie.is_some(), "it was not revoked, so it stays");
    fault.away.store(false, Ordering::SeqCst);
    assert!(owner.is_signed_in());
    assert_eq!(thief.get("/account").1, "mismatch network true");
    assert_eq!(owner.get("/account").1, "revoked - true");
}

#[test]
fn a_store_that_does_not_answer_in_time_is_away() {
    let (app, fault) = app_on("store_timeout = 1");
    let mut owner = Browser::signed_in(&app, "ada");
    fault.hangs.store(true, Ordering::SeqCst);
    let asked = std::time::Instant::now();
    assert_eq!(owner.get("/account"), away());
    let waited = asked.elapsed().as_millis();
    assert!((900..10_000).contains(&waited), "{waited} ms");
    fault.hangs.store(false, Ordering::SeqCst);
    assert!(owner.is_signed_in());
}

/// An app that a deploy has started anew: the same keys, the clock of the old one, an empty memory.
fn deployed(old: &App, keys: &str) -> App {
    let app = App::new(keys);
    app.clock.set(old.clock.now());
    app
}

fn moved<'a>(browser: &Browser<'_>, to: &'a App) -> Browser<'a> {
    let mut moved = Browser::new(to);
    moved.cookie.clone_from(&browser.cookie);
    moved
}

#[test]
fn a_deploy_signs_nobody_out_and_makes_nobody_fresh() {
    let old = App::new("");
    let owner = Browser::signed_in(&old, "ada");
    old.clock.pass(30);
    let new = deployed(&old, "");
    let mut owner = moved(&owner, &new);
    assert!(owner.is_signed_in());
    assert_eq!(owner.get("/fresh").0, 403);
    new.clock.pass(15 * 60);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    assert_eq!(owner.get("/fresh").0, 403);
    assert_eq!(owner.post("/reauthenticate").0, 200);
    assert_eq!(owner.get("/fresh").0, 200);
}

#[test]
fn r13_a_request_with_the_cookie_before_is_let_in_after_a_deploy_but_not_for_long() {
    let old = App::new("");
    let mut owner = Browser::signed_in(&old, "ada");
    let in_flight = owner.clone();
    old.clock.pass(15 * 60);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    let new = deployed(&old, "");
    let (mut owner, mut in_flight) = (moved(&owner, &new), moved(&in_flight, &new));
    assert!(owner.is_signed_in() && in_flight.is_signed_in());
    new.clock.pass(11);
    assert_eq!(in_flight.get("/account").1, "replayed - true");
    assert_eq!(owner.get("/account").1, "revoked - true");
}

#[test]
fn overlapping_processes_of_a_deploy_both_let_the_owner_in() {
    let old = App::new("");
    let mut at_old = Browser::signed_in(&old, "ada");
    let new = deployed(&old, "");
    for _ in 0..3 {
        let mut at_new = moved(&at_old, &new);
        assert!(at_new.is_signed_in() && at_old.is_signed_in());
    }
}

#[test]
fn what_must_not_be_taken_over_is_not() {
    let unknown = "ended - false";
    let old = App::new("");
    let owner = Browser::signed_in(&old, "ada");

    let new = deployed(&old, "adopt = false");
    assert_eq!(moved(&owner, &new).get("/account").1, unknown);

    let old_key = "5a".repeat(32);
    let keys = format!("[default.restricted_session]\nprevious_secret_keys = [\"{old_key}\"]");
    let renewed = figment("").merge(("secret_key", "6b".repeat(32)));
    let new = App::from_figment(renewed.merge(toml(&keys)));
    assert_eq!(moved(&owner, &new).get("/account").1, unknown);

    // Signed out everywhere in the new process: the old one's sessions were to end as well.
    let new = deployed(&old, "");
    let mut admin = Browser::signed_in(&new, "grace");
    assert_eq!(admin.post("/logout-everywhere/ada").0, 200);
    assert_eq!(moved(&owner, &new).get("/account").1, unknown);

    // Longer ago than a session in use can have kept its cookie.
    let new = deployed(&old, "");
    new.clock.pass((15 + 30) * 60);
    assert_eq!(moved(&owner, &new).get("/account").1, unknown);
    let mut owner = owner;
    assert!(owner.is_signed_in());
}

#[test]
fn of_two_sessions_that_might_be_taken_over_neither_is() {
    let old = App::new("");
    let [first, second] = ["ada", "mallory"].map(|name| Browser::signed_in(&old, name));
    let new = deployed(&old, "");
    let of_new = Browser::signed_in(&new, "mallory");
    let [first, second, of_new] = [first, second, of_new].map(|browser| browser.cookie.unwrap());
    for (one, other) in [(&first, &second), (&first, &of_new), (&of_new, &first)] {
        let line = format!("{COOKIE}={one}; {COOKIE}={other}");
        let seen = outcome(new.owner().get_with_cookies("/account", &[line]));
        assert_eq!(seen, (401, "ambiguous - false".into()));
    }
    let line = format!("{COOKIE}={first}");
    let seen = outcome(new.owner().get_with_cookies("/account", &[line]));
    assert_eq!(seen, (200, "ada:".into()));
}

#[test]
fn a_session_of_a_store_that_does_not_forget_is_not_taken_over() {
    let durable = App::on_store(figment(""), Switched::durable());
    let mut owner = Browser::signed_in(&durable, "ada");
    assert!(owner.is_signed_in());
    let in_memory = deployed(&durable, "");
    assert_eq!(moved(&owner, &in_memory).get("/account").1, "ended - false");
}

#[test]
fn a_session_of_another_store_setting_is_not_read() {
    let stateless = App::new("store = \"none\"");
    let owner = Browser::signed_in(&stateless, "ada");
    let kept = App::new("");
    let mut moved_in = moved(&owner, &kept);
    assert_eq!(moved_in.get("/account").1, "unreadable - false");
    assert_eq!(moved_in.cookie, owner.cookie);
    let owner = Browser::signed_in(&kept, "ada");
    assert_eq!(
        moved(&owner, &stateless).get("/account").1,
        "unreadable - false"
    );
}

#[test]
fn an_app_with_a_store_of_its_own_writes_none_into_the_configuration() {
    let store = MemoryStore::new();
    let rocket = rocket(figment("store = \"memory\"")).manage(TestClock::default());
    let shield = shield(&TestClock::default(), &Told::default()).store(store);
    assert!(refusal(rocket.attach(shield)).contains("FailedFairings"));
}
