//! Re-authentication joins what is under way.

use super::scene::{Scene, DUE, MINUTE, OLD, SECOND};
use crate::store::Token;

/// A re-authentication while a successor is under way seals that one: whichever of the two cookies
/// is last, it has the same token.
pub async fn r08_reauth_joins(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    let fresh = scene.succeed(a).await;
    assert_eq!(fresh, Some(b));
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.used(b).await;
    scene.is_replay(a).await;
}

/// A re-authentication just after a succession seals the token that has taken over.
pub async fn r09_reauth_after_succession(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.claim(a).await;
    scene.confirm(b).await;
    scene.pass(SECOND);
    let fresh = scene.succeed(a).await;
    assert_eq!(fresh, Some(b));
    scene.used(b).await;
}

/// A re-authentication while nothing is under way is a successor of its own.
pub async fn a_reauthentication_is_a_succession(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(MINUTE);
    let b = scene.succeed(a).await.expect("the session is there");
    assert_eq!(b.lineage.parent, a.lineage.token);
    scene.used(a).await;
    scene.confirm(b).await;
    scene.pass(OLD);
    scene.is_replay(a).await;
}

/// No second successor is handed out while that of a re-authentication is under way.
pub async fn a_reauthentication_is_a_claim(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(DUE);
    let b = scene.succeed(a).await.expect("the session is there");
    scene.used(a).await;
    scene.confirm(b).await;
}

/// A re-authentication whose reply was lost is made once more, and has the same token.
pub async fn a_retried_reauthentication_is_the_same(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(MINUTE);
    let token = Token::random();
    let first = scene.succeed_with(a, token).await;
    let again = scene.succeed_with(a, token).await;
    assert_eq!(first.map(|ticket| ticket.lineage.token), Some(token));
    assert_eq!(again, first);
}

/// Ten re-authentications at once have one token among them.
pub async fn parallel_reauthentications_join(scene: Scene) {
    let a = scene.sign_in().await;
    scene.pass(MINUTE);
    let joined = scene.at_once(10, |scene, _| async move { scene.succeed(a).await });
    let joined = joined.await;
    let b = joined[0].expect("the session is there");
    assert_eq!(joined, [Some(b); 10]);
    scene.confirm(b).await;
}

/// A session that is over cannot be re-authenticated.
pub async fn what_is_over_is_not_reauthenticated(scene: Scene) {
    let a = scene.sign_in().await;
    scene.end_all_but(None).await;
    assert_eq!(scene.succeed(a).await, None);
    assert_eq!(scene.succeed(scene.unknown()).await, None);
}
