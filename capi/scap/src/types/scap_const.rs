//! What functions answer, and the size of an error text.

/// It went well.
pub const SCAP_SUCCESS: i32 = 0;
/// It failed; the error text says why.
pub const SCAP_FAILURE: i32 = 1;
/// Nothing happened within the time-out; try again.
pub const SCAP_TIMEOUT: i32 = -1;
/// An argument makes no sense.
pub const SCAP_ILLEGAL_INPUT: i32 = 3;
/// The thing asked for does not exist.
pub const SCAP_NOTFOUND: i32 = 4;
/// The buffer is too small; the size needed was written.
pub const SCAP_INPUT_TOO_SMALL: i32 = 5;
/// The input is at its end.
pub const SCAP_EOF: i32 = 6;
/// A new section starts in the capture: call `scap_restart_capture`.
pub const SCAP_UNEXPECTED_BLOCK: i32 = 7;
/// The driver's version and ours do not fit.
pub const SCAP_VERSION_MISMATCH: i32 = 8;
/// The engine, the kernel or this machine cannot do it.
pub const SCAP_NOT_SUPPORTED: i32 = 9;
/// There was an event, which was held back.
pub const SCAP_FILTERED_EVENT: i32 = 10;

/// The size of every buffer for an error text, in bytes.
pub const SCAP_LASTERR_SIZE: usize = 256;
