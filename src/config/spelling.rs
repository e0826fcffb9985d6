//! Refuses spellings of the configuration that Rocket would read and silently ignore.

use std::collections::BTreeMap;

use rocket::figment::value::Value;
use rocket::figment::{Error, Figment};

/// The tables inside a section, which an environment variable of their own would not reach.
const TABLES: [&str; 7] = [
    "binding", "proxy", "hsts", "https", "cookies", "checks", "dbsc",
];

/// Refuses `[restricted_session]` as a profile, `ROCKET_RESTRICTED_SESSION_IDLE_TIMEOUT` and
/// `restricted-session`: Rocket takes each for something else and says nothing.
pub(super) fn refuse_what_rocket_would_ignore(
    figment: &Figment,
    section: &str,
) -> Result<(), Box<Error>> {
    let refuse =
        |key: &str, remedy: String| Err(Box::new(super::refusal(figment, key, "", &remedy)));

    if let Some(profile) = figment.profiles().find(|profile| *profile == section) {
        return refuse(
            profile.as_str().as_str(),
            format!("is read as a profile and ignored; write [default.{section}]"),
        );
    }
    let top_level: BTreeMap<String, Value> = figment.extract().unwrap_or_default();
    for (key, value) in &top_level {
        if key != section && is_same_word(key, section) {
            return refuse(key, format!("is ignored; its name is `{section}`"));
        }
        if is_flattened(key, section, value) {
            return refuse(
                key,
                format!(
                    "is ignored; nested keys go in braces: ROCKET_{}='{{idle_timeout=\"10m\"}}'",
                    section.to_uppercase()
                ),
            );
        }
    }
    Ok(())
}

fn is_same_word(key: &str, section: &str) -> bool {
    let letters = |word: &str| {
        let kept = word.chars().filter(|c| c.is_alphanumeric());
        kept.flat_map(char::to_lowercase).collect::<String>()
    };
    letters(key) == letters(section)
}

/// Tells `ROCKET_RESTRICTED_SESSION_MODE` from another shield's `restricted_session_admin` table.
fn is_flattened(key: &str, section: &str, value: &Value) -> bool {
    let Some(rest) = key.strip_prefix(section) else {
        return false;
    };
    let Some(rest) = rest.strip_prefix(['_', '.', '-']) else {
        return false;
    };
    let rest = rest.trim_start_matches(['_', '.', '-']);
    TABLES.contains(&rest) || !matches!(value, Value::Dict(..))
}
