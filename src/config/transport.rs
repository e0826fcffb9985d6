//! Judges the keys that concern every response: fills in defaults, refuses what cannot protect.

use std::sync::Arc;
use std::time::Duration;

use rocket::figment::Figment;

use super::keys::{Checked, Keys};
use super::session::read_session;
use super::written::{self, WrittenCookies, WrittenHsts, WrittenHttps, WrittenProxy};
use super::SECTION;
use crate::client::{ClientHeader, ProxySettings, SchemeHeader, TrustedProxies};
use crate::codes;
use crate::transport::{
    CookiePolicy, HostPattern, HstsPolicy, HttpsPolicy, NamePattern, OnInsecure, SameSite,
    SecureHost, TransportSettings,
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

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
    if let Some(id) = codes::found_while_running(&checks.deny) {
        return keys.refuse(
            "checks.deny",
            &format!("lists {id}, which is found while the app runs; it cannot refuse a launch"),
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
        None => Some(YEAR),
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
