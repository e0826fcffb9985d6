//! What is over stays over.

use super::scene::{Scene, Ticket, DUE, HOUR, MINUTE, SECOND};
use crate::store::{Binding, Device, Over, Presence, Proof, Token};

/// However `end` falls between the other steps, they fail after it and bring nothing back.
pub async fn r17_ended_stays_ended(scene: Scene) {
    for why in [Over::SignedOut, Over::EndedElsewhere, Over::Revoked] {
        let a = scene.sign_in().await;
        scene.pass(DUE);
        let b = scene.claim(a).await;
        assert!(scene.end(a, why).await);
        nothing_revives(&scene, b, why).await;
        nothing_revives(&scene, a, why).await;
    }
}

async fn nothing_revives(scene: &Scene, ticket: Ticket, why: Over) {
    for _ in 0..2 {
        scene.is_over(ticket, why).await;
        assert_eq!(scene.succeed(ticket).await, None);
        assert!(!scene.update(ticket, 1, b"data").await);
        let (key, now) = (&ticket.key, scene.now());
        let bound = scene.store.bind(key, b"key", 0, now).await;
        assert_eq!(bound, Ok(Binding::Over(why)));
        let proved = scene.store.prove(key, 1, now).await;
        assert_eq!(proved, Ok(Proof::Over(why)));
        let device = scene.store.device(key, now).await;
        assert_eq!(device, Ok(Device::Over(why)));
        assert_eq!(scene.sessions().await, []);
        scene.pass(MINUTE);
    }
}

/// An end that races with every other step wins.
pub async fn an_end_wins_every_race(scene: Scene) {
    for _ in 0..20 {
        let a = scene.sign_in().await;
        scene.pass(DUE);
        let b = scene.claim(a).await;
        let race = scene.at_once(10, |scene, index| async move {
            match index % 5 {
                0 => drop(scene.end(a, Over::SignedOut).await),
                1 => drop(scene.succeed(a).await),
                2 => drop(scene.update(a, 1, b"data").await),
                3 => drop(scene.show(a).await),
                _ => drop(scene.show(b).await),
            }
        });
        race.await;
        scene.is_over(a, Over::SignedOut).await;
        scene.is_over(b, Over::SignedOut).await;
    }
    assert_eq!(scene.sessions().await, []);
}

/// Of ten that end a session at once, one did.
pub async fn a_session_ends_once(scene: Scene) {
    let a = scene.sign_in().await;
    let race = scene.at_once(
        10,
        |scene, _| async move { scene.end(a, Over::SignedOut).await },
    );
    let ended = race.await.into_iter().filter(|ended| *ended);
    assert_eq!(ended.count(), 1);
}

/// The first reason stands.
pub async fn the_first_reason_stands(scene: Scene) {
    let a = scene.sign_in().await;
    assert!(scene.end(a, Over::SignedOut).await);
    for later in [Over::EndedElsewhere, Over::Evicted, Over::Replaced] {
        assert!(!scene.end(a, later).await);
        scene.is_over(a, Over::SignedOut).await;
    }
}

/// But for a revocation, which counts whatever was before.
pub async fn a_revocation_overrides_other_reasons(scene: Scene) {
    let a = scene.sign_in().await;
    assert!(scene.end(a, Over::SignedOut).await);
    assert!(!scene.end(a, Over::Revoked).await);
    scene.is_over(a, Over::Revoked).await;
    assert!(!scene.end(a, Over::SignedOut).await);
    scene.is_over(a, Over::Revoked).await;
}

/// What has ended is remembered until it expires, so that no ticket of it looks unknown.
pub async fn an_end_is_remembered(scene: Scene) {
    let a = scene.sign_in().await;
    assert!(scene.end(a, Over::SignedOut).await);
    for _ in 0..23 {
        scene.pass(HOUR);
        scene.is_over(a, Over::SignedOut).await;
    }
}

