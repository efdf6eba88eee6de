//! Times as text.

use crate::digits;
use scap_sys::local_offset;
use std::io::Write;

const SECOND: u64 = 1_000_000_000;
const DAY: i64 = 86_400;

/// Appends the local time of day of `ts` (nanoseconds since the epoch): `13:05:09`, with `nanos` `13:05:09.000000001`.
pub fn time_of_day(ts: u64, nanos: bool, out: &mut Vec<u8>) {
    clock(local_seconds(ts), out);
    if nanos {
        out.extend_from_slice(&digits::nanos(ts));
    }
}

/// Appends the local date and time of day of `ts`: `2024-02-29 13:05:09`.
pub fn date_time(ts: u64, nanos: bool, out: &mut Vec<u8>) {
    date(local_seconds(ts), out);
    out.push(b' ');
    time_of_day(ts, nanos, out);
}

/// Appends a number of nanoseconds as seconds: `12.000000001`.
pub fn seconds(ns: u64, out: &mut Vec<u8>) {
    digits::unsigned(ns / SECOND, out);
    out.extend_from_slice(&digits::nanos(ns));
}

/// Appends the UTC date and time of `ts`: `2024-02-29T13:05:09.000000001+0000`.
pub fn iso8601(ts: u64, out: &mut Vec<u8>) {
    let seconds = (ts / SECOND) as i64;
    date(seconds, out);
    out.push(b'T');
    clock(seconds, out);
    out.extend_from_slice(&digits::nanos(ts));
    out.extend_from_slice(b"+0000");
}

/// Appends the UTC date and time of `ts` in the format of log messages: `02-29 13:05:09.000000 `, 22 bytes.
pub fn stamp(ts: u64, out: &mut Vec<u8>) {
    let seconds = (ts / SECOND) as i64;
    let (_, month, day) = civil(seconds);
    let _ = write!(out, "{month:02}-{day:02} ");
    clock(seconds, out);
    let _ = write!(out, ".{:06} ", ts % SECOND / 1000);
}

fn local_seconds(ts: u64) -> i64 {
    let seconds = (ts / SECOND) as i64;
    seconds + local_offset(seconds)
}

fn clock(seconds: i64, out: &mut Vec<u8>) {
    let s = seconds.rem_euclid(DAY) as u32;
    let ([h, hours], [m, minutes], [s, seconds]) =
        (digits::pair(s / 3600), digits::pair(s / 60 % 60), digits::pair(s % 60));
    out.extend_from_slice(&[h, hours, b':', m, minutes, b':', s, seconds]);
}

fn date(seconds: i64, out: &mut Vec<u8>) {
    let (year, month, day) = civil(seconds);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
}

/// The date in the Gregorian calendar. The calculation counts years from March, so that a leap day is the last day of a
/// year.
fn civil(seconds: i64) -> (i64, i64, i64) {
    const ERA: i64 = 400 * 365 + 97;
    let days = seconds.div_euclid(DAY) + 719_468; // from 0000-03-01
    let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (day - day / 1460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153; // from March
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_leap_years_and_centuries() {
        let text = |seconds: u64| {
            let mut out = Vec::new();
            iso8601(seconds * SECOND + 42, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0), "1970-01-01T00:00:00.000000042+0000");
        assert_eq!(text(951_782_400), "2000-02-29T00:00:00.000000042+0000");
        assert_eq!(text(1_709_211_909), "2024-02-29T13:05:09.000000042+0000");
        assert_eq!(text(4_107_542_399), "2100-02-28T23:59:59.000000042+0000");
        assert_eq!(text(4_107_542_400), "2100-03-01T00:00:00.000000042+0000");
    }

    #[test]
    fn seconds_have_nine_decimals() {
        let mut out = Vec::new();
        seconds(12 * SECOND + 7, &mut out);
        assert_eq!(out, b"12.000000007");
    }

    #[test]
    fn stamps_have_22_bytes() {
        let mut out = Vec::new();
        stamp(1_709_211_909 * SECOND + 7_999, &mut out);
        assert_eq!(out, b"02-29 13:05:09.000007 ");
    }

    #[test]
    fn local_times_have_the_same_shape_in_every_zone() {
        let mut out = Vec::new();
        date_time(1_709_211_909 * SECOND + 7, true, &mut out);
        assert_eq!(out.len(), "2024-02-29 13:05:09.000000007".len());
        assert!(out.ends_with(b":09.000000007"));
    }
}
