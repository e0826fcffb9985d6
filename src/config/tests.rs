//! What a refusal says: the key, where it was written, and the remedy; never a secret.

use rocket::figment::providers::{Format, Toml};
use rocket::figment::Figment;

use super::*;

fn figment(keys: &str) -> Figment {
    let toml = format!("[default.restricted_session]\n{keys}");
    Figment::from(rocket::Config::debug_default()).merge(Toml::string(&toml).nested())
}

fn refusal_of(figment: &Figment) -> String {
    let refused = match read_transport(figment) {
        Ok(_) => read_session(figment, SECTION).map(drop),
        Err(error) => Err(error),
    };
    refused.expect_err("a refusal").to_string()
}

#[test]
fn a_refusal_names_key_and_remedy() {
    for (keys, key, remedy) in [
        ("idle_timeout = 0", "idle_timeout", "at least 1"),
        ("idle_timeout = \"x\"", "idle_timeout", "\"30m\""),
        (
            "idle_timeout = \"13h\"",
            "idle_timeout",
            "raise absolute_timeout",
        ),
        ("fresh_for = \"13h\"", "fresh_for", "raise absolute_timeout"),
        ("absolute_timeout = \"500d\"", "absolute_timeout", "400d"),
        ("cookie_name = \"a b\"", "cookie_name", "letters"),
        ("failure_status = 200", "failure_status", "write 401"),
        ("store = \"disk\"", "store", "\"sqlite:<path>\""),
        ("store = \"sqlite:\"", "store", "names no file"),
        (
            "store = \"none\"\nrotate_every = \"15m\"",
            "rotate_every",
            "`store = \"memory\"`",
        ),
        (
            "store = \"none\"\non_replay = \"reject\"",
            "on_replay",
            "`store = \"memory\"`",
        ),
        (
            "store = \"none\"\nmax_sessions = 3",
            "max_sessions",
            "`store = \"memory\"`",
        ),
        (
            "store = \"none\"\nadopt = true",
            "adopt",
            "`store = \"memory\"`",
        ),
        (
            "store = \"none\"\nstore_timeout = 2",
            "store_timeout",
            "`store = \"memory\"`",
        ),
        ("max_sessions = 0", "max_sessions", "at least 1"),
        ("max_sessions = true", "max_sessions", "or false"),
        ("max_sessions = -1", "max_sessions", "or false"),
        (
            "on_replay = \"ignore\"",
            "on_replay",
            "`revoke` or `reject`",
        ),
        ("store_timeout = \"2m\"", "store_timeout", "\"2s\""),
        ("store_timeout = 0", "store_timeout", "\"2s\""),
        ("rotate_every = 0", "rotate_every", "or false"),
        ("rotate_every = \"13h\"", "rotate_every", "absolute_timeout"),
        ("rotation_grace = 0", "rotation_grace", "\"10s\""),
        ("mode = \"off\"", "mode", "`enforce` or `report`"),
        (
            "store = \"none\"\nbinding.network = \"revoke\"",
            "binding.network",
            "\"reject\"",
        ),
        ("binding.network = \"kick\"", "binding.network", "step-up"),
        ("binding.ipv4_prefix = 33", "binding.ipv4_prefix", "0 to 32"),
        (
            "binding.ipv6_prefix = 129",
            "binding.ipv6_prefix",
            "0 to 128",
        ),
        (
            "proxy.trusted = [\"10.0.0.5/8\"]",
            "proxy.trusted",
            "10.0.0.0/8",
        ),
        (
            "proxy.client_header = \"a b\"",
            "proxy.client_header",
            "Forwarded",
        ),
        (
            "proxy.scheme_header = \"\"",
            "proxy.scheme_header",
            "Forwarded",
        ),
        (
            "hsts.preload = true",
            "hsts.preload",
            "include_subdomains = true",
        ),
        (
            "hsts.exclude_hosts = [\"a/b\"]",
            "hsts.exclude_hosts",
            "*.example.com",
        ),
        (
            "https.on_insecure = \"redirect\"",
            "https.on_insecure",
            "`https.hosts`",
        ),
        ("https.hosts = [\"a/b\"]", "https.hosts", "example.com:8443"),
        ("https.exempt = [\"x\"]", "https.exempt", "/healthz"),
        (
            "cookies.except = [\"*\"]",
            "cookies.except",
            "cookies.harden = false",
        ),
        ("checks.silence = [\"X1\"]", "checks.silence", "RS01"),
        ("checks.deny = [\"X1\"]", "checks.deny", "RS01"),
        ("idle_timout = 10", "restricted_session", "idle_timeout"),
        ("binding.netwrk = 10", "binding", "network"),
    ] {
        let said = refusal_of(&figment(keys));
        assert!(said.contains(key), "{keys}: {said}");
        assert!(said.contains(remedy), "{keys}: {said}");
        assert!(
            said.contains("default.restricted_session"),
            "{keys}: {said}"
        );
        assert!(said.contains("TOML"), "{keys}: {said}");
    }
}

