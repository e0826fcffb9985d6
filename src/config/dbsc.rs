//! Judges the keys of device-bound sessions.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::duration::Span;
use super::keys::{Checked, Keys};
use super::session::LONGEST_SESSION;
use super::store::millis;
use super::written::WrittenDbsc;
use crate::session::settings::{DeviceSettings, StoreChoice};
use crate::store::Millis;

const ALGORITHMS: [&str; 2] = ["ES256", "RS256"];

/// A browser signs six times in nine minutes, and refreshes two minutes before a cookie ends: with
/// a shorter life than five minutes it soon may not any more. Beyond an hour the copy of a bound
/// cookie stays useful.
const BOUND_FOR: RangeInclusive<u64> = 300..=3600;

/// Within the grace a copied session cookie opens routes by itself.
const LONGEST_GRACE: Duration = Duration::from_secs(600);

const DEFAULT_GRACE: Duration = Duration::from_secs(60);

/// Reads how sessions are bound to devices; `None` if they are not.
pub(super) fn device(
    keys: &Keys<'_>,
    written: Option<WrittenDbsc>,
    store: &StoreChoice,
    absolute_timeout: Duration,
) -> Checked<Option<DeviceSettings>> {
    let written = written.unwrap_or_default();
    let settings = DeviceSettings {
        path: path(keys, written.path)?,
        bound_for: bound_for(keys, written.bound_for.map(|span| span.0))?,
        algorithms: algorithms(keys, written.algorithms)?,
        required: written.required,
        grace: grace(keys, written.grace, absolute_timeout)?,
        exclude: exclude(keys, written.exclude)?,
        allowed_refresh_initiators: initiators(keys, written.allowed_refresh_initiators)?,
        relax_binding: written.relax_binding,
    };
    if !written.enabled {
        return Ok(None);
    }
    if !cfg!(feature = "dbsc") {
        return keys.refuse(
            "dbsc.enabled",
            "needs the feature `dbsc` of the crate; enable it in Cargo.toml",
        );
    }
    if *store == StoreChoice::None {
        return keys.refuse(
            "dbsc.enabled",
            "needs a store to keep the devices' keys in; write `store = \"memory\"`",
        );
    }
    Ok(Some(settings))
}

fn path(keys: &Keys<'_>, written: Option<String>) -> Checked<String> {
    let path = written.unwrap_or_else(|| String::from("/.dbsc"));
    match is_plain_path(&path) {
        true => Ok(path),
        false => keys.refuse(
            "dbsc.path",
            "is no path that routes can be mounted under; write one such as \"/.dbsc\"",
        ),
    }
}

fn is_plain_path(path: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    path.strip_prefix('/').is_some_and(|rest| {
        rest.split('/').all(|segment| {
            !segment.is_empty() && !matches!(segment, "." | "..") && segment.bytes().all(is_plain)
        })
    })
}

fn bound_for(keys: &Keys<'_>, written: Option<Duration>) -> Checked<i64> {
    let seconds = written.map_or(600, |span| span.as_secs());
    let is_absurd = !(1..=LONGEST_SESSION).contains(&seconds);
    if (keys.is_deployed() || is_absurd) && !BOUND_FOR.contains(&seconds) {
        return keys.refuse(
            "dbsc.bound_for",
            "lies outside \"5m\" to \"1h\"; write \"10m\"",
        );
    }
    Ok(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn grace(keys: &Keys<'_>, written: Option<Span>, absolute_timeout: Duration) -> Checked<Millis> {
    match written {
        None => Ok(millis(DEFAULT_GRACE)),
        Some(Span(grace)) if grace > LONGEST_GRACE || grace >= absolute_timeout => keys.refuse(
            "dbsc.grace",
            "is beyond \"10m\" or the session's life, and a copied cookie opens routes for that \
             long; write \"60s\"",
        ),
        Some(Span(grace)) => Ok(millis(grace)),
    }
}

fn algorithms(keys: &Keys<'_>, written: Option<Vec<String>>) -> Checked<Vec<String>> {
    let names = written.unwrap_or_else(|| ALGORITHMS.map(String::from).to_vec());
    match !names.is_empty() && names.iter().all(|name| ALGORITHMS.contains(&name.as_str())) {
        true => Ok(names),
        false => keys.refuse(
            "dbsc.algorithms",
            "names an algorithm that is not verified here; write \"ES256\" and \"RS256\", in the \
             order of preference",
        ),
    }
}

fn exclude(keys: &Keys<'_>, written: Vec<String>) -> Checked<Vec<String>> {
    match written.iter().all(|path| is_plain_path(path)) {
        true => Ok(written),
        false => keys.refuse(
            "dbsc.exclude",
            "holds what is no path; write ones such as \"/static\"; all below them is meant too",
        ),
    }
}

/// Patterns of hosts, and no origins: a browser drops the session of one that it cannot read.
fn initiators(keys: &Keys<'_>, written: Option<Vec<String>>) -> Checked<Vec<String>> {
    let patterns = written.unwrap_or_else(|| vec![String::from("*")]);
    let is_host = |host: &str| {
        let in_host = |b: u8| b.is_ascii_alphanumeric() || b"-.".contains(&b);
        !host.is_empty() && host.bytes().all(in_host)
    };
    let is_pattern =
        |pattern: &String| pattern == "*" || is_host(pattern.strip_prefix("*.").unwrap_or(pattern));
    match patterns.iter().all(is_pattern) {
        true => Ok(patterns),
        false => keys.refuse(
            "dbsc.allowed_refresh_initiators",
            "holds what is no host; write ones such as \"mail.example\", \"*.example\" or \"*\"",
        ),
    }
}
