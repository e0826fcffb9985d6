//! The devices that a customer is signed in on: seen, and signed out from another one.

use rocket::http::Status;
use rocket::local::asynchronous;
use rocket::serde::json::{json, Value};
use rocket::tokio::time::{timeout, Duration};
use rocket_restricted_session::SessionShield;

use crate::*;

/// What the list of devices tells programs.
fn devices(visitor: &Visitor<'_>) -> Vec<Value> {
    let (status, json) = json_of(visitor.get("/devices"));
    assert_eq!(status, 200, "{json}");
    json.as_array().expect("a list").clone()
}

/// The handle of the visitor's own session.
fn own_id(visitor: &Visitor<'_>) -> String {
    let devices = devices(visitor);
    let own = devices.iter().find(|device| device["current"] == true);
    own.unwrap()["id"].as_str().unwrap().to_owned()
}

/// Ends a session, and returns where that leads.
fn end(visitor: &Visitor<'_>, id: &str) -> (u16, Option<String>) {
    let path = format!("/devices/{id}/end");
    let request = visitor.dress(visitor.bank.client.post(path));
    let response = request.dispatch();
    let location = location(&response).map(str::to_owned);
    (response.status().code, location)
}

fn leads_to(path: &str) -> (u16, Option<String>) {
    (303, Some(path.to_owned()))
}

#[test]
fn programs_see_where_a_customer_is_signed_in() {
    let bank = Bank::open();
    let phone = bank.ada_on_the_phone();
    bank.pass(10 * 60);
    let ada = bank.ada();
    bank.grace();
    let listed = devices(&ada);
    let expected = json!([
        {
            "id": own_id(&ada),
            "current": true,
            "label": "Firefox on Linux",
            "network": "192.0.0.0/16",
            "created_at": "2027-01-15T08:10:00Z",
            "last_seen": "2027-01-15T08:10:00Z",
            "device_bound": false,
        },
        {
            "id": own_id(&phone),
            "current": false,
            "label": "Safari on iOS",
            "network": "198.51.0.0/16",
            "created_at": "2027-01-15T08:00:00Z",
            "last_seen": "2027-01-15T08:00:00Z",
            "device_bound": false,
        },
    ]);
    assert_eq!(json!(listed), expected);
}

#[test]
fn people_see_which_device_is_theirs_and_sign_the_others_out() {
    let bank = Bank::open();
    let ada = bank.ada();
    let (status, page) = page_of(ada.get("/devices"));
    assert_eq!(status, 200);
    assert!(page.contains("Firefox on Linux") && page.contains("This device"));
    assert!(page.contains("signed in nowhere else") && !page.contains("action=\"/devices"));

    let phone = bank.ada_on_the_phone();
    let (_, page) = page_of(ada.get("/devices"));
    assert!(page.contains("Safari on iOS") && page.contains("2027-01-15 08:00:00 UTC"));
    assert!(page.contains("action=\"/devices/end-others\""));
    let ends = |id: String| format!("action=\"/devices/{id}/end\"");
    assert!(page.contains(&ends(own_id(&phone))));
    assert!(!page.contains(&ends(own_id(&ada))));
}

#[test]
fn the_account_counts_the_devices() {
    let bank = Bank::open();
    let ada = bank.ada();
    let account = || page_of(ada.get("/account")).1;
    assert!(account().contains("on <a href=\"/devices\">this device</a> only"));
    bank.ada_on_the_phone();
    assert!(account().contains("on <a href=\"/devices\">2 devices</a>"));
}

#[test]
fn the_list_takes_a_session() {
    let bank = Bank::open();
    let ada = bank.ada();
    for (visitor, reason) in [
        (bank.visitor(), "missing"),
        (ada.clone().at(ELSEWHERE), "mismatch"),
    ] {
        for request in [
            visitor.get("/devices"),
            visitor.post("/devices/end-others", ""),
            visitor.get("/live"),
        ] {
            let (status, json) = json_of(request);
            assert_eq!((status, &json["reason"]), (401, &json!(reason)));
        }
    }
    assert_eq!(ada.refusal(), None);
}

