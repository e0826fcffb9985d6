//! Keyed digests of what a session is bound to.

use sha2::{Digest as _, Sha256};

/// The first eight bytes of a SHA-256.
///
/// Enough to tell values of one session apart, and useless without its secret id: whoever reads
/// a digest learns no address from it, and cannot compare those of two sessions.
pub(crate) type Digest = [u8; 8];

/// What a digest is about. The numbers are sealed into sessions and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    Network = 1,
    UserAgent = 2,
    Signal = 3,
}

/// Returns the digest of `parts`, keyed with the secret id of the session.
pub(crate) fn keyed_digest(session_id: &[u8; 16], domain: Domain, parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    hash.update([domain as u8]);
    hash.update(session_id);
    for part in parts {
        // With its length before it, no part can pass for the end of another.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let [a, b, c, d, e, f, g, h, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: [u8; 16] = *b"0123456789abcdef";

    #[test]
    fn digests_never_change() {
        // Sealed into sessions; computed with another implementation of SHA-256.
        let digest = keyed_digest(&ID, Domain::Signal, &[b"name", b"value"]);
        assert_eq!(digest, [0xb9, 0xf9, 0x35, 0x92, 0x6f, 0x22, 0xa7, 0xd4]);
    }

    #[test]
    fn a_digest_depends_on_session_domain_and_each_part() {
        let digest = keyed_digest(&ID, Domain::Signal, &[b"ab", b"c"]);
        for other in [
            keyed_digest(b"another-session!", Domain::Signal, &[b"ab", b"c"]),
            keyed_digest(&ID, Domain::Network, &[b"ab", b"c"]),
            keyed_digest(&ID, Domain::Signal, &[b"a", b"bc"]),
            keyed_digest(&ID, Domain::Signal, &[b"abc"]),
            keyed_digest(&ID, Domain::Signal, &[b"ab", b"c", b""]),
        ] {
            assert_ne!(other, digest);
        }
    }

    #[test]
    fn long_values_are_hashed_to_the_end() {
        let mut value = vec![b'a'; 100_000];
        let digest = keyed_digest(&ID, Domain::Signal, &[&value]);
        value.pop();
        value.push(b'b');
        assert_ne!(keyed_digest(&ID, Domain::Signal, &[&value]), digest);
    }
}
