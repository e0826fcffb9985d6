//! curl as a person at a terminal uses it: its cookie jar, its HSTS file, redirects.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::support::{Answer, Server, COOKIE};

/// curl with a folder of its own for its cookie jar and HSTS file.
pub struct Curl {
    folder: TempDir,
    options: Vec<OsString>,
}

impl Curl {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Vec::new();
        let curl = Self { folder, options };
        // Nothing of the machine's own settings, and no proxy.
        curl.with(&["-q", "-s", "-i", "-m", "20", "--noproxy", "*"])
    }

    pub fn with(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(OsString::from));
        self
    }

    /// Trusts the certificate, and finds `app.example.test` on this machine.
    pub fn trusting(mut self, certificate: &Certificate, port: u16) -> Self {
        let ca = certificate.write_ca(self.folder.path());
        self.options.extend(["--cacert".into(), ca.into()]);
        self.with(&["--resolve", &format!("app.example.test:{port}:127.0.0.1")])
    }

    /// Comes from another address of this machine.
    pub fn from(self, address: &str) -> Self {
        self.with(&["--interface", address])
    }

    pub fn jar(&self) -> PathBuf {
        self.folder.path().join("jar")
    }

    /// What the cookie jar holds of the session.
    pub fn session(&self) -> Option<String> {
        let jar = fs::read_to_string(self.jar()).unwrap_or_default();
        let line = jar.lines().find(|line| line.contains(COOKIE))?;
        line.rsplit('\t').next().map(str::to_owned)
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        let output = Command::new("curl")
            .args(&self.options)
            .args(arguments)
            .output()
            .expect("curl runs");
        last_answer(&output.stdout)
    }

    /// As [`Self::run`], reading and writing the cookie jar.
    pub fn browse(&self, arguments: &[&str]) -> Answer {
        let jar = self.jar();
        let jar = jar.to_str().unwrap();
        self.run(&[&["-b", jar, "-c", jar], arguments].concat())
    }

    /// Signs in, and goes on to the account page.
    pub fn sign_in(&self, origin: &str) {
        let login = format!("{origin}/login");
        let answer = self.browse(&["-d", "name=ada", &login]);
        assert_eq!(answer.status, 303, "{answer:?}");
        assert!(self.is_welcome(origin));
    }

    pub fn is_welcome(&self, origin: &str) -> bool {
        let answer = self.browse(&[&format!("{origin}/account")]);
        answer.status == 200 && answer.body.contains("Hello, ada.")
    }

    /// What the account page answers to a session that was copied to this curl.
    pub fn account_with(&self, session: &str, origin: &str) -> (u16, String) {
        let cookie = format!("{COOKIE}={session}");
        let answer = self.run(&["-b", &cookie, &format!("{origin}/account")]);
        (answer.status, answer.body)
    }
}

/// With `-L` and on interim answers curl prints several heads.
fn last_answer(printed: &[u8]) -> Answer {
    let mut answer = Answer::read(printed);
    while answer.body.starts_with("HTTP/") {
        answer = Answer::read(answer.body.as_bytes());
    }
    answer
}

pub fn stolen(signal: &str) -> (u16, String) {
    (401, format!("stolen: {signal}"))
}

/// The owner, a thief from elsewhere, a thief with other software, and the owner's sign-out.
fn visit(origin: &str, curl: impl Fn() -> Curl) {
    let owner = curl();
    owner.sign_in(origin);
    let session = owner.session().expect("a session in the jar");
    let thief = curl().from("127.0.0.2");
    assert_eq!(thief.account_with(&session, origin), stolen("network"));
    let other = curl().with(&["-A", "Mozilla/5.0 (Windows NT 10.0)"]);
    assert_eq!(other.account_with(&session, origin), stolen("user_agent"));
    assert!(owner.is_welcome(origin));
    let answer = owner.browse(&["-d", "", &format!("{origin}/logout")]);
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(owner.session(), None);
    assert!(!owner.is_welcome(origin));
}

#[test]
#[ignore = "needs curl"]
fn over_plain_http_a_thief_is_refused_and_the_owner_signs_out() {
    // curl sends a Secure cookie over plain HTTP to loopback hosts only, as browsers do.
    let server = Server::start("");
    for host in ["127.0.0.1", "localhost"] {
        visit(&format!("http://{host}:{}", server.port), || {
            Curl::new().with(&["-4"])
        });
    }
}