#[test]
fn a_device_that_was_signed_out_is_refused_and_the_other_goes_on() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let copy = phone.clone();
    assert_eq!(end(&ada, &own_id(&phone)), leads_to("/devices"));
    assert_eq!(phone.refusal().as_deref(), Some("ended"));
    assert_eq!(copy.refusal().as_deref(), Some("ended"));
    assert_eq!(ada.refusal(), None);
    assert_eq!(devices(&ada).len(), 1);
    let (_, page) = page_of(phone.get("/account"));
    assert!(page.contains("You are signed out") && page.contains("action=\"/login\""));
    assert!(page_of(ada.get("/account"))
        .1
        .contains("Signed another device out"));
}

#[test]
fn a_device_is_ended_once() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let id = own_id(&phone);
    assert_eq!(end(&ada, &id), leads_to("/devices"));
    assert_eq!(end(&ada, &id), (404, None));
}

#[test]
fn ending_the_device_in_use_is_a_sign_out() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let path = format!("/devices/{}/end", own_id(&ada));
    let response = ada.dress(bank.client.post(path)).dispatch();
    assert_eq!(location(&response), Some("/"));
    assert!(set_cookies(&response)[0].contains("Max-Age=0"));
    assert_eq!(ada.refusal().as_deref(), Some("ended"));
    assert_eq!(phone.refusal(), None);
}

#[test]
fn all_other_devices_are_signed_out_at_once() {
    let bank = Bank::open();
    let (ada, phone, tablet) = (bank.ada(), bank.ada_on_the_phone(), bank.ada_on_the_phone());
    let grace = bank.grace();
    let response = ada.post("/devices/end-others", "").dispatch();
    assert_eq!(response.status(), Status::SeeOther);
    assert_eq!(location(&response), Some("/devices"));
    assert_eq!(phone.refusal().as_deref(), Some("ended"));
    assert_eq!(tablet.refusal().as_deref(), Some("ended"));
    assert_eq!((ada.refusal(), grace.refusal()), (None, None));
    assert!(page_of(ada.get("/account"))
        .1
        .contains("Signed all other devices out"));
}

#[test]
fn somebody_elses_session_is_not_there() {
    let bank = Bank::open();
    let (ada, grace) = (bank.ada(), bank.grace());
    for id in [&own_id(&grace), "AAECAwQFBgcICQoL", "junk", "%00"] {
        assert_eq!(end(&ada, id), (404, None), "{id}");
        let request = ada.dress(bank.client.post(format!("/devices/{id}/end")));
        assert_eq!(json_of(request), (404, json!({ "error": "not_found" })));
        let request = ada.dress(bank.client.post(format!("/devices/{id}/end")));
        assert!(page_of(request).1.contains("no such page or session"));
    }
    assert_eq!((ada.refusal(), grace.refusal()), (None, None));
}

#[test]
fn signing_devices_out_takes_a_recent_password() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let id = own_id(&phone);
    bank.pass(10 * 60);
    assert_eq!(end(&ada, &id), (403, None));
    let others = || ada.post("/devices/end-others", "");
    let stale = json!({ "error": "forbidden", "reason": "stale" });
    assert_eq!(json_of(others()), (403, stale));
    let (_, page) = page_of(others());
    assert!(page.contains("action=\"/confirm\"") && page.contains("value=\"devices\""));
    assert_eq!(phone.refusal(), None);
    let (_, page) = page_of(ada.get("/devices"));
    assert!(page.contains("href=\"/confirm?back=devices\""));

    let confirmed = ada.post("/confirm", "password=lovelace&back=devices");
    let confirmed = confirmed.dispatch();
    assert_eq!(location(&confirmed), Some("/devices"));
    let ada = ada.with_cookies(session_cookie(&confirmed).unwrap());
    assert_eq!(end(&ada, &id), leads_to("/devices"));
    assert_eq!(phone.refusal().as_deref(), Some("ended"));
}

