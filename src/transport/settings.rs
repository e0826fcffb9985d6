//! What is done to every response, by configuration.

use std::sync::Arc;

use super::{CookiePolicy, HstsPolicy, HttpsPolicy};
use crate::client::ProxySettings;

/// What the app does for every response, whoever made it. Read from one section only.
#[derive(Debug)]
pub(crate) struct TransportSettings {
    pub(crate) proxy: Arc<ProxySettings>,
    pub(crate) assume_secure: bool,
    pub(crate) hsts: HstsPolicy,
    pub(crate) hsts_max_age: Option<u64>,
    pub(crate) include_subdomains: bool,
    pub(crate) https: HttpsPolicy,
    /// `None`: cookies are left as the app wrote them.
    pub(crate) cookies: Option<CookiePolicy>,
    pub(crate) silenced: Vec<String>,
    pub(crate) denied: Vec<String>,
}
