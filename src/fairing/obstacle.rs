//! What keeps a shield from launching, with the remedy.

use crate::store::StoreError;

/// Why the app does not launch with a shield.
pub(super) enum Obstacle {
    Config(Box<rocket::figment::Error>),
    SameType(&'static str),
    SameCookie(String),
    SamePath(String),
    SignalName(String),
    Store(StoreError),
    TwoStores(String),
    /// A check that `checks.deny` lists; it has been printed.
    Denied,
}

impl From<Box<rocket::figment::Error>> for Obstacle {
    fn from(error: Box<rocket::figment::Error>) -> Self {
        Obstacle::Config(error)
    }
}

impl Obstacle {
    /// Tells it, and the remedy.
    pub(super) fn print(self) {
        match self {
            Obstacle::Denied => {}
            Obstacle::Config(error) => rocket::config::pretty_print_error(*error),
            Obstacle::SameType(kind) => {
                rocket::error!("Two shields for sessions of {kind} are attached.");
                rocket::error_!("Give the second kind of session a type of its own.");
            }
            Obstacle::SameCookie(name) => {
                rocket::error!("Two shields use the cookie {name:?}.");
                rocket::error_!("Give each section a `cookie_name` of its own.");
            }
            Obstacle::SamePath(path) => {
                rocket::error!("Two shields bind sessions to devices under {path:?}.");
                rocket::error_!("Give each section a `dbsc.path` of its own.");
            }
            Obstacle::Store(error) => {
                rocket::error!("The session store does not open: {error}.");
                rocket::error_!("Mend it, or write another `store`.");
            }
            Obstacle::TwoStores(key) => {
                rocket::error!("`{key}` is written, but the app brings a store of its own.");
                rocket::error_!("Remove the key, or the call of `SessionShield::store`.");
            }
            Obstacle::SignalName(name) => {
                rocket::error!("The signal name {name:?} is taken.");
                rocket::error_!("Give each signal a name of its own.");
            }
        }
    }
}
