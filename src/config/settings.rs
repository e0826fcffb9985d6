//! Judges what was written: fills in defaults, refuses what cannot protect.

use std::sync::Arc;
use std::time::Duration;

use rocket::figment::{Error, Figment};
use rocket::http::Status;

use super::written::{
    self, Written, WrittenBinding, WrittenCookies, WrittenHsts, WrittenHttps, WrittenProxy,
};
use super::SECTION;
use crate::binding::network::Prefixes;
use crate::binding::user_agent::Match;
use crate::binding::{Action, BindingSettings};
use crate::client::{ClientHeader, ProxySettings, SchemeHeader, TrustedProxies};
use crate::codes::{self, Code};
use crate::session::settings::{Mode, SessionSettings};
use crate::transport::{
    CookiePolicy, HostPattern, HstsPolicy, HttpsPolicy, NamePattern, OnInsecure, SameSite,
    SecureHost, TransportSettings,
};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Browsers cap the life of a cookie at 400 days (RFC 6265bis 5.5); a longer session is a slip.
const LONGEST_SESSION: u64 = 400 * DAY;

/// The keys of one section: knows how to refuse one of them.
struct Keys<'f> {
    figment: &'f Figment,
    section: &'f str,
}

type Checked<T> = Result<T, Box<Error>>;

impl Keys<'_> {
    fn refuse<T>(&self, key: &str, remedy: &str) -> Checked<T> {
        Err(Box::new(super::refusal(
            self.figment,
            self.section,
            key,
            remedy,
        )))
    }
}

/// Reads the keys of one kind of session from `section`.
pub(crate) fn read_session(figment: &Figment, section: &str) -> Checked<SessionSettings> {
    super::spelling::refuse_what_rocket_would_ignore(figment, section)?;
    let written = written::read(figment, section)?;
    let keys = Keys { figment, section };
    if section != SECTION && figment.find_value(section).is_err() {
        return keys.refuse(
            "",
            &format!("is not there; write [default.{section}], with a `cookie_name` of its own"),
        );
    }
    refuse_misplaced_tables(&keys, &written)?;

    let (absolute, idle, fresh) = lifetimes(&keys, &written)?;
    refuse_stores(&keys, &written)?;
    Ok(SessionSettings {
        same_site: written.same_site.unwrap_or(SameSite::Lax),
        absolute_timeout: absolute,
        idle_timeout: idle,
        fresh_for: fresh,
        mode: written.mode.unwrap_or(Mode::Enforce),
        failure_status: failure_status(&keys, written.failure_status)?,
        binding: binding(&keys, &written.binding)?,
        cookie_name: cookie_name(&keys, written.cookie_name)?,
        context: written.context.unwrap_or_default(),
        previous_keys: written.previous_secret_keys.0,
    })
}

/// Reads what concerns every response; the tables of the first section, whichever shield asks.
///
/// The section's session keys are judged too, though no shield may read them: a slip in one shall
/// not wait for the day that one does.
pub(crate) fn read_transport(figment: &Figment) -> Checked<TransportSettings> {
    read_session(figment, SECTION)?;
    let written = written::read(figment, SECTION)?;
    let keys = Keys {
        figment,
        section: SECTION,
    };

    let proxy = written.proxy.unwrap_or_default();
    let hsts = written.hsts.unwrap_or_default();
    let checks = written.checks.unwrap_or_default();
    refuse_unknown_codes(&keys, "checks.silence", &checks.silence)?;
    refuse_unknown_codes(&keys, "checks.deny", &checks.deny)?;
    if Code::UnlistedProxy.is_in(&checks.deny) {
        return keys.refuse(
            "checks.deny",
            "lists RS13, which is found while the app runs; it cannot refuse a launch",
        );
    }
    Ok(TransportSettings {
        assume_secure: proxy.assume_secure,
        proxy: Arc::new(proxies(&keys, proxy)?),
        hsts_max_age: hsts_max_age(&hsts).map(|max_age| max_age.as_secs()),
        include_subdomains: hsts.include_subdomains,
        hsts: hsts_policy(&keys, hsts)?,
        https: https_policy(&keys, written.https.unwrap_or_default())?,
        cookies: cookie_policy(&keys, written.cookies.unwrap_or_default())?,
        silenced: checks.silence,
        denied: checks.deny,
    })
}

fn refuse_misplaced_tables(keys: &Keys<'_>, written: &Written) -> Checked<()> {
    if keys.section == SECTION {
        return Ok(());
    }
    let misplaced = [
        ("proxy", written.proxy.is_some()),
        ("hsts", written.hsts.is_some()),
        ("https", written.https.is_some()),
        ("cookies", written.cookies.is_some()),
        ("checks", written.checks.is_some()),
    ];
    match misplaced.iter().find(|(_, written)| *written) {
        Some((key, _)) => keys.refuse(
            key,
            &format!("concerns every response of the app; write it as `{SECTION}.{key}`"),
        ),
        None => Ok(()),
    }
}

