//! Visits that another site leads to.

use super::*;

/// Follows a link of another site to the app.
fn land(scene: &Scene) {
    let link = format!("/link?to={}", scene.app("/device"));
    scene.browser.visit(&scene.other_site(&link));
    scene.browser.click("a");
    assert!(eventually(|| scene.browser.url().ends_with("/device")));
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_link_of_another_site_leads_to_a_refresh_without_cookies_and_in() {
    let scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    scene.lose_bound_cookie();
    scene.backstage.log.clear();
    land(&scene);
    assert_eq!(scene.browser.text(), "device-bound: true");
    let [refresh] = &scene.backstage.log.of("/.dbsc/refresh")[..] else {
        panic!("{:?}", scene.backstage.log);
    };
    assert_eq!((refresh.status, refresh.cookies.as_str()), (200, ""));
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_link_of_a_site_that_may_not_start_a_refresh_leads_to_a_refusal() {
    let scene = Scene::bound_with("dbsc.allowed_refresh_initiators = []");
    scene.backstage.pass(AFTER_GRACE);
    scene.lose_bound_cookie();
    land(&scene);
    assert_eq!(scene.browser.text(), "stolen: -");
    assert!(scene.is_bound(), "an address that is typed in starts one");
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_sign_in_that_another_site_led_to_is_bound_as_well() {
    let scene = Scene::new();
    let form = format!("/form?to={}", scene.app("/login"));
    scene.browser.visit(&scene.other_site(&form));
    scene.browser.click("button");
    scene.browser.wait_for("Hello, ada.");
    assert!(eventually(|| scene.value_of(BOUND).is_some()));
    let registrations = scene.backstage.log.of("/.dbsc/register");
    assert_eq!(registrations[0].cookies, "");
    scene.backstage.pass(AFTER_GRACE);
    assert!(scene.goes_on());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn where_a_landing_fetched_the_cookie_of_a_forgotten_session_a_reload_fetches_the_right_one() {
    let scene = Scene::bound();
    scene.browser.delete_cookie(COOKIE);
    scene.sign_in();
    scene.backstage.pass(AFTER_GRACE);
    scene.lose_bound_cookie();
    // Which of the two sessions the browser refreshes first depends on their random identifiers.
    land(&scene);
    scene.browser.eval("location.reload()");
    scene.browser.wait_for("device-bound: true");
}
