//! The demo: each route as a person and as a program meets it.

#[path = "../examples/bank.rs"]
#[allow(dead_code)]
mod bank;

#[path = "bank/away.rs"]
mod away;
#[cfg(feature = "dbsc")]
#[path = "bank/device.rs"]
mod device;
#[path = "bank/devices.rs"]
mod devices;
#[cfg(feature = "dbsc")]
#[allow(unreachable_pub)]
mod software_client;
#[path = "bank/theft.rs"]
mod theft;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::Arc;

use rocket::figment::providers::{Format, Toml};
use rocket::figment::Figment;
use rocket::http::uri::Host;
use rocket::http::{ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::serde::json::{json, Value};
use rocket::Config;
use rocket_restricted_session::SessionShield;
use time::OffsetDateTime;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
const HOME: &str = "192.0.2.7";
const ELSEWHERE: &str = "198.51.100.9";

/// The bank, on a configuration of its own and with a clock that stands still.
struct Bank {
    client: Client,
    clock: Arc<AtomicI64>,
}

/// Configuration in TOML, for one profile, without any file or environment.
fn figment(profile: &'static str, toml: &str) -> Figment {
    Figment::from(Config::debug_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"))
        .merge(Toml::string(toml).nested())
        .select(profile)
}

impl Bank {
    fn open() -> Self {
        Self::on(figment("debug", ""))
    }

    fn with(keys: &str) -> Self {
        let toml = format!("[default.restricted_session]\n{keys}");
        Self::on(figment("debug", &toml))
    }

    fn on(figment: Figment) -> Self {
        Self::behind(figment, SessionShield::new())
    }

    fn behind(figment: Figment, shield: SessionShield<bank::Customer>) -> Self {
        let clock = Arc::new(AtomicI64::new(1_800_000_000));
        let read = clock.clone();
        let now = move || OffsetDateTime::from_unix_timestamp(read.load(Ordering::SeqCst)).unwrap();
        let rocket = bank::bank(figment, shield.clock(now));
        let client = Client::untracked(rocket).expect("launch");
        Self { client, clock }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A browser at home that nobody has signed in with.
    fn visitor(&self) -> Visitor<'_> {
        Visitor {
            bank: self,
            address: HOME,
            agent: FIREFOX,
            cookies: String::new(),
        }
    }

    fn signed_in(&self, username: &str, password: &str) -> Visitor<'_> {
        let visitor = self.visitor();
        let form = format!("username={username}&password={password}");
        let response = visitor.post("/login", &form).dispatch();
        assert_eq!(response.status(), Status::SeeOther);
        visitor.with_cookies(session_cookie(&response).expect("a session"))
    }

    fn ada(&self) -> Visitor<'_> {
        self.signed_in("ada", "lovelace")
    }

    fn grace(&self) -> Visitor<'_> {
        self.signed_in("grace", "hopper")
    }

    /// Ada once more, in another browser and elsewhere.
    fn ada_on_the_phone(&self) -> Visitor<'_> {
        let phone = self.visitor().at(ELSEWHERE).with_agent(SAFARI);
        let login = phone
            .post("/login", "username=ada&password=lovelace")
            .dispatch();
        let session = session_cookie(&login).expect("a session");
        phone.with_cookies(session)
    }
}

/// Somebody at some address, with some browser and the cookies in it.
#[derive(Clone)]
struct Visitor<'a> {
    bank: &'a Bank,
    address: &'a str,
    agent: &'a str,
    cookies: String,
}

impl<'a> Visitor<'a> {
    fn at(self, address: &'a str) -> Self {
        Self { address, ..self }
    }

    fn with_agent(self, agent: &'a str) -> Self {
        Self { agent, ..self }
    }

    fn with_cookies(self, cookies: String) -> Self {
        Self { cookies, ..self }
    }

