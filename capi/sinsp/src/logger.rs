//! The logger of the process: who gets the messages of the library, and those that the program logs through it. Any thread may call any
//! of these functions at any time, from within outputs too.

use crate::ffi::{Failure, guard_plain, guard_status, read_sized, sinsp_error, sinsp_status, sinsp_str};
use sinsp_core::logger::{self, Output, Severity, Slot, logger};
use std::ffi::{OsStr, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Bits of `sinsp_log_outputs`: the outputs that are set, and how messages are written.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_log_flag {
    /// The standard output, the third to be considered.
    SINSP_LOG_STDOUT = 1,
    /// The standard error, the last to be considered.
    SINSP_LOG_STDERR = 2,
    /// A file, the second to be considered.
    SINSP_LOG_FILE = 4,
    /// A callback, the first to be considered.
    SINSP_LOG_CALLBACK = 8,
    /// Messages have no time before them.
    SINSP_LOG_NO_TIMESTAMPS = 16,
    /// Messages have their severity before them.
    SINSP_LOG_ENCODED_SEVERITY = 32,
}

const _: () = {
    use sinsp_log_flag::*;
    assert!(SINSP_LOG_STDOUT as u32 == Slot::Stdout.bit() && SINSP_LOG_STDERR as u32 == Slot::Stderr.bit());
    assert!(SINSP_LOG_FILE as u32 == Slot::File.bit() && SINSP_LOG_CALLBACK as u32 == Slot::Callback.bit());
    assert!(SINSP_LOG_NO_TIMESTAMPS as u32 == logger::NO_TIMESTAMPS);
    assert!(SINSP_LOG_ENCODED_SEVERITY as u32 == logger::ENCODE_SEVERITY);
};

/// A program's own output for messages. May grow at its end.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_log_callback {
    /// `sizeof(sinsp_log_callback)` of the program.
    pub size: usize,
    /// What the functions get as `context`.
    pub context: *mut c_void,
    /// Takes a message, which lives for the call, with its severity (1 the most severe, 8 the least). It may be called by several threads at
    /// once, may log and may use inspectors, and must not throw.
    pub log: Option<unsafe extern "C" fn(context: *mut c_void, message: sinsp_str, severity: u32)>,
    /// Called once, when no call of `log` is running or will come any more; may be null.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// The output behind a `sinsp_log_callback`.
struct Callback(sinsp_log_callback);

// SAFETY: whoever sets a callback promises that any thread may call it, with its context.
unsafe impl Send for Callback {}
// SAFETY: as above, and by several threads at once.
unsafe impl Sync for Callback {}

impl Output for Callback {
    fn take(&self, message: Vec<u8>, severity: Severity) {
        if let Some(log) = self.0.log {
            // SAFETY: the program's function with the program's context, which it keeps until `release`.
            unsafe { log(self.0.context, sinsp_str::of(&message), severity.0) }
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: as above; this is the last use.
            unsafe { release(self.0.context) }
        }
    }
}

unsafe extern "C" {
    static stdout: *mut libc::FILE;
    static stderr: *mut libc::FILE;
}

/// One of the streams of the C library, whose buffer the messages share with what the program prints itself.
enum Stream {
    Out,
    Err,
}

impl Output for Stream {
    fn take(&self, mut message: Vec<u8>, _: Severity) {
        message.push(b'\n');
        // SAFETY: the C library sets both before any code runs; a program that sets them anew while others print is at fault in C, too.
        let stream = unsafe {
            match self {
                Stream::Out => stdout,
                Stream::Err => stderr,
            }
        };
        // SAFETY: a stream of the C library, which has a lock of its own, and bytes that live for the call.
        unsafe {
            libc::fwrite(message.as_ptr().cast(), 1, message.len(), stream);
            libc::fflush(stream);
        }
    }
}

/// Logs a message.
///
/// # Safety
/// `message` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log(severity: u32, message: sinsp_str) {
    // SAFETY: the caller vouches for it.
    guard_plain((), || logger().log(unsafe { message.bytes() }, Severity(severity)));
}

/// Whether messages of this severity are let through.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_is_enabled(severity: u32) -> bool {
    logger().is_enabled(Severity(severity))
}

/// The least severe messages that are let through: 6 (information) at first.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_severity() -> u32 {
    logger().severity().0
}

/// Says which messages are let through: from 1, the most severe alone, to 8, all.
///
/// # Safety
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_set_severity(severity: u32, error: *mut *mut sinsp_error) -> sinsp_status {
    let body = move || {
        if !(Severity::FATAL..=Severity::TRACE).contains(&Severity(severity)) {
            return Err(Failure::illegal("Invalid log severity"));
        }
        logger().set_severity(Severity(severity));
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Which outputs are set, and how messages are written: a sum of `sinsp_log_flag`.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_outputs() -> u32 {
    logger().outputs()
}

/// Writes messages to the standard output.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_add_stdout() {
    guard_plain((), || logger().set_output(Slot::Stdout, Some(Arc::new(Stream::Out))));
}

/// Writes messages to the standard error.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_add_stderr() {
    guard_plain((), || logger().set_output(Slot::Stderr, Some(Arc::new(Stream::Err))));
}

