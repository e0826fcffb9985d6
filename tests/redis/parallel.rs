//! Two nodes of an app, and requests that arrive at once.

use std::sync::Arc;

use rocket::tokio::task::JoinSet;
use rocket_restricted_session::store::{Presence, RedisStore, Store};

use crate::server::Server;
use crate::support::{always_due, run, show, sign_in, start, Ticket, HOUR};

fn two_nodes(server: &Server) -> [Arc<RedisStore>; 2] {
    [(), ()].map(|()| Arc::new(RedisStore::open(&server.url()).unwrap()))
}

#[test]
#[ignore = "needs redis-server"]
fn of_twenty_requests_at_once_one_is_handed_a_successor() {
    let server = Server::start();
    run(async {
        let nodes = two_nodes(&server);
        for _ in 0..50 {
            let ticket = sign_in(&*nodes[0]).await.unwrap();
            let mut requests = JoinSet::new();
            for number in 0..20 {
                let node = nodes[number % 2].clone();
                requests.spawn(async move { show(&*node, ticket, &always_due()).await.unwrap() });
            }
            let mut successors = 0;
            while let Some(presence) = requests.join_next().await {
                match presence.unwrap() {
                    Presence::Admitted(admission) if admission.successor.is_some() => {
                        successors += 1;
                    }
                    Presence::Admitted(_) => {}
                    refused => panic!("{refused:?}"),
                }
            }
            assert_eq!(successors, 1);
        }
    });
}

#[test]
#[ignore = "needs redis-server"]
fn of_ten_sign_ins_at_once_as_many_live_as_may() {
    let server = Server::start();
    run(async {
        let nodes = two_nodes(&server);
        for _ in 0..50 {
            let subject = Ticket::of_somebody().key.subject;
            let mut sign_ins = JoinSet::new();
            for number in 0..10 {
                let node = nodes[number % 2].clone();
                sign_ins.spawn(async move {
                    start(&*node, Ticket::of(subject), Some(3)).await.unwrap()
                });
            }
            let mut evicted = 0;
            while let Some(had_to_go) = sign_ins.join_next().await {
                evicted += had_to_go.unwrap();
            }
            let live = nodes[1].sessions(&subject, HOUR, 0).await.unwrap();
            assert_eq!((live.len(), evicted), (3, 7));
        }
    });
}
