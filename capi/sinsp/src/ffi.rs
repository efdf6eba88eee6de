//! What every function of the ABI shares: borrowed texts, owned errors, and the conversion of panics to errors.

use capi_common::{ABI_VERSION, LIBRARY_VERSION, REFERENCE_VERSION};
use sinsp_core::Error;
use std::cell::RefCell;
use std::ffi::c_char;

/// The version of this ABI. Upper 16 bits: the major number, which changes when programs must be recompiled. Lower 16 bits: the minor number,
/// which changes with additions.
pub const SINSP_ABI_VERSION: u32 = 0x0001_0000;

/// What a function that can fail returns; the numbers are those of `SCAP_*`.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_status {
    /// Success.
    SINSP_SUCCESS = 0,
    /// A failure; the `sinsp_error` has the message.
    SINSP_FAILURE = 1,
    /// Nothing happened within the time-out; try again.
    SINSP_TIMEOUT = -1,
    /// An argument is invalid.
    SINSP_ILLEGAL_INPUT = 3,
    /// The requested object does not exist.
    SINSP_NOT_FOUND = 4,
    /// The input is at its end.
    SINSP_EOF = 6,
    /// The engine, the kernel or this version cannot do it.
    SINSP_NOT_SUPPORTED = 9,
    /// The filter rejected the next event.
    SINSP_FILTERED_EVENT = 10,
}

/// A borrowed text: without a NUL at its end, not necessarily UTF-8.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_str {
    /// The first byte; may be null when `len` is 0.
    pub data: *const c_char,
    /// How many bytes there are.
    pub len: usize,
}

impl sinsp_str {
    /// The empty text.
    pub const EMPTY: sinsp_str = sinsp_str { data: std::ptr::null(), len: 0 };

    /// A view of `bytes`, which the caller keeps alive as long as C may read it.
    pub fn of(bytes: &[u8]) -> sinsp_str {
        sinsp_str { data: bytes.as_ptr().cast(), len: bytes.len() }
    }

    /// The bytes behind the view; null counts as empty.
    ///
    /// # Safety
    /// `data` must be null or point to `len` bytes that nothing changes or frees during `'a`.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: by `# Safety`, a `data` that is not null has `len` bytes, unchanged during `'a`.
        unsafe { entries(self.data.cast(), self.len) }
    }
}

/// The entries of an array from C; none if it is null.
///
/// # Safety
/// `array` must be null or have `count` entries that nothing changes or frees during `'a`.
pub(crate) unsafe fn entries<'a, T>(array: *const T, count: usize) -> &'a [T] {
    if array.is_null() {
        return &[];
    }
    // SAFETY: by `# Safety`, an array that is not null has `count` entries, unchanged during `'a`.
    unsafe { std::slice::from_raw_parts(array, count) }
}

/// [`entries`] for an array that is null only if `count` is 0.
///
/// # Safety
/// As [`entries`].
pub(crate) unsafe fn entries_of<'a, T>(array: *const T, count: usize, what: &str) -> Result<&'a [T], Failure> {
    if array.is_null() && count != 0 {
        return Err(Failure::illegal(format!("there are no {count} {what}: the array is null")));
    }
    // SAFETY: by `# Safety`.
    Ok(unsafe { entries(array, count) })
}

/// The texts of an array; none if it is null.
///
/// # Safety
/// As [`entries`], and each text must be readable during `'a`.
pub(crate) unsafe fn texts<'a>(
    array: *const sinsp_str,
    count: usize,
) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
    // SAFETY: by `# Safety`, the array has `count` readable texts.
    unsafe { entries(array, count).iter().map(|text| text.bytes()) }
}

/// An error with its message. Owned by the caller of the function that returned it; freed with `sinsp_error_free`.
#[derive(Debug)]
pub struct sinsp_error {
    status: sinsp_status,
    message: String,
    position: Option<sinsp_position>,
}

/// A place in a filter or a format.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct sinsp_position {
    /// Offset in bytes, from 0.
    pub offset: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

impl From<sinsp_core::error::Position> for sinsp_position {
    fn from(p: sinsp_core::error::Position) -> Self {
        sinsp_position { offset: p.offset, line: p.line, column: p.column }
    }
}

/// A failure on its way to the caller. No larger than a pointer, so that a `Result` fits in registers.
#[derive(Debug)]
pub(crate) struct Failure(Box<sinsp_error>);

impl Failure {
    /// A failure with a status.
    #[cold]
    pub fn new(status: sinsp_status, message: impl Into<String>) -> Failure {
        Failure(Box::new(sinsp_error { status, message: message.into(), position: None }))
    }

    /// The same failure with a place in the text that the caller passed.
    pub fn at(mut self, position: Option<sinsp_position>) -> Failure {
        self.0.position = position;
        self
    }

