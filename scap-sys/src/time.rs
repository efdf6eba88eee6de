//! Local time.

use std::cell::Cell;

/// The local time `seconds` since the Unix epoch in the format of strftime(3); `None` if it has more than `limit` bytes or none, or if libc
/// cannot convert that time.
pub(crate) fn local_time(format: &[u8], seconds: i64, limit: usize) -> Option<Vec<u8>> {
    let format = std::ffi::CString::new(format).ok()?;
    let tm = local(seconds)?;
    let mut text = vec![0; limit + 1];
    // SAFETY: `text` is writable for its length; format and `tm` are valid. strftime(3) does not keep them.
    let len = unsafe { libc::strftime(text.as_mut_ptr().cast(), text.len(), format.as_ptr(), &tm) };
    text.truncate(len);
    (len > 0).then_some(text)
}

/// The local time `seconds` since the Unix epoch; `None` if libc cannot convert it.
fn local(seconds: i64) -> Option<libc::tm> {
    let seconds = seconds as libc::time_t;
    // SAFETY: `tm` is plain data; all-zero bytes are a valid value.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to local variables. localtime_r(3) is thread-safe and does not keep them.
    let known = unsafe { !libc::localtime_r(&seconds, &mut tm).is_null() };
    known.then_some(tm)
}

thread_local! {
    /// The last time that was converted, and its offset. Most events have the second of the event before.
    static LAST: Cell<(i64, i64)> = const { Cell::new((i64::MIN, 0)) };
}

/// The offset of local time from UTC at `seconds` since the Unix epoch, in seconds; 0 if libc cannot convert that time.
#[inline]
pub fn local_offset(seconds: i64) -> i64 {
    let (last, offset) = LAST.get();
    if last == seconds { offset } else { convert(seconds) }
}

#[cold]
fn convert(seconds: i64) -> i64 {
    let offset = local(seconds).map_or(0, |tm| tm.tm_gmtoff);
    LAST.set((seconds, offset));
    offset
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_offset_is_less_than_a_day_and_never_fails() {
        for at in [0, 1_700_000_000, 1_700_000_000, i64::MAX, i64::MIN, 1_700_000_000] {
            assert!(super::local_offset(at).abs() < 86_400);
        }
    }
}
