//! The money: who has how much, and transfers that happen whole or not at all.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names and passwords. A product keeps hashes of passwords, such as Argon2's.
const CUSTOMERS: [(&str, &str); 2] = [("ada", "lovelace"), ("grace", "hopper")];

const OPENING_BALANCE: u64 = 100;

/// All accounts, behind one lock.
pub(crate) struct Vault(Mutex<BTreeMap<String, u64>>);

impl Vault {
    pub(crate) fn open() -> Self {
        let accounts = CUSTOMERS.map(|(name, _)| (name.to_owned(), OPENING_BALANCE));
        Self(Mutex::new(accounts.into()))
    }

    pub(crate) fn knows(&self, name: &str, password: &str) -> bool {
        CUSTOMERS.contains(&(name, password))
    }

    pub(crate) fn balance_of(&self, name: &str) -> u64 {
        self.accounts().get(name).copied().unwrap_or_default()
    }

    /// Moves money and returns what is left.
    pub(crate) fn transfer(&self, from: &str, to: &str, amount: &str) -> Result<u64, BadTransfer> {
        let amount = whole_amount(amount)?;
        let to = to.trim();
        if to == from {
            return Err(BadTransfer::ToOneself);
        }

        let mut accounts = self.accounts();
        let balance_of = |name: &str| accounts.get(name).copied();
        let theirs = balance_of(to).ok_or(BadTransfer::UnknownPayee)?;
        let held = balance_of(from).unwrap_or_default();
        let left = held.checked_sub(amount);
        let left = left.ok_or(BadTransfer::Overdraft { held })?;
        accounts.insert(from.to_owned(), left);
        accounts.insert(to.to_owned(), theirs + amount);
        Ok(left)
    }

    fn accounts(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole_amount(written: &str) -> Result<u64, BadTransfer> {
    match written.trim().parse() {
        Ok(0) | Err(_) => Err(BadTransfer::NoAmount),
        Ok(amount) => Ok(amount),
    }
}

/// Why no money was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadTransfer {
    NoAmount,
    ToOneself,
    UnknownPayee,
    Overdraft { held: u64 },
}

impl fmt::Display for BadTransfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAmount => f.write_str("Write the amount as a whole number from 1."),
            Self::ToOneself => f.write_str("That is your own account; name somebody else's."),
            Self::UnknownPayee => f.write_str("No customer has that name; try ada or grace."),
            Self::Overdraft { held } => write!(f, "You have {held}, which is less than that."),
        }
    }
}
