//! What a security review asks for, where no other test shows it.

use crate::browser::Browser;
use crate::support::*;

#[test]
fn the_cookie_before_a_reauthentication_is_refused_once_the_new_one_is_in_use() {
    let app = App::new("");
    let mut owner = Browser::signed_in(&app, "ada");
    let mut copy = owner.clone();
    app.clock.pass(60);
    assert_eq!(owner.post("/reauthenticate").0, 200);
    assert!(owner.is_signed_in());
    assert!(copy.is_signed_in(), "within the grace it may be in flight");
    app.clock.pass(11);
    assert_eq!(copy.get("/account").1, "replayed - true");
}

#[test]
fn a_new_context_ends_all_sessions_of_all_users() {
    let before = App::new("");
    let ada = Browser::signed_in(&before, "ada");
    let grace = Browser::signed_in(&before, "grace");
    let after = App::new("context = \"after the incident\"");
    for browser in [ada, grace] {
        let mut moved = Browser::new(&after);
        moved.cookie = browser.cookie;
        assert_eq!(moved.get("/account").1, "unreadable - false");
    }
    assert!(Browser::signed_in(&after, "ada").is_signed_in());
}

#[test]
fn no_request_but_a_sign_in_starts_a_session() {
    let app = App::new("");
    let mut visitor = Browser::new(&app);
    for path in [
        "/open",
        "/account",
        "/fresh",
        "/option",
        "/result",
        "/ranked",
        "/sessions",
    ] {
        visitor.get(path);
        assert_eq!(visitor.cookie, None, "{path}");
    }
    for path in [
        "/reauthenticate",
        "/update/ada/tea",
        "/logout-then/ok",
        "/logout-others",
        "/logout-everywhere/ada",
        "/end/AAECAwQFBgcICQoL",
    ] {
        visitor.post(path);
        assert_eq!(visitor.cookie, None, "{path}");
    }
    assert_eq!(visitor.post("/login/ada").0, 200);
    assert!(visitor.cookie.is_some());
}
