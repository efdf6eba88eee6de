//! Return codes, and the size of an error text.

/// Success.
pub const SCAP_SUCCESS: i32 = 0;
/// Failure; the error text has the cause.
pub const SCAP_FAILURE: i32 = 1;
/// No event within the time-out; try again.
pub const SCAP_TIMEOUT: i32 = -1;
/// An argument is invalid.
pub const SCAP_ILLEGAL_INPUT: i32 = 3;
/// The object of the call does not exist.
pub const SCAP_NOTFOUND: i32 = 4;
/// The buffer is too small; the required size was written.
pub const SCAP_INPUT_TOO_SMALL: i32 = 5;
/// The end of the input.
pub const SCAP_EOF: i32 = 6;
/// A new section starts in the capture: call `scap_restart_capture`.
pub const SCAP_UNEXPECTED_BLOCK: i32 = 7;
/// The versions of the driver and of the library do not match.
pub const SCAP_VERSION_MISMATCH: i32 = 8;
/// The engine, the kernel or this machine does not support it.
pub const SCAP_NOT_SUPPORTED: i32 = 9;
/// An event was filtered out; try again.
pub const SCAP_FILTERED_EVENT: i32 = 10;

/// The size of every error buffer in bytes, with the NUL.
pub const SCAP_LASTERR_SIZE: usize = 256;
