//! Opening, starting, stopping and closing a capture.

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

/// Opens a capture file: the file descriptor `fd` if that is not 0, else `path`. The library closes `fd`, also if opening fails.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `fd` 0 or an open descriptor that the inspector may own, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_savefile(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    fd: i32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `path` is readable.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        // SAFETY: by `# Safety`, the caller gives `fd` away.
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
        inspector.capture_opened()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Opens a live capture with the BPF probe. There are no events before `sinsp_inspector_start`.
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
        // SAFETY: by `# Safety`, `inspector` is null or live, `params` is null or readable.
        let (inspector, params) = unsafe { (borrow(inspector, "inspector")?, params.as_ref()) };
        // SAFETY: by `# Safety`, `params` is readable with its array `scs` of `scs_len` bytes.
        let options = unsafe { params.map_or_else(|| Ok(BpfOptions::default()), |params| params.options())? };
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let iterators = params.is_none_or(|p| !p.no_iterators);
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { without_users, iterators, minimal: false, ..known });
        core.open_modern_bpf(&options)?;
        drop(core);
        inspector.opened()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
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
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { minimal: !full_scan, without_users, iterators: false, ..known });
        core.open_nodriver()?;
        drop(core);
        inspector.opened()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Starts capturing, or continues after `sinsp_inspector_stop`.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_start(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `on_core`.
    unsafe { on_core(inspector, None, error, Inspector::start) }
}

/// Pauses capturing.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stop(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `on_core`.
    unsafe { on_core(inspector, None, error, Inspector::stop) }
}

/// Closes the capture, drops the filter and empties the thread table. Thread objects that the program holds keep their values.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_close(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let _call = inspector.begin(Call::Close)?;
        inspector.core_mut()?.close();
        drop(inspector.filter.take());
        inspector.find_wants();
        inspector.reselect()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
