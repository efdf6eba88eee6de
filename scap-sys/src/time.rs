//! The zone of this machine's clock.

/// What has to be added to UTC for local time at `seconds` since the epoch, in seconds; 0 where it cannot be told.
pub fn local_offset(seconds: i64) -> i64 {
    let seconds = seconds as libc::time_t;
    // SAFETY: `tm` is plain data for which zeros are valid.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals of the right types; the reentrant function keeps neither.
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
