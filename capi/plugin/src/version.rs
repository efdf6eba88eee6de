//! Versions of the plugin API, of the event schema and of plugins: `MAJOR.MINOR.PATCH`.

use std::fmt;
use std::str::FromStr;

/// The version of the plugin API that this library has (`PLUGIN_API_VERSION_*` in C).
pub const API: Version = Version { major: 3, minor: 12, patch: 0 };

/// Three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Incompatible changes.
    pub major: u32,
    /// Additions.
    pub minor: u32,
    /// Corrections.
    pub patch: u32,
}

impl Version {
    /// Why a plugin that requires `required` cannot run where this version is; `None` if it can: the major versions are the same,
    /// and the rest of `required` is not newer.
    pub fn refuses(self, required: Version) -> Option<&'static str> {
        if self.major != required.major {
            Some("the major versions differ")
        } else if self.minor < required.minor {
            Some("the minor version is newer")
        } else if self.minor == required.minor && self.patch < required.patch {
            Some("the patch version is newer")
        } else {
            None
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// A text is no version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoVersion;

impl FromStr for Version {
    type Err = NoVersion;

    /// Three numbers with dots between them. What follows the last number is ignored, as in `1.2.3-rc1`.
    fn from_str(text: &str) -> Result<Version, NoVersion> {
        let mut parts = text.splitn(3, '.');
        let mut number = |last: bool| {
            let part = parts.next().ok_or(NoVersion)?;
            let end = part.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(part.len());
            let digits = if last { &part[..end] } else { part };
            // `+1` would parse as a number.
            if end == 0 || digits.len() != end {
                return Err(NoVersion);
            }
            digits.parse().map_err(|_| NoVersion)
        };
        Ok(Version { major: number(false)?, minor: number(false)?, patch: number(true)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().expect(text)
    }

    #[test]
    fn texts_are_read_and_printed() {
        assert_eq!(version("3.12.0"), API);
        assert_eq!(version("1.20.300-rc1").to_string(), "1.20.300");
        for bad in ["", "1", "1.2", "1.2.", "a.b.c", "1..3", "1.2.x", "+1.2.3", "1.-2.3", "4294967296.0.0", " 1.2.3"] {
            assert_eq!(bad.parse::<Version>(), Err(NoVersion), "{bad}");
        }
    }

    #[test]
    fn a_plugin_may_be_older_but_not_newer_nor_of_another_major_version() {
        for fits in ["3.12.0", "3.11.7", "3.0.0"] {
            assert_eq!(API.refuses(version(fits)), None, "{fits}");
        }
        for (not, why) in [("2.12.0", "major"), ("4.0.0", "major"), ("3.13.0", "minor"), ("3.12.1", "patch")] {
            assert!(API.refuses(version(not)).expect(not).contains(why), "{not}");
        }
    }
}
