//! What the app is told, and what it is never told.

use crate::support::*;
use rocket_restricted_session::{EventKind, Reason, SessionShield};

fn names(app: &App) -> Vec<String> {
    let name = |kind: EventKind| match kind {
        EventKind::SignedIn => "signed in".into(),
        EventKind::SignedOut => "signed out".into(),
        EventKind::Reauthenticated => "reauthenticated".into(),
        EventKind::Updated => "updated".into(),
        EventKind::SteppedUp(changes) => format!("stepped up {}", changes[0].signal),
        EventKind::Reported(changes) => format!("reported {}", changes[0].signal),
        EventKind::AliasIgnored => "alias".into(),
        EventKind::Refused(why, _) => format!("refused {}", why.reason()),
        other => panic!("{other:?}"),
    };
    app.told.take().into_iter().map(|e| name(e.kind)).collect()
}

#[test]
fn each_act_is_told_once() {
    let app = App::new("");
    app.sign_in();
    app.owner().post("/reauthenticate");
    app.owner().post("/update/ada/tea");
    app.owner().get("/ranked");
    app.owner().post("/logout-then/ok");
    app.owner().get("/account");
    assert_eq!(
        names(&app),
        ["signed in", "reauthenticated", "updated", "signed out"]
    );
}

#[test]
fn a_refusal_is_told_once_however_many_guards_ask() {
    let app = App::new("");
    app.sign_in();
    app.told.take();
    app.owner().at(ELSEWHERE).get("/ranked");
    let told = app.told.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].subject.as_deref(), Some("ada"));
    assert_eq!(told[0].section, "restricted_session");
    assert_eq!(told[0].client.as_deref(), Some("198.51.0.0/16"));
    assert_eq!(told[0].user_agent, "Firefox on Linux");
    let EventKind::Refused(why, changes) = &told[0].kind else {
        panic!("{:?}", told[0]);
    };
    assert_eq!(
        (why.reason(), why.signal()),
        (Reason::Mismatch, Some("network"))
    );
    assert_eq!(changes[0].now.as_deref(), Some("198.51.0.0/16"));
}

#[test]
fn expiry_and_junk_are_told_and_an_anonymous_visit_is_not() {
    let app = App::new("");
    app.owner().get("/account");
    assert_eq!(names(&app), Vec::<String>::new());
    app.sign_in();
    app.clock.pass(1800);
    app.owner().get("/ranked");
    let junk = vec![format!("{COOKIE}=junk")];
    app.owner().get_with_cookies("/account", &junk);
    assert_eq!(
        names(&app),
        ["signed in", "refused expired", "refused unreadable"]
    );
}

#[test]
fn changes_that_are_let_in_are_told_with_both_sides_masked() {
    let app = App::new("binding = { user_agent = \"report\", network = \"step-up\" }");
    app.sign_in();
    app.told.take();
    app.owner().with(CURL).get("/account");
    let told = app.told.take();
    let EventKind::Reported(changes) = &told[0].kind else {
        panic!("{told:?}");
    };
    assert_eq!(changes[0].was.as_deref(), Some("Firefox on Linux"));
    assert!(!changes[0].to_string().contains("curl/8.5.0"));

    app.owner().at(ELSEWHERE).get("/account");
    assert_eq!(names(&app), ["stepped up network"]);
}

#[test]
fn an_alias_is_told() {
    let app = App::new("");
    let line = vec![COOKIE.replacen('_', "%5F", 1) + "=x; a%20b=c"];
    app.owner().get_with_cookies("/account", &line);
    assert_eq!(names(&app), ["alias"]);
    app.owner()
        .get_with_cookies("/account", &["a%20b=c".into()]);
    assert_eq!(names(&app), Vec::<String>::new());
}

#[test]
fn a_hook_that_panics_breaks_nothing() {
    let rocket = rocket(figment("")).manage(TestClock::default());
    let shield = SessionShield::<Account>::new().on_event(|_| panic!("as the test asked for"));
    let client = rocket::local::blocking::Client::tracked(rocket.attach(shield)).unwrap();
    assert_eq!(client.post("/login/ada").dispatch().status().code, 200);
    assert_eq!(client.get("/account").dispatch().status().code, 200);
}

#[test]
fn nothing_secret_is_told() {
    let app = App::new("binding.network = \"report\"");
    let cookie = app.sign_in();
    app.owner().at(ELSEWHERE).get("/account");
    app.owner().with(CURL).get("/account");
    app.owner().post("/logout-then/ok");
    let told = format!("{:?}", app.told.take());
    for secret in [cookie.as_str(), HOME, ELSEWHERE, FIREFOX, CURL, "5a5a"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
}
