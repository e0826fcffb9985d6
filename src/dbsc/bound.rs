//! The value of the bound cookie: sealed for its session, and good until the end that it names.
//!
//! | bytes | what |
//! |---|---|
//! | 8 | end: milliseconds since the epoch |
//! | 8 | digest of the device key that it was issued for |
//!
//! Nothing but its end ends it. A browser refreshes while other requests are under way, so that a
//! value which a newer one took back would refuse its owner.

use super::key::KeyDigest;
use super::keys::{Keys, Sealed};
use crate::wire::take;

/// What the value of a bound cookie is worth to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// It was issued for this session, and for this device key.
    Valid(KeyDigest),
    /// It was, and its time is over.
    Expired,
    /// It was not made here, or for another session.
    Foreign,
}

/// Makes the value for a session that is bound; `expires` is in milliseconds.
pub(crate) fn issue(keys: &Keys, session: &[u8], key: KeyDigest, expires: u64) -> String {
    let content = [expires.to_be_bytes(), key].concat();
    keys.seal(Sealed::BoundCookie { session }, &content)
}

/// Judges the value that a request of this session brings at `now`, in milliseconds.
pub(crate) fn open(keys: &Keys, session: &[u8], value: &str, now: u64) -> Bound {
    match read(keys, session, value) {
        None => Bound::Foreign,
        Some((expires, _)) if expires <= now => Bound::Expired,
        Some((_, key)) => Bound::Valid(key),
    }
}

fn read(keys: &Keys, session: &[u8], value: &str) -> Option<(u64, KeyDigest)> {
    let content = keys.open(Sealed::BoundCookie { session }, value)?;
    let mut rest = content.as_slice();
    Some((u64::from_be_bytes(take(&mut rest)?), take(&mut rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SESSION: [u8; 28] = [7; 28];
    const KEY: KeyDigest = [9; 8];
    const EXPIRES: u64 = 1_800_000_000_000;

    fn value() -> String {
        issue(&Keys::test(1, &[]), &SESSION, KEY, EXPIRES)
    }

    fn judged(value: &str) -> Bound {
        open(&Keys::test(1, &[]), &SESSION, value, EXPIRES - 1)
    }

    #[test]
    fn value_is_good_until_its_end() {
        for (now, bound) in [
            (0, Bound::Valid(KEY)),
            (EXPIRES - 1, Bound::Valid(KEY)),
            (EXPIRES, Bound::Expired),
            (u64::MAX, Bound::Expired),
        ] {
            let opened = open(&Keys::test(1, &[]), &SESSION, &value(), now);
            assert_eq!(opened, bound, "at {now}");
        }
    }

    #[test]
    fn form_never_changes() {
        // Sealed with another implementation of AES-GCM.
        let value = "YWJjZGVmZ2hpamtsZG8nbYbqmMPhb19lbALjxtD3QaM5uk4K49jl48VPe1Q";
        assert_eq!(judged(value), Bound::Valid(KEY));
    }

    #[test]
    fn value_is_good_for_its_session_only() {
        for other in [&[8; 28][..], &[7; 27], &[7; 29], &[]] {
            let opened = open(&Keys::test(1, &[]), other, &value(), 0);
            assert_eq!(opened, Bound::Foreign);
        }
    }

    #[test]
    fn older_value_stays_good_beside_a_newer_one() {
        let (older, newer) = (value(), value());
        assert_ne!(older, newer);
        assert_eq!(judged(&older), judged(&newer));
    }

    #[test]
    fn value_of_a_previous_key_is_good() {
        for (keys, bound) in [
            (Keys::test(2, &[1]), Bound::Valid(KEY)),
            (Keys::test(2, &[3]), Bound::Foreign),
        ] {
            assert_eq!(open(&keys, &SESSION, &value(), 0), bound);
        }
    }

    #[test]
    fn identifier_is_no_value() {
        let keys = Keys::test(1, &[]);
        let identifier = crate::dbsc::identifier::issue(&keys, &SESSION);
        assert_eq!(judged(&identifier), Bound::Foreign);
    }

    #[test]
    fn no_flipped_bit_and_no_other_length_is_good() {
        let value = value();
        for bit in 0..value.len() * 8 {
            let mut bytes = value.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let flipped = String::from_utf8_lossy(&bytes);
            assert_eq!(judged(&flipped), Bound::Foreign, "bit {bit}");
        }
        for length in 0..value.len() {
            assert_eq!(judged(&value[..length]), Bound::Foreign, "{length} bytes");
        }
        for added in ["A", "AAAA", "=", " "] {
            let lengthened = format!("{value}{added}");
            assert_eq!(judged(&lengthened), Bound::Foreign, "{added:?}");
        }
    }

    proptest! {
        #[test]
        fn junk_is_foreign(text in "[A-Za-z0-9_-]{59}|\\PC{0,100}") {
            prop_assert_eq!(judged(&text), Bound::Foreign);
        }
    }
}
