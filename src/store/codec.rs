//! The bytes of a record.
//!
//! Numbers are big-endian and times Unix time; zero is none.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | version, 1 |
//! | 1 | why it is over |
//! | 4, 4, 4, 4 | created, expires, last seen (seconds), epoch |
//! | 4, 1 | generation, claims |
//! | 8, 8 | last succession, last claim (milliseconds) |
//! | 8, 8 | parent, its parent |
//! | 8, 8 | the successor handed out last, its parent |
//! | 4, 8, 8 | revision of the payload, binding to a device (milliseconds), its last proof |
//! | 1 + 8 each | tokens that are alive |
//! | 1 + 8 each | tokens that were superseded last |
//! | 1 + n, 1 + n | label, network |
//! | 2 + n, 2 + n | key of the device, payload |

use std::fmt;
use std::sync::Arc;

use super::call::Over;
use super::record::{Extra, Record};
use super::rotation::Rotation;
use super::token::{Token, Tokens};
use crate::wire::take;

const VERSION: u8 = 1;

const NO_TOKEN: [u8; 8] = [0; 8];

/// The bytes are no record of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored session has another format")
    }
}

impl std::error::Error for Unreadable {}

impl Record {
    /// Writes the record for a store that keeps bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Rotation {
            generation,
            claims,
            alive,
            spent,
            parent,
            before,
            next,
            since,
            claimed,
        } = &self.rotation;
        let none = Extra::default();
        let extra = self.extra.as_deref().unwrap_or(&none);
        let token = |token: Option<Token>| token.map_or(NO_TOKEN, Token::to_bytes);

        let mut bytes = Vec::with_capacity(192);
        bytes.extend([VERSION, self.over.map_or(0, Over::code)]);
        for seconds in [self.created, self.expires, self.last_seen, self.epoch] {
            bytes.extend(seconds.to_be_bytes());
        }
        bytes.extend(generation.to_be_bytes());
        bytes.push(*claims);
        for millis in [*since, claimed.unwrap_or(0)] {
            bytes.extend(millis.to_be_bytes());
        }
        bytes.extend(parent.to_bytes());
        bytes.extend(token(*before));
        bytes.extend(token(next.map(|(successor, _)| successor)));
        bytes.extend(token(next.map(|(_, its_parent)| its_parent)));
        bytes.extend(extra.revision.to_be_bytes());
        bytes.extend(extra.bound_at.to_be_bytes());
        bytes.extend(extra.proved.to_be_bytes());
        for tokens in [alive, spent] {
            bytes.push(short_len(tokens.len()));
            tokens
                .iter()
                .for_each(|token| bytes.extend(token.to_bytes()));
        }
        for text in [&self.label, &self.network] {
            let text = truncated(text);
            bytes.push(short_len(text.len()));
            bytes.extend(text.as_bytes());
        }
        for blob in [&extra.device, &extra.payload] {
            let length = u16::try_from(blob.len()).unwrap_or(u16::MAX);
            bytes.extend(length.to_be_bytes());
            bytes.extend(blob.iter().take(usize::from(length)));
        }
        bytes
    }

    /// Reads the record that a store has kept.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        decode(bytes).ok_or(Unreadable)
    }
}

fn decode(bytes: &[u8]) -> Option<Record> {
    let rest = &mut &*bytes;
    let [version, over] = take(rest)?;
    if version != VERSION {
        return None;
    }
    let (created, expires) = (number(rest)?, number(rest)?);
    let (last_seen, epoch) = (number(rest)?, number(rest)?);
    let generation = number(rest)?;
    let [claims] = take(rest)?;
    let (since, claimed) = (millis(rest)?, millis(rest)?);
    let (parent, before) = (token(rest)??, token(rest)?);
    let (successor, its_parent) = (token(rest)?, token(rest)?);
    let (revision, bound_at) = (number(rest)?, millis(rest)?);
    let proved = u64::from_be_bytes(take(rest)?);
    let (alive, spent) = (tokens(rest)?, tokens(rest)?);
    let (label, network) = (text(rest)?, text(rest)?);
    let (device, payload) = (blob(rest)?, blob(rest)?);
    let extra = Extra {
        revision,
        payload,
        device,
        bound_at,
        proved,
    };
    rest.is_empty().then_some(Record {
        rotation: Rotation {
            generation,
            claims,
            alive,
            spent,
            parent,
            before,
            next: successor.zip(its_parent),
            since,
            claimed: (claimed != 0).then_some(claimed),
        },
        over: match over {
            0 => None,
            code => Some(Over::from_code(code)?),
        },
        created,
        expires,
        last_seen,
        epoch,
        label: Arc::new(label),
        network: Arc::new(network),
        extra: (extra != Extra::default()).then(|| Box::new(extra)),
    })
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_be_bytes)
}

