//! Two who hold one session: the cookie is replaced while it is used, and the older one tells.

use crate::*;

/// The time after which a cookie is replaced, and that for which the one before is still good.
const ROTATION: i64 = 15 * 60;
const GRACE: i64 = 10;

/// Ada with her second cookie, in use, and whoever kept the first.
fn ada_and_a_copy(bank: &Bank) -> (Visitor<'_>, Visitor<'_>) {
    let copy = bank.ada();
    bank.pass(ROTATION);
    let ada = copy.clone().after_a_visit().after_a_visit();
    assert_ne!(ada.cookies, copy.cookies);
    (ada, copy)
}

#[test]
fn the_cookie_is_replaced_while_it_is_used_and_nobody_else_holds_it() {
    let bank = Bank::open();
    let mut ada = bank.ada();
    for _ in 0..5 {
        let before = ada.cookies.clone();
        bank.pass(ROTATION - 1);
        ada = ada.after_a_visit();
        assert_eq!(ada.cookies, before);
        bank.pass(1);
        ada = ada.after_a_visit();
        assert_ne!(ada.cookies, before);
        ada = ada.after_a_visit();
    }
    let (_, page) = page_of(ada.get("/account"));
    assert!(page.contains("Went on with a new cookie, 5 times") && !page.contains("Refused:"));
}

#[test]
fn a_replaced_cookie_is_theft_and_ends_the_session_for_both() {
    let bank = Bank::open();
    let (ada, thief) = ada_and_a_copy(&bank);
    let phone = bank.ada_on_the_phone();
    bank.pass(GRACE + 1);
    assert_eq!(ada.refusal(), None);
    assert_eq!(thief.refusal().as_deref(), Some("replayed"));
    assert_eq!(ada.refusal().as_deref(), Some("revoked"));
    assert_eq!(thief.refusal().as_deref(), Some("revoked"));
    assert_eq!(phone.refusal(), None, "another session of hers goes on");
    let (_, page) = page_of(phone.get("/account"));
    let told = "Refused: a cookie that had been replaced, so that two hold it";
    assert!(page.contains(told) && page.contains("Refused: the session was found stolen before"));
}

#[test]
fn a_replaced_cookie_is_let_in_for_the_requests_that_were_under_way() {
    let bank = Bank::open();
    let (ada, earlier) = ada_and_a_copy(&bank);
    bank.pass(GRACE);
    let response = earlier.get("/account").dispatch();
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(session_cookie(&response), None);
    assert_eq!(ada.refusal(), None);
}

#[test]
fn a_thief_who_goes_on_with_the_new_cookie_is_given_away_by_the_owner() {
    let bank = Bank::open();
    let (thief, ada) = ada_and_a_copy(&bank);
    bank.pass(GRACE + 1);
    assert_eq!(thief.refusal(), None);
    assert_eq!(ada.refusal().as_deref(), Some("replayed"));
    assert_eq!(thief.refusal().as_deref(), Some("revoked"));
    let again = bank.ada();
    assert_eq!(again.refusal(), None);
}

#[test]
fn a_thief_who_throws_new_cookies_away_is_noticed_and_then_found() {
    let bank = Bank::with("fresh_for = \"1h\"");
    let ada = bank.ada();
    let thief = ada.clone();
    bank.pass(ROTATION);
    for _ in 0..3 {
        assert!(session_cookie(&thief.get("/account").dispatch()).is_some());
        bank.pass(6 * GRACE);
    }
    let noticed = ada.get("/account").dispatch();
    let ada = ada.with_cookies(session_cookie(&noticed).expect("a cookie of her own"));
    assert_eq!(json_of(thief.get("/account")).1["fresh"], false);
    let ada = ada.after_a_visit();
    assert_eq!(json_of(ada.get("/account")).1["fresh"], true);
    assert!(page_of(ada.get("/account"))
        .1
        .contains("new cookies are asked for and not used"));
    bank.pass(GRACE + 1);
    assert_eq!(thief.refusal().as_deref(), Some("replayed"));
}