    /// The message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The message, owned.
    pub fn into_message(self) -> String {
        self.0.message
    }

    /// The failure for an invalid argument.
    pub fn illegal(message: impl Into<String>) -> Failure {
        Failure::new(sinsp_status::SINSP_ILLEGAL_INPUT, message)
    }
}

impl From<Error> for Failure {
    fn from(e: Error) -> Failure {
        use sinsp_core::error::ScapError as Scap;
        let position = match &e {
            Error::Filter { at, .. } | Error::Check { at, .. } => Some((*at).into()),
            _ => None,
        };
        let status = match &e {
            Error::Scap(Scap::NotSupported(_)) => sinsp_status::SINSP_NOT_SUPPORTED,
            _ => sinsp_status::SINSP_FAILURE,
        };
        Failure::new(status, e.to_string()).at(position)
    }
}

impl From<sinsp_core::error::ScapError> for Failure {
    fn from(e: sinsp_core::error::ScapError) -> Failure {
        Error::from(e).into()
    }
}

/// Runs `body`. If it fails or panics, stores the failure in `*error` and returns `failed(status)`.
///
/// # Safety
/// `error` must be null or writable.
pub(crate) unsafe fn guard<T>(
    error: *mut *mut sinsp_error,
    failed: impl FnOnce(sinsp_status) -> T,
    body: impl FnOnce() -> Result<T, Failure>,
) -> T {
    let panicked = |message: &str| Err(Failure::new(sinsp_status::SINSP_FAILURE, message));
    let failure = match capi_common::guard(panicked, body) {
        Ok(value) => return value,
        Err(failure) => failure,
    };
    let status = failure.0.status;
    if !error.is_null() {
        // SAFETY: by `# Safety`, an `error` that is not null is writable.
        unsafe { *error = Box::into_raw(failure.0) };
    }
    failed(status)
}

/// Runs `body`, which cannot fail; returns `fallback` if it panics.
pub(crate) fn guard_plain<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    capi_common::guard(|_| fallback, body)
}

/// [`guard`] for a body that returns a status.
///
/// # Safety
/// As [`guard`].
pub(crate) unsafe fn guard_status(
    error: *mut *mut sinsp_error,
    body: impl FnOnce() -> Result<sinsp_status, Failure>,
) -> sinsp_status {
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |status| status, body) }
}

/// [`guard`] for a body whose value becomes an owned handle; null if it fails.
///
/// # Safety
/// As [`guard`].
pub(crate) unsafe fn guard_handle<T>(
    error: *mut *mut sinsp_error,
    body: impl FnOnce() -> Result<T, Failure>,
) -> *mut T {
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| std::ptr::null_mut(), || body().map(|value| Box::into_raw(Box::new(value)))) }
}

/// A handle as a shared reference; for null the failure that names it. A caller chooses an `'a` that ends before the function returns.
///
/// # Safety
/// `handle` must be null or a live handle of its type.
pub(crate) unsafe fn borrow<'a, T>(handle: *const T, what: &str) -> Result<&'a T, Failure> {
    // SAFETY: by `# Safety`, `handle` is null or live. Handles are used through shared references alone, so any number may exist.
    match unsafe { handle.as_ref() } {
        Some(handle) => Ok(handle),
        None => Err(null(what)),
    }
}

#[cold]
fn null(what: &str) -> Failure {
    Failure::illegal(format!("null {what}"))
}

/// Copies a struct from C whose first member, a `usize`, is its size in the program. Members that an older program lacks come from `none`;
/// what a newer program has beyond ours is ignored. The size must not end within a member.
///
/// # Safety
/// `from` must not be null and point to as many bytes as its first member says; `T` is `repr(C)`, starts with that member, and may be any
/// mix of the bytes of `none` and of `from`.
pub(crate) unsafe fn read_sized<T: Copy>(from: *const T, none: T) -> Result<T, Failure> {
    // SAFETY: by `# Safety`, `from` is not null and begins with a `usize`.
    let size = unsafe { from.cast::<usize>().read_unaligned() };
    if size <= size_of::<usize>() {
        return Err(Failure::illegal("a struct whose first member, its size, is too small to hold anything else"));
    }
    let mut copy = none;
    // SAFETY: by `# Safety`, `from` has `size` bytes; at most the size of `T` is copied, and any mix of bytes is a valid `T`.
    unsafe { std::ptr::copy_nonoverlapping(from.cast::<u8>(), (&raw mut copy).cast::<u8>(), size.min(size_of::<T>())) };
    Ok(copy)
}

