//! The configuration as it was written: every key optional, nothing judged yet.

use std::fmt;

use rocket::config::SecretKey;
use rocket::figment::Figment;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

use super::duration::{Span, SpanOrOff};
use crate::binding::user_agent::Match;
use crate::binding::Action;
use crate::seal::{self, Key};
use crate::session::settings::{Mode, OnReplay};
use crate::transport::{OnInsecure, SameSite};

/// The table of one shield. The tables from `proxy` on belong to the first section only.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Written {
    pub(super) cookie_name: Option<String>,
    pub(super) same_site: Option<SameSite>,
    pub(super) context: Option<String>,
    pub(super) absolute_timeout: Option<Span>,
    pub(super) idle_timeout: Option<Span>,
    pub(super) fresh_for: Option<Span>,
    pub(super) mode: Option<Mode>,
    pub(super) failure_status: Option<u16>,
    pub(super) store: Option<StoreUrl>,
    pub(super) rotate_every: Option<SpanOrOff>,
    pub(super) rotation_grace: Option<Span>,
    pub(super) on_replay: Option<OnReplay>,
    pub(super) max_sessions: Option<NumberOrOff>,
    pub(super) adopt: Option<bool>,
    pub(super) store_timeout: Option<Span>,
    pub(super) previous_secret_keys: PreviousKeys,
    pub(super) binding: WrittenBinding,
    pub(super) dbsc: Option<WrittenDbsc>,
    pub(super) proxy: Option<WrittenProxy>,
    pub(super) hsts: Option<WrittenHsts>,
    pub(super) https: Option<WrittenHttps>,
    pub(super) cookies: Option<WrittenCookies>,
    pub(super) checks: Option<WrittenChecks>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenBinding {
    pub(super) network: Option<Action>,
    pub(super) ipv4_prefix: Option<u8>,
    pub(super) ipv6_prefix: Option<u8>,
    pub(super) other_family: Option<Action>,
    pub(super) user_agent: Option<Action>,
    pub(super) user_agent_match: Option<Match>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenDbsc {
    pub(super) enabled: bool,
    pub(super) path: Option<String>,
    pub(super) bound_for: Option<Span>,
    pub(super) algorithms: Option<Vec<String>>,
    pub(super) required: bool,
    pub(super) grace: Option<Span>,
    pub(super) exclude: Vec<String>,
    pub(super) allowed_refresh_initiators: Option<Vec<String>>,
    pub(super) relax_binding: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenProxy {
    pub(super) trusted: Vec<String>,
    pub(super) client_header: Option<String>,
    pub(super) scheme_header: Option<String>,
    pub(super) internal_clients: bool,
    pub(super) assume_secure: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenHsts {
    pub(super) max_age: Option<SpanOrOff>,
    pub(super) include_subdomains: bool,
    pub(super) preload: bool,
    pub(super) exclude_hosts: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenHttps {
    pub(super) on_insecure: Option<OnInsecure>,
    pub(super) hosts: Vec<String>,
    pub(super) exempt: Option<Vec<String>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenCookies {
    pub(super) harden: Option<bool>,
    pub(super) same_site: Option<SameSite>,
    pub(super) readable: Vec<String>,
    pub(super) except: Vec<String>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct WrittenChecks {
    pub(super) silence: Vec<String>,
    pub(super) deny: Vec<String>,
}

/// Where sessions are kept. Its `Debug` hides the value: a store's URL may carry a password.
#[derive(serde::Deserialize)]
#[serde(transparent)]
pub(super) struct StoreUrl(pub(super) String);

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreUrl(..)")
    }
}

/// A written number, or `false` for "no limit".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberOrOff(pub(super) Option<u32>);

impl<'de> Deserialize<'de> for NumberOrOff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrOffVisitor)
    }
}

struct NumberOrOffVisitor;

impl Visitor<'_> for NumberOrOffVisitor {
    type Value = NumberOrOff;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number from 1, or false")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<NumberOrOff, E> {
        match u32::try_from(number) {
            Ok(number) => Ok(NumberOrOff(Some(number))),
            Err(_) => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<NumberOrOff, E> {
        match u64::try_from(number) {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(number), &self)),
        }
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<NumberOrOff, E> {
        match value {
            false => Ok(NumberOrOff(None)),
            true => Err(E::invalid_type(de::Unexpected::Bool(value), &self)),
        }
    }
}

/// The keys of `previous_secret_keys`. No message made here repeats what was written.
#[derive(Default)]
pub(super) struct PreviousKeys(pub(super) Vec<Key>);

impl fmt::Debug for PreviousKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreviousKeys({})", self.0.len())
    }
}

impl<'de> Deserialize<'de> for PreviousKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PreviousKeysVisitor)
    }
}

const PREVIOUS_KEY_HELP: &str = "previous_secret_keys takes a list of earlier values of \
    `secret_key`, each 256 bits in base64 or hex (`openssl rand -base64 32` makes one)";

struct PreviousKeysVisitor;

impl<'de> Visitor<'de> for PreviousKeysVisitor {
    type Value = PreviousKeys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREVIOUS_KEY_HELP)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<PreviousKeys, E> {
        Err(E::custom(PREVIOUS_KEY_HELP))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<PreviousKeys, A::Error> {
        let mut keys = Vec::new();
        while let Some(PreviousKey(key)) = seq.next_element()? {
            keys.push(key);
        }
        Ok(PreviousKeys(keys))
    }
}

struct PreviousKey(Key);

impl<'de> Deserialize<'de> for PreviousKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = || de::Error::custom(PREVIOUS_KEY_HELP);
        let secret_key = SecretKey::deserialize(deserializer).map_err(|_| refused())?;
        master_key(secret_key).map(PreviousKey).ok_or_else(refused)
    }
}

fn master_key(secret_key: SecretKey) -> Option<Key> {
    seal::key_of(&rocket::Config {
        secret_key,
        ..rocket::Config::default()
    })
}

/// Reads `section` as it was written; an absent table is an empty one.
pub(super) fn read(
    figment: &Figment,
    section: &str,
) -> Result<Written, Box<rocket::figment::Error>> {
    use rocket::figment::value::Value;

    match figment.find_value(section) {
        Err(_) => Ok(Written::default()),
        Ok(Value::Dict(..)) => figment
            .extract_inner(section)
            .map_err(|error| Box::new(with_section_first(error, section, figment))),
        Ok(_) => Err(Box::new(super::refusal(
            figment,
            section,
            "",
            "is not a table; write keys in it, such as {idle_timeout = \"10m\"}",
        ))),
    }
}

/// Figment appends the section to the path of an error instead of putting it in front.
fn with_section_first(
    error: rocket::figment::Error,
    section: &str,
    figment: &Figment,
) -> rocket::figment::Error {
    let located = error.into_iter().map(|mut error| {
        if error.path.last().is_some_and(|last| last == section) {
            error.path.rotate_right(1);
        }
        let metadata = || figment.find_metadata(&error.path.join(".")).cloned();
        error.metadata = error.metadata.take().or_else(metadata);
        error
    });
    let chained = located.reduce(|first, next| first.chain(next));
    chained.unwrap_or_else(|| rocket::figment::Error::from(String::from("unreadable")))
}
