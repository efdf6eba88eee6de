//! The logger of the process: its outputs, and messages of the program. Any thread may call any of these functions at any time, also from
//! within an output.

use crate::ffi::{Failure, guard_plain, guard_status, read_sized, sinsp_error, sinsp_status, sinsp_str};
use sinsp_core::logger::{self, Output, Severity, Slot, logger};
use std::ffi::{OsStr, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Bits of `sinsp_log_outputs`: which outputs are set, and what stands before a message.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_log_flag {
    /// The standard output: third choice. A message goes to the first output that is set.
    SINSP_LOG_STDOUT = 1,
    /// The standard error: last choice.
    SINSP_LOG_STDERR = 2,
    /// A file: second choice.
    SINSP_LOG_FILE = 4,
    /// A callback: first choice.
    SINSP_LOG_CALLBACK = 8,
    /// No time stamp before a message.
    SINSP_LOG_NO_TIMESTAMPS = 16,
    /// An encoded severity before a message.
    SINSP_LOG_ENCODED_SEVERITY = 32,
}

const _: () = {
    use sinsp_log_flag::*;
    assert!(SINSP_LOG_STDOUT as u32 == Slot::Stdout.bit() && SINSP_LOG_STDERR as u32 == Slot::Stderr.bit());
    assert!(SINSP_LOG_FILE as u32 == Slot::File.bit() && SINSP_LOG_CALLBACK as u32 == Slot::Callback.bit());
    assert!(SINSP_LOG_NO_TIMESTAMPS as u32 == logger::NO_TIMESTAMPS);
    assert!(SINSP_LOG_ENCODED_SEVERITY as u32 == logger::ENCODE_SEVERITY);
};

/// A callback of the program for messages. May grow at its end.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_log_callback {
    /// `sizeof(sinsp_log_callback)` of the program.
    pub size: usize,
    /// Passed to both functions.
    pub context: *mut c_void,
    /// Takes a message, borrowed for the call, with its severity (1 the most severe, 8 the least). Several threads may call it at once. It may
    /// log and use inspectors; it must not throw.
    pub log: Option<unsafe extern "C" fn(context: *mut c_void, message: sinsp_str, severity: u32)>,
    /// Called once, after the last call of `log` has returned; may be null.
    pub release: Option<unsafe extern "C" fn(context: *mut c_void)>,
}

/// The output behind a `sinsp_log_callback`.
struct Callback(sinsp_log_callback);

// SAFETY: the contract of `sinsp_log_callback`: any thread may call its functions with its context.
unsafe impl Send for Callback {}
// SAFETY: the contract of `sinsp_log_callback`: several threads may call `log` at once.
unsafe impl Sync for Callback {}

impl Output for Callback {
    fn take(&self, message: Vec<u8>, severity: Severity) {
        if let Some(log) = self.0.log {
            // SAFETY: the contract of `sinsp_log_callback`: `log` may be called with `context` until `release`; `message` outlives the call.
            unsafe { log(self.0.context, sinsp_str::of(&message), severity.0) }
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(release) = self.0.release {
            // SAFETY: the output is dropped with its last `Arc`, so no `log` runs; `release` is called this once.
            unsafe { release(self.0.context) }
        }
    }
}

unsafe extern "C" {
    static stdout: *mut libc::FILE;
    static stderr: *mut libc::FILE;
}

/// A stream of the C library, so that messages share the buffer with the program's own prints.
enum Stream {
    Out,
    Err,
}

impl Output for Stream {
    fn take(&self, mut message: Vec<u8>, _: Severity) {
        message.push(b'\n');
        // SAFETY: the C library sets both before `main`; a program that assigns them while threads print has a data race in C, too.
        let stream = unsafe {
            match self {
                Stream::Out => stdout,
                Stream::Err => stderr,
            }
        };
        // SAFETY: stdio locks the stream; `message` is alive during the call.
        unsafe {
            libc::fwrite(message.as_ptr().cast(), 1, message.len(), stream);
            libc::fflush(stream);
        }
    }
}

/// Logs a message of a severity from 1 (the most severe) to 8.
///
/// # Safety
/// `message` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log(severity: u32, message: sinsp_str) {
    // SAFETY: by `# Safety`, `message` is readable.
    guard_plain((), || logger().log(unsafe { message.bytes() }, Severity(severity)));
}

/// Whether messages of this severity are logged.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_is_enabled(severity: u32) -> bool {
    logger().is_enabled(Severity(severity))
}

