//! Decides the one `Strict-Transport-Security` header of a response (RFC 6797).
//!
//! The header leaves only on secure requests (7.2), and never for an IP literal, which browsers do
//! not note (8.1.1), for `localhost`, where developers go without TLS, or for an excluded host:
//! there, whatever the application or Rocket's `Shield` set is removed. Elsewhere exactly one valid
//! header remains (7.1), in this order of preference:
//!
//! 1. the first valid one of the application, which is any but the default of `Shield`;
//! 2. the one of this policy, unless the policy is off;
//! 3. the default of `Shield`.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::wire::is_token;

/// Rocket's `Shield` adds this under TLS by itself, so that it says nothing about the application.
const SHIELD_DEFAULT: &str = "max-age=31536000";

/// The preload list of the browsers asks for a year at least (hstspreload.org).
const MIN_PRELOAD_SECONDS: u64 = 31_536_000;

/// Which `Strict-Transport-Security` header responses carry, if any.
#[derive(Debug, Clone)]
pub(crate) struct HstsPolicy {
    header: Option<String>,
    exclude_hosts: Vec<HostPattern>,
}

impl HstsPolicy {
    /// Renders the header once. Without `max_age` the policy is off: it adds nothing.
    pub(crate) fn new(
        max_age: Option<Duration>,
        include_subdomains: bool,
        preload: bool,
        exclude_hosts: Vec<HostPattern>,
    ) -> Result<Self, HstsMisconfigured> {
        let max_age = max_age.map(|max_age| max_age.as_secs());
        if preload && !include_subdomains {
            return Err(HstsMisconfigured::PreloadWithoutSubdomains);
        }
        if preload && max_age.unwrap_or_default() < MIN_PRELOAD_SECONDS {
            return Err(HstsMisconfigured::PreloadTooShort);
        }
        Ok(Self {
            header: max_age.map(|seconds| render(seconds, include_subdomains, preload)),
            exclude_hosts,
        })
    }

    /// Turns the policy off, as in the debug profile, whatever it was configured to send.
    pub(crate) fn off(self) -> Self {
        Self {
            header: None,
            ..self
        }
    }

    /// Decides on the header of one response.
    ///
    /// `host` is the request's, with or without a port. `present` holds the values that the
    /// response carries already, in their order.
    pub(crate) fn decide<'a>(
        &'a self,
        secure: bool,
        host: Option<&str>,
        present: &[&'a str],
    ) -> Decision<'a> {
        let wanted = match host {
            Some(host) if secure && self.covers(host) => self.choose(present),
            _ => None,
        };
        match (wanted, present) {
            (Some(wanted), [only]) if *only == wanted => Decision::Leave,
            (Some(wanted), _) => Decision::Set(wanted),
            (None, []) => Decision::Leave,
            (None, _) => Decision::Remove,
        }
    }

    fn covers(&self, host: &str) -> bool {
        domain_name(host).is_some_and(|name| !is_localhost(name) && !self.excludes(name))
    }

    fn excludes(&self, name: &str) -> bool {
        self.exclude_hosts.iter().any(|host| host.matches(name))
    }

    fn choose<'a>(&'a self, present: &[&'a str]) -> Option<&'a str> {
        let first = |is_it: fn(&str) -> bool| present.iter().copied().find(|value| is_it(value));
        first(is_of_application)
            .or(self.header.as_deref())
            .or_else(|| first(is_of_shield))
    }
}

fn is_of_shield(value: &str) -> bool {
    value == SHIELD_DEFAULT
}

fn is_of_application(value: &str) -> bool {
    !is_of_shield(value) && is_valid(value)
}

fn render(seconds: u64, include_subdomains: bool, preload: bool) -> String {
    let mut header = format!("max-age={seconds}");
    // Zero makes browsers forget the host, and there is nothing to include (RFC 6797 6.1.1).
    if include_subdomains && seconds > 0 {
        header.push_str("; includeSubDomains");
    }
    if preload {
        header.push_str("; preload");
    }
    header
}

