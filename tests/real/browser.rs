//! A person with a real browser, and a thief with the cookie out of it.

use crate::certificate::Certificate;
use crate::curl::{stolen, Curl};
use crate::program::eventually;
use crate::support::{Server, COOKIE};
use crate::webdriver::Browser;

/// A browser signed in at an origin, and its session.
fn sign_in(browser: &Browser, origin: &str) -> String {
    browser.visit(&format!("{origin}/"));
    browser.type_into("input[name=name]", "ada");
    browser.click("#login");
    browser.wait_for("Hello, ada.");
    let cookie = browser.cookie(COOKIE).expect("a session in the browser");
    assert_eq!(cookie["httpOnly"], true);
    assert_eq!(cookie["secure"], true);
    assert_eq!(cookie["sameSite"], "Lax");
    assert_eq!(browser.eval("return document.cookie"), "");
    cookie["value"].as_str().unwrap().to_owned()
}

fn goes_on(browser: &Browser, origin: &str) {
    browser.visit(&format!("{origin}/account"));
    browser.wait_for("Hello, ada.");
}

fn sign_out(browser: &Browser, origin: &str) {
    browser.click("#logout");
    let signed_out = eventually(|| browser.cookie(COOKIE).is_none());
    assert!(signed_out, "the browser kept {:?}", browser.cookie(COOKIE));
    browser.visit(&format!("{origin}/account"));
    browser.wait_for("sign in: missing");
}

/// The owner in the browser, and thieves who are not that browser or not there.
fn visit(browser: &Browser, origin: &str, thief: impl Fn() -> Curl) {
    let session = sign_in(browser, origin);
    let same_agent = browser.user_agent();
    let elsewhere = thief().from("127.0.0.2").with(&["-A", &same_agent]);
    assert_eq!(elsewhere.account_with(&session, origin), stolen("network"));
    let seen = thief().account_with(&session, origin);
    assert_eq!(seen, stolen("user_agent"));
    goes_on(browser, origin);
    sign_out(browser, origin);
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn over_tls_the_browser_goes_on_and_the_thief_is_refused() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    let browser = Browser::start(&certificate);
    let origin = format!("https://app.example.test:{}", server.port);
    visit(&browser, &origin, || {
        Curl::new().trusting(&certificate, server.port)
    });
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn over_plain_http_on_loopback_the_browser_goes_on_and_the_thief_is_refused() {
    let server = Server::start("");
    let browser = Browser::start(&Certificate::new());
    for host in ["127.0.0.1", "localhost"] {
        let origin = format!("http://{host}:{}", server.port);
        visit(&browser, &origin, || Curl::new().with(&["-4"]));
    }
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn the_browser_sees_four_weak_cookies_hardened() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "cookies.readable = [\"csrf\"]");
    let browser = Browser::start(&certificate);
    let origin = format!("https://app.example.test:{}", server.port);
    browser.visit(&format!("{origin}/plant"));
    assert!(browser.cookie("__Host-old").is_some());
    browser.visit(&format!("{origin}/cookies"));
    browser.wait_for("four cookies");
    // Rocket's jar says Strict by itself; a raw line says nothing.
    for (name, http_only, same_site) in [
        ("theme", true, "Strict"),
        ("tracker", true, "Lax"),
        ("csrf", false, "Strict"),
    ] {
        let cookie = browser.cookie(name).unwrap_or_else(|| panic!("no {name}"));
        assert_eq!(cookie["httpOnly"], http_only, "{cookie}");
        assert_eq!(cookie["secure"], true, "{cookie}");
        assert_eq!(cookie["sameSite"], same_site, "{cookie}");
    }
    assert_eq!(browser.cookie("__Host-old"), None);
    assert_eq!(browser.eval("return document.cookie"), "csrf=token");
}

/// Whether the browser reaches a TLS server by an address that says `http:`.
fn upgrades(browser: &Browser, server: &Server) -> bool {
    let secure = whoami(server);
    browser.visit(&secure.replace("https:", "http:"));
    browser.url() == secure && browser.text() == "127.0.0.1"
}

fn whoami(server: &Server) -> String {
    format!("https://app.example.test:{}/whoami", server.port)
}

#[test]
#[ignore = "needs chromium and chromedriver"]
fn the_browser_upgrades_the_second_visit_until_it_is_told_to_forget() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    let browser = Browser::start(&certificate);
    assert!(!upgrades(&browser, &server));
    browser.visit(&whoami(&server));
    assert!(upgrades(&browser, &server));

    // A browser remembers hosts, whatever the port.
    let retired = Server::start_tls(&certificate, "hsts.max_age = 0");
    browser.visit(&whoami(&retired));
    assert_eq!(browser.text(), "127.0.0.1");
    assert!(!upgrades(&browser, &server));
}
