//! Rotation as a browser and a thief meet it: the thief is found, the owner is not disturbed.

use rocket_restricted_session::{EventKind, Reason};

use crate::browser::Browser;
use crate::support::*;

const DUE: i64 = 15 * 60;
const CLAIM_WINDOW: i64 = 60;
const AFTER_GRACE: i64 = 11;

fn replayed() -> (u16, String) {
    (401, "replayed - true".into())
}

fn revoked() -> (u16, String) {
    (401, "revoked - true".into())
}

#[test]
fn a_cookie_in_use_changes_when_it_is_due_and_not_before() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let first = owner.cookie.clone();
    app.clock.pass(DUE - 1);
    assert!(owner.is_signed_in());
    assert_eq!(owner.cookie, first);
    app.clock.pass(1);
    assert!(owner.is_signed_in());
    assert_ne!(owner.cookie, first);
    let second = owner.cookie.clone();
    app.told.take();
    assert!(owner.is_signed_in());
    assert_eq!(owner.cookie, second);
    assert!(matches!(app.told.take()[..], [ref e] if matches!(e.kind, EventKind::Rotated)));
}

#[test]
fn r1_a_thief_who_is_rejected_never_keeps_the_owner_from_a_new_cookie() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone().at(ELSEWHERE);
    let first = owner.cookie.clone();
    app.clock.pass(DUE);
    for _ in 0..100 {
        assert_eq!(thief.get("/account").0, 401);
    }
    assert!(owner.is_signed_in());
    assert_ne!(owner.cookie, first);
}

#[test]
fn r16_a_replaced_cookie_is_found_out_and_ends_the_session_for_both() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in());
    assert!(owner.is_signed_in());
    // Within the grace it may be one of the owner's own requests in flight.
    assert!(thief.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    app.told.take();

    assert_eq!(thief.get("/account"), replayed());
    assert_eq!(thief.cookie, None);
    let events = app.told.take();
    assert!(matches!(&events[..], [event]
        if matches!(&event.kind, EventKind::Refused(why, _) if why.reason() == Reason::Replayed)));
    assert_eq!(owner.get("/account"), revoked());
    assert_eq!(owner.cookie, None);

    let mut owner = Browser::signed_in(&app, "ada");
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
}

#[test]
fn a_thief_who_rotates_first_is_found_out_by_the_owner() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(thief.is_signed_in() && thief.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    assert_eq!(owner.get("/account"), replayed());
    assert_eq!(thief.get("/account"), revoked());
}

