//! Texts that belong to no object.

use crate::ffi::{build_text, guard_plain, sinsp_str};
use sinsp_core::state::Thread;
use sinsp_core::state::store::ThreadText;
use std::io::Write;

const SECOND: u64 = 1_000_000_000;

/// The date `days` after 1970-01-01 in the Gregorian calendar: year, month and day.
fn civil_date(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, so that a leap day ends its year; an era of 400 years has 146097 days.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// A time, in nanoseconds since the epoch, as `2020-04-30T16:00:09.999999999+0000`; valid until the next text on this
/// operating-system thread.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_text_iso_8601(ts: u64) -> sinsp_str {
    let write = |out: &mut Vec<u8>| {
        let (seconds, ns) = (ts / SECOND, ts % SECOND);
        let (year, month, day) = civil_date(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ns:09}+0000")
            .expect("a vector takes all");
    };
    guard_plain(sinsp_str::EMPTY, || build_text(write))
}

/// The directory that a process in `cwd` is in after it went to `dir`, with a `/` at its end; valid until the next text on this
/// operating-system thread.
///
/// # Safety
/// Both must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_cwd(cwd: sinsp_str, dir: sinsp_str) -> sinsp_str {
    // SAFETY: the caller vouches for both.
    let (cwd, dir) = unsafe { (cwd.bytes(), dir.bytes()) };
    let mut thread = Thread::new(0);
    thread.set_text(ThreadText::Cwd, cwd);
    build_text(|out| {
        thread.change_cwd(dir);
        out.extend_from_slice(thread.own_cwd());
    })
}

/// Cgroups as they stand in events, with the names of subsystems that users know: texts `subsystem=path`, each ended by a NUL. Empty if one
/// of them has no `=`. Valid until the next text on this operating-system thread.
///
/// # Safety
/// `wire` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_text_cgroups(wire: sinsp_str) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let wire = unsafe { wire.bytes() };
    build_text(|out| {
        let mut thread = Thread::new(0);
        thread.set_cgroups(wire);
        out.extend_from_slice(thread.cgroup_list().as_wire());
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(civil_date(0), (1970, 1, 1));
        assert_eq!(civil_date(11_016), (2000, 2, 29));
        assert_eq!(civil_date(11_017), (2000, 3, 1));
        assert_eq!(civil_date(47_540), (2100, 2, 28));
        assert_eq!(civil_date(47_541), (2100, 3, 1));
        // SAFETY: valid until the next text, which there is none of.
        let text = |ts| unsafe { sinsp_text_iso_8601(ts).bytes().to_vec() };
        assert_eq!(text(1_588_262_409_999_999_999), b"2020-04-30T16:00:09.999999999+0000");
    }
}
