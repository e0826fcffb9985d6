//! A thief with copies of everything but the key, and the owner who goes on.

use rocket::http::{Header, Status};
use rocket_restricted_session::{EventKind, Reason};
use serde_json::json;

use super::*;
use crate::software_client::SoftwareClient;

fn told(app: &App) -> Vec<EventKind> {
    app.told
        .take()
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

#[test]
fn a_copied_cookie_is_worth_nothing_once_the_bound_one_has_run_out() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let mut thief = owner.copied();
    thief.bound = None;
    app.clock.pass(AFTER_GRACE);
    told(&app);
    assert_eq!(thief.get("/account"), unbound());
    assert!(matches!(&told(&app)[..], [EventKind::Refused(why, _)]
        if why.reason() == Reason::Unbound && why.is_hijack()));
    assert!(owner.is_signed_in());

    // With the bound cookie copied as well he has minutes, and cannot get the next one.
    let mut thief = owner.copied();
    assert!(thief.is_signed_in());
    app.clock.pass(600);
    assert_eq!(thief.get("/account"), unbound());
    assert!(
        thief.session.is_some(),
        "the owner's copy would be cleared with it"
    );
    owner.bound = None;
    assert_eq!(owner.visit("/account").0, 200);
    assert_eq!(thief.get("/account"), unbound());
}

#[test]
fn a_ticket_that_was_copied_before_the_binding_is_dead_once_it_stands() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::signed_in(&app);
    let mut thief = owner.copied();
    assert!(thief.is_signed_in());
    assert_eq!(owner.register(), Status::Ok);
    app.clock.pass(AFTER_GRACE);
    assert_eq!(thief.get("/account"), unbound());
    assert_eq!(thief.post("/reauthenticate").0, 401);
    assert!(owner.is_signed_in());
}

#[test]
fn a_thief_without_the_device_takes_nothing_from_the_owner() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let mut thief = owner.copied();
    thief.bound = None;
    app.clock.pass(900);
    for _ in 0..100 {
        assert_eq!(thief.get("/account"), unbound());
    }
    owner.bound = None;
    let before = owner.session.clone();
    assert_eq!(owner.visit("/account").0, 200);
    assert_ne!(owner.session, before, "the owner's rotation was starved");
}

#[test]
fn the_first_registration_wins_and_a_second_is_told_of() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::signed_in(&app);
    let offer = owner.offer.take().unwrap();
    let whose = offer.authorization.as_deref();
    let proof = owner.device.registration(&offer.challenge, whose);
    assert_eq!(owner.register_with(&offer.path, &proof), Status::Ok);
    told(&app);

    let mut thief = DeviceBrowser::new(&app);
    let by_thief = thief.device.registration(&offer.challenge, whose);
    for proof in [&by_thief, &proof] {
        assert_eq!(thief.register_with(&offer.path, proof), Status::Forbidden);
        assert!(matches!(told(&app)[..], [EventKind::SecondDevice(_)]));
    }
    assert_eq!(owner.refresh(), Some(Status::Ok));
}

#[test]
fn no_registration_without_a_challenge_of_ours_for_that_session_and_in_time() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::signed_in(&app);
    let mut other = DeviceBrowser::signed_in(&app);
    let (offer, foreign) = (owner.offer.take().unwrap(), other.offer.take().unwrap());
    let device = &owner.device;
    let whose = offer.authorization.as_deref();
    let junk = [
        device.registration("AAAA", whose),
        device.registration(&offer.challenge, None),
        device.registration(&offer.challenge, Some("AAAA")),
        device.registration(&foreign.challenge, whose),
        device.registration(&offer.challenge, foreign.authorization.as_deref()),
        device.proof(&offer.challenge),
        "a.b.c".into(),
        String::new(),
        "x".repeat(9000),
    ];
    for proof in junk {
        let response = owner.send_proof(&offer.path, None, Some(&proof));
        assert_eq!(response.status(), Status::Forbidden, "{proof:.40}");
        assert_eq!(set_cookies(&response), Vec::<String>::new());
    }
    let response = owner.send_proof(&offer.path, None, None);
    assert_eq!(response.status(), Status::Forbidden);
    app.clock.pass(301);
    let late = owner.device.registration(&offer.challenge, whose);
    let response = owner.send_proof(&offer.path, None, Some(&late));
    assert_eq!(response.status(), Status::Forbidden);
    app.clock.pass(-301);
    assert_eq!(owner.register_with(&offer.path, &late), Status::Ok);
}

#[test]
fn a_proof_that_was_sniffed_is_good_for_nothing() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let session = owner.registered.clone().unwrap();
    let proof = owner.device.proof(session.challenge.as_deref().unwrap());
    app.clock.pass(600);
    assert_eq!(owner.refresh(), Some(Status::Ok));
    told(&app);

    let thief = DeviceBrowser::new(&app);
    let response = thief.send_proof(
        &session.refresh_url,
        Some(&session.identifier),
        Some(&proof),
    );
    assert_eq!(response.status(), Status::Forbidden);
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert!(header(&response, "Secure-Session-Challenge").is_some());
    assert!(matches!(told(&app)[..], [EventKind::ProofReused(_)]));
    assert!(owner.is_signed_in());
    assert_eq!(owner.refresh(), Some(Status::Ok));
}