#[test]
fn told_to_reject_only_the_old_cookie_is_refused_and_the_owner_goes_on() {
    let app = App::new("on_replay = \"reject\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    assert_eq!(thief.get("/account"), replayed());
    assert!(thief.cookie.is_some());
    assert!(owner.is_signed_in());
}

#[test]
fn in_report_mode_a_replay_is_told_and_lets_both_in() {
    let app = App::new("mode = \"report\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    app.told.take();
    assert!(thief.is_signed_in());
    assert!(matches!(&app.told.take()[..], [event] if matches!(event.kind, EventKind::Replayed)));
    assert_eq!(thief.get("/fresh").0, 403);
    assert!(owner.is_signed_in());
}

#[test]
fn in_report_mode_a_replay_opens_no_session_that_has_idled_out() {
    let app = App::new("mode = \"report\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    app.clock.pass(30 * 60);
    app.told.take();
    assert_eq!(thief.get("/account"), (401, "expired - false".into()));
    assert_eq!(thief.cookie, None);
    assert!(matches!(&app.told.take()[..], [replayed, refused]
        if matches!(replayed.kind, EventKind::Replayed)
            && matches!(refused.kind, EventKind::Refused(..))));
    assert_eq!(owner.get("/account"), (401, "expired - false".into()));
}

#[test]
fn r2_a_thief_who_discards_what_he_gets_does_not_stay_hidden() {
    let app = App::new("idle_timeout = \"1h\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let thief = owner.clone();
    app.clock.pass(DUE);
    for _ in 0..3 {
        assert_eq!(thief.get_in_vain("/account").0, 200);
        app.clock.pass(CLAIM_WINDOW);
    }
    app.told.take();
    let before = owner.cookie.clone();
    assert_eq!(owner.get("/fresh").0, 403);
    assert_ne!(owner.cookie, before);
    assert!(matches!(
        app.told.take()[0].kind,
        EventKind::RotationContested
    ));
    assert!(owner.is_signed_in());
    app.clock.pass(AFTER_GRACE);
    assert_eq!(thief.get_in_vain("/account"), replayed());
    assert_eq!(owner.get("/account"), revoked());
}

#[test]
fn r3_a_successor_that_was_lost_on_the_way_harms_nobody() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    app.clock.pass(DUE);
    assert_eq!(owner.get_in_vain("/account").0, 200);
    for _ in 0..CLAIM_WINDOW / 5 {
        app.clock.pass(5);
        assert!(owner.is_signed_in());
    }
    assert!(owner.is_signed_in());
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
}

#[test]
fn r7_one_token_never_gets_two_cookies() {
    let app = App::new("idle_timeout = \"20m\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let first = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in());
    let mut late = first.clone();
    assert!(late.is_signed_in());
    assert_eq!(late.cookie, first.cookie, "a second cookie");
}

#[test]
fn r12_a_cookie_that_would_leave_too_late_is_dropped() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let first = owner.cookie.clone();
    app.clock.pass(DUE);
    assert_eq!(owner.get("/slow/11").0, 200);
    assert_eq!(owner.cookie, first);
    assert!(owner.is_signed_in());
    assert_eq!(owner.cookie, first, "the claim is not over yet");
    app.clock.pass(CLAIM_WINDOW);
    assert!(owner.is_signed_in());
    assert_ne!(owner.cookie, first);
}

#[test]
fn r19_a_client_of_long_polls_alone_is_never_taken_for_a_thief() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    for _ in 0..100 {
        assert_eq!(owner.get("/slow/30").0, 200);
    }
    let before = owner.cookie.clone();
    app.clock.pass(CLAIM_WINDOW);
    assert!(owner.is_signed_in());
    assert_ne!(owner.cookie, before);
    assert!(owner.is_signed_in());
}

#[test]
fn a_session_in_use_outlives_its_idle_timeout_without_a_new_cookie() {
    let app = App::new("rotate_every = false\nidle_timeout = 90");
    let mut owner = Browser::signed_in(&app, "ada");
    let first = owner.cookie.clone();
    for _ in 0..50 {
        app.clock.pass(30);
        assert!(owner.is_signed_in());
    }
    assert_eq!(owner.cookie, first);
    app.clock.pass(90);
    assert_eq!(owner.get("/account"), (401, "expired - false".into()));
    assert_eq!(owner.cookie, None);
}

#[test]
fn a_replaced_cookie_gives_its_thief_away_even_when_the_session_is_idle() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    app.clock.pass(30 * 60);
    assert_eq!(thief.get("/account"), replayed());
    assert_eq!(owner.get("/account"), revoked());
}

#[test]
fn a_new_version_of_the_browser_rides_on_the_next_cookie() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let old_copy = owner.clone();
    app.clock.pass(DUE);
    owner = owner.with(FIREFOX_131);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    let mut wound_back = owner.clone().with(FIREFOX);
    assert_eq!(wound_back.get("/account").1, "mismatch user_agent true");
    assert!(owner.is_signed_in());
    drop(old_copy);
}

#[test]
fn reauthentication_joins_what_is_under_way_and_alarms_nobody() {
    for passed in [0, 30, DUE, DUE + 1] {
        for arrives_last in ["rotation", "reauthentication"] {
            let app = App::new("");
            let mut owner = Browser::signed_in(&app, "ada");
            app.clock.pass(passed);
            let mut rotated = owner.clone();
            assert!(rotated.is_signed_in());
            assert_eq!(owner.post("/reauthenticate").0, 200);
            let mut browser = match arrives_last {
                "rotation" => rotated,
                _ => owner,
            };
            for _ in 0..3 {
                assert!(browser.is_signed_in(), "{arrives_last} after {passed} s");
                app.clock.pass(AFTER_GRACE);
            }
        }
    }
}

#[test]
fn a_copy_from_before_a_reauthentication_never_becomes_fresh() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    app.clock.pass(700);
    let mut thief = owner.clone();
    assert_eq!(owner.post("/reauthenticate").0, 200);
    assert_eq!(owner.get("/fresh").0, 200);
    assert_eq!(thief.get("/fresh").0, 403);
    assert_eq!(thief.post("/update/ada/tea").0, 200);
    assert_eq!(thief.get("/fresh").0, 403);
    assert_eq!(owner.get("/account"), (200, "ada:tea".into()));
}

#[test]
fn r10_updating_at_will_hands_a_thief_no_cookie() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone();
    let copied = thief.cookie.clone();
    app.clock.pass(DUE);
    assert!(owner.is_signed_in() && owner.is_signed_in());
    assert_eq!(thief.post("/update/ada/tea").0, 200);
    assert_eq!(thief.cookie, copied);
    assert_eq!(owner.get("/account"), (200, "ada:tea".into()));
    app.clock.pass(AFTER_GRACE);
    assert_eq!(thief.get("/account"), replayed());
}

#[test]
fn a_signal_with_action_revoke_kills_every_copy() {
    let app = App::new("binding.network = \"revoke\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone().at(ELSEWHERE);
    assert_eq!(thief.get("/account"), (401, "mismatch network true".into()));
    assert_eq!(thief.cookie, None);
    assert_eq!(owner.get("/account"), revoked());

    let app = App::new("binding.network = \"revoke\"\nmode = \"report\"");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut thief = owner.clone().at(ELSEWHERE);
    assert!(thief.is_signed_in() && owner.is_signed_in());
}
