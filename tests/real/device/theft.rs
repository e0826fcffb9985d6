//! A thief on the same machine, with the browser's name and cookies but without its key.

use rocket_restricted_session::EventKind;

use super::*;
use crate::support::Answer;

fn unbound() -> (u16, String) {
    (401, "stolen: -".into())
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn stolen_cookies_open_nothing_and_the_browser_goes_on() {
    let scene = Scene::bound();
    let session = scene.copied(&[COOKIE]);
    let both = scene.copied(&[COOKIE, BOUND]);
    scene.backstage.pass(AFTER_GRACE);
    assert_eq!(scene.seen_by_thief(&session), unbound());
    assert_eq!(
        scene.seen_by_thief(&both).0,
        200,
        "until the bound one ends"
    );
    assert!(scene.is_bound());

    scene.backstage.pass(10 * 60 - AFTER_GRACE);
    assert!(scene.goes_on());
    assert_eq!(scene.seen_by_thief(&both), unbound());
    assert!(scene.is_bound());
}

/// Sends what a browser has sent before.
fn replay(scene: &Scene, path: &str, identifier: &str, proof: &str) -> Answer {
    scene.thief().run(&[
        "-X",
        "POST",
        "-H",
        &format!("Sec-Secure-Session-Id: {identifier}"),
        "-H",
        &format!("Secure-Session-Response: {proof}"),
        &scene.app(path),
    ])
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn proofs_that_were_copied_on_their_way_are_worth_nothing() {
    let scene = Scene::bound();
    assert!(scene.goes_on());
    let Backstage { log, told, .. } = &scene.backstage;
    for (path, is_told) in [
        (
            "/.dbsc/refresh",
            (|kind| matches!(kind, EventKind::ProofReused(_))) as fn(&EventKind) -> bool,
        ),
        ("/.dbsc/register", |kind| {
            matches!(kind, EventKind::SecondDevice(_))
        }),
    ] {
        let sent = log.of(path).pop().expect("a proof");
        assert_eq!(sent.status, 200);
        let replayed = replay(&scene, path, &sent.identifier, &sent.proof);
        assert_eq!(replayed.status, 403, "{replayed:?}");
        assert_eq!(replayed.header("set-cookie"), None);
        assert_eq!(told.count(is_told), 1);
    }
    assert!(scene.goes_on());
}
