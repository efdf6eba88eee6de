//! The log function.

use capi_common::c_string;
use scap_sys::engine::bpf::{self, Level};
use std::ffi::c_char;
use std::ptr::null;

/// The severity of a message; a smaller number is more severe.
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

/// A log function. `component` names the sender and may be null. Both texts are valid during the call only.
pub type falcosecurity_log_fn =
    Option<unsafe extern "C" fn(component: *const c_char, msg: *const c_char, sev: falcosecurity_log_severity)>;

/// Runs `body`, and logs what libbpf said meanwhile, whose texts say that they are libbpf's: there is no component. Nothing is said without a
/// function that takes it.
pub(crate) fn with_libbpf<T>(log: falcosecurity_log_fn, body: impl FnOnce() -> T) -> T {
    let Some(log) = log else { return body() };
    let (answer, said) = bpf::logged(Level::Debug, body);
    for message in said {
        let severity = match message.level {
            Level::Warning => falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_WARNING,
            Level::Info => falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_INFO,
            Level::Debug => falcosecurity_log_severity::FALCOSECURITY_LOG_SEV_DEBUG,
        };
        // SAFETY: the program's function; the text lives for the call.
        unsafe { log(null(), c_string(message.text).as_ptr(), severity) };
    }
    answer
}
