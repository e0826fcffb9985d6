//! The header fields: two that are written, three that are read.
//!
//! They are structured fields (RFC 9651). Where the specification has a quoted string, Chromium
//! sends the bare text; both are read. What is read here is not checked any further: a proof and an
//! identifier prove themselves.

use super::key::Algorithm;
use super::proof::BadProof;
use crate::wire::{is_token, OWS};

pub(crate) const REGISTRATION: &str = "Secure-Session-Registration";
pub(crate) const CHALLENGE: &str = "Secure-Session-Challenge";
pub(crate) const RESPONSE: &str = "Secure-Session-Response";
pub(crate) const SESSION_ID: &str = "Sec-Secure-Session-Id";
pub(crate) const SKIPPED: &str = "Secure-Session-Skipped";

/// The identifiers that are made here take a third of it.
const MAX_IDENTIFIER_BYTES: usize = 256;

/// A site has few sessions in one browser; more items are noise.
const MOST_SKIPPED: usize = 8;

/// Writes the offer to register a key; the browser takes the first algorithm that it has.
///
/// It copies `authorization` into its proof. `None` if a text is not printable ASCII.
pub(crate) fn registration(
    algorithms: &[Algorithm],
    path: &str,
    challenge: &str,
    authorization: Option<&str>,
) -> Option<String> {
    let names: Vec<_> = algorithms.iter().map(|known| known.name()).collect();
    let mut offer = format!("({})", names.join(" "));
    let parameters = [
        ("path", Some(path)),
        ("challenge", Some(challenge)),
        ("authorization", authorization),
    ];
    for (name, text) in parameters {
        if let Some(text) = text {
            offer += &format!(";{name}={}", quoted(text)?);
        }
    }
    Some(offer)
}

/// Writes a challenge to the session of this identifier.
///
/// Chromium ends a session that is sent a challenge without it. `None` if a text is not printable
/// ASCII.
pub(crate) fn challenge(challenge: &str, session_identifier: &str) -> Option<String> {
    let (challenge, identifier) = (quoted(challenge)?, quoted(session_identifier)?);
    Some(format!("{challenge};id={identifier}"))
}

/// Writes a string (RFC 9651, section 4.1.6), which holds printable ASCII only.
fn quoted(text: &str) -> Option<String> {
    let is_printable = |byte: u8| matches!(byte, b' '..=b'~');
    let escaped = || text.replace('\\', r"\\").replace('"', r#"\""#);
    text.bytes()
        .all(is_printable)
        .then(|| format!("\"{}\"", escaped()))
}

/// Returns the proof in the `Secure-Session-Response` lines of a request, if there are any.
pub(crate) fn proof<'r>(
    mut lines: impl Iterator<Item = &'r str>,
) -> Result<Option<&'r str>, BadProof> {
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(BadProof::Repeated);
    }
    bare(line).map(Some).ok_or(BadProof::NotCompact)
}

/// Returns the identifier in the `Sec-Secure-Session-Id` lines of a request.
///
/// `None` also if there are several, or if it is longer than any of ours.
pub(crate) fn session_identifier<'r>(mut lines: impl Iterator<Item = &'r str>) -> Option<&'r str> {
    let line = lines.next()?;
    let is_alone = lines.next().is_none();
    is_alone.then(|| bare_identifier(line)).flatten()
}

/// Why a browser sent a request without refreshing its bound cookie first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SkipReason {
    /// The refresh was not answered.
    Unreachable,
    /// The refresh was answered with an error of the server.
    ServerError,
    /// The browser has signed so often that it stopped for a while.
    QuotaExceeded,
    /// A reason that the specification does not have.
    Other,
}

impl SkipReason {
    fn from_token(token: &str) -> Self {
        match token {
            "unreachable" => Self::Unreachable,
            "server_error" => Self::ServerError,
            "quota_exceeded" => Self::QuotaExceeded,
            _ => Self::Other,
        }
    }

    /// Returns the reason's name, as the specification has it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::ServerError => "server_error",
            Self::QuotaExceeded => "quota_exceeded",
            Self::Other => "other",
        }
    }
}

/// One item of `Secure-Session-Skipped`.
///
/// **Note:** anybody can send it. It explains a missing cookie, and excuses none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Skipped<'r> {
    pub(crate) reason: SkipReason,
    pub(crate) session_identifier: Option<&'r str>,
}

