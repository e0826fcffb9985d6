//! Deployment checks: what a launch need not refuse, and an administrator should know.

use crate::binding::Action;
use crate::codes::Code;
use crate::session::section::Section;
use crate::session::settings::Mode;
use crate::store::Policy;
use crate::transport::{OnInsecure, SameSite, Transport};

const YEAR: u64 = 365 * 24 * 3600;

/// Returns what is to be said about transport.
pub(crate) fn of_transport(transport: &Transport) -> Vec<Code> {
    let settings = &transport.settings;
    let (proxy, https, host) = (&settings.proxy, &settings.https, &transport.host);
    let deployed = !host.debug_profile;
    let always_secure = host.tls || settings.assume_secure;
    let may_be_secure = always_secure || !proxy.trusted.is_empty();
    let hsts = settings.hsts_max_age.unwrap_or(0);
    let cookies = settings.cookies.as_ref();
    let restricts = https.on_insecure != OnInsecure::Allow;

    fired([
        (Code::NoTls, deployed && !may_be_secure),
        (Code::HstsOff, deployed && hsts == 0),
        (Code::HstsShort, deployed && (1..YEAR).contains(&hsts)),
        (
            Code::HstsWithoutSubdomains,
            deployed && hsts > 0 && !settings.include_subdomains,
        ),
        (Code::HstsTooLong, hsts > 10 * YEAR),
        (
            Code::HstsOfShield,
            deployed && host.tls && settings.hsts_max_age.is_none(),
        ),
        (
            Code::DebugProfile,
            host.debug_profile && !cfg!(debug_assertions),
        ),
        (Code::GeneratedKey, host.generated_key),
        (Code::TrustsEveryone, proxy.trusted.covers_everything()),
        (
            Code::UnreadProxyHeader,
            proxy.trusted.is_empty() && proxy.is_customised(),
        ),
        (
            Code::RocketBelievesAnyone,
            deployed && host.believes_ip_header,
        ),
        (
            Code::PlainOnEveryInterface,
            deployed && !always_secure && host.on_every_interface && proxy.trusted.is_loopback(),
        ),
        (Code::HttpsNeverApplies, restricts && always_secure),
        (
            Code::HttpsAlwaysApplies,
            deployed && restricts && !may_be_secure,
        ),
        (
            Code::HttpsHostWithoutHsts,
            https.hosts.iter().any(|host| host.gets_no_hsts()),
        ),
        (Code::LogsRequests, deployed && host.logs_requests),
        (Code::CookiesNotHardened, cookies.is_none()),
        (
            Code::CookiesSameSiteNone,
            cookies.is_some_and(|c| c.same_site == SameSite::None),
        ),
        (
            Code::ExposedSessionCookie,
            cookies.is_some_and(|c| c.exposes(looks_like_a_session)),
        ),
    ])
}

/// Returns what is to be said about one kind of session.
pub(crate) fn of_section(section: &Section) -> Vec<Code> {
    let settings = &section.settings;
    let binding = &settings.binding;
    let deployed = !section.debug_profile;
    let keeper = section.keeper.as_ref();
    let is_weak = |action| action <= Action::Report;

    fired([
        (
            Code::NoHostPrefix,
            deployed && !settings.cookie_name.starts_with("__Host-"),
        ),
        (
            Code::SessionSameSiteNone,
            settings.same_site == SameSite::None,
        ),
        (Code::FailureStatus, settings.failure_status.code != 401),
        (Code::ReportMode, settings.mode == Mode::Report),
        (
            Code::Unbound,
            is_weak(binding.network) && is_weak(binding.user_agent),
        ),
        (Code::NoStore, deployed && section.keeper.is_none()),
        (
            Code::NoRotation,
            deployed && keeper.is_some_and(|keeper| keeper.policy.rotate_every.is_none()),
        ),
        (
            Code::RejectsReplays,
            keeper.is_some_and(|keeper| !keeper.policy.revoke_on_replay),
        ),
        (
            Code::HastyRotation,
            keeper.is_some_and(|keeper| is_hasty(&keeper.policy)),
        ),
    ])
}

/// Only the debug profile launches with such a policy.
fn is_hasty(policy: &Policy) -> bool {
    let Some(rotate_every) = policy.rotate_every else {
        return false;
    };
    !(2_000..=60_000).contains(&policy.grace) || rotate_every < 8 * policy.grace
}

fn fired<const N: usize>(checks: [(Code, bool); N]) -> Vec<Code> {
    let fired = checks.into_iter().filter(|(_, fires)| *fires);
    fired.map(|(code, _)| code).collect()
}

fn looks_like_a_session(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["sess", "login", "auth"]
        .iter()
        .any(|part| name.contains(part))
}

/// Prints a finding and its remedy.
pub(crate) fn print(code: Code) {
    rocket::warn!("{} {}", code.id(), code.finding());
    rocket::warn_!("{}", code.remedy());
}

/// Prints a finding that refuses the launch.
pub(crate) fn print_refusal(code: Code) {
    rocket::error!("{} {}", code.id(), code.finding());
    rocket::error_!("`checks.deny` lists {}. {}", code.id(), code.remedy());
}

#[cfg(test)]
mod tests;
