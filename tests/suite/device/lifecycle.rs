//! Registration, refresh and the end, as an honest browser lives through them.

use rocket::http::Status;
use rocket_restricted_session::EventKind;

use super::browser::BoundSession;
use super::*;

#[test]
fn a_sign_in_offers_once_to_bind_the_session_and_no_other_response_does() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::signed_in(&app);
    let offer = browser.offer.take().expect("an offer");
    assert_eq!(offer.algorithms, ["ES256", "RS256"]);
    assert_eq!(offer.path, "/.dbsc/register");
    assert!(offer.authorization.is_some());
    for path in ["/account", "/fresh", "/open"] {
        browser.get(path);
        assert_eq!(browser.offer, None, "{path}");
    }
    app.clock.pass(900);
    browser.get("/account");
    browser.post("/reauthenticate");
    assert_eq!(browser.offer, None, "a thief could take it");
}

#[test]
fn nothing_is_offered_over_plain_http_or_while_it_is_off() {
    for app in [
        App::new("dbsc.enabled = true"),
        App::new("proxy.assume_secure = true"),
    ] {
        assert_eq!(DeviceBrowser::signed_in(&app).offer, None);
    }
}

#[test]
fn a_browser_that_registers_goes_on_and_one_that_cannot_does_too() {
    let app = bound_app("");
    let mut bound = DeviceBrowser::signed_in(&app);
    app.told.take();
    assert_eq!(bound.register(), Status::Ok);
    assert!(matches!(app.told.take()[..], [ref e] if matches!(e.kind, EventKind::DeviceBound(_))));
    let mut plain = DeviceBrowser::signed_in(&app);
    app.clock.pass(AFTER_GRACE);
    assert_eq!(bound.get("/device"), (200, "true".into()));
    assert_eq!(plain.get("/device"), (200, "false".into()));
}

#[test]
fn events_of_the_device_name_the_session_that_they_are_about() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    assert_eq!(browser.refresh(), Some(Status::Ok));
    let (_, times) = browser.get("/times");
    let handle = times.rsplit(' ').next().unwrap();
    let told = app.told.take();
    let named = told.iter().filter_map(|event| match &event.kind {
        EventKind::DeviceBound(id) | EventKind::DeviceRefreshed(id) => Some(id.to_string()),
        _ => None,
    });
    assert_eq!(named.collect::<Vec<_>>(), [handle, handle]);
}

#[test]
fn the_page_after_the_sign_in_may_overtake_the_registration() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    browser.bound = None;
    assert!(browser.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    assert_eq!(browser.get("/account"), unbound());
    assert!(browser.session.is_some());
    assert_eq!(browser.visit("/account").0, 200);
}

#[test]
fn the_steady_state_is_one_round_trip() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    for _ in 0..5 {
        app.clock.pass(600);
        browser.bound = None;
        assert_eq!(browser.refresh(), Some(Status::Ok));
        assert_eq!(browser.rounds, 1);
        assert!(browser.is_signed_in());
    }
}

#[test]
fn a_browser_without_a_challenge_is_sent_one() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    for forget in [true, false] {
        app.clock.pass(700);
        let session = browser.registered.as_mut().unwrap();
        session.challenge = session.challenge.take().filter(|_| !forget);
        app.clock.pass(if forget { 0 } else { 2 * 3600 });
        browser.refresh();
        assert_eq!(browser.rounds, 2);
    }
}

#[test]
fn an_older_bound_cookie_is_good_until_its_own_end() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let first = browser.bound.clone();
    app.clock.pass(300);
    assert_eq!(browser.refresh(), Some(Status::Ok));
    assert_ne!(browser.bound, first);
    browser.bound = first;
    app.clock.pass(299);
    assert!(browser.is_signed_in());
    app.clock.pass(1);
    assert_eq!(browser.get("/account"), unbound());
}

#[test]
fn parallel_refreshes_all_end_with_a_cookie() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let before = browser.registered.clone();
    app.clock.pass(600);
    assert_eq!(browser.refresh(), Some(Status::Ok));
    assert_eq!(browser.rounds, 1);
    // The second was started with the same challenge; it is sent a new one, and signs that.
    browser.registered = before;
    assert_eq!(browser.refresh(), Some(Status::Ok));
    assert_eq!(browser.rounds, 2);
    assert!(browser.is_signed_in());
}

