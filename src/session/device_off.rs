//! In place of `device` while the feature `dbsc` is off: there is no device that could be asked.

use std::sync::Arc;

use rocket::http::Header;
use rocket::request::Request;
use rocket::Route;

use super::section::Section;
use super::settings::DeviceSettings;
use super::ticket::Ticket;
use crate::store::{DeviceCookie, Millis, SessionKey};
use crate::transport::SameSite;

/// No configuration makes one: it refuses `dbsc.enabled`.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) settings: DeviceSettings,
    never: std::convert::Infallible,
}

impl Device {
    pub(crate) fn new(_: DeviceSettings, _: &str, _: SameSite) -> Option<Self> {
        None
    }

    pub(crate) fn cookie_name(&self) -> &str {
        match self.never {}
    }

    pub(super) fn shown(
        &self,
        _: &Request<'_>,
        _: &Section,
        _: &SessionKey,
        _: Millis,
    ) -> DeviceCookie {
        match self.never {}
    }

    pub(super) fn is_presented(&self, _: &Request<'_>) -> bool {
        match self.never {}
    }

    pub(super) fn is_in_grace(&self, _: Millis, _: Millis) -> bool {
        match self.never {}
    }

    pub(super) fn offer(
        &self,
        _: &Request<'_>,
        _: &Section,
        _: &Ticket,
    ) -> Option<Header<'static>> {
        match self.never {}
    }

    pub(super) fn removal(&self) -> String {
        match self.never {}
    }

    pub(super) fn skipped(_: &Request<'_>) -> Option<&'static str> {
        None
    }
}

pub(crate) fn routes(_: &Arc<Section>) -> Vec<Route> {
    Vec::new()
}
