//! A session that is bound to a key in the customer's device.

use rocket::http::{Header, Status};
use rocket::local::blocking::LocalResponse;
use rocket::serde::json::json;

use crate::software_client::{Challenge, Offer, SoftwareClient};
use crate::*;

const KEYS: &str = "dbsc = { enabled = true }\nproxy = { assume_secure = true }";
const LOGIN: &str = "username=ada&password=lovelace";

/// Seconds after which neither the sign-in nor the binding excuses a missing bound cookie.
const AFTER_GRACE: i64 = 61;
const BOUND_FOR: i64 = 10 * 60;

/// Ada, in a browser that keeps keys.
struct Ada<'a> {
    visitor: Visitor<'a>,
    device: SoftwareClient,
    challenge: Challenge,
}

impl<'a> Ada<'a> {
    /// Signs in and registers the key.
    fn bound(bank: &'a Bank) -> Self {
        let visitor = bank.visitor();
        let login = visitor.post("/login", LOGIN).dispatch();
        let offer = login.headers().get_one("Secure-Session-Registration");
        let offer = Offer::read(offer.expect("an offer"));
        let device = SoftwareClient::new();
        let proof = device.registration(&offer.challenge, offer.authorization.as_deref());
        let registered = visitor
            .post("/.dbsc/register", "")
            .header(Header::new("Secure-Session-Response", proof))
            .dispatch();
        let session = session_cookie(&login).expect("a session");
        Self {
            challenge: challenge(&registered),
            visitor: visitor.with_cookies(format!("{session}; {}", bound_cookie(&registered))),
            device,
        }
    }

    fn session(&self) -> &str {
        self.visitor.cookies.split("; ").next().unwrap()
    }

    /// A thief at her place, with her browser's name and the session cookie alone.
    fn copied(&self) -> Visitor<'a> {
        let session = self.session().to_owned();
        self.visitor.clone().with_cookies(session)
    }

    /// Fetches the next bound cookie. Returns the proof for it.
    fn refresh(&mut self) -> String {
        let proof = self.device.proof(&self.challenge.challenge);
        let response = self.send(&proof);
        assert_eq!(response.status(), Status::Ok);
        let cookies = format!("{}; {}", self.session(), bound_cookie(&response));
        self.challenge = challenge(&response);
        self.visitor.cookies = cookies;
        proof
    }

    fn send(&self, proof: &str) -> LocalResponse<'a> {
        let identifier = self.challenge.session_identifier.clone();
        let request = self.visitor.bank.client.post("/.dbsc/refresh");
        request
            .header(Header::new("Sec-Secure-Session-Id", identifier))
            .header(Header::new("Secure-Session-Response", proof.to_owned()))
            .dispatch()
    }

    fn page(&self) -> String {
        let (status, page) = page_of(self.visitor.get("/account"));
        assert_eq!(status, 200);
        unescaped(&page)
    }
}

fn challenge(response: &LocalResponse<'_>) -> Challenge {
    let header = response.headers().get_one("Secure-Session-Challenge");
    Challenge::read(header.expect("a challenge"))
}

fn bound_cookie(response: &LocalResponse<'_>) -> String {
    let lines = set_cookies(response);
    let bound = |line: &&String| line.starts_with("__Host-session-bound=");
    let line = lines.iter().find(bound).expect("a bound cookie");
    line.split(';').next().unwrap().to_owned()
}

#[test]
fn the_account_tells_of_the_key_and_of_each_time_it_was_used() {
    let bank = Bank::with(KEYS);
    let mut ada = Ada::bound(&bank);
    bank.pass(AFTER_GRACE);
    assert_eq!(json_of(ada.visitor.get("/account")).1["device_bound"], true);
    let page = ada.page();
    assert!(page.contains("a key in this device") && page.contains(">not yet</dd>"));
    ada.refresh();
    assert!(ada.page().contains(">once<br><small>Latest: "));
    ada.refresh();
    let page = ada.page();
    assert!(page.contains(">2 times<br>") && !page.contains("Attempts"));
    let (_, page) = page_of(ada.visitor.get("/devices"));
    assert!(page.contains("<dd>bound</dd>"));
}

#[test]
fn a_copy_without_the_bound_cookie_is_refused_as_unbound() {
    let bank = Bank::with(KEYS);
    let ada = Ada::bound(&bank);
    let thief = ada.copied();
    bank.pass(AFTER_GRACE);
    let refused = json!({ "error": "unauthorized", "reason": "unbound" });
    assert_eq!(json_of(thief.get("/account")), (401, refused));
    let (status, page) = page_of(thief.get("/account"));
    assert_eq!(status, 401);
    assert!(page.contains("This session stays on its device"));
    let told = "Refused: the key of the device was not shown, 2 times";
    assert!(ada.page().contains(told));
}

#[test]
fn a_copy_of_both_cookies_is_good_until_the_bound_one_runs_out() {
    let bank = Bank::with(KEYS);
    let mut ada = Ada::bound(&bank);
    let line = command(&ada.page(), "with-bound-cookie").expect("a line");
    assert!(line.contains(&format!("-b '{}'", ada.visitor.cookies)));
    let thief = ada.visitor.clone();
    bank.pass(BOUND_FOR - 1);
    assert_eq!(thief.refusal(), None);
    bank.pass(1);
    assert_eq!(thief.refusal().as_deref(), Some("unbound"));
    ada.refresh();
    assert_eq!(ada.visitor.refusal(), None);
    assert_eq!(thief.refusal().as_deref(), Some("unbound"));
}

#[test]
fn a_proof_that_was_copied_is_an_attempt_that_its_owner_sees() {
    let bank = Bank::with(KEYS);
    let mut ada = Ada::bound(&bank);
    let copied = ada.refresh();
    let response = ada.send(&copied);
    assert_eq!(response.status(), Status::Forbidden);
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    let page = ada.page();
    assert!(page.contains("<dt>Attempts</dt>") && page.contains("used before"));
    assert_eq!(ada.visitor.refusal(), None);
}

#[test]
fn a_browser_without_keys_is_told_what_it_takes() {
    let bank = Bank::with(KEYS);
    let (_, page) = page_of(bank.ada().get("/account"));
    assert!(page.contains("did not take the offer up"));
    assert_eq!(command(&unescaped(&page), "with-bound-cookie"), None);
}

#[test]
fn the_command_line_of_the_page_switches_the_binding_on() {
    let (_, page) = page_of(Bank::open().ada().get("/account"));
    let line = command(&page, "with-device-keys").expect("a line to start the bank with");
    assert!(line.ends_with("cargo run --features dbsc --example bank"));
    let (_, rest) = line.split_once("ROCKET_RESTRICTED_SESSION='{").unwrap();
    let (keys, _) = rest.split_once("}' ").unwrap();
    let bank = Bank::with(&format!("{keys}\nproxy = {{ assume_secure = true }}"));
    Ada::bound(&bank);
}
