//! The browser that a session is bound to, as its User-Agent tells.
//!
//! The header is copied as easily as the cookie: it stops a thief who did not think of it, and
//! must not stop an owner whose browser was updated. Hence classes, within which the version may
//! rise.

use std::fmt;

use serde::Deserialize;

use super::digest::{keyed_digest, Digest, Domain};

mod class;

pub(crate) use class::Class;

/// How much of the header is read. Browsers send 100 to 250 bytes.
const READ: usize = 512;

/// How closely the User-Agent must match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Match {
    /// The same browser on the same platform, whose version may rise.
    #[default]
    Upgrade,
    /// The same bytes.
    Exact,
}

/// The User-Agent that a session is bound to, as it is sealed into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserAgent {
    /// The client sent none.
    Absent,
    Class(Class),
    Exact(Digest),
}

/// How the User-Agent of a request compares with the one that the session is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserAgentVerdict {
    Same,
    /// The same browser in a newer version. The session binds to it, or the older version could
    /// come back.
    Upgraded,
    /// The same browser asks for the other form of the site, desktop or mobile, and tells the
    /// platform that goes with it.
    PlatformChanged,
    /// The same browser in an older version, which no update brings.
    Downgraded,
    Changed,
}

/// Returns the binding to the User-Agent of a request.
///
/// A request has the first line of the header where it has several. A value that is not UTF-8
/// does not reach Rocket, and is absent.
pub(crate) fn observe(header: Option<&str>, by: Match, session_id: &[u8; 16]) -> UserAgent {
    match (header, by) {
        (None, _) => UserAgent::Absent,
        (Some(header), Match::Upgrade) => UserAgent::Class(Class::of(header)),
        (Some(header), Match::Exact) => UserAgent::Exact(exact(header, session_id)),
    }
}

fn exact(header: &str, session_id: &[u8; 16]) -> Digest {
    let bytes = header.as_bytes();
    // The length stands for what is not read.
    let len = (bytes.len() as u64).to_le_bytes();
    let read = bytes.get(..READ).unwrap_or(bytes);
    keyed_digest(session_id, Domain::UserAgent, &[read, &len])
}

/// Returns what people are told of a User-Agent, such as `Firefox on Windows`.
pub(crate) fn label(header: Option<&str>) -> String {
    match header {
        None => UserAgent::Absent.to_string(),
        Some(header) => Class::of(header).to_string(),
    }
}

impl UserAgent {
    /// Compares the User-Agent of a request with the binding.
    ///
    /// The binding decides how, not the configuration of the day: a changed configuration signs
    /// nobody out, and opens no session to a browser that was never compared.
    pub(crate) fn judge(&self, header: Option<&str>, session_id: &[u8; 16]) -> UserAgentVerdict {
        match (self, header) {
            (Self::Absent, None) => UserAgentVerdict::Same,
            (Self::Class(bound), Some(header)) => bound.judge(&Class::of(header)),
            (Self::Exact(bound), Some(header)) if *bound == exact(header, session_id) => {
                UserAgentVerdict::Same
            }
            _ => UserAgentVerdict::Changed,
        }
    }

    /// Appends the sealed form: 1 byte, 5 to 9 bytes for a class, 9 for a digest.
    pub(crate) fn encode(&self, sealed: &mut Vec<u8>) {
        match self {
            Self::Absent => sealed.push(0),
            Self::Class(class) => {
                sealed.push(1);
                class.encode(sealed);
            }
            Self::Exact(digest) => {
                sealed.push(2);
                sealed.extend(digest);
            }
        }
    }

    /// Reads the sealed form and moves past it.
    pub(crate) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        let (kind, rest) = sealed.split_first()?;
        *sealed = rest;
        match kind {
            0 => Some(Self::Absent),
            1 => Class::decode(sealed).map(Self::Class),
            2 => {
                let (digest, rest) = sealed.split_first_chunk()?;
                *sealed = rest;
                Some(Self::Exact(*digest))
            }
            _ => None,
        }
    }
}

