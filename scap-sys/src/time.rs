//! The local time zone.

/// The offset of local time from UTC at `seconds` since the Unix epoch, in seconds; 0 if libc cannot convert that time.
pub fn local_offset(seconds: i64) -> i64 {
    let seconds = seconds as libc::time_t;
    // SAFETY: `tm` is plain data; all-zero bytes are a valid value.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to local variables. localtime_r(3) is thread-safe and does not keep them.
    let known = unsafe { !libc::localtime_r(&seconds, &mut tm).is_null() };
    if known { tm.tm_gmtoff } else { 0 }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_offset_is_less_than_a_day_and_never_fails() {
        for at in [0, 1_700_000_000, i64::MAX, i64::MIN] {
            assert!(super::local_offset(at).abs() < 86_400);
        }
    }
}
