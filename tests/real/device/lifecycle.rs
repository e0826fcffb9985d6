//! Registration, refresh and the end, as a browser lives through them.

use rocket_restricted_session::EventKind;
use serde_json::json;
use time::OffsetDateTime;

use super::*;

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_browser_that_signs_in_binds_the_session_by_itself() {
    let scene = Scene::bound();
    assert!(scene.is_bound());
    let mut cookie = scene.browser.cookie(BOUND).unwrap();
    let expiry = cookie["expiry"].take().as_i64().unwrap();
    let left = expiry - OffsetDateTime::now_utc().unix_timestamp();
    assert!((540..=601).contains(&left), "{left} s");
    cookie["value"].take();
    assert_eq!(
        cookie,
        json!({
            "name": BOUND,
            "value": null,
            "domain": "app.example.test",
            "path": "/",
            "secure": true,
            "httpOnly": true,
            "sameSite": "Lax",
            "expiry": null,
        })
    );
    let told = &scene.backstage.told;
    assert_eq!(
        told.count(|kind| matches!(kind, EventKind::DeviceBound(_))),
        1
    );
    let registrations = scene.backstage.log.of("/.dbsc/register");
    assert_eq!(registrations.len(), 1, "{registrations:?}");
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_browser_that_keeps_no_keys_goes_on_unbound() {
    let mut scene = Scene::new();
    scene.browser = Browser::start(&scene.certificate);
    scene.visit("/");
    scene.browser.type_into("input[name=name]", "ada");
    scene.browser.click("#login");
    scene.browser.wait_for("Hello, ada.");
    scene.backstage.pass(AFTER_GRACE);
    scene.visit("/device");
    assert_eq!(scene.browser.text(), "device-bound: false");
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_page_without_the_bound_cookie_waits_for_one_refresh() {
    let scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    for _ in 0..3 {
        let before = scene.value_of(BOUND);
        scene.backstage.log.clear();
        assert!(scene.goes_on());
        assert_ne!(scene.value_of(BOUND), before);
        assert_eq!(scene.backstage.log.refreshes(), [200]);
    }
    let refreshed = |kind: &EventKind| matches!(kind, EventKind::DeviceRefreshed(_));
    assert_eq!(scene.backstage.told.count(refreshed), 3);
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn the_session_cookie_is_replaced_beside_the_bound_one() {
    let scene = Scene::bound();
    for _ in 0..2 {
        let before = scene.value_of(COOKIE);
        scene.backstage.pass(15 * 60);
        assert!(scene.goes_on());
        assert_ne!(scene.value_of(COOKIE), before);
        assert!(scene.is_bound());
    }
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn parallel_requests_wait_behind_one_refresh_and_a_body_arrives() {
    let scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    scene.lose_bound_cookie();
    scene.backstage.log.clear();
    let answers = scene.browser.eval(
        "const pay = n => fetch('/pay', { method: 'POST', body: n + 'x'.repeat(4000) });
         const answers = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(pay));
         return (await Promise.all(answers.map(answer => answer.text()))).join('\\n');",
    );
    let bodies: Vec<_> = (1..=8)
        .map(|n| format!("paid, device-bound: true, {n}{}", "x".repeat(4000)))
        .collect();
    assert_eq!(answers.lines().collect::<Vec<_>>(), bodies);
    assert_eq!(scene.backstage.log.refreshes(), [200]);
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_sign_out_ends_the_session_in_the_browser_too() {
    let scene = Scene::bound();
    scene.browser.click("#logout");
    let is_empty = || scene.value_of(COOKIE).is_none() && scene.value_of(BOUND).is_none();
    assert!(eventually(is_empty));
    scene.visit("/account");
    scene.browser.wait_for("sign in: missing");
    scene.backstage.log.clear();
    scene.visit("/account");
    scene.browser.wait_for("sign in: missing");
    assert!(scene.backstage.log.refreshes().is_empty());
    assert!(is_empty());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_second_sign_in_in_one_browser_goes_on_by_itself() {
    let scene = Scene::bound();
    scene.sign_in();
    assert!(scene.is_bound());
    scene.backstage.pass(AFTER_GRACE);
    assert!(scene.goes_on());
    assert!(scene.goes_on());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_browser_that_was_closed_and_continues_is_still_bound() {
    let mut scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    scene.browser.restart();
    assert!(scene.is_bound());
    assert!(scene.goes_on());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_browser_that_forgot_its_sessions_but_not_their_keys_goes_on_with_the_latest() {
    let scene = Scene::bound();
    for _ in 0..2 {
        scene.browser.delete_cookie(COOKIE);
        scene.sign_in();
    }
    scene.backstage.pass(AFTER_GRACE);
    assert!(scene.goes_on(), "{:?}", scene.backstage.log);
    assert!(scene.is_bound());
}
