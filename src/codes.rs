//! The deployment checks by code: what each finds, and the remedy.

/// A deployment check. `checks.silence` and `checks.deny` take its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    NoTls,
    HstsOff,
    HstsShort,
    HstsWithoutSubdomains,
    HstsTooLong,
    HstsOfShield,
    DebugProfile,
    GeneratedKey,
    TrustsEveryone,
    UnreadProxyHeader,
    RocketBelievesAnyone,
    PlainOnEveryInterface,
    UnlistedProxy,
    HttpsNeverApplies,
    HttpsAlwaysApplies,
    HttpsHostWithoutHsts,
    LogsRequests,
    CookiesNotHardened,
    CookiesSameSiteNone,
    ExposedSessionCookie,
    NoHostPrefix,
    SessionSameSiteNone,
    FailureStatus,
    ReportMode,
    Unbound,
    NoStore,
    NoRotation,
    RejectsReplays,
    HastyRotation,
    SeveralProcesses,
}

/// Id, finding and remedy of every check. The guide repeats them.
const TABLE: [(Code, &str, &str, &str); 30] = [
    (
        Code::NoTls,
        "RS01",
        "Nothing says that requests arrive over TLS: no HSTS, and cookies lack `Secure`.",
        "Serve TLS, list the proxy that does in `proxy.trusted`, or set `proxy.assume_secure`.",
    ),
    (
        Code::HstsOff,
        "RS02",
        "HSTS is off: the first visit over plain HTTP can be intercepted again and again.",
        "Set `hsts.max_age = \"365d\"`.",
    ),
    (
        Code::HstsShort,
        "RS03",
        "HSTS lasts less than a year.",
        "Raise `hsts.max_age` to \"365d\" once HTTPS works everywhere.",
    ),
    (
        Code::HstsWithoutSubdomains,
        "RS04",
        "HSTS leaves out subdomains, from which cookies can be planted over plain HTTP.",
        "Set `hsts.include_subdomains = true` once all of them serve HTTPS.",
    ),
    (
        Code::HstsTooLong,
        "RS05",
        "HSTS lasts more than ten years.",
        "Lower `hsts.max_age`; preload lists warn above that.",
    ),
    (
        Code::HstsOfShield,
        "RS06",
        "`hsts.max_age` is false, but under TLS Rocket's `Shield` sends a header by itself.",
        "Set `hsts.max_age`, or attach a `Shield` without `Hsts`.",
    ),
    (
        Code::DebugProfile,
        "RS07",
        "An optimised build runs in the debug profile: no HSTS, and weaker cookies.",
        "Set ROCKET_PROFILE=release.",
    ),
    (
        Code::GeneratedKey,
        "RS08",
        "There is no `secret_key`: sessions end with this process.",
        "Set ROCKET_SECRET_KEY to the output of `openssl rand -base64 32`.",
    ),
    (
        Code::TrustsEveryone,
        "RS09",
        "`proxy.trusted` covers every address: any client can claim any address.",
        "List the addresses of the proxies in front, and no others.",
    ),
    (
        Code::UnreadProxyHeader,
        "RS10",
        "A proxy header is configured, but no proxy is trusted, so it is never read.",
        "List the proxies in front in `proxy.trusted`.",
    ),
    (
        Code::RocketBelievesAnyone,
        "RS11",
        "Rocket's own `client_ip()` believes the `ip_header` of anyone.",
        "Use the guard `ClientIp`, and set `ip_header = false`.",
    ),
    (
        Code::PlainOnEveryInterface,
        "RS12",
        "Plain HTTP is served on every interface, past the proxy on this machine.",
        "Set `address = \"127.0.0.1\"`, so that only the proxy reaches the app.",
    ),
    (
        Code::UnlistedProxy,
        "RS13",
        "A proxy forwards requests, but it is not listed in `proxy.trusted`.",
        "List it, or the network is not bound. (Told at the first such request.)",
    ),
    (
        Code::HttpsNeverApplies,
        "RS14",
        "`https.on_insecure` is set, but every request counts as secure.",
        "Run the redirect in the instance that serves plain HTTP.",
    ),
    (
        Code::HttpsAlwaysApplies,
        "RS15",
        "`https.on_insecure` is set, but no request can ever count as secure.",
        "List the proxy that serves TLS in `proxy.trusted`; a redirect to this app would loop.",
    ),
    (
        Code::HttpsHostWithoutHsts,
        "RS16",
        "`https.hosts` lists an address or localhost, for which browsers ignore HSTS.",
        "Use a domain name.",
    ),
    (
        Code::LogsRequests,
        "RS17",
        "Rocket's log level is `debug`, at which it prints requests with their cookies.",
        "Set ROCKET_LOG_LEVEL=normal.",
    ),
    (
        Code::CookiesNotHardened,
        "RS18",
        "Cookies are not hardened.",
        "Set `cookies.harden = true`, and list what must stay as it is in `cookies.except`.",
    ),
    (
        Code::CookiesSameSiteNone,
        "RS19",
        "Cookies without `SameSite` become `None`: other sites' requests carry them.",
        "Set `cookies.same_site = \"Lax\"`.",
    ),
    (
        Code::ExposedSessionCookie,
        "RS20",
        "A cookie that scripts may read, or that is left alone, is named like a session.",
        "Take it out of `cookies.readable` and `cookies.except`.",
    ),
    (
        Code::NoHostPrefix,
        "RS21",
        "The session cookie's name has no `__Host-` prefix: other hosts of the domain can plant it.",
        "Set `cookie_name = \"__Host-session\"`.",
    ),
    (
        Code::SessionSameSiteNone,
        "RS22",
        "The session cookie is `SameSite=None`: other sites' requests carry it.",
        "Set `same_site = \"Lax\"`, unless the app lives in other sites' frames.",
    ),
    (
        Code::FailureStatus,
        "RS23",
        "`failure_status` is not 401: clients may not take a refusal for one.",
        "Set `failure_status = 401`.",
    ),
    (
        Code::ReportMode,
        "RS24",
        "`mode` is \"report\": stolen sessions are told of, and let in.",
        "Set `mode = \"enforce\"` once the reports are quiet.",
    ),
    (
        Code::Unbound,
        "RS25",
        "Sessions are bound neither to a network nor to a User-Agent.",
        "Set `binding.network` or `binding.user_agent` to \"step-up\" or \"reject\".",
    ),
    (
        Code::NoStore,
        "RS26",
        "`store` is \"none\": a copied cookie lives on after its owner signed out.",
        "Set `store = \"memory\"`, or a store that several nodes share.",
    ),
    (
        Code::NoRotation,
        "RS27",
        "`rotate_every` is false: nothing finds a thief behind the same network and browser.",
        "Set `rotate_every = \"15m\"`.",
    ),
    (
        Code::RejectsReplays,
        "RS28",
        "`on_replay` is \"reject\": a thief who was found keeps the session.",
        "Set `on_replay = \"revoke\"`.",
    ),
    (
        Code::HastyRotation,
        "RS29",
        "Rotation is quicker than its bounds allow: fine for a demonstration, not for people.",
        "Set `rotation_grace = \"10s\"` and `rotate_every = \"15m\"`.",
    ),
    (
        Code::SeveralProcesses,
        "RS30",
        "Another process seals sessions too, but the store is the memory of this one.",
        "Set `store` to a Redis that they share. (Told at the first such request.)",
    ),
];

