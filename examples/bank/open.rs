//! What needs no session.

use rocket::get;
use rocket_restricted_session::ClientIp;

#[get("/healthz")]
pub(crate) fn healthz() -> &'static str {
    "ok"
}

/// Tells visitors their address, behind a trusted proxy as well.
#[get("/whoami")]
pub(crate) fn whoami(client: ClientIp) -> String {
    client.to_string()
}
