//! Attacks in pairs: the thief fails, the owner still passes.

use crate::support::*;
use rocket::http::Status;

fn refused(signal: &str) -> (u16, String) {
    (401, format!("mismatch {signal} true"))
}

fn is_owner(seen: (u16, String)) -> bool {
    seen == (200, "ada:".into())
}

#[test]
fn a_cookie_used_from_another_network_fails_and_the_owner_goes_on() {
    let app = App::new("");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    assert_eq!(thief.sees("/account"), refused("network"));
    assert!(is_owner(app.owner().sees("/account")));
}

#[test]
fn a_cookie_used_by_other_software_fails_and_the_owner_goes_on() {
    let app = App::new("");
    app.sign_in();
    for agent in [
        Some(CURL),
        None,
        Some(""),
        Some("Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"),
    ] {
        let thief = app.owner().with(agent);
        assert_eq!(thief.sees("/account"), refused("user_agent"), "{agent:?}");
        assert!(is_owner(app.owner().sees("/account")));
    }
}

#[test]
fn a_copied_cookie_fails_on_a_raw_line_too_and_the_owner_goes_on() {
    let app = App::new("");
    let line = format!("{COOKIE}={}", app.sign_in());
    let thief = app.owner().at(ELSEWHERE);
    let seen = outcome(thief.get_with_cookies("/account", std::slice::from_ref(&line)));
    assert_eq!(seen, refused("network"));
    let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
    assert!(is_owner(seen));
}

#[test]
fn a_thief_who_is_refused_does_not_sign_the_owner_out() {
    let app = App::new("");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    let response = thief.get("/account");
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert_eq!(header(&response, "Cache-Control").unwrap(), "no-store");
}

#[test]
fn forwarding_headers_of_a_thief_change_nothing() {
    let app = App::new("");
    app.sign_in();
    for name in [
        "X-Forwarded-For",
        "X-Real-IP",
        "Forwarded",
        "True-Client-IP",
    ] {
        for value in [HOME.to_owned(), format!("for={HOME}")] {
            let thief = app.owner().at(ELSEWHERE);
            let request = thief.dress(app.client.get("/account"));
            let response = request
                .header(rocket::http::Header::new(name, value))
                .dispatch();
            assert_eq!(outcome(response), refused("network"), "{name}");
        }
    }
    assert!(is_owner(app.owner().sees("/account")));
}

#[test]
fn option_hides_a_thief_and_result_tells_of_one() {
    let app = App::new("");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    assert_eq!(thief.sees("/option"), (200, "nobody".into()));
    assert_eq!(
        thief.sees("/result"),
        (200, "refused: mismatch of network".into())
    );
    assert_eq!(app.owner().sees("/option"), (200, "ada".into()));
    assert_eq!(app.owner().sees("/result"), (200, "ada".into()));
}

#[test]
fn a_neighbour_in_the_prefix_is_not_told_apart_but_one_beyond_it_is() {
    let app = App::new("binding = { ipv4_prefix = 24, ipv6_prefix = 56 }");
    app.sign_in();
    assert!(is_owner(app.owner().at("192.0.2.255").sees("/account")));
    assert_eq!(
        app.owner().at("192.0.3.1").sees("/account"),
        refused("network")
    );

    let home = app.owner().at("2001:db8:0:ff::1");
    home.post("/login/ada");
    assert!(is_owner(home.at("2001:db8:0:00ab:ffff::").sees("/account")));
    assert_eq!(
        home.at("2001:db8:0:100::").sees("/account"),
        refused("network")
    );
}

#[test]
fn the_other_address_family_is_strange_until_the_owner_confirms_it() {
    let app = App::new("binding.other_family = \"step-up\"");
    app.sign_in();
    let on_v6 = app.owner().at("2001:db8::7");
    assert!(is_owner(on_v6.sees("/account")));
    assert_eq!(on_v6.sees("/fresh"), (403, "stale - false".into()));
    assert_eq!(on_v6.post("/reauthenticate").status(), Status::Ok);
    assert_eq!(on_v6.sees("/fresh"), (200, "ada".into()));
    assert_eq!(app.owner().sees("/fresh"), (200, "ada".into()));
    assert_eq!(on_v6.at("2001:db9::7").sees("/account"), refused("network"));
}

#[test]
fn the_other_address_family_is_refused_by_default() {
    let app = App::new("");
    app.sign_in();
    let on_v6 = app.owner().at("2001:db8::7");
    assert_eq!(on_v6.sees("/account"), refused("network"));
    let mapped = app.owner().at("::ffff:192.0.2.7");
    assert!(is_owner(mapped.sees("/account")));
    let mapped = app.owner().at("::ffff:192.0.2.8");
    assert_eq!(mapped.sees("/account"), refused("network"));
}

#[test]
fn a_browser_may_be_updated_but_not_wound_back() {
    let app = App::new("");
    app.sign_in();
    let updated = app.owner().with(FIREFOX_131);
    assert!(is_owner(updated.sees("/account")));
    assert!(is_owner(app.owner().sees("/account")));

    app.clock.pass(900);
    assert_eq!(set_cookies(&updated.get("/account")).len(), 1);
    assert_eq!(app.owner().sees("/account"), refused("user_agent"));
    assert!(is_owner(updated.sees("/account")));
}

#[test]
fn exact_match_refuses_an_update_as_well() {
    let app = App::new("binding.user_agent_match = \"exact\"");
    app.sign_in();
    let updated = app.owner().with(FIREFOX_131);
    assert_eq!(updated.sees("/account"), refused("user_agent"));
    assert!(is_owner(app.owner().sees("/account")));
}