fn millis(rest: &mut &[u8]) -> Option<i64> {
    take(rest).map(i64::from_be_bytes)
}

fn token(rest: &mut &[u8]) -> Option<Option<Token>> {
    take(rest).map(Token::from_bytes)
}

fn tokens(rest: &mut &[u8]) -> Option<Tokens> {
    let [length] = take(rest)?;
    (0..length).map(|_| token(rest)?).collect()
}

fn text(rest: &mut &[u8]) -> Option<String> {
    let [length] = take(rest)?;
    String::from_utf8(bytes(rest, usize::from(length))?).ok()
}

fn blob(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = take(rest).map(u16::from_be_bytes)?;
    bytes(rest, usize::from(length))
}

fn bytes(rest: &mut &[u8], length: usize) -> Option<Vec<u8>> {
    let (taken, remainder) = rest.split_at_checked(length)?;
    *rest = remainder;
    Some(taken.to_vec())
}

fn short_len(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// Returns as much of a label as fits.
fn truncated(text: &str) -> &str {
    let mut end = text.len().min(usize::from(u8::MAX));
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::call::{NewSession, Update};
    use crate::store::key::{SessionId, SessionKey, SubjectId};
    use crate::store::token::Lineage;

    fn record(label: &str) -> Record {
        let new = NewSession {
            key: SessionKey {
                subject: SubjectId::from_bytes([1; 16]),
                id: SessionId::from_bytes([2; 12]),
            },
            first: Lineage {
                token: Token::from_bytes([3; 8]).unwrap(),
                parent: Token::from_bytes([4; 8]).unwrap(),
                generation: 0,
            },
            lifetime: 3_600_000,
            label,
            network: "192.0.0.0/16",
            created_at: None,
            replaces: None,
            max_sessions: None,
            idle_timeout: 60_000,
        };
        Record::start(&new, 5, 1_800_000_000_000)
    }

    fn everything() -> Record {
        let mut record = record("Firefox on Windows");
        let update = Update {
            revision: 7,
            payload: vec![8; 4000],
        };
        assert!(record.update(&update, 5, 1_800_000_000_000));
        record.bind(&[9; 300], 10, 5, 1_800_000_000_001);
        record.rotation.spent = (0..9).map(|_| Token::random()).collect();
        record.rotation.alive = (0..8).map(|_| Token::random()).collect();
        record.rotation.before = Some(Token::random());
        record.rotation.next = Some((Token::random(), Token::random()));
        record.rotation.claimed = Some(1_800_000_000_002);
        record
    }

    #[test]
    fn what_was_written_is_read() {
        let mut ended = record("");
        ended.end(Over::Revoked, 0, 0);
        for record in [record("Firefox on Windows"), everything(), ended] {
            assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
        }
    }

    #[test]
    fn a_plain_record_takes_at_most_170_bytes() {
        let bytes = record("Firefox on Windows").to_bytes().len();
        assert!(bytes <= 170, "{bytes}");
    }

    /// The format is frozen: sessions in stores live on after an update of the crate.
    #[test]
    fn a_record_of_the_first_release_is_read() {
        let record = record("Lynx");
        let hex: String = record
            .to_bytes()
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(hex, FROZEN);
        assert_eq!(Record::from_bytes(&record.to_bytes()), Ok(record));
    }

    const FROZEN: &str =
        "01006b49d2006b49e0106b49d200000000050000000000000001a3185c5000000000000000000004\
        04040404040404000000000000000000000000000000000000000000000000000000000000000000\
        000000000000000000000001030303030303030300044c796e780c3139322e302e302e302f313600\
        000000";

    #[test]
    fn a_long_label_is_cut_between_characters() {
        let record = record(&"ü".repeat(200));
        let read = Record::from_bytes(&record.to_bytes()).unwrap();
        assert_eq!(*read.label, "ü".repeat(127));
    }

    #[test]
    fn nothing_else_is_taken_for_a_record() {
        let bytes = everything().to_bytes();
        for end in 0..bytes.len() {
            assert_eq!(Record::from_bytes(&bytes[..end]), Err(Unreadable), "{end}");
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(Record::from_bytes(&longer), Err(Unreadable));
        let newer = [&[2], &bytes[1..]].concat();
        assert_eq!(Record::from_bytes(&newer), Err(Unreadable));
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 0x55;
            let _ = Record::from_bytes(&altered);
        }
    }
}
