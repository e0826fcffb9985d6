//! What leaves the app: session cookies that survive every fate of a request, and no-store.

use crate::support::*;
use rocket::fairing::AdHoc;
use rocket::http::Status;

fn issued_or_removed(response: &rocket::local::blocking::LocalResponse<'_>) -> String {
    let lines = set_cookies(response);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap()
}

#[test]
fn a_sign_in_survives_the_failure_of_its_handler() {
    for fate in ["/login-then/ok", "/login-then/fail", "/login-then/panic"] {
        let app = App::new("");
        app.owner().post(fate);
        assert_eq!(app.owner().sees("/account"), (200, "ada:".into()), "{fate}");
    }
}

#[test]
fn a_sign_out_survives_the_failure_of_its_handler() {
    for fate in ["/logout-then/ok", "/logout-then/fail", "/logout-then/panic"] {
        let app = App::new("");
        app.sign_in();
        let removal = issued_or_removed(&app.owner().post(fate));
        assert_eq!(
            removal,
            "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0; \
             Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        );
        assert_eq!(app.cookie(), None, "{fate}");
    }
}

#[test]
fn a_refresh_survives_the_failure_of_the_handler() {
    for fate in [
        "/account-then/ok",
        "/account-then/fail",
        "/account-then/panic",
    ] {
        let app = App::new("");
        let before = app.sign_in();
        app.clock.pass(900);
        issued_or_removed(&app.owner().get(fate));
        assert_ne!(app.cookie().unwrap(), before, "{fate}");
        assert_eq!(app.owner().sees("/account").0, 200);
    }
}

#[test]
fn an_expired_session_is_cleared_through_every_catcher() {
    #[rocket::catch(401)]
    fn panics() -> &'static str {
        panic!("as the test asked for")
    }
    #[rocket::catch(401)]
    fn fails() -> Result<(), Status> {
        Err(Status::ImATeapot)
    }
    for catchers in [vec![], rocket::catchers![panics], rocket::catchers![fails]] {
        let app = App::with(figment(""), |rocket| rocket.register("/account", catchers));
        app.sign_in();
        app.clock.pass(1800);
        issued_or_removed(&app.owner().get("/account"));
        assert_eq!(app.cookie(), None);
    }
    for path in ["/option", "/result", "/ranked"] {
        let app = App::new("");
        app.sign_in();
        app.clock.pass(1800);
        issued_or_removed(&app.owner().get(path));
    }
}

#[test]
fn three_guards_cost_one_verdict_and_one_cookie() {
    let app = App::new("");
    app.sign_in();
    app.clock.pass(900);
    app.told.take();
    let response = app.owner().get("/ranked");
    assert_eq!(set_cookies(&response).len(), 1);
    assert_eq!(outcome(response), (200, "second".into()));
}

#[test]
fn the_last_word_of_the_app_counts_and_outranks_a_refresh() {
    let app = App::new("");
    app.sign_in();
    app.clock.pass(200);
    issued_or_removed(&app.owner().post("/logout-then/ok"));
    assert_eq!(app.cookie(), None);

    app.sign_in();
    issued_or_removed(&app.owner().post("/all-at-once"));
    assert_eq!(app.owner().sees("/account"), (200, "grace:tea".into()));
}

#[test]
fn nothing_changes_a_session_that_was_just_signed_out() {
    let app = App::new("");
    app.sign_in();
    let response = app.owner().post("/logout-then-update");
    assert_eq!(response.status(), Status::Unauthorized);
    assert_eq!(app.cookie(), None);
}

#[test]
fn a_sign_in_after_a_refused_session_leaves_only_the_new_one() {
    let app = App::new("");
    app.sign_in();
    app.clock.pass(1800);
    let signed_in = app.owner().post("/login/grace");
    assert!(!issued_or_removed(&signed_in).contains("Max-Age"));
    assert_eq!(app.owner().sees("/account"), (200, "grace:".into()));

    let elsewhere = app.owner().at(ELSEWHERE);
    issued_or_removed(&elsewhere.post("/login/ada"));
    assert_eq!(elsewhere.sees("/account"), (200, "ada:".into()));
}

#[test]
fn what_leaves_too_late_is_dropped_unless_the_app_asked_for_it() {
    for (keys, again_after) in [
        ("store = \"none\"", 0),
        ("", 60),
        ("store = \"none\"\nrotation_grace = 4", 0),
    ] {
        let app = App::new(keys);
        let before = app.sign_in();
        app.clock.pass(900);
        let (late, in_time) = match keys.contains("grace") {
            true => ("/slow/5", "/slow/4"),
            false => ("/slow/11", "/slow/10"),
        };
        assert_eq!(set_cookies(&app.owner().get(late)).len(), 0);
        assert_eq!(app.cookie().unwrap(), before);
        app.clock.pass(again_after);
        assert_eq!(set_cookies(&app.owner().get(in_time)).len(), 1);
    }
}

