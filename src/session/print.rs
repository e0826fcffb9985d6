//! Prints the policy that sessions live by, at liftoff.

use std::time::Duration;

use rocket::log::PaintExt;

use super::section::Section;
use crate::binding::Action;

impl Section {
    /// Prints the policy that sessions live by.
    pub(crate) fn print(&self) {
        let settings = &self.settings;
        rocket::launch_meta!("{}Sessions ({}):", PaintExt::emoji("🔐 "), self.name);
        rocket::launch_meta_!(
            "cookie: {}, SameSite={}",
            settings.cookie_name,
            settings.same_site.as_str()
        );
        rocket::launch_meta_!(
            "lifetime: {} at most, {} idle, fresh for {}",
            span(settings.absolute_timeout),
            span(settings.idle_timeout),
            span(settings.fresh_for),
        );
        self.print_store();
        self.print_device();
        self.print_binding();
    }

    fn print_store(&self) {
        let Some(keeper) = &self.keeper else {
            rocket::launch_meta_!("store: none, so a copied cookie outlives its logout");
            return;
        };
        let forgets = match keeper.store.process() {
            0 => "",
            _ => ", so a restart forgets who was signed out",
        };
        rocket::launch_meta_!("store: {:?}{forgets}", keeper.store);
        match keeper.policy.rotate_every {
            Some(due) => rocket::launch_meta_!("rotation: every {}", span(due / 1000)),
            None => rocket::launch_meta_!("rotation: never"),
        }
        match keeper.max_sessions {
            Some(most) => rocket::launch_meta_!("sessions of one user: {most} at most"),
            None => rocket::launch_meta_!("sessions of one user: any number"),
        }
    }

    fn print_device(&self) {
        let Some(device) = &self.device else {
            return;
        };
        let settings = &device.settings;
        let whom = match settings.required {
            true => "browsers without are refused",
            false => "browsers without keep plain sessions",
        };
        rocket::launch_meta_!(
            "device-bound: at {}, cookie {} for {}; {whom}",
            settings.path,
            device.cookie_name(),
            span(settings.bound_for),
        );
        if self
            .keeper
            .as_ref()
            .is_some_and(|keeper| keeper.store.process() != 0)
        {
            rocket::launch_meta_!("adoption: off, so a restart signs everybody out");
        }
    }

    fn print_binding(&self) {
        let binding = &self.settings.binding;
        rocket::launch_meta_!(
            "network (/{}, /{}): {}, other family: {}",
            binding.prefixes.v4,
            binding.prefixes.v6,
            binding.network,
            binding.other_family,
        );
        rocket::launch_meta_!("User-Agent: {}", binding.user_agent);
        for signal in &self.signals {
            rocket::launch_meta_!("signal {}: {}", signal.name(), Action::Reject);
        }
    }
}

fn span(seconds: i64) -> humantime::FormattedDuration {
    let seconds = u64::try_from(seconds).unwrap_or_default();
    humantime::format_duration(Duration::from_secs(seconds))
}
