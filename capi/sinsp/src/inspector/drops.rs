//! Events that were dropped, by system call.

use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;

/// The events of a system call or tracepoint that were dropped because a ring was full or because they were too long.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_drops_row {
    /// Its code (`PPM_SC_*`). Enter events count under their call, a program that the scheduler reports to start as execve, and a child that it reports
    /// as clone; code 0 is for the marks of sampling, which belong to no call.
    pub sc: u16,
    /// Its name, valid as long as the program runs.
    pub name: sinsp_str,
    /// How many, since the capture was opened.
    pub drops: u64,
}

/// How many events of each system call and tracepoint were dropped so far: writes the first `capacity` of those that have any, the most first, to
/// `rows`, and their whole number to `*count`. `PPM_SC_MAX` rows are always enough; with a `capacity` of 0 `rows` may be null. The sum is that of
/// `n_drops_buffer` and `n_drops_scratch_map` of `sinsp_inspector_stats`. Any thread may call this at any time, as that function. An error if nothing
/// is open; `SINSP_NOT_SUPPORTED` by all engines but modern_bpf.
///
/// # Safety
/// `inspector` must be null or live, `rows` null or writable for `capacity` rows, `count` null or writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_drops(
    inspector: *const sinsp_inspector,
    rows: *mut sinsp_drops_row,
    capacity: usize,
    count: *mut usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `count` is null or writable.
        let (inspector, count) = unsafe { (borrow(inspector, "inspector")?, count.as_mut()) };
        let count = count.ok_or_else(|| Failure::illegal("null count of rows"))?;
        *count = 0;
        if rows.is_null() && capacity != 0 {
            return Err(Failure::illegal("null rows"));
        }
        let drops = inspector.statistics.drops()?;
        for (i, row) in drops.iter().take(capacity).enumerate() {
            let name = row.sc.info().and_then(|info| info.name).unwrap_or_default();
            let row = sinsp_drops_row { sc: row.sc.0, name: sinsp_str::of(name.as_bytes()), drops: row.drops };
            // SAFETY: `i` is less than `capacity`, for which `rows` is writable by `# Safety`.
            unsafe { rows.add(i).write(row) };
        }
        *count = drops.len();
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
