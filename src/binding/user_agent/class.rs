//! Classes of browsers, told from the User-Agent without regular expressions.

use std::fmt;

use super::{UserAgentVerdict, READ};

/// The browsers that are told apart. Each also claims to be some of those below it, so that
/// order is precedence. The numbers are sealed and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Browser {
    Edge = 0,
    Opera = 1,
    SamsungInternet = 2,
    Vivaldi = 3,
    Yandex = 4,
    Firefox = 5,
    Chrome = 6,
    Safari = 7,
    Other = 8,
}

impl Browser {
    const ALL: [Self; 9] = [
        Self::Edge,
        Self::Opera,
        Self::SamsungInternet,
        Self::Vivaldi,
        Self::Yandex,
        Self::Firefox,
        Self::Chrome,
        Self::Safari,
        Self::Other,
    ];

    fn named(product: &[u8]) -> Self {
        match product {
            b"edg" | b"edga" | b"edgios" | b"edge" => Self::Edge,
            b"opr" | b"opios" | b"opt" | b"opera" => Self::Opera,
            b"samsungbrowser" => Self::SamsungInternet,
            b"vivaldi" => Self::Vivaldi,
            b"yabrowser" => Self::Yandex,
            b"firefox" | b"fxios" => Self::Firefox,
            b"chrome" | b"crios" | b"headlesschrome" | b"chromium" => Self::Chrome,
            b"safari" => Self::Safari,
            _ => Self::Other,
        }
    }
}

/// The platforms that are told apart. Android also claims to be Linux, and Windows Phone to be
/// Android, so that order is precedence. The numbers are sealed and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Platform {
    Windows = 0,
    ChromeOs = 1,
    Android = 2,
    Ios = 3,
    MacOs = 4,
    Linux = 5,
    Other = 6,
}

impl Platform {
    const ALL: [Self; 7] = [
        Self::Windows,
        Self::ChromeOs,
        Self::Android,
        Self::Ios,
        Self::MacOs,
        Self::Linux,
        Self::Other,
    ];

    fn named(word: &[u8]) -> Self {
        match word {
            b"windows" => Self::Windows,
            b"cros" => Self::ChromeOs,
            b"android" => Self::Android,
            b"iphone" | b"ipad" | b"ipod" => Self::Ios,
            b"macintosh" => Self::MacOs,
            b"linux" | b"x11" => Self::Linux,
            _ => Self::Other,
        }
    }

    /// Tells whether one device may claim both: asked for the desktop form of a site, a browser
    /// on Android claims Linux, and one on a phone or tablet by Apple claims a Macintosh.
    fn may_become(self, other: Self) -> bool {
        use Platform::{Android, Ios, Linux, MacOs};
        self == other
            || matches!(
                (self, other),
                (Android, Linux) | (Linux, Android) | (Ios, MacOs) | (MacOs, Ios)
            )
    }
}

/// What an update of the browser leaves as it is, and the version that it raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    browser: Browser,
    platform: Platform,
    /// Whether the browser asks for the mobile form of a site.
    mobile: bool,
    /// The major version; Chromium has frozen the rest to zeros.
    major: u16,
    /// What tells unknown browsers apart; 0 for a known one.
    products: u32,
}

impl Class {
    pub(super) fn of(header: &str) -> Self {
        let mut read = [0; READ];
        for (read, byte) in read.iter_mut().zip(header.bytes()) {
            *read = byte.to_ascii_lowercase();
        }
        Self::of_lowercase(read.get(..header.len()).unwrap_or(&read))
    }

    fn of_lowercase(header: &[u8]) -> Self {
        let mut class = Self {
            browser: Browser::Other,
            platform: Platform::Other,
            mobile: false,
            major: 0,
            products: 0,
        };
        // Safari has its version in a product of its own: `Version/17.4 Safari/605.1.15`.
        let mut safari = None;
        for (name, version) in words(header) {
            class.mobile |= name == b"mobile";
            match version {
                None => class.platform = class.platform.min(Platform::named(name)),
                Some(_) if name == b"version" => safari = version,
                Some(_) => match Browser::named(name) {
                    Browser::Safari => class.claim(Browser::Safari, safari),
                    browser => class.claim(browser, version),
                },
            }
        }
        if class.browser == Browser::Other {
            class.products = products_in(header);
            class.major = first_version_in(header);
        }
        class
    }