#[test]
fn updates_replace_the_data_and_keep_the_subject() {
    let app = App::new("");
    assert_eq!(app.owner().post("/update/ada/tea").status().code, 401);
    app.sign_in();
    assert_eq!(app.owner().post("/update/ada/tea").status(), Status::Ok);
    assert_eq!(app.owner().sees("/account"), (200, "ada:tea".into()));
    assert_eq!(app.owner().post("/update/grace/tea").status().code, 500);
    assert_eq!(app.owner().sees("/account"), (200, "ada:tea".into()));

    let thief = app.owner().at(ELSEWHERE);
    let refused = (401, String::from("mismatch network true"));
    assert_eq!(outcome(thief.post("/update/ada/rum")), refused);
    assert_eq!(outcome(thief.post("/reauthenticate")), refused);
    assert_eq!(app.owner().sees("/account"), (200, "ada:tea".into()));
}

#[test]
fn an_update_does_not_make_a_session_fresh() {
    let app = App::new("");
    app.sign_in();
    app.clock.pass(600);
    assert_eq!(app.owner().post("/update/ada/tea").status(), Status::Ok);
    assert_eq!(app.owner().sees("/fresh").0, 403);
}

#[test]
fn a_kibibyte_fits_and_what_does_not_is_an_error_at_sign_in() {
    let app = App::new("");
    let response = app.owner().post("/login-with/1024");
    assert_eq!(response.status(), Status::Ok);
    let line = issued_or_removed(&response);
    assert!(line.len() <= 4096, "{}", line.len());
    assert_eq!(app.owner().sees("/account").0, 200);

    let fits = |bytes: &usize| {
        let path = format!("/login-with/{bytes}");
        let request = app.owner().dress(app.client.post(path));
        request.dispatch().status() == Status::Ok
    };
    let largest = (1024..4096).take_while(fits).last().unwrap();
    let pair = COOKIE.len() + app.cookie().unwrap().len();
    assert!((4090..=4096).contains(&pair), "{pair} for {largest}");

    let before = app.cookie();
    let response = app.owner().post("/login-with/3500");
    assert_eq!(set_cookies(&response), Vec::<String>::new());
    assert_eq!(response.status(), Status::InternalServerError);
    assert_eq!(app.cookie(), before);
}

#[test]
fn responses_with_a_session_are_not_stored() {
    let cached = AdHoc::on_response("Cached", |_, response| {
        Box::pin(async move {
            response.set_raw_header("Cache-Control", "public, max-age=600");
            response.set_raw_header("CDN-Cache-Control", "max-age=600");
            response.set_raw_header("Surrogate-Control", "max-age=600");
            response.set_raw_header("Expires", "Thu, 01 Jan 2099 00:00:00 GMT");
        })
    });
    let app = App::with(figment(""), |rocket| rocket.attach(cached));
    let cache_control = |response: &_| header(response, "Cache-Control").unwrap();
    let forbidden = |response: &_| {
        cache_control(response) == "no-store"
            && ["CDN-Cache-Control", "Surrogate-Control", "Expires"]
                .iter()
                .all(|name| header(response, name).is_none())
    };

    assert!(forbidden(&app.owner().post("/login/ada")));
    assert!(forbidden(&app.owner().at(ELSEWHERE).get("/account")));
    assert!(forbidden(&app.owner().at(ELSEWHERE).get("/option")));
    let guarded = app.owner().get("/account");
    assert_eq!(cache_control(&guarded), "public, max-age=600");
    for (path, is_refusal) in [("/account", true), ("/open", false), ("/option", false)] {
        let request = app.owner().dress(app.client.get(path));
        let cookie = rocket::http::Header::new("Cookie", "other=1");
        let nobody = request.header(cookie).dispatch();
        assert_eq!(forbidden(&nobody), is_refusal, "{path}");
    }
}

#[test]
fn a_guarded_success_is_not_stored_unless_the_app_says_so() {
    let app = App::new("");
    assert_eq!(header(&app.owner().get("/open"), "Cache-Control"), None);
    app.sign_in();
    for path in ["/account", "/sessions"] {
        let guarded = app.owner().get(path);
        assert_eq!(header(&guarded, "Cache-Control").unwrap(), "no-store");
    }
    assert_eq!(header(&app.owner().get("/open"), "Cache-Control"), None);
}

#[test]
fn head_requests_are_guarded_as_well() {
    let app = App::new("");
    app.sign_in();
    let head = |visitor: Visitor<'_>| {
        let response = visitor.dress(app.client.head("/account")).dispatch();
        response.status().code
    };
    assert_eq!(head(app.owner()), 200);
    assert_eq!(head(app.owner().at(ELSEWHERE)), 401);
}

#[test]
fn a_change_that_leaves_too_late_is_dropped_and_a_sign_in_never() {
    let app = App::new("");
    let before = app.sign_in();
    app.clock.pass(700);
    app.owner().post("/slow-reauthenticate/11");
    assert_eq!(app.cookie().unwrap(), before);
    assert_eq!(app.owner().sees("/fresh").0, 403);
    app.owner().post("/slow-reauthenticate/10");
    assert_eq!(app.owner().sees("/fresh").0, 200);

    let app = App::new("store = \"none\"");
    let before = app.sign_in();
    app.owner().post("/slow-update/11");
    assert_eq!(app.cookie().unwrap(), before);
    app.owner().post("/slow-update/10");
    assert_eq!(app.owner().sees("/account"), (200, "ada:tea".into()));

    let app = App::new("");
    app.owner().post("/slow-login/600");
    assert_eq!(app.owner().sees("/account"), (200, "ada:tea".into()));
}
