//! A server on a port of its own, and visitors who choose the address they come from.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use rocket::fairing::AdHoc;
use rocket::figment::providers::{Format, Toml};
use rocket::figment::Figment;
use rocket::{Build, Config, Rocket, Shutdown};
use socket2::{Domain, Socket, Type};

use crate::app;
use crate::certificate::Certificate;

pub const OWNER: &str = "127.0.0.1";
pub const THIEF: &str = "127.0.0.2";
pub const COOKIE: &str = "__Host-session";
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";

const PATIENCE: Duration = Duration::from_secs(10);

/// The profile, and keys of `restricted_session`, in a figment that reads no file and no
/// environment.
pub fn figment(profile: &str, keys: &str) -> Figment {
    let toml = format!("[default.restricted_session]\n{keys}");
    let shutdown = "[default.shutdown]\nctrlc = false\nsignals = []\ngrace = 0\nmercy = 0";
    Figment::from(Config::debug_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"))
        .merge(("port", 0))
        .merge(("address", OWNER))
        .merge(("workers", 2))
        .merge(Toml::string(shutdown).nested())
        .merge(Toml::string(&toml).nested())
        .select(profile)
}

/// A release that serves TLS by itself.
pub fn tls_figment(certificate: &Certificate, keys: &str) -> Figment {
    figment("release", keys)
        .merge(("tls.certs", certificate.leaf_pem.as_bytes()))
        .merge(("tls.key", certificate.key_pem.as_bytes()))
}

/// An app that serves a real socket until it is dropped.
pub struct Server {
    pub port: u16,
    shutdown: Shutdown,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// The app of the tests in the debug profile, on 127.0.0.1.
    pub fn start(keys: &str) -> Self {
        Self::launch(app::rocket(figment("debug", keys)))
    }

    /// The app of the tests in the release profile.
    pub fn start_release(keys: &str) -> Self {
        Self::launch(app::rocket(figment("release", keys)))
    }

    pub fn start_tls(certificate: &Certificate, keys: &str) -> Self {
        Self::launch(app::rocket(tls_figment(certificate, keys)))
    }

    pub fn launch(rocket: Rocket<Build>) -> Self {
        let (ready, started) = mpsc::channel();
        let rocket = rocket.attach(AdHoc::on_liftoff("Ready", move |rocket| {
            let _ = ready.send((rocket.config().port, rocket.shutdown()));
            Box::pin(async {})
        }));
        let thread = std::thread::spawn(move || {
            if let Err(error) = rocket::execute(rocket.launch()) {
                eprintln!("{}", error.kind());
            }
        });
        let (port, shutdown) = started.recv_timeout(PATIENCE).expect("the app launches");
        Self {
            port,
            shutdown,
            thread: Some(thread),
        }
    }

    /// A visitor at `from`, who reaches the server at that family's loopback address.
    pub fn visitor(&self, from: &str) -> Visitor {
        Visitor::at(from, self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shutdown.clone().notify();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Somebody with an address and header lines of their own.
#[derive(Clone)]
pub struct Visitor {
    from: IpAddr,
    to: SocketAddr,
    lines: Vec<String>,
}

impl Visitor {
    pub fn at(from: &str, port: u16) -> Self {
        let from: IpAddr = from.parse().unwrap();
        let loopback = if from.is_ipv4() { "127.0.0.1" } else { "[::1]" };
        let lines = [
            format!("Host: {loopback}:{port}"),
            format!("User-Agent: {FIREFOX}"),
        ];
        Self {
            from,
            to: format!("{loopback}:{port}").parse().unwrap(),
            lines: lines.into(),
        }
    }

    /// The same one with one more header line.
    pub fn with(&self, line: impl Into<String>) -> Self {
        let mut with = self.clone();
        with.lines.push(line.into());
        with
    }

    /// The same one without the lines of a header.
    pub fn without(&self, name: &str) -> Self {
        let mut without = self.clone();
        let prefix = format!("{name}:");
        without.lines.retain(|line| !line.starts_with(&prefix));
        without
    }

    /// The same one with the session cookie.
    pub fn holding(&self, session: &str) -> Self {
        self.with(format!("Cookie: {COOKIE}={session}"))
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send(&self.request("GET", path, ""))
    }

    pub fn post(&self, path: &str, form: &str) -> Answer {
        self.with("Content-Type: application/x-www-form-urlencoded")
            .with(format!("Content-Length: {}", form.len()))
            .send_post(path, form)
    }

    fn send_post(&self, path: &str, form: &str) -> Answer {
        self.send(&self.request("POST", path, form))
    }

    /// Signs in and returns the value of the session cookie.
    pub fn sign_in(&self) -> String {
        let answer = self.post("/login", "name=ada");
        assert_eq!(answer.status, 303, "{answer:?}");
        answer.session().expect("a session cookie")
    }

    pub fn is_welcome(&self) -> bool {
        let answer = self.get("/account");
        answer.status == 200 && answer.body.contains("Hello, ada.")
    }

    pub fn is_refused_for(&self, signal: &str) -> bool {
        let answer = self.get("/account");
        (answer.status, answer.body) == (401, format!("stolen: {signal}"))
    }

    /// The bytes of a request of this visitor.
    pub fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let lines = self.lines.join("\r\n");
        let head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{lines}\r\n\r\n");
        [head.as_bytes(), body.as_bytes()].concat()
    }

    /// As [`Self::request`] for a `GET`, with header lines that need not be text.
    pub fn request_with_bytes(&self, path: &str, lines: &[&[u8]]) -> Vec<u8> {
        let mut request = self.request("GET", path, "");
        request.truncate(request.len() - 2);
        for line in lines {
            request.extend_from_slice(line);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request
    }

    pub fn send(&self, request: &[u8]) -> Answer {
        let mut stream = connect(self.from, self.to);
        // A server may answer, and close, before it has read a hostile request.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            bytes.extend_from_slice(&buffer[..read]);
        }
        Answer::read(&bytes)
    }
}

fn connect(from: IpAddr, to: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::new(from, 0).into()).unwrap();
    socket.connect_timeout(&to.into(), PATIENCE).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What came back; status 0 where nothing did.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Self {
            status: status.and_then(|code| code.parse().ok()).unwrap_or(0),
            headers: lines.filter_map(header).collect(),
            body: body.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(other, _)| other == name)?;
        Some(value)
    }

    /// The `Set-Cookie` line of a name.
    pub fn set_cookie(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        let lines = self.headers.iter().filter(|(name, _)| name == "set-cookie");
        let mut lines = lines.map(|(_, line)| line.as_str());
        lines.find(|line| line.starts_with(&prefix))
    }

    /// The value of the session cookie that this answer sets.
    pub fn session(&self) -> Option<String> {
        let pair = self.set_cookie(COOKIE)?.split(';').next()?;
        let value = pair.strip_prefix(COOKIE)?.strip_prefix('=')?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}
