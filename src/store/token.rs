//! Tokens: the names of the tickets that one session was given.

use std::fmt;
use std::num::NonZeroU64;

use rand::RngCore;

/// The random name of one ticket of a session.
///
/// What makes it unforgeable is the seal around the ticket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(NonZeroU64);

impl Token {
    /// Draws a token. It has to be distinct; what is secret is the seal.
    ///
    /// Each guarded request draws one, so that it comes from the thread's generator, which the
    /// operating system's has seeded.
    pub fn random() -> Self {
        loop {
            if let Some(drawn) = NonZeroU64::new(rand::thread_rng().next_u64()) {
                return Self(drawn);
            }
        }
    }

    /// Returns the token as it is sealed and stored.
    pub fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }

    /// Reads a token; eight zeros are none.
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        NonZeroU64::new(u64::from_be_bytes(bytes)).map(Self)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The place of a ticket in its session: its token, the token that it succeeds, and how many
/// successions there were before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lineage {
    /// The ticket's own token.
    pub token: Token,
    /// The token that it succeeds.
    pub parent: Token,
    /// How many successions there were before it.
    pub generation: u32,
}

impl Lineage {
    /// Returns the lineage of a new session's first ticket.
    pub fn root() -> Self {
        Self {
            token: Token::random(),
            parent: Token::random(),
            generation: 0,
        }
    }

    pub(super) fn child(token: Token, parent: Token, of_generation: u32) -> Self {
        Self {
            token,
            parent,
            generation: of_generation.saturating_add(1),
        }
    }
}

/// A few tokens, the first without an allocation: nearly always there is one at most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Tokens {
    first: Option<Token>,
    #[allow(clippy::box_collection)] // Eight bytes instead of 24, in each of a million records.
    more: Option<Box<Vec<Token>>>,
}

impl Tokens {
    pub(super) fn one(token: Token) -> Self {
        Self {
            first: Some(token),
            more: None,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Token> + '_ {
        let more = self.more.iter().flat_map(|more| more.iter());
        self.first.iter().chain(more).copied()
    }

    pub(super) fn first(&self) -> Option<Token> {
        self.first
    }

    pub(super) fn contains(&self, token: Token) -> bool {
        self.first == Some(token) || self.more.as_ref().is_some_and(|more| more.contains(&token))
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.as_ref().map_or(0, |more| more.len())
    }

    pub(super) fn push(&mut self, token: Token) {
        match self.first {
            None => self.first = Some(token),
            Some(_) => self.more.get_or_insert_default().push(token),
        }
    }
}

impl FromIterator<Token> for Tokens {
    fn from_iter<I: IntoIterator<Item = Token>>(tokens: I) -> Self {
        let mut collected = Self::default();
        tokens.into_iter().for_each(|token| collected.push(token));
        collected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_random_survive_their_bytes_and_are_not_shown() {
        let token = Token::random();
        assert_ne!(token, Token::random());
        assert_eq!(Token::from_bytes(token.to_bytes()), Some(token));
        assert_eq!(Token::from_bytes([0; 8]), None);
        assert_eq!(format!("{token:?}"), "Token(..)");
    }

    #[test]
    fn a_few_tokens_keep_their_order() {
        let drawn: Vec<_> = (0..9).map(|_| Token::random()).collect();
        let tokens: Tokens = drawn.iter().copied().collect();
        assert_eq!(tokens.iter().collect::<Vec<_>>(), drawn);
        assert_eq!((tokens.len(), tokens.first()), (9, Some(drawn[0])));
        assert!(drawn.iter().all(|token| tokens.contains(*token)));
        assert!(!tokens.contains(Token::random()));
        assert_eq!(Tokens::default().len(), 0);
        assert_eq!(std::mem::size_of::<Tokens>(), 16);
    }
}
