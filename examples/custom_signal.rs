//! Binds sessions to the client certificate of mutual TLS, by a [`Signal`] of the app's own.
//!
//! ```sh
//! issue() { openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=$1 -keyout $1.key -out $1.pem "${@:2}"; }
//! issue ca
//! for name in localhost ada eve; do
//!   issue $name -CA ca.pem -CAkey ca.key -addext basicConstraints=CA:FALSE -addext subjectAltName=DNS:$name
//! done
//! export ROCKET_TLS='{certs="localhost.pem",key="localhost.key",mutual={ca_certs="ca.pem"}}'
//! cargo run --example custom_signal &
//! by() { curl --cacert ca.pem --cert $1.pem --key $1.key -b jar -c jar "${@:2}"; }
//! by ada -X POST https://localhost:8000/login
//! by ada https://localhost:8000/account    # Hello, ada.
//! by eve -i https://localhost:8000/account # 401: her certificate is valid, but another
//! ```

use std::borrow::Cow;

use rocket::http::Status;
use rocket::mtls::Certificate;
use rocket::{fairing::AdHoc, get, launch, post, routes, Build, Request, Rocket};
use rocket_restricted_session::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize)]
struct User {
    name: String,
}

impl SessionData for User {
    fn subject(&self) -> impl std::fmt::Display {
        &self.name
    }
}

struct Fingerprint(Option<String>);

/// Takes the certificate's digest as the request arrives: Rocket hands certificates to
/// asynchronous guards only, and a signal is observed synchronously.
async fn take_fingerprint(request: &Request<'_>) {
    let certificate: Option<Certificate<'_>> = request.guard().await.succeeded();
    let fingerprint = certificate.map(|c| format!("{:x}", Sha256::digest(c.as_bytes())));
    request.local_cache(|| Fingerprint(fingerprint));
}

struct ClientCertificate;

impl Signal for ClientCertificate {
    fn name(&self) -> &'static str {
        "certificate"
    }

    fn observe<'r>(&self, request: &'r Request<'_>) -> Option<Cow<'r, str>> {
        let Fingerprint(fingerprint) = request.local_cache(|| Fingerprint(None));
        fingerprint.as_deref().map(Cow::Borrowed)
    }
}

#[post("/login")] // the certificate is the credential
async fn login(certificate: Certificate<'_>, jar: SessionJar<'_, User>) -> Result<(), Status> {
    let name = certificate.subject().common_name();
    let name = name.ok_or(Status::Unauthorized)?.to_owned();
    Ok(jar.login(User { name }).await?)
}

#[get("/account")]
fn account(session: RestrictedSession<User>) -> String {
    format!("Hello, {}.", session.name)
}

pub(crate) fn protect(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .attach(AdHoc::on_request("Certificate", |request, _| {
            Box::pin(take_fingerprint(request))
        }))
        .attach(SessionShield::<User>::new().signal(ClientCertificate))
        .mount("/", routes![login, account])
}

#[launch]
fn rocket() -> _ {
    protect(rocket::build())
}
