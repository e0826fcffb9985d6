//! Honest browsers, whose requests run in parallel and whose responses are late or lost.

use super::scene::{Scene, CLAIM_WINDOW, DUE, HOUR, MINUTE, OLD, SECOND};
use crate::store::{Occurrence, Over, Presence};

/// A successor that never arrives harms nobody: there is another one in the next claim window.
pub async fn r03_lost_successor(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    scene.claim(a).await;
    scene.pass(CLAIM_WINDOW);
    let x = scene.claim(a).await;
    scene.confirm(x).await;
    scene.pass(OLD);
    scene.used(x).await;
    scene.is_replay(a).await;
}

/// A successor that arrives after its sibling was used is as good as that one, until the next
/// succession supersedes both.
pub async fn r04_late_sibling(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.pass(CLAIM_WINDOW);
    let x = scene.claim(a).await;
    scene.confirm(x).await;
    scene.pass(HOUR);
    scene.used(b).await;
    let c = scene.claim(x).await;
    scene.used(b).await;
    scene.confirm(c).await;
    scene.used(b).await;
    scene.used(x).await;
    scene.pass(OLD);
    scene.is_replay(b).await;
}

/// A sibling that is in flight while its generation ends is let in for the grace, though it was
/// never seen before.
pub async fn r05_sibling_in_flight(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.pass(CLAIM_WINDOW);
    let x = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(DUE);
    let c = scene.claim(b).await;
    scene.confirm(c).await;
    scene.pass(SECOND);
    scene.used(x).await;
    scene.pass(OLD);
    scene.is_replay(x).await;
}

/// Of two responses to one browser, one hands out the successor, and none the same token anew.
///
/// That the other sets no cookie is up to the response.
pub async fn r07_no_same_token_cookie(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    assert_ne!(b.lineage.token, a.lineage.token);
    scene.used(a).await;
}

/// A successor that its response had to drop is handed out anew in the next claim window, not
/// before.
///
/// That a response later than the grace drops it is up to the response.
pub async fn r12_late_cookie_dropped(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let dropped = scene.claim(a).await;
    scene.pass(OLD);
    scene.used(a).await;
    scene.pass(CLAIM_WINDOW - OLD);
    let b = scene.claim(a).await;
    assert_ne!(b, dropped);
    scene.confirm(b).await;
}

/// Of twenty requests at once, all are let in and one is handed a successor.
pub async fn r14_parallel_burst(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let burst = scene.at_once(20, |scene, _| async move { scene.admitted(a).await });
    let admissions = burst.await;
    let successors = admissions.iter().filter_map(|seen| seen.successor);
    let successors: Vec<_> = successors.collect();
    assert_eq!((admissions.len(), successors.len()), (20, 1));
    scene.confirm(a.replaced_by(successors[0])).await;
}

/// Of twenty first uses of a successor at once, all are let in and one is the succession.
pub async fn a_successor_used_in_parallel_succeeds_once(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    let burst = scene.at_once(20, |scene, index| async move {
        scene.admitted(if index % 2 == 0 { a } else { b }).await
    });
    let rotated = |seen: &Option<Occurrence>| *seen == Some(Occurrence::Rotated);
    let occurrences = burst.await.into_iter().map(|seen| seen.occurrence);
    assert_eq!(occurrences.filter(rotated).count(), 1);
    scene.used(b).await;
}

/// A call whose reply was lost is made once more: it gets its own successor, and no second one.
pub async fn r18_retried_claim(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let call = scene.presented(a);
    let first = scene.present(&call).await;
    let again = scene.present(&call).await;
    let handed_out = |presence: &Presence| match presence {
        Presence::Admitted(admission) => admission.successor,
        refused => panic!("let in was to be the call, but it is {refused:?}"),
    };
    assert_eq!(
        handed_out(&first).map(|successor| successor.token),
        Some(call.fresh)
    );
    assert_eq!(handed_out(&again), handed_out(&first));
    scene.used(a).await;
}

/// A browser of which no response is in time never looks like a thief, and gets a successor from
/// the first one that is.
///
/// That the late responses drop theirs is up to the response.
pub async fn r19_long_poll_only(scene: Scene) {
    let a = scene.sign_in().await;
    for _ in 0..3 {
        scene.pass(DUE);
        for _ in 0..4 {
            scene.admitted(a).await;
            scene.pass(30 * SECOND);
        }
    }
    let quick = scene.admitted(a).await;
    let b = a.replaced_by(quick.successor.expect("a successor is due"));
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.used(b).await;
}

/// A session goes on from successor to successor, to its absolute end.
pub async fn rotation_goes_on(scene: Scene) {
    let mut ticket = scene.sign_in().await;
    for _ in 0..90 {
        scene.pass(DUE - MINUTE);
        scene.used(ticket).await;
        scene.pass(MINUTE);
        let successor = scene.claim(ticket).await;
        scene.confirm(successor).await;
        scene.used(ticket).await;
        ticket = successor;
    }
    assert_eq!(ticket.lineage.generation, 90);
    assert!(scene.end(ticket, Over::SignedOut).await);
}
