//! A certificate authority for one test, and a leaf for the names that the tests visit.

use std::fs;
use std::path::{Path, PathBuf};

use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rcgen::{KeyUsagePurpose, PublicKeyData};
use sha2::{Digest, Sha256};

const NAMES: [&str; 4] = ["localhost", "127.0.0.1", "*.example.test", "other.test"];

pub struct Certificate {
    pub ca_pem: String,
    pub leaf_pem: String,
    pub key_pem: String,
    /// Base64 of the SHA-256 of the leaf's public key, as browsers pin it.
    pub spki: String,
}

impl Certificate {
    pub fn new() -> Self {
        let ca = authority();
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(NAMES.map(String::from)).unwrap();
        leaf.distinguished_name
            .push(DnType::CommonName, "app.example.test");
        let leaf = leaf.signed_by(&key, &ca).unwrap();
        Self {
            ca_pem: ca.pem(),
            leaf_pem: leaf.pem(),
            key_pem: key.serialize_pem(),
            spki: STANDARD.encode(Sha256::digest(key.subject_public_key_info())),
        }
    }

    /// Writes `ca.pem`, `leaf.pem`, `key.pem`, and `both.pem` for who wants leaf and key in one.
    pub fn write(&self, folder: &Path) {
        let both = format!("{}{}", self.leaf_pem, self.key_pem);
        for (name, pem) in [
            ("ca.pem", &self.ca_pem),
            ("leaf.pem", &self.leaf_pem),
            ("key.pem", &self.key_pem),
            ("both.pem", &both),
        ] {
            fs::write(folder.join(name), pem).unwrap();
        }
    }

    pub fn write_ca(&self, folder: &Path) -> PathBuf {
        self.write(folder);
        folder.join("ca.pem")
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(DnType::CommonName, "Authority of the tests");
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}
