//! The session cookie on the wire: found in raw request lines, written, and removed.

use rocket::request::Request;

use crate::transport::SameSite;

/// A cookie of the same name can be planted by a sibling domain; more than a few are noise.
const MOST_CANDIDATES: usize = 4;

/// The values of the cookies that bear a name, byte for byte.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Found<'r> {
    pub(crate) values: Vec<&'r str>,
    /// A name that Rocket, but no browser, takes for ours was there as well.
    pub(crate) alias: bool,
}

/// Returns the cookies of one name, as the client wrote them.
///
/// Rocket's local client puts its cookies into the jar and writes no `Cookie` line.
pub(crate) fn presented<'r>(request: &'r Request<'_>, name: &str) -> Found<'r> {
    let mut lines = request.headers().get("Cookie").peekable();
    if lines.peek().is_some() {
        return find(lines, name);
    }
    let from_jar = request.cookies().get(name);
    Found {
        values: from_jar.map(|cookie| cookie.value()).into_iter().collect(),
        alias: false,
    }
}

/// Finds the cookies named exactly `name` in the raw `Cookie` lines of a request.
///
/// Rocket percent-decodes and trims the names in its jar, so that `%5F_Host-session`, which a
/// browser accepts from any sibling domain, would pass for `__Host-session`.
fn find<'r>(lines: impl Iterator<Item = &'r str>, name: &str) -> Found<'r> {
    let mut found = Found::default();
    for pair in lines.flat_map(|line| line.split(';')) {
        let pair = pair.trim_matches([' ', '\t']);
        let Some((written, value)) = pair.split_once('=') else {
            continue;
        };
        if written == name {
            if found.values.len() < MOST_CANDIDATES {
                found.values.push(value);
            }
        } else if is_alias(written, name) {
            found.alias = true;
        }
    }
    found
}

/// Tells whether Rocket's jar would file the cookie `written` under `name`.
fn is_alias(written: &str, name: &str) -> bool {
    let trimmed = written.trim();
    if trimmed == name {
        return true;
    }
    trimmed.contains('%') && percent_decodes_to(trimmed, name)
}

fn percent_decodes_to(written: &str, name: &str) -> bool {
    rocket::http::RawStr::new(written)
        .percent_decode()
        .is_ok_and(|decoded| decoded == name)
}

/// Where and how a session cookie is stored. Its removal bears exactly the same attributes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attributes<'a> {
    pub(crate) name: &'a str,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
}

impl Attributes<'_> {
    /// Writes the `Set-Cookie` value that stores `value` until the browser ends.
    ///
    /// It bears no `Max-Age`: the lifetimes are enforced by the server, and a cookie that is not
    /// written to disk cannot be read from there.
    pub(crate) fn issue(&self, value: &str) -> String {
        let Self { name, .. } = self;
        format!("{name}={value}; {}", self.list())
    }

    /// Writes the `Set-Cookie` value that removes the cookie.
    ///
    /// Browsers go by `Max-Age`; `Expires` is for clients that know nothing else.
    pub(crate) fn remove(&self) -> String {
        let Self { name, .. } = self;
        let attributes = self.list();
        format!("{name}=; {attributes}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
    }

    /// Writes the attributes alone, as they follow the value.
    pub(crate) fn list(&self) -> String {
        let same_site = self.same_site.as_str();
        let secure = if self.secure { "; Secure" } else { "" };
        format!("Path=/{secure}; HttpOnly; SameSite={same_site}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: &[&'static str]) -> (Vec<&'static str>, bool) {
        let found = find(lines.iter().copied(), "__Host-s");
        (found.values, found.alias)
    }

    #[test]
    fn only_the_byte_equal_name_is_ours() {
        assert_eq!(found(&["a=1; __Host-s=x; b=2"]), (vec!["x"], false));
        assert_eq!(
            found(&["__host-s=x; _Host-s=y; __Host-s2=z"]),
            (vec![], false)
        );
        assert_eq!(found(&["__Host-s", "", ";;;", "="]), (vec![], false));
        assert_eq!(found(&["__Host-s=a=b=="]), (vec!["a=b=="], false));
    }

    #[test]
    fn aliases_are_never_read_but_noticed() {
        for alias in [
            "%5F_Host-s=evil",
            "%5F%5FHost-s=evil",
            "\u{a0}__Host-s=evil",
            "\u{2000}__Host-s=evil",
            "__Host-s =evil",
        ] {
            assert_eq!(found(&[alias]), (vec![], true), "{alias}");
        }
        assert_eq!(
            found(&["__Host-s=real; %5F_Host-s=evil"]),
            (vec!["real"], true)
        );
        assert_eq!(
            found(&["%5F_Host-s=evil; __Host-s=real"]),
            (vec!["real"], true)
        );
        assert_eq!(found(&["other%5Fname=1; p%ZZ=2"]), (vec![], false));
    }

    #[test]
    fn duplicates_are_kept_in_order_up_to_four() {
        assert_eq!(
            found(&["__Host-s=1; __Host-s=2", "__Host-s=3"]).0,
            ["1", "2", "3"]
        );
        let many = "__Host-s=x; ".repeat(100);
        assert_eq!(
            find(std::iter::once(many.as_str()), "__Host-s")
                .values
                .len(),
            4
        );
    }

    #[test]
    fn a_removal_bears_the_attributes_of_the_cookie() {
        let attributes = Attributes {
            name: "__Host-s",
            same_site: SameSite::Lax,
            secure: true,
        };
        assert_eq!(
            attributes.issue("v"),
            "__Host-s=v; Path=/; Secure; HttpOnly; SameSite=Lax"
        );
        assert_eq!(
            attributes.remove(),
            "__Host-s=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0; \
             Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        );
    }
}
