//! The session identifier that a browser is given: the session's key in the store, sealed.
//!
//! Junk costs no trip to the store. Each sealing looks different, and a browser ends a session
//! whose identifier changes: it is issued once, and answered to as the browser presents it.

use super::keys::{Keys, Sealed};

/// Makes an identifier. Of base64url, it survives every way in which headers are read.
pub(crate) fn issue(keys: &Keys, session: &[u8]) -> String {
    keys.seal(Sealed::Identifier, session)
}

/// Returns the session that an identifier was issued for.
pub(crate) fn open(keys: &Keys, identifier: &str) -> Option<Vec<u8>> {
    keys.open(Sealed::Identifier, identifier)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SESSION: [u8; 28] = [7; 28];

    #[test]
    fn identifier_leads_to_its_session() {
        let keys = Keys::test(1, &[]);
        let identifier = issue(&keys, &SESSION);
        assert_eq!(open(&keys, &identifier).as_deref(), Some(&SESSION[..]));
        assert!(!identifier.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)));
    }

    #[test]
    fn form_never_changes() {
        // Sealed with another implementation of AES-GCM.
        let identifier =
            "YWJjZGVmZ2hpamtsY2ghyZmxz8TvYVFrYgztyGFptgpX9Oyr24pPxzQY7l71ThcbuiY-u73_xSg";
        let session = open(&Keys::test(1, &[]), identifier);
        assert_eq!(session.as_deref(), Some(&SESSION[..]));
    }

    #[test]
    fn identifier_is_short_enough_to_be_read() {
        let identifier = issue(&Keys::test(1, &[]), &SESSION);
        let read = crate::dbsc::header::session_identifier([identifier.as_str()].into_iter());
        assert_eq!(read, Some(identifier.as_str()));
    }

    #[test]
    fn identifier_of_a_previous_key_is_opened() {
        let identifier = issue(&Keys::test(1, &[]), &SESSION);
        assert!(open(&Keys::test(2, &[1]), &identifier).is_some());
        assert_eq!(open(&Keys::test(2, &[]), &identifier), None);
    }

    #[test]
    fn no_flipped_bit_is_opened() {
        let keys = Keys::test(1, &[]);
        let identifier = issue(&keys, &SESSION);
        for bit in 0..identifier.len() * 8 {
            let mut bytes = identifier.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flipped = String::from_utf8_lossy(&bytes);
            assert_eq!(open(&keys, &flipped), None, "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn junk_opens_to_nothing(text in "[A-Za-z0-9_-]{0,100}|\\PC{0,100}") {
            prop_assert_eq!(open(&Keys::test(1, &[2]), &text), None);
        }
    }
}