#[test]
fn a_signature_of_another_key_is_told_of_and_ends_nothing() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let session = owner.registered.clone().unwrap();
    let challenge = session.challenge.clone().unwrap();
    let thief = SoftwareClient::new();
    // A refresh that brings its own key, as a registration does, is judged by the one that stands.
    let header_with_key = json!({ "alg": "ES256", "jwk": thief.jwk(), "typ": "dbsc+jwt" });
    let forged = [
        thief.proof(&challenge),
        thief.sign(&header_with_key, &json!({ "jti": challenge })),
    ];
    told(&app);
    for proof in forged {
        let response = owner.send_proof(
            &session.refresh_url,
            Some(&session.identifier),
            Some(&proof),
        );
        assert_eq!(response.status(), Status::Forbidden);
        assert!(header(&response, "Secure-Session-Challenge").is_some());
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        assert!(matches!(told(&app)[..], [EventKind::ProofRefused(_)]));
    }
    assert_eq!(owner.refresh(), Some(Status::Ok));
    assert_eq!(
        owner.rounds, 1,
        "the owner's challenge was spent by somebody else"
    );
}

#[test]
fn challenges_cannot_be_used_up_by_asking_for_them() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let session = owner.registered.clone().unwrap();
    let thief = DeviceBrowser::new(&app);
    for _ in 0..200 {
        let response = thief.send_proof(&session.refresh_url, Some(&session.identifier), None);
        assert_eq!(response.status(), Status::Forbidden);
    }
    assert_eq!(owner.refresh(), Some(Status::Ok));
    assert_eq!(owner.rounds, 1);
}

#[test]
fn hostile_requests_get_a_status_and_never_end_an_honest_session() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    let session = owner.registered.clone().unwrap();
    let long = "x".repeat(20_000);
    for (identifier, expected) in [
        (None, Status::Forbidden),
        (Some("junk"), Status::Ok),
        (Some("\"junk\""), Status::Ok),
        (Some(long.as_str()), Status::Forbidden),
    ] {
        for proof in [None, Some("a.b.c"), Some(long.as_str()), Some("\"")] {
            let response = owner.send_proof(&session.refresh_url, identifier, proof);
            assert_eq!(response.status(), expected);
            assert_eq!(set_cookies(&response), Vec::<String>::new());
        }
    }
    for proof in ["a.b.c", long.as_str(), "\"", "eyJ9.e30.AA"] {
        let response =
            owner.send_proof(&session.refresh_url, Some(&session.identifier), Some(proof));
        assert_eq!(response.status(), Status::Forbidden);
        assert!(header(&response, "Secure-Session-Challenge").is_some());
    }
    for method in [rocket::http::Method::Get, rocket::http::Method::Put] {
        let response = app.client.req(method, "/.dbsc/refresh").dispatch();
        assert_eq!(response.status(), Status::NotFound);
    }
    assert_eq!(owner.refresh(), Some(Status::Ok));
}

#[test]
fn a_skipped_refresh_is_told_of_and_opens_nothing() {
    let app = bound_app("");
    let mut owner = DeviceBrowser::registered(&app);
    app.clock.pass(AFTER_GRACE);
    let cookie = format!("{COOKIE}={}", owner.session.clone().unwrap());
    told(&app);
    let request = app.owner().dress(app.client.get("/account"));
    let response = request
        .header(Header::new("Cookie", cookie))
        .header(Header::new(
            "Secure-Session-Skipped",
            "quota_exceeded;session_identifier=\"x\"",
        ))
        .dispatch();
    assert_eq!(outcome(response), unbound());
    let told = told(&app);
    assert!(
        matches!(&told[..], [EventKind::RefreshSkipped(why), EventKind::Refused(..)]
        if why == "quota_exceeded")
    );
    assert!(owner.is_signed_in());
}

#[test]
fn a_bound_cookie_of_another_session_is_none() {
    let app = bound_app("");
    let mut ada = DeviceBrowser::registered(&app);
    let mut other = DeviceBrowser::registered(&app);
    app.clock.pass(AFTER_GRACE);
    std::mem::swap(&mut ada.bound, &mut other.bound);
    assert_eq!(ada.get("/account"), unbound());
    assert_eq!(other.get("/account"), unbound());
    for value in ["junk", "", "AAAA"] {
        ada.bound = Some(value.into());
        assert_eq!(ada.get("/account"), unbound());
    }
}

#[test]
fn after_a_restart_the_memory_store_takes_no_session_over() {
    let old = bound_app("");
    let owner = DeviceBrowser::signed_in(&old);
    let new = bound_app("");
    let mut moved = DeviceBrowser::new(&new);
    moved.session.clone_from(&owner.session);
    assert_eq!(moved.get("/account").1, "ended - false");
}
