//! Each key of `dbsc` and its effect.

use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::{Build, Rocket};
use rocket_restricted_session::{EventKind, SessionShield};

use super::*;

#[test]
fn the_path_is_where_the_browser_is_sent() {
    let app = bound_app("dbsc.path = \"/auth/device\"");
    let mut browser = DeviceBrowser::signed_in(&app);
    assert_eq!(
        browser.offer.as_ref().unwrap().path,
        "/auth/device/register"
    );
    assert_eq!(browser.register(), Status::Ok);
    assert_eq!(
        browser.registered.as_ref().unwrap().refresh_url,
        "/auth/device/refresh"
    );
    assert_eq!(browser.refresh(), Some(Status::Ok));
}

#[test]
fn the_bound_cookie_lives_as_long_as_it_says() {
    let app = bound_app("dbsc.bound_for = \"5m\"");
    let mut browser = DeviceBrowser::signed_in(&app);
    let offer = browser.offer.take().unwrap();
    let proof = browser
        .device
        .registration(&offer.challenge, offer.authorization.as_deref());
    let response = browser.send_proof(&offer.path, None, Some(&proof));
    let lines = set_cookies(&response);
    assert!(lines[0].starts_with(&format!("{BOUND}=")));
    assert!(lines[0].ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=300"));
    let body = response.into_string().unwrap();
    assert!(
        body.contains("\"Path=/; Secure; HttpOnly; SameSite=Lax\""),
        "{body}"
    );

    let mut browser = DeviceBrowser::registered(&app);
    app.clock.pass(299);
    assert!(browser.is_signed_in());
    app.clock.pass(1);
    assert_eq!(browser.get("/account"), unbound());
}

#[test]
fn only_listed_algorithms_are_offered_and_accepted() {
    let app = bound_app("dbsc.algorithms = [\"RS256\"]");
    let mut browser = DeviceBrowser::signed_in(&app);
    assert_eq!(browser.offer.as_ref().unwrap().algorithms, ["RS256"]);
    assert_eq!(browser.register(), Status::Forbidden);
    assert!(browser.is_signed_in());
}

#[test]
fn where_it_is_required_browsers_without_it_are_refused_after_the_grace() {
    let app = bound_app("dbsc.required = true\ndbsc.grace = \"30s\"");
    let mut bound = DeviceBrowser::registered(&app);
    let mut plain = DeviceBrowser::signed_in(&app);
    app.clock.pass(30);
    assert!(plain.is_signed_in() && bound.is_signed_in());
    app.clock.pass(1);
    assert_eq!(plain.get("/account"), unbound());
    assert!(bound.is_signed_in());
}

#[test]
fn the_grace_counts_from_the_binding() {
    let app = bound_app("dbsc.grace = \"10s\"");
    let mut browser = DeviceBrowser::signed_in(&app);
    app.clock.pass(100);
    assert_eq!(browser.register(), Status::Ok);
    browser.bound = None;
    app.clock.pass(10);
    assert!(browser.is_signed_in());
    app.clock.pass(1);
    assert_eq!(browser.get("/account"), unbound());
}

#[test]
fn excluded_paths_need_no_bound_cookie_and_are_told_to_the_browser() {
    let app = bound_app("dbsc.exclude = [\"/account\"]");
    let mut browser = DeviceBrowser::registered(&app);
    browser.bound = None;
    app.clock.pass(AFTER_GRACE);
    assert_eq!(browser.get("/account").0, 200);
    assert_eq!(browser.get("/times"), unbound());
    assert_eq!(browser.get("/account-then/ok"), unbound());

    // Rocket resolves `..` in a path of several segments.
    let app = bound_app("dbsc.exclude = [\"/files/public\"]");
    let mut browser = DeviceBrowser::registered(&app);
    browser.bound = None;
    app.clock.pass(AFTER_GRACE);
    assert_eq!(browser.get("/files/public/x"), (200, "public/x".into()));
    assert_eq!(browser.get("/files/public/../secret"), unbound());
}

#[test]
fn instructions_name_exclusions_and_initiators() {
    let keys = "dbsc.exclude = [\"/static\"]\n\
                dbsc.allowed_refresh_initiators = [\"mail.example\"]";
    let app = bound_app(keys);
    let mut browser = DeviceBrowser::signed_in(&app);
    let offer = browser.offer.take().unwrap();
    let whose = offer.authorization.as_deref();
    let proof = browser.device.registration(&offer.challenge, whose);
    let response = browser.send_proof(&offer.path, None, Some(&proof));
    let body: serde_json::Value = serde_json::from_str(&response.into_string().unwrap()).unwrap();
    assert_eq!(body["scope"]["scope_specification"][0]["path"], "/static");
    assert_eq!(body["allowed_refresh_initiators"][0], "mail.example");
}

#[test]
fn a_bound_cookie_relaxes_the_binding_where_that_is_wanted() {
    for (relax, elsewhere) in [(true, 200), (false, 401)] {
        let app = bound_app(&format!("dbsc.relax_binding = {relax}"));
        let mut owner = DeviceBrowser::registered(&app).at(ELSEWHERE).with(CURL);
        assert_eq!(owner.get("/account").0, elsewhere);
        // Without it, nothing is relaxed.
        let mut thief = owner.copied().at(ELSEWHERE);
        thief.bound = None;
        assert_eq!(thief.get("/account").1, "mismatch network true");
    }
    let app = bound_app("dbsc.relax_binding = true\nbinding.network = \"revoke\"");
    let mut owner = DeviceBrowser::registered(&app).at(ELSEWHERE);
    assert_eq!(owner.get("/account").1, "mismatch network true");
    let mut at_home = owner.copied();
    assert_eq!(at_home.get("/account").0, 401, "revoked");
}

#[test]
fn in_report_mode_a_missing_bound_cookie_is_told_of() {
    let app = bound_app("mode = \"report\"");
    let mut browser = DeviceBrowser::registered(&app);
    browser.bound = None;
    app.clock.pass(AFTER_GRACE);
    app.told.take();
    assert!(browser.is_signed_in());
    let told = app.told.take();
    assert!(matches!(&told[..], [event] if matches!(event.kind, EventKind::DeviceMissing)));
}

#[test]
fn what_cannot_work_refuses_the_launch() {
    let rocket =
        |keys: &str| rocket(figment(keys)).attach(shield(&TestClock::default(), &Told::default()));
    for keys in [
        "store = \"none\"\ndbsc.enabled = true",
        "dbsc.grace = \"11m\"",
        "dbsc.path = \"dbsc\"",
        "dbsc.path = \"/a/../b\"",
        "dbsc.path = \"/\"",
        "dbsc.path = \"/<x>\"",
        "dbsc.bound_for = 0",
        "dbsc.bound_for = 9223372036854775807",
        "dbsc.grace = 9223372036854775807",
        "dbsc.grace = \"12h\"",
        "absolute_timeout = \"1h\"\ndbsc.grace = \"1h\"",
        "dbsc.algorithms = []",
        "dbsc.algorithms = [\"none\"]",
        "dbsc.exclude = [\"static\"]",
        "dbsc.allowed_refresh_initiators = [\"https://mail.example\"]",
        "dbsc.lifetime = \"10m\"",
    ] {
        assert!(refusal(rocket(keys)).contains("FailedFairings"), "{keys}");
    }
}

/// The app with administrators, whose sessions have these keys.
fn with_admins(keys: &str) -> Rocket<Build> {
    let keys = format!("{}\n[default.admin_session]\n{keys}", device_keys(""));
    rocket(figment(&keys))
        .manage(TestClock::default())
        .attach(shield(&TestClock::default(), &Told::default()))
        .attach(SessionShield::<crate::cookies::Admin>::new().section("admin_session"))
}

#[test]
fn a_bound_cookie_must_outlive_what_a_browser_may_sign() {
    for (bound_for, launches) in [("4m", false), ("5m", true), ("1h", true), ("61m", false)] {
        let keys = format!("dbsc = {{ enabled = true, bound_for = \"{bound_for}\" }}");
        let rocket = rocket(released(&keys)).manage(TestClock::default());
        let rocket = rocket.attach(shield(&TestClock::default(), &Told::default()));
        let launched = rocket::local::blocking::Client::untracked(rocket);
        assert_eq!(
            launched.map_err(|e| e.kind().to_string()).is_ok(),
            launches,
            "{bound_for}"
        );
    }
}

#[test]
fn a_session_cookie_of_the_name_of_a_bound_one_refuses_the_launch() {
    let keys = format!(
        "{}\n[default.admin_session]\ncookie_name = \"{BOUND}\"",
        device_keys("")
    );
    let rocket = rocket(figment(&keys))
        .manage(TestClock::default())
        .attach(shield(&TestClock::default(), &Told::default()))
        .attach(
            rocket_restricted_session::SessionShield::<crate::cookies::Admin>::new()
                .section("admin_session"),
        );
    assert!(refusal(rocket).contains("FailedFairings"));
}

#[test]
fn in_report_mode_a_device_that_is_required_and_missing_is_told_of() {
    let app = bound_app("mode = \"report\"\ndbsc.required = true");
    let mut browser = DeviceBrowser::signed_in(&app);
    app.told.take();
    assert!(browser.is_signed_in());
    assert!(app.told.take().is_empty());
    app.clock.pass(AFTER_GRACE);
    assert!(browser.is_signed_in());
    let told = app.told.take();
    assert!(matches!(&told[..], [event] if matches!(event.kind, EventKind::DeviceMissing)));
}

#[test]
fn two_kinds_of_session_need_a_path_each() {
    let admin = |path: &str| {
        with_admins(&format!(
            "cookie_name = \"__Host-admin\"\ndbsc = {{ enabled = true, path = \"{path}\" }}"
        ))
    };
    assert!(refusal(admin("/.dbsc")).contains("FailedFairings"));
    assert!(Client::untracked(admin("/.admin-dbsc")).is_ok());
}

#[test]
fn no_session_cookie_bears_the_name_of_a_bound_one() {
    let admin = |name: &str| with_admins(&format!("cookie_name = \"{name}\""));
    assert!(refusal(admin(BOUND)).contains("FailedFairings"));
    assert!(Client::untracked(admin("__Host-admin")).is_ok());
}
