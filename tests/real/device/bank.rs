//! The demo with a key in the device: what its page tells, and what its lines lead to.

use serde_json::Value;

use super::*;
use crate::bank::{lines_of_the_panel, paste, sign_in, tls};
use crate::program::{example, App};

fn start(certificate: &Certificate) -> App {
    let folder = tempfile::tempdir().unwrap();
    let tls = tls(certificate, folder.path());
    let settings = [
        ("ROCKET_TLS", tls.as_str()),
        ("ROCKET_RESTRICTED_SESSION", "{dbsc={enabled=true,grace=1}}"),
    ];
    App::start(example("bank"), &settings)
}

/// What a thief is refused for; nothing where he is let in.
fn refusal(line: &str) -> Option<String> {
    let answer = paste(line);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    let reason = body["reason"].as_str().map(str::to_owned);
    assert_eq!(answer.status, if reason.is_some() { 401 } else { 200 });
    reason
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn the_page_of_the_demo_tells_of_the_key_and_its_lines_are_refused() {
    let certificate = Certificate::new();
    let bank = start(&certificate);
    let browser = Browser::start_with_device_keys(&certificate);
    let origin = format!("https://localhost:{}", bank.port);
    let account = format!("{origin}/account");
    sign_in(&browser, &origin, "lovelace");
    browser.wait_for("Hello, ada.");
    assert!(eventually(|| browser.cookie(BOUND).is_some()));
    browser.visit(&account);
    browser.wait_for("a key in this device");
    let [cookie, agent, both, elsewhere] = &lines_of_the_panel(&browser)[..] else {
        panic!("the page offers other lines:\n{}", browser.text());
    };
    assert!(eventually(|| refusal(agent).as_deref() == Some("unbound")));
    assert_eq!(refusal(both), None);
    assert_eq!(refusal(cookie).as_deref(), Some("mismatch"));
    assert_eq!(refusal(elsewhere).as_deref(), Some("mismatch"));

    browser.delete_cookie(BOUND);
    browser.visit(&account);
    browser.wait_for("Hello, ada.");
    let refreshes = "return document.querySelector('#refreshes').innerText";
    let told = browser.eval(refreshes);
    assert!(told.starts_with("once"), "{told}");
}
