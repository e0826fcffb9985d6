//! Thieves are found, and cannot help it.

use super::scene::{Scene, CLAIM_WINDOW, DUE, HOUR, IDLE, IN_GRACE, MINUTE, OLD, SECOND};
use crate::store::{DeviceCookie, Occurrence, Over, Policy, Presence, Presented};

/// Requests that are refused claim no successor: whoever is refused cannot starve the owner.
///
/// Requests that a signal refuses never come to a store; those without the bound cookie do.
pub async fn r01_rejected_never_claims(scene: Scene) {
    let a = scene.sign_in().await;
    let bound = scene.store.bind(&a.key, b"key", 0, scene.now()).await;
    bound.expect("bind");
    scene.pass(DUE);
    for _ in 0..100 {
        assert_eq!(scene.show(a).await, Presence::Unbound);
    }
    let owner = Presented {
        device_cookie: DeviceCookie::Shown,
        ..scene.presented(a)
    };
    let Presence::Admitted(admission) = scene.present(&owner).await else {
        panic!("the owner is to be let in");
    };
    assert!(admission.successor.is_some());
    assert_eq!(admission.occurrence, None);
}

/// A thief who claims every successor and discards it keeps the owner from getting one only until
/// the third.
pub async fn r02_discarding_thief(scene: Scene) {
    let a = scene.sign_in().await;
    for time in [DUE, CLAIM_WINDOW, CLAIM_WINDOW] {
        scene.pass(time);
        scene.claim(a).await;
    }
    scene.pass(SECOND);
    let owners = scene.admitted(a).await;
    assert_eq!(owners.occurrence, Some(Occurrence::RotationContested));
    let b = a.replaced_by(owners.successor.expect("a successor of the owner's own"));
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.is_replay(a).await;
}

/// A thief's update changes the data, and gets him no token.
pub async fn r10_update_gives_no_cookie(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(IN_GRACE);
    scene.used(a).await;
    assert!(scene.update(a, 1, b"by the thief").await);
    let of_b = scene.admitted(b).await;
    assert_eq!(of_b.update.map(|update| update.revision), Some(1));
    scene.pass(OLD);
    scene.is_replay(a).await;
}

/// The grace counts from the succession, however often the superseded token is shown.
pub async fn r15_grace_never_slides(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    for _ in 1..=8 {
        scene.pass(SECOND);
        scene.used(a).await;
    }
    scene.pass(4 * SECOND);
    scene.is_replay(a).await;
}

/// Once theft is found, nobody knows which of the two is the owner.
pub async fn r16_replay_kills_both(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.is_replay(a).await;
    scene.is_over(b, Over::Revoked).await;
    scene.is_over(a, Over::Revoked).await;
    assert_eq!(scene.sessions().await, []);
}

/// Eight siblings are a bound that honest browsers do not reach.
pub async fn r20_ninth_sibling(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let mut siblings = Vec::new();
    for _ in 0..9 {
        let admission = scene.admitted(a).await;
        siblings.push(a.replaced_by(admission.successor.expect("one in each claim window")));
        scene.pass(CLAIM_WINDOW);
    }
    scene.confirm(siblings[0]).await;
    for sibling in &siblings[1..8] {
        scene.used(*sibling).await;
    }
    scene.pass(OLD);
    for alive in &siblings[..8] {
        scene.used(*alive).await;
    }
    scene.is_replay(siblings[8]).await;
}

/// With `revoke_on_replay` off, only the request is refused.
pub async fn a_replay_may_only_be_refused(scene: Scene) {
    let scene = scene.with(Policy {
        revoke_on_replay: false,
        ..scene.policy
    });
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.is_replay(a).await;
    scene.used(b).await;
    scene.is_replay(a).await;
    assert!(scene.is_live(b).await);
}

/// A superseded token tells of theft even when the session has long been idle.
pub async fn a_superseded_token_is_a_replay_even_of_an_idle_session(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(IDLE + MINUTE);
    scene.is_replay(a).await;
    scene.is_over(b, Over::Revoked).await;
}

/// Tokens older than the last succession are no less superseded, within any grace.
pub async fn a_token_of_two_successions_ago_is_a_replay(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(DUE);
    let c = scene.claim(b).await;
    scene.confirm(c).await;
    scene.pass(SECOND);
    scene.used(b).await;
    scene.is_replay(a).await;
}

/// Without rotation no token ever has a successor.
pub async fn without_rotation_nothing_is_handed_out(scene: Scene) {
    let scene = scene.with(Policy {
        rotate_every: None,
        ..scene.policy
    });
    let a = scene.sign_in().await;
    for _ in 0..5 {
        scene.pass(HOUR);
        scene.used(a).await;
    }
}
