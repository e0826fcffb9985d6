//! Device-bound sessions with a real Chromium, whose keys lie in software.
//!
//! A profile signs at most six times in nine minutes, so that each test has one of its own.

mod app;
mod bank;
mod landing;
mod lifecycle;
mod outages;
mod theft;

use app::Backstage;

use crate::certificate::Certificate;
use crate::curl::Curl;
use crate::program::eventually;
use crate::support::{tls_figment, Server, COOKIE};
use crate::webdriver::Browser;

const BOUND: &str = "__Host-session-bound";

/// Seconds after which neither the sign-in nor the binding excuses a missing bound cookie.
const AFTER_GRACE: i64 = 61;

/// A browser that keeps keys, and the app that it visits.
struct Scene {
    certificate: Certificate,
    keys: String,
    backstage: Backstage,
    server: Option<Server>,
    port: u16,
    browser: Browser,
}

impl Scene {
    fn new() -> Self {
        Self::with("")
    }

    /// A scene with keys of `restricted_session`.
    fn with(keys: &str) -> Self {
        let certificate = Certificate::new();
        let browser = Browser::start_with_device_keys(&certificate);
        let mut scene = Self {
            certificate,
            keys: format!("dbsc.enabled = true\n{keys}"),
            backstage: Backstage::default(),
            server: None,
            port: 0,
            browser,
        };
        scene.start_server();
        scene
    }

    /// A scene whose browser has signed in and registered its key.
    fn bound() -> Self {
        Self::bound_with("")
    }

    fn bound_with(keys: &str) -> Self {
        let scene = Self::with(keys);
        scene.sign_in();
        scene
    }

    /// Starts the app on the port that it had, if it had one.
    fn start_server(&mut self) {
        let figment = tls_figment(&self.certificate, &self.keys).merge(("port", self.port));
        let server = Server::launch(self.backstage.rocket(figment));
        self.port = server.port;
        self.server = Some(server);
    }

    fn restart_server(&mut self) {
        self.server = None;
        self.start_server();
    }

    fn app(&self, path: &str) -> String {
        format!("https://app.example.test:{}{path}", self.port)
    }

    fn other_site(&self, path: &str) -> String {
        format!("https://other.test:{}{path}", self.port)
    }

    fn visit(&self, path: &str) {
        self.browser.visit(&self.app(path));
    }

    /// Signs in by the form, and waits until the browser has registered its key.
    fn sign_in(&self) {
        let before = self.value_of(BOUND);
        self.visit("/");
        self.browser.type_into("input[name=name]", "ada");
        self.browser.click("#login");
        self.browser.wait_for("Hello, ada.");
        let registers = eventually(|| {
            let now = self.value_of(BOUND);
            now.is_some() && now != before
        });
        assert!(registers, "{:?}", self.backstage.log);
    }

    fn value_of(&self, cookie: &str) -> Option<String> {
        let cookie = self.browser.cookie(cookie)?;
        cookie["value"].as_str().map(str::to_owned)
    }

    /// What a browser does when the bound cookie has run out.
    fn lose_bound_cookie(&self) {
        self.browser.delete_cookie(BOUND);
        assert_eq!(self.value_of(BOUND), None);
    }

    /// Tells whether the browser is let in, and its session is bound.
    fn is_bound(&self) -> bool {
        self.visit("/device");
        self.browser.text() == "device-bound: true"
    }

    /// Loses the bound cookie, and tells whether the browser gets the next one.
    fn goes_on(&self) -> bool {
        self.lose_bound_cookie();
        self.is_bound() && self.value_of(BOUND).is_some()
    }

    /// Somebody on the same machine who says that he is the browser.
    fn thief(&self) -> Curl {
        let agent = self.browser.user_agent();
        let curl = Curl::new().trusting(&self.certificate, self.port);
        curl.with(&["-4", "-A", &agent])
    }

    /// The cookies that a thief has copied, by name.
    fn copied(&self, names: &[&str]) -> String {
        let pair = |name: &&str| Some(format!("{name}={}", self.value_of(name)?));
        let pairs: Vec<_> = names.iter().filter_map(pair).collect();
        pairs.join("; ")
    }

    /// What a thief gets who shows these cookies.
    fn seen_by_thief(&self, cookies: &str) -> (u16, String) {
        let answer = self.thief().run(&["-b", cookies, &self.app("/account")]);
        (answer.status, answer.body)
    }
}
