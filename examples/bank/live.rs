//! Tells an open page when its session is over.

use rocket::get;
use rocket::response::stream::{Event, EventStream};
use rocket::tokio::select;
use rocket::Shutdown;
use rocket_restricted_session::RestrictedSession;

use super::Customer;

/// Sends one event, once the session has ended: from another device, say.
#[get("/live")]
pub(crate) fn live(session: RestrictedSession<Customer>, shutdown: Shutdown) -> EventStream![] {
    EventStream! {
        let is_over = select! {
            _ = session.ended() => true,
            _ = shutdown => false,
        };
        if is_over {
            yield Event::data("The session is over.").event("ended");
        }
    }
}
