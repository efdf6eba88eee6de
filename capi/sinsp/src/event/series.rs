//! A capture in a series of files: when `sinsp_dump_open` is to be called for the next one, and with which name.

use crate::event::dump::{sinsp_dump, sinsp_dump_written_bytes};
use crate::ffi::{Failure, borrow, guard, guard_plain, release, sinsp_error, sinsp_str};
use sinsp_core::capture::{NextFile, Rotation, RotationCause, RotationLimits};
use std::cell::RefCell;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// When the next file of a series starts; 0 in a member means no limit.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct sinsp_dump_limits {
    /// How many bytes a file may have before the next event goes to another one.
    pub bytes: u64,
    /// How many seconds of event time a file covers.
    pub seconds: u64,
    /// How many events a file has.
    pub events: u64,
    /// How many files are kept: the next one replaces the first.
    pub files: u32,
}

/// The values of `sinsp_dump_file.cause`.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_dump_cause {
    /// It is the first file.
    SINSP_DUMP_FIRST = 0,
    /// The last one covers its time.
    SINSP_DUMP_TIME = 1,
    /// The last one has its size.
    SINSP_DUMP_SIZE = 2,
    /// The last one has its events.
    SINSP_DUMP_EVENTS = 3,
}

/// The next file of a series.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_dump_file {
    /// Its path, valid until the next call.
    pub name: sinsp_str,
    /// Why it starts (`sinsp_dump_cause`).
    pub cause: u32,
}

/// A series of capture files. Owned; freed with `sinsp_dump_series_free`. One thread at a time may use it.
pub struct sinsp_dump_series {
    rotation: RefCell<Rotation>,
    current: RefCell<Vec<u8>>,
}

/// Starts a series. `base` is the path of the files, with a number at its end if there can be more than one. With a limit of seconds it may be
/// a pattern of strftime(3), which stands for the local time at which the file starts. Null if the arguments are not valid.
///
/// # Safety
/// `base` must be readable, `limits` null or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_series_new(
    base: sinsp_str,
    limits: *const sinsp_dump_limits,
) -> *mut sinsp_dump_series {
    guard_plain(std::ptr::null_mut(), || {
        // SAFETY: by `# Safety`, `base` is readable, `limits` null or readable.
        let (base, limits) = unsafe { (base.bytes(), limits.as_ref()) };
        let Some(limits) = limits else { return std::ptr::null_mut() };
        let &sinsp_dump_limits { bytes, seconds, events, files } = limits;
        let rotation = RefCell::new(Rotation::new(base, RotationLimits { bytes, seconds, files, events }));
        Box::into_raw(Box::new(sinsp_dump_series { rotation, current: RefCell::default() }))
    })
}

/// Whether a new file starts with the event of the time `ts` (nanoseconds since the epoch), which is about to be written to `dump`: 1 with the
/// file in `*file`, 0 if the event belongs to `dump`, -1 with an error. A file that the new one replaces and that has another name is removed. The
/// caller closes `dump`, opens the file and writes the event. `dump` is null before the first event.
///
/// # Safety
/// `series` and `dump` must be null or live, `file` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_series_next(
    series: *const sinsp_dump_series,
    ts: u64,
    dump: *const sinsp_dump,
    file: *mut sinsp_dump_file,
    error: *mut *mut sinsp_error,
) -> i32 {
    let body = move || {
        // SAFETY: by `# Safety`, `series` and `dump` are null or live, `file` is null or writable.
        let (series, file, written) =
            unsafe { (borrow(series, "series")?, file.as_mut(), sinsp_dump_written_bytes(dump)) };
        let file = file.ok_or_else(|| Failure::illegal("null file"))?;
        let Some(NextFile { name, replaced, cause }) = series.rotation.borrow_mut().next(ts, written)? else {
            return Ok(0);
        };
        if let Some(replaced) = replaced {
            // The program may have moved or removed it.
            let _ = std::fs::remove_file(Path::new(OsStr::from_bytes(&replaced)));
        }
        let mut current = series.current.borrow_mut();
        *current = name;
        let cause = match cause {
            RotationCause::First => sinsp_dump_cause::SINSP_DUMP_FIRST,
            RotationCause::Time => sinsp_dump_cause::SINSP_DUMP_TIME,
            RotationCause::Size => sinsp_dump_cause::SINSP_DUMP_SIZE,
            RotationCause::Events => sinsp_dump_cause::SINSP_DUMP_EVENTS,
        };
        *file = sinsp_dump_file { name: sinsp_str::of(&current), cause: cause as u32 };
        Ok(1)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |_| -1, body) }
}

/// Frees a series; null is ignored. Its files stay.
///
/// # Safety
/// `series` must be null or owned and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_series_free(series: *mut sinsp_dump_series) {
    // SAFETY: by `# Safety`, `series` is null or owned, and this call is the one that frees it.
    unsafe { release(series) }
}