    fn get(&self, path: &'a str) -> LocalRequest<'a> {
        self.dress(self.bank.client.get(path))
    }

    fn post(&self, path: &'a str, form: &str) -> LocalRequest<'a> {
        let request = self.bank.client.post(path).header(ContentType::Form);
        self.dress(request).body(form)
    }

    fn dress(&self, request: LocalRequest<'a>) -> LocalRequest<'a> {
        let mut request = request;
        if !self.agent.is_empty() {
            request.add_header(Header::new("User-Agent", self.agent.to_owned()));
        }
        if !self.cookies.is_empty() {
            request.add_header(Header::new("Cookie", self.cookies.clone()));
        }
        request.remote(SocketAddr::new(self.address.parse().unwrap(), 40_000))
    }

    fn balance(&self) -> Value {
        json_of(self.get("/account")).1["balance"].clone()
    }

    /// Why the account stays closed, or nothing where it opens.
    fn refusal(&self) -> Option<String> {
        let (status, json) = json_of(self.get("/account"));
        let reason = json["reason"].as_str().map(str::to_owned);
        assert_eq!(status, if reason.is_some() { 401 } else { 200 }, "{json}");
        reason
    }

    /// This browser, after a visit that may have brought it another cookie.
    fn after_a_visit(self) -> Self {
        let response = self.get("/account").dispatch();
        assert_eq!(response.status(), Status::Ok);
        match session_cookie(&response) {
            Some(cookie) => self.with_cookies(cookie),
            None => self,
        }
    }
}

/// What a program gets.
fn json_of(request: LocalRequest<'_>) -> (u16, Value) {
    let response = request.header(rocket::http::Accept::JSON).dispatch();
    assert_eq!(response.content_type(), Some(ContentType::JSON));
    let status = response.status().code;
    (status, response.into_json().expect("JSON"))
}

/// What a browser gets.
fn page_of(request: LocalRequest<'_>) -> (u16, String) {
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let response = request.header(Header::new("Accept", accept)).dispatch();
    assert_eq!(response.content_type(), Some(ContentType::HTML));
    let status = response.status().code;
    (status, response.into_string().expect("a page"))
}

fn set_cookies(response: &LocalResponse<'_>) -> Vec<String> {
    let lines = response.headers().get("Set-Cookie");
    lines.map(str::to_owned).collect()
}

/// The session cookie of a response, as `name=value`.
fn session_cookie(response: &LocalResponse<'_>) -> Option<String> {
    let lines = set_cookies(response);
    let line = lines.iter().find(|l| l.starts_with("__Host-session="))?;
    line.split(';').next().map(str::to_owned)
}

fn location<'r>(response: &'r LocalResponse<'_>) -> Option<&'r str> {
    response.headers().get_one("Location")
}

/// A request that came to `host`, which the local client takes from no header.
fn to_host<'a>(host: &'a str, request: LocalRequest<'a>) -> LocalRequest<'a> {
    let mut request = request;
    let host = Host::parse(host).expect("a host");
    request.inner_mut().set_host(host);
    request
}

/// The text that a browser shows for a piece of HTML.
fn unescaped(html: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x2f;", "/"),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(html.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The command line in the element with this id.
fn command(page: &str, id: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<code id=\"{id}\">"))?;
    Some(unescaped(rest.split_once("</code>")?.0))
}

#[test]
fn open_routes_need_no_session() {
    let bank = Bank::open();
    let health = bank.visitor().get("/healthz").dispatch();
    assert_eq!(health.into_string().as_deref(), Some("ok"));
    let whoami = bank.visitor().at("2001:db8::1").get("/whoami").dispatch();
    assert_eq!(whoami.into_string().as_deref(), Some("2001:db8::1"));
}

#[test]
fn whoami_believes_a_trusted_proxy_only() {
    let forwarded = Header::new("X-Forwarded-For", ELSEWHERE);
    for (trusted, expected) in [("[]", HOME), ("[\"192.0.2.0/24\"]", ELSEWHERE)] {
        let bank = Bank::with(&format!("proxy = {{ trusted = {trusted} }}"));
        let whoami = bank.visitor().get("/whoami").header(forwarded.clone());
        assert_eq!(whoami.dispatch().into_string().as_deref(), Some(expected));
    }
}

#[test]
fn assets_may_be_stored_and_pages_allow_nothing_from_elsewhere() {
    let bank = Bank::open();
    for path in ["/style.css", "/copy.js", "/live.js"] {
        let response = bank.visitor().get(path).dispatch();
        assert_eq!(response.status(), Status::Ok);
        let caching = response.headers().get_one("Cache-Control");
        assert_eq!(caching, Some("public, max-age=600"));
    }
    let home = bank.visitor().get("/").dispatch();
    let policy = home.headers().get_one("Content-Security-Policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"));
    let page = home.into_string().unwrap();
    assert!(page.contains("<html lang=\"en\">"));
    assert!(!page.contains("<style") && !page.contains("<script>"));
    let elsewhere = page.matches("=\"http").count();
    assert_eq!(elsewhere, 0);
}

#[test]
fn the_front_page_greets_visitors_and_customers() {
    let bank = Bank::open();
    let (status, page) = page_of(bank.visitor().get("/"));
    assert_eq!(status, 200);
    assert!(page.contains("action=\"/login\"") && !page.contains("role=\"alert\""));
    let visitor = json_of(bank.visitor().get("/"));
    assert_eq!(visitor, (200, json!({ "user": null })));

    let ada = bank.ada();
    let (status, page) = page_of(ada.get("/"));
    assert_eq!(status, 200);
    assert!(page.contains("Hello, ada.") && page.contains("<strong>100</strong>"));
    assert_eq!(json_of(ada.get("/")).1["user"], "ada");
}

#[test]
fn the_front_page_shows_a_thief_no_account() {
    let bank = Bank::open();
    let (status, page) = page_of(bank.ada().at(ELSEWHERE).get("/"));
    assert_eq!(status, 200);
    assert!(page.contains("This session was used from elsewhere"));
    assert!(!page.contains("Hello, ada.") && page.contains("action=\"/login\""));
}

#[test]
fn signing_in_leads_to_the_account() {
    let bank = Bank::open();
    let form = "username=ada&password=lovelace";
    for accept in ["text/html", "application/json"] {
        let request = bank.visitor().post("/login", form);
        let response = request.header(Header::new("Accept", accept)).dispatch();
        assert_eq!(response.status(), Status::SeeOther);
        assert_eq!(location(&response), Some("/account"));
        assert!(session_cookie(&response).is_some());
    }
}

#[test]
fn wrong_credentials_are_refused_alike() {
    let bank = Bank::open();
    let wrong = [
        "username=ada&password=hopper",
        "username=eve&password=lovelace",
        "username=ada",
        "password=lovelace",
        "username=&password=",
        "",
    ];
    let mut pages = Vec::new();
    for form in wrong {
        let (status, json) = json_of(bank.visitor().post("/login", form));
        assert_eq!(status, 401, "{form}");
        let expected = json!({ "error": "unauthorized", "reason": "credentials" });
        assert_eq!(json, expected, "{form}");

        let response = bank.visitor().post("/login", form).dispatch();
        assert_eq!(session_cookie(&response), None, "{form}");
        let (status, page) = page_of(bank.visitor().post("/login", form));
        assert_eq!(status, 401);
        pages.push(page);
    }
    assert!(pages[0].contains("Name and password do not belong together."));
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[test]
fn the_account_tells_programs_what_they_need() {
    let bank = Bank::open();
    let expected = json!({ "user": "ada", "balance": 100, "fresh": true, "device_bound": false });
    assert_eq!(json_of(bank.ada().get("/account")), (200, expected));
}

#[test]
fn the_account_tells_people_what_the_session_is_bound_to() {
    let keys = "idle_timeout = 600\nbinding = { ipv4_prefix = 24, user_agent = \"report\" }";
    let bank = Bank::with(keys);
    let (status, page) = page_of(bank.ada().get("/account"));
    assert_eq!(status, 200);
    let page = unescaped(&page);
    for told in [
        "192.0.2.0/24",
        "Firefox on Linux",
        "not used for 10m",
        "In another: let in, and noted.",
        "From another: refused.",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn json_is_for_those_who_ask_for_it() {
    let bank = Bank::open();
    let ada = bank.ada();
    for (accept, json) in [
        ("application/json", true),
        ("application/json, text/plain, */*", true),
        ("application/json;q=0.9, */*;q=0.1", true),
        ("*/*", false),
        ("text/html", false),
        ("text/html, application/json;q=0.9", false),
        ("nonsense", false),
    ] {
        let request = ada.get("/account").header(Header::new("Accept", accept));
        let response = request.dispatch();
        let is_json = response.content_type() == Some(ContentType::JSON);
        assert_eq!(is_json, json, "{accept}");
        assert_eq!(response.headers().get_one("Vary"), Some("Accept"));
    }
}

#[test]
fn a_transfer_moves_money() {
    let bank = Bank::open();
    let (ada, grace) = (bank.ada(), bank.grace());
    let (status, left) = json_of(ada.post("/transfer", "to=grace&amount=30"));
    assert_eq!((status, left), (200, json!({ "balance": 70 })));
    assert_eq!((ada.balance(), grace.balance()), (json!(70), json!(130)));

    let (status, page) = page_of(grace.post("/transfer", "to=+ada+&amount=+130+"));
    assert_eq!(status, 200);
    assert!(page.contains("130 went to ada.") && page.contains("<strong>0</strong>"));
    assert_eq!((ada.balance(), grace.balance()), (json!(200), json!(0)));
}

#[test]
fn a_bad_transfer_moves_nothing_and_says_why() {
    let bank = Bank::open();
    let ada = bank.ada();
    for (form, message) in [
        ("to=eve&amount=1", "No customer"),
        ("to=&amount=1", "No customer"),
        ("to=Grace&amount=1", "No customer"),
        ("to=ada&amount=1", "your own account"),
        ("to=grace&amount=0", "whole number"),
        ("to=grace&amount=-1", "whole number"),
        ("to=grace&amount=1.5", "whole number"),
        ("to=grace&amount=ten", "whole number"),
        ("to=grace&amount=", "whole number"),
        ("to=grace&amount=99999999999999999999", "whole number"),
        ("to=grace&amount=101", "You have 100"),
        ("to=grace&amount=18446744073709551615", "You have 100"),
        ("to=grace", "whole number"),
        ("amount=1", "No customer"),
        ("", "whole number"),
    ] {
        let (status, json) = json_of(ada.post("/transfer", form));
        assert_eq!(status, 422, "{form}");
        assert_eq!(json["error"], "unprocessable_entity");
        assert!(json["message"].as_str().unwrap().contains(message));
        let (status, page) = page_of(ada.post("/transfer", form));
        assert_eq!(status, 422, "{form}");
        assert!(page.contains("Nothing was moved") && page.contains("action=\"/transfer\""));
    }
    assert_eq!(ada.balance(), 100);
}

#[test]
fn a_transfer_without_a_session_or_with_a_stolen_one_moves_nothing() {
    let bank = Bank::open();
    let (ada, form) = (bank.ada(), "to=grace&amount=1");
    let visitor = json_of(bank.visitor().post("/transfer", form));
    assert_eq!((visitor.0, &visitor.1["reason"]), (401, &json!("missing")));
    let thief = json_of(ada.clone().at(ELSEWHERE).post("/transfer", form));
    assert_eq!((thief.0, &thief.1["reason"]), (401, &json!("mismatch")));
    assert_eq!(ada.balance(), 100);
}

#[test]
fn a_stale_session_confirms_its_password_and_goes_on() {
    let bank = Bank::open();
    let (ada, form) = (bank.ada(), "to=grace&amount=30");
    bank.pass(10 * 60);
    assert_eq!(json_of(ada.get("/account")).1["fresh"], false);
    let (status, json) = json_of(ada.post("/transfer", form));
    let expected = json!({ "error": "forbidden", "reason": "stale" });
    assert_eq!((status, json), (403, expected));
    let (status, page) = page_of(ada.post("/transfer", form));
    assert_eq!(status, 403);
    assert!(page.contains("action=\"/confirm\"") && page.contains("Nothing has been done"));

    let confirmed = ada.post("/confirm", "password=lovelace").dispatch();
    assert_eq!(confirmed.status(), Status::SeeOther);
    assert_eq!(location(&confirmed), Some("/account"));
    let ada = ada.with_cookies(session_cookie(&confirmed).unwrap());
    assert_eq!(json_of(ada.get("/account")).1["fresh"], true);
    let left = json_of(ada.post("/transfer", form));
    assert_eq!(left, (200, json!({ "balance": 70 })));
}

#[test]
fn a_wrong_confirmation_changes_nothing() {
    let bank = Bank::open();
    let ada = bank.ada();
    bank.pass(10 * 60);
    for form in ["password=hopper", "password=", ""] {
        let (status, json) = json_of(ada.post("/confirm", form));
        assert_eq!((status, &json["reason"]), (401, &json!("credentials")));
        assert_eq!(session_cookie(&ada.post("/confirm", form).dispatch()), None);
        let (status, page) = page_of(ada.post("/confirm", form));
        assert_eq!(status, 401);
        assert!(page.contains("Not confirmed") && page.contains("action=\"/confirm\""));
    }
    assert_eq!(json_of(ada.get("/account")).1["fresh"], false);
}

#[test]
fn confirming_takes_a_session() {
    let bank = Bank::open();
    assert_eq!(page_of(bank.ada().get("/confirm")).0, 200);
    let (status, json) = json_of(bank.visitor().get("/confirm"));
    assert_eq!((status, &json["reason"]), (401, &json!("missing")));
    let thief = bank.ada().with_agent("curl/8.5.0");
    let (status, json) = json_of(thief.post("/confirm", "password=lovelace"));
    assert_eq!((status, &json["reason"]), (401, &json!("mismatch")));
}

#[test]
fn step_up_lets_in_and_keeps_the_money() {
    let bank = Bank::with("binding = { network = \"step-up\" }");
    let ada = bank.ada().at(ELSEWHERE);
    assert_eq!(json_of(ada.get("/account")).1["fresh"], false);
    assert!(page_of(ada.get("/account"))
        .1
        .contains("let in, but not to transfer"));
    let (status, json) = json_of(ada.post("/transfer", "to=grace&amount=1"));
    assert_eq!((status, &json["reason"]), (403, &json!("stale")));
}

#[test]
fn signing_out_removes_the_cookie() {
    let bank = Bank::open();
    for visitor in [bank.ada(), bank.visitor()] {
        let response = visitor.post("/logout", "").dispatch();
        assert_eq!(response.status(), Status::SeeOther);
        assert_eq!(location(&response), Some("/"));
        assert!(set_cookies(&response)[0].contains("Max-Age=0"));
    }
}

#[test]
fn every_refusal_has_its_reason() {
    let bank = Bank::open();
    let refused = |visitor: Visitor<'_>| {
        let (status, json) = json_of(visitor.get("/account"));
        assert_eq!((status, &json["error"]), (401, &json!("unauthorized")));
        (json["reason"].clone(), json.get("signal").cloned())
    };
    let ada = bank.ada();
    let junk = bank.visitor().with_cookies("__Host-session=junk".into());
    let both = format!("{}; {}", ada.cookies, bank.grace().cookies);
    let network = Some(json!("network"));
    let user_agent = Some(json!("user_agent"));
    for (visitor, reason, signal) in [
        (bank.visitor(), "missing", None),
        (junk, "unreadable", None),
        (ada.clone().with_cookies(both), "ambiguous", None),
        (ada.clone().at(ELSEWHERE), "mismatch", network),
        (
            ada.clone().with_agent("curl/8.5.0"),
            "mismatch",
            user_agent.clone(),
        ),
        (ada.clone().with_agent(""), "mismatch", user_agent),
    ] {
        assert_eq!(refused(visitor), (json!(reason), signal));
    }
    assert_eq!(ada.balance(), 100, "the owner goes on");
    bank.pass(30 * 60);
    assert_eq!(refused(ada), (json!("expired"), None));
}

#[test]
fn every_refusal_is_explained_beside_the_sign_in_form() {
    let bank = Bank::open();
    let explained = |visitor: Visitor<'_>, told: &[&str]| {
        let (status, page) = page_of(visitor.get("/account"));
        assert_eq!(status, 401);
        assert!(page.contains("action=\"/login\"") && page.contains("role=\"alert\""));
        for told in told {
            assert!(page.contains(told), "{told}");
        }
    };
    let ada = bank.ada();
    let junk = bank.visitor().with_cookies("__Host-session=junk".into());
    explained(bank.visitor(), &["Please sign in"]);
    explained(junk, &["Please sign in again", "cannot be read"]);
    let elsewhere = "This session was used from elsewhere";
    explained(ada.clone().at(ELSEWHERE), &[elsewhere, "another network"]);
    explained(
        ada.clone().with_agent("curl/8"),
        &[elsewhere, "another browser"],
    );
    bank.pass(30 * 60);
    explained(ada, &["Your session has ended"]);
}

#[test]
fn refusals_are_explained_under_another_status_too() {
    let bank = Bank::with("failure_status = 403");
    let thief = bank.ada().at(ELSEWHERE);
    let expected = json!({ "error": "forbidden", "reason": "mismatch", "signal": "network" });
    assert_eq!(json_of(thief.get("/account")), (403, expected));
    let (_, page) = page_of(thief.get("/account"));
    assert!(page.contains("This session was used from elsewhere"));
}

#[test]
fn an_unnamed_client_is_the_servers_fault() {
    let bank = Bank::with("proxy = { trusted = [\"192.0.2.7\"] }");
    let form = "username=ada&password=lovelace";
    let (status, json) = json_of(bank.visitor().post("/login", form));
    assert_eq!(
        (status, &json["error"]),
        (500, &json!("internal_server_error"))
    );
    assert_eq!(page_of(bank.visitor().get("/whoami")).0, 500);
}

#[test]
fn owners_see_who_tried() {
    let bank = Bank::open();
    let ada = bank.ada();
    ada.clone().at(ELSEWHERE).get("/account").dispatch();
    ada.clone()
        .with_agent("curl/8.5.0")
        .get("/account")
        .dispatch();
    let (_, page) = page_of(ada.get("/account"));
    let page = unescaped(&page);
    assert!(page.contains("Refused: another network"));
    assert!(page.contains("Refused: another browser than Firefox on Linux"));
    assert!(page.contains("198.51.0.0/16") && !page.contains(ELSEWHERE));
    assert!(!page_of(bank.grace().get("/account")).1.contains("Refused:"));
}

#[test]
fn the_debug_profile_shows_how_to_steal_the_session() {
    let bank = Bank::open();
    let ada = bank
        .ada()
        .with_cookies(format!("a=1; {}; b=2", bank.ada().cookies));
    let session = ada.cookies.split("; ").nth(1).unwrap();
    let (_, page) = page_of(to_host("bank.test:8000", ada.get("/account")));

    let alone = command(&page, "cookie-only").unwrap();
    let expected = format!(
        "curl -i -H 'Accept: application/json' -b '{session}' 'http://bank.test:8000/account'"
    );
    assert_eq!(alone, expected);
    let smarter = command(&page, "with-user-agent").unwrap();
    assert!(smarter.starts_with(&format!("curl -i -A '{FIREFOX}' ")));
    assert_eq!(command(&page, "from-elsewhere"), None);
}

#[test]
fn on_the_owners_machine_a_thief_comes_from_another_address() {
    let bank = Bank::open();
    let local = bank.visitor().at("127.0.0.1");
    let form = "username=ada&password=lovelace";
    let response = local.post("/login", form).dispatch();
    let ada = local.with_cookies(session_cookie(&response).unwrap());
    let (_, page) = page_of(ada.get("/account"));
    let elsewhere = command(&page, "from-elsewhere").unwrap();
    assert!(elsewhere.contains("-A ") && elsewhere.contains("--interface 127.0.0.2"));
    assert_eq!(json_of(ada.at("127.0.0.2").get("/account")).0, 401);
}

#[test]
fn the_command_line_goes_where_the_request_came_to() {
    let tls = "[default.tls]\ncerts = \"none.pem\"\nkey = \"none.key\"";
    let bank = Bank::on(figment("debug", tls));
    let (_, page) = page_of(bank.ada().get("/account"));
    let alone = command(&page, "cookie-only").unwrap();
    assert!(
        alone.starts_with("curl -i -k ") && alone.ends_with("'https://127.0.0.1:8000/account'")
    );

    let bank = Bank::open();
    let proxied = to_host("bank.test", bank.ada().get("/account"));
    let proxied = proxied.header(Header::new("X-Forwarded-Proto", "https"));
    let alone = command(&page_of(proxied).1, "cookie-only").unwrap();
    assert!(!alone.contains(" -k ") && alone.ends_with("'https://bank.test/account'"));
}

#[test]
fn other_profiles_show_no_cookie() {
    for profile in ["release", "staging"] {
        let bank = Bank::on(figment(profile, ""));
        let ada = bank.ada();
        let (status, page) = page_of(ada.get("/account"));
        assert_eq!(status, 200);
        assert!(!page.contains("Steal this session") && !page.contains("curl"));
        let value = ada.cookies.split_once('=').unwrap().1;
        assert!(!unescaped(&page).contains(value));
    }
}

#[test]
fn what_clients_say_about_themselves_stays_text() {
    let bank = Bank::open();
    let agent = "<script>alert('x')</script>\"&";
    for host in ["o'hara.test", "a&b.test", "[::1]:8000"] {
        let visitor = bank.visitor().with_agent(agent);
        let form = "username=ada&password=lovelace";
        let cookie = session_cookie(&visitor.post("/login", form).dispatch());
        let request = visitor.with_cookies(cookie.unwrap()).get("/account");
        let (status, page) = page_of(to_host(host, request));
        assert_eq!(status, 200);
        assert!(!page.contains("<script>") && !page.contains("alert('x')"));
    }
}

/// Has a shell take a command line apart.
#[cfg(unix)]
fn words(command: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {command}");
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .output();
    let output = output.expect("a shell");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{command}"
    );
    let printed = String::from_utf8(output.stdout).expect("text");
    printed.lines().map(str::to_owned).collect()
}

#[test]
#[cfg(unix)]
fn a_shell_reads_the_command_line_as_it_was_meant() {
    let bank = Bank::open();
    for agent in [
        FIREFOX,
        "'; echo owned; '",
        "$(id) `id` \\' \"!\" '' '",
        "-x * ~ #",
        "",
    ] {
        let visitor = bank.visitor().with_agent(agent);
        let form = "username=ada&password=lovelace";
        let cookie = session_cookie(&visitor.post("/login", form).dispatch()).unwrap();
        let request = visitor.with_cookies(cookie.clone()).get("/account");
        let (_, page) = page_of(to_host("o'hara.test", request));
        let words = words(&command(&page, "with-user-agent").unwrap());
        let accept = "Accept: application/json";
        let url = "http://o'hara.test/account";
        assert_eq!(words, ["-i", "-A", agent, "-H", accept, "-b", &cookie, url]);
    }
}

#[test]
fn weak_cookies_leave_hardened() {
    let bank = Bank::open();
    let response = bank.visitor().get("/cookies").dispatch();
    assert_eq!(response.status(), Status::Ok);
    let mut lines = set_cookies(&response);
    lines.sort();
    let expected = [
        "__Host-old=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "csrf=c2VlZA; Path=/; SameSite=Lax",
        "theme=dark; SameSite=Strict; Path=/; HttpOnly",
        "tracker=7f3a; Priority=Low; HttpOnly; SameSite=Lax",
    ];
    assert_eq!(lines, expected);
    let page = response.into_string().unwrap();
    assert!(["theme", "tracker", "csrf", "__Host-old"]
        .iter()
        .all(|name| page.contains(name)));

    let (_, json) = json_of(bank.visitor().get("/cookies"));
    assert_eq!(json["cookies"].as_array().map(Vec::len), Some(4));
}

#[test]
fn cookies_are_secure_behind_a_proxy_that_serves_tls() {
    let bank = Bank::with("proxy = { trusted = [\"192.0.2.7\"] }");
    let request = bank.visitor().get("/cookies");
    let request = request.header(Header::new("X-Forwarded-For", ELSEWHERE));
    let response = request
        .header(Header::new("X-Forwarded-Proto", "https"))
        .dispatch();
    let lines = set_cookies(&response);
    assert!(lines.len() == 4 && lines.iter().all(|line| line.contains("; Secure")));
}

#[test]
fn the_banks_own_default_leaves_the_last_word_to_whoever_configures_it() {
    let csrf_is_readable = |figment: Figment| {
        let bank = Bank::on(figment);
        let lines = set_cookies(&bank.visitor().get("/cookies").dispatch());
        let csrf = lines.iter().find(|line| line.starts_with("csrf=")).unwrap();
        !csrf.contains("HttpOnly")
    };
    let named = |profile: &str, names: &str| {
        let toml = format!("[{profile}.restricted_session.cookies]\nreadable = {names}");
        figment("debug", &toml)
    };
    let top_level = include_str!("../Rocket.toml");
    assert!(csrf_is_readable(figment("debug", top_level)));
    assert!(csrf_is_readable(figment("release", top_level)));
    assert!(csrf_is_readable(named("default", "[\"other\"]")));
    assert!(!csrf_is_readable(named("debug", "[]")));
    assert!(!csrf_is_readable(named("global", "[\"other\"]")));
}

#[test]
fn what_is_not_there_is_said_in_either_form() {
    let bank = Bank::open();
    let ada = bank.ada();
    for path in ["/nowhere", "/transfer", "/logout", "/login", "/devices/1"] {
        let (status, page) = page_of(ada.get(path));
        assert_eq!(status, 404, "{path}");
        assert!(page.contains("There is no such page or session."));
        let json = json_of(ada.get(path));
        assert_eq!(json, (404, json!({ "error": "not_found" })));
    }
    let large = format!("to=grace&amount={}", "1".repeat(40_000));
    assert_eq!(page_of(ada.post("/transfer", &large)).0, 413);
    let not_a_form = bank.client.post("/transfer").header(ContentType::JSON);
    let (status, json) = json_of(ada.dress(not_a_form).body("{}"));
    assert_eq!(
        (status, &json["error"]),
        (415, &json!("unsupported_media_type"))
    );
}

#[test]
fn head_is_get_without_a_body() {
    let bank = Bank::open();
    let ada = bank.ada();
    for (path, status) in [
        ("/account", 200),
        ("/", 200),
        ("/healthz", 200),
        ("/x", 404),
    ] {
        let response = ada.dress(bank.client.head(path)).dispatch();
        assert_eq!(response.status().code, status, "{path}");
        assert_eq!(response.into_string().unwrap_or_default(), "");
    }
    let response = bank
        .visitor()
        .dress(bank.client.head("/account"))
        .dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
}

#[test]
fn what_holds_a_customers_data_is_never_stored() {
    let bank = Bank::open();
    let ada = bank.ada();
    for visitor in [ada.clone(), ada.at(ELSEWHERE)] {
        for path in ["/", "/account", "/devices"] {
            let response = visitor.get(path).dispatch();
            let caching = response.headers().get_one("Cache-Control");
            assert_eq!(caching, Some("no-store"), "{path}");
        }
    }
}
