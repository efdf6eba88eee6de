//! Writing events to capture files, with what is known of the system when the file is opened.

use crate::event::data::sinsp_event;
use crate::ffi::{
    Failure, borrow, guard, guard_handle, guard_plain, guard_status, release, sinsp_error, sinsp_status, sinsp_str,
};
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::capture::{Compression, Snapshot, Writer};
use sinsp_core::error::ScapError;
use sinsp_core::inspector::Mode;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A capture file that is written. Owned; ended with `sinsp_dump_close` or `sinsp_dump_free`.
pub struct sinsp_dump {
    writer: RefCell<Option<Writer<File>>>,
}

/// Starts a capture in `file` with what the inspector knows.
fn start(inspector: &sinsp_inspector, file: File, compress: bool) -> Result<sinsp_dump, Failure> {
    let mut known = Snapshot::default();
    let core = inspector.core()?;
    if core.mode() == Mode::Closed {
        return Err(Failure::illegal("a capture cannot be written for an inspector that is not open"));
    }
    core.state().tell(&mut known);
    drop(core);
    let mut writer = Writer::new(file, if compress { Compression::Gzip } else { Compression::None })?;
    writer.snapshot(&known)?;
    Ok(sinsp_dump { writer: RefCell::new(Some(writer)) })
}

/// Creates or empties a file, and writes what is known of the system to it. Null with an error if that does not work.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_open(
    inspector: *const sinsp_inspector,
    path: sinsp_str,
    compress: bool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_dump {
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        let path = Path::new(OsStr::from_bytes(path));
        let failed = |e| ScapError::io(format_args!("cannot create {}", path.display()), e);
        start(inspector, File::create(path).map_err(failed)?, compress)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// The same with an open file descriptor, which the library closes.
///
/// # Safety
/// `inspector` must be null or live, `fd` the caller's to give away, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_fdopen(
    inspector: *const sinsp_inspector,
    fd: i32,
    compress: bool,
    error: *mut *mut sinsp_error,
) -> *mut sinsp_dump {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if fd < 0 {
            return Err(Failure::illegal(format!("{fd} is no file descriptor")));
        }
        // SAFETY: the caller gives the descriptor away.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        start(inspector, File::from(fd), compress)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// Hands the writer to `act`, unless the file was closed.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
unsafe fn with_writer(
    dump: *const sinsp_dump,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut Writer<File>) -> Result<(), Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let dump = unsafe { borrow(dump, "dump")? };
        match dump.writer.borrow_mut().as_mut() {
            Some(writer) => act(writer).map(|()| sinsp_status::SINSP_SUCCESS),
            None => Err(Failure::illegal("the dump was closed")),
        }
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Writes an event of `inspector`, or one of a program's making.
///
/// # Safety
/// `dump` and `inspector` must be null or live, `event` null or readable with what it points to, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_event(
    dump: *const sinsp_dump,
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: the caller vouches for all of them.
    unsafe {
        with_writer(dump, error, |writer| {
            let (inspector, event) = (borrow(inspector, "inspector")?, borrow(event, "event")?);
            inspector.identity().with_event(inspector, event, |event| Ok(writer.event(&event.event)?))
        })
    }
}

/// Has everything that was written reach the file.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_flush(dump: *const sinsp_dump, error: *mut *mut sinsp_error) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { with_writer(dump, error, |writer| Ok(writer.flush()?)) }
}

/// How many bytes the file has got so far; 0 for null and after it was closed.
///
/// # Safety
/// `dump` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_written_bytes(dump: *const sinsp_dump) -> u64 {
    // SAFETY: the caller vouches for it.
    let dump = unsafe { dump.as_ref() };
    guard_plain(0, || dump.map_or(0, |d| d.writer.borrow().as_ref().map_or(0, Writer::file_offset)))
}

/// Ends the file; tells whether everything reached it. The dump is still to be freed.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_close(dump: *const sinsp_dump, error: *mut *mut sinsp_error) -> sinsp_status {
    let body = move || {
        // SAFETY: the caller vouches for it.
        let dump = unsafe { borrow(dump, "dump")? };
        if let Some(writer) = dump.writer.borrow_mut().take() {
            writer.finish()?;
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |status| status, body) }
}

/// Ends a dump, and its file if that was not closed; null is ignored.
///
/// # Safety
/// `dump` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_free(dump: *mut sinsp_dump) {
    // SAFETY: passed on.
    unsafe { release(dump) }
}
