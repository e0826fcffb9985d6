//! Hardens one `Set-Cookie` line by editing its text, never by parsing and reprinting it.
//!
//! A line is read as browsers read it (RFC 6265bis 5.6), and only what is missing is appended:
//!
//! 1. `Secure`, on a secure request; always where the name's prefix demands it.
//! 2. `HttpOnly`, unless scripts may read the cookie; always where the prefix demands it.
//! 3. `SameSite`, where there is none or no valid one; a valid one is neither raised nor lowered,
//!    except that `None` without `Secure`, which browsers refuse, becomes `Lax`.
//! 4. `Path=/`, where a `__Host-` name comes without a path.
//!
//! A compliant line stays as it is, byte for byte, and hardening twice is hardening once.

use std::borrow::Cow;
use std::fmt;
use std::iter;

use serde::{Deserialize, Serialize};

/// Browsers refuse a cookie whose name and value together are longer (RFC 6265bis 5.6).
pub(crate) const MAX_PAIR_BYTES: usize = 4096;

/// Browsers ignore an attribute whose value is longer (RFC 6265bis 5.6).
const MAX_ATTRIBUTE_VALUE_BYTES: usize = 1024;

const MOST_ADDED_BYTES: usize = "; Path=/; Secure; HttpOnly; SameSite=Strict".len();

/// The requests from other sites that a cookie accompanies (RFC 6265bis 5.6.7).
///
/// ```
/// use rocket_restricted_session::SameSite;
///
/// assert_eq!(SameSite::default(), SameSite::Lax);
/// assert_eq!(SameSite::Strict.as_str(), "Strict");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
pub enum SameSite {
    /// None at all: whoever follows a link from another site arrives signed out.
    Strict,
    /// Only top-level navigations with a safe method, such as a followed link. _The default._
    #[default]
    Lax,
    /// All of them, embedded and cross-site `POST` requests included. Needs `Secure`.
    None,
}

impl SameSite {
    const ALL: [Self; 3] = [Self::Strict, Self::Lax, Self::None];

    /// Returns the value of the attribute: `Strict`, `Lax` or `None`.
    ///
    /// ```
    /// use rocket_restricted_session::SameSite;
    ///
    /// assert_eq!(SameSite::None.as_str(), "None");
    /// ```
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "Strict",
            Self::Lax => "Lax",
            Self::None => "None",
        }
    }

    fn from_attribute(value: &str) -> Option<Self> {
        let is_meant = |same_site: &Self| value.eq_ignore_ascii_case(same_site.as_str());
        Self::ALL.into_iter().find(is_meant)
    }
}

/// What an application wants of its cookies.
#[derive(Debug, Clone)]
pub(crate) struct CookiePolicy {
    /// Filled in where a cookie has no valid `SameSite`.
    pub(crate) same_site: SameSite,
    /// Names that scripts read: they get no `HttpOnly`.
    pub(crate) readable: Vec<String>,
    /// Names whose lines are left alone.
    pub(crate) except: Vec<NamePattern>,
}

impl CookiePolicy {
    fn leaves_alone(&self, name: &str) -> bool {
        self.except.iter().any(|pattern| pattern.matches(name))
    }

    /// Tells whether a cookie that scripts may read, or that is left alone, is of a kind.
    pub(crate) fn exposes(&self, is_of_kind: fn(&str) -> bool) -> bool {
        let readable = self.readable.iter().map(String::as_str);
        let left_alone = self.except.iter().map(NamePattern::as_str);
        readable.chain(left_alone).any(is_of_kind)
    }

    fn lets_scripts_read(&self, name: &str) -> bool {
        self.readable.iter().any(|readable| readable == name)
    }
}

/// A cookie name, or with a trailing `*` all names that begin with what precedes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamePattern {
    Exact(String),
    Prefix(String),
}

impl NamePattern {
    fn as_str(&self) -> &str {
        match self {
            Self::Exact(name) | Self::Prefix(name) => name,
        }
    }

    pub(crate) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Prefix(prefix) => name.starts_with(prefix.as_str()),
        }
    }
}

impl From<&str> for NamePattern {
    fn from(pattern: &str) -> Self {
        match pattern.strip_suffix('*') {
            Some(prefix) => Self::Prefix(prefix.to_owned()),
            None => Self::Exact(pattern.to_owned()),
        }
    }
}

/// A line that is ready to be sent.
// No `Debug`: the line holds the cookie's value.
pub(crate) struct Hardened<'a> {
    pub(crate) line: Cow<'a, str>,
    pub(crate) flaw: Option<Flaw>,
}

