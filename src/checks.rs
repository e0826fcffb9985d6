//! Deployment checks: what a launch cannot refuse, and an administrator should know.
//!
//! Each has a code, which `checks.silence` and `checks.deny` take. They are printed at liftoff,
//! with the remedy.

use crate::config::{Action, Mode};
use crate::session::section::Section;
use crate::transport::{SameSite, Transport};

const YEAR: u64 = 365 * 24 * 3600;

/// The codes, each with the finding and its remedy. Keep in sync with the table of the crate docs.
const TABLE: [(&str, &str, &str); 18] = [
    (
        "RS01",
        "Nothing says that requests arrive over TLS: no HSTS, and cookies lack `Secure`.",
        "Serve TLS, list the proxy that does in `proxy.trusted`, or set `proxy.assume_secure`.",
    ),
    (
        "RS02",
        "HSTS is off: the first visit over plain HTTP can be intercepted again and again.",
        "Set `hsts.max_age = \"365d\"`.",
    ),
    (
        "RS03",
        "HSTS lasts less than a year.",
        "Raise `hsts.max_age` to \"365d\" once HTTPS works everywhere.",
    ),
    (
        "RS04",
        "HSTS leaves out subdomains, from which cookies can be planted over plain HTTP.",
        "Set `hsts.include_subdomains = true` once all of them serve HTTPS.",
    ),
    (
        "RS05",
        "HSTS lasts more than ten years.",
        "Lower `hsts.max_age`; preload lists warn above that.",
    ),
    (
        "RS06",
        "An optimised build runs in the debug profile: no HSTS, and weaker cookies.",
        "Set ROCKET_PROFILE=release.",
    ),
    (
        "RS07",
        "There is no `secret_key`: sessions end with this process.",
        "Set ROCKET_SECRET_KEY to the output of `openssl rand -base64 32`.",
    ),
    (
        "RS08",
        "`proxy.trusted` covers every address: any client can claim any address.",
        "List the addresses of the proxies in front, and no others.",
    ),
    (
        "RS09",
        "A proxy header is configured, but no proxy is trusted, so it is never read.",
        "List the proxies in front in `proxy.trusted`.",
    ),
    (
        "RS10",
        "Rocket's log level is `debug`, at which it prints requests with their cookies.",
        "Set ROCKET_LOG_LEVEL=normal.",
    ),
    (
        "RS11",
        "Cookies without `SameSite` become `None`: other sites' requests carry them.",
        "Set `cookies.same_site = \"Lax\"`.",
    ),
    (
        "RS12",
        "A cookie that scripts may read, or that is left alone, is named like a session.",
        "Take it out of `cookies.readable` and `cookies.except`.",
    ),
    (
        "RS13",
        "Cookies are not hardened.",
        "Set `cookies.harden = true`, and list what must stay as it is in `cookies.except`.",
    ),
    (
        "RS14",
        "The session cookie's name has no `__Host-` prefix: other hosts of the domain can plant it.",
        "Set `cookie_name = \"__Host-session\"`.",
    ),
    (
        "RS15",
        "The session cookie is `SameSite=None`: other sites' requests carry it.",
        "Set `same_site = \"Lax\"`, unless the app lives in other sites' frames.",
    ),
    (
        "RS16",
        "`failure_status` is not 401: clients may not take a refusal for one.",
        "Set `failure_status = 401`.",
    ),
    (
        "RS17",
        "`mode` is \"report\": stolen sessions are told of, and let in.",
        "Set `mode = \"enforce\"` once the reports are quiet.",
    ),
    (
        "RS18",
        "Sessions are bound neither to a network nor to a User-Agent.",
        "Set `binding.network` or `binding.user_agent` to \"step-up\" or \"reject\".",
    ),
];

/// One check that found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    finding: &'static str,
    remedy: &'static str,
}

impl Finding {
    fn of(code: &str) -> Option<Self> {
        let (code, finding, remedy) = TABLE.iter().find(|(known, ..)| *known == code)?;
        Some(Self {
            code,
            finding,
            remedy,
        })
    }

    pub(crate) fn print(&self) {
        rocket::warn!("{} {}", self.code, self.finding);
        rocket::warn_!("{}", self.remedy);
    }

    pub(crate) fn print_as_refusal(&self) {
        rocket::error!("{} {}", self.code, self.finding);
        rocket::error_!("`checks.deny` lists {}. {}", self.code, self.remedy);
    }
}

/// Tells whether `code` names a check.
pub(crate) fn is_code(code: &str) -> bool {
    Finding::of(code).is_some()
}

/// Returns all codes, for people.
pub(crate) fn codes() -> String {
    let codes: Vec<_> = TABLE.iter().map(|(code, ..)| *code).collect();
    codes.join(", ")
}

/// Returns what is to be said about transport.
pub(crate) fn of_transport(transport: &Transport) -> Vec<Finding> {
    let settings = &transport.settings;
    let proxy = &settings.proxy;
    let deployed = !transport.debug_profile;
    let says_secure = transport.tls || settings.assume_secure || !proxy.trusted.is_empty();
    let hsts = settings.hsts_max_age.unwrap_or(0);
    let cookies = settings.cookies.as_ref();

    found([
        ("RS01", deployed && !says_secure),
        ("RS02", deployed && hsts == 0),
        ("RS03", deployed && (1..YEAR).contains(&hsts)),
        ("RS04", deployed && hsts > 0 && !settings.include_subdomains),
        ("RS05", hsts > 10 * YEAR),
        ("RS06", transport.debug_profile && !cfg!(debug_assertions)),
        ("RS07", transport.generated_key),
        ("RS08", proxy.trusted.covers_everything()),
        ("RS09", proxy.trusted.is_empty() && proxy.is_customised()),
        ("RS10", deployed && transport.logs_requests),
        (
            "RS11",
            cookies.is_some_and(|c| c.same_site == SameSite::None),
        ),
        (
            "RS12",
            cookies.is_some_and(|c| c.exposes(looks_like_a_session)),
        ),
        ("RS13", cookies.is_none()),
    ])
}

/// Returns what is to be said about one kind of session.
pub(crate) fn of_section(section: &Section) -> Vec<Finding> {
    let settings = &section.settings;
    let binding = &settings.binding;
    let deployed = !section.debug_profile;
    let is_weak = |action| action <= Action::Report;
    found([
        (
            "RS14",
            deployed && !settings.cookie_name.starts_with("__Host-"),
        ),
        ("RS15", settings.same_site == SameSite::None),
        ("RS16", settings.failure_status.code != 401),
        ("RS17", settings.mode == Mode::Report),
        (
            "RS18",
            is_weak(binding.network) && is_weak(binding.user_agent),
        ),
    ])
}

fn found<const N: usize>(checks: [(&str, bool); N]) -> Vec<Finding> {
    let fired = checks.iter().filter(|(_, fires)| *fires);
    fired.filter_map(|(code, _)| Finding::of(code)).collect()
}

fn looks_like_a_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("sess") || name.contains("login") || name.contains("auth")
}
