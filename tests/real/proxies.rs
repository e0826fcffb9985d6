//! nginx and haproxy terminate TLS in front of the app, as the guide says, or unlisted.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::curl::{stolen, Curl};
use crate::program::{example, free_port, wait_for_port, App, Program};
use crate::support::Server;

/// Proxies connect from 127.0.0.1; their clients must not look like proxies.
const OWNER: &str = "127.0.0.3";
const THIEF: &str = "127.0.0.4";
const TRUSTED: &str = "proxy.trusted = [\"127.0.0.1\"]";

const NGINX: &str = "
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;";
const NGINX_REAL_IP: &str = "
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;";
const NGINX_RFC_7239: &str = "
    proxy_set_header Forwarded \"for=$remote_addr;proto=$scheme\";";
const HAPROXY: &str = "
    option forwardfor
    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    http-request set-header X-Forwarded-Proto http unless { ssl_fc }";
const HAPROXY_RFC_7239: &str = "
    http-request set-header Forwarded for=%[src];proto=https if { ssl_fc }
    http-request set-header Forwarded for=%[src];proto=http unless { ssl_fc }";

/// A proxy with a TLS port and a plain one.
struct Proxy {
    tls: u16,
    plain: u16,
    certificate: Certificate,
    _program: Program,
    _folder: TempDir,
}

impl Proxy {
    fn start(kind: Kind, lines: &str, app: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certificate = Certificate::new();
        certificate.write(folder.path());
        let (tls, plain) = (free_port(), free_port());
        let (written, mut command) = match kind {
            Kind::Nginx => nginx(folder.path(), lines, [tls, plain, app]),
            Kind::Haproxy => haproxy(folder.path(), lines, [tls, plain, app]),
        };
        fs::write(folder.path().join("config"), written).unwrap();
        let program = Program::start(&mut command);
        wait_for_port(tls);
        Self {
            tls,
            plain,
            certificate,
            _program: program,
            _folder: folder,
        }
    }

    fn origin(&self) -> String {
        format!("https://app.example.test:{}", self.tls)
    }

    fn curl(&self, from: &str) -> Curl {
        let plain = format!("app.example.test:80:127.0.0.1:{}", self.plain);
        let curl = Curl::new().trusting(&self.certificate, self.tls);
        curl.from(from).with(&["--connect-to", &plain])
    }
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Nginx,
    Haproxy,
}

fn nginx(folder: &Path, lines: &str, [tls, plain, app]: [u16; 3]) -> (String, Command) {
    let dir = folder.display();
    let written = format!(
        "daemon off; master_process off; pid {dir}/pid; error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {dir}/a; proxy_temp_path {dir}/b; fastcgi_temp_path {dir}/c;
  uwsgi_temp_path {dir}/d; scgi_temp_path {dir}/e;
  server {{
    listen 127.0.0.1:{tls} ssl http2; listen 127.0.0.1:{plain};
    ssl_certificate {dir}/leaf.pem; ssl_certificate_key {dir}/key.pem;
    proxy_set_header Host $http_host;{lines}
    location / {{ proxy_pass http://127.0.0.1:{app}; }}
  }}
}}
"
    );
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder);
    command.args(["-e", "stderr", "-c"]);
    command.arg(folder.join("config"));
    (written, command)
}

fn haproxy(folder: &Path, lines: &str, [tls, plain, app]: [u16; 3]) -> (String, Command) {
    let dir = folder.display();
    let written = format!(
        "defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend web
    bind 127.0.0.1:{tls} ssl crt {dir}/both.pem alpn h2,http/1.1
    bind 127.0.0.1:{plain}{lines}
    default_backend rocket
backend rocket
    server rocket 127.0.0.1:{app}
"
    );
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(folder.join("config"));
    (written, command)
}

/// What a thief sends to pass for the owner, by a proxy that overwrites or appends.
const SPOOFED: [&str; 4] = [
    "X-Forwarded-For: 127.0.0.3",
    "X-Real-IP: 127.0.0.3",
    "Forwarded: for=127.0.0.3;proto=https",
    "CF-Connecting-IP: 127.0.0.3",
];

fn protects(kind: Kind, lines: &str, keys: &str) {
    let app = Server::start_release(&format!("{TRUSTED}\n{keys}"));
    let proxy = Proxy::start(kind, lines, app.port);
    let origin = proxy.origin();
    let owner = proxy.curl(OWNER);
    owner.sign_in(&origin);
    let session = owner.session().unwrap();
    let thief = proxy.curl(THIEF);
    assert_eq!(thief.account_with(&session, &origin), stolen("network"));
    for spoofed in SPOOFED {
        let thief = proxy.curl(THIEF).with(&["-H", spoofed]);
        let seen = thief.account_with(&session, &origin);
        assert_eq!(seen, stolen("network"), "{spoofed}");
        let owner = proxy
            .curl(OWNER)
            .with(&["-H", &spoofed.replace(OWNER, THIEF)]);
        assert_eq!(owner.account_with(&session, &origin).0, 200, "{spoofed}");
    }
    assert!(owner.is_welcome(&origin));
    tells_secure_from_plain(&proxy);
}

/// HSTS and `Secure` where the proxy spoke TLS, and only there, whatever the client says.
fn tells_secure_from_plain(proxy: &Proxy) {
    let claims = |proto: &str| {
        let header = format!("X-Forwarded-Proto: {proto}");
        let forwarded = format!("Forwarded: for=127.0.0.3;proto={proto}");
        proxy.curl(OWNER).with(&["-H", &header, "-H", &forwarded])
    };
    let secure = claims("http").run(&[&format!("{}/cookies", proxy.origin())]);
    let hsts = |answer: &crate::support::Answer| {
        answer
            .header("strict-transport-security")
            .map(str::to_owned)
    };
    assert_eq!(hsts(&secure).as_deref(), Some("max-age=31536000"));
    assert!(secure.set_cookie("theme").unwrap().contains("; Secure"));
    let plain = claims("https").run(&["http://app.example.test/cookies"]);
    assert_eq!((plain.status, hsts(&plain)), (200, None));
    assert!(!plain.set_cookie("theme").unwrap().contains("; Secure"));
}

