//! Paths of requests, compared with those that a configuration lists.

use rocket::http::RawStr;

/// Tells whether `path` is one of `listed`, or lies below one and does not climb out of it: Rocket
/// resolves `..` in a path of several segments.
pub(crate) fn is_at_or_below(path: &str, listed: &[String]) -> bool {
    !climbs(path) && listed.iter().any(|listed| covers(listed, path))
}

fn climbs(path: &str) -> bool {
    let decoded = RawStr::new(path).percent_decode_lossy();
    decoded.split(['/', '\\']).any(|segment| segment == "..")
}

fn covers(listed: &str, path: &str) -> bool {
    let rest = path.strip_prefix(listed.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_itself_and_what_lies_below() {
        let listed = ["/static".to_owned(), "/healthz/".to_owned()];
        for path in [
            "/static",
            "/static/",
            "/static/a/b",
            "/healthz",
            "/healthz/x",
        ] {
            assert!(is_at_or_below(path, &listed), "{path}");
        }
        for path in [
            "/",
            "/statics",
            "/x/static",
            "/%73tatic",
            "/static/../secret",
            "/static/%2e%2E/secret",
            "/static/x/..%2f../secret",
            "/static/..\\secret",
        ] {
            assert!(!is_at_or_below(path, &listed), "{path}");
        }
        assert!(!is_at_or_below("/static", &[]));
    }
}