#[test]
#[ignore = "needs curl"]
fn over_tls_a_thief_is_refused_and_the_owner_signs_out() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    for version in ["--http1.1", "--http2"] {
        for host in ["127.0.0.1", "localhost", "app.example.test"] {
            visit(&format!("https://{host}:{}", server.port), || {
                let curl = Curl::new().with(&["-4", version]);
                curl.trusting(&certificate, server.port)
            });
        }
    }
}

#[test]
#[ignore = "needs curl"]
fn http2_is_spoken_where_it_is_asked_for() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    let url = format!("https://localhost:{}/whoami", server.port);
    for (version, said) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let curl = Curl::new().trusting(&certificate, server.port);
        let answer = curl.run(&["-4", version, "-w", "|%{http_version}", &url]);
        assert_eq!(answer.body, format!("127.0.0.1|{said}"));
    }
}

#[test]
#[ignore = "needs curl"]
fn hsts_is_kept_and_upgrades_the_next_visit() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    let curl = Curl::new().trusting(&certificate, server.port);
    let file = curl.folder.path().join("hsts");
    let known = file.to_str().unwrap();
    let secure = format!("https://app.example.test:{}/whoami", server.port);
    let plain = secure.replace("https:", "http:");
    assert_ne!(curl.run(&["--hsts", known, &plain]).status, 200);
    let answer = curl.run(&["--hsts", known, &secure]);
    assert_eq!(
        answer.header("strict-transport-security"),
        Some("max-age=31536000")
    );
    assert!(fs::read_to_string(&file)
        .unwrap()
        .contains("app.example.test"));
    assert_eq!(curl.run(&["--hsts", known, &plain]).status, 200);
}

#[test]
#[ignore = "needs curl"]
fn addresses_and_localhost_never_get_hsts() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "");
    let curl = Curl::new().trusting(&certificate, server.port);
    for host in ["127.0.0.1", "localhost"] {
        let answer = curl.run(&["-4", &format!("https://{host}:{}/whoami", server.port)]);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("strict-transport-security"), None, "{host}");
    }
}

#[test]
#[ignore = "needs curl"]
fn a_redirect_to_https_keeps_method_and_body() {
    let certificate = Certificate::new();
    let secure = Server::start_tls(&certificate, "");
    let hosts = format!("hosts = [\"app.example.test:{}\"]", secure.port);
    let plain = Server::start_release(&format!(
        "https = {{ on_insecure = \"redirect\", {hosts} }}"
    ));
    let curl = Curl::new().trusting(&certificate, secure.port).with(&[
        "--connect-to",
        &format!("app.example.test:80:127.0.0.1:{}", plain.port),
    ]);
    let url = "http://app.example.test/echo?x=1";
    let location = format!("https://app.example.test:{}/echo?x=1", secure.port);
    let redirected = curl.run(&["-d", "hello", url]);
    assert_eq!(redirected.status, 308, "{redirected:?}");
    assert_eq!(redirected.header("location"), Some(location.as_str()));
    let answer = curl.run(&["-L", "-d", "hello", url]);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "posted: hello")
    );
}

#[test]
#[ignore = "needs curl"]
fn the_four_weak_cookies_arrive_hardened() {
    let certificate = Certificate::new();
    let server = Server::start_tls(&certificate, "cookies.readable = [\"csrf\"]");
    let curl = Curl::new().trusting(&certificate, server.port);
    let url = format!("https://app.example.test:{}/cookies", server.port);
    curl.browse(&[&url]);
    let answer = curl.run(&["-b", "__Host-old=1", &url]);
    let removal = answer.set_cookie("__Host-old").expect("a removal");
    assert!(
        removal.contains("Secure") && removal.contains("Max-Age=0"),
        "{removal}"
    );
    let jar = fs::read_to_string(curl.jar()).unwrap();
    for (name, http_only) in [("theme", true), ("tracker", true), ("csrf", false)] {
        let line = jar
            .lines()
            .find(|line| line.contains(&format!("\t{name}\t")));
        let line = line.unwrap_or_else(|| panic!("no {name} in\n{jar}"));
        assert_eq!(line.starts_with("#HttpOnly_"), http_only, "{line}");
        assert_eq!(line.split('\t').nth(3), Some("TRUE"), "Secure: {line}");
    }
}