/// Shows the header that is sent.
impl fmt::Display for HstsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.header.as_deref().unwrap_or("not sent"))
    }
}

/// What becomes of the headers that a response carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision<'a> {
    /// They are right: one where one is wanted, none where none is.
    Leave,
    /// All of them go.
    Remove,
    /// All of them give way to this one.
    Set(&'a str),
}

/// A host by its name, or with a leading `*.` all hosts below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    Exact(String),
    Below(String),
}

impl HostPattern {
    /// Reads a pattern such as `example.com` or `*.example.com`, in any case and without a port.
    pub(crate) fn parse(pattern: &str) -> Result<Self, HstsMisconfigured> {
        let (name, pattern_of): (&str, fn(String) -> Self) = match pattern.strip_prefix("*.") {
            Some(suffix) => (suffix, Self::Below),
            None => (pattern, Self::Exact),
        };
        let name = name.trim_end_matches('.');
        let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || !name.chars().all(in_name) {
            return Err(HstsMisconfigured::InvalidHost(pattern.to_owned()));
        }
        Ok(pattern_of(name.to_owned()))
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name.eq_ignore_ascii_case(exact),
            Self::Below(suffix) => is_below(name, suffix),
        }
    }
}

/// Why an [`HstsPolicy`] cannot be built, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HstsMisconfigured {
    /// The preload list takes a domain with all its subdomains only.
    PreloadWithoutSubdomains,
    /// The preload list takes no `max-age` below [`MIN_PRELOAD_SECONDS`].
    PreloadTooShort,
    /// A [`HostPattern`] that no host could ever match.
    InvalidHost(String),
}

impl fmt::Display for HstsMisconfigured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PreloadWithoutSubdomains => f.write_str(
                "covers every subdomain: set `hsts.include_subdomains = true`, \
                 or `hsts.preload = false`",
            ),
            Self::PreloadTooShort => write!(
                f,
                "needs an `hsts.max_age` of at least {MIN_PRELOAD_SECONDS} seconds: \
                 set `hsts.max_age = \"365d\"`, or `hsts.preload = false`",
            ),
            Self::InvalidHost(pattern) => write!(
                f,
                "lists {pattern:?}, which matches no host: write `example.com`, \
                 or `*.example.com` for all hosts below it, without scheme and port",
            ),
        }
    }
}

impl Error for HstsMisconfigured {}

/// Returns the host's name without port and trailing dot, unless it is an IP literal or no name.
fn domain_name(host: &str) -> Option<&str> {
    let name = match host.split_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        // An IPv6 address, with or without brackets.
        Some(_) => return None,
        None => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    // No top-level domain is numeric: this is IPv4, shortened like `127.1` perhaps, or empty.
    let top_level = name.rsplit('.').next()?;
    let is_no_name = top_level.bytes().all(|b| b.is_ascii_digit());
    (!is_no_name).then_some(name)
}

/// Tells whether `host` never gets the header: an address, or `localhost`.
pub(crate) fn gets_none(host: &str) -> bool {
    domain_name(host).is_none_or(is_localhost)
}

/// Tells whether `host` is the developer's own machine: `localhost` or a loopback address.
pub(crate) fn is_own_machine(host: &str) -> bool {
    match domain_name(host) {
        Some(name) => is_localhost(name),
        None => host.starts_with("127.") || host.starts_with("[::1]"),
    }
}

/// The name that never leaves the machine (RFC 6761 6.3): developers reach it without TLS.
fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost") || is_below(name, "localhost")
}

fn is_below(name: &str, suffix: &str) -> bool {
    let split = name.len().checked_sub(suffix.len());
    split
        .and_then(|at| name.split_at_checked(at))
        .is_some_and(|(labels, tail)| labels.ends_with('.') && tail.eq_ignore_ascii_case(suffix))
}

/// Tells whether browsers obey the header (RFC 6797 6.1): they drop one with any error whole.
pub(crate) fn is_valid(value: &str) -> bool {
    let mut has_max_age = false;
    for (index, directive) in directives(value).enumerate() {
        let repeats = |earlier: Directive<'_>| earlier.is_named(directive.name);
        if !directive.is_valid() || directives(value).take(index).any(repeats) {
            return false;
        }
        has_max_age |= directive.is_named("max-age");
    }
    has_max_age
}