/// What hardening cannot mend, or has to change in a way that the developer should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Name and value together exceed [`MAX_PAIR_BYTES`].
    TooLong,
    /// A `__Host-` name comes with a `Domain`.
    HostPrefixWithDomain,
    /// A `__Host-` name comes with a `Path` other than `/`.
    HostPrefixWithPath,
    /// `Partitioned` comes without `Secure` on an insecure request.
    PartitionedWithoutSecure,
    /// `SameSite=None` came without `Secure` on an insecure request and is `Lax` now.
    SameSiteLowered,
    /// The value of an attribute exceeds [`MAX_ATTRIBUTE_VALUE_BYTES`].
    AttributeTooLong,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(
                f,
                "browsers refuse this cookie, because its name and value exceed \
                 {MAX_PAIR_BYTES} bytes",
            ),
            Self::HostPrefixWithDomain => f.write_str(
                "browsers refuse this cookie, because its `__Host-` name forbids `Domain`",
            ),
            Self::HostPrefixWithPath => f.write_str(
                "browsers refuse this cookie, because its `__Host-` name needs `Path=/`",
            ),
            Self::PartitionedWithoutSecure => f.write_str(
                "browsers refuse this cookie, because `Partitioned` needs `Secure` \
                 and the request was not secure",
            ),
            Self::SameSiteLowered => f.write_str(
                "lowered `SameSite=None` to `Lax`, because `None` needs `Secure` \
                 and the request was not secure",
            ),
            Self::AttributeTooLong => write!(
                f,
                "browsers ignore an attribute of this cookie, because its value exceeds \
                 {MAX_ATTRIBUTE_VALUE_BYTES} bytes",
            ),
        }
    }
}

/// Tells whether browsers refuse a cookie of this name without `Secure`.
pub(crate) fn demands_secure(name: &str) -> bool {
    let is_prefixed = name.starts_with("__");
    is_prefixed
        && (is_bound_to_host(name) || is_closed_to_scripts(name) || starts_with(name, "__Secure-"))
}

fn is_bound_to_host(name: &str) -> bool {
    starts_with(name, "__Host-")
}

fn is_closed_to_scripts(name: &str) -> bool {
    starts_with(name, "__Http-") || starts_with(name, "__Host-Http-")
}

/// Returns the name that browsers store the cookie of `line` under, which may be empty.
pub(crate) fn cookie_name(line: &str) -> &str {
    let pair = line.split(';').next().unwrap_or_default();
    name_and_value(pair).0
}

/// Hardens one `Set-Cookie` line of the response to a request that was secure or not.
pub(crate) fn harden<'a>(
    line: &'a str,
    policy: &CookiePolicy,
    secure_request: bool,
) -> Hardened<'a> {
    let cookie = Cookie::read(line);
    if policy.leaves_alone(cookie.name) {
        return Hardened {
            line: Cow::Borrowed(line),
            flaw: None,
        };
    }

    let target = Target::of(&cookie, policy, secure_request);
    Hardened {
        line: edit(line, &cookie, &target),
        flaw: find_flaw(&cookie, &target),
    }
}

/// What browsers read in a line: of an attribute that is repeated, the last one counts.
#[derive(Default)]
struct Cookie<'a> {
    name: &'a str,
    pair_bytes: usize,
    secure: bool,
    http_only: bool,
    partitioned: bool,
    path: Option<&'a str>,
    domain: Option<&'a str>,
    same_site: Option<SameSite>,
    same_site_count: usize,
    has_ignored_attribute: bool,
}

impl<'a> Cookie<'a> {
    fn read(line: &'a str) -> Self {
        // Quotes do not protect a `;`, and the first segment is never an attribute.
        let mut segments = segments(line);
        let (name, value) = name_and_value(segments.next().unwrap_or_default());
        let mut cookie = Self {
            name,
            pair_bytes: name.len() + value.len(),
            ..Self::default()
        };
        for segment in segments {
            cookie.read_attribute(segment);
        }
        cookie
    }

    fn read_attribute(&mut self, segment: &'a str) {
        let (name, value) = attribute(segment);
        if value.len() > MAX_ATTRIBUTE_VALUE_BYTES {
            self.has_ignored_attribute = true;
        } else if name.eq_ignore_ascii_case("Secure") {
            self.secure = true;
        } else if name.eq_ignore_ascii_case("HttpOnly") {
            self.http_only = true;
        } else if name.eq_ignore_ascii_case("Partitioned") {
            self.partitioned = true;
        } else if name.eq_ignore_ascii_case("Path") {
            self.path = Some(value);
        } else if name.eq_ignore_ascii_case("Domain") {
            self.domain = Some(value);
        } else if name.eq_ignore_ascii_case("SameSite") {
            self.same_site = SameSite::from_attribute(value);
            self.same_site_count += 1;
        }
    }

    fn has_foreign_domain(&self) -> bool {
        self.domain.is_some_and(|domain| !domain.is_empty())
    }

    fn has_foreign_path(&self) -> bool {
        self.path.is_some_and(|path| path != "/")
    }

    fn has_only(&self, same_site: SameSite) -> bool {
        self.same_site_count == 1 && self.same_site == Some(same_site)
    }
}

/// The attributes that a cookie leaves the application with.
struct Target {
    path: bool,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
}

