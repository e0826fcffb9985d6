//! Challenges that nobody needs to remember.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | stamp: milliseconds since the epoch |
//! | 8 | random |
//! | 32 | code over these, the purpose and the session |
//!
//! A challenge is used once although none is stored. When a valid signature answers one, the store
//! keeps its stamp with the session, and from then on accepts greater stamps only: that answer and
//! all older ones are spent. One number for each session suffices, whoever asks for a challenge
//! writes nothing, and nobody but the device can spend one.
//!
//! Where clocks differ, a new challenge might be older than the last one spent. Whoever issues one
//! for a session that has spent one passes a greater stamp.

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::Engine;
use rand::rngs::OsRng;
use rand::RngCore;

use super::keys::Keys;
use crate::wire::take;

/// How far the clock that stamped a challenge may be ahead, in milliseconds.
const CLOCK_LEAD: u64 = 60_000;

/// What a challenge is for. The numbers never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Registration = 1,
    Refresh = 2,
}

/// Makes a challenge for the session that a store keeps under `session`.
pub(crate) fn issue(keys: &Keys, purpose: Purpose, session: &[u8], stamp: u64) -> String {
    let mut random = [0; 8];
    OsRng.fill_bytes(&mut random);
    let stamp = stamp.to_be_bytes();
    let code = keys.code(&message(purpose, session, stamp, random));
    URL_SAFE_NO_PAD.encode([&stamp, &random, code.as_ref()].concat())
}

/// Returns the stamp of a challenge that was made here, for this purpose and this session.
pub(crate) fn open(keys: &Keys, purpose: Purpose, session: &[u8], challenge: &str) -> Option<u64> {
    let bytes = URL_SAFE_NO_PAD.decode(challenge).ok()?;
    let mut code = bytes.as_slice();
    let (stamp, random) = (take(&mut code)?, take(&mut code)?);
    keys.accepts(&message(purpose, session, stamp, random), code)
        .then(|| u64::from_be_bytes(stamp))
}

/// Tells whether a challenge may still be answered; all are milliseconds.
pub(crate) fn is_current(stamp: u64, now: u64, lifetime: u64) -> bool {
    let oldest = now.saturating_sub(lifetime);
    let newest = now.saturating_add(CLOCK_LEAD);
    (oldest..=newest).contains(&stamp)
}

/// The one part of any length comes last, so that nothing passes for the end of another.
fn message(purpose: Purpose, session: &[u8], stamp: [u8; 8], random: [u8; 8]) -> Vec<u8> {
    [&[purpose as u8], &stamp[..], &random, session].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use Purpose::*;

    const SESSION: [u8; 28] = [7; 28];
    const STAMP: u64 = 1_800_000_000_000;

    fn keys() -> Keys {
        Keys::test(1, &[])
    }

    #[test]
    fn challenge_tells_its_stamp() {
        for purpose in [Registration, Refresh] {
            for stamp in [0, STAMP, u64::MAX] {
                let challenge = issue(&keys(), purpose, &SESSION, stamp);
                assert_eq!(open(&keys(), purpose, &SESSION, &challenge), Some(stamp));
            }
        }
    }

    #[test]
    fn form_never_changes() {
        // Computed with another implementation of HMAC.
        let challenge = "AAABoxhcUABhYmNkZWZnaCfgwWqq5sGRPldmUdt_dvFkJYyNBWdqFCPQarsAy_nP";
        let stamp = open(&keys(), Refresh, &SESSION, challenge);
        assert_eq!(stamp, Some(STAMP));
    }

    #[test]
    fn challenge_is_for_one_purpose_and_one_session() {
        let challenge = issue(&keys(), Refresh, &SESSION, STAMP);
        assert_eq!(open(&keys(), Registration, &SESSION, &challenge), None);
        for other in [&[8; 28][..], &[7; 27], &[7; 29], &[]] {
            assert_eq!(open(&keys(), Refresh, other, &challenge), None);
        }
    }

    #[test]
    fn challenge_of_a_previous_key_is_opened() {
        let challenge = issue(&keys(), Refresh, &SESSION, STAMP);
        for (keys, stamp) in [
            (Keys::test(2, &[1]), Some(STAMP)),
            (Keys::test(2, &[3]), None),
        ] {
            assert_eq!(open(&keys, Refresh, &SESSION, &challenge), stamp);
        }
    }

    #[test]
    fn no_two_challenges_are_equal() {
        let [one, other] = [(); 2].map(|()| issue(&keys(), Refresh, &SESSION, STAMP));
        assert_ne!(one, other);
    }

    #[test]
    fn no_flipped_bit_and_no_other_length_is_opened() {
        let challenge = issue(&keys(), Refresh, &SESSION, STAMP);
        let is_refused = |text: &str| open(&keys(), Refresh, &SESSION, text).is_none();
        for bit in 0..challenge.len() * 8 {
            let mut bytes = challenge.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(is_refused(&String::from_utf8_lossy(&bytes)), "bit {bit}");
        }
        for length in 0..challenge.len() {
            assert!(is_refused(&challenge[..length]), "{length} bytes");
        }
        for added in ["A", "AAAA", "=", " "] {
            assert!(is_refused(&format!("{challenge}{added}")), "{added:?}");
        }
    }

    #[test]
    fn challenge_fits_into_a_header_as_it_is() {
        let challenge = issue(&keys(), Registration, &SESSION, STAMP);
        let header = crate::dbsc::header::challenge(&challenge, "s").unwrap();
        assert_eq!(header, format!("\"{challenge}\";id=\"s\""));
    }

    #[test]
    fn challenge_is_current_from_its_stamp_for_its_lifetime() {
        let lifetime = 300_000;
        for (what, stamp, current) in [
            ("made now", STAMP, true),
            ("at its end", STAMP - lifetime, true),
            ("after its end", STAMP - lifetime - 1, false),
            ("by a clock that is a minute ahead", STAMP + 60_000, true),
            ("by a clock that is further ahead", STAMP + 60_001, false),
            ("at the beginning of time", 0, false),
            ("at the end of time", u64::MAX, false),
        ] {
            assert_eq!(is_current(stamp, STAMP, lifetime), current, "{what}");
        }
        assert!(is_current(0, 0, u64::MAX));
        assert!(is_current(u64::MAX, u64::MAX, 0));
    }

    proptest! {
        #[test]
        fn junk_opens_to_nothing(text in "[A-Za-z0-9_-]{64}|\\PC{0,100}") {
            prop_assert_eq!(open(&keys(), Refresh, &SESSION, &text), None);
        }
    }
}
