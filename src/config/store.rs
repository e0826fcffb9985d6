//! Judges the keys of store and rotation.

use std::time::Duration;

use super::duration::{Span, SpanOrOff};
use super::keys::{Checked, Keys};
use super::session::LONGEST_SESSION;
use super::written::{NumberOrOff, Written};
use crate::session::settings::{OnReplay, StoreChoice, StoreSettings};
use crate::store::Millis;

const DEFAULT_ROTATION: Duration = Duration::from_secs(15 * 60);
const DEFAULT_GRACE: Duration = Duration::from_secs(10);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);

/// A store that may take longer than this holds up every request while it is away.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Reads how late a response may change cookies by itself.
///
/// Below two seconds an honest browser's requests in flight would be taken for theft; above a
/// minute the copy of a superseded cookie stays useful.
pub(super) fn rotation_grace(keys: &Keys<'_>, written: &Written) -> Checked<Duration> {
    let grace = written.rotation_grace.map_or(DEFAULT_GRACE, |span| span.0);
    let is_absurd = !(1..=LONGEST_SESSION).contains(&grace.as_secs());
    if (keys.is_deployed() || is_absurd) && !(2..=60).contains(&grace.as_secs()) {
        return keys.refuse(
            "rotation_grace",
            "lies outside \"2s\" to \"60s\"; write \"10s\"",
        );
    }
    Ok(grace)
}

/// Reads where sessions are remembered, and how they are rotated there.
pub(super) fn store(
    keys: &Keys<'_>,
    written: &Written,
    absolute_timeout: Duration,
    grace: Duration,
) -> Checked<StoreSettings> {
    let choice = choice(keys, written)?;
    refuse_what_needs_a_store(keys, written, &choice)?;
    let rotate_every = match choice {
        StoreChoice::None => None,
        _ => rotation(keys, written, absolute_timeout, grace)?,
    };
    Ok(StoreSettings {
        choice,
        rotate_every: rotate_every.map(millis),
        on_replay: written.on_replay.unwrap_or(OnReplay::Revoke),
        max_sessions: max_sessions(keys, written)?,
        adopt: written.adopt.unwrap_or(true),
        timeout: timeout(keys, written)?,
    })
}

fn choice(keys: &Keys<'_>, written: &Written) -> Checked<StoreChoice> {
    let Some(written) = &written.store else {
        return Ok(StoreChoice::Memory);
    };
    let url = written.0.as_str();
    let without_feature = |feature: &str| {
        keys.refuse(
            "store",
            &format!("needs the feature `{feature}` of the crate; enable it in Cargo.toml"),
        )
    };
    match url.split_once(':') {
        None if url == "none" => Ok(StoreChoice::None),
        None if url == "memory" => Ok(StoreChoice::Memory),
        Some(("sqlite", "")) => keys.refuse("store", "names no file; write \"sqlite:<path>\""),
        Some(("sqlite", _)) if !cfg!(feature = "sqlite") => without_feature("sqlite"),
        Some(("sqlite", path)) => Ok(StoreChoice::Sqlite(path.to_owned())),
        Some((scheme, _)) if is_redis(scheme) && !cfg!(feature = "redis") => {
            without_feature("redis")
        }
        Some((scheme, rest)) if is_redis(scheme) && rest.starts_with("//") => {
            Ok(StoreChoice::Redis(url.to_owned()))
        }
        _ => keys.refuse(
            "store",
            "names no store; write \"memory\", \"none\", \"sqlite:<path>\", \"redis://<host>\" or \
             \"rediss://<host>\"",
        ),
    }
}

fn is_redis(scheme: &str) -> bool {
    matches!(
        scheme,
        "redis" | "rediss" | "redis+cluster" | "rediss+cluster"
    )
}

/// A key that was written and would not be read is a misunderstanding.
fn refuse_what_needs_a_store(
    keys: &Keys<'_>,
    written: &Written,
    choice: &StoreChoice,
) -> Checked<()> {
    if *choice != StoreChoice::None {
        return Ok(());
    }
    let rotates = matches!(written.rotate_every, Some(SpanOrOff(Some(_))));
    let unread = [
        ("rotate_every", rotates),
        ("on_replay", written.on_replay.is_some()),
        (
            "max_sessions",
            matches!(written.max_sessions, Some(NumberOrOff(Some(_)))),
        ),
        ("adopt", written.adopt == Some(true)),
        ("store_timeout", written.store_timeout.is_some()),
    ];
    match unread.iter().find(|(_, is_written)| *is_written) {
        Some((key, _)) => keys.refuse(
            key,
            "needs a store to remember sessions in; write `store = \"memory\"`, or remove the key",
        ),
        None => Ok(()),
    }
}

fn rotation(
    keys: &Keys<'_>,
    written: &Written,
    absolute_timeout: Duration,
    grace: Duration,
) -> Checked<Option<Duration>> {
    let shortest = grace * 8;
    let rotate_every = match written.rotate_every {
        Some(SpanOrOff(rotate_every)) => rotate_every,
        // What was not written adapts: a session that ends before its first rotation has none.
        None => Some(DEFAULT_ROTATION.max(shortest)).filter(|due| *due <= absolute_timeout),
    };
    let Some(rotate_every) = rotate_every else {
        return Ok(None);
    };
    if rotate_every > absolute_timeout {
        return keys.refuse(
            "rotate_every",
            "lies beyond absolute_timeout, so that nothing is ever rotated; lower it, or write false",
        );
    }
    if rotate_every.is_zero() {
        return keys.refuse("rotate_every", "is zero; write \"15m\", or false");
    }
    // A generation must outlive what its own start has under way: claim window and two graces.
    if keys.is_deployed() && rotate_every < shortest {
        let shortest = humantime::format_duration(shortest);
        return keys.refuse(
            "rotate_every",
            &format!("is shorter than 8 times rotation_grace; write at least \"{shortest}\""),
        );
    }
    Ok(Some(rotate_every))
}

fn max_sessions(keys: &Keys<'_>, written: &Written) -> Checked<Option<u32>> {
    match written.max_sessions {
        None => Ok(None),
        Some(NumberOrOff(Some(0))) => keys.refuse(
            "max_sessions",
            "is zero, so nobody could sign in; write at least 1, or false",
        ),
        Some(NumberOrOff(most)) => Ok(most),
    }
}

fn timeout(keys: &Keys<'_>, written: &Written) -> Checked<Duration> {
    match written.store_timeout {
        None => Ok(DEFAULT_TIMEOUT),
        Some(Span(span)) if span.is_zero() || span > LONGEST_TIMEOUT => keys.refuse(
            "store_timeout",
            "lies outside \"1s\" to \"60s\"; write \"2s\"",
        ),
        Some(Span(span)) => Ok(span),
    }
}

pub(super) fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).unwrap_or(Millis::MAX)
}
