//! The app's data is replaced in the record, and counted.

use super::scene::{Scene, Ticket, DUE, IN_GRACE};
use crate::store::{Over, Update};

/// What the store has newer than the ticket.
async fn newer(scene: &Scene, ticket: Ticket) -> Option<Update> {
    scene.admitted(ticket).await.update
}

/// A ticket that is behind is given the data that it lacks; one that is not, nothing.
pub async fn data_is_given_to_tickets_that_lack_it(scene: Scene) {
    let old = scene.sign_in().await;
    assert_eq!(newer(&scene, old).await, None);
    assert!(scene.update(old, 1, b"tea").await);
    let update = newer(&scene, old).await.expect("newer data");
    assert_eq!((update.revision, &*update.payload), (1, &b"tea"[..]));
    let up_to_date = Ticket { revision: 1, ..old };
    assert_eq!(newer(&scene, up_to_date).await, None);
    assert!(scene.update(up_to_date, 2, b"").await);
    let update = newer(&scene, up_to_date).await.expect("newer data");
    assert_eq!((update.revision, &*update.payload), (2, &b""[..]));
}

/// The data comes along with a successor, and to a ticket in its grace.
pub async fn data_outlives_a_succession(scene: Scene) {
    let a = scene.sign_in().await;
    assert!(scene.update(a, 1, b"tea").await);
    scene.pass(DUE);
    let admission = scene.admitted(a).await;
    let b = a.replaced_by(admission.successor.expect("a successor is due"));
    assert_eq!(admission.update.expect("newer data").payload, b"tea");
    scene.confirm(b).await;
    scene.pass(IN_GRACE);
    for ticket in [a, b] {
        let update = newer(&scene, ticket).await.expect("newer data");
        assert_eq!(update.payload, b"tea");
    }
}

/// An update whose reply was lost is made once more, and counts once.
pub async fn a_retried_update_counts_once(scene: Scene) {
    let ticket = scene.sign_in().await;
    for _ in 0..3 {
        assert!(scene.update(ticket, 1, b"tea").await);
    }
    let update = newer(&scene, ticket).await.expect("newer data");
    assert_eq!(update.revision, 1);
}

/// Updates at once are all counted, and one of them is last.
pub async fn parallel_updates_are_all_counted(scene: Scene) {
    let ticket = scene.sign_in().await;
    let race = scene.at_once(10, |scene, index| async move {
        let payload = format!("by {index}");
        scene.update(ticket, 1, payload.as_bytes()).await
    });
    assert_eq!(race.await, [true; 10]);
    let update = newer(&scene, ticket).await.expect("newer data");
    assert_eq!(update.revision, 10);
    let writers: Vec<_> = (0..10)
        .map(|index| format!("by {index}").into_bytes())
        .collect();
    assert!(writers.contains(&update.payload), "{:?}", update.payload);
}

/// Four kilobytes of any bytes are kept as they are.
pub async fn large_data_survives(scene: Scene) {
    let ticket = scene.sign_in().await;
    let payload: Vec<u8> = (0..4096_u32).map(|at| (at % 251) as u8).collect();
    assert!(scene.update(ticket, 1, &payload).await);
    let update = newer(&scene, ticket).await.expect("newer data");
    assert!(update.payload == payload, "{} bytes", update.payload.len());
}

/// An update that comes too late changes nothing and brings nothing back.
pub async fn an_update_revives_nothing(scene: Scene) {
    let ticket = scene.sign_in().await;
    assert!(scene.end(ticket, Over::SignedOut).await);
    assert!(!scene.update(ticket, 1, b"tea").await);
    scene.is_over(ticket, Over::SignedOut).await;
}