/// The least severe severity that is logged: 6 (information) at first.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_severity() -> u32 {
    logger().severity().0
}

/// Sets the least severe severity that is logged, from 1 (the most severe messages only) to 8 (all). Another number is an error.
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
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The outputs that are set and how messages are written: `sinsp_log_flag` bits.
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

/// Truncates a file and writes messages to it; replaces the file that was set before.
///
/// # Safety
/// `path` must be readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_add_file(path: sinsp_str, error: *mut *mut sinsp_error) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `path` is readable.
        let path = Path::new(OsStr::from_bytes(unsafe { path.bytes() }));
        logger().add_file(path)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Passes messages to a callback, which replaces the one that was set before; null removes it. The struct is copied. A running call of the
/// old callback completes, then its `release` is called.
///
/// # Safety
/// `callback` must be null or readable for its `size` bytes, its functions callable as `sinsp_log_callback` says until `release` was called;
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_set_callback(
    callback: *const sinsp_log_callback,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        let mut output: Option<Arc<dyn Output>> = None;
        if !callback.is_null() {
            let none = sinsp_log_callback { size: 0, context: std::ptr::null_mut(), log: None, release: None };
            // SAFETY: by `# Safety`, `callback` is readable for its `size`, the first member. Null is a valid value of the other members.
            let callback = unsafe { read_sized(callback, none)? };
            if callback.log.is_none() {
                return Err(Failure::illegal("a log callback without a function"));
            }
            output = Some(Arc::new(Callback(callback)));
        }
        logger().set_output(Slot::Callback, output);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Writes no time stamp before messages.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_disable_timestamps() {
    logger().disable_timestamps();
}

/// Writes the severity before each message, in the form that `sinsp_log_decode_severity` reads.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_log_add_encoded_severity() {
    logger().set_encoded_severity();
}

/// Writes the severity at the start of a message to `*severity`; returns its length in bytes, 0 if there is none.
///
/// # Safety
/// `message` must be readable, `severity` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_log_decode_severity(message: sinsp_str, severity: *mut u32) -> usize {
    // SAFETY: by `# Safety`, `message` is readable, `severity` is null or writable.
    let (message, out) = unsafe { (message.bytes(), severity.as_mut()) };
    let Some(found) = Severity::decode(message) else { return 0 };
    if let Some(out) = out {
        *out = found.0;
    }
    logger::ENCODED_LEN
}

/// Removes all outputs and restores the default severity and format.
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
        // SAFETY: `context` is the test's `Seen`, which outlives the callback; `message` is valid for the call.
        let (seen, message) = unsafe { (&*context.cast::<Seen>(), message.bytes()) };
        if message == b"mine" {
            assert_eq!(severity, 4);
            seen.messages.fetch_add(1, Ordering::Relaxed);
        }
    }

    unsafe extern "C" fn release(context: *mut c_void) {
        // SAFETY: `context` is the test's `Seen`, which outlives the callback.
        unsafe { &*context.cast::<Seen>() }.released.fetch_add(1, Ordering::Relaxed);
    }

    #[test]
    fn a_callback_is_called_and_released_once() {
        let seen = Seen::default();
        let context = (&raw const seen).cast_mut().cast();
        let mut callback = sinsp_log_callback { size: 0, context, log: Some(log), release: Some(release) };
        let null = std::ptr::null_mut();
        // SAFETY: the pointers are to locals, and `seen` outlives the callback.
        unsafe {
            assert_eq!(sinsp_log_set_callback(&callback, null), sinsp_status::SINSP_ILLEGAL_INPUT, "no size");
            // The size of an older version, which ended before `release`.
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
        // SAFETY: the pointers are to locals; the error is freed once.
        unsafe {
            assert_eq!(sinsp_log_set_severity(9, std::ptr::null_mut()), sinsp_status::SINSP_ILLEGAL_INPUT);
            assert_eq!(sinsp_log_add_file(sinsp_str::of(b"/nowhere/x"), &mut error), sinsp_status::SINSP_FAILURE);
            let expected = b"Unable to open file /nowhere/x for writing: No such file or directory";
            assert_eq!(sinsp_error_message(error).bytes(), expected);
            sinsp_error_free(error);
            let mut severity = 0;
            assert_eq!(sinsp_log_decode_severity(sinsp_str::of(b"SEV_DEB text"), &mut severity), 8);
            assert_eq!((severity, sinsp_log_decode_severity(sinsp_str::EMPTY, std::ptr::null_mut())), (7, 0));
        }
    }
}