impl Target {
    fn of(cookie: &Cookie<'_>, policy: &CookiePolicy, secure_request: bool) -> Self {
        // Browsers refuse a prefixed cookie without `Secure`, even its removal (RFC 6265bis 5.7):
        // on an insecure request there is nothing to lose by adding it.
        let secure = cookie.secure || secure_request || demands_secure(cookie.name);
        Self {
            path: cookie.path.is_some() || is_bound_to_host(cookie.name),
            secure,
            http_only: cookie.http_only
                || is_closed_to_scripts(cookie.name)
                || !policy.lets_scripts_read(cookie.name),
            same_site: match cookie.same_site.unwrap_or(policy.same_site) {
                SameSite::None if !secure => SameSite::Lax,
                same_site => same_site,
            },
        }
    }

    fn lowers(&self, cookie: &Cookie<'_>) -> bool {
        cookie.same_site == Some(SameSite::None) && self.same_site != SameSite::None
    }
}

fn edit<'a>(line: &'a str, cookie: &Cookie<'_>, target: &Target) -> Cow<'a, str> {
    let replaces_same_site = !cookie.has_only(target.same_site);
    let additions = [
        (target.path && cookie.path.is_none(), "; Path=/"),
        (target.secure && !cookie.secure, "; Secure"),
        (target.http_only && !cookie.http_only, "; HttpOnly"),
        (replaces_same_site, "; SameSite="),
        (replaces_same_site, target.same_site.as_str()),
    ];
    if additions.iter().all(|(missing, _)| !missing) {
        return Cow::Borrowed(line);
    }

    let mut edited = String::with_capacity(line.len() + MOST_ADDED_BYTES);
    if replaces_same_site && cookie.same_site_count > 0 {
        push_without_same_site(&mut edited, line);
    } else {
        edited.push_str(line);
    }
    for (_, addition) in additions.iter().filter(|(missing, _)| *missing) {
        edited.push_str(addition);
    }
    Cow::Owned(edited)
}

fn push_without_same_site(edited: &mut String, line: &str) {
    let mut segments = segments(line);
    edited.push_str(segments.next().unwrap_or_default());
    for segment in segments.filter(|segment| !is_same_site(segment)) {
        edited.push(';');
        edited.push_str(segment);
    }
}

fn is_same_site(segment: &str) -> bool {
    let (name, value) = attribute(segment);
    name.eq_ignore_ascii_case("SameSite") && value.len() <= MAX_ATTRIBUTE_VALUE_BYTES
}

/// Returns the first flaw that applies, the gravest first.
fn find_flaw(cookie: &Cookie<'_>, target: &Target) -> Option<Flaw> {
    let host = is_bound_to_host(cookie.name);
    let flaws = [
        (cookie.pair_bytes > MAX_PAIR_BYTES, Flaw::TooLong),
        (
            host && cookie.has_foreign_domain(),
            Flaw::HostPrefixWithDomain,
        ),
        (host && cookie.has_foreign_path(), Flaw::HostPrefixWithPath),
        (
            cookie.partitioned && !target.secure,
            Flaw::PartitionedWithoutSecure,
        ),
        (target.lowers(cookie), Flaw::SameSiteLowered),
        (cookie.has_ignored_attribute, Flaw::AttributeTooLong),
    ];
    flaws
        .into_iter()
        .find_map(|(applies, flaw)| applies.then_some(flaw))
}

/// Splits the first segment of a line; without a `=` it is the value of a nameless cookie.
fn name_and_value(pair: &str) -> (&str, &str) {
    let (name, value) = split_once(pair, b'=').unwrap_or(("", pair));
    (trim(name), trim(value))
}

/// Splits any other segment of a line; without a `=` it is an attribute that has no value.
fn attribute(segment: &str) -> (&str, &str) {
    let (name, value) = split_once(segment, b'=').unwrap_or((segment, ""));
    (trim(name), trim(value))
}

/// Trims space and tab: `str::trim` also takes U+00A0, which browsers keep.
fn trim(mut text: &str) -> &str {
    while let Some(rest) = text.strip_prefix([' ', '\t']) {
        text = rest;
    }
    while let Some(rest) = text.strip_suffix([' ', '\t']) {
        text = rest;
    }
    text
}

/// Splits a line at each `;`.
fn segments(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    iter::from_fn(move || {
        let segment = rest?;
        let split = split_once(segment, b';');
        rest = split.map(|(_, rest)| rest);
        Some(split.map_or(segment, |(segment, _)| segment))
    })
}

