//! Durations as a configuration writes them: seconds, `"30m"`, or `false`.

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A written duration: an integer is seconds, a string is read as `"30m"`, `"12h"` or `"365d"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

/// A written duration, or `false` for "switched off".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanOrOff(pub(crate) Option<Duration>);

const EXPECTED: &str = r#"seconds as an integer, or a string such as "30m", "12h" or "365d""#;

struct SpanVisitor {
    accepts_false: bool,
}

impl Visitor<'_> for SpanVisitor {
    type Value = SpanOrOff;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)?;
        match self.accepts_false {
            true => f.write_str(", or false"),
            false => Ok(()),
        }
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<SpanOrOff, E> {
        Ok(SpanOrOff(Some(Duration::from_secs(seconds))))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<SpanOrOff, E> {
        match u64::try_from(seconds) {
            Ok(seconds) => self.visit_u64(seconds),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(seconds), &self)),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<SpanOrOff, E> {
        match humantime::parse_duration(text) {
            Ok(duration) if duration.subsec_nanos() == 0 => Ok(SpanOrOff(Some(duration))),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<SpanOrOff, E> {
        match value {
            false if self.accepts_false => Ok(SpanOrOff(None)),
            _ => Err(E::invalid_type(de::Unexpected::Bool(value), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for SpanOrOff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpanVisitor {
            accepts_false: true,
        })
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = SpanVisitor {
            accepts_false: false,
        };
        match deserializer.deserialize_any(visitor)? {
            SpanOrOff(Some(duration)) => Ok(Span(duration)),
            SpanOrOff(None) => Err(de::Error::custom(EXPECTED)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, String> {
        serde_json::from_str(json).map_err(|e| e.to_string())
    }

    #[test]
    fn integers_are_seconds_and_strings_carry_a_unit() {
        for (json, seconds) in [
            ("90", 90),
            ("0", 0),
            (r#""30m""#, 1800),
            (r#""12h""#, 43_200),
            (r#""365d""#, 31_536_000),
            (r#""1h 30m""#, 5400),
        ] {
            assert_eq!(
                read::<Span>(json),
                Ok(Span(Duration::from_secs(seconds))),
                "{json}"
            );
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for json in [
            "-1",
            "1.5",
            r#""""#,
            r#""soon""#,
            r#""10""#,
            r#""5ms""#,
            "true",
            "false",
            "[]",
        ] {
            let error = read::<Span>(json).expect_err(json);
            assert!(error.contains("12h"), "{json}: {error}");
        }
    }

    #[test]
    fn false_switches_off_only_where_that_is_offered() {
        assert_eq!(read::<SpanOrOff>("false"), Ok(SpanOrOff(None)));
        assert!(read::<SpanOrOff>("true").unwrap_err().contains("or false"));
    }
}
