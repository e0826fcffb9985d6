//! Confirming the password, for what asks for a fresh session.

use minijinja::context;
use rocket::form::Form;
use rocket::response::Redirect;
use rocket::serde::json::json;
use rocket::{get, post, uri, FromForm, State};
use rocket_restricted_session::{RestrictedSession, SessionJar};

use super::answer::Answer;
use super::notice::Notice;
use super::sign_in::NotSignedIn;
use super::vault::Vault;
use super::Customer;

#[get("/confirm")]
pub(crate) fn confirm_form(_session: RestrictedSession<Customer>) -> Answer {
    confirm_page(None)
}

/// What the confirmation form sends: whose password it is, the session says.
#[derive(FromForm)]
pub(crate) struct Confirm<'r> {
    #[field(default = "")]
    password: &'r str,
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
        return Err(NotSignedIn::credentials(confirm_page(Some(notice))));
    }
    jar.reauthenticate().await?;
    Ok(Redirect::to(uri!("/account")))
}

pub(crate) fn confirm_page(notice: Option<Notice>) -> Answer {
    Answer::new("confirm.html", context! { notice }, json!({}))
}
