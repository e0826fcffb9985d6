//! The account: to look at, and to move money from.

use rocket::form::Form;
use rocket::http::Status;
use rocket::serde::json::json;
use rocket::{get, post, FromForm};
use rocket_restricted_session::{FreshSession, RestrictedSession};

use super::answer::Answer;
use super::desk::Desk;
use super::notice::Notice;
use super::Customer;

#[get("/account")]
pub(crate) async fn account(session: RestrictedSession<Customer>, desk: Desk<'_>) -> Answer {
    desk.account(&session, None).await
}

/// An order to pay. A missing field is as good as an empty one: the vault says what is wrong.
#[derive(FromForm)]
pub(crate) struct Transfer<'r> {
    #[field(default = "")]
    to: &'r str,
    #[field(default = "")]
    amount: &'r str,
}

#[post("/transfer", data = "<order>")]
pub(crate) async fn transfer(
    session: FreshSession<Customer>,
    desk: Desk<'_>,
    order: Form<Transfer<'_>>,
) -> Answer {
    let Transfer { to, amount } = *order;
    match desk.vault.transfer(&session.name, to, amount) {
        Ok(balance) => {
            let done = format!("{} went to {}.", amount.trim(), to.trim());
            let notice = Notice::good("Transferred", done);
            let page = desk.account(&session, Some(notice)).await;
            page.with_json(json!({ "balance": balance }))
        }
        Err(refusal) => {
            let message = refusal.to_string();
            let json = json!({ "error": "unprocessable_entity", "message": message });
            let notice = Notice::bad("Nothing was moved", message);
            let page = desk.account(&session, Some(notice)).await;
            page.with_status(Status::UnprocessableEntity)
                .with_json(json)
        }
    }
}
