//! One kind of session as it runs: its settings, keys, signals, hook and clock.

use std::fmt;
use std::iter;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rocket::request::Request;
use rocket::tokio;
use time::OffsetDateTime;

use super::device::Device;
use super::keeper::Keeper;
use super::settings::SessionSettings;
use super::ticket::{Realm, Ticket};
use crate::binding::{network, Signal};
use crate::client;
use crate::cookie::Attributes;
use crate::event::{Event, EventKind, Hook};
use crate::seal::{key_of, Sealer};
use crate::store::Millis;
use crate::transport;

/// Where a shield reads the time; an app's tests may set it.
#[derive(Clone, Default)]
pub(crate) struct Clock(Option<Arc<dyn Fn() -> OffsetDateTime + Send + Sync>>);

impl Clock {
    pub(crate) fn new(clock: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(clock)))
    }

    /// Returns the milliseconds since the Unix epoch.
    pub(crate) fn now(&self) -> Millis {
        match &self.0 {
            Some(clock) => {
                let now = clock();
                now.unix_timestamp() * 1000 + i64::from(now.millisecond())
            }
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| {
                    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
                }),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "system" })
    }
}

/// One kind of session, as configured by one section.
pub(crate) struct Section {
    pub(crate) name: String,
    pub(crate) settings: SessionSettings,
    pub(crate) realm: Realm,
    pub(crate) signals: Vec<Box<dyn Signal>>,
    pub(crate) hook: Hook,
    pub(crate) clock: Clock,
    pub(crate) debug_profile: bool,
    /// The store, where there is one.
    pub(crate) keeper: Option<Keeper>,
    /// What binds sessions to devices, where that is wanted.
    pub(crate) device: Option<Device>,
    sealer: OnceLock<Option<Sealer>>,
}

impl Section {
    pub(crate) fn new(
        name: String,
        settings: SessionSettings,
        signals: Vec<Box<dyn Signal>>,
        hook: Hook,
        clock: Clock,
        debug_profile: bool,
        keeper: Option<Keeper>,
    ) -> Self {
        Self {
            realm: Realm::of(&name, &settings.context),
            device: settings
                .device
                .clone()
                .and_then(|device| Device::new(device, &settings.cookie_name, settings.same_site)),
            name,
            settings,
            signals,
            hook,
            clock,
            debug_profile,
            keeper,
            sealer: OnceLock::new(),
        }
    }

    /// Returns what seals this section's tickets; `None` if Rocket has no secret key.
    pub(crate) fn sealer(&self, config: &rocket::Config) -> Option<&Sealer> {
        let build = || {
            let settings = &self.settings;
            let current = key_of(config)?;
            Some(Sealer::new(
                &settings.cookie_name,
                current,
                &settings.previous_keys,
            ))
        };
        self.sealer.get_or_init(build).as_ref()
    }

    /// Returns the attributes of the session cookie for one response.
    ///
    /// It is always `Secure`, but for a name without prefix that the debug profile serves over
    /// plain HTTP, to browsers that refuse `Secure` there.
    pub(crate) fn attributes(&self, over_tls: bool) -> Attributes<'_> {
        let name = &self.settings.cookie_name;
        Attributes {
            name,
            same_site: self.settings.same_site,
            secure: over_tls || transport::demands_secure(name) || !self.debug_profile,
        }
    }

    /// Returns the names of the cookies that hold sessions, or prove their devices.
    fn cookie_names(&self) -> impl Iterator<Item = &str> {
        let bound = self.device.as_ref().map(Device::cookie_name);
        iter::once(self.settings.cookie_name.as_str()).chain(bound)
    }

    /// Returns the cookie that another section uses as well.
    pub(crate) fn shares_a_cookie_with(&self, others: &[Arc<Section>]) -> Option<String> {
        let is_taken = |name: &&str| {
            let mut names = others.iter().flat_map(|other| other.cookie_names());
            names.any(|taken| taken == *name)
        };
        self.cookie_names().find(is_taken).map(str::to_owned)
    }

    /// Returns the path under which another section binds its sessions to devices as well.
    pub(crate) fn shares_a_path_with(&self, others: &[Arc<Section>]) -> Option<String> {
        let own = self.device_path()?;
        let is_shared = others.iter().any(|other| other.device_path() == Some(own));
        is_shared.then(|| own.to_owned())
    }

    /// Returns the path under which browsers bind sessions to their devices, where that is wanted.
    pub(crate) fn device_path(&self) -> Option<&str> {
        let device = self.settings.device.as_ref();
        device.map(|device| device.path.as_str())
    }

    /// Waits until the session of `ticket` is over; `expires_at` is in Unix seconds.
    pub(super) async fn wait_until_over(&self, ticket: &Ticket, expires_at: i64) {
        let (Some(keeper), Some(key)) = (&self.keeper, ticket.key()) else {
            let left = expires_at.saturating_mul(1000) - self.clock.now();
            let left = u64::try_from(left).unwrap_or_default();
            return tokio::time::sleep(Duration::from_millis(left)).await;
        };
        let is_over = || async {
            let now = self.clock.now();
            let live = keeper.store.is_live(&key, keeper.policy.idle_timeout, now);
            now / 1000 >= expires_at || keeper.ask(live).await == Ok(false)
        };
        keeper.wait_until(key.subject, is_over).await;
    }

    /// Tells the app's hook what happened, if there is one.
    pub(crate) fn tell(&self, kind: EventKind, subject: Option<String>, request: &Request<'_>) {
        if !self.hook.is_set() {
            return;
        }
        self.hook.tell(&Event {
            kind,
            subject,
            client: masked_client(request),
            user_agent: software(request),
            section: self.name.clone(),
        });
    }
}

/// Names the client's software, such as `"Firefox on Windows"`.
pub(super) fn software(request: &Request<'_>) -> String {
    crate::binding::user_agent::label(request.headers().get_one("User-Agent"))
}

/// Returns the client's network, as far as logs, lists and events may tell it.
pub(super) fn masked_client(request: &Request<'_>) -> Option<String> {
    let address = client::resolve(request, client::settings(request)?);
    address.ok().map(network::masked)
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("name", &self.name)
            .field("settings", &self.settings)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
