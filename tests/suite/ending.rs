//! Sign-outs that hold, the list of a user's sessions, and what ends from elsewhere.

use rocket_restricted_session::{EventKind, SessionInfo};

use crate::browser::Browser;
use crate::support::*;

fn ended() -> (u16, String) {
    (401, "ended - false".into())
}

fn id_of(browser: &mut Browser<'_>) -> String {
    let (_, times) = browser.get("/times");
    times.rsplit(' ').next().expect("a handle").to_owned()
}

/// Handles, the current one marked.
fn listed(browser: &mut Browser<'_>) -> Vec<String> {
    let (status, lines) = browser.get("/sessions");
    assert_eq!(status, 200);
    lines.lines().map(str::to_owned).collect()
}

#[test]
fn a_sign_out_kills_every_copy() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    assert_eq!(owner.post("/logout-then/ok").0, 200);
    assert_eq!(owner.cookie, None);
    assert_eq!(thief.get("/account"), ended());
    assert_eq!(thief.cookie, None);
    assert_eq!(thief.post("/reauthenticate").0, 401);
    assert_eq!(thief.post("/update/ada/tea").0, 401);
}

#[test]
fn without_a_store_a_copy_lives_on_as_documented() {
    let app = App::new("store = \"none\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    assert_eq!(owner.post("/logout-then/ok").0, 200);
    assert!(thief.is_signed_in());
    for path in [
        "/logout-others",
        "/logout-everywhere/ada",
        "/end/AAECAwQFBgcICQoL",
    ] {
        assert_eq!(thief.post(path).0, 501, "{path}");
    }
    assert_eq!(thief.get("/sessions").0, 501);
}

#[test]
fn whoever_is_refused_cannot_sign_the_owner_out() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone().at(ELSEWHERE);
    for path in ["/logout-then/ok", "/logout-others", "/login/mallory"] {
        thief.cookie.clone_from(&owner.cookie);
        thief.post(path);
        assert!(owner.is_signed_in(), "{path}");
    }
}

#[test]
fn one_browser_has_one_session_and_a_late_request_of_the_old_one_clears_nothing() {
    let app = App::new("");
    let mut browser = Browser::signed_in(&app, "ada");
    let mut in_flight = browser.clone();
    assert_eq!(browser.post("/login/grace").0, 200);
    let of_grace = browser.cookie.clone();
    let before = in_flight.cookie.clone();
    assert_eq!(in_flight.get("/account"), ended());
    assert_eq!(in_flight.cookie, before, "it would clear the new sign-in's");
    assert_eq!(browser.cookie, of_grace);
    assert_eq!(browser.get("/account"), (200, "grace:".into()));
}

#[test]
fn owners_see_their_sessions_and_nobody_elses() {
    let app = App::new("");
    let mut laptop = Browser::signed_in(&app, "ada");
    app.clock.pass(60);
    let mut phone = Browser::signed_in(&app, "ada");
    let mut stranger = Browser::signed_in(&app, "grace");
    let (of_laptop, of_phone) = (id_of(&mut laptop), id_of(&mut phone));
    assert_eq!(
        listed(&mut laptop),
        [
            format!("{of_laptop} true Firefox on Linux 192.0.0.0/16 {START} false"),
            format!(
                "{of_phone} false Firefox on Linux 192.0.0.0/16 {} false",
                START + 60
            ),
        ]
    );
    assert!(listed(&mut phone)[0].starts_with(&format!("{of_phone} true")));
    assert_eq!(listed(&mut stranger).len(), 1);

    for id in [&of_phone, &of_laptop] {
        assert_eq!(stranger.post(&format!("/end/{id}")).0, 404);
    }
    assert!(laptop.is_signed_in() && phone.is_signed_in());
}

#[test]
fn a_session_that_is_ended_from_another_one_is_over() {
    let app = App::new("");
    let mut laptop = Browser::signed_in(&app, "ada");
    let mut phone = Browser::signed_in(&app, "ada");
    let of_phone = id_of(&mut phone);
    app.told.take();
    assert_eq!(laptop.post(&format!("/end/{of_phone}")).0, 200);
    let events = app.told.take();
    assert!(matches!(&events[..], [event]
        if matches!(&event.kind, EventKind::Ended(id) if id.to_string() == of_phone)));
    assert_eq!(phone.get("/account"), ended());
    assert_eq!(phone.cookie, None);
    assert!(laptop.is_signed_in());
    assert_eq!(listed(&mut laptop).len(), 1);
    assert_eq!(laptop.post(&format!("/end/{of_phone}")).0, 404);

    let own = id_of(&mut laptop);
    assert_eq!(laptop.post(&format!("/end/{own}")).0, 200);
    assert_eq!(laptop.cookie, None);
}

