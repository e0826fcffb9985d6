//! Stores that have forgotten something, or everything.

use super::scene::{Scene, Ticket, CLAIM_WINDOW, DUE, HOUR, IN_GRACE, OLD, SECOND};
use crate::store::{NewSession, Occurrence, Over, Presence, Presented};

/// A store that lost a succession learns of it from the ticket that proves it.
pub async fn r06_store_behind(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    let c = b.child();
    let admission = scene.admitted(c).await;
    assert_eq!(admission.occurrence, Some(Occurrence::StoreBehind));
    scene.pass(SECOND);
    scene.used(b).await;
    scene.used(c).await;
    scene.pass(OLD);
    scene.used(c).await;
    scene.is_replay(b).await;
}

/// A store that lost no succession, but that a sibling was used, is behind as well.
pub async fn a_store_may_be_behind_by_a_sibling(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.pass(CLAIM_WINDOW);
    let lost = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(DUE);
    let c = lost.child();
    let admission = scene.admitted(c).await;
    assert_eq!(admission.occurrence, Some(Occurrence::StoreBehind));
    scene.pass(SECOND);
    for in_flight in [lost, b] {
        scene.used(in_flight).await;
    }
    scene.pass(OLD);
    scene.used(c).await;
    scene.is_replay(lost).await;
}

/// After a restart the parent of the ticket that was adopted is let in for the grace.
///
/// Like all cases of adoption, it expects of a store that does not forget that it adopts nothing.
pub async fn r13_adoption_in_flight(scene: Scene) {
    let a = scene.unknown();
    let b = a.child();
    if !adopts(&scene, b).await {
        return;
    }
    scene.pass(IN_GRACE);
    scene.used(a).await;
    scene.used(b).await;
    scene.pass(OLD);
    scene.used(b).await;
    scene.is_replay(a).await;
}

/// An adopted session is like any other: listed, rotated, ended.
pub async fn an_adopted_session_goes_on(scene: Scene) {
    let a = scene.unknown();
    let long_ago = scene.now() - HOUR;
    if !adopts(&scene, a).await {
        return;
    }
    let listed = scene.sessions().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, a.key.id);
    assert_eq!(listed[0].created_at.unix_timestamp(), long_ago / 1000);
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    assert!(scene.end(b, Over::SignedOut).await);
    scene.is_over(b, Over::SignedOut).await;
}

/// A ticket of this process that the store does not know was never one of its sessions.
pub async fn a_ticket_that_is_not_adoptable_is_unknown(scene: Scene) {
    let stranger = scene.unknown();
    scene.is_over(stranger, Over::Unknown).await;
    assert_eq!(scene.sessions().await, []);
}

/// Adopted once, a session that ended is not adopted again.
pub async fn an_ended_session_is_not_adopted_again(scene: Scene) {
    let a = scene.unknown();
    if !adopts(&scene, a).await {
        return;
    }
    assert!(scene.end(a, Over::SignedOut).await);
    scene.pass(HOUR);
    let refused = Presence::Over(Over::SignedOut);
    assert_eq!(show_adoptable(&scene, a, None).await, refused);
    assert_eq!(scene.sessions().await, []);
}

/// After the subject was signed out everywhere, none of its sessions is adopted.
pub async fn nothing_is_adopted_after_end_all(scene: Scene) {
    let a = scene.unknown();
    scene.end_all_but(None).await;
    for _ in 0..23 {
        let refused = show_adoptable(&scene, a, None).await;
        assert!(matches!(refused, Presence::Over(_)), "{refused:?}");
        assert_eq!(scene.sessions().await, []);
        scene.pass(HOUR);
    }
    let another = scene.of_another_subject();
    let of_another = another.unknown();
    adopts(&another, of_another).await;
}

/// A session that would be one too many is not adopted.
pub async fn none_is_adopted_beyond_the_limit(scene: Scene) {
    let old = scene.unknown();
    let present = [scene.sign_in().await, scene.sign_in().await];
    let refused = show_adoptable(&scene, old, Some(2)).await;
    assert!(matches!(refused, Presence::Over(_)), "{refused:?}");
    for ticket in present {
        scene.used(ticket).await;
    }
    let adopted = show_adoptable(&scene, old, Some(3)).await;
    let forgets = scene.store.process() != 0;
    assert_eq!(matches!(adopted, Presence::Admitted(_)), forgets);
}

/// Of ten requests after a restart, one is the adoption.
pub async fn a_session_is_adopted_once(scene: Scene) {
    let a = scene.unknown();
    let burst = scene.at_once(10, |scene, _| async move {
        show_adoptable(&scene, a, None).await
    });
    let is_adoption = |presence: &&Presence| match presence {
        Presence::Admitted(admission) => admission.occurrence == Some(Occurrence::Adopted),
        _ => false,
    };
    let adoptions = burst.await.iter().filter(is_adoption).count();
    assert_eq!(adoptions, usize::from(scene.store.process() != 0));
    assert_eq!(scene.sessions().await.len(), adoptions);
}

/// Shows a ticket of another process; tells whether the store took it over, as it must if it is
/// one that forgets, and must not otherwise.
async fn adopts(scene: &Scene, ticket: Ticket) -> bool {
    let presence = show_adoptable(scene, ticket, None).await;
    if scene.store.process() == 0 {
        assert_eq!(presence, Presence::Over(Over::Unknown));
        assert_eq!(scene.sessions().await, []);
        return false;
    }
    let Presence::Admitted(admission) = presence else {
        panic!("adopted was to be {ticket:?}, but it is {presence:?}");
    };
    assert_eq!(admission.occurrence, Some(Occurrence::Adopted));
    assert_eq!(admission.successor, None);
    true
}

async fn show_adoptable(scene: &Scene, ticket: Ticket, max_sessions: Option<u32>) -> Presence {
    let from = NewSession {
        key: ticket.key,
        first: ticket.lineage,
        created_at: Some(scene.now() - HOUR),
        max_sessions,
        ..scene.new_session()
    };
    let shown = Presented {
        adoptable: Some(from),
        ..scene.presented(ticket)
    };
    scene.present(&shown).await
}
