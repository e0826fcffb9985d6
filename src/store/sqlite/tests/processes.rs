//! Several processes with one file.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::*;

/// Tells this test binary, when it runs once more, what to do, and where.
const TASK: &str = "SQLITE_STORE_TASK";
const PATH: &str = "SQLITE_STORE_PATH";
const NUMBER: &str = "SQLITE_STORE_NUMBER";

/// Starts this test binary once more, to do nothing but a task.
fn start(task: &str, place: &Place, number: u8) -> Child {
    let (_, module) = module_path!().split_once("::").unwrap();
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", &format!("{module}::child")])
        .env(TASK, task)
        .env(PATH, place.path())
        .env(NUMBER, number.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Does a task, if this process was started for one.
#[test]
fn child() {
    let Ok(task) = env::var(TASK) else {
        return;
    };
    let store = SqliteStore::open(env::var(PATH).unwrap()).unwrap();
    let number = env::var(NUMBER).unwrap().parse().unwrap();
    match task.as_str() {
        "sign in and out" => run(sign_in_and_out(&store, number)),
        "race" => run(race(&store, number)),
        unknown => panic!("{unknown}"),
    }
}

/// Lines that tell an answer start with this, to be told from those of the test harness.
const ANSWER: &str = "answered ";

/// Returns the answers that a child has told, whole lines only.
fn answers(output: impl Read) -> impl Iterator<Item = String> {
    let mut output = BufReader::new(output);
    let lines = std::iter::from_fn(move || {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line.strip_suffix('\n').map(str::to_owned)
    });
    lines.filter_map(|line| line.strip_prefix(ANSWER).map(str::to_owned))
}

fn numbered(child: u8, session: u32) -> SessionKey {
    let mut id = [child; 12];
    id[8..].copy_from_slice(&session.to_be_bytes());
    SessionKey {
        subject: SubjectId::from_bytes([child; 16]),
        id: SessionId::from_bytes(id),
    }
}

/// Starts sessions, and ends those with an even number, for ever.
async fn sign_in_and_out(store: &SqliteStore, child: u8) {
    for session in 0.. {
        let key = numbered(child, session);
        sign_in(store, key).await;
        if session % 2 == 0 {
            let ended = store.end(&key, Over::SignedOut, NOW).await;
            assert_eq!(ended, Ok(true));
        }
        println!("{ANSWER}{session}");
    }
}

#[test]
fn what_was_answered_survives_a_kill() {
    let place = Place::new();
    for round in 0..3 {
        let numbers = [2 * round, 2 * round + 1];
        let mut children = numbers.map(|number| start("sign in and out", &place, number));
        let [mut one, mut other] = children
            .each_mut()
            .map(|child| answers(child.stdout.take().unwrap()));
        let mut answered = [Vec::new(), Vec::new()];
        answered[0].extend(one.by_ref().take(30 + 17 * usize::from(round)));
        children.iter_mut().for_each(|child| child.kill().unwrap());
        answered[0].extend(one);
        answered[1].extend(other.by_ref());
        children.iter_mut().for_each(|child| {
            child.wait().unwrap();
        });

        let store = place.open();
        for (number, answered) in numbers.into_iter().zip(&answered) {
            for session in answered {
                let session = session.parse().unwrap();
                let key = numbered(number, session);
                let is_live = run(is_live(&store, key, NOW));
                assert_eq!(is_live, session % 2 == 1, "{number}: {session}");
            }
        }
        assert!(answered[0].len() >= 30);
        let integrity: String = place
            .connect()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(integrity, "ok");
    }
}

const RACES: u32 = 40;

/// The ticket of a session that all processes know.
fn known_ticket(session: u32) -> Lineage {
    let token = u64::from(session) + 1;
    Lineage {
        token: Token::from_bytes(token.to_be_bytes()).unwrap(),
        parent: Token::from_bytes([9; 8]).unwrap(),
        generation: 0,
    }
}

/// Shows tickets that are due, and starts sessions of one subject that may have three.
async fn race(store: &SqliteStore, child: u8) {
    for session in 0..RACES {
        let due = NOW + 15 * MINUTE;
        let ticket = known_ticket(session);
        match show(store, numbered(100, session), ticket, due).await {
            Presence::Admitted(admission) if admission.successor.is_some() => {
                println!("{ANSWER}{session}");
            }
            presence => assert!(matches!(presence, Presence::Admitted(_))),
        }
        let SessionKey { id, .. } = numbered(child, session);
        let new = NewSession {
            max_sessions: Some(3),
            ..new_session(SessionKey {
                subject: key(200, 0).subject,
                id,
            })
        };
        store.create(&new, NOW).await.unwrap();
    }
}

#[test]
fn processes_race_as_tasks_do() {
    let place = Place::new();
    let store = place.open();
    run(async {
        for session in 0..RACES {
            let new = NewSession {
                first: known_ticket(session),
                ..new_session(numbered(100, session))
            };
            store.create(&new, NOW).await.unwrap();
        }
    });

    let mut children = [1, 2, 3].map(|number| start("race", &place, number));
    let mut successors: Vec<u32> = children
        .iter_mut()
        .flat_map(|child| answers(child.stdout.take().unwrap()))
        .map(|session| session.parse().unwrap())
        .collect();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    successors.sort_unstable();
    assert_eq!(successors, (0..RACES).collect::<Vec<_>>());
    let live = run(store.sessions(&key(200, 0).subject, HOUR, NOW)).unwrap();
    assert_eq!(live.len(), 3);
}

/// Each process that opens a new file finds it empty, or a store.
#[test]
fn processes_open_a_new_file_at_once() {
    for _ in 0..5 {
        let place = Place::new();
        let mut children = [1, 2, 3, 4].map(|number| start("sign in and out", &place, number));
        let mut outputs = children
            .each_mut()
            .map(|child| answers(child.stdout.take().unwrap()));
        for output in &mut outputs {
            assert!(output.next().is_some());
        }
        for child in &mut children {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}