fn lifetimes(keys: &Keys<'_>, written: &Written) -> Checked<(i64, i64, i64)> {
    let written_seconds = |span: &Option<super::duration::Span>| span.map(|s| s.0.as_secs());

    let absolute = written_seconds(&written.absolute_timeout);
    let absolute = bounded(
        keys,
        "absolute_timeout",
        absolute,
        12 * HOUR,
        LONGEST_SESSION,
    )?;
    let within_absolute = |key, span, default: u64| {
        let seconds = bounded(keys, key, span, default.min(absolute), LONGEST_SESSION)?;
        match seconds > absolute {
            true => keys.refuse(
                key,
                "lies beyond absolute_timeout; lower it, or raise absolute_timeout",
            ),
            false => Ok(seconds),
        }
    };
    let idle = within_absolute(
        "idle_timeout",
        written_seconds(&written.idle_timeout),
        HOUR / 2,
    )?;
    let fresh = within_absolute("fresh_for", written_seconds(&written.fresh_for), HOUR / 6)?;
    let signed = |seconds| i64::try_from(seconds).unwrap_or(i64::MAX);
    Ok((signed(absolute), signed(idle), signed(fresh)))
}

fn bounded(
    keys: &Keys<'_>,
    key: &str,
    written: Option<u64>,
    default: u64,
    longest: u64,
) -> Checked<u64> {
    match written {
        None => Ok(default),
        Some(0) => keys.refuse(
            key,
            "is zero, so nobody could use a session; write at least 1",
        ),
        Some(seconds) if seconds > longest => keys.refuse(key, "is beyond 400d; lower it"),
        Some(seconds) => Ok(seconds),
    }
}

fn refuse_stores(keys: &Keys<'_>, written: &Written) -> Checked<()> {
    match &written.store {
        Some(store) if store.0 != "none" => keys.refuse(
            "store",
            "names no store of this version; write \"none\", the only one so far",
        ),
        _ => Ok(()),
    }
}

fn failure_status(keys: &Keys<'_>, written: Option<u16>) -> Checked<Status> {
    match written {
        None => Ok(Status::Unauthorized),
        Some(code @ 400..=599) => Ok(Status::new(code)),
        Some(_) => keys.refuse(
            "failure_status",
            "is no error status, so a refused request would look like a success; write 401, or another from 400 to 599",
        ),
    }
}

fn cookie_name(keys: &Keys<'_>, written: Option<String>) -> Checked<String> {
    let name = written.unwrap_or_else(|| String::from("__Host-session"));
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!#$&'*+^`|~".contains(&b);
    match !name.is_empty() && name.len() <= 64 && name.bytes().all(is_plain) {
        true => Ok(name),
        false => keys.refuse(
            "cookie_name",
            "is no cookie name that every browser sends back as it is; \
             write 1 to 64 letters, digits, `-`, `_` or `.`",
        ),
    }
}

fn binding(keys: &Keys<'_>, written: &WrittenBinding) -> Checked<BindingSettings> {
    let action = |key: &str, written: Option<Action>, default| match written.unwrap_or(default) {
        Action::Revoke => keys.refuse(
            key,
            "is \"revoke\", but without a store nothing can be revoked; write \"reject\"",
        ),
        action => Ok(action),
    };
    let prefix = |key: &str, written: Option<u8>, default: u8, longest: u8| match written {
        Some(bits) if bits > longest => keys.refuse(
            key,
            &format!("is no prefix length; write a number from 0 to {longest}"),
        ),
        bits => Ok(bits.unwrap_or(default)),
    };
    let network = action("binding.network", written.network, Action::Reject)?;
    Ok(BindingSettings {
        network,
        prefixes: Prefixes {
            v4: prefix("binding.ipv4_prefix", written.ipv4_prefix, 32, 32)?,
            v6: prefix("binding.ipv6_prefix", written.ipv6_prefix, 64, 128)?,
        },
        // Whoever moves freely within one family must not be refused in the other.
        other_family: action("binding.other_family", written.other_family, network)?,
        user_agent: action("binding.user_agent", written.user_agent, Action::Reject)?,
        user_agent_match: written.user_agent_match.unwrap_or(Match::Upgrade),
    })
}

