//! The outcomes of the guards: what forwards, what fails, what the catcher learns.

use crate::support::*;
use rocket::http::Status;

#[test]
fn nobody_there_is_a_forward() {
    let app = App::new("");
    let response = app.owner().get("/account");
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert_eq!(outcome(response), (401, "missing - false".into()));
    assert_eq!(app.owner().sees("/option"), (200, "nobody".into()));
    assert_eq!(app.owner().sees("/ranked"), (200, "third".into()));
}

#[test]
fn somebody_else_fails_even_where_a_lower_rank_would_greet() {
    let app = App::new("");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    assert_eq!(thief.sees("/ranked").0, 401);
    assert_eq!(app.owner().sees("/ranked"), (200, "ada".into()));
}

#[test]
fn a_session_that_is_not_fresh_forwards_with_403() {
    let app = App::new("fresh_for = \"10m\"");
    app.sign_in();
    app.clock.pass(599);
    assert_eq!(app.owner().sees("/fresh"), (200, "ada".into()));
    app.clock.pass(1);
    assert_eq!(app.owner().sees("/fresh"), (403, "stale - false".into()));
    assert_eq!(app.owner().sees("/ranked"), (200, "second".into()));
    assert_eq!(app.owner().post("/reauthenticate").status(), Status::Ok);
    assert_eq!(app.owner().sees("/fresh"), (200, "ada".into()));
    assert_eq!(app.owner().sees("/fresh"), (200, "ada".into()));
}

#[test]
fn junk_is_unreadable_and_kept() {
    let app = App::new("");
    let valid = app.sign_in();
    let huge = "A".repeat(60_000);
    let truncated = &valid[..valid.len() - 4];
    for junk in [
        "",
        "junk",
        "%%%",
        "AAAA",
        "\"quoted\"",
        "ü",
        &huge,
        truncated,
    ] {
        let line = format!("{COOKIE}={junk}");
        let response = app.owner().get_with_cookies("/account", &[line]);
        assert_eq!(set_cookies(&response), Vec::<String>::new());
        assert_eq!(outcome(response), (401, "unreadable - false".into()));
    }
}

#[test]
fn no_flipped_character_opens_the_route() {
    let app = App::new("");
    let valid = app.sign_in();
    for at in 0..valid.trim_end_matches('=').len() - 1 {
        let mut flipped = valid.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        let line = format!("{COOKIE}={}", String::from_utf8(flipped).unwrap());
        let response = app.owner().get_with_cookies("/account", &[line]);
        assert_eq!(response.status(), Status::Unauthorized, "at {at}");
    }
}

#[test]
fn junk_beside_a_valid_session_does_not_sign_out() {
    let app = App::new("");
    let valid = app.sign_in();
    for line in [
        format!("{COOKIE}={valid}; {COOKIE}=junk"),
        format!("{COOKIE}=junk; {COOKIE}={valid}"),
        format!("{COOKIE}=1; {COOKIE}=2; {COOKIE}=3; {COOKIE}={valid}"),
    ] {
        let seen = outcome(app.owner().get_with_cookies("/account", &[line]));
        assert_eq!(seen, (200, "ada:".into()));
    }
    let fifth = format!("{}{COOKIE}={valid}", format!("{COOKIE}=x; ").repeat(4));
    let seen = outcome(app.owner().get_with_cookies("/account", &[fifth]));
    assert_eq!(seen, (401, "unreadable - false".into()));
}

#[test]
fn a_session_of_another_section_is_unreadable() {
    let app = App::new("");
    let line = format!("{COOKIE}={}", app.sign_in());
    let other = App::new("context = \"other\"");
    let seen = outcome(other.owner().get_with_cookies("/account", &[line]));
    assert_eq!(seen, (401, "unreadable - false".into()));
}

#[test]
fn data_of_another_shape_is_unreadable_and_kept() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Old(u8);
    impl rocket_restricted_session::SessionData for Old {
        fn subject(&self) -> impl std::fmt::Display {
            self.0
        }
    }
    #[rocket::post("/old")]
    async fn old(jar: rocket_restricted_session::SessionJar<'_, Old>) -> Result<(), Status> {
        Ok(jar.login(Old(1)).await?)
    }
    let before = rocket::custom(figment(""))
        .mount("/", rocket::routes![old])
        .attach(
            rocket_restricted_session::SessionShield::<Old>::new()
                .clock(TestClock::default().reader()),
        );
    let before = rocket::local::blocking::Client::tracked(before).unwrap();
    assert_eq!(before.post("/old").dispatch().status(), Status::Ok);
    let value = before.cookies().get(COOKIE).unwrap().value().to_owned();

    let app = App::new("");
    let line = format!("{COOKIE}={value}");
    let response = app.owner().get_with_cookies("/account", &[line]);
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert_eq!(outcome(response), (401, "unreadable - false".into()));
}

#[test]
fn a_failure_status_of_ones_own_is_answered() {
    let app = App::new("failure_status = 404");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE);
    assert_eq!(
        thief.sees("/account"),
        (404, "mismatch network true".into())
    );
    assert_eq!(app.owner().sees("/account").0, 200);
    app.forget();
    assert_eq!(app.owner().sees("/account").0, 401);
}