    /// Takes a browser with its version, if it goes before the one that was found so far.
    fn claim(&mut self, browser: Browser, version: Option<&[u8]>) {
        if let (true, Some(version)) = (browser < self.browser, version) {
            self.browser = browser;
            self.major = leading_number(version);
        }
    }

    pub(super) fn judge(&self, now: &Self) -> UserAgentVerdict {
        let same_browser = (self.browser, self.products) == (now.browser, now.products);
        let same_platform = (self.platform, self.mobile) == (now.platform, now.mobile);
        if !same_browser || !self.platform.may_become(now.platform) {
            UserAgentVerdict::Changed
        } else if now.major < self.major {
            UserAgentVerdict::Downgraded
        } else if !same_platform {
            UserAgentVerdict::PlatformChanged
        } else if now.major > self.major {
            UserAgentVerdict::Upgraded
        } else {
            UserAgentVerdict::Same
        }
    }

    pub(super) fn encode(&self, sealed: &mut Vec<u8>) {
        sealed.push(self.browser as u8);
        sealed.push(self.platform as u8 | u8::from(self.mobile) << 7);
        sealed.extend(self.major.to_le_bytes());
        if self.browser == Browser::Other {
            sealed.extend(self.products.to_le_bytes());
        }
    }

    pub(super) fn decode(sealed: &mut &[u8]) -> Option<Self> {
        let ([browser, platform, major @ ..], rest) = sealed.split_first_chunk::<4>()?;
        *sealed = rest;
        let browser = *Browser::ALL.get(usize::from(*browser))?;
        let mut products = 0;
        if browser == Browser::Other {
            let (bytes, rest) = sealed.split_first_chunk()?;
            *sealed = rest;
            products = u32::from_le_bytes(*bytes);
        }
        Some(Self {
            browser,
            platform: *Platform::ALL.get(usize::from(platform & 0x7f))?,
            mobile: platform >> 7 == 1,
            major: u16::from_le_bytes(*major),
            products,
        })
    }
}

/// Returns the words of a header, each split into its name and, after a slash, its version.
fn words(header: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    header
        .split(|byte| matches!(byte, b' ' | b'(' | b')' | b';' | b','))
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut halves = word.splitn(2, |byte| *byte == b'/');
            (halves.next().unwrap_or(word), halves.next())
        })
}

fn leading_number(version: &[u8]) -> u16 {
    let digits = version.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u16, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u16::from(digit & 0x0f))
    })
}

fn first_version_in(header: &[u8]) -> u16 {
    let version = words(header).next().and_then(|(_, version)| version);
    version.map_or(0, leading_number)
}

/// Returns a hash of the names of the products, which is the same after an update.
///
/// Products are the first word and each one with a version (RFC 9110, section 10.1.5). The hash
/// is FNV-1a, 32 bits: who can find a collision can copy the header.
fn products_in(header: &[u8]) -> u32 {
    words(header)
        .enumerate()
        .filter(|(at, (_, version))| *at == 0 || version.is_some())
        .flat_map(|(_, (name, _))| name.iter().chain(b"/"))
        .fold(0x811c_9dc5, |hash: u32, byte| {
            (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
        })
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.browser {
            Browser::Edge => "Edge",
            Browser::Opera => "Opera",
            Browser::SamsungInternet => "Samsung Internet",
            Browser::Vivaldi => "Vivaldi",
            Browser::Yandex => "Yandex Browser",
            Browser::Firefox => "Firefox",
            Browser::Chrome => "Chrome",
            Browser::Safari => "Safari",
            Browser::Other => "Unknown browser",
        })?;
        f.write_str(match self.platform {
            Platform::Windows => " on Windows",
            Platform::ChromeOs => " on ChromeOS",
            Platform::Android => " on Android",
            Platform::Ios => " on iOS",
            Platform::MacOs => " on macOS",
            Platform::Linux => " on Linux",
            Platform::Other => "",
        })
    }
}
