//! The words of the filter language, and its quoted texts.

use crate::ffi::{Failure, build_text, guard, guard_plain, sinsp_error, sinsp_str};
use sinsp_core::filter::ast::Operator;
use sinsp_core::filter::{TRANSFORMERS, escaping};

/// What a word of the filter language is.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_word_kind {
    /// A comparison operator.
    SINSP_WORD_OPERATOR = 0,
    /// A comparison operator with a list on its right side.
    SINSP_WORD_LIST_OPERATOR = 1,
    /// A transformer.
    SINSP_WORD_TRANSFORMER = 2,
}

/// The word at `index` among those of a kind (`sinsp_word_kind`), valid forever; empty if there are not so many.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_filter_word(kind: u32, index: usize) -> sinsp_str {
    let operator = |operator: &Operator| operator.text();
    let lists = |operator: &&Operator| matches!(operator, Operator::Intersects | Operator::In | Operator::PMatch);
    guard_plain(sinsp_str::EMPTY, || {
        let word = match kind {
            k if k == sinsp_word_kind::SINSP_WORD_OPERATOR as u32 => Operator::ALL.iter().map(operator).nth(index),
            k if k == sinsp_word_kind::SINSP_WORD_LIST_OPERATOR as u32 => {
                Operator::ALL.iter().filter(lists).map(operator).nth(index)
            }
            k if k == sinsp_word_kind::SINSP_WORD_TRANSFORMER as u32 => TRANSFORMERS.get(index).copied(),
            _ => None,
        };
        word.map_or(sinsp_str::EMPTY, |word| sinsp_str::of(word.as_bytes()))
    })
}

/// `text` as it is written in a filter: in double quotes with escapes if it has a blank, quote, backslash, equals sign or control character
/// with an escape, else unchanged. Valid until the next text on the same operating-system thread.
///
/// # Safety
/// `text` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_filter_quote(text: sinsp_str) -> sinsp_str {
    // SAFETY: by `# Safety`, `text` is readable.
    let text = unsafe { text.bytes() };
    build_text(|out| escaping::escape(text, out))
}

/// The text that a quoted text of a filter means; the first byte of `quoted` is the quote, the last one is not read. Valid until the next text
/// on the same operating-system thread; empty with an error if `quoted` is empty or has an escape that does not exist.
///
/// # Safety
/// `quoted` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_filter_unquote(quoted: sinsp_str, error: *mut *mut sinsp_error) -> sinsp_str {
    let body = move || {
        // SAFETY: by `# Safety`, `quoted` is readable.
        let Some((quote, rest)) = (unsafe { quoted.bytes() }).split_first() else {
            return Err(Failure::illegal("sinsp_filter_unquote: an empty text is not quoted"));
        };
        let text = escaping::unescape(&rest[..rest.len().saturating_sub(1)], *quote).map_err(Failure::illegal)?;
        Ok(build_text(|out| out.extend_from_slice(&text)))
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| sinsp_str::EMPTY, body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_texts() {
        let read = |quoted: &[u8]| {
            let mut error = std::ptr::null_mut();
            // SAFETY: `quoted` is readable, `error` is a local; the text is copied before the next one.
            let text = unsafe { sinsp_filter_unquote(sinsp_str::of(quoted), &mut error).bytes().to_vec() };
            let failed = !error.is_null();
            // SAFETY: the function made `error`, and it is ended once.
            unsafe { crate::ffi::sinsp_error_free(error) };
            (!failed).then_some(text)
        };
        assert_eq!(read(b"\"a\\tb\"").as_deref(), Some(&b"a\tb"[..]));
        assert_eq!(read(b"'a\\'b'").as_deref(), Some(&b"a'b"[..]));
        assert_eq!(read(b"'").as_deref(), Some(&b""[..]));
        assert_eq!((read(b""), read(b"\"a\\'\""), read(b"\"\\x41\"")), (None, None, None));
        // SAFETY: the text is readable, and the result is read before the next one.
        assert_eq!(unsafe { sinsp_filter_quote(sinsp_str::of(b"a b")).bytes() }, b"\"a b\"");
    }
}
