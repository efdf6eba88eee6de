//! Texts that belong to no object.

use crate::ffi::{build_text, guard_plain, sinsp_str};
use sinsp_core::fields::time_text;

/// A time, in nanoseconds since the epoch, as `2020-04-30T16:00:09.999999999+0000`; valid until the next text on this
/// operating-system thread.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_text_iso_8601(ts: u64) -> sinsp_str {
    guard_plain(sinsp_str::EMPTY, || build_text(|out| time_text::iso8601(ts, out)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        // SAFETY: valid until the next text, which there is none of.
        let text = |ts| unsafe { sinsp_text_iso_8601(ts).bytes().to_vec() };
        assert_eq!(text(1_588_262_409_999_999_999), b"2020-04-30T16:00:09.999999999+0000");
    }
}