impl Code {
    fn row(self) -> (&'static str, &'static str, &'static str) {
        let row = TABLE.iter().find(|(code, ..)| *code == self);
        row.map_or(("", "", ""), |(_, id, finding, remedy)| {
            (id, finding, remedy)
        })
    }

    /// Returns the check's short, stable name, such as `RS01`.
    pub(crate) fn id(self) -> &'static str {
        self.row().0
    }

    pub(crate) fn finding(self) -> &'static str {
        self.row().1
    }

    pub(crate) fn remedy(self) -> &'static str {
        self.row().2
    }

    /// Tells whether the check fires while the app runs, too late to refuse a launch.
    pub(crate) fn is_found_while_running(self) -> bool {
        matches!(self, Code::UnlistedProxy | Code::SeveralProcesses)
    }

    /// Tells whether a list of the configuration names the check.
    pub(crate) fn is_in(self, ids: &[String]) -> bool {
        ids.iter().any(|id| id == self.id())
    }
}

/// Tells whether `id` names a check.
pub(crate) fn is_id(id: &str) -> bool {
    TABLE.iter().any(|(_, known, ..)| *known == id)
}

/// Returns the first of `ids` that can refuse no launch.
pub(crate) fn found_while_running(ids: &[String]) -> Option<&'static str> {
    let late = TABLE.iter().map(|(code, ..)| *code);
    let mut late = late.filter(|code| code.is_found_while_running());
    late.find(|code| code.is_in(ids)).map(Code::id)
}

/// Returns all ids, for people.
pub(crate) fn ids() -> String {
    let ids: Vec<_> = TABLE.iter().map(|(_, id, ..)| *id).collect();
    ids.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_number_a_finding_and_a_remedy_of_its_own() {
        for (index, (code, id, finding, remedy)) in TABLE.iter().enumerate() {
            assert_eq!(*id, format!("RS{:02}", index + 1));
            assert_eq!(code.row(), (*id, *finding, *remedy));
            assert!(
                finding.ends_with('.') && remedy.ends_with(['.', ')']),
                "{id}"
            );
            assert!(is_id(id));
        }
        assert!(!is_id("RS00") && !is_id("rs01") && !is_id(""));
    }

    #[test]
    fn the_guide_lists_every_check() {
        let guide = include_str!("guide/checks.md");
        for (_, id, finding, remedy) in TABLE {
            let row = format!("| `{id}` | {finding} | {remedy} |");
            assert!(guide.contains(&row), "{row}");
        }
    }
}