#[test]
fn a_thief_cannot_take_the_owners_freshness() {
    let app = App::new("binding = { network = \"step-up\" }");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    assert!(is_owner(thief.sees("/account")));
    assert_eq!(thief.sees("/fresh"), (403, "stale - false".into()));
    assert_eq!(app.owner().sees("/fresh"), (200, "ada".into()));
}

#[test]
fn a_session_cookie_of_another_app_or_key_is_nobody() {
    let app = App::new("");
    let foreign = App::from_figment(figment("").merge(("secret_key", "6b".repeat(32))));
    let staging = App::new("context = \"staging\"");
    for stolen in [foreign.sign_in(), staging.sign_in()] {
        let line = format!("{COOKIE}={stolen}");
        let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
        assert_eq!(seen, (401, "unreadable - false".into()));
    }
}

#[test]
fn a_planted_session_of_the_thief_does_not_stand_in_for_the_owners() {
    let app = App::new("");
    let of_thief = {
        let thief = app.owner().at(ELSEWHERE);
        thief.post("/login/mallory");
        app.cookie().unwrap()
    };
    let of_owner = app.sign_in();
    let lines = [
        format!("{COOKIE}={of_thief}; {COOKIE}={of_owner}"),
        format!("{COOKIE}={of_owner}; {COOKIE}={of_thief}"),
    ];
    for line in lines {
        let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
        assert!(is_owner(seen));
    }
    let planted = format!("{COOKIE}={of_thief}");
    let seen = outcome(app.owner().get_with_cookies("/account", &[planted]));
    assert_eq!(seen, refused("network"));
}

#[test]
fn two_sessions_that_would_both_do_are_neither() {
    let app = App::new("");
    let first = app.sign_in();
    let second = app.another_browser();
    let refused = (401, String::from("ambiguous - false"));
    for lines in [
        vec![format!("{COOKIE}={first}; {COOKIE}={second}")],
        vec![format!("{COOKIE}={first}"), format!("{COOKIE}={second}")],
        vec![format!(
            "{COOKIE}={first}; {COOKIE}={second}; {COOKIE}={first}"
        )],
    ] {
        let response = app.owner().get_with_cookies("/account", &lines);
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        assert_eq!(outcome(response), refused);
    }
    let twice = format!("{COOKIE}={first}; {COOKIE}={first}");
    assert!(is_owner(outcome(
        app.owner().get_with_cookies("/account", &[twice])
    )));
}

#[test]
fn aliases_of_the_cookie_name_are_ignored() {
    let app = App::new("");
    let of_thief = app.sign_in();
    let of_owner = app.sign_in();
    let alias = COOKIE.replacen('_', "%5F", 1);
    for line in [
        format!("{COOKIE}={of_owner}; {alias}={of_thief}"),
        format!("{alias}={of_thief}; {COOKIE}={of_owner}"),
        format!("{COOKIE}={of_owner}; \u{a0}{COOKIE}={of_thief}"),
        format!("{COOKIE}={of_owner}; __host-session={of_thief}"),
    ] {
        let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
        assert!(is_owner(seen));
    }
    let line = format!("{alias}={of_thief}");
    let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
    assert_eq!(seen, (401, "missing - false".into()));
}

#[test]
fn a_sign_in_never_keeps_the_id_it_was_given() {
    let app = App::new("");
    let id = |cookie: String| {
        let line = format!("{COOKIE}={cookie}");
        let (_, times) = outcome(app.owner().get_with_cookies("/times", &[line]));
        times.rsplit(' ').next().unwrap().to_owned()
    };
    let (before, after) = (id(app.sign_in()), id(app.sign_in()));
    assert_eq!(before.len(), 16);
    assert_ne!(before, after);
}

#[test]
fn after_a_change_of_users_the_new_one_is_seen_at_once() {
    let app = App::new("");
    app.sign_in();
    app.owner().post("/logout-then/ok");
    assert_eq!(app.cookie(), None);
    assert_eq!(app.owner().post("/login/grace").status(), Status::Ok);
    assert_eq!(app.owner().sees("/account"), (200, "grace:".into()));
}

#[test]
fn junk_beside_a_stolen_cookie_does_not_hide_the_theft() {
    let app = App::new("");
    let stolen = app.sign_in();
    app.told.take();
    for line in [
        format!("{COOKIE}=junk; {COOKIE}={stolen}"),
        format!("{COOKIE}={stolen}; {COOKIE}=junk"),
    ] {
        let thief = app.owner().at(ELSEWHERE);
        let response = thief.get_with_cookies("/ranked", &[line]);
        assert_eq!(outcome(response), refused("network"));
        assert_eq!(app.told.take()[0].subject.as_deref(), Some("ada"));
    }
    assert!(is_owner(app.owner().sees("/account")));
}

#[test]
fn a_planted_expired_session_does_not_clear_the_owners() {
    let app = App::new("idle_timeout = 100");
    let expired = app.sign_in();
    app.clock.pass(100);
    let own = app.sign_in();
    for line in [
        format!("{COOKIE}={expired}; {COOKIE}={own}"),
        format!("{COOKIE}={own}; {COOKIE}={expired}"),
    ] {
        let on_the_road = app.owner().at(ELSEWHERE);
        let response = on_the_road.get_with_cookies("/account", std::slice::from_ref(&line));
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        assert_eq!(outcome(response), refused("network"));
        let at_home = outcome(app.owner().get_with_cookies("/account", &[line]));
        assert!(is_owner(at_home));
    }
}

#[test]
fn whoever_may_move_within_a_family_may_move_to_the_other() {
    for (action, fresh) in [("step-up", 403), ("report", 200)] {
        let app = App::new(&format!("binding.network = \"{action}\""));
        app.sign_in();
        let on_v6 = app.owner().at("2001:db8::7");
        assert!(is_owner(on_v6.sees("/account")));
        assert_eq!(on_v6.sees("/fresh").0, fresh);
    }
}
