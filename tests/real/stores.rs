//! Sessions in real stores, behind real sockets: nodes that share one, restarts, and outages.

#[cfg(feature = "redis")]
mod redis;

use std::thread;

use crate::support::{Answer, Server, Visitor, OWNER};

/// Signs in so often at once, and counts the sessions that are left.
fn left_of_sign_ins_at_once(server: &Server, number: usize) -> usize {
    let sessions: Vec<_> = thread::scope(|scope| {
        let sign_ins: Vec<_> = (0..number)
            .map(|_| scope.spawn(|| server.visitor(OWNER).sign_in()))
            .collect();
        let joined = sign_ins.into_iter().map(|sign_in| sign_in.join().unwrap());
        joined.collect()
    });
    let is_live = |session: &&String| server.visitor(OWNER).holding(session).is_welcome();
    sessions.iter().filter(is_live).count()
}

fn why(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body.as_str())
}

/// Follows the stream of a session in a thread, and returns all of it when it has ended.
fn follow(visitor: &Visitor) -> thread::JoinHandle<String> {
    let visitor = visitor.clone();
    thread::spawn(move || visitor.get("/live").body)
}

#[test]
fn a_stream_ends_with_its_session() {
    let server = Server::start("");
    let owner = server.visitor(OWNER);
    let session = owner.sign_in();
    let holder = owner.holding(&session);
    let streams: Vec<_> = (0..3).map(|_| follow(&holder)).collect();
    let other = owner.holding(&owner.sign_in());
    assert!(other.is_welcome());
    assert_eq!(holder.post("/logout", "").status, 303);
    for stream in streams {
        let told = stream.join().unwrap();
        assert!(told.contains("open") && told.contains("ended"), "{told}");
    }
    assert!(other.is_welcome());
}

#[test]
fn ten_sign_ins_at_once_leave_as_many_sessions_as_are_allowed() {
    let server = Server::start("max_sessions = 3");
    assert_eq!(left_of_sign_ins_at_once(&server, 10), 3);
}

#[test]
fn a_restart_of_the_memory_store_signs_nobody_out() {
    let session = Server::start("").visitor(OWNER).sign_in();
    let restarted = Server::start("");
    let holder = restarted.visitor(OWNER).holding(&session);
    assert!(holder.is_welcome() && holder.is_welcome());
    assert_eq!(holder.post("/logout", "").status, 303);
    assert_eq!(why(&holder.get("/account")), (401, "sign in: ended"));
}

#[cfg(feature = "sqlite")]
#[test]
fn a_restart_of_the_sqlite_store_forgets_neither_sessions_nor_sign_outs() {
    let folder = tempfile::tempdir().unwrap();
    let keys = format!("store = \"sqlite:{}/sessions.db\"", folder.path().display());
    let (kept, signed_out) = {
        let server = Server::start(&keys);
        let owner = server.visitor(OWNER);
        let (kept, signed_out) = (owner.sign_in(), owner.sign_in());
        assert_eq!(owner.holding(&signed_out).post("/logout", "").status, 303);
        (kept, signed_out)
    };
    let server = Server::start(&keys);
    let owner = server.visitor(OWNER);
    assert!(owner.holding(&kept).is_welcome());
    let refused = owner.holding(&signed_out).get("/account");
    assert_eq!(why(&refused), (401, "sign in: ended"));
}