#[test]
fn each_action_does_what_it_says() {
    for (action, at_home, away, away_fresh) in [
        ("off", 200, 200, 200),
        ("report", 200, 200, 200),
        ("step-up", 200, 200, 403),
        ("reject", 200, 401, 401),
    ] {
        for (key, thief_at, thief_with) in
            [("network", ELSEWHERE, FIREFOX), ("user_agent", HOME, CURL)]
        {
            let app = App::new(&format!("binding.{key} = \"{action}\""));
            app.sign_in();
            let thief = app.owner().at(thief_at).with(thief_with);
            assert_eq!(app.owner().sees("/fresh").0, at_home, "{key} {action}");
            assert_eq!(thief.sees("/account").0, away, "{key} {action}");
            assert_eq!(thief.sees("/fresh").0, away_fresh, "{key} {action}");
        }
    }
}

#[test]
fn of_several_changes_the_severest_action_counts() {
    let app = App::new("binding = { network = \"step-up\", user_agent = \"reject\" }");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE).with(CURL);
    assert_eq!(
        thief.sees("/account"),
        (401, "mismatch user_agent true".into())
    );
    assert_eq!(app.owner().at(ELSEWHERE).sees("/account").0, 200);
}

#[test]
fn in_report_mode_a_thief_passes_but_nothing_ended_does() {
    let app = App::new("mode = \"report\"\nidle_timeout = 100");
    app.sign_in();
    let thief = app.owner().at(ELSEWHERE).with(CURL);
    assert_eq!(thief.sees("/fresh"), (200, "ada".into()));
    app.clock.pass(100);
    assert_eq!(thief.sees("/account"), (401, "expired - false".into()));
}

#[test]
fn a_client_without_an_address_is_one_without_an_address() {
    let app = App::new("");
    let local = app.owner().at("");
    assert_eq!(local.post("/login/ada").status(), Status::Ok);
    assert_eq!(local.sees("/account"), (200, "ada:".into()));
    assert_eq!(local.with(CURL).sees("/account").0, 401);

    app.sign_in();
    assert_eq!(
        local.sees("/account"),
        (500, "client-unresolved - false".into())
    );
    assert_eq!(app.owner().sees("/account").0, 200);
}

#[test]
fn a_session_bound_to_no_user_agent_goes_on_without_one() {
    let app = App::new("");
    let quiet = app.owner().with(None);
    assert_eq!(quiet.post("/login/ada").status(), Status::Ok);
    assert_eq!(quiet.sees("/account").0, 200);
    assert_eq!(app.owner().sees("/account").0, 401);
}

#[test]
fn hostile_headers_never_break_a_request() {
    let app = App::new("");
    let valid = app.sign_in();
    let long = format!("Mozilla/5.0 {}", "x".repeat(65_536));
    let many = "a=b; ".repeat(20_000);
    for (agent, cookies) in [
        (Some(long.as_str()), format!("{COOKIE}={valid}")),
        (Some("\u{1f980} ((((((("), format!("{COOKIE}={valid}")),
        (Some(FIREFOX), many),
        (Some(FIREFOX), ";;;;=;=;".into()),
        (Some(FIREFOX), format!("{COOKIE}=%ff%fe; %ff{COOKIE}=1")),
    ] {
        let visitor = app.owner().with(agent);
        let response = visitor.get_with_cookies("/account", &[cookies]);
        assert_eq!(response.status(), Status::Unauthorized);
    }
    assert_eq!(app.owner().sees("/account").0, 200);
}

#[test]
fn no_guard_without_its_shield_launches() {
    let error = refusal(rocket(figment("")));
    assert!(error.contains("SentinelAborts"), "{error}");
}

#[test]
fn behind_a_guard_that_hides_it_a_missing_shield_is_a_500() {
    use rocket::request::{FromRequest, Outcome, Request};

    struct Admin;
    #[rocket::async_trait]
    impl<'r> FromRequest<'r> for Admin {
        type Error = ();
        async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
            type Session = rocket_restricted_session::RestrictedSession<Account>;
            let session = request.guard::<Session>().await;
            session.map(|_| Admin).map_error(|(status, _)| (status, ()))
        }
    }
    #[rocket::get("/admin")]
    fn admin(_admin: Admin) {}

    let rocket = rocket::custom(figment("")).mount("/", rocket::routes![admin]);
    let client = rocket::local::blocking::Client::untracked(rocket).unwrap();
    let response = client.get("/admin").dispatch();
    assert_eq!(response.status(), Status::InternalServerError);
}

#[test]
fn errors_are_opaque() {
    for (error, status) in [
        (rocket_restricted_session::Error::NoSession, 401),
        (
            rocket_restricted_session::Error::TooLarge { bytes: 5000 },
            500,
        ),
        (rocket_restricted_session::Error::ClientUnresolved, 500),
    ] {
        assert_eq!(Status::from(error.clone()).code, status);
        assert!(!error.to_string().is_empty());
    }
    let app = App::new("");
    assert_eq!(app.owner().post("/login-with/4096").status().code, 500);
}