/// Returns what the `Secure-Session-Skipped` lines of a request tell, without what is malformed.
pub(crate) fn skipped<'r>(
    lines: impl Iterator<Item = &'r str>,
) -> impl Iterator<Item = Skipped<'r>> {
    lines
        .flat_map(|line| split_unquoted(line, ','))
        .filter_map(Skipped::read)
        .take(MOST_SKIPPED)
}

impl<'r> Skipped<'r> {
    fn read(item: &'r str) -> Option<Self> {
        let mut parts = split_unquoted(item, ';').map(|part| part.trim_matches(OWS));
        let token = parts.next()?;
        // Of a parameter that is repeated, the last one counts (RFC 9651, section 4.2.3.2).
        let identifier = parts
            .filter_map(|parameter| parameter.strip_prefix("session_identifier="))
            .last();
        is_token(token).then(|| Self {
            reason: SkipReason::from_token(token),
            session_identifier: identifier.and_then(bare_identifier),
        })
    }
}

fn bare_identifier(item: &str) -> Option<&str> {
    bare(item).filter(|identifier| identifier.len() <= MAX_IDENTIFIER_BYTES)
}

/// Returns the text of an item, which may be quoted, and followed by parameters that mean nothing.
///
/// Escapes stay as they are: no proof and no identifier needs one.
fn bare(item: &str) -> Option<&str> {
    let item = item.trim_matches(OWS);
    let Some(quoted) = item.strip_prefix('"') else {
        return Some(item);
    };
    let (text, parameters) = quoted.split_once('"')?;
    (parameters.is_empty() || parameters.starts_with(';')).then_some(text)
}

