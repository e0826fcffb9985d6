//! How spans and points of time are read and written.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

/// A duration as it may be configured: in seconds, or in words.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Span {
    Seconds(u64),
    Words(String),
}

impl Span {
    pub(crate) fn words(words: &str) -> Self {
        Self::Words(words.to_owned())
    }

    /// The shield has refused what is no duration.
    pub(crate) fn as_duration(&self) -> Duration {
        match self {
            Self::Seconds(seconds) => Duration::from_secs(*seconds),
            Self::Words(words) => humantime::parse_duration(words).unwrap_or_default(),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(_) => humantime::format_duration(self.as_duration()).fmt(f),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// Writes a time of the present day.
pub(crate) fn time_of_day(at: OffsetDateTime) -> String {
    let (hour, minute, second) = at.to_hms();
    format!("{hour:02}:{minute:02}:{second:02} UTC")
}

/// Writes how far away a time is, in hours and minutes.
pub(crate) fn until(at: OffsetDateTime) -> String {
    let seconds = (at - OffsetDateTime::now_utc()).whole_seconds();
    let minutes = u64::try_from(seconds).unwrap_or_default().div_ceil(60);
    humantime::format_duration(Duration::from_secs(minutes * 60)).to_string()
}

/// Writes a time for programs.
pub(crate) fn rfc_3339(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