/// No step but `create` makes a session.
pub async fn an_unknown_session_is_never_made(scene: Scene) {
    let stranger = scene.unknown();
    let (key, now) = (&stranger.key, scene.now());
    scene.is_over(stranger, Over::Unknown).await;
    let succeeded = scene.store.succeed(key, Token::random(), SECOND, now).await;
    assert_eq!(succeeded, Ok(None));
    assert!(!scene.update(stranger, 1, b"data").await);
    for why in [Over::SignedOut, Over::Revoked] {
        assert!(!scene.end(stranger, why).await);
    }
    let unknown = Over::Unknown;
    let bound = scene.store.bind(key, b"key", 0, now).await;
    assert_eq!(bound, Ok(Binding::Over(unknown)));
    let device = scene.store.device(key, now).await;
    assert_eq!(device, Ok(Device::Over(unknown)));
    let proved = scene.store.prove(key, 1, now).await;
    assert_eq!(proved, Ok(Proof::Over(unknown)));
    scene.end_all_but(Some(stranger)).await;
    scene.is_over(stranger, unknown).await;
    assert_eq!(scene.sessions().await, []);
}

/// To end all ends all, on every machine.
pub async fn end_all_ends_all(scene: Scene) {
    let tickets = [scene.sign_in().await, scene.sign_in().await];
    scene.end_all_but(None).await;
    for ticket in tickets {
        scene.is_over(ticket, Over::EndedElsewhere).await;
        assert!(!scene.end(ticket, Over::SignedOut).await);
        assert_eq!(scene.succeed(ticket).await, None);
        assert!(!scene.update(ticket, 1, b"data").await);
    }
    assert_eq!(scene.sessions().await, []);
}

/// The session that is excepted goes on, as often as it is.
pub async fn end_all_spares_the_excepted(scene: Scene) {
    let spared = scene.sign_in().await;
    for _ in 0..3 {
        let other = scene.sign_in().await;
        scene.end_all_but(Some(spared)).await;
        scene.is_over(other, Over::EndedElsewhere).await;
        scene.used(spared).await;
    }
    scene.pass(DUE);
    let successor = scene.claim(spared).await;
    scene.confirm(successor).await;
    let listed = scene.sessions().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, spared.key.id);
    scene.end_all_but(None).await;
    scene.is_over(successor, Over::EndedElsewhere).await;
}

/// To be excepted brings nothing back.
pub async fn an_exception_revives_nothing(scene: Scene) {
    let signed_out = scene.sign_in().await;
    assert!(scene.end(signed_out, Over::SignedOut).await);
    let ended = scene.sign_in().await;
    scene.end_all_but(None).await;
    scene.end_all_but(Some(signed_out)).await;
    scene.end_all_but(Some(ended)).await;
    scene.is_over(signed_out, Over::SignedOut).await;
    scene.is_over(ended, Over::EndedElsewhere).await;
}

/// The epoch is a number, not a time: with two clocks, all that were there are over, and a sign-in
/// in the same second lives.
pub async fn r11_epoch_not_time(scene: Scene) {
    let fast = scene.on_a_clock_ahead(30 * SECOND);
    let old = [scene.sign_in().await, fast.sign_in().await];
    scene.end_all_but(None).await;
    let new = scene.sign_in().await;
    for ticket in old {
        scene.is_over(ticket, Over::EndedElsewhere).await;
        fast.is_over(ticket, Over::EndedElsewhere).await;
    }
    scene.used(new).await;
    fast.end_all_but(None).await;
    scene.is_over(new, Over::EndedElsewhere).await;
}

/// The epoch is remembered as long as any session of an older one may live.
pub async fn an_epoch_is_remembered(scene: Scene) {
    let a = scene.sign_in().await;
    scene.end_all_but(None).await;
    for _ in 0..23 {
        scene.pass(HOUR);
        scene.is_over(a, Over::EndedElsewhere).await;
        assert_eq!(scene.sessions().await, []);
    }
}

/// Ten that end all at once leave none, and who signs in after them stays.
pub async fn parallel_end_alls_agree(scene: Scene) {
    let old = scene.sign_in().await;
    let race = scene.at_once(10, |scene, _| async move { scene.end_all_but(None).await });
    race.await;
    let new = scene.sign_in().await;
    assert_eq!(scene.show(old).await, Presence::Over(Over::EndedElsewhere));
    scene.used(new).await;
}