#[test]
fn a_confirmation_leads_to_the_banks_own_pages_only() {
    let bank = Bank::open();
    let ada = bank.ada();
    let forms = [
        ("", "account"),
        ("?back=devices", "devices"),
        ("?back=//eve.test", "account"),
    ];
    for (query, back) in forms {
        let request = ada.dress(bank.client.get(format!("/confirm{query}")));
        let (status, page) = page_of(request);
        assert_eq!(status, 200, "{query}");
        assert!(page.contains(&format!("value=\"{back}\"")), "{query}");
        assert!(!page.contains("eve.test"));
    }
    let elsewhere = ada.post("/confirm", "password=lovelace&back=//eve.test");
    assert_eq!(elsewhere.dispatch().status(), Status::UnprocessableEntity);
}

#[test]
fn a_copy_is_let_in_until_its_owner_signs_out() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let copy = ada.clone();
    assert_eq!(copy.refusal(), None);
    ada.post("/logout", "").dispatch();
    assert_eq!(copy.refusal().as_deref(), Some("ended"));
    assert_eq!(phone.refusal(), None);
}

#[test]
fn a_browser_that_signs_in_anew_leaves_no_session_behind() {
    let bank = Bank::open();
    let ada = bank.ada();
    let login = ada.post("/login", "username=ada&password=lovelace");
    let again = ada
        .clone()
        .with_cookies(session_cookie(&login.dispatch()).unwrap());
    assert_eq!(ada.refusal().as_deref(), Some("ended"));
    assert_eq!(devices(&again).len(), 1);
}

#[test]
fn the_oldest_device_makes_room_for_one_too_many() {
    let bank = Bank::with("max_sessions = 2");
    let (oldest, grace) = (bank.ada(), bank.grace());
    bank.pass(1);
    let older = bank.ada_on_the_phone();
    bank.pass(1);
    assert_eq!(oldest.refusal(), None);
    let newest = bank.ada();
    assert_eq!(oldest.refusal().as_deref(), Some("ended"));
    for visitor in [&older, &newest, &grace] {
        assert_eq!(visitor.refusal(), None);
    }
    let (_, page) = page_of(newest.get("/account"));
    assert!(page.contains("Signed the oldest device out, to make room"));
}

#[test]
fn a_bank_that_remembers_nothing_says_so() {
    let bank = Bank::with("store = \"none\"");
    let ada = bank.ada();
    let end = ada.dress(bank.client.post("/devices/AAECAwQFBgcICQoL/end"));
    for request in [
        ada.get("/devices"),
        end.clone(),
        ada.post("/devices/end-others", ""),
    ] {
        let json = json_of(request.clone());
        assert_eq!(json, (501, json!({ "error": "not_implemented" })));
        let (status, page) = page_of(request);
        assert_eq!(status, 501);
        assert!(page.contains("does not remember its sessions"));
    }
    let (status, page) = page_of(ada.get("/account"));
    assert_eq!(status, 200);
    assert!(page.contains("never replaced") && page.contains("A copy outlives"));
    assert!(!page.contains("You are signed in on"));

    ada.post("/logout", "").dispatch();
    assert_eq!(ada.refusal(), None, "a copy lives until its timeout");
}

#[test]
fn an_open_page_hears_that_its_session_is_over() {
    let bank = Bank::open();
    let (ada, phone) = (bank.ada(), bank.ada_on_the_phone());
    let live = phone.get("/live").dispatch();
    assert_eq!(live.content_type(), Some(ContentType::EventStream));
    assert_eq!(end(&ada, &own_id(&phone)), leads_to("/devices"));
    let heard = live.into_string().unwrap();
    assert!(heard.contains("event:ended"), "{heard}");
}

#[rocket::async_test]
async fn an_open_page_hears_nothing_while_its_session_goes_on() {
    let rocket = bank::bank(figment("debug", ""), SessionShield::new());
    let client = asynchronous::Client::tracked(rocket).await.expect("launch");
    let login = client.post("/login").header(ContentType::Form);
    login
        .body("username=ada&password=lovelace")
        .dispatch()
        .await;
    let live = client.get("/live").dispatch().await;
    assert_eq!(live.status(), Status::Ok);
    let heard = timeout(Duration::from_millis(100), live.into_string()).await;
    assert!(heard.is_err(), "{heard:?}");
}
