//! Names that make two states that differ in nothing but names the same state.

use crate::store::rotation::Rotation;
use crate::store::token::{Lineage, Token};

/// A token that no state has, until it is renamed.
pub(super) const FRESH: u64 = u64::MAX;

pub(super) fn token(number: u64) -> Token {
    Token::from_bytes(number.to_be_bytes()).expect("not zero")
}

/// Renames tokens by the order in which they are met, and generations so that they stay small.
#[derive(Default)]
pub(super) struct Names {
    tokens: Vec<Token>,
    generations: Vec<u32>,
}

impl Names {
    /// Names tokens met from now on; these generations are all that there are.
    pub(super) fn of(mut generations: Vec<u32>) -> Self {
        generations.sort_unstable();
        generations.dedup();
        Self {
            tokens: Vec::with_capacity(24),
            generations,
        }
    }

    /// The number of a token that was met before.
    pub(super) fn met(&self, token: Token) -> Option<usize> {
        self.tokens.iter().position(|met| *met == token)
    }

    pub(super) fn token(&mut self, old: Token) -> Token {
        let at = self.met(old).unwrap_or_else(|| {
            self.tokens.push(old);
            self.tokens.len() - 1
        });
        token(at as u64 + 1)
    }

    pub(super) fn lineage(&mut self, old: Lineage) -> Lineage {
        Lineage {
            token: self.token(old.token),
            parent: self.token(old.parent),
            generation: self.generation(old.generation),
        }
    }

    pub(super) fn rotation(&mut self, old: &mut Rotation) {
        old.alive = old.alive.iter().map(|token| self.token(token)).collect();
        old.parent = self.token(old.parent);
        old.before = old.before.map(|before| self.token(before));
        old.spent = old.spent.iter().map(|token| self.token(token)).collect();
        let next = old.next;
        old.next = next.map(|(token, parent)| (self.token(token), self.token(parent)));
        old.generation = self.generation(old.generation);
    }

    /// The rules tell one generation ahead from several, and no more: wide gaps are narrowed.
    fn generation(&self, old: u32) -> u32 {
        let older = self.generations.iter().take_while(|known| **known < old);
        let all = older.chain([&old]);
        let gaps = all.clone().zip(all.skip(1)).map(|(a, b)| (b - a).min(4));
        gaps.sum()
    }
}
