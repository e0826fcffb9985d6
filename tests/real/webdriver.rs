//! As much of WebDriver as the browser tests need: JSON over a socket to chromedriver.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use serde_json::{json, Value};
use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::program::{eventually, free_port, wait_for_port, Program};

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A headless Chromium with a profile of its own.
pub struct Browser {
    port: u16,
    session: String,
    arguments: Vec<String>,
    _driver: Program,
    _profile: TempDir,
}

impl Browser {
    /// A browser that finds every `*.test` on this machine and accepts the certificate.
    pub fn start(certificate: &Certificate) -> Self {
        Self::start_with(certificate, &[])
    }

    fn start_with(certificate: &Certificate, more: &[&str]) -> Self {
        let port = free_port();
        let mut command = Command::new("chromedriver");
        let driver = Program::start(command.arg(format!("--port={port}")));
        wait_for_port(port);
        let profile = tempfile::tempdir().unwrap();
        let mut arguments = arguments(certificate, &profile);
        arguments.extend(more.iter().map(ToString::to_string));
        let mut browser = Self {
            port,
            session: String::new(),
            arguments,
            _driver: driver,
            _profile: profile,
        };
        browser.open_session();
        browser
    }

    fn open_session(&mut self) {
        // Session cookies survive, as in a browser that continues where its user left off.
        let prefs = json!({ "session.restore_on_startup": 1 });
        let options = json!({ "args": self.arguments, "prefs": prefs });
        let wanted = json!({ "alwaysMatch": { "goog:chromeOptions": options } });
        let opened = self.request("POST", "", Some(json!({ "capabilities": wanted })));
        let id = opened["sessionId"].as_str();
        self.session = format!("/{}", id.unwrap_or_else(|| panic!("no browser: {opened}")));
    }

    pub fn visit(&self, url: &str) {
        self.call("/url", json!({ "url": url }));
    }

    pub fn url(&self) -> String {
        let url = self.request("GET", "/url", None);
        url.as_str().unwrap_or_default().to_owned()
    }

    /// The text of the page.
    pub fn text(&self) -> String {
        self.eval("return document.body ? document.body.innerText : ''")
    }

    pub fn eval(&self, script: &str) -> String {
        let value = self.call("/execute/sync", json!({ "script": script, "args": [] }));
        value.as_str().unwrap_or_default().to_owned()
    }

    pub fn user_agent(&self) -> String {
        self.eval("return navigator.userAgent")
    }

    pub fn type_into(&self, css: &str, text: &str) {
        let path = format!("/element/{}/value", self.find(css));
        self.call(&path, json!({ "text": text }));
    }

    pub fn click(&self, css: &str) {
        self.call(&format!("/element/{}/click", self.find(css)), json!({}));
    }

    fn find(&self, css: &str) -> String {
        let wanted = json!({ "using": "css selector", "value": css });
        let found = self.call("/element", wanted);
        let id = found[ELEMENT].as_str();
        id.unwrap_or_else(|| panic!("no {css}: {found}")).to_owned()
    }

    /// Waits until the page holds `text`.
    pub fn wait_for(&self, text: &str) {
        let seen = eventually(|| self.text().contains(text));
        assert!(seen, "no {text:?} at {}:\n{}", self.url(), self.text());
    }

    /// The browser's own view of a cookie for the page that it shows.
    pub fn cookie(&self, name: &str) -> Option<Value> {
        let cookies = self.request("GET", "/cookie", None);
        let cookies = cookies.as_array().expect("a list of cookies");
        cookies
            .iter()
            .find(|cookie| cookie["name"] == name)
            .cloned()
    }

    fn call(&self, path: &str, body: Value) -> Value {
        self.request("POST", path, Some(body))
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map_or(String::new(), |body| body.to_string());
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let patience = Some(Duration::from_secs(60));
        stream.set_read_timeout(patience).unwrap();
        let head = format!(
            "{method} /session{}{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
             Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            self.session,
            self.port,
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
        let answer = read_answer(&mut stream);
        let mut answer: Value = serde_json::from_slice(&answer).expect("JSON");
        answer["value"].take()
    }
}

/// Makes Chromium bind sessions on Linux too, with keys in software.
#[cfg(feature = "dbsc")]
const DEVICE_KEYS: &str = "--enable-features=DeviceBoundSessions,\
    EnableBoundSessionCredentialsSoftwareKeysForManualTesting";

#[cfg(feature = "dbsc")]
impl Browser {
    /// The same browser as [`Self::start`], which binds sessions to keys of its own.
    pub fn start_with_device_keys(certificate: &Certificate) -> Self {
        Self::start_with(certificate, &[DEVICE_KEYS])
    }

    /// Closes it and opens it again, with the same profile.
    pub fn restart(&mut self) {
        self.request("DELETE", "", None);
        self.session.clear();
        self.open_session();
    }

    pub fn delete_cookie(&self, name: &str) {
        self.request("DELETE", &format!("/cookie/{name}"), None);
    }
}

fn arguments(certificate: &Certificate, profile: &TempDir) -> Vec<String> {
    vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        format!("--user-data-dir={}", profile.path().display()),
        "--host-resolver-rules=MAP *.test 127.0.0.1".to_owned(),
        format!("--ignore-certificate-errors-spki-list={}", certificate.spki),
    ]
}

impl Drop for Browser {
    /// Ends Chromium with its driver.
    fn drop(&mut self) {
        if !std::thread::panicking() || !self.session.is_empty() {
            self.request("DELETE", "", None);
        }
    }
}

/// Reads the body, whose length chromedriver tells; it may keep the connection open.
fn read_answer(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n").map(|end| end + 4) {
            let length = text.split("content-length:").nth(1).unwrap_or("");
            let length = length.lines().next().unwrap_or("").trim().parse();
            if bytes.len() >= end + length.unwrap_or(0usize) {
                return bytes.split_off(end);
            }
        }
        match stream.read(&mut buffer).expect("an answer of chromedriver") {
            0 => return bytes,
            read => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
