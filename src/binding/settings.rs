//! What a session is bound to by configuration, and what a change of it leads to.

use std::fmt;

use super::network::Prefixes;
use super::user_agent::Match;

/// What the guard does when something a session is bound to has changed.
///
/// Ordered by severity: of several that apply to a request, the severest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    Off,
    Report,
    StepUp,
    Reject,
    Revoke,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Off => "off",
            Action::Report => "report",
            Action::StepUp => "step-up",
            Action::Reject => "reject",
            Action::Revoke => "revoke",
        })
    }
}

impl BindingSettings {
    /// Returns what is left to be done where a stronger proof came along: what would be refused is
    /// told. Whatever calls for a revocation still does.
    pub(crate) fn relaxed(self) -> Self {
        let relaxed = |action| match action {
            Action::Reject => Action::Report,
            action => action,
        };
        Self {
            network: relaxed(self.network),
            other_family: relaxed(self.other_family),
            user_agent: relaxed(self.user_agent),
            ..self
        }
    }
}

/// What sessions are bound to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BindingSettings {
    pub(crate) network: Action,
    pub(crate) prefixes: Prefixes,
    pub(crate) other_family: Action,
    pub(crate) user_agent: Action,
    pub(crate) user_agent_match: Match,
}
