//! The configuration: every source, every refusal with key, source and remedy.

use crate::support::*;
use figment::Jail;
use rocket::figment::providers::{Env, Format, Toml};
use rocket::figment::Figment;
use rocket::local::blocking::Client;
use rocket_restricted_session::{SessionShield, TransportShield};

/// Launches the app in a process of its own mind: what is printed cannot be captured in one.
fn launches(figment: Figment) -> bool {
    let rocket = rocket(figment)
        .manage(TestClock::default())
        .attach(SessionShield::<Account>::new());
    match Client::untracked(rocket) {
        Ok(_) => true,
        Err(error) => {
            let kind = format!("{:?}", error.kind());
            assert!(kind.contains("FailedFairings"), "{kind}");
            false
        }
    }
}

#[test]
fn every_key_at_its_default_launches() {
    let defaults = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Rocket.toml"));
    let figment = Figment::from(rocket::Config::debug_default())
        .merge(("secret_key", "5a".repeat(32)))
        .merge(("log_level", "off"))
        .merge(Toml::string(&defaults.unwrap()).nested());
    assert!(launches(figment.clone()));
    assert!(launches(figment.select("release")));
    assert!(launches(figment_with("", "")));
}

#[test]
fn a_configuration_that_cannot_protect_refuses_the_launch() {
    for keys in [
        "idle_timout = 10",
        "binding.netwrk = \"off\"",
        "hsts.preloaded = true",
        "idle_timeout = 0",
        "idle_timeout = -1",
        "idle_timeout = false",
        "idle_timeout = \"soon\"",
        "idle_timeout = \"13h\"",
        "absolute_timeout = 0",
        "absolute_timeout = \"401d\"",
        "absolute_timeout = \"10m\"\nidle_timeout = \"20m\"",
        "fresh_for = \"13h\"",
        "fresh_for = 0",
        "mode = \"off\"",
        "rotation_grace = 9223372036854775807",
        "failure_status = 200",
        "failure_status = 303",
        "failure_status = 999",
        "cookie_name = \"\"",
        "cookie_name = \"my session\"",
        "cookie_name = \"%5Fsession\"",
        "same_site = \"lax\"",
        "store = \"redis:localhost\"",
        "store = \"sqlite:\"",
        "store = \"disk\"",
        "store = \"none\"\nmax_sessions = 3",
        "previous_secret_keys = [\"short\"]",
        "previous_secret_keys = \"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a\"",
        "previous_secret_keys = [1]",
        "store = \"none\"\nbinding.network = \"revoke\"",
        "store = \"none\"\nbinding.user_agent = \"revoke\"",
        "store = \"none\"\nbinding.other_family = \"revoke\"",
        "binding.network = \"kick\"",
        "binding.ipv4_prefix = 33",
        "binding.ipv6_prefix = 129",
        "binding.user_agent_match = \"fuzzy\"",
        "binding = \"strict\"",
        "proxy.trusted = [\"10.0.0.5/8\"]",
        "proxy.trusted = [\"10.0.0.0/33\"]",
        "proxy.trusted = [\"proxy.example\"]",
        "proxy.trusted = \"10.0.0.0/8\"",
        "proxy.client_header = \"X Forwarded\"",
        "proxy.scheme_header = \"\"",
        "hsts.max_age = true",
        "hsts.preload = true",
        "hsts = { preload = true, include_subdomains = true, max_age = \"30d\" }",
        "hsts = { preload = true, include_subdomains = true, max_age = false }",
        "hsts.exclude_hosts = [\"https://example.com\"]",
        "https.on_insecure = \"redirect\"",
        "https.on_insecure = \"upgrade\"",
        "https.hosts = [\"https://example.com\"]",
        "https.exempt = [\"healthz\"]",
        "https.exempt = [\"/\"]",
        "https.exempt = [\"//\"]",
        "https.exempt = [\"/a?b\"]",
        "https.exempt = [\"/a/../b\"]",
        "https.hosts = [\"bank.example\"]",
        "hsts = { max_age = false, include_subdomains = true }",
        "checks.deny = [\"RS13\"]",
        "checks.deny = [\"RS30\"]",
        "cookies.same_site = \"Lex\"",
        "cookies.except = [\"*\"]",
        "checks.silence = [\"RS99\"]",
        "checks.deny = [\"all\"]",
        "rotate_every = \"13h\"",
        "rotation_grace = 0",
        "max_sessions = 0",
        "on_replay = \"shrug\"",
        "store_timeout = \"10m\"",
        #[cfg(not(feature = "dbsc"))]
        "dbsc.enabled = true",
    ] {
        assert!(!launches(figment(keys)), "{keys}");
    }
}

