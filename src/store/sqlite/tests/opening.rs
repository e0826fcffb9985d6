//! Which files are opened, which are created, and which are refused with a remedy.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::*;

fn refusal(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    let error = SqliteStore::open(path).unwrap_err().to_string();
    let start = format!("session database {} ", path.display());
    error.strip_prefix(&start).expect(&error).to_owned()
}

#[test]
#[cfg(unix)]
fn only_its_owner_may_read_the_file_and_those_beside_it() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let store = place.open();
    run(sign_in(&store, key(1, 1)));
    let files: Vec<_> = fs::read_dir(place.0.path()).unwrap().collect();
    assert_eq!(files.len(), 3);
    for file in files {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
    }
}

#[test]
fn what_is_written_survives_a_power_cut() {
    let store = Place::new();
    let store = store.open();
    run(async {
        let settings = store.database.write(|db| {
            let mode: String = db.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            let full: u8 = db.pragma_query_value(None, "synchronous", |row| row.get(0))?;
            Ok((mode, full))
        });
        assert_eq!(settings.await, Ok(("wal".to_owned(), 2)));
    });
}

#[test]
fn what_is_no_file_is_refused() {
    let place = Place::new();
    let directory = place.0.path();
    assert_eq!(refusal(directory), "is not a file; name one");
    let missing = refusal(directory.join("no/sessions.db"));
    assert!(missing.starts_with("cannot be created: "), "{missing}");
    assert!(refusal("").starts_with("cannot be created: "));
}

#[test]
#[cfg(unix)]
fn what_cannot_be_written_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    let place = Place::new();
    drop(place.open());
    set_mode(&place.path(), 0o400);
    if fs::OpenOptions::new()
        .write(true)
        .open(place.path())
        .is_ok()
    {
        return; // Root may write whatever it likes.
    }
    let remedy = "cannot be written; let the app write to the file and to its directory";
    assert_eq!(refusal(place.path()), remedy);

    set_mode(&place.path(), 0o600);
    set_mode(place.0.path(), 0o500);
    let refused = refusal(place.path());
    set_mode(place.0.path(), 0o700);
    assert!(refused.starts_with(remedy), "{refused}");
}

#[test]
fn a_path_that_means_memory_to_sqlite_is_a_path() {
    let place = Place::new();
    for name in [":memory:", "file:sessions?mode=memory"] {
        let path = place.0.path().join(name);
        SqliteStore::open(&path).unwrap();
        assert!(path.metadata().unwrap().len() > 0);
    }
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let place = Place::new();
    let text = "not a database, but long enough to be taken for the header of one".repeat(20);
    fs::write(place.path(), &text).unwrap();
    let refusal = refusal(place.path());
    assert!(refusal.starts_with("is no SQLite database; name another file: "));
    assert_eq!(fs::read_to_string(place.path()).unwrap(), text);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    for sql in [
        "CREATE TABLE invoices (id INTEGER)",
        "PRAGMA user_version = 1",
        "PRAGMA application_id = 7",
    ] {
        let place = Place::new();
        place.connect().execute_batch(sql).unwrap();
        let before = fs::read(place.path()).unwrap();
        let refusal = refusal(place.path());
        assert!(refusal.starts_with("belongs to another program; "), "{sql}");
        assert_eq!(fs::read(place.path()).unwrap(), before, "{sql}");
    }
}

#[test]
fn a_newer_version_is_refused_and_left_alone() {
    let place = Place::new();
    drop(place.open());
    let newer = place.connect();
    newer.pragma_update(None, "user_version", 2).unwrap();
    let refusal = refusal(place.path());
    assert!(refusal.starts_with("has version 2, which this version of the app cannot read; "));
}

#[test]
fn an_empty_file_becomes_a_store() {
    let place = Place::new();
    fs::write(place.path(), "").unwrap();
    drop(place.open());
    let db = Connection::open(place.path()).unwrap();
    let application: i64 = db
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .unwrap();
    assert_eq!(application.to_be_bytes()[4..], *b"RRSs");
}

#[test]
fn a_file_that_many_open_at_once_becomes_one_store() {
    for _ in 0..20 {
        let place = Place::new();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| place.open());
            }
        });
    }
}
