//! The demo as a person meets it: a browser, and the lines that the page offers to a terminal.

use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use crate::certificate::Certificate;
use crate::curl::Curl;
use crate::program::{eventually, example, App};
use crate::support::{Answer, COOKIE};
use crate::webdriver::Browser;

pub fn sign_in(browser: &Browser, origin: &str, password: &str) {
    browser.visit(&format!("{origin}/"));
    browser.type_into("#username", "ada");
    browser.type_into("#password", password);
    browser.click("form[action='/login'] button");
}

/// Pastes a line of the page into a shell.
pub fn paste(line: &str) -> Answer {
    assert!(line.starts_with("curl -i"), "{line}");
    let line = line.replacen("curl", "curl -s --noproxy '*'", 1);
    let output = Command::new("sh").args(["-c", &line]).output();
    Answer::read(&output.unwrap().stdout)
}

/// The lines of the panel "Steal this session".
pub fn lines_of_the_panel(browser: &Browser) -> Vec<String> {
    let lines = browser.eval(
        "return [...document.querySelectorAll('.steal code')]
           .map(code => code.textContent).filter(line => line.startsWith('curl')).join('\\n')",
    );
    lines.lines().map(str::to_owned).collect()
}

fn steal(browser: &Browser) {
    let [cookie, agent, elsewhere] = &lines_of_the_panel(browser)[..] else {
        panic!("the page offers other lines:\n{}", browser.text());
    };
    for (line, signal) in [(cookie, "user_agent"), (elsewhere, "network")] {
        let refused = paste(line);
        assert_eq!(refused.status, 401, "{line}: {refused:?}");
        assert!(refused.body.contains(signal), "{line}: {refused:?}");
    }
    let let_in = paste(agent);
    assert_eq!(let_in.status, 200, "{let_in:?}");
}

fn bank_with(browser: &Browser, origin: &str) {
    sign_in(browser, origin, "wrong");
    assert!(eventually(|| browser.url().ends_with("/login")));
    assert!(browser.cookie(COOKIE).is_none());
    sign_in(browser, origin, "lovelace");
    browser.wait_for("Hello, ada.");
    steal(browser);
    browser.type_into("#to", "grace");
    browser.type_into("#amount", "10");
    browser.click("form[action='/transfer'] button");
    assert!(eventually(|| browser.url().ends_with("/transfer")));
    browser.visit(&format!("{origin}/account"));
    assert_eq!(
        browser.eval("return document.querySelector('.balance strong').innerText"),
        "90"
    );
    browser.click("form[action='/logout'] button");
    assert!(eventually(|| browser.cookie(COOKIE).is_none()));
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn the_lines_of_the_page_are_refused_and_the_owner_banks_on() {
    let bank = App::start(example("bank"), &[]);
    let browser = Browser::start(&Certificate::new());
    bank_with(&browser, &format!("http://127.0.0.1:{}", bank.port));
    let bank = App::start(example("bank"), &[]);
    bank_with(&browser, &format!("http://localhost:{}", bank.port));
}

/// Writes the certificate, and returns the setting that has Rocket serve it.
pub fn tls(certificate: &Certificate, folder: &Path) -> String {
    certificate.write(folder);
    let folder = folder.display();
    format!("{{certs=\"{folder}/leaf.pem\",key=\"{folder}/key.pem\"}}")
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn the_lines_of_the_page_are_refused_over_tls_too() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::new();
    let tls = tls(&certificate, folder.path());
    let bank = App::start(example("bank"), &[("ROCKET_TLS", &tls)]);
    let browser = Browser::start(&certificate);
    bank_with(&browser, &format!("https://localhost:{}", bank.port));
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn one_browser_signs_the_other_out_and_goes_on() {
    let bank = App::start(example("bank"), &[]);
    let origin = format!("http://127.0.0.1:{}", bank.port);
    let certificate = Certificate::new();
    let [owner, other] = [(); 2].map(|()| Browser::start(&certificate));
    for browser in [&owner, &other] {
        sign_in(browser, &origin, "lovelace");
        browser.wait_for("Hello, ada.");
    }
    owner.visit(&format!("{origin}/devices"));
    owner.wait_for("Sign out all others");
    owner.click("form[action$='/end'] button");
    owner.wait_for("You are signed in nowhere else.");
    // Its page hears of it by itself.
    other.wait_for("You are signed out");
    assert!(eventually(|| other.cookie(COOKIE).is_none()));
    owner.visit(&format!("{origin}/account"));
    owner.wait_for("Hello, ada.");
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn a_copy_of_a_replaced_cookie_is_found_out_and_the_page_of_its_owner_says_so() {
    let quick = "{rotate_every=2,rotation_grace=1}";
    let bank = App::start(example("bank"), &[("ROCKET_RESTRICTED_SESSION", quick)]);
    let origin = format!("http://127.0.0.1:{}", bank.port);
    let browser = Browser::start(&Certificate::new());
    sign_in(&browser, &origin, "lovelace");
    browser.wait_for("Hello, ada.");
    let copy = &lines_of_the_panel(&browser)[1];

    let account = format!("{origin}/account");
    sleep(Duration::from_millis(2100));
    browser.visit(&account);
    browser.visit(&account);
    sleep(Duration::from_millis(1100));
    let found_out = paste(copy);
    assert_eq!(found_out.status, 401, "{found_out:?}");
    assert!(found_out.body.contains("replayed"), "{found_out:?}");
    browser.wait_for("This session was stopped");
}

#[test]
#[ignore = "needs curl"]
fn in_json_too_the_bank_tells_the_thief_from_the_owner() {
    let bank = App::start(example("bank"), &[]);
    let origin = format!("http://127.0.0.1:{}", bank.port);
    let json = || Curl::new().with(&["-H", "Accept: application/json"]);
    let owner = json();
    let form = "username=ada&password=lovelace";
    owner.browse(&["-d", form, &format!("{origin}/login")]);
    let session = owner.session().expect("a session in the jar");
    let account = || owner.browse(&[&format!("{origin}/account")]);
    assert_eq!(account().status, 200);
    let (status, body) = json().from("127.0.0.2").account_with(&session, &origin);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let refused = (&body["error"], &body["reason"], &body["signal"]);
    assert_eq!(status, 401);
    assert_eq!(
        refused,
        (
            &"unauthorized".into(),
            &"mismatch".into(),
            &"network".into()
        )
    );
    let body: serde_json::Value = serde_json::from_str(&account().body).unwrap();
    assert_eq!(
        (&body["user"], &body["balance"]),
        (&"ada".into(), &100.into())
    );
}

#[test]
#[ignore = "needs curl"]
fn a_deployed_bank_offers_no_lines_to_steal_with() {
    let key = "5a".repeat(32);
    let settings = [("ROCKET_PROFILE", "release"), ("ROCKET_SECRET_KEY", &key)];
    for (settings, offers) in [(&[][..], true), (&settings, false)] {
        let bank = App::start(example("bank"), settings);
        let origin = format!("http://127.0.0.1:{}", bank.port);
        let owner = Curl::new();
        owner.browse(&[
            "-d",
            "username=ada&password=lovelace",
            &format!("{origin}/login"),
        ]);
        let page = owner.browse(&[&format!("{origin}/account")]);
        assert!(page.body.contains("Hello, ada."), "{page:?}");
        assert_eq!(page.body.contains("Steal this session"), offers);
    }
}
