//! Where log messages go.

use std::ffi::c_char;

/// How much a message matters; a smaller number matters more.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum falcosecurity_log_severity {
    FALCOSECURITY_LOG_SEV_FATAL = 1,
    FALCOSECURITY_LOG_SEV_CRITICAL = 2,
    FALCOSECURITY_LOG_SEV_ERROR = 3,
    FALCOSECURITY_LOG_SEV_WARNING = 4,
    FALCOSECURITY_LOG_SEV_NOTICE = 5,
    FALCOSECURITY_LOG_SEV_INFO = 6,
    FALCOSECURITY_LOG_SEV_DEBUG = 7,
    FALCOSECURITY_LOG_SEV_TRACE = 8,
}

/// A function that takes a message; `component` says who speaks and may be null. Both texts live for the call alone.
pub type falcosecurity_log_fn =
    Option<unsafe extern "C" fn(component: *const c_char, msg: *const c_char, sev: falcosecurity_log_severity)>;