impl fmt::Display for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("No User-Agent"),
            Self::Class(class) => class.fmt(f),
            Self::Exact(_) => f.write_str("One exact User-Agent"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::UserAgentVerdict::*;
    use super::*;

    const ID: [u8; 16] = *b"0123456789abcdef";

    fn bound(header: Option<&str>) -> UserAgent {
        observe(header, Match::Upgrade, &ID)
    }

    fn judge(before: &str, now: &str) -> UserAgentVerdict {
        bound(Some(before)).judge(Some(now), &ID)
    }

    fn desktop(system: &str, browser: &str) -> String {
        format!(
            "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser} Safari/537.36"
        )
    }

    const WINDOWS: &str = "Windows NT 10.0; Win64; x64";
    const LINUX: &str = "X11; Linux x86_64";
    const MACINTOSH: &str = "Macintosh; Intel Mac OS X 10_15_7";
    const ANDROID: &str = "Linux; Android 10; K";
    const IPAD: &str = "iPad; CPU OS 17_4 like Mac OS X";

    #[test]
    fn a_browser_may_be_updated_and_nothing_else() {
        let chrome = desktop(WINDOWS, "Chrome/140.0.0.0");
        for (now, verdict) in [
            (desktop(WINDOWS, "Chrome/140.0.0.0"), Same),
            (desktop(WINDOWS, "Chrome/140.0.7339.80"), Same),
            (desktop(WINDOWS, "HeadlessChrome/140.0.0.0"), Same),
            (desktop("Windows NT 11.0; ARM64", "Chrome/140.0.0.0"), Same),
            (desktop(WINDOWS, "Chrome/141.0.0.0"), Upgraded),
            (desktop(WINDOWS, "Chrome/139.0.0.0"), Downgraded),
            (
                desktop(WINDOWS, "Chrome/140.0.0.0") + " Edg/140.0.0.0",
                Changed,
            ),
            (desktop(LINUX, "Chrome/140.0.0.0"), Changed),
            (desktop(MACINTOSH, "Chrome/141.0.0.0"), Changed),
            (desktop(ANDROID, "Chrome/140.0.0.0 Mobile"), Changed),
            ("curl/8.5.0".into(), Changed),
            (String::new(), Changed),
        ] {
            assert_eq!(judge(&chrome, &now), verdict, "{now}");
        }
    }

    #[test]
    fn the_desktop_form_of_a_site_is_a_change_of_platform() {
        let phone = desktop(ANDROID, "Chrome/140.0.0.0 Mobile");
        let tablet = desktop(ANDROID, "Chrome/140.0.0.0");
        let as_desktop = desktop(LINUX, "Chrome/140.0.0.0");
        for (before, now) in [
            (&phone, &as_desktop),
            (&as_desktop, &phone),
            (&phone, &tablet),
        ] {
            assert_eq!(judge(before, now), PlatformChanged);
        }
        assert_eq!(
            judge(&phone, &desktop(LINUX, "Chrome/141.0.0.0")),
            PlatformChanged
        );
        assert_eq!(
            judge(&phone, &desktop(LINUX, "Chrome/139.0.0.0")),
            Downgraded
        );

        let ipad = desktop(IPAD, "Version/17.4 Mobile/15E148");
        let as_macintosh = desktop(MACINTOSH, "Version/17.4");
        assert_eq!(judge(&ipad, &as_macintosh), PlatformChanged);
        assert_eq!(judge(&as_macintosh, &ipad), PlatformChanged);
        assert_eq!(judge(&ipad, &desktop(LINUX, "Version/17.4")), Changed);
    }

    #[test]
    fn unknown_clients_may_be_updated_too() {
        assert_eq!(judge("curl/8.5.0", "curl/8.11.1"), Same);
        assert_eq!(judge("curl/8.5.0", "curl/9.0.0"), Upgraded);
        assert_eq!(judge("curl/8.5.0", "curl/7.88.1"), Downgraded);
        assert_eq!(judge("curl/8.5.0", "Wget/1.24.5"), Changed);
        assert_eq!(judge("a", "b"), Changed);
    }

    #[test]
    fn case_alone_changes_no_class_but_is_not_exact() {
        assert_eq!(judge("MyApp/1.0", "myapp/1.0"), Same);
        let exact = observe(Some("MyApp/1.0"), Match::Exact, &ID);
        assert_eq!(exact.judge(Some("MyApp/1.0"), &ID), Same);
        assert_eq!(exact.judge(Some("myapp/1.0"), &ID), Changed);
        assert_eq!(exact.judge(Some("MyApp/1.1"), &ID), Changed);
    }

    #[test]
    fn an_absent_user_agent_is_the_same_only_when_it_stays_absent() {
        for by in [Match::Upgrade, Match::Exact] {
            let absent = observe(None, by, &ID);
            assert_eq!(absent.judge(None, &ID), Same);
            assert_eq!(absent.judge(Some("curl/8.5.0"), &ID), Changed);
            assert_eq!(absent.judge(Some(""), &ID), Changed);
            let present = observe(Some("curl/8.5.0"), by, &ID);
            assert_eq!(present.judge(None, &ID), Changed);
        }
    }

    #[test]
    fn a_session_is_judged_by_the_rule_it_was_bound_under() {
        let class = observe(Some("curl/8.5.0"), Match::Upgrade, &ID);
        let exact = observe(Some("curl/8.5.0"), Match::Exact, &ID);
        assert_eq!(class.judge(Some("curl/8.6.0"), &ID), Same);
        assert_eq!(exact.judge(Some("curl/8.6.0"), &ID), Changed);
    }

    #[test]
    fn an_exact_digest_belongs_to_one_session() {
        let exact = observe(Some("curl/8.5.0"), Match::Exact, &ID);
        assert_eq!(
            exact.judge(Some("curl/8.5.0"), b"another-session!"),
            Changed
        );
    }

    #[test]
    fn huge_user_agents_are_compared_by_their_beginning_and_length() {
        let huge = "x".repeat(64 * 1024);
        for by in [Match::Upgrade, Match::Exact] {
            assert_eq!(observe(Some(&huge), by, &ID).judge(Some(&huge), &ID), Same);
        }
        let exact = observe(Some(&huge), Match::Exact, &ID);
        assert_eq!(exact.judge(Some(&huge.replacen('x', "", 1)), &ID), Changed);
        assert_eq!(exact.judge(Some(&huge.replacen('x', "y", 1)), &ID), Changed);
    }

    #[test]
    fn labels_name_browser_and_platform_and_never_the_header() {
        assert_eq!(
            label(Some(&desktop(WINDOWS, "Firefox/127.0"))),
            "Firefox on Windows"
        );
        assert_eq!(label(Some("<script>alert(1)</script>")), "Unknown browser");
        assert_eq!(label(None), "No User-Agent");
        let exact = observe(Some("curl/8.5.0"), Match::Exact, &ID);
        assert_eq!(exact.to_string(), "One exact User-Agent");
    }

    #[test]
    fn the_sealed_form_never_changes() {
        let sealed = |header: Option<&str>, by| {
            let mut sealed = Vec::new();
            observe(header, by, &ID).encode(&mut sealed);
            sealed
        };
        assert_eq!(sealed(None, Match::Upgrade), [0]);
        assert_eq!(
            sealed(Some(&desktop(WINDOWS, "Chrome/140.0.0.0")), Match::Upgrade),
            [1, 6, 0, 140, 0]
        );
        assert_eq!(
            sealed(Some("curl/8.5.0"), Match::Exact),
            [2, 0x35, 0x1c, 0x99, 0x9c, 0x7e, 0xa8, 0xf3, 0x7e]
        );
    }

    #[test]
    fn sealed_forms_of_the_future_are_not_understood() {
        for sealed in [&[3][..], &[1, 9, 0, 140, 0], &[1, 6, 7, 140, 0]] {
            assert_eq!(UserAgent::decode(&mut &*sealed), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_sealed_is_opened_and_nothing_more(
            header in prop::option::of("(Chrome/1 |Android |Mobile |[a-c]{1,3}/[0-9]){0,4}"),
            exact: bool,
            after: Vec<u8>,
        ) {
            let by = if exact { Match::Exact } else { Match::Upgrade };
            let bound = observe(header.as_deref(), by, &ID);
            let mut sealed = Vec::new();
            bound.encode(&mut sealed);
            prop_assert!(sealed.len() <= 9);
            for len in 0..sealed.len() {
                prop_assert_eq!(UserAgent::decode(&mut &sealed[..len]), None);
            }
            sealed.extend(&after);
            let mut unread = &sealed[..];
            prop_assert_eq!(UserAgent::decode(&mut unread), Some(bound));
            prop_assert_eq!(unread, after);
        }

        #[test]
        fn no_sealed_bytes_make_the_decoder_panic(kind in 0_u8..4, mut sealed: Vec<u8>) {
            let _ = UserAgent::decode(&mut sealed.as_slice());
            sealed.insert(0, kind);
            if let Some(bound) = UserAgent::decode(&mut sealed.as_slice()) {
                let mut again = Vec::new();
                bound.encode(&mut again);
                prop_assert!(sealed.starts_with(&again));
            }
        }
    }
}
