//! What a request costs: one round trip, and no write where nothing changes.

use std::collections::BTreeMap;

use rocket_restricted_session::store::{Over, Policy, RedisStore, Store};

use crate::server::Server;
use crate::support::{key_of, run, show, sign_in, start, Ticket, HOUR};

const REQUESTS: u64 = 100;

/// How often each command was called, those that scripts call among them.
fn calls(connection: &mut redis::Connection) -> BTreeMap<String, u64> {
    let info = redis::cmd("INFO").arg("commandstats").query(connection);
    let info: String = info.unwrap();
    let lines = info.lines().filter_map(|line| {
        let (command, figures) = line.strip_prefix("cmdstat_")?.split_once(":calls=")?;
        let calls = figures.split(',').next()?.parse().ok()?;
        Some((command.to_owned(), calls))
    });
    lines.collect()
}

#[test]
#[ignore = "needs redis-server"]
fn a_request_is_one_script_that_writes_nothing() {
    let server = Server::start();
    let mut connection = server.connection();
    run(async {
        let store = RedisStore::open(&server.url()).unwrap();
        let ticket = sign_in(&store).await.unwrap();
        let policy = Policy::new(HOUR);
        show(&store, ticket, &policy).await.unwrap();
        let () = redis::cmd("CONFIG")
            .arg("RESETSTAT")
            .query(&mut connection)
            .unwrap();
        for _ in 0..REQUESTS {
            show(&store, ticket, &policy).await.unwrap();
        }
    });
    let expected = [
        ("evalsha", REQUESTS),
        ("hmget", REQUESTS),
        ("time", REQUESTS),
    ];
    let expected = expected.map(|(command, calls)| (command.to_owned(), calls));
    let mut calls = calls(&mut connection);
    calls.retain(|command, _| !command.starts_with("config"));
    assert_eq!(calls, BTreeMap::from(expected));
}

#[test]
#[ignore = "needs redis-server"]
fn a_sign_in_costs_the_same_however_many_there_were() {
    let server = Server::start();
    let mut connection = server.connection();
    run(async {
        let store = RedisStore::open(&server.url()).unwrap();
        let subject = Ticket::of_somebody().key.subject;
        let mut sign_in = async |count: usize, most: Option<u32>| {
            for _ in 0..count {
                start(&store, Ticket::of(subject), most).await.unwrap();
            }
            let before = calls(&mut connection);
            start(&store, Ticket::of(subject), most).await.unwrap();
            let after = calls(&mut connection);
            after.values().sum::<u64>() - before.values().sum::<u64>()
        };
        let (few, many) = (sign_in(5, Some(3)).await, sign_in(2000, Some(3)).await);
        assert!(many <= few, "{few} {many}");
        let (few, many) = (sign_in(1, None).await, sign_in(2000, None).await);
        assert!(many <= few, "{few} {many}");
    });
}

/// It goes with the last session, and holds what "log out everywhere" needs until then.
#[test]
#[ignore = "needs redis-server"]
fn a_subject_is_forgotten_when_its_last_session_has_expired() {
    let server = Server::start();
    let mut connection = server.connection();
    run(async {
        let store = RedisStore::open(&server.url()).unwrap();
        let ticket = sign_in(&store).await.unwrap();
        let key = key_of(&ticket.key.subject);
        let mut left = || -> i64 { redis::cmd("PTTL").arg(&key).query(&mut connection).unwrap() };
        let whole = 12 * HOUR;
        assert!((whole - 2000..=whole).contains(&left()), "{}", left());

        store.end(&ticket.key, Over::SignedOut, 0).await.unwrap();
        assert!(left() > whole - 2000);
        store
            .end_all(&ticket.key.subject, None, HOUR, 0)
            .await
            .unwrap();
        assert!(left() > whole - 2000);
        store
            .end_all(&ticket.key.subject, None, 2 * whole, 0)
            .await
            .unwrap();
        assert!(left() > 2 * whole - 2000);
    });
}