#[test]
fn a_sign_out_ends_the_browsers_session_and_removes_both_cookies() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let mut copy = browser.copied();
    assert_eq!(browser.post("/logout-then/ok").0, 200);
    assert_eq!((&browser.session, &browser.bound), (&None, &None));
    assert_eq!(browser.refresh(), None);
    assert_eq!(browser.rounds, 1);
    assert_eq!(copy.get("/account").1, "ended - false");
}

#[test]
fn a_session_that_is_over_for_any_reason_is_over_for_the_browser() {
    let app = bound_app("");
    let mut replaced = DeviceBrowser::registered(&app);
    let of_first = replaced.registered.clone();
    assert_eq!(replaced.post("/login/ada").0, 200);
    assert_eq!(replaced.register(), Status::Ok);
    let of_second = replaced.registered.clone();
    // The browser keeps both sessions, and asks for the older one first.
    replaced.registered = of_first;
    let bound = replaced.bound.clone();
    assert_eq!(replaced.refresh(), None);
    assert_eq!(replaced.bound, bound, "it would overwrite the newer one's");
    replaced.registered = of_second;
    assert_eq!(replaced.refresh(), Some(Status::Ok));
    app.clock.pass(AFTER_GRACE);
    assert!(replaced.is_signed_in());

    let mut elsewhere = DeviceBrowser::registered(&app);
    assert_eq!(replaced.post("/logout-others").0, 200);
    assert_eq!(elsewhere.refresh(), None);
    assert!(replaced.is_signed_in());
}

/// A browser that was closed, and has signed in anew: both sessions live, and it has the keys of
/// both. Returns what it keeps of the first.
fn forgets_its_session(browser: &mut DeviceBrowser<'_>) -> Option<BoundSession> {
    let of_first = browser.registered.clone();
    browser.session = None;
    assert_eq!(browser.post("/login/ada").0, 200);
    assert_eq!(browser.register(), Status::Ok);
    of_first
}

#[test]
fn a_session_whose_cookie_made_way_for_another_is_over_for_the_browser() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let of_first = forgets_its_session(&mut browser);
    app.clock.pass(AFTER_GRACE);
    let of_second = std::mem::replace(&mut browser.registered, of_first);
    let bound = browser.bound.clone();
    assert!(!browser.refresh_with_cookies());
    assert_eq!(browser.bound, bound, "it would be the other's no more");
    browser.registered = of_second;
    assert!(browser.refresh_with_cookies());
    assert!(browser.is_signed_in());
}

#[test]
fn a_bound_cookie_that_does_not_count_makes_way_for_the_one_that_does() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let of_first = forgets_its_session(&mut browser);
    app.clock.pass(AFTER_GRACE);
    // Another site led here: no cookies come along, and the wrong session is refreshed.
    let of_second = std::mem::replace(&mut browser.registered, of_first);
    assert_eq!(browser.refresh(), Some(Status::Ok));
    browser.registered = of_second;
    assert_eq!(browser.visit("/account"), unbound());
    assert_eq!(browser.bound, None);
    assert!(browser.session.is_some());
    assert_eq!(browser.visit("/account").0, 200);
}

#[test]
fn rotation_and_binding_work_side_by_side() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    let before_rotation = browser.copied();
    let mut bound = None;
    for _ in 0..8 {
        app.clock.pass(300);
        browser.bound = None;
        assert_eq!(browser.visit("/account").0, 200);
        bound = browser.bound.clone();
    }
    assert_ne!(browser.session, before_rotation.session);
    // With a bound cookie that was copied along the old session cookie is still a replay.
    let mut thief = before_rotation;
    thief.bound = bound;
    app.clock.pass(11);
    assert_eq!(thief.get("/account").1, "replayed - true");
    assert_eq!(browser.refresh(), None);
}

#[test]
fn what_the_store_keeps_outlives_a_restart_of_the_browser() {
    let app = bound_app("");
    let mut browser = DeviceBrowser::registered(&app);
    app.clock.pass(20 * 60);
    browser.bound = None;
    let restarted = browser.registered.as_mut().unwrap();
    restarted.challenge = None;
    assert_eq!(browser.visit("/account").0, 200);
    assert_eq!(browser.rounds, 2);
}

#[test]
fn a_clock_that_is_set_right_ends_no_session() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    app.clock.pass(120);
    for _ in 0..2 {
        assert_eq!(owner.refresh(), Some(Status::Ok));
    }
    app.clock.pass(-120);
    assert_eq!(owner.refresh(), Some(Status::Ok));
    assert_eq!(owner.refresh(), Some(Status::Ok));
    assert!(owner.is_signed_in());
}