fn proxies(keys: &Keys<'_>, written: WrittenProxy) -> Checked<ProxySettings> {
    let trusted = match TrustedProxies::parse(&written.trusted) {
        Ok(trusted) => trusted,
        Err(error) => return keys.refuse("proxy.trusted", &error.to_string()),
    };
    let client_header = written.client_header.as_deref();
    let client_header = ClientHeader::named(client_header.unwrap_or("X-Forwarded-For"));
    let scheme_header = written.scheme_header.as_deref();
    let scheme_header = SchemeHeader::named(scheme_header.unwrap_or("X-Forwarded-Proto"));
    Ok(ProxySettings {
        trusted,
        client_header: match client_header {
            Some(header) => header,
            None => return keys.refuse("proxy.client_header", NO_HEADER_NAME),
        },
        scheme_header: match scheme_header {
            Some(header) => header,
            None => return keys.refuse("proxy.scheme_header", NO_HEADER_NAME),
        },
        internal_clients: written.internal_clients,
    })
}

const NO_HEADER_NAME: &str = "is no header name; write one such as \"Forwarded\"";

fn hsts_max_age(written: &WrittenHsts) -> Option<Duration> {
    match written.max_age {
        Some(span) => span.0,
        None => Some(Duration::from_secs(365 * DAY)),
    }
}

fn hsts_policy(keys: &Keys<'_>, written: WrittenHsts) -> Checked<HstsPolicy> {
    let mut excluded = Vec::with_capacity(written.exclude_hosts.len());
    for host in &written.exclude_hosts {
        match HostPattern::parse(host) {
            Ok(pattern) => excluded.push(pattern),
            Err(error) => return keys.refuse("hsts.exclude_hosts", &error.to_string()),
        }
    }
    if written.include_subdomains && hsts_max_age(&written).is_none() {
        return keys.refuse(
            "hsts.include_subdomains",
            "is true, but `hsts.max_age` is false, so nothing is sent; remove one of them",
        );
    }
    let policy = HstsPolicy::new(
        hsts_max_age(&written),
        written.include_subdomains,
        written.preload,
        excluded,
    );
    policy.or_else(|error| keys.refuse("hsts.preload", &error.to_string()))
}

fn https_policy(keys: &Keys<'_>, written: WrittenHttps) -> Checked<HttpsPolicy> {
    let on_insecure = written.on_insecure.unwrap_or(OnInsecure::Allow);
    if on_insecure == OnInsecure::Redirect && written.hosts.is_empty() {
        return keys.refuse(
            "https.on_insecure",
            "is \"redirect\", but no host may be named; list yours in `https.hosts`",
        );
    }
    let mut hosts = Vec::with_capacity(written.hosts.len());
    for host in &written.hosts {
        match SecureHost::parse(host) {
            Some(host) => hosts.push(host),
            None => {
                let remedy = "which is no host; write \"example.com\" or \"example.com:8443\"";
                return keys.refuse("https.hosts", &format!("lists {host:?}, {remedy}"));
            }
        }
    }
    if written.on_insecure.is_none() && !written.hosts.is_empty() {
        return keys.refuse(
            "https.hosts",
            "lists hosts to redirect to, but nothing is redirected; \
             write `https.on_insecure = \"redirect\"`",
        );
    }
    let acme = || vec![String::from("/.well-known/acme-challenge")];
    let exempt = written.exempt.unwrap_or_else(acme);
    if let Some(path) = exempt.iter().find(|path| !is_path_below_root(path)) {
        let remedy = "which is no path below `/`; write one such as \"/healthz\"";
        return keys.refuse("https.exempt", &format!("lists {path:?}, {remedy}"));
    }
    Ok(HttpsPolicy {
        on_insecure,
        hosts,
        exempt,
    })
}

fn is_path_below_root(path: &str) -> bool {
    let names_something = !path.trim_matches('/').is_empty();
    path.starts_with('/') && names_something && !path.contains(['?', '#']) && !path.contains("..")
}

fn cookie_policy(keys: &Keys<'_>, written: WrittenCookies) -> Checked<Option<CookiePolicy>> {
    let except = written.except.iter().map(|p| NamePattern::from(p.as_str()));
    let except = except.collect();
    if written.except.iter().any(|name| name == "*") {
        return keys.refuse(
            "cookies.except",
            "excepts every cookie; write `cookies.harden = false` if that is meant",
        );
    }
    Ok(written.harden.unwrap_or(true).then(|| CookiePolicy {
        same_site: written.same_site.unwrap_or(SameSite::Lax),
        readable: written.readable,
        except,
    }))
}

fn refuse_unknown_codes(keys: &Keys<'_>, key: &str, written: &[String]) -> Checked<()> {
    match written.iter().find(|code| !codes::is_id(code)) {
        Some(code) => keys.refuse(
            key,
            &format!(
                "lists {code:?}, which is no check; the codes are {}",
                codes::ids()
            ),
        ),
        None => Ok(()),
    }
}
