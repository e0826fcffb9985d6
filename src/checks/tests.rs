//! Each check fires where it should, and only there.

use std::sync::Arc;

use rocket::figment::providers::{Format, Toml};
use rocket::figment::Figment;

use super::*;
use crate::event::Hook;
use crate::session::keeper::Keeper;
use crate::session::section::Clock;
use crate::session::settings::StoreChoice;
use crate::store::MemoryStore;

/// A deployment that nothing is to be said about.
const SOUND: &str = "
    [release]
    secret_key = \"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"
    ip_header = false
    [release.restricted_session]
    hsts.include_subdomains = true
    proxy.trusted = [\"10.0.0.0/8\"]
";

fn findings(profile: &str, changes: &[(&str, &str)]) -> Vec<&'static str> {
    let mut figment = Figment::from(rocket::Config::release_default())
        .merge(Toml::string(SOUND).nested())
        .select(profile);
    for (key, value) in changes {
        let toml = format!("[global]\n{key} = {value}");
        figment = figment.merge(Toml::string(&toml).nested());
    }
    let config = rocket::Config::try_from(&figment).unwrap();
    let transport = Transport::new(crate::config::read_transport(&figment).unwrap(), &config);
    let settings = crate::config::read_session(&figment, "restricted_session").unwrap();
    let keeper = (settings.store.choice != StoreChoice::None)
        .then(|| Keeper::new(Arc::new(MemoryStore::new()), &settings, 0));
    let section = Section::new(
        "restricted_session".into(),
        settings,
        Vec::new(),
        Hook::default(),
        Clock::default(),
        transport.host.debug_profile,
        keeper,
    );
    let mut codes = of_transport(&transport);
    codes.extend(of_section(&section));
    codes.into_iter().map(Code::id).collect()
}

#[test]
fn a_sound_deployment_is_left_in_peace() {
    assert_eq!(findings("release", &[]), Vec::<&str>::new());
}

#[test]
fn each_check_fires_alone() {
    const S: &str = "restricted_session";
    let key = |key: &str| match key.strip_prefix('.') {
        Some(key) => format!("{S}.{key}"),
        None => key.to_owned(),
    };
    for (id, changes) in [
        ("RS01", &[(".proxy.trusted", "[]")][..]),
        ("RS02", &[(".hsts.max_age", "0")]),
        (
            "RS02",
            &[
                (".hsts.max_age", "false"),
                (".hsts.include_subdomains", "false"),
            ],
        ),
        ("RS03", &[(".hsts.max_age", "\"30d\"")]),
        ("RS04", &[(".hsts.include_subdomains", "false")]),
        ("RS05", &[(".hsts.max_age", "\"4000d\"")]),
        ("RS09", &[(".proxy.trusted", "[\"0.0.0.0/0\"]")]),
        (
            "RS09",
            &[(".proxy.trusted", "[\"0.0.0.0/1\", \"128.0.0.0/1\"]")],
        ),
        (
            "RS10",
            &[
                (".proxy.trusted", "[]"),
                (".proxy.assume_secure", "true"),
                (".proxy.client_header", "\"X-Real-IP\""),
            ],
        ),
        ("RS11", &[("ip_header", "\"X-Real-IP\"")]),
        (
            "RS12",
            &[
                (".proxy.trusted", "[\"loopback\"]"),
                ("address", "\"0.0.0.0\""),
            ],
        ),
        (
            "RS14",
            &[
                (".proxy.assume_secure", "true"),
                (".https.on_insecure", "\"reject\""),
            ],
        ),
        (
            "RS16",
            &[
                (".https.hosts", "[\"localhost\"]"),
                (".https.on_insecure", "\"allow\""),
            ],
        ),
        ("RS17", &[("log_level", "\"debug\"")]),
        ("RS18", &[(".cookies.harden", "false")]),
        ("RS19", &[(".cookies.same_site", "\"None\"")]),
        ("RS20", &[(".cookies.readable", "[\"PHPSESSID\"]")]),
        ("RS20", &[(".cookies.except", "[\"auth_*\"]")]),
        ("RS21", &[(".cookie_name", "\"session\"")]),
        ("RS22", &[(".same_site", "\"None\"")]),
        ("RS23", &[(".failure_status", "403")]),
        ("RS24", &[(".mode", "\"report\"")]),
        (
            "RS25",
            &[
                (".binding.network", "\"report\""),
                (".binding.user_agent", "\"off\""),
            ],
        ),
        ("RS26", &[(".store", "\"none\"")]),
        ("RS27", &[(".rotate_every", "false")]),
        ("RS28", &[(".on_replay", "\"reject\"")]),
    ] {
        let named: Vec<_> = changes.iter().map(|(k, v)| (key(k), *v)).collect();
        let changes: Vec<_> = named.iter().map(|(k, v)| (k.as_str(), *v)).collect();
        assert_eq!(findings("release", &changes), [id], "{changes:?}");
    }
}

#[test]
fn a_redirect_that_can_only_loop_is_told_of() {
    let changes = [
        ("restricted_session.proxy.trusted", "[]"),
        ("restricted_session.https.on_insecure", "\"redirect\""),
        ("restricted_session.https.hosts", "[\"bank.example\"]"),
    ];
    assert_eq!(findings("release", &changes), ["RS01", "RS15"]);
}

#[test]
fn the_debug_profile_is_told_of_its_key_only() {
    let expected: &[&str] = match cfg!(debug_assertions) {
        true => &["RS08"],
        false => &["RS07", "RS08"],
    };
    assert_eq!(findings("debug", &[]), expected);
    for (rotate_every, grace) in [("60", "10"), ("\"15m\"", "1"), ("\"15m\"", "61")] {
        let hasty = [
            ("restricted_session.rotate_every", rotate_every),
            ("restricted_session.rotation_grace", grace),
        ];
        assert_eq!(findings("debug", &hasty), [expected, &["RS29"]].concat());
    }
}