/// Writes messages to a file, which is emptied first, in place of one that was set before.
///
/// # Safety
/// `path` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_add_file(path: sinsp_str, error: *mut *mut sinsp_error) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let path = Path::new(OsStr::from_bytes(unsafe { path.bytes() }));
        let cannot = |e| {
            let message = format!("Unable to open file {} for writing: {e}", path.display());
            Failure::new(sinsp_status::SINSP_FAILURE, message)
        };
        logger().add_file(path).map_err(cannot)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Hands messages to a callback, in place of one that was set before; null removes it. The struct is copied. A call of the old one that is
/// running comes to its end.
///
/// # Safety
/// `callback` must be null or point to its `size` bytes; its functions must keep what they promise, until `release` was called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_set_callback(
    callback: *const sinsp_log_callback,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        let mut output: Option<Arc<dyn Output>> = None;
        if !callback.is_null() {
            let none = sinsp_log_callback { size: 0, context: std::ptr::null_mut(), log: None, release: None };
            // SAFETY: the caller vouches for the size, which is the first member.
            let callback = unsafe { read_sized(callback, none)? };
            if callback.log.is_none() {
                return Err(Failure::illegal("a log callback without a function"));
            }
            output = Some(Arc::new(Callback(callback)));
        }
        logger().set_output(Slot::Callback, output);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Leaves the time before each message away.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_disable_timestamps() {
    logger().disable_timestamps();
}

/// Puts the severity before each message, where `sinsp_log_decode_severity` finds it.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_add_encoded_severity() {
    logger().set_encoded_severity();
}

/// Answers how many bytes the severity takes that stands before a message, and writes it to `*severity`; 0 if there is none.
///
/// # Safety
/// `message` must be readable, `severity` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_decode_severity(message: sinsp_str, severity: *mut u32) -> usize {
    // SAFETY: the caller vouches for both.
    let (message, out) = unsafe { (message.bytes(), severity.as_mut()) };
    let Some(found) = Severity::decode(message) else { return 0 };
    if let Some(out) = out {
        *out = found.0;
    }
    logger::ENCODED_LEN
}

/// Removes all outputs, and writes and lets through what a new logger does.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_reset() {
    guard_plain((), || logger().reset());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffi::{sinsp_error_free, sinsp_error_message};
    use std::sync::atomic::{AtomicU32, Ordering};

    #[derive(Default)]
    struct Seen {
        messages: AtomicU32,
        released: AtomicU32,
    }

    unsafe extern "C" fn log(context: *mut c_void, message: sinsp_str, severity: u32) {
        // SAFETY: the context is the test's, the message lives for the call.
        let (seen, message) = unsafe { (&*context.cast::<Seen>(), message.bytes()) };
        if message == b"mine" {
            assert_eq!(severity, 4);
            seen.messages.fetch_add(1, Ordering::Relaxed);
        }
    }

    unsafe extern "C" fn release(context: *mut c_void) {
        // SAFETY: as above.
        unsafe { &*context.cast::<Seen>() }.released.fetch_add(1, Ordering::Relaxed);
    }

    #[test]
    fn a_callback_is_called_and_released_once() {
        let seen = Seen::default();
        let context = (&raw const seen).cast_mut().cast();
        let mut callback = sinsp_log_callback { size: 0, context, log: Some(log), release: Some(release) };
        let null = std::ptr::null_mut();
        // SAFETY: all of it is valid, and `seen` lives until the callback is removed.
        unsafe {
            assert_eq!(sinsp_log_set_callback(&callback, null), sinsp_status::SINSP_ILLEGAL_INPUT, "no size");
            // A program of an older version, whose struct ended before `release`.
            callback.size = std::mem::offset_of!(sinsp_log_callback, release);
            assert_eq!(sinsp_log_set_callback(&callback, null), sinsp_status::SINSP_SUCCESS);
            sinsp_log_disable_timestamps();
            sinsp_log(4, sinsp_str::of(b"mine"));
            callback.size = size_of_val(&callback);
            assert_eq!(sinsp_log_set_callback(&callback, null), sinsp_status::SINSP_SUCCESS);
            assert_eq!(seen.released.load(Ordering::Relaxed), 0);
            sinsp_log(4, sinsp_str::of(b"mine"));
            assert_eq!(sinsp_log_set_callback(std::ptr::null(), null), sinsp_status::SINSP_SUCCESS);
            sinsp_log(4, sinsp_str::of(b"mine"));
        }
        assert_eq!((seen.messages.into_inner(), seen.released.into_inner()), (2, 1));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let mut error = std::ptr::null_mut();
        // SAFETY: the error is a local, and ended once.
        unsafe {
            assert_eq!(sinsp_log_set_severity(9, std::ptr::null_mut()), sinsp_status::SINSP_ILLEGAL_INPUT);
            assert_eq!(sinsp_log_add_file(sinsp_str::of(b"/nowhere/x"), &mut error), sinsp_status::SINSP_FAILURE);
            assert!(sinsp_error_message(error).bytes().starts_with(b"Unable to open file /nowhere/x for writing"));
            sinsp_error_free(error);
            let mut severity = 0;
            assert_eq!(sinsp_log_decode_severity(sinsp_str::of(b"SEV_DEB text"), &mut severity), 8);
            assert_eq!((severity, sinsp_log_decode_severity(sinsp_str::EMPTY, std::ptr::null_mut())), (7, 0));
        }
    }
}
