//! Judges the keys of one kind of session: fills in defaults, refuses what cannot protect.

use std::time::Duration;

use rocket::figment::Figment;
use rocket::http::Status;

use super::duration::Span;
use super::keys::{Checked, Keys};
use super::written::{self, Written, WrittenBinding};
use super::{dbsc, store, SECTION};
use crate::binding::network::Prefixes;
use crate::binding::user_agent::Match;
use crate::binding::{Action, BindingSettings};
use crate::session::settings::{Mode, SessionSettings, StoreChoice};
use crate::transport::SameSite;

const HOUR: u64 = 3600;

/// Browsers cap the life of a cookie at 400 days (RFC 6265bis 5.5); a longer session is a slip.
pub(super) const LONGEST_SESSION: u64 = 400 * 24 * HOUR;

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
    let grace = store::rotation_grace(&keys, &written)?;
    let lifetime = Duration::from_secs(absolute.unsigned_abs());
    let store = store::store(&keys, &written, lifetime, grace)?;
    Ok(SessionSettings {
        same_site: written.same_site.unwrap_or(SameSite::Lax),
        absolute_timeout: absolute,
        idle_timeout: idle,
        fresh_for: fresh,
        mode: written.mode.unwrap_or(Mode::Enforce),
        failure_status: failure_status(&keys, written.failure_status)?,
        binding: binding(&keys, &written.binding, &store.choice)?,
        rotation_grace: store::millis(grace),
        device: dbsc::device(&keys, written.dbsc, &store.choice, lifetime)?,
        store,
        cookie_name: cookie_name(&keys, written.cookie_name)?,
        context: written.context.unwrap_or_default(),
        previous_keys: written.previous_secret_keys.0,
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
    let written_seconds = |span: &Option<Span>| span.map(|s| s.0.as_secs());

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

fn failure_status(keys: &Keys<'_>, written: Option<u16>) -> Checked<Status> {
    match written {
        None => Ok(Status::Unauthorized),
        Some(code @ 400..=599) => Ok(Status::new(code)),
        Some(_) => keys.refuse(
            "failure_status",
            "is no error status, so a refused request would look like a success; write 401, or \
             another from 400 to 599",
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

fn binding(
    keys: &Keys<'_>,
    written: &WrittenBinding,
    store: &StoreChoice,
) -> Checked<BindingSettings> {
    let action = |key: &str, written: Option<Action>, default| match written.unwrap_or(default) {
        Action::Revoke if *store == StoreChoice::None => keys.refuse(
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