#[test]
fn what_can_protect_launches() {
    for keys in [
        "absolute_timeout = \"5m\"",
        "absolute_timeout = 60",
        "idle_timeout = \"12h\"",
        "fresh_for = \"1h 30m\"",
        "store = \"none\"",
        "store = \"none\"\nrotate_every = false\nmax_sessions = false\nadopt = false",
        "store = \"memory\"\nbinding.network = \"revoke\"\nmax_sessions = 3",
        "rotate_every = 5\nrotation_grace = 1",
        "hsts.max_age = 0",
        "hsts.max_age = false",
        "hsts = { preload = true, include_subdomains = true, max_age = 31536000 }",
        "hsts.exclude_hosts = [\"intranet.example\", \"*.lab.example\"]",
        "proxy.trusted = [\"10.0.0.0/8\", \"loopback\", \"private\", \"2001:db8::/32\", \"192.0.2.1\"]",
        "proxy.client_header = \"CF-Connecting-IP\"",
        "binding = { ipv4_prefix = 0, ipv6_prefix = 0 }",
        "cookies = { except = [\"ga_*\"], readable = [\"csrf\"] }",
        "checks.silence = [\"RS04\"]",
    ] {
        assert!(launches(figment(keys)), "{keys}");
    }
}

#[test]
fn defaults_that_were_not_written_adapt() {
    let app = App::new("absolute_timeout = 50");
    app.sign_in();
    app.clock.pass(49);
    assert_eq!(app.owner().sees("/fresh").0, 200);
    app.clock.pass(1);
    assert_eq!(app.owner().sees("/account").0, 401);
}

#[test]
fn spellings_that_rocket_ignores_refuse_the_launch() {
    for (name, value) in [
        ("ROCKET_RESTRICTED_SESSION_IDLE_TIMEOUT", "10"),
        ("ROCKET_RESTRICTED_SESSION__IDLE_TIMEOUT", "10"),
        ("ROCKET_RESTRICTED_SESSION_BINDING", "{network=\"off\"}"),
        ("ROCKET_RESTRICTED_SESSION__BINDING__NETWORK", "off"),
        ("ROCKET_RESTRICTEDSESSION", "{idle_timeout=10}"),
        ("ROCKET_RESTRICTED_SESSION", "idle_timeout=10"),
    ] {
        Jail::expect_with(|jail| {
            jail.set_env(name, value);
            let figment = figment("").merge(Env::prefixed("ROCKET_").global());
            assert!(!launches(figment), "{name}={value}");
            Ok(())
        });
    }
    let as_profile = Toml::string("[restricted_session]\nidle_timeout = 10").nested();
    assert!(!launches(figment("").merge(as_profile)));
    let hyphen = Toml::string("[default.restricted-session]\nidle_timeout = 10").nested();
    assert!(!launches(figment("").merge(hyphen)));
}

#[test]
fn the_environment_merges_key_by_key_over_the_file() {
    Jail::expect_with(|jail| {
        jail.set_env(
            "ROCKET_RESTRICTED_SESSION",
            "{idle_timeout=100,binding={user_agent=\"off\"}}",
        );
        let file = "idle_timeout = 10\nfresh_for = 10\nbinding.network = \"off\"";
        let figment = figment(file).merge(Env::prefixed("ROCKET_").global());
        let app = App::from_figment(figment);
        app.sign_in();
        app.clock.pass(30);
        let other = app.owner().at(ELSEWHERE).with(CURL);
        assert_eq!(other.sees("/account").0, 200);
        assert_eq!(other.sees("/fresh").0, 403);
        Ok(())
    });
}

