//! A session that is bound to the key of a software client.

use rocket::http::{Header, Status};
use rocket::local::asynchronous::{Client, LocalResponse};

use super::app::COOKIE;
use super::visit;
pub(crate) use software_client::SoftwareClient;
use software_client::{Challenge, Offer};

#[path = "../../tests/software_client/mod.rs"]
#[allow(dead_code, unreachable_pub)]
mod software_client;

const BOUND: &str = "__Host-session-bound";

/// A sign-in, and what it offers.
pub(crate) struct SignedIn {
    pub(crate) session: String,
    offer: Offer,
}

/// A session whose device has registered its key.
#[allow(dead_code)] // not all of it by each of the benches
pub(crate) struct Registered {
    pub(crate) bound: String,
    pub(crate) challenge: Challenge,
}

pub(crate) async fn sign_in(client: &'static Client, note: usize) -> SignedIn {
    let response = visit(client.post(format!("/login/{note}")))
        .dispatch()
        .await;
    SignedIn {
        session: cookie(&response, COOKIE),
        offer: Offer::read(header(&response, "Secure-Session-Registration")),
    }
}

/// Makes the proof that a sign-in asks for.
pub(crate) fn registration(signed_in: &SignedIn, device: &SoftwareClient) -> String {
    let offer = &signed_in.offer;
    device.registration(&offer.challenge, offer.authorization.as_deref())
}

pub(crate) async fn register(
    client: &'static Client,
    signed_in: &SignedIn,
    proof: String,
) -> Registered {
    let request = visit(client.post(signed_in.offer.path.clone()));
    let proof = Header::new("Secure-Session-Response", proof);
    registered(request.header(proof).dispatch().await)
}

/// Refreshes with a proof of the last challenge.
#[allow(dead_code)] // not by each of the benches
pub(crate) async fn refresh(
    client: &'static Client,
    identifier: String,
    proof: String,
) -> Registered {
    let request = visit(client.post("/.dbsc/refresh"))
        .header(Header::new("Sec-Secure-Session-Id", identifier))
        .header(Header::new("Secure-Session-Response", proof));
    registered(request.dispatch().await)
}

fn registered(response: LocalResponse<'_>) -> Registered {
    assert_eq!(response.status(), Status::Ok, "{response:?}");
    Registered {
        bound: cookie(&response, BOUND),
        challenge: Challenge::read(header(&response, "Secure-Session-Challenge")),
    }
}

/// Returns the cookies of a session that is bound, given how it signed in.
pub(super) async fn cookies(
    client: &'static Client,
    signed_in: SignedIn,
) -> Vec<(&'static str, String)> {
    let proof = registration(&signed_in, &SoftwareClient::new());
    let registered = register(client, &signed_in, proof).await;
    vec![(COOKIE, signed_in.session), (BOUND, registered.bound)]
}

fn header<'a>(response: &'a LocalResponse<'_>, name: &str) -> &'a str {
    let value = response.headers().get_one(name);
    value.unwrap_or_else(|| panic!("no {name}: {response:?}"))
}

fn cookie(response: &LocalResponse<'_>, name: &str) -> String {
    response.cookies().get(name).unwrap().value().to_owned()
}