/// Frees an owned handle; null is ignored.
///
/// # Safety
/// `handle` must be null, or come from [`guard_handle`] and not be freed yet.
pub(crate) unsafe fn release<T>(handle: *mut T) {
    // SAFETY: by `# Safety`, `handle` is null or a box of `guard_handle`, which only this call frees.
    unsafe { capi_common::free(handle) }
}

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Builds a text in the buffer of this operating-system thread; valid until the next text is built there.
pub(crate) fn build_text(build: impl FnOnce(&mut Vec<u8>)) -> sinsp_str {
    guard_plain(sinsp_str::EMPTY, || {
        TEXT.with_borrow_mut(|buffer| {
            buffer.clear();
            build(buffer);
            sinsp_str::of(buffer)
        })
    })
}

/// The ABI version of this library. A program that was compiled with another major number must not use the library.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_abi_version() -> u32 {
    SINSP_ABI_VERSION
}

// The constant is written out for C.
const _: () = assert!(SINSP_ABI_VERSION == ABI_VERSION, "SINSP_ABI_VERSION is not that of Cargo.toml");

/// The version of this library, such as `1.0.0`: a constant text. Its first two numbers are those of `sinsp_abi_version`.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_library_version() -> *const c_char {
    LIBRARY_VERSION.as_ptr()
}

/// The version of falcosecurity/libs whose interface this library has, `0.25.4`: a constant text.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_reference_version() -> *const c_char {
    REFERENCE_VERSION.as_ptr()
}

/// Frees an error; null is ignored.
///
/// # Safety
/// `error` must be null or an error that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_error_free(error: *mut sinsp_error) {
    // SAFETY: by `# Safety`, `error` is null or owned, and this call is the one that frees it.
    unsafe { release(error) }
}

/// The message of an error, valid until it is freed; empty for null.
///
/// # Safety
/// `error` must be null or an error that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_error_message(error: *const sinsp_error) -> sinsp_str {
    // SAFETY: by `# Safety`, `error` is null or live.
    unsafe { error.as_ref() }.map_or(sinsp_str::EMPTY, |e| sinsp_str::of(e.message.as_bytes()))
}

/// The status of an error; `SINSP_SUCCESS` for null.
///
/// # Safety
/// `error` must be null or an error that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_error_status(error: *const sinsp_error) -> sinsp_status {
    // SAFETY: by `# Safety`, `error` is null or live.
    unsafe { error.as_ref() }.map_or(sinsp_status::SINSP_SUCCESS, |e| e.status)
}

/// Writes the place in the text that an error is about to `*position`; returns false if it has none, or an argument is null.
///
/// # Safety
/// `error` must be null or an error that was not freed yet, `position` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_error_position(error: *const sinsp_error, position: *mut sinsp_position) -> bool {
    // SAFETY: by `# Safety`, `error` is null or live, `position` is null or writable.
    let (error, position) = unsafe { (error.as_ref(), position.as_mut()) };
    match (error.and_then(|e| e.position), position) {
        (Some(at), Some(position)) => {
            *position = at;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let mut error = std::ptr::null_mut();
        // SAFETY: `error` is a local.
        let status = unsafe { guard_status(&mut error, || panic!("the cause")) };
        assert_eq!(status, sinsp_status::SINSP_FAILURE);
        // SAFETY: `guard_status` made the error; it is freed below.
        let message = unsafe { sinsp_error_message(error).bytes().to_vec() };
        // SAFETY: `guard_status` made the error, and nothing uses it after this.
        unsafe { sinsp_error_free(error) };
        assert_eq!(message, b"internal error: the cause");
    }

    #[test]
    fn a_null_array_has_no_entries() {
        let (none, numbers) = (std::ptr::null::<u32>(), [7, 8, 9]);
        // SAFETY: `numbers` has three entries.
        unsafe {
            assert!(entries(none, 3).is_empty());
            assert_eq!(entries(numbers.as_ptr(), 2), [7, 8]);
            assert!(entries_of(none, 0, "numbers").unwrap().is_empty());
            assert_eq!(
                entries_of(none, 3, "numbers").unwrap_err().message(),
                "there are no 3 numbers: the array is null"
            );
            assert_eq!(texts(std::ptr::null(), 3).len(), 0);
            assert_eq!(
                texts([sinsp_str::of(b"one"), sinsp_str::EMPTY].as_ptr(), 2).collect::<Vec<_>>(),
                [&b"one"[..], b""]
            );
        }
    }

    #[test]
    fn null_is_answered() {
        let mut at = sinsp_position { offset: 0, line: 0, column: 0 };
        // SAFETY: null is allowed everywhere here.
        unsafe {
            sinsp_error_free(std::ptr::null_mut());
            assert_eq!(sinsp_error_message(std::ptr::null()).len, 0);
            assert_eq!(sinsp_error_status(std::ptr::null()), sinsp_status::SINSP_SUCCESS);
            assert!(!sinsp_error_position(std::ptr::null(), &mut at));
            assert!(borrow::<sinsp_error>(std::ptr::null(), "error").is_err());
        }
    }
}
