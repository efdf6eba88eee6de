//! The functions that allocate a platform, one for each kind. The program frees it with `scap_platform_close` and `scap_platform_free`.

use crate::platform::state::{Source, scap_platform};
use crate::types::scap_procs::scap_proc_callbacks;
use capi_common::guard;

/// Allocates a platform of this source.
fn alloc(source: Source, callbacks: scap_proc_callbacks) -> *mut scap_platform {
    guard(|_| std::ptr::null_mut(), || Box::into_raw(Box::new(scap_platform::new(source, callbacks))))
}

/// Allocates a platform without any data.
#[unsafe(no_mangle)]
pub extern "C" fn scap_generic_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Nothing, proc_callbacks)
}

/// Allocates the platform of this machine; `scap_platform_init` scans its processes.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Linux, proc_callbacks)
}

/// Allocates the platform of this machine without its processes: the machine, its interfaces, and this program.
#[unsafe(no_mangle)]
pub extern "C" fn scap_linux_hostinfo_alloc_platform() -> *mut scap_platform {
    alloc(Source::Host, scap_proc_callbacks::NONE)
}

/// Allocates the platform of a capture file. It is passed to the engine in `scap_savefile_engine_params`, and the callbacks are
/// called while the capture is opened.
#[unsafe(no_mangle)]
pub extern "C" fn scap_savefile_alloc_platform(proc_callbacks: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Engine, proc_callbacks)
}

/// Allocates the platform of a test: `scap_platform_init`, with the same open arguments as the engine, passes the test's threads
/// and fds to the callbacks.
#[unsafe(no_mangle)]
pub extern "C" fn scap_test_input_alloc_platform(proc_callback: scap_proc_callbacks) -> *mut scap_platform {
    alloc(Source::Test, proc_callback)
}