#[test]
fn all_others_end_but_not_the_one_that_asks() {
    let app = App::new("");
    let mut laptop = Browser::signed_in(&app, "ada");
    let mut phone = Browser::signed_in(&app, "ada");
    let mut stranger = Browser::signed_in(&app, "grace");
    assert_eq!(laptop.post("/logout-others").0, 200);
    assert_eq!(phone.get("/account"), ended());
    assert!(laptop.is_signed_in() && stranger.is_signed_in());
    // In the same second, which a comparison of times would get wrong.
    let mut tablet = Browser::signed_in(&app, "ada");
    assert!(tablet.is_signed_in() && laptop.is_signed_in());
    assert_eq!(listed(&mut laptop).len(), 2);
}

#[test]
fn an_administrator_ends_all_sessions_of_somebody() {
    let app = App::new("");
    let mut laptop = Browser::signed_in(&app, "ada");
    let mut phone = Browser::signed_in(&app, "ada");
    let mut admin = Browser::signed_in(&app, "grace");
    assert_eq!(admin.post("/logout-everywhere/ada").0, 200);
    assert_eq!(laptop.get("/account"), ended());
    assert_eq!(phone.get("/account"), ended());
    assert!(admin.is_signed_in());
    assert_eq!(admin.post("/logout-everywhere/grace").0, 200);
    assert_eq!(admin.cookie, None);
    assert!(Browser::signed_in(&app, "ada").is_signed_in());
}

#[test]
fn the_oldest_session_goes_when_there_are_too_many() {
    let app = App::new("max_sessions = 2");
    let mut first = Browser::signed_in(&app, "ada");
    app.clock.pass(1);
    let mut second = Browser::signed_in(&app, "ada");
    app.clock.pass(1);
    app.told.take();
    let mut third = Browser::signed_in(&app, "ada");
    assert!(app
        .told
        .take()
        .iter()
        .any(|e| matches!(e.kind, EventKind::Evicted(1))));
    assert_eq!(first.get("/account"), ended());
    assert_eq!(first.cookie, None);
    assert!(second.is_signed_in() && third.is_signed_in());
    // A browser that signs in anew takes its own place, once that is free.
    assert_eq!(second.post("/logout-then/ok").0, 200);
    Browser::signed_in(&app, "ada");
    assert!(third.is_signed_in());
}

#[test]
fn a_browser_that_signs_in_anew_takes_its_own_place_and_no_other_devices() {
    let app = App::new("max_sessions = 2");
    let mut phone = Browser::signed_in(&app, "ada");
    app.clock.pass(1);
    let mut laptop = Browser::signed_in(&app, "ada");
    let mut in_flight = laptop.clone();
    app.clock.pass(1);
    assert_eq!(laptop.post("/login/ada").0, 200);
    assert!(phone.is_signed_in() && laptop.is_signed_in());
    let before = in_flight.cookie.clone();
    assert_eq!(in_flight.get("/account"), ended());
    assert_eq!(in_flight.cookie, before, "it would clear the new sign-in's");

    let app = App::new("max_sessions = 1");
    let mut only = Browser::signed_in(&app, "ada");
    let mut in_flight = only.clone();
    app.told.take();
    assert_eq!(only.post("/login/ada").0, 200);
    assert!(!app
        .told
        .take()
        .iter()
        .any(|e| matches!(e.kind, EventKind::Evicted(_))));
    let before = in_flight.cookie.clone();
    assert_eq!(in_flight.get("/account"), ended());
    assert_eq!(in_flight.cookie, before);
    assert!(only.is_signed_in());
}

#[test]
fn a_session_that_ended_while_a_request_was_under_way_stays_ended() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    app.clock.pass(15 * 60);
    // This request holds a successor when the session ends.
    let mut in_flight = owner.clone();
    assert!(in_flight.is_signed_in());
    assert_eq!(owner.post("/logout-then/ok").0, 200);
    assert_eq!(in_flight.get("/account"), ended());
    assert_eq!(in_flight.post("/update/ada/tea").0, 401);
    assert_eq!(in_flight.post("/reauthenticate").0, 401);
    assert_eq!(in_flight.get("/account").0, 401);
}

/// What [`SessionInfo`] tells, as the app of the tests prints it.
pub fn line(session: &SessionInfo) -> String {
    format!(
        "{} {} {} {} {} {}",
        session.id,
        session.current,
        session.label,
        session.network.as_deref().unwrap_or("-"),
        session.created_at.unix_timestamp(),
        session.device_bound
    )
}
