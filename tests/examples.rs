//! The examples do what they say: `custom_signal` in this process, the others as they are run.

#[path = "../examples/custom_signal.rs"]
#[allow(dead_code)]
mod custom_signal;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::Config;

const ADA: &[u8] = include_bytes!("certificates/ada.pem");
const EVE: &[u8] = include_bytes!("certificates/eve.pem");

#[test]
fn a_session_opens_with_the_certificate_that_it_was_opened_with() {
    let figment = rocket::figment::Figment::from(Config::debug_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"));
    let rocket = custom_signal::protect(rocket::custom(figment));
    let client = Client::tracked(rocket).expect("launch");

    let without = client.post("/login").dispatch();
    assert_eq!(without.status(), Status::Unauthorized);
    let login = client.post("/login").identity(ADA).dispatch();
    assert_eq!(login.status(), Status::Ok);

    let account = || client.get("/account");
    let stolen = account().identity(EVE).dispatch();
    assert_eq!(stolen.status(), Status::Unauthorized);
    let without = account().dispatch();
    assert_eq!(without.status(), Status::Unauthorized);
    let owner = account().identity(ADA).dispatch();
    assert_eq!(owner.into_string().as_deref(), Some("Hello, ada."));
}

/// Returns an example's program, which Cargo builds along with the tests.
fn program(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("a test program");
    let programs = tests.parent().and_then(|deps| deps.parent());
    let programs = programs.expect("a target directory").join("examples");
    let program = programs
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "run `cargo build --examples` first");
    program
}

/// An example that reads no configuration but what a test gives it.
fn example(name: &str) -> Command {
    let mut command = Command::new(program(name));
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("ROCKET_") {
            command.env_remove(variable);
        }
    }
    command
        .env("ROCKET_CONFIG", "none.toml")
        .env("ROCKET_LOG_LEVEL", "off");
    command
}

/// A running example, which ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start(name: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("its number").port();
        drop(free);
        let process = example(name).env("ROCKET_PORT", port.to_string()).spawn();
        let server = Self {
            process: process.expect("a process"),
            port,
        };
        server.await_launch();
        server
    }

    fn await_launch(&self) {
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the example does not listen");
    }

    /// Sends a request and returns the whole response.
    fn send(&self, line: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let length = body.len();
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
             Content-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).expect("sent");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("received");
        response
    }
}

#[test]
fn the_quick_start_recognises_its_owner_and_no_thief() {
    let server = Server::start("quick_start");
    let form = "Content-Type: application/x-www-form-urlencoded\r\nUser-Agent: Firefox/130\r\n";
    let login = server.send("POST /login", form, "name=ada");
    assert!(login.starts_with("HTTP/1.1 200 "));
    let (_, cookie) = login.split_once("__Host-session=").expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value");

    let account = |agent: &str, cookie: &str| {
        let headers = format!("User-Agent: {agent}\r\nCookie: __Host-session={cookie}\r\n");
        server.send("GET /account", &headers, "")
    };
    let owner = account("Firefox/130", cookie);
    assert!(owner.starts_with("HTTP/1.1 200 ") && owner.ends_with("\r\n\r\nHello, ada."));
    let thief = account("curl/8.5.0", cookie);
    assert!(thief.starts_with("HTTP/1.1 401 "));
    assert!(thief.ends_with("This session was used from elsewhere."));
    let stranger = account("Firefox/130", "junk");
    assert!(stranger.starts_with("HTTP/1.1 401 ") && stranger.ends_with("Please sign in."));
}

#[test]
fn the_bank_starts_without_any_set_up() {
    let server = Server::start("bank");
    let health = server.send("GET /healthz", "", "");
    assert!(health.starts_with("HTTP/1.1 200 ") && health.ends_with("\r\n\r\nok"));
}

#[test]
fn in_release_the_bank_says_how_to_make_a_key() {
    let mut bank = example("bank");
    let bank = bank.env("ROCKET_PROFILE", "release").stdout(Stdio::null());
    let output = bank.output().expect("a process");
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("ROCKET_SECRET_KEY=\"$(openssl rand -base64 32)\""),
        "{said}"
    );
}
