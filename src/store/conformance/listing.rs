//! The list of sessions, and what is told without touching them.

use super::scene::{Scene, HOUR, IDLE, LIFETIME, MINUTE, SECOND};
use crate::store::{NewSession, Over, SessionInfo};

async fn last_seen(scene: &Scene) -> i64 {
    let listed = scene.sessions().await;
    assert_eq!(listed.len(), 1);
    listed[0].last_seen.unix_timestamp()
}

/// The list has the live sessions, and of each what its owner knows it by.
pub async fn the_list_tells_of_each_live_session(scene: Scene) {
    let named = NewSession {
        label: "Safari on an iPhone",
        network: "2001:db8::/48",
        ..scene.new_session()
    };
    let nameless = NewSession {
        label: "",
        network: "",
        ..scene.new_session()
    };
    let started = scene.now() / 1000;
    let (first, _) = scene.start(&named).await;
    let (second, _) = scene.start(&nameless).await;
    let listed = scene.sessions().await;
    assert_eq!(listed.len(), 2);
    let info = |id| -> &SessionInfo {
        let found = listed.iter().find(|info| info.id == id);
        found.expect("the session is in the list")
    };
    let first = info(first.key.id);
    assert_eq!(first.label, "Safari on an iPhone");
    assert_eq!(first.network.as_deref(), Some("2001:db8::/48"));
    let second = info(second.key.id);
    assert_eq!((&*second.label, &second.network), ("", &None));
    for info in listed.iter() {
        assert!(!info.current);
        assert!(!info.device_bound);
        for time in [info.created_at, info.last_seen] {
            let late = time.unix_timestamp() - started;
            assert!((0..60).contains(&late), "{late} s");
        }
    }
}

/// The list has no session that is over, for whatever reason, nor one that is idle.
pub async fn the_list_has_no_session_that_is_over(scene: Scene) {
    let short = NewSession {
        lifetime: HOUR,
        ..scene.new_session()
    };
    scene.start(&short).await;
    scene.sign_in().await;
    for why in [Over::SignedOut, Over::Revoked, Over::Replaced] {
        let ended = scene.sign_in().await;
        assert!(scene.end(ended, why).await);
    }
    assert_eq!(scene.sessions().await.len(), 2);
    scene.pass(HOUR + MINUTE);
    assert_eq!(scene.sessions().await.len(), 1);
    scene.pass(HOUR);
    assert_eq!(scene.sessions().await, []);
}

/// Labels of any characters survive; long ones do, or are cut.
pub async fn labels_of_any_kind_survive(scene: Scene) {
    let long = "\u{fc}\u{1f980}".repeat(2000);
    for label in [
        "plain",
        "'; DROP TABLE sessions; --",
        "\0 \r\n \t \\ \" ' % _ { } : * [ ]",
        "\u{202e}\u{1f980}\u{fffd}",
        &long,
    ] {
        let scene = scene.of_another_subject();
        let new = NewSession {
            label,
            network: label,
            ..scene.new_session()
        };
        let (ticket, _) = scene.start(&new).await;
        scene.used(ticket).await;
        let listed = scene.sessions().await;
        assert_eq!(listed.len(), 1);
        let info = &listed[0];
        for kept in [&info.label, info.network.as_ref().expect("a network")] {
            assert!(label.starts_with(kept.as_str()), "{kept:?}");
            assert!(kept.len() >= label.len().min(64), "{kept:?}");
        }
    }
}

/// The list and `is_live` read only: a session that is asked about goes idle all the same.
pub async fn to_ask_about_a_session_is_not_to_use_it(scene: Scene) {
    let ticket = scene.sign_in().await;
    for _ in 0..4 {
        scene.pass(IDLE / 4 - SECOND);
        assert!(scene.is_live(ticket).await);
        assert_eq!(scene.sessions().await.len(), 1);
    }
    scene.pass(MINUTE);
    assert!(!scene.is_live(ticket).await);
    assert_eq!(scene.sessions().await, []);
    scene.is_over(ticket, Over::Idle).await;
}

/// What was found idle is over, also for whoever would wait longer.
pub async fn idle_is_final(scene: Scene) {
    let ticket = scene.sign_in().await;
    scene.pass(IDLE - MINUTE);
    scene.admitted(ticket).await;
    scene.pass(IDLE + MINUTE);
    scene.is_over(ticket, Over::Idle).await;
    let mut patient = scene.clone();
    patient.policy.idle_timeout = LIFETIME;
    patient.is_over(ticket, Over::Idle).await;
    assert!(!scene.update(ticket, 1, b"data").await);
}

/// A session in use never goes idle, whatever its rhythm.
pub async fn a_session_in_use_never_goes_idle(scene: Scene) {
    for rhythm in [IDLE / 3 - SECOND, IDLE / 10, 7 * MINUTE, IDLE - 13 * MINUTE] {
        let ticket = scene.sign_in().await;
        for _ in 0..(20 * HOUR / rhythm) {
            scene.pass(rhythm);
            scene.admitted(ticket).await;
        }
    }
}

/// Use is noted seldom: most requests write nothing.
pub async fn use_is_noted_now_and_then(scene: Scene) {
    let ticket = scene.sign_in().await;
    let at_first = last_seen(&scene).await;
    for _ in 0..4 {
        scene.pass(10 * SECOND);
        scene.used(ticket).await;
        assert_eq!(last_seen(&scene).await, at_first);
    }
    scene.pass(scene.policy.touch_after());
    scene.used(ticket).await;
    assert!(last_seen(&scene).await > at_first + 40);
}

/// A re-authentication is a use.
pub async fn a_reauthentication_is_noted(scene: Scene) {
    let ticket = scene.sign_in().await;
    scene.pass(IDLE - MINUTE);
    assert!(scene.succeed(ticket).await.is_some());
    scene.pass(IDLE - MINUTE);
    assert!(scene.is_live(ticket).await);
}
