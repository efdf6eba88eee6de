//! Opening an engine, and letting its events through.

use crate::event::codes;
use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::gate::Call;
use crate::inspector::handle::{on_core, sinsp_inspector};
use driver::Sc;
use sinsp_core::inspector::Inspector;
use sinsp_core::inspector::{BpfOptions, ScanOptions};
use std::ffi::OsStr;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How `sinsp_inspector_open_modern_bpf` captures.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_modern_bpf_params {
    /// The size of each ring buffer, in bytes; 0 for the default.
    pub buffer_bytes: u64,
    /// How many CPUs share a ring buffer; 0: all of them one.
    pub cpus_per_buffer: u16,
    /// Whether CPUs that are not online get no ring buffer.
    pub online_only: bool,
    /// Whether the system is scanned through /proc alone, not through BPF iterators.
    pub no_iterators: bool,
    /// The system calls to capture, a byte a code; null for all.
    pub scs: *const u8,
    /// How many bytes `scs` has.
    pub scs_len: usize,
}

/// Opens a capture file by its path, or by the file descriptor `fd`, which the library then closes, if that is not 0.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_savefile(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    fd: i32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        // SAFETY: the caller gives the descriptor away.
        let fd = (fd != 0).then(|| unsafe { OwnedFd::from_raw_fd(fd) });
        let call = inspector.begin(Call::Open)?;
        if let Some(fd) = fd {
            inspector.core_mut()?.begin_savefile_fd(fd)?;
        } else if path.is_empty() {
            return Err(Failure::illegal("When you use the 'savefile' engine you need to provide a path to the file."));
        } else {
            let path = Path::new(OsStr::from_bytes(path));
            inspector.core_mut()?.begin_savefile(path)?;
        }
        inspector.drive_initial(&call)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Captures the running kernel with the BPF probe. No event comes before `sinsp_inspector_start`.
///
/// # Safety
/// `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_modern_bpf(
    inspector: *mut sinsp_inspector,
    params: *const sinsp_modern_bpf_params,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, params) = unsafe { (borrow(inspector, "inspector")?, params.as_ref()) };
        let mut options = BpfOptions::default();
        if let Some(params) = params {
            options.cpus_per_buffer = params.cpus_per_buffer;
            options.online_cpus_only = params.online_only;
            if params.buffer_bytes != 0 {
                let too_big = |_| Failure::illegal(format!("a ring buffer of {} bytes", params.buffer_bytes));
                options.buffer_bytes = usize::try_from(params.buffer_bytes).map_err(too_big)?;
            }
            if !params.scs.is_null() {
                // SAFETY: the caller vouches for the array.
                let scs = unsafe { codes::read(params.scs, params.scs_len) };
                options.interesting = Some(scs.iter().map(Sc).collect());
            }
        }
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let iterators = params.is_none_or(|p| !p.no_iterators);
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { without_users, iterators, minimal: false, ..known });
        core.open_modern_bpf(&options)?;
        drop(core);
        inspector.hooks.get().start()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Reads what the running system looks like, without events: `sinsp_inspector_next` answers `SINSP_TIMEOUT`. Without `full_scan` what
/// takes long is left out.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_nodriver(
    inspector: *mut sinsp_inspector,
    full_scan: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { minimal: !full_scan, without_users, iterators: false, ..known });
        core.open_nodriver()?;
        drop(core);
        inspector.hooks.get().start()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Lets events through.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_start(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, Inspector::start) }
}

/// Holds events back.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stop(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, Inspector::stop) }
}

/// Ends the capture, and with it the filter; the threads leave the table. Objects of threads that the program holds keep their values.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_close(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Close)?;
        inspector.core_mut()?.close();
        drop(inspector.filter.take());
        inspector.find_wants();
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}