#[test]
fn a_profile_overrides_the_default_and_code_overrides_both() {
    let profiled = Toml::string("[release.restricted_session]\nidle_timeout = 200").nested();
    let figment = figment("idle_timeout = 100").merge(profiled);
    let lives_for = |figment: Figment, seconds| {
        let app = App::from_figment(figment);
        app.sign_in();
        app.clock.pass(seconds);
        app.owner().sees("/account").0 == 200
    };
    assert!(lives_for(figment.clone(), 99) && !lives_for(figment.clone(), 100));
    let released = figment.select("release");
    assert!(lives_for(released.clone(), 199) && !lives_for(released.clone(), 200));
    let in_code = released.merge(("restricted_session.idle_timeout", "5m"));
    assert!(lives_for(in_code.clone(), 299) && !lives_for(in_code, 300));
}

#[test]
fn a_section_of_its_own_has_no_transport() {
    for keys in [
        "proxy.trusted = []",
        "hsts.max_age = 0",
        "checks.deny = []",
        "cookies = {}",
        "https = {}",
    ] {
        let toml = format!("[default.admin_session]\n{keys}");
        let figment = figment("").merge(Toml::string(&toml).nested());
        let rocket = rocket::custom(figment)
            .attach(SessionShield::<Account>::new().section("admin_session"));
        assert!(refusal(rocket).contains("FailedFairings"), "{keys}");
    }
}

#[test]
fn a_section_that_is_nowhere_written_refuses_the_launch() {
    let shield = SessionShield::<Account>::new().section("admin_sesion");
    let figment = figment("").merge(("admin_session.cookie_name", "__Host-admin"));
    assert!(refusal(rocket::custom(figment).attach(shield)).contains("FailedFairings"));
}

#[test]
fn session_keys_that_no_shield_reads_are_judged_as_well() {
    for keys in ["failure_status = 200", "idle_timeout = 0"] {
        let transport = rocket::custom(figment(keys)).attach(TransportShield::new());
        assert!(refusal(transport).contains("FailedFairings"), "{keys}");
    }
}

#[test]
fn shields_that_get_in_each_others_way_refuse_the_launch() {
    let same_type = rocket::custom(figment(""))
        .attach(SessionShield::<Account>::new())
        .attach(SessionShield::<Account>::new().section("other"));
    assert!(refusal(same_type).contains("FailedFairings"));

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Other;
    impl rocket_restricted_session::SessionData for Other {
        fn subject(&self) -> impl std::fmt::Display {
            "other"
        }
    }
    let same_cookie = rocket::custom(figment(""))
        .attach(SessionShield::<Account>::new())
        .attach(SessionShield::<Other>::new().section("other"));
    assert!(refusal(same_cookie).contains("FailedFairings"));

    struct Network;
    impl rocket_restricted_session::Signal for Network {
        fn name(&self) -> &'static str {
            "network"
        }
        fn observe<'r>(&self, _: &'r rocket::Request<'_>) -> Option<std::borrow::Cow<'r, str>> {
            None
        }
    }
    let same_signal =
        rocket::custom(figment("")).attach(SessionShield::<Account>::new().signal(Network));
    assert!(refusal(same_signal).contains("FailedFairings"));
}

#[test]
fn checks_can_refuse_the_launch() {
    let deny = |code: &str| figment(&format!("checks.deny = [\"{code}\"]")).select("release");
    assert!(!launches(deny("RS01")));
    assert!(!launches(deny("RS04")));
    assert!(launches(deny("RS02")));
    let report = figment("mode = \"report\"\nchecks.deny = [\"RS24\"]");
    assert!(!launches(report));
    let transport = rocket::custom(deny("RS01")).attach(TransportShield::new());
    assert!(refusal(transport).contains("FailedFairings"));
}