/// As `str::split_once`, for an ASCII byte; in lines this short it takes half the time.
fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Compares as browsers do, which protect `__host-` like `__Host-` (RFC 6265bis 5.7).
fn starts_with(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    const ALL: &str = "; Secure; HttpOnly; SameSite=Lax";

    fn policy() -> CookiePolicy {
        CookiePolicy {
            same_site: SameSite::Lax,
            readable: ["csrf", "__Http-csrf", "__Host-Http-csrf"]
                .map(Into::into)
                .into(),
            except: vec!["legacy".into(), "_ga*".into()],
        }
    }

    fn filling_in(same_site: SameSite) -> CookiePolicy {
        CookiePolicy {
            same_site,
            ..policy()
        }
    }

    fn over_tls(line: &str) -> String {
        harden(line, &policy(), true).line.into_owned()
    }

    fn over_http(line: &str) -> String {
        harden(line, &policy(), false).line.into_owned()
    }

    fn flaw_over_tls(line: &str) -> Option<Flaw> {
        harden(line, &policy(), true).flaw
    }

    fn flaw_over_http(line: &str) -> Option<Flaw> {
        harden(line, &policy(), false).flaw
    }

    fn assert_only_adds(line: &str, addition: &str) {
        assert_eq!(over_tls(line), format!("{line}{addition}"));
    }

    fn assert_untouched(line: &str, policy: &CookiePolicy, secure_request: bool) {
        let hardened = harden(line, policy, secure_request);
        let same = matches!(hardened.line, Cow::Borrowed(same) if same == line);
        assert!(same, "{line:?}");
        assert_eq!(hardened.flaw, None, "{line:?}");
    }

    #[test]
    fn jar_cookie_gets_secure_and_http_only_and_keeps_its_strict() {
        let line = "theme=dark; SameSite=Strict; Path=/";
        assert_only_adds(line, "; Secure; HttpOnly");
    }

    #[test]
    fn private_cookie_of_a_tls_instance_stays_byte_for_byte() {
        let line = "s=6yIs%2Fw%3D%3D; HttpOnly; SameSite=Strict; Secure; Path=/; \
                    Expires=Wed, 21 Oct 2026 07:28:00 GMT";
        assert_untouched(line, &policy(), true);
    }

    #[test]
    fn cookie_that_declines_secure_gets_it_over_tls() {
        for same_site in ["Strict", "Lax", "None"] {
            let line = format!("a=1; HttpOnly; SameSite={same_site}; Path=/");
            assert_only_adds(&line, "; Secure");
            assert_eq!(flaw_over_tls(&line), None);
        }
    }

    #[test]
    fn same_site_none_is_lowered_to_lax_over_http_and_reported() {
        let line = "a=1; SameSite=None; HttpOnly";
        assert_eq!(over_http(line), "a=1; HttpOnly; SameSite=Lax");
        assert_eq!(flaw_over_http(line), Some(Flaw::SameSiteLowered));
    }

    #[test]
    fn same_site_none_stays_over_http_where_secure_comes_along() {
        let line = "a=1; SameSite=None; HttpOnly; Secure";
        assert_untouched(line, &policy(), false);

        let line = "__Secure-a=1; SameSite=None; HttpOnly";
        assert_eq!(over_http(line), format!("{line}; Secure"));
        assert_eq!(flaw_over_http(line), None);
    }

    #[test]
    fn bare_pair_gets_everything() {
        assert_eq!(over_tls("a=1"), "a=1; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn attribute_is_recognized_however_it_is_written() {
        for secure in [
            "; secure",
            ";SECURE",
            ";  Secure",
            ";Secure=",
            ";Secure=false",
            ";\tSecure",
            "; Secure ; x",
            "; Secure; Secure",
        ] {
            let line = format!("a=1{secure}");
            assert_only_adds(&line, "; HttpOnly; SameSite=Lax");
        }
        let line = "a=1; SECURE; httponly=0;\tsamesite \t=\tlAX";
        assert_untouched(line, &policy(), true);
    }

    #[test]
    fn words_in_names_and_values_are_no_attributes() {
        for line in [
            "secure=1",
            "httponly=1",
            "samesite=lax",
            "Secure",
            "HttpOnly",
            "a=x,secure,httponly",
            "securely=1; Path=/secure; Domain=secure.example",
            "a=1; Comment=Secure; Note=HttpOnly",
            "a=1; SecureToo; NotHttpOnly; XSameSite=Lax",
        ] {
            assert_only_adds(line, ALL);
        }
    }

    #[test]
    fn quotes_do_not_hide_a_semicolon() {
        let line = "a=\"x; Secure; HttpOnly\"; Path=/";
        assert_only_adds(line, "; HttpOnly; SameSite=Lax");

        let line = "a=\"x; SameSite=Bogus; y\"";
        assert_eq!(over_tls(line), format!("a=\"x; y\"{ALL}"));
    }

    #[test]
    fn everything_else_stays_byte_for_byte() {
        for line in [
            "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "a=1; Priority=High; Max-Age=99999999999999",
            "a=1; Max-Age=-1;  Expires=\"Wed, 21-Oct-26 07:28:00 GMT\"",
            "v=a%2Bb+c",
            "v=\"q v\"",
            "v=h\u{e9}llo \u{1f36a}; Path=/\u{e9}",
            " \tspaced = out \t;Path = /x ;;; Domain=.Example.com;",
            "a=b=c; Path==/",
        ] {
            assert_only_adds(line, ALL);
        }
    }

    #[test]
    fn nameless_and_empty_cookies_are_hardened_without_panic() {
        for line in ["=novalue", "nopair", "", ";", ";;;", "=", " ", "\u{1f36a}"] {
            assert_only_adds(line, ALL);
        }
        assert_only_adds("nopair; Secure", "; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn no_break_space_is_part_of_an_attribute_name() {
        let line = "a=1;\u{a0}Secure; HttpOnly; SameSite=Lax";
        assert_only_adds(line, "; Secure");

        let line = "a=1; Secure; HttpOnly\u{2003}; SameSite=Lax";
        assert_only_adds(line, "; HttpOnly");
    }

    #[test]
    fn invalid_same_site_is_replaced() {
        for same_site in [
            "SameSite",
            "SameSite=",
            "SameSite=Bogus",
            "SameSite=Lax ,Strict",
            "SameSite=\"Lax\"",
            "SameSite=Lax=",
            "SameSite=Lax\u{a0}",
        ] {
            let line = format!("a=1; {same_site}; Path=/");
            assert_eq!(over_tls(&line), format!("a=1; Path=/{ALL}"), "{line:?}");
        }
    }

    #[test]
    fn valid_same_site_is_neither_raised_nor_lowered() {
        for same_site in ["Strict", "Lax", "None"] {
            for filled_in in SameSite::ALL {
                let line = format!("a=1; Secure; HttpOnly; SameSite={same_site}");
                assert_untouched(&line, &filling_in(filled_in), true);
            }
        }
    }

    #[test]
    fn of_several_same_sites_the_last_one_stays_as_in_browsers() {
        for (same_sites, expected) in [
            ("SameSite=Strict; SameSite=None", "None"),
            ("SameSite=Bogus; SameSite=strict", "Strict"),
            ("SameSite=Strict; SameSite=Bogus", "Lax"),
            ("SameSite=Strict; SameSite=Strict; samesite=Lax", "Lax"),
        ] {
            let line = format!("a=1; {same_sites}; Secure; HttpOnly");
            let expected = format!("a=1; Secure; HttpOnly; SameSite={expected}");
            assert_eq!(over_tls(&line), expected);
        }
    }

    #[test]
    fn filled_in_same_site_is_the_one_of_the_policy() {
        for same_site in SameSite::ALL {
            let hardened = harden("a=1", &filling_in(same_site), true).line;
            let expected = format!("a=1; Secure; HttpOnly; SameSite={}", same_site.as_str());
            assert_eq!(hardened, expected);
        }
    }

    #[test]
    fn filled_in_same_site_none_is_lax_without_secure() {
        for line in ["a=1", "a=1; SameSite=Bogus"] {
            let hardened = harden(line, &filling_in(SameSite::None), false);
            assert_eq!(hardened.line, "a=1; HttpOnly; SameSite=Lax");
            assert_eq!(hardened.flaw, None);
        }
    }

    #[test]
    fn excepted_names_are_left_alone() {
        for line in ["legacy=1; SameSite=Bogus", "_ga=1", "_gat=1; SameSite=None"] {
            assert_untouched(line, &policy(), true);
            assert_untouched(line, &policy(), false);
        }
        let policy = CookiePolicy {
            except: vec!["__Host-*".into()],
            ..policy()
        };
        assert_untouched("__Host-a=1; Domain=example.com", &policy, true);
    }

    #[test]
    fn names_are_compared_in_full_and_with_their_case() {
        for line in ["Legacy=1", "legacy2=1", "a=legacy", "legacy", "_g=1"] {
            assert_only_adds(line, ALL);
        }
        for line in ["CSRF=1", "csrf2=1", "a=csrf", "csrf"] {
            assert_only_adds(line, ALL);
        }
    }

    #[test]
    fn pattern_is_a_name_or_a_beginning() {
        for (pattern, name, matches) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a*", "a", true),
            ("a*", "ab", true),
            ("a*", "ba", false),
            ("*", "", true),
            ("", "a", false),
            ("a*b", "axb", false),
            ("a*b", "a*b", true),
        ] {
            let matched = NamePattern::from(pattern).matches(name);
            assert_eq!(matched, matches, "{pattern:?} {name:?}");
        }
    }

    #[test]
    fn readable_cookie_gets_everything_but_http_only() {
        assert_only_adds("csrf=1", "; Secure; SameSite=Lax");
        assert_only_adds(" csrf =1", "; Secure; SameSite=Lax");
        assert_untouched("csrf=1; SameSite=Lax", &policy(), false);
    }

    #[test]
    fn readable_cookie_keeps_the_http_only_that_it_has() {
        let line = "csrf=1; HttpOnly; Secure; SameSite=Lax";
        assert_untouched(line, &policy(), true);
    }

    #[test]
    fn readable_cookie_with_an_http_prefix_gets_http_only() {
        assert_only_adds("__Http-csrf=1", ALL);
        assert_only_adds("__Host-Http-csrf=1; Path=/", ALL);
    }

    #[test]
    fn name_of_a_line_is_what_browsers_store_it_under() {
        for (line, name) in [
            ("a=1; Path=/", "a"),
            (" \ta\t = 1", "a"),
            ("a=b=c", "a"),
            ("secret", ""),
            ("=secret", ""),
            ("", ""),
            (";a=1", ""),
            ("\u{a0}a=1", "\u{a0}a"),
        ] {
            assert_eq!(cookie_name(line), name, "{line:?}");
        }
    }

    #[test]
    fn each_of_several_lines_is_hardened_on_its_own() {
        let compliant = "b=2; Secure; HttpOnly; SameSite=Strict";
        let hardened = ["a=1", compliant, "a=3; Path=/x"].map(over_tls);
        assert_eq!(
            hardened,
            [
                "a=1; Secure; HttpOnly; SameSite=Lax",
                compliant,
                "a=3; Path=/x; Secure; HttpOnly; SameSite=Lax",
            ]
        );
    }

    #[test]
    fn removal_keeps_what_it_says_and_gets_what_browsers_ask() {
        let removal = "__Host-s=; SameSite=Lax; Path=/; Max-Age=0; \
                       Expires=Sun, 24 Nov 2024 12:35:00 GMT";
        for harden in [over_tls, over_http] {
            assert_eq!(harden(removal), format!("{removal}; Secure; HttpOnly"));
        }
        assert_eq!(flaw_over_http(removal), None);
    }

    #[test]
    fn prefixed_names_get_what_browsers_ask_even_over_http() {
        for name in ["__Secure-a", "__secure-a", "__Http-csrf", "__HTTP-a"] {
            let line = format!("{name}=1");
            assert_eq!(over_http(&line), format!("{line}{ALL}"));
        }
        for name in ["__Host-a", "__hOsT-a", "__Host-Http-a", "__host-HTTP-a"] {
            let line = format!("{name}=1");
            assert_eq!(over_http(&line), format!("{line}; Path=/{ALL}"));
        }
    }

    #[test]
    fn name_that_resembles_a_prefix_is_an_ordinary_one() {
        for name in [
            "__Host",
            "_Host-a",
            "__Hosta",
            "%5F_Host-a",
            "__Hos\u{17f}-a",
        ] {
            let line = format!("{name}=1");
            assert_eq!(over_http(&line), format!("{line}; HttpOnly; SameSite=Lax"));
        }
    }

    #[test]
    fn host_prefix_with_a_domain_is_reported_and_left_as_it_is() {
        for domain in ["example.com", ".", "; Domain=x"] {
            let line = format!("__host-a=1; domain={domain}; Path=/{ALL}");
            assert_eq!(over_tls(&line), line);
            assert_eq!(flaw_over_tls(&line), Some(Flaw::HostPrefixWithDomain));
        }
        assert_eq!(flaw_over_tls("__Secure-a=1; Domain=example.com"), None);
    }

    #[test]
    fn host_prefix_with_an_empty_domain_is_fine() {
        for domain in ["Domain", "Domain=", "Domain=x; Domain= "] {
            let line = format!("__Host-a=1; {domain}; Path=/{ALL}");
            assert_untouched(&line, &policy(), true);
        }
    }

    #[test]
    fn host_prefix_with_another_path_is_reported_and_left_as_it_is() {
        for path in ["/x", "//", "", "x", "/; Path=/x"] {
            let line = format!("__Host-a=1; Path={path}{ALL}");
            assert_eq!(over_tls(&line), line);
            assert_eq!(flaw_over_tls(&line), Some(Flaw::HostPrefixWithPath));
        }
        assert_eq!(flaw_over_tls("__Host-a=1; Path=/x; Path=/"), None);
        assert_eq!(flaw_over_tls("__Secure-a=1; Path=/x"), None);
    }

    #[test]
    fn partitioned_cookie_gets_secure_over_tls() {
        let line = "a=1; Partitioned; SameSite=None; HttpOnly";
        assert_only_adds(line, "; Secure");
        assert_eq!(flaw_over_tls(line), None);
    }

    #[test]
    fn partitioned_cookie_without_secure_is_reported_over_http() {
        let line = "a=1; partitioned; SameSite=Lax; HttpOnly";
        assert_eq!(over_http(line), line);
        assert_eq!(flaw_over_http(line), Some(Flaw::PartitionedWithoutSecure));
        assert_eq!(flaw_over_http("a=1; Partitioned; Secure"), None);
    }

    #[test]
    fn pair_of_4096_bytes_is_fine_and_one_more_is_reported() {
        let value = "x".repeat(4095);
        assert_eq!(flaw_over_tls(&format!(" a = {value}\t; Path=/")), None);
        assert_eq!(flaw_over_tls(&format!("ab={value}")), Some(Flaw::TooLong));
        assert_eq!(flaw_over_tls(&"\u{e9}".repeat(2048)), None);
        assert_eq!(flaw_over_tls(&"\u{e9}".repeat(2049)), Some(Flaw::TooLong));
    }

    #[test]
    fn attribute_value_of_1024_bytes_is_read_and_a_longer_one_is_reported() {
        let read = format!("a=1; Secure={}; HttpOnly; SameSite=Lax", "x".repeat(1024));
        assert_untouched(&read, &policy(), true);

        let ignored = format!("a=1; Secure={}; HttpOnly; SameSite=Lax", "x".repeat(1025));
        assert_only_adds(&ignored, "; Secure");
        assert_eq!(flaw_over_tls(&ignored), Some(Flaw::AttributeTooLong));
    }

    #[test]
    fn attributes_that_browsers_ignore_stay_and_count_for_nothing() {
        let long = "x".repeat(1025);
        let line = format!("__Host-a=1; SameSite={long}; Path=/{long}; Domain={long}");
        assert_only_adds(&line, "; Path=/; Secure; HttpOnly; SameSite=Lax");
        assert_eq!(flaw_over_tls(&line), Some(Flaw::AttributeTooLong));

        let line = format!("a=1; SameSite={long}");
        assert_eq!(
            over_tls(&format!("{line}; SameSite=Bogus")),
            format!("{line}{ALL}")
        );
    }

    #[test]
    fn secure_is_not_added_over_http_but_http_only_is() {
        let line = "a=1; Path=/";
        assert_eq!(over_http(line), format!("{line}; HttpOnly; SameSite=Lax"));
    }

    #[test]
    fn secure_that_the_application_wrote_stays_over_http() {
        assert_untouched("a=1; Secure; HttpOnly; SameSite=Lax", &policy(), false);
    }

    #[test]
    fn gravest_of_several_flaws_is_reported() {
        let line = format!("__Host-a={}; Domain=x; Path=/x", "x".repeat(4096));
        assert_eq!(flaw_over_tls(&line), Some(Flaw::TooLong));

        let flaw = flaw_over_http("a=1; Partitioned; SameSite=None");
        assert_eq!(flaw, Some(Flaw::PartitionedWithoutSecure));
    }

    #[test]
    fn flaws_are_lower_case_sentences_without_full_stop() {
        for flaw in [
            Flaw::TooLong,
            Flaw::HostPrefixWithDomain,
            Flaw::HostPrefixWithPath,
            Flaw::PartitionedWithoutSecure,
            Flaw::SameSiteLowered,
            Flaw::AttributeTooLong,
        ] {
            let sentence = flaw.to_string();
            assert!(sentence.starts_with(char::is_lowercase), "{sentence}");
            assert!(!sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains(['\n', '\t']), "{sentence}");
        }
    }

    /// Reads a line as RFC 6265bis 5.6 says it, byte by byte and without any help from above.
    mod browser {
        pub(super) struct Cookie<'a> {
            pub(super) name: &'a [u8],
            pub(super) value: &'a [u8],
            attributes: Vec<(Vec<u8>, &'a [u8])>,
        }

        pub(super) fn read(line: &str) -> Cookie<'_> {
            let (pair, mut unparsed) = cut(line.as_bytes(), b';');
            let (name, value) = match cut(pair, b'=') {
                (value, None) => (&b""[..], value),
                (name, Some(value)) => (name, value),
            };
            let mut attributes = Vec::new();
            while let Some(rest) = unparsed {
                let (attribute, next) = cut(rest, b';');
                let (name, value) = cut(attribute, b'=');
                let value = strip(value.unwrap_or_default());
                if value.len() <= 1024 {
                    attributes.push((strip(name).to_ascii_lowercase(), value));
                }
                unparsed = next;
            }
            Cookie {
                name: strip(name),
                value: strip(value),
                attributes,
            }
        }

        impl Cookie<'_> {
            pub(super) fn all(&self, name: &str) -> Vec<&[u8]> {
                let named = self.attributes.iter().filter(|a| a.0 == name.as_bytes());
                named.map(|a| a.1).collect()
            }

            pub(super) fn last(&self, name: &str) -> Option<&[u8]> {
                self.all(name).pop()
            }

            pub(super) fn has(&self, name: &str) -> bool {
                !self.all(name).is_empty()
            }

            pub(super) fn same_site(&self) -> Option<&'static str> {
                match self.last("samesite")?.to_ascii_lowercase().as_slice() {
                    b"strict" => Some("Strict"),
                    b"lax" => Some("Lax"),
                    b"none" => Some("None"),
                    _ => None,
                }
            }

            pub(super) fn has_prefix(&self, prefix: &str) -> bool {
                let name = self.name.to_ascii_lowercase();
                name.starts_with(prefix.to_ascii_lowercase().as_bytes())
            }
        }

        fn cut(bytes: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
            match bytes.iter().position(|&byte| byte == at) {
                Some(found) => (&bytes[..found], Some(&bytes[found + 1..])),
                None => (bytes, None),
            }
        }

        fn strip(mut bytes: &[u8]) -> &[u8] {
            while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
                bytes = rest;
            }
            bytes
        }
    }

    fn one_of(words: &'static str) -> impl Strategy<Value = String> {
        let words: Vec<_> = words.split('|').collect();
        prop::sample::select(words).prop_map(str::to_owned)
    }

    fn any_name() -> impl Strategy<Value = String> {
        prop_oneof![
            one_of("a||csrf|legacy|_gat|secure|samesite|caf\u{e9}"),
            one_of("__Host-a|__host-a|__Secure-a|__SECURE-a|__Http-a|__http-csrf|__Http-csrf"),
            one_of("__Host-Http-a|__hOsT-hTTp-|__Host-Http-csrf|__Hosta|__Host|_%5FHost-a"),
            "[^;]{0,6}",
        ]
    }

    fn any_attribute() -> impl Strategy<Value = String> {
        let blank = "[ \t]{0,2}|[\u{a0}\u{2003}]";
        let name = prop_oneof![
            4 => one_of("Secure|secure|HttpOnly|HTTPONLY|SameSite|samesite|sAMEsITE"),
            4 => one_of("Path|path|Domain|DOMAIN|Expires|Max-Age|Partitioned|Priority"),
            1 => "[^;]{0,6}",
        ];
        let value = prop_oneof![
            4 => one_of("|=|==|=0|=/|=/x|=//|=example.com|=Thu, 01 Jan 1970 00:00:00 GMT"),
            4 => one_of("=Lax|=lax|=Strict|=STRICT|=None|=none|=Bogus|= Lax"),
            1 => "=[^;]{0,6}",
            1 => (1020_usize..1030).prop_map(|length| format!("={}", "x".repeat(length))),
        ];
        (blank, name, blank, value, blank).prop_map(|(a, name, b, value, c)| {
            let padded = [a, name, b, value, c];
            padded.concat()
        })
    }

    fn any_line() -> impl Strategy<Value = String> {
        let value = prop_oneof!["", "=[^;]{0,8}"];
        let attributes = prop::collection::vec(any_attribute(), 0..8);
        let built = (any_name(), value, attributes).prop_map(|(name, value, mut segments)| {
            segments.insert(0, name + &value);
            segments.join(";")
        });
        prop_oneof![9 => built, 1 => any::<String>()]
    }

    fn any_policy() -> impl Strategy<Value = CookiePolicy> {
        prop::sample::select(SameSite::ALL.to_vec()).prop_map(filling_in)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2048))]

        #[test]
        fn hardening_twice_is_hardening_once(
            line in any_line(),
            policy in any_policy(),
            secure_request: bool,
        ) {
            let once = harden(&line, &policy, secure_request).line;
            let twice = harden(&once, &policy, secure_request).line;
            prop_assert!(matches!(twice, Cow::Borrowed(_)));
            prop_assert_eq!(&twice, &once);
        }

        #[test]
        fn no_text_makes_it_panic(line: String, policy in any_policy(), secure_request: bool) {
            let hardened = harden(&line, &policy, secure_request).line;
            prop_assert!(hardened.len() <= line.len() + MOST_ADDED_BYTES);
            prop_assert_eq!(cookie_name(&hardened), cookie_name(&line));
        }

        #[test]
        fn compliant_line_stays_byte_for_byte(
            pair in "[a-z]{1,5}=[ -:<-~\u{e9}]{0,20}",
            required in Just(["secure", "HTTPONLY", "samesite=strict", "Path=/"]).prop_shuffle(),
            unknown in "x-[a-zA-Z-]{0,9}(=[ -:<-~]{0,20})?",
            separator in one_of(";|; |;\t| ; "),
            secure_request: bool,
        ) {
            let line = [&[pair.as_str()][..], &required, &[unknown.as_str()]].concat();
            assert_untouched(&line.join(&separator), &policy(), secure_request);
        }

        #[test]
        fn browser_stores_the_same_cookie_with_the_wanted_attributes(
            line in any_line(),
            policy in any_policy(),
            secure_request: bool,
        ) {
            let hardened = harden(&line, &policy, secure_request).line;
            let (before, after) = (browser::read(&line), browser::read(&hardened));

            prop_assert_eq!(after.name, before.name);
            prop_assert_eq!(after.value, before.value);
            for kept in ["domain", "expires", "max-age", "partitioned", "priority"] {
                prop_assert_eq!(after.all(kept), before.all(kept));
            }
            if before.name == b"legacy" || before.name.starts_with(b"_ga") {
                prop_assert_eq!(&hardened, &line);
                return Ok(());
            }

            let bare_host = before.has_prefix("__Host-") && !before.has("path");
            let path = if bare_host { Some(&b"/"[..]) } else { before.last("path") };
            prop_assert_eq!(after.last("path"), path);

            let prefixes = ["__Host-", "__Secure-", "__Http-"];
            let prefixed = prefixes.iter().any(|prefix| before.has_prefix(prefix));
            let secure = before.has("secure") || secure_request || prefixed;
            prop_assert_eq!(after.has("secure"), secure);

            let closed = before.has_prefix("__Http-") || before.has_prefix("__Host-Http-");
            let http_only = before.has("httponly") || closed || before.name != b"csrf";
            prop_assert_eq!(after.has("httponly"), http_only);

            let wanted = before.same_site().unwrap_or(policy.same_site.as_str());
            let sent = if wanted == "None" && !secure { "Lax" } else { wanted };
            prop_assert_eq!(after.same_site(), Some(sent));
            prop_assert_eq!(after.all("samesite").len(), 1);
        }
    }

    #[test]
    fn prefixes_are_recognised_as_browsers_do() {
        for name in ["__Host-a", "__host-a", "__SECURE-a", "__Http-a"] {
            assert!(demands_secure(name), "{name}");
        }
        for name in ["session", "_Host-a", "__Hos", "ü__Host-"] {
            assert!(!demands_secure(name), "{name}");
        }
    }
}
