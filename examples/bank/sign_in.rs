//! Signing in and out.

use minijinja::context;
use rocket::form::Form;
use rocket::http::Status;
use rocket::response::Redirect;
use rocket::serde::json::json;
use rocket::{get, post, uri, FromForm, Responder, State};
use rocket_restricted_session::{Error, Reason, RestrictedSession, SessionJar};

use super::answer::Answer;
use super::desk::Desk;
use super::notice::Notice;
use super::vault::Vault;
use super::Customer;

/// The account, or the sign-in page; whoever comes with a stolen session is a visitor.
#[get("/")]
pub(crate) async fn home(session: Option<RestrictedSession<Customer>>, desk: Desk<'_>) -> Answer {
    if let Some(session) = session {
        return desk.account(&session, None).await;
    }
    let refused = desk.visit.rejection;
    let refused = refused.filter(|rejection| rejection.reason() != Reason::Missing);
    sign_in_page(refused.map(Notice::explaining))
}

/// What the sign-in form sends. What is missing is empty, and wrong.
#[derive(FromForm)]
pub(crate) struct SignIn<'r> {
    #[field(default = "")]
    username: &'r str,
    #[field(default = "")]
    password: &'r str,
}

#[post("/login", data = "<form>")]
pub(crate) async fn login(
    form: Form<SignIn<'_>>,
    vault: &State<Vault>,
    jar: SessionJar<'_, Customer>,
) -> Result<Redirect, NotSignedIn> {
    if !vault.knows(form.username, form.password) {
        let notice = Notice::bad("Not signed in", "Name and password do not belong together.");
        return Err(NotSignedIn::credentials(sign_in_page(Some(notice))));
    }
    let name = form.username.to_owned();
    jar.login(Customer { name }).await?;
    Ok(Redirect::to(uri!("/account")))
}

#[post("/logout")]
pub(crate) async fn logout(jar: SessionJar<'_, Customer>) -> Result<Redirect, Error> {
    jar.logout().await?;
    Ok(Redirect::to(uri!("/")))
}

pub(crate) fn sign_in_page(notice: Option<Notice>) -> Answer {
    Answer::new("sign_in.html", context! { notice }, json!({ "user": null }))
}

/// Why somebody was not signed in: the page to try again on, or the shield's own error.
#[derive(Responder)]
pub(crate) enum NotSignedIn {
    Credentials(Answer),
    Session(Error),
}

impl NotSignedIn {
    /// Which of the two was wrong is not told.
    pub(crate) fn credentials(page: Answer) -> Self {
        let json = json!({ "error": "unauthorized", "reason": "credentials" });
        Self::Credentials(page.with_status(Status::Unauthorized).with_json(json))
    }
}

impl From<Error> for NotSignedIn {
    fn from(error: Error) -> Self {
        Self::Session(error)
    }
}
