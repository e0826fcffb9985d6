//! The keys of one section, and how one of them is refused.

use rocket::figment::{Error, Figment};

/// The keys of one section.
pub(super) struct Keys<'f> {
    pub(super) figment: &'f Figment,
    pub(super) section: &'f str,
}

pub(super) type Checked<T> = Result<T, Box<Error>>;

impl Keys<'_> {
    /// Tells whether the app runs in another profile than debug.
    pub(super) fn is_deployed(&self) -> bool {
        self.figment.profile() != rocket::Config::DEBUG_PROFILE
    }

    /// Refuses `key`, relative to the section, with what is wrong and the remedy.
    pub(super) fn refuse<T>(&self, key: &str, remedy: &str) -> Checked<T> {
        let refusal = super::refusal(self.figment, self.section, key, remedy);
        Err(Box::new(refusal))
    }
}