#[test]
#[ignore = "needs nginx and curl"]
fn behind_nginx_the_owner_passes_and_the_thief_does_not() {
    protects(Kind::Nginx, NGINX, "");
}

#[test]
#[ignore = "needs nginx and curl"]
fn behind_nginx_with_a_single_value_header() {
    protects(
        Kind::Nginx,
        NGINX_REAL_IP,
        "proxy.client_header = \"X-Real-IP\"",
    );
}

const RFC_7239: &str = "proxy.client_header = \"Forwarded\"\nproxy.scheme_header = \"Forwarded\"";

#[test]
#[ignore = "needs nginx and curl"]
fn behind_nginx_that_speaks_rfc_7239() {
    protects(Kind::Nginx, NGINX_RFC_7239, RFC_7239);
}

#[test]
#[ignore = "needs haproxy and curl"]
fn behind_haproxy_the_owner_passes_and_the_thief_does_not() {
    protects(Kind::Haproxy, HAPROXY, "");
}

#[test]
#[ignore = "needs haproxy and curl"]
fn behind_haproxy_that_speaks_rfc_7239() {
    protects(Kind::Haproxy, HAPROXY_RFC_7239, RFC_7239);
}

#[test]
#[ignore = "needs nginx and curl"]
fn a_redirect_behind_nginx_leads_to_https_and_keeps_method_and_body() {
    // The app names a public port, and the proxy listens on another, as behind a firewall.
    let tls = free_port();
    let https =
        format!("https = {{ on_insecure = \"redirect\", hosts = [\"app.example.test:{tls}\"] }}");
    let app = Server::start_release(&format!("{TRUSTED}\n{https}"));
    let mut proxy = Proxy::start(Kind::Nginx, NGINX, app.port);
    let curl = proxy.curl(OWNER);
    let moved = format!("app.example.test:{tls}:127.0.0.1:{}", proxy.tls);
    proxy.tls = tls;
    let curl = curl.with(&["--connect-to", &moved, "-d", "hello"]);
    let url = "http://app.example.test/echo";
    let redirected = curl.run(&[url]);
    assert_eq!(redirected.status, 308, "{redirected:?}");
    let location = format!("{}/echo", proxy.origin());
    assert_eq!(redirected.header("location"), Some(location.as_str()));
    let answer = curl.run(&["-L", url]);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "posted: hello")
    );
}

fn deployed(keys: &str) -> App {
    let key = "5a".repeat(32);
    App::start(
        example("quick_start"),
        &[
            ("ROCKET_PROFILE", "release"),
            ("ROCKET_SECRET_KEY", &key),
            ("ROCKET_RESTRICTED_SESSION", keys),
        ],
    )
}

/// The line that the app prints for an administrator to paste.
fn line_to_paste(app: &App) -> String {
    let printed = app.program.wait_for("proxy.trusted = ");
    let mut lines = printed
        .lines()
        .filter(|line| line.contains("proxy.trusted = "));
    let line = lines.next().unwrap();
    assert_eq!(lines.next(), None, "told twice:\n{printed}");
    let (_, value) = line.split_once("proxy.trusted = ").unwrap();
    value.trim().to_owned()
}

/// Signs in through the proxy, and tells whether the session opens the account from elsewhere.
fn moves_freely(proxy: &Proxy) -> bool {
    let login = format!("{}/login", proxy.origin());
    let owner = proxy.curl(OWNER);
    assert_eq!(owner.browse(&["-d", "name=ada", &login]).status, 200);
    let origin = proxy.origin();
    assert!(owner.is_welcome(&origin));
    let session = owner.session().unwrap();
    proxy.curl(THIEF).account_with(&session, &origin).0 == 200
}

#[test]
#[ignore = "needs nginx and curl"]
fn an_unlisted_proxy_signs_nobody_out_and_the_app_tells_how_to_list_it() {
    let app = deployed("{}");
    let proxy = Proxy::start(Kind::Nginx, NGINX, app.port);
    assert!(moves_freely(&proxy));
    assert!(moves_freely(&proxy));
    let value = line_to_paste(&app);
    assert_eq!(value, "[\"127.0.0.1\"]");
    drop(app);

    let app = deployed(&format!("{{proxy={{trusted={value}}}}}"));
    let proxy = Proxy::start(Kind::Nginx, NGINX, app.port);
    assert!(!moves_freely(&proxy));
    assert!(!app.program.printed().contains("RS13"));
}

#[test]
#[ignore = "needs nginx and curl"]
fn a_session_of_before_the_listing_goes_on_after_it() {
    let before = deployed("{}");
    let proxy = Proxy::start(Kind::Nginx, NGINX, before.port);
    let owner = proxy.curl(OWNER);
    owner.browse(&["-d", "name=ada", &format!("{}/login", proxy.origin())]);
    let session = owner.session().unwrap();
    drop((proxy, before));

    let after = deployed("{proxy={trusted=[\"127.0.0.1\"]}}");
    let proxy = Proxy::start(Kind::Nginx, NGINX, after.port);
    let seen = proxy.curl(OWNER).account_with(&session, &proxy.origin());
    assert_eq!(seen, (200, String::from("Hello, ada.")));
}
