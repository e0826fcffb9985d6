//! Guides: what an administrator decides, page by page.

#[doc = include_str!("checks.md")]
pub mod checks {}

#[doc = include_str!("proxies.md")]
pub mod proxies {}

#[doc = include_str!("hsts.md")]
pub mod hsts {}

#[doc = include_str!("stores.md")]
pub mod stores {}

#[doc = include_str!("rotation.md")]
pub mod rotation {}

#[doc = include_str!("dbsc.md")]
pub mod dbsc {}

#[doc = include_str!("threats.md")]
pub mod threats {}

#[doc = include_str!("asvs.md")]
pub mod asvs {}
