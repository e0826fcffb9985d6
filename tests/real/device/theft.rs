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

/// Sends the last proof that the browser has sent to a path, as whoever has copied it would.
fn replay(scene: &Scene, path: &str) -> Answer {
    let sent = scene.backstage.log.of(path).pop().expect("a proof");
    assert_eq!(sent.status, 200);
    let identifier = format!("Sec-Secure-Session-Id: {}", sent.identifier);
    let proof = format!("Secure-Session-Response: {}", sent.proof);
    let url = scene.app(path);
    let thief = scene.thief().with(&["-X", "POST"]);
    thief.run(&["-H", &identifier, "-H", &proof, &url])
}

#[test]
#[ignore = "needs chromium, chromedriver and curl"]
fn proofs_that_were_copied_on_their_way_are_worth_nothing() {
    let scene = Scene::bound();
    assert!(scene.goes_on());
    for path in ["/.dbsc/refresh", "/.dbsc/register"] {
        let replayed = replay(&scene, path);
        assert_eq!(replayed.status, 403, "{replayed:?}");
        assert_eq!(replayed.header("set-cookie"), None);
    }
    let told = &scene.backstage.told;
    let reused = told.count(|kind| matches!(kind, EventKind::ProofReused(_)));
    let second = told.count(|kind| matches!(kind, EventKind::SecondDevice(_)));
    assert_eq!((reused, second), (1, 1));
    assert!(scene.goes_on());
}
