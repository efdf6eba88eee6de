//! The functions that allocate a platform, one for each kind. A program ends a platform by `scap_platform_close` and `scap_platform_free`.

use crate::platform::state::{Source, scap_platform};
use crate::types::scap_procs::scap_proc_callbacks;
use capi_common::guard;

/// A platform of this source, on the heap.
fn alloc(source: Source, callbacks: scap_proc_callbacks) -> *mut scap_platform {
    guard(|_| std::ptr::null_mut(), || Box::into_raw(Box::new(scap_platform::new(source, callbacks))))
}

/// A platform that knows nothing.
#[unsafe(no_mangle)]
pub extern "C" fn scap_generic_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Nothing, proc_callbacks)
}

/// This machine: `scap_platform_init` scans its processes.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Linux, proc_callbacks)
}

/// This machine without its processes: the machine itself, its interfaces, and this program.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_hostinfo_alloc_platform() -> *mut scap_platform {
    alloc(Source::Host, scap_proc_callbacks::NONE)
}

/// The system that a capture file describes: it is handed to the engine in `scap_savefile_engine_params`, and the callbacks are
/// called while the capture is opened.
#[unsafe(no_mangle)]
pub extern "C" fn scap_savefile_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Engine, proc_callbacks)
}

/// The system that the test describes: `scap_platform_init`, with the same open arguments as the engine, tells the callbacks of
/// its threads and fds.
#[unsafe(no_mangle)]
pub extern "C" fn scap_test_input_alloc_platform(proc_callback: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Test, proc_callback)
}
