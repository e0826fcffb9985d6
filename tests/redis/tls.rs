//! Encrypted connections, to a server whose certificate an authority of the test's has signed.

use std::env;
use std::process::Command;

use redis::{Client, TlsCertificates};
use rocket_restricted_session::store::RedisStore;
use tempfile::TempDir;

use crate::certificate::Certificate;
use crate::server::Server;
use crate::support::{run, sign_in};

const URL: &str = "RRS_TEST_REDIS_URL";

fn encrypted(certificate: &Certificate) -> (Server, String) {
    let folder = TempDir::new().unwrap();
    certificate.write(folder.path());
    let options = [
        "--port",
        "0",
        "--tls-port",
        "{port}",
        "--tls-auth-clients",
        "no",
        "--tls-cert-file",
        "leaf.pem",
        "--tls-key-file",
        "key.pem",
        "--tls-ca-cert-file",
        "ca.pem",
    ];
    let server = Server::start_in(folder, &options);
    let url = format!("rediss://{}", server.address());
    (server, url)
}

#[test]
#[ignore = "needs redis-server"]
fn a_certificate_of_an_unknown_authority_is_refused() {
    let (_server, url) = encrypted(&Certificate::new());
    let store = RedisStore::open(&url).unwrap();
    let error = run(sign_in(&store)).err().expect("nobody knows it");
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
#[ignore = "needs redis-server"]
fn an_authority_may_be_brought_along() {
    let certificate = Certificate::new();
    let (_server, url) = encrypted(&certificate);
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(certificate.ca_pem.into_bytes()),
    };
    let client = Client::build_with_tls(url, certificates).unwrap();
    let store = RedisStore::connect_with(move || {
        let client = client.clone();
        async move { client.get_multiplexed_async_connection().await }
    });
    run(sign_in(&store)).expect("it is trusted");
}

/// The authorities are those of the system, or of `SSL_CERT_FILE`: of another process, because
/// the environment is one for all tests of this one.
#[test]
#[ignore = "needs redis-server"]
fn an_authority_may_be_named_in_the_environment() {
    if let Ok(url) = env::var(URL) {
        let store = RedisStore::open(&url).unwrap();
        run(sign_in(&store)).expect("it is trusted");
        return;
    }
    let (server, url) = encrypted(&Certificate::new());
    let status = Command::new(env::current_exe().unwrap())
        .args([
            "an_authority_may_be_named_in_the_environment",
            "--include-ignored",
        ])
        .env("SSL_CERT_FILE", server.folder.path().join("ca.pem"))
        .env(URL, url)
        .status();
    assert!(status.unwrap().success());
}
