//! What a browser is told about a session: the JSON instructions, and the cookie they speak of.

use serde_json::json;

use crate::cookie::Attributes;
use crate::transport::SameSite;

/// The bound cookie, as the `Set-Cookie` line and the instructions both describe it.
///
/// A browser takes a cookie with other attributes than those of the credential for missing, and
/// refreshes before each request. (Identify if missing session credential)
#[derive(Debug, Clone)]
pub(crate) struct BoundCookie {
    pub(crate) name: String,
    pub(crate) same_site: SameSite,
    /// In seconds.
    pub(crate) max_age: u64,
}

impl BoundCookie {
    /// Writes the `Set-Cookie` value that stores `value`.
    pub(crate) fn issue(&self, value: &str) -> String {
        let stored = self.cookie().issue(value);
        format!("{stored}; Max-Age={}", self.max_age)
    }

    /// Writes the `Set-Cookie` value that removes the cookie.
    pub(crate) fn remove(&self) -> String {
        self.cookie().remove()
    }

    /// Writes the attributes of the credential. Chromium refuses one that has a `Max-Age`.
    pub(crate) fn attributes(&self) -> String {
        self.cookie().list()
    }

    fn cookie(&self) -> Attributes<'_> {
        Attributes {
            name: &self.name,
            same_site: self.same_site,
            secure: true,
        }
    }
}

/// What a registration and a refresh answer. (JSON Session Instruction Format)
#[derive(Debug)]
pub(crate) struct Instructions<'a> {
    /// On a refresh the very one that the browser presented: it ends a session where it differs.
    pub(crate) session_identifier: &'a str,
    pub(crate) refresh_url: &'a str,
    /// `None` for the origin that the instructions come from.
    pub(crate) origin: Option<&'a str>,
    /// Paths that need no bound cookie, with all below them.
    pub(crate) exclude: &'a [String],
    pub(crate) cookie: &'a BoundCookie,
    /// Patterns of hosts, besides the origin's own, whose requests may start a refresh.
    pub(crate) allowed_refresh_initiators: &'a [String],
}

impl Instructions<'_> {
    pub(crate) fn to_json(&self) -> String {
        let exclude = |path| json!({ "type": "exclude", "domain": "*", "path": path });
        let rules: Vec<_> = self.exclude.iter().map(exclude).collect();
        let mut scope = json!({ "include_site": false, "scope_specification": rules });
        if let Some(origin) = self.origin {
            scope["origin"] = json!(origin);
        }
        let credential = json!({
            "type": "cookie",
            "name": self.cookie.name,
            "attributes": self.cookie.attributes(),
        });
        let instructions = json!({
            "session_identifier": self.session_identifier,
            "refresh_url": self.refresh_url,
            "scope": scope,
            "credentials": [credential],
            "allowed_refresh_initiators": self.allowed_refresh_initiators,
        });
        instructions.to_string()
    }
}

/// Writes the instructions that end a session. Chromium wants its identifier there as well.
pub(crate) fn termination(session_identifier: &str) -> String {
    json!({ "session_identifier": session_identifier, "continue": false }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn cookie(same_site: SameSite) -> BoundCookie {
        BoundCookie {
            name: "__Host-bound".into(),
            same_site,
            max_age: 600,
        }
    }

    fn read(json: &str) -> Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn line_and_credential_have_the_same_attributes() {
        for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
            let cookie = cookie(same_site);
            let attributes = cookie.attributes();
            assert_eq!(
                cookie.issue("v"),
                format!("__Host-bound=v; {attributes}; Max-Age=600")
            );
            assert!(cookie
                .remove()
                .starts_with(&format!("__Host-bound=; {attributes}; ")));
            assert!(!attributes.contains("Max-Age"));
        }
    }

    #[test]
    fn attributes_leave_nothing_to_a_default() {
        assert_eq!(
            cookie(SameSite::Strict).attributes(),
            "Path=/; Secure; HttpOnly; SameSite=Strict"
        );
    }

    #[test]
    fn removal_bears_the_attributes_of_the_cookie() {
        assert_eq!(
            cookie(SameSite::Lax).remove(),
            "__Host-bound=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0; \
             Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        );
    }

    #[test]
    fn instructions_are_complete() {
        let instructions = Instructions {
            session_identifier: "s",
            refresh_url: "/.dbsc/refresh",
            origin: Some("https://app.example.test:8443"),
            exclude: &["/static".into(), "/favicon.ico".into()],
            cookie: &cookie(SameSite::Lax),
            allowed_refresh_initiators: &["*".into()],
        };
        assert_eq!(
            read(&instructions.to_json()),
            json!({
                "session_identifier": "s",
                "refresh_url": "/.dbsc/refresh",
                "scope": {
                    "origin": "https://app.example.test:8443",
                    "include_site": false,
                    "scope_specification": [
                        { "type": "exclude", "domain": "*", "path": "/static" },
                        { "type": "exclude", "domain": "*", "path": "/favicon.ico" },
                    ],
                },
                "credentials": [{
                    "type": "cookie",
                    "name": "__Host-bound",
                    "attributes": "Path=/; Secure; HttpOnly; SameSite=Lax",
                }],
                "allowed_refresh_initiators": ["*"],
            })
        );
    }

    #[test]
    fn origin_may_be_left_to_the_browser() {
        let instructions = Instructions {
            session_identifier: "s",
            refresh_url: "/r",
            origin: None,
            exclude: &[],
            cookie: &cookie(SameSite::Lax),
            allowed_refresh_initiators: &[],
        };
        let json = read(&instructions.to_json());
        let scope = json!({ "include_site": false, "scope_specification": [] });
        assert_eq!(json["scope"], scope);
        assert_eq!(json["allowed_refresh_initiators"], json!([]));
    }

    #[test]
    fn no_text_breaks_out_of_the_json() {
        let odd = "\"},\\\n\u{2028}</script>";
        assert_eq!(read(&termination(odd))["session_identifier"], odd);
    }

    #[test]
    fn termination_says_which_session_ends() {
        let expected = json!({ "session_identifier": "s", "continue": false });
        assert_eq!(read(&termination("s")), expected);
    }
}
