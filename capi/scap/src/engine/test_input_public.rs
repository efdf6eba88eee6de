//! The engine for tests, whose events are the program's own.

use crate::platform::scap_platform::alloc;
use crate::platform::scap_procs::scap_proc_callbacks;
use crate::platform::state::{Source, scap_platform};
use crate::types::scap_test::scap_test_input_data;

/// What it is opened with.
#[repr(C)]
pub struct scap_test_input_engine_params {
    /// What it delivers.
    pub test_input_data: *mut scap_test_input_data,
}

/// The system that the test describes: `scap_platform_init`, with the same open arguments as the engine, tells the callbacks of
/// its threads and fds.
#[unsafe(no_mangle)]
pub extern "C" fn scap_test_input_alloc_platform(proc_callback: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Test, proc_callback)
}
