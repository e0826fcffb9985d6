//! Servers and stores that are away for a while.

use std::sync::atomic::Ordering;

use super::*;

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_restart_of_the_server_loses_nothing_that_a_store_keeps() {
    let mut scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    scene.restart_server();
    assert!(scene.is_bound());
    scene.restart_server();
    assert!(scene.goes_on());
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn a_browser_outlasts_an_outage_of_the_store() {
    let scene = Scene::bound();
    scene.backstage.pass(AFTER_GRACE);
    let away = &scene.backstage.store.fault.away;
    away.store(true, Ordering::SeqCst);
    scene.lose_bound_cookie();
    let session = scene.value_of(COOKIE);
    scene.backstage.log.clear();
    scene.visit("/device");
    scene.browser.wait_for("503");
    assert_eq!(scene.backstage.log.refreshes(), [503]);
    assert_eq!(scene.value_of(COOKIE), session);

    away.store(false, Ordering::SeqCst);
    assert!(scene.is_bound());
    assert!(scene.goes_on());
}
