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
