//! The public handle of a session.

use std::fmt;
use std::str::FromStr;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rocket::request::FromParam;
use sha2::{Digest, Sha256};

use super::ticket::SecretId;
use crate::wire::leading;

/// The public handle of a session: names it in lists and links, and opens nothing.
///
/// It is a digest of the session's secret id, 16 characters of URL-safe Base64 in text form.
///
/// ```rust
/// use rocket_restricted_session::SessionId;
///
/// let id: SessionId = "AAECAwQFBgcICQoL".parse().unwrap();
/// assert_eq!(id.to_string(), "AAECAwQFBgcICQoL");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 12]);

impl SessionId {
    pub(crate) fn of(secret: SecretId) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"rocket_restricted_session handle\0");
        hash.update(secret.0);
        Self(leading(&hash.finalize()))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// The text is not the handle of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_survives_its_text_form() {
        let id = SessionId::of(SecretId([7; 16]));
        assert_eq!(id.to_string().len(), 16);
        assert_eq!(SessionId::from_param(&id.to_string()), Ok(id));
    }

    #[test]
    fn what_is_no_handle_is_refused() {
        for text in ["", "short", "ü", "AAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA="] {
            assert_eq!(SessionId::from_param(text), Err(InvalidSessionId), "{text}");
        }
    }
}