#[test]
fn an_ignored_spelling_is_refused_with_the_right_one() {
    let named = |toml: &str| figment("").merge(Toml::string(toml).nested());
    for (toml, remedy) in [
        (
            "[restricted_session]\nmode = \"report\"",
            "[default.restricted_session]",
        ),
        ("[default.restricted-session]", "`restricted_session`"),
        (
            "[default]\nrestricted_session_mode = \"report\"",
            "ROCKET_RESTRICTED_SESSION='{",
        ),
        (
            "[default.restricted_session__binding]",
            "ROCKET_RESTRICTED_SESSION='{",
        ),
    ] {
        let said = refusal_of(&named(toml));
        assert!(said.contains(remedy), "{toml}: {said}");
    }
    let second_shield = named("[default.restricted_session_admin]\nmode = \"report\"");
    assert!(read_session(&second_shield, SECTION).is_ok());
    assert!(read_session(&second_shield, "restricted_session_admin").is_ok());
}

#[test]
fn no_secret_is_repeated() {
    const SECRET: &str = "hunter2-hunter2-hunter2";
    for keys in [
        format!("store = \"redys://:{SECRET}@localhost\""),
        format!("previous_secret_keys = \"{SECRET}\""),
        format!("previous_secret_keys = [\"{SECRET}\"]"),
    ] {
        let said = refusal_of(&figment(&keys));
        assert!(!said.contains(SECRET), "{said}");
        assert!(!said.is_empty());
    }
    let as_text = figment("").merge(("restricted_session", SECRET));
    let said = refusal_of(&as_text);
    assert!(
        !said.contains(SECRET) && said.contains("is not a table"),
        "{said}"
    );

    let key = "5a".repeat(32);
    let settings = read_session(
        &figment(&format!("previous_secret_keys = [\"{key}\"]")),
        SECTION,
    );
    assert!(!format!("{:?}", settings.unwrap()).contains("90, 90"));
}

#[test]
fn a_refusal_names_the_environment_as_its_source() {
    figment::Jail::expect_with(|jail| {
        jail.set_env("ROCKET_RESTRICTED_SESSION", "{idle_timeout=0}");
        let env = rocket::figment::providers::Env::prefixed("ROCKET_").global();
        let said = refusal_of(&figment("idle_timeout = 10").merge(env));
        assert!(said.contains("ROCKET_"), "{said}");
        assert!(said.contains("idle_timeout"), "{said}");
        Ok(())
    });
}

#[test]
fn previous_keys_are_read_in_every_form_that_rocket_takes() {
    for key in [
        "5a".repeat(32),
        "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=".into(),
    ] {
        let keys = format!("previous_secret_keys = [\"{key}\"]");
        let settings = read_session(&figment(&keys), SECTION).unwrap();
        assert_eq!(settings.previous_keys.len(), 1, "{key}");
    }
}