#[derive(Clone, Copy)]
struct Directive<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

impl<'a> Directive<'a> {
    fn read(segment: &'a str) -> Self {
        let (name, value) = match segment.split_once('=') {
            Some((name, value)) => (name, Some(trim(value))),
            None => (segment, None),
        };
        Self {
            name: trim(name),
            value,
        }
    }

    fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn is_valid(&self) -> bool {
        if self.is_named("max-age") {
            self.value.is_some_and(is_delta_seconds)
        } else if self.is_named("includeSubDomains") {
            self.value.is_none()
        } else {
            let is_value = |value| is_token(value) || quoted(value).is_some();
            is_token(self.name) && self.value.is_none_or(is_value)
        }
    }
}

fn directives(value: &str) -> impl Iterator<Item = Directive<'_>> {
    split_at_semicolons(value)
        .filter(|segment| !trim(segment).is_empty())
        .map(Directive::read)
}

/// Splits at each `;` that is not inside a quoted string.
fn split_at_semicolons(value: &str) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut escaped) = (false, false);
    value.split(move |c| {
        let was_escaped = escaped;
        escaped = in_quotes && !was_escaped && c == '\\';
        in_quotes ^= c == '"' && !was_escaped;
        c == ';' && !in_quotes
    })
}

fn is_delta_seconds(value: &str) -> bool {
    let digits = quoted(value).unwrap_or(value);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// Returns what stands between the quotes of a quoted string.
fn quoted(value: &str) -> Option<&str> {
    let text = value.strip_prefix('"')?.strip_suffix('"')?;
    let mut escaped = false;
    for c in text.chars() {
        let ends_early = c == '"' && !escaped;
        let is_control = c.is_ascii_control() && c != '\t';
        if ends_early || is_control {
            return None;
        }
        escaped = c == '\\' && !escaped;
    }
    (!escaped).then_some(text)
}

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    const YEAR: Duration = Duration::from_secs(31_536_000);
    const APPLICATION: &str = "max-age=7200";
    const OURS: &str = "max-age=63072000; includeSubDomains";

    fn policy() -> HstsPolicy {
        HstsPolicy::new(Some(2 * YEAR), true, false, vec![]).unwrap()
    }

    fn zero_config() -> HstsPolicy {
        HstsPolicy::new(Some(YEAR), false, false, vec![]).unwrap()
    }

    fn excluding(pattern: &str) -> HstsPolicy {
        let pattern = HostPattern::parse(pattern).unwrap();
        HstsPolicy::new(Some(YEAR), false, false, vec![pattern]).unwrap()
    }

    fn header(max_age: Duration, include_subdomains: bool, preload: bool) -> String {
        let policy = HstsPolicy::new(Some(max_age), include_subdomains, preload, vec![]).unwrap();
        match policy.decide(true, Some("example.com"), &[]) {
            Decision::Set(header) => header.to_owned(),
            other => panic!("{other:?}"),
        }
    }

    fn decide_for<'a>(policy: &'a HstsPolicy, present: &[&'a str]) -> Decision<'a> {
        policy.decide(true, Some("example.com"), present)
    }

    #[test]
    fn secure_response_gets_one_year_by_default() {
        let policy = zero_config();
        assert_eq!(decide_for(&policy, &[]), Decision::Set("max-age=31536000"));
    }

    #[test]
    fn insecure_response_gets_none_and_loses_what_it_has() {
        for policy in [policy(), policy().off()] {
            let decision = policy.decide(false, Some("example.com"), &[]);
            assert_eq!(decision, Decision::Leave);
            for present in [APPLICATION, SHIELD_DEFAULT, OURS, "junk"] {
                let decision = policy.decide(false, Some("example.com"), &[present]);
                assert_eq!(decision, Decision::Remove, "{present}");
            }
        }
    }

    #[test]
    fn hosts_that_browsers_do_not_pin_get_none_and_lose_what_they_have() {
        let ipv4 = "127.0.0.1 127.0.0.1:8000 127.0.0.1. 127.1 2130706433";
        let ipv6 = "[::1] [::1]:8000 [2001:db8::1] 2001:db8::1 ::1";
        let localhost = "localhost localhost:80 localhost. localhost.:80 LOCALHOST";
        let below = "app.localhost App.LocalHost.:80";
        let empty = ["", ".", "..", ":", ":80"];

        let named = [ipv4, ipv6, localhost, below].into_iter();
        let named = named.flat_map(str::split_whitespace).chain(empty);
        for host in named.map(Some).chain([None]) {
            let policy = policy();
            assert_eq!(policy.decide(true, host, &[]), Decision::Leave, "{host:?}");
            for present in [&[APPLICATION][..], &[SHIELD_DEFAULT, OURS]] {
                let decision = policy.decide(true, host, present);
                assert_eq!(decision, Decision::Remove, "{host:?}");
            }
        }
    }

    #[test]
    fn named_hosts_get_it() {
        let usual = "example.com example.com:443 example.com. EXAMPLE.COM intranet";
        let resembling = "notlocalhost localhost.example.com 1.2.3.4.example.com 4.example";
        let beyond_ascii = "b\u{fc}cher.example \u{1f36a}localhost";

        let hosts = [usual, resembling, beyond_ascii].into_iter();
        for host in hosts.flat_map(str::split_whitespace) {
            let policy = policy();
            let decision = policy.decide(true, Some(host), &[]);
            assert_eq!(decision, Decision::Set(OURS), "{host}");
        }
    }

    #[test]
    fn excluded_hosts_get_none_and_lose_what_they_have() {
        for (pattern, host) in [
            ("example.com", "example.com"),
            ("example.com", "EXAMPLE.com:8443"),
            ("Example.COM.", "example.com."),
            ("*.example.com", "a.example.com"),
            ("*.Example.com", "b.A.example.COM.:80"),
        ] {
            let policy = excluding(pattern);
            let decision = policy.decide(true, Some(host), &[APPLICATION]);
            assert_eq!(decision, Decision::Remove, "{pattern} {host}");
        }
    }

    #[test]
    fn hosts_that_resemble_an_excluded_one_get_it() {
        for (pattern, host) in [
            ("example.com", "a.example.com"),
            ("example.com", "example.com.evil"),
            ("*.example.com", "example.com"),
            ("*.example.com", "notexample.com"),
            ("*.example.com", "com"),
        ] {
            let policy = excluding(pattern);
            let decision = policy.decide(true, Some(host), &[]);
            assert_eq!(
                decision,
                Decision::Set("max-age=31536000"),
                "{pattern} {host}"
            );
        }
    }

    #[test]
    fn pattern_that_is_no_host_is_refused_with_the_remedy() {
        for pattern in [
            "",
            ".",
            "*",
            "*.",
            "https://a.b",
            "a.b:8000",
            "a.*.b",
            "b\u{fc}.de",
            "a b",
        ] {
            let error = HostPattern::parse(pattern).unwrap_err().to_string();
            assert!(error.contains(&format!("{pattern:?}")), "{error}");
            assert!(error.contains("`*.example.com`"), "{error}");
        }
    }

    #[test]
    fn header_of_the_application_wins_and_is_kept_single() {
        let policy = policy();
        assert_eq!(decide_for(&policy, &[APPLICATION]), Decision::Leave);
        for present in [
            &[APPLICATION, "max-age=1"][..],
            &[APPLICATION, APPLICATION],
            &["junk", APPLICATION],
            &[SHIELD_DEFAULT, APPLICATION],
        ] {
            assert_eq!(decide_for(&policy, present), Decision::Set(APPLICATION));
        }
    }

    #[test]
    fn invalid_header_of_the_application_is_replaced() {
        for invalid in [
            "includeSubDomains",
            "max-age=-1",
            "max-age=1; max-age=2",
            "",
        ] {
            assert_eq!(decide_for(&policy(), &[invalid]), Decision::Set(OURS));
            assert_eq!(
                decide_for(&policy(), &[invalid, "junk"]),
                Decision::Set(OURS)
            );
        }
    }

    #[test]
    fn default_of_shield_gives_way_to_ours() {
        assert_eq!(
            decide_for(&policy(), &[SHIELD_DEFAULT]),
            Decision::Set(OURS)
        );
        assert_eq!(
            decide_for(&zero_config(), &[SHIELD_DEFAULT]),
            Decision::Leave
        );
    }

    #[test]
    fn policy_that_was_chosen_in_shield_wins() {
        let chosen = "max-age=31536000; includeSubDomains; preload";
        assert_eq!(decide_for(&policy(), &[chosen]), Decision::Leave);
    }

    #[test]
    fn policy_that_is_off_adds_nothing_and_keeps_one_valid_header() {
        let configured = HstsPolicy::new(None, true, false, vec![]).unwrap();
        for off in [configured, policy().off()] {
            assert_eq!(decide_for(&off, &[]), Decision::Leave);
            assert_eq!(decide_for(&off, &[APPLICATION]), Decision::Leave);
            assert_eq!(decide_for(&off, &[SHIELD_DEFAULT]), Decision::Leave);
            assert_eq!(decide_for(&off, &["junk"]), Decision::Remove);

            let mended = decide_for(&off, &[SHIELD_DEFAULT, "junk", APPLICATION]);
            assert_eq!(mended, Decision::Set(APPLICATION));
            let mended = decide_for(&off, &[SHIELD_DEFAULT, SHIELD_DEFAULT]);
            assert_eq!(mended, Decision::Set(SHIELD_DEFAULT));
        }
    }

    #[test]
    fn deciding_again_changes_nothing() {
        let (on, off) = (policy(), policy().off());
        for policy in [&on, &off] {
            for present in [
                &[][..],
                &[SHIELD_DEFAULT],
                &[APPLICATION, "junk"],
                &["junk"],
            ] {
                let settled: &[&str] = match decide_for(policy, present) {
                    Decision::Leave => present,
                    Decision::Remove => &[],
                    Decision::Set(value) => &[value],
                };
                assert_eq!(decide_for(policy, settled), Decision::Leave);
            }
        }
    }

    #[test]
    fn interleaved_requests_do_not_influence_each_other() {
        let policy = policy();
        for _ in 0..1000 {
            assert_eq!(decide_for(&policy, &[]), Decision::Set(OURS));
            assert_eq!(
                policy.decide(false, Some("example.com"), &[]),
                Decision::Leave
            );
            assert_eq!(
                policy.decide(true, Some("localhost"), &[OURS]),
                Decision::Remove
            );
        }
    }

    #[test]
    fn header_is_rendered_in_one_order_and_valid() {
        for (include_subdomains, preload, expected) in [
            (false, false, "max-age=31536000"),
            (true, false, "max-age=31536000; includeSubDomains"),
            (true, true, "max-age=31536000; includeSubDomains; preload"),
        ] {
            assert_eq!(header(YEAR, include_subdomains, preload), expected);
            assert!(is_valid(expected));
        }
    }

    #[test]
    fn max_age_of_zero_stands_alone() {
        assert_eq!(header(Duration::ZERO, false, false), "max-age=0");
        assert_eq!(header(Duration::ZERO, true, false), "max-age=0");
    }

    #[test]
    fn max_age_is_whole_seconds_of_any_length() {
        assert_eq!(
            header(Duration::from_millis(1999), false, false),
            "max-age=1"
        );
        let longest = header(Duration::MAX, false, false);
        assert_eq!(longest, format!("max-age={}", u64::MAX));
        assert!(is_valid(&longest));
    }

    #[test]
    fn preload_without_its_conditions_is_refused_with_the_remedy() {
        let build = |max_age, include_subdomains| {
            HstsPolicy::new(max_age, include_subdomains, true, vec![]).map(drop)
        };
        let second_less = YEAR - Duration::from_secs(1);
        let too_short = Err(HstsMisconfigured::PreloadTooShort);
        assert_eq!(build(Some(YEAR), true), Ok(()));
        assert_eq!(build(Some(second_less), true), too_short);
        assert_eq!(build(Some(Duration::ZERO), true), too_short);
        assert_eq!(build(None, true), too_short);
        assert_eq!(
            build(Some(YEAR), false),
            Err(HstsMisconfigured::PreloadWithoutSubdomains)
        );
    }

    #[test]
    fn misconfiguration_names_its_keys() {
        let too_short = HstsMisconfigured::PreloadTooShort.to_string();
        assert!(
            too_short.contains("`hsts.max_age = \"365d\"`"),
            "{too_short}"
        );
        let alone = HstsMisconfigured::PreloadWithoutSubdomains.to_string();
        assert!(
            alone.contains("`hsts.include_subdomains = true`"),
            "{alone}"
        );
        for error in [too_short, alone] {
            assert!(error.contains("`hsts.preload = false`"), "{error}");
            assert!(!error.ends_with('.'), "{error}");
        }
    }

    #[test]
    fn values_that_browsers_obey_are_valid() {
        for value in [
            "max-age=0",
            "MAX-AGE=00300",
            "max-age=99999999999999999999999999",
            "max-age=\"300\"",
            "max-age = 300",
            "includesubdomains;max-age=300",
            " ;; max-age=300 ;\t; includeSubDomains ; ",
            "max-age=300; preload; unknown; other=token; third=\"quoted\"",
            "max-age=300; unknown=\"a; max-age=1; b\"",
            "max-age=300; unknown=\"a\\\"; max-age=1\"",
            "max-age=300; unknown=\"\"",
        ] {
            assert!(is_valid(value), "{value:?}");
        }
    }

    #[test]
    fn values_that_browsers_drop_are_invalid() {
        for value in [
            "",
            ";",
            "300",
            "max-age",
            "max-age=",
            "max-age=\"\"",
            "max-age=-1",
            "max-age=+1",
            "max-age=1.5",
            "max-age=300s",
            "max-age=\"300",
            "max-age=300\"",
            "max-age='300'",
            "max-age=300, max-age=0",
            "max-age=300; max-age=300",
            "max-age=300; MAX-AGE=300",
            "includeSubDomains",
            "max-age=300; includeSubDomains=true",
            "max-age=300; includeSubDomains=",
            "max-age=300; includeSubDomains; includesubdomains",
            "max-age=300; unknown; UNKNOWN=1",
            "max-age=300 includeSubDomains",
            "max-age=300; un known",
            "max-age=300; =value",
            "max-age=300; unknown=",
            "max-age=300; unknown=a b",
            "max-age=300; unknown=\"a\"b\"",
            "max-age=300; unknown=\"a\\\"",
            "max-age=300; unknown=\"a",
            "max-age=300; unknown=\"\n\"",
            "max-age=300\u{a0}",
            "\u{a0}max-age=300",
            "max-age=\u{663}",
        ] {
            assert!(!is_valid(value), "{value:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(
            host: String,
            first: String,
            second in r#"[maxge0-9=; "\\-]*"#,
        ) {
            let policy = excluding("*.example.com");
            policy.decide(true, Some(&host), &[&first, &second]);
            let _ = HostPattern::parse(&host);
        }

        #[test]
        fn outcome_is_one_valid_header_or_none(
            secure: bool,
            host in prop::option::of("(localhost|example\\.com|127\\.0\\.0\\.1)(:80)?"),
            present in prop::collection::vec("max-age=[0-9]{0,3}|junk", 0..4),
        ) {
            let policy = policy();
            let present: Vec<_> = present.iter().map(String::as_str).collect();
            let sent: Vec<_> = match policy.decide(secure, host.as_deref(), &present) {
                Decision::Leave => present,
                Decision::Remove => vec![],
                Decision::Set(value) => vec![value],
            };
            let pinned = secure && host.is_some_and(|host| host.starts_with("example"));
            prop_assert_eq!(sent.len(), usize::from(pinned));
            prop_assert!(sent.iter().all(|value| is_valid(value)));
        }
    }
}
