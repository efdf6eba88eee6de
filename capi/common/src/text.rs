//! Strings in C's form: error texts in fixed buffers, and bytes up to a NUL.

use memchr::memchr;
use std::ffi::{CStr, CString, c_char};
use std::fmt::Display;

/// The size of every error buffer in bytes, with the NUL (`SCAP_LASTERR_SIZE` in C).
pub const LASTERR_SIZE: usize = 256;

/// An error text in a buffer that C reads. It always ends in a NUL; a text that is too long loses its middle.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct ErrorText(pub [c_char; LASTERR_SIZE]);

impl ErrorText {
    /// No error.
    pub const fn new() -> ErrorText {
        ErrorText([0; LASTERR_SIZE])
    }

    /// Replaces the text.
    pub fn set(&mut self, text: impl Display) {
        copy_error(&mut self.0, text);
    }

    /// The text for C; valid until `self` moves or is dropped.
    pub fn as_ptr(&self) -> *const c_char {
        self.0.as_ptr()
    }
}

impl Default for ErrorText {
    fn default() -> Self {
        ErrorText::new()
    }
}

/// Copies what fits of `text`, up to its first NUL, and adds a NUL. Returns how many bytes were copied, without that NUL.
pub fn copy(to: &mut [c_char], text: &[u8]) -> usize {
    let Some(room) = to.len().checked_sub(1) else { return 0 };
    let end = memchr(0, text).unwrap_or(text.len()).min(room);
    for (to, from) in to.iter_mut().zip(&text[..end]) {
        *to = *from as c_char;
    }
    to[end] = 0;
    end
}

/// Writes an error text and a NUL. If it does not fit, its middle is left out, after the first line if possible: the first line
/// names the operation and the system's error, the end names the cause.
pub fn copy_error(to: &mut [c_char], text: impl Display) {
    const GAP: &[u8] = b" ... ";
    let text = text.to_string();
    let text = text.as_bytes();
    let room = to.len().saturating_sub(1);
    match room.checked_sub(GAP.len()) {
        Some(kept) if text.len() > room => {
            let line = text.iter().position(|b| *b == b'\n').unwrap_or(0);
            let front = if line <= kept { line.max(kept - kept / 2) } else { kept - kept / 2 };
            let back = kept - front;
            copy(to, &[&text[..front], GAP, &text[text.len() - back..]].concat());
        }
        _ => {
            copy(to, text);
        }
    }
}

/// Writes an error text to a caller's buffer, like [`copy_error`]; does nothing if `buffer` is null.
///
/// # Safety
/// `buffer` is null or points to [`LASTERR_SIZE`] writable bytes that nothing else uses during the call.
pub unsafe fn write_error(buffer: *mut c_char, text: impl Display) {
    if !buffer.is_null() {
        // SAFETY: not null, so it has LASTERR_SIZE bytes for this call (# Safety).
        copy_error(unsafe { std::slice::from_raw_parts_mut(buffer, LASTERR_SIZE) }, text);
    }
}

/// The bytes of a C string without its NUL; `None` for a null pointer.
///
/// # Safety
/// `text` is null or a string ended by a NUL, which stays valid and unchanged for `'a`.
pub unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not null, so it is ended by a NUL and unchanged for `'a` (# Safety).
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The bytes of a character array up to its first NUL; all of them if there is none.
pub fn text(array: &[c_char]) -> &[u8] {
    let end = array.iter().position(|&c| c == 0).unwrap_or(array.len());
    // SAFETY: `c_char` has the size and alignment of `u8`, and `end` is at most the array's length.
    unsafe { std::slice::from_raw_parts(array.as_ptr().cast(), end) }
}

/// A text for C. A NUL inside, which would end the text, becomes a blank.
pub fn c_string(text: impl Display) -> CString {
    CString::new(text.to_string().replace('\0', " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_need_not_be_ended() {
        let array = b"ab\0cd".map(|b| b as c_char);
        assert_eq!(
            (text(&array), text(&array[..2]), text(&array[2..]), text(&[])),
            (&b"ab"[..], &b"ab"[..], &b""[..], &b""[..])
        );
        assert_eq!(c_string("a\0b").as_bytes(), b"a b");
    }

    #[test]
    fn texts_are_cut_and_ended() {
        let mut error = ErrorText::new();
        error.set("x".repeat(1000));
        // SAFETY: `ErrorText` ends every text with a NUL.
        assert_eq!(unsafe { bytes(error.as_ptr()) }.map(<[u8]>::len), Some(LASTERR_SIZE - 1));
        error.set("short");
        // SAFETY: `ErrorText` ends every text with a NUL.
        assert_eq!(unsafe { bytes(error.as_ptr()) }, Some(&b"short"[..]));
    }

    #[test]
    fn the_cause_of_a_long_error_is_kept() {
        let mut error = ErrorText::new();
        error.set(format!("cannot open {}: File name too long", "x".repeat(1000)));
        // SAFETY: `ErrorText` ends every text with a NUL.
        let text = unsafe { bytes(error.as_ptr()) }.unwrap_or_default();
        assert_eq!(text.len(), LASTERR_SIZE - 1);
        assert!(text.starts_with(b"cannot open xxx") && text.ends_with(b"xxx: File name too long"));
        assert!(text.windows(5).any(|w| w == b" ... "));
        let first = format!("loading {}: Operation not permitted", "x".repeat(180));
        error.set(format!("{first}\n{}the last word", "log\n".repeat(100)));
        // SAFETY: `ErrorText` ends every text with a NUL.
        let text = unsafe { bytes(error.as_ptr()) }.unwrap_or_default();
        assert!(text.starts_with(first.as_bytes()) && text.ends_with(b"the last word"));
        let mut three = [1; 3];
        copy_error(&mut three, "text");
        assert_eq!(three, [b't' as c_char, b'e' as c_char, 0]);
    }

    #[test]
    fn short_and_missing_buffers() {
        assert_eq!(copy(&mut [], b"text"), 0);
        let mut three = [1; 3];
        assert_eq!(copy(&mut three, b"text"), 2);
        assert_eq!(three, [b't' as c_char, b'e' as c_char, 0]);
        assert_eq!(copy(&mut three, b"t\0xt"), 1);
        // SAFETY: null is allowed.
        unsafe {
            write_error(std::ptr::null_mut(), "nobody reads this");
            assert!(bytes(std::ptr::null()).is_none());
        }
    }
}
