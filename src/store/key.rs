//! How a store names sessions and the subjects that they belong to.

use std::fmt;
use std::str::FromStr;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rocket::request::FromParam;
use sha2::{Digest, Sha256};

use crate::wire::leading;

/// The public handle of a session: names it in lists, links and stores, and opens nothing.
///
/// It is a digest of the session's secret id, 16 characters of URL-safe Base64 in text form.
///
/// ```rust
/// use rocket_restricted_session::SessionId;
///
/// let id: SessionId = "AAECAwQFBgcICQoL".parse().unwrap();
/// assert_eq!(id.to_string(), "AAECAwQFBgcICQoL");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 12]);

impl SessionId {
    /// Returns the handle of the session with this secret id.
    ///
    /// The digest is not keyed: a changed secret key loses no session.
    pub(crate) fn of(secret: &[u8; 16]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"rocket_restricted_session handle\0");
        hash.update(secret);
        Self(leading(&hash.finalize()))
    }

    /// Returns the handle as a store keeps it.
    pub fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// Returns the handle that a store has kept.
    pub const fn from_bytes(bytes: [u8; 12]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// The text is not the handle of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidSessionId;

impl fmt::Display for InvalidSessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the handle of a session")
    }
}

impl std::error::Error for InvalidSessionId {}

impl FromStr for SessionId {
    type Err = InvalidSessionId;

    fn from_str(text: &str) -> Result<Self, InvalidSessionId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidSessionId)?;
        bytes.try_into().map(Self).map_err(|_| InvalidSessionId)
    }
}

impl<'a> FromParam<'a> for SessionId {
    type Error = InvalidSessionId;

    fn from_param(param: &'a str) -> Result<Self, InvalidSessionId> {
        param.parse()
    }
}

/// Whose sessions: a digest of section, context and [`subject`](crate::SessionData::subject).
///
/// It is not keyed, so that a user can be signed out everywhere whatever secret key sealed the
/// sessions. Whoever steals a store can therefore tell whether a name that he guesses is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectId([u8; 16]);

impl SubjectId {
    pub(crate) fn of(realm: &[u8], subject: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"rocket_restricted_session subject\0");
        hash.update(realm);
        hash.update(subject.as_bytes());
        Self(leading(&hash.finalize()))
    }

    /// Returns the digest as a store keeps it.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Returns the digest that a store has kept.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// Where a session is kept: below its subject, under its handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// Whose session it is.
    pub subject: SubjectId,
    /// Which of the subject's sessions it is.
    pub id: SessionId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_survives_its_text_form() {
        let id = SessionId::of(&[7; 16]);
        assert_eq!(id.to_string().len(), 16);
        assert_eq!(SessionId::from_param(&id.to_string()), Ok(id));
        assert_eq!(SessionId::from_bytes(*id.as_bytes()), id);
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        for text in ["", "short", "ü", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA="] {
            assert_eq!(SessionId::from_param(text), Err(InvalidSessionId), "{text}");
        }
    }

    #[test]
    fn subjects_of_two_realms_are_two() {
        let ada = SubjectId::of(b"users!", "ada");
        assert_eq!(SubjectId::from_bytes(*ada.as_bytes()), ada);
        assert_eq!(SubjectId::of(b"users!", "ada"), ada);
        assert_ne!(SubjectId::of(b"admins", "ada"), ada);
        assert_ne!(SubjectId::of(b"users!", "grace"), ada);
    }
}
