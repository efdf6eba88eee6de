//! How far a capture file was read.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::Progress;

/// How far the open capture file was read; `None` if no file is open.
///
/// # Safety
/// `inspector` must be null or live.
unsafe fn progress(inspector: *const sinsp_inspector) -> Option<Progress> {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let inspector = unsafe { inspector.as_ref() }?;
    guard_plain(None, || inspector.core().ok()?.progress())
}

/// The offset of the next read of the open capture file, in uncompressed bytes; 0 if no file is open.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_bytes_read(inspector: *const sinsp_inspector) -> u64 {
    // SAFETY: this `# Safety` is that of `progress`.
    unsafe { progress(inspector) }.map_or(0, |progress| progress.offset)
}

/// How much of the open capture file was read, in percent; 0 if no file is open, or its length is not known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_read_progress(inspector: *const sinsp_inspector) -> f64 {
    // SAFETY: this `# Safety` is that of `progress`.
    unsafe { progress(inspector) }.and_then(|progress| progress.part).map_or(0.0, |part| part * 100.0)
}

/// Continues to read the open capture file at an offset that `sinsp_inspector_bytes_read` returned. The state stays.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_seek(
    inspector: *mut sinsp_inspector,
    offset: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let mut core = inspector.core_mut()?;
        core.engine().ok_or_else(|| Failure::illegal("the inspector is not open for events"))?.seek(offset)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
