//! `TransportShield`: the fairing of an app without sessions.

use rocket::fairing::{self, Fairing, Info, Kind};
use rocket::{async_trait, Build, Rocket};

use super::app::set_up;

/// The fairing for an app without sessions: HSTS, hardened cookies, and the client's address.
///
/// [`SessionShield`](crate::SessionShield) does the same and more; attaching both, in any order
/// and beside Rocket's own `Shield`, does it once.
///
/// # Example
///
/// ```rust
/// use rocket_restricted_session::TransportShield;
///
/// # let figment = rocket::Config::figment().merge(("secret_key", "0".repeat(64)));
/// let rocket = rocket::custom(figment).attach(TransportShield::new());
/// ```
#[derive(Debug, Default)]
#[must_use = "a shield protects nothing until it is attached"]
pub struct TransportShield(());

impl TransportShield {
    /// Returns the fairing; everything else is configuration.
    pub fn new() -> Self {
        Self(())
    }
}

#[async_trait]
impl Fairing for TransportShield {
    fn info(&self) -> Info {
        Info {
            name: "Transport Shield",
            kind: Kind::Ignite,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        set_up(rocket)
    }
}
