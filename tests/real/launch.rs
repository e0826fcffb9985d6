//! What a process of its own prints: refusals with their remedy, policy and checks, thieves.

use crate::program::{example, App};
use crate::support::Visitor;

const SECTION: &str = "ROCKET_RESTRICTED_SESSION";
const KEY: &str = "V1ZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlY=";

fn quick_start(settings: &[(&str, &str)]) -> App {
    App::start(example("quick_start"), settings)
}

fn refused(settings: &[(&str, &str)]) -> String {
    App::refused(example("quick_start"), settings)
}

#[test]
fn a_refused_launch_names_the_key_its_source_and_the_remedy() {
    for (keys, said) in [
        (
            "{idle_timeout=\"13h\"}",
            ["idle_timeout", "absolute_timeout"],
        ),
        ("{binding={ipv4_prefix=33}}", ["ipv4_prefix", "32"]),
        ("{hsts={preload=true}}", ["preload", "include_subdomains"]),
        ("{idle_timout=10}", ["idle_timout", "idle_timeout"]),
        (
            "{proxy={trusted=[\"10.0.0.5/8\"]}}",
            ["trusted", "10.0.0.0/8"],
        ),
    ] {
        let printed = refused(&[(SECTION, keys)]);
        for text in said.into_iter().chain(["ROCKET_", "environment"]) {
            assert!(printed.contains(text), "{keys}: no {text:?} in\n{printed}");
        }
        assert!(!printed.contains("Rocket has launched"), "{printed}");
    }
}

#[test]
fn a_refused_launch_tells_no_secret() {
    for keys in [
        "{previous_secret_keys=[\"hunter2hunter2\"]}",
        "{previous_secret_keys=\"hunter2hunter2\"}",
        "{previous_secret_keys=[\"hunter2hunter2\"],idle_timeout=0}",
        "{store=\"redys://ada:hunter2hunter2@cache.example\"}",
        "{store=\"ada:hunter2hunter2@cache.example\"}",
        "{store=\"redis://ada:hunter2hunter2@cache.example\",idle_timeout=0}",
    ] {
        let printed = refused(&[(SECTION, keys)]);
        let lower = printed.to_lowercase();
        assert!(
            lower.contains("key restricted_session."),
            "{keys}:\n{printed}"
        );
        assert!(!printed.contains("hunter2"), "{keys}:\n{printed}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn a_store_that_does_not_open_tells_no_secret_either() {
    for address in ["cache.example:port", "cache.example/db", "[cache"] {
        let keys = format!("{{store=\"redis://ada:hunter2hunter2@{address}\"}}");
        let printed = refused(&[(SECTION, &keys)]);
        assert!(printed.contains("does not open"), "{keys}:\n{printed}");
        assert!(!printed.contains("hunter2"), "{keys}:\n{printed}");
    }
}

#[test]
fn a_key_that_rocket_would_ignore_refuses_the_launch() {
    for name in [
        "ROCKET_RESTRICTED_SESSION_IDLE_TIMEOUT",
        "ROCKET_RESTRICTED_SESSION__IDLE_TIMEOUT",
    ] {
        let printed = refused(&[(name, "60")]);
        let key = name.strip_prefix("ROCKET_").unwrap();
        assert!(printed.contains(&format!("for key {key}")), "{printed}");
        assert!(printed.contains(&format!("{SECTION}=")), "{printed}");
    }
}

#[test]
fn liftoff_tells_the_policy_and_the_checks() {
    let app = quick_start(&[
        ("ROCKET_PROFILE", "release"),
        ("ROCKET_SECRET_KEY", KEY),
        (
            SECTION,
            "{idle_timeout=\"10m\",max_sessions=5,binding={network=\"step-up\"}}",
        ),
    ]);
    let printed = app.program.printed();
    for text in [
        "cookie: __Host-session",
        "12h at most",
        "10m idle",
        "fresh for 10m",
        "store: MemoryStore, so a restart forgets who was signed out",
        "rotation: every 15m",
        "sessions of one user: 5 at most",
        "step-up",
        "HSTS: ",
        "trusted proxies: ",
        "RS01 ",
        "RS04 ",
    ] {
        assert!(printed.contains(text), "no {text:?} in\n{printed}");
    }
    assert!(!printed.contains(KEY));
}

#[test]
fn silenced_checks_are_not_printed_and_denied_ones_refuse_the_launch() {
    let silent = quick_start(&[
        ("ROCKET_PROFILE", "release"),
        ("ROCKET_SECRET_KEY", KEY),
        (SECTION, "{checks={silence=[\"RS01\"]}}"),
    ]);
    let printed = silent.program.printed();
    assert!(!printed.contains("RS01"), "{printed}");
    assert!(printed.contains("RS04"), "{printed}");
    let printed = refused(&[
        ("ROCKET_PROFILE", "release"),
        ("ROCKET_SECRET_KEY", KEY),
        (SECTION, "{checks={deny=[\"RS01\"]}}"),
    ]);
    assert!(printed.contains("RS01"), "{printed}");
}

#[test]
fn the_log_of_a_theft_holds_no_cookie_and_no_address() {
    let app = quick_start(&[("ROCKET_LOG_LEVEL", "normal")]);
    let owner = Visitor::at("127.0.0.1", app.port);
    let session = owner.post("/login", "name=ada").session().unwrap();
    let thief = Visitor::at("127.0.0.2", app.port).holding(&session);
    assert_eq!(thief.get("/account").status, 401);
    let printed = app.program.wait_for("was refused");
    assert!(printed.contains("network"), "{printed}");
    let (_, since_liftoff) = printed.split_once("Rocket has launched").unwrap();
    let (_, since_liftoff) = since_liftoff.split_once('\n').unwrap();
    assert!(!printed.contains(&session), "{printed}");
    assert!(!since_liftoff.contains("127.0.0."), "{printed}");
    assert!(owner.holding(&session).is_welcome());
}
