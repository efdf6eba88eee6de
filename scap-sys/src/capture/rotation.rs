//! Writing a capture to a series of files: when the next one starts, and its name.

use crate::time::local_time;
use crate::{Error, Result};

const SECOND: u64 = 1_000_000_000;
/// The most bytes of a file name that a pattern of times may become.
const MAX_NAME: usize = 4096;

/// When the next file starts. 0 means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RotationLimits {
    /// How many bytes a file may have before the next event goes to another one.
    pub bytes: u64,
    /// How many seconds of event time a file covers.
    pub seconds: u64,
    /// How many files are kept: the next one replaces the first.
    pub files: u32,
    /// How many events a file has.
    pub events: u64,
}

/// Why a file was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationCause {
    /// It is the first.
    First,
    /// The last one covers [`RotationLimits::seconds`].
    Time,
    /// The last one has more than [`RotationLimits::bytes`].
    Size,
    /// The last one has [`RotationLimits::events`].
    Events,
}

/// The next file of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextFile {
    /// Its name.
    pub name: Vec<u8>,
    /// The file that it replaces, to be removed; only if names are made of times.
    pub replaced: Option<Vec<u8>>,
    /// Why it starts.
    pub cause: RotationCause,
}

/// A series of capture files. Its owner opens, closes and removes the files.
#[derive(Debug)]
pub struct Rotation {
    base: Vec<u8>,
    limits: RotationLimits,
    started: bool,
    /// When the current file started, in seconds since the Unix epoch.
    since: u64,
    /// How many events the current file has.
    events: u64,
    /// The number of the next file.
    index: u32,
    /// Names made of times, by the number of the file.
    past: Vec<Vec<u8>>,
}

impl Rotation {
    /// A series with these limits. `base` is the name of the files, with a number at its end if there can be more than one. With a limit of
    /// seconds it may be a pattern of strftime(3): each `%` sequence stands for the local time at which the file starts.
    pub fn new(base: &[u8], limits: RotationLimits) -> Rotation {
        Rotation { base: base.to_vec(), limits, started: false, since: 0, events: 0, index: 0, past: Vec::new() }
    }

    /// The file to start before an event of the time `ts` (nanoseconds since the Unix epoch) is written; `None` if the event belongs to the
    /// current file, which has `written` bytes.
    pub fn next(&mut self, ts: u64, written: u64) -> Result<Option<NextFile>> {
        let now = ts / SECOND;
        let RotationLimits { bytes, seconds, events, .. } = self.limits;
        let cause = if !self.started {
            RotationCause::First
        } else if seconds > 0 && now.saturating_sub(self.since) >= seconds {
            RotationCause::Time
        } else if bytes > 0 && written > bytes {
            RotationCause::Size
        } else if events > 0 && self.events >= events {
            RotationCause::Events
        } else {
            self.events += 1;
            return Ok(None);
        };
        if self.limits.files > 0 && self.index >= self.limits.files {
            self.index = 0;
        }
        let since = if matches!(cause, RotationCause::First | RotationCause::Time) { now } else { self.since };
        let (name, replaced) = self.name(since)?;
        (self.started, self.since, self.events) = (true, since, 1);
        self.index += 1;
        Ok(Some(NextFile { name, replaced, cause }))
    }

    /// The name of the next file, and of the one that it replaces.
    fn name(&mut self, since: u64) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        let RotationLimits { bytes, seconds, files, events } = self.limits;
        let number = self.index.to_string();
        if events > 0 {
            return Ok(([&self.base, number.as_bytes()].concat(), None));
        }
        let mut replaced = None;
        let mut name = if seconds > 0 && self.base.contains(&b'%') {
            let name = local_time(&self.base, since as i64, MAX_NAME).ok_or_else(|| {
                Error::Invalid(format!(
                    "{}: the name of the capture file cannot be made of the time",
                    String::from_utf8_lossy(&self.base)
                ))
            })?;
            if files > 0 {
                match self.past.get_mut(self.index as usize) {
                    Some(past) => replaced = Some(std::mem::replace(past, name.clone())).filter(|past| *past != name),
                    None => self.past.push(name.clone()),
                }
            }
            name
        } else if seconds > 0 {
            [&self.base, number.as_bytes()].concat()
        } else {
            self.base.clone()
        };
        if bytes > 0 {
            let digits = if files == 0 { 0 } else { files.to_string().len() };
            name.extend(format!("{:0digits$}", self.index).into_bytes());
        }
        Ok((name, replaced))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(base: &str, limits: RotationLimits, events: &[(u64, u64)]) -> Vec<String> {
        let mut rotation = Rotation::new(base.as_bytes(), limits);
        let names = events.iter().map(|&(seconds, written)| rotation.next(seconds * SECOND, written).unwrap());
        names.map(|next| next.map_or(String::new(), |next| String::from_utf8(next.name).unwrap())).collect()
    }

    #[test]
    fn without_limits_there_is_one_file() {
        assert_eq!(series("a", RotationLimits::default(), &[(1, 0), (9, 1 << 40)]), ["a", ""]);
    }

    #[test]
    fn a_file_has_as_many_events_as_the_limit_says() {
        let limits = RotationLimits { events: 2, files: 2, ..RotationLimits::default() };
        assert_eq!(series("a", limits, &[(1, 0); 7]), ["a0", "", "a1", "", "a0", "", "a1"]);
    }

    #[test]
    fn files_of_a_size_have_numbers_of_equal_length() {
        let limits = RotationLimits { bytes: 10, files: 12, ..RotationLimits::default() };
        assert_eq!(series("a", limits, &[(1, 0), (1, 10), (1, 11), (1, 0)]), ["a00", "", "a01", ""]);
        let limits = RotationLimits { bytes: 10, ..RotationLimits::default() };
        assert_eq!(series("a", limits, &[(1, 0), (1, 11)]), ["a0", "a1"]);
    }

    #[test]
    fn times_are_those_of_the_events() {
        let limits = RotationLimits { seconds: 10, files: 2, ..RotationLimits::default() };
        assert_eq!(series("a", limits, &[(5, 0), (14, 0), (15, 0), (24, 0), (25, 0)]), ["a0", "", "a1", "", "a0"]);
    }

    #[test]
    fn files_named_by_times_replace_the_first() {
        let limits = RotationLimits { seconds: 3600, files: 1, ..RotationLimits::default() };
        let mut rotation = Rotation::new(b"%s.scap", limits);
        let first = rotation.next(7200 * SECOND, 0).unwrap().unwrap();
        assert_eq!((first.name, first.replaced), (b"7200.scap".to_vec(), None));
        let second = rotation.next(10_800 * SECOND, 0).unwrap().unwrap();
        assert_eq!((second.name, second.replaced), (b"10800.scap".to_vec(), Some(b"7200.scap".to_vec())));
        assert_eq!(second.cause, RotationCause::Time);
    }

    #[test]
    fn a_name_that_is_too_long_is_an_error() {
        let limits = RotationLimits { seconds: 1, ..RotationLimits::default() };
        let mut rotation = Rotation::new("%c".repeat(4096).as_bytes(), limits);
        assert!(rotation.next(SECOND, 0).is_err());
        assert!(rotation.next(SECOND, 0).is_err());
    }
}
