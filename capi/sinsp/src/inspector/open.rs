//! Opening an engine, and letting its events through.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::bpf_params::sinsp_modern_bpf_params;
use crate::inspector::gate::Call;
use crate::inspector::handle::{on_core, sinsp_inspector};
use sinsp_core::inspector::Inspector;
use sinsp_core::inspector::{BpfOptions, ScanOptions};
use std::ffi::OsStr;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

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
        // SAFETY: the caller vouches for the array.
        let options = unsafe { params.map_or_else(|| Ok(BpfOptions::default()), |params| params.options())? };
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

/// Reads what the running system looks like, without its events: `sinsp_inspector_next` makes one of its own every 100 ms. Without `full_scan` what
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