#[test]
fn both_are_told_what_happened() {
    let bank = Bank::open();
    let (ada, thief) = ada_and_a_copy(&bank);
    bank.pass(GRACE + 1);
    for (visitor, told) in [
        (thief, "Two hold this session"),
        (ada, "This session was stopped"),
    ] {
        let (status, page) = page_of(visitor.get("/account"));
        assert_eq!(status, 401);
        assert!(page.contains(told) && page.contains("action=\"/login\""));
    }
}

#[test]
fn where_replays_are_only_rejected_the_owner_goes_on() {
    let bank = Bank::with("on_replay = \"reject\"");
    let (ada, thief) = ada_and_a_copy(&bank);
    bank.pass(GRACE + 1);
    assert_eq!(thief.refusal().as_deref(), Some("replayed"));
    assert_eq!(ada.refusal(), None);
    let (_, page) = page_of(ada.get("/account"));
    assert!(page.contains("the older copy is refused"));
}

#[test]
fn where_thefts_are_only_reported_both_go_on_and_the_owner_sees_it() {
    let bank = Bank::with("mode = \"report\"");
    let (ada, thief) = ada_and_a_copy(&bank);
    bank.pass(GRACE + 1);
    assert_eq!(thief.refusal(), None);
    assert_eq!(ada.refusal(), None);
    let (_, page) = page_of(ada.get("/account"));
    assert!(page.contains("Let in: a cookie that had been replaced"));
}

#[test]
fn where_nothing_is_replaced_a_copy_is_as_good_as_the_cookie() {
    let bank = Bank::with("rotate_every = false");
    let ada = bank.ada();
    let copy = ada.clone();
    for _ in 0..3 {
        bank.pass(ROTATION);
        let before = ada.cookies.clone();
        assert_eq!(ada.clone().after_a_visit().cookies, before);
    }
    assert_eq!(copy.refusal(), None);
}

#[test]
fn a_signal_that_revokes_ends_the_session_for_both() {
    let bank = Bank::with("binding = { network = \"revoke\" }");
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let thief = ada.clone().at("203.0.113.5");
    assert_eq!(thief.refusal().as_deref(), Some("mismatch"));
    assert_eq!(ada.refusal().as_deref(), Some("revoked"));
    assert_eq!(phone.refusal(), None);
    let (_, page) = page_of(phone.get("/account"));
    assert!(page.contains("refused, and the session is over"));
}

#[test]
fn the_account_tells_how_the_cookie_is_replaced() {
    for (keys, told) in [
        ("", "replaced every 15m"),
        ("rotate_every = \"20m\"", "replaced every 20m"),
        ("rotate_every = 1200", "replaced every 20m"),
        ("rotate_every = false", "never replaced"),
        ("absolute_timeout = \"10m\"", "never replaced"),
        ("store = \"none\"", "never replaced"),
        ("", "The one before is good for 10s more"),
        ("", "the bank&#x27;s memory"),
        ("", "then\n        both of you are signed out"),
    ] {
        let bank = Bank::with(keys);
        let (_, page) = page_of(bank.ada().get("/account"));
        assert!(page.contains(told), "{keys}: {told}");
    }
}

#[test]
fn the_recipe_of_the_page_finds_the_theft_in_a_minute() {
    let page = page_of(Bank::open().ada().get("/account")).1;
    let line = command(&page, "fast-rotation").expect("a line to start the bank with");
    let (setting, start) = line.split_once("}' ").expect("a setting and a command");
    assert_eq!(start, "cargo run --example bank");
    let (_, keys) = setting.split_once("'{").expect("a table");

    let bank = Bank::with(&keys.replace(',', "\n"));
    let ada = bank.ada();
    let thief = ada.clone();
    assert_eq!(thief.refusal(), None);
    bank.pass(10);
    let ada = ada.after_a_visit().after_a_visit();
    bank.pass(2);
    assert_eq!(thief.refusal().as_deref(), Some("replayed"));
    assert_eq!(ada.refusal().as_deref(), Some("revoked"));
}