/// Splits at each `separator` outside quotes.
fn split_unquoted(line: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    line.split(move |character| {
        let is_escaped = std::mem::replace(&mut escaped, false);
        match character {
            '"' if !is_escaped => quoted = !quoted,
            '\\' if !is_escaped => escaped = quoted,
            _ => {}
        }
        character == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOTH: [Algorithm; 2] = [Algorithm::Es256, Algorithm::Rs256];

    fn proof_in(lines: &[&'static str]) -> Result<Option<&'static str>, BadProof> {
        proof(lines.iter().copied())
    }

    fn identifier_in(lines: &[&'static str]) -> Option<&'static str> {
        session_identifier(lines.iter().copied())
    }

    fn skipped_in<'a>(lines: &[&'a str]) -> Vec<(SkipReason, Option<&'a str>)> {
        let items = skipped(lines.iter().copied());
        items
            .map(|item| (item.reason, item.session_identifier))
            .collect()
    }

    #[test]
    fn registration_names_the_algorithms_in_their_order() {
        for (algorithms, written) in [
            (&BOTH[..], "(ES256 RS256)"),
            (&[Algorithm::Rs256, Algorithm::Es256], "(RS256 ES256)"),
            (&[Algorithm::Es256], "(ES256)"),
        ] {
            assert_eq!(
                registration(algorithms, "/.dbsc/register", "c", None).unwrap(),
                format!(r#"{written};path="/.dbsc/register";challenge="c""#)
            );
        }
        assert_eq!(
            registration(&BOTH, "/r", "c", Some("a")).unwrap(),
            r#"(ES256 RS256);path="/r";challenge="c";authorization="a""#
        );
    }

    #[test]
    fn challenge_names_its_session() {
        assert_eq!(challenge("c", "s").unwrap(), r#""c";id="s""#);
    }

    #[test]
    fn quotes_and_backslashes_are_escaped() {
        let written = challenge(r#"a"b"#, r"c\d").unwrap();
        assert_eq!(written, r#""a\"b";id="c\\d""#);
    }

    #[test]
    fn text_that_no_header_can_hold_is_not_written() {
        for text in ["a\r\nSet-Cookie: b", "\0", "\u{7f}", "caf\u{e9}", "\t"] {
            assert_eq!(challenge(text, "s"), None, "{text:?}");
            assert_eq!(challenge("c", text), None, "{text:?}");
            assert_eq!(registration(&BOTH, text, "c", None), None, "{text:?}");
            assert_eq!(registration(&BOTH, "/", text, None), None, "{text:?}");
            assert_eq!(registration(&BOTH, "/", "c", Some(text)), None, "{text:?}");
        }
    }

    #[test]
    fn proof_is_read_bare_and_quoted() {
        for line in ["a.b.c", "\"a.b.c\"", " \"a.b.c\"\t", "\"a.b.c\";x=1;y"] {
            assert_eq!(proof_in(&[line]), Ok(Some("a.b.c")), "{line}");
        }
        assert_eq!(proof_in(&[]), Ok(None));
    }

    #[test]
    fn proof_that_is_not_one_string_is_refused() {
        for line in ["\"a.b.c", "\"", "\"a.b.c\" ;x", "\"a\", \"b\"", "\"a\"b"] {
            assert_eq!(proof_in(&[line]), Err(BadProof::NotCompact), "{line}");
        }
        assert_eq!(proof_in(&["a.b.c", "a.b.c"]), Err(BadProof::Repeated));
    }

    #[test]
    fn identifier_is_read_bare_and_quoted() {
        for line in ["id-1_", "\"id-1_\"", "\t\"id-1_\";a=b "] {
            assert_eq!(identifier_in(&[line]), Some("id-1_"), "{line}");
        }
    }

    #[test]
    fn identifier_that_is_not_one_string_is_refused() {
        for lines in [&[][..], &["\"a"], &["\"a\"b"], &["a", "b"], &["a", "a"]] {
            assert_eq!(identifier_in(lines), None, "{lines:?}");
        }
    }

    #[test]
    fn identifier_of_256_bytes_is_read_and_a_longer_one_is_not() {
        let longest = "x".repeat(256);
        let longer = format!("{longest}x");
        let lines = [longest.as_str(), longer.as_str()];
        let read = lines.map(|line| session_identifier([line].into_iter()));
        assert_eq!(read, [Some(longest.as_str()), None]);

        let line = format!("unreachable;session_identifier=\"{longer}\"");
        assert_eq!(skipped_in(&[&line]), [(SkipReason::Unreachable, None)]);
    }

    #[test]
    fn reasons_for_skipping_are_read_with_their_sessions() {
        use SkipReason::*;
        for (lines, read) in [
            (
                &[r#"server_error;session_identifier="s1""#][..],
                &[(ServerError, Some("s1"))][..],
            ),
            (
                &[r#"unreachable;session_identifier="a", quota_exceeded;session_identifier="b""#],
                &[(Unreachable, Some("a")), (QuotaExceeded, Some("b"))],
            ),
            (
                &["unreachable;session_identifier=123", "server_error"],
                &[(Unreachable, Some("123")), (ServerError, None)],
            ),
            (&["too_tired;x=1"], &[(Other, None)]),
            (&["Unreachable"], &[(Other, None)]),
            (
                &[r#"unreachable;x="a,b;session_identifier=c\"";session_identifier="d""#],
                &[(Unreachable, Some("d"))],
            ),
            (
                &[r#"unreachable;session_identifier="a";session_identifier="b""#],
                &[(Unreachable, Some("b"))],
            ),
            (
                &[r#"unreachable;session_identifier="a"#],
                &[(Unreachable, None)],
            ),
            (&["", ",;,", "\"unreachable\"", "a b", "(unreachable)"], &[]),
        ] {
            assert_eq!(skipped_in(lines), read, "{lines:?}");
        }
    }

    #[test]
    fn eight_skipped_sessions_are_read_and_no_more() {
        let many = "unreachable,".repeat(100);
        assert_eq!(skipped_in(&[&many, &many]).len(), 8);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(lines in prop::collection::vec(any::<String>(), 0..4)) {
            let lines = || lines.iter().map(String::as_str);
            let _ = proof(lines());
            let _ = session_identifier(lines());
            prop_assert!(skipped(lines()).count() <= MOST_SKIPPED);
        }

        #[test]
        fn whatever_is_written_stays_on_its_line(
            path: String,
            text: String,
            authorization: Option<String>,
        ) {
            for written in [
                registration(&BOTH, &path, &text, authorization.as_deref()),
                challenge(&text, &path),
            ] {
                let written = written.unwrap_or_default();
                prop_assert!(written.bytes().all(|byte| matches!(byte, b' '..=b'~')));
            }
        }

        #[test]
        fn plain_text_is_read_back_from_quotes(text in "[a-zA-Z0-9_.-]{0,256}") {
            let line = quoted(&text).unwrap();
            prop_assert_eq!(proof([line.as_str()].into_iter()), Ok(Some(text.as_str())));
            prop_assert_eq!(session_identifier([line.as_str()].into_iter()), Some(text.as_str()));
        }
    }
}
