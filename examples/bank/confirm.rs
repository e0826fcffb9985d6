//! Confirming the password, for what asks for a fresh session.

use minijinja::context;
use rocket::form::Form;
use rocket::http::uri::{Origin, Path};
use rocket::response::Redirect;
use rocket::serde::json::json;
use rocket::{get, post, uri, FromForm, FromFormField, State};
use rocket_restricted_session::{RestrictedSession, SessionJar};
use serde::Serialize;

use super::answer::Answer;
use super::notice::Notice;
use super::sign_in::NotSignedIn;
use super::vault::Vault;
use super::Customer;

/// Where a confirmation leads back to: one of the bank's own pages, never an address that a
/// request brought.
#[derive(Debug, Clone, Copy, Default, FromFormField, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    #[default]
    Account,
    Devices,
}

impl Place {
    /// Returns the page that a request to `path` was made on.
    pub(crate) fn of(path: Path<'_>) -> Self {
        match path.segments().get(0) {
            Some("devices") => Place::Devices,
            _ => Place::Account,
        }
    }

    fn uri(self) -> Origin<'static> {
        match self {
            Place::Account => uri!("/account"),
            Place::Devices => uri!("/devices"),
        }
    }
}

#[get("/confirm?<back>")]
pub(crate) fn confirm_form(_session: RestrictedSession<Customer>, back: Option<Place>) -> Answer {
    confirm_page(None, back.unwrap_or_default())
}

/// What the confirmation form sends: whose password it is, the session says.
#[derive(FromForm)]
pub(crate) struct Confirm<'r> {
    #[field(default = "")]
    password: &'r str,
    #[field(default = Place::Account)]
    back: Place,
}

#[post("/confirm", data = "<form>")]
pub(crate) async fn confirm(
    session: RestrictedSession<Customer>,
    form: Form<Confirm<'_>>,
    vault: &State<Vault>,
    jar: SessionJar<'_, Customer>,
) -> Result<Redirect, NotSignedIn> {
    if !vault.knows(&session.name, form.password) {
        let notice = Notice::bad("Not confirmed", "That is not your password.");
        let page = confirm_page(Some(notice), form.back);
        return Err(NotSignedIn::credentials(page));
    }
    jar.reauthenticate().await?;
    Ok(Redirect::to(form.back.uri()))
}

pub(crate) fn confirm_page(notice: Option<Notice>, back: Place) -> Answer {
    Answer::new("confirm.html", context! { notice, back }, json!({}))
}
