//! Writing events to capture files, with the state of the system when the file is opened.

use crate::event::data::sinsp_event;
use crate::ffi::{
    Failure, borrow, guard, guard_handle, guard_plain, guard_status, release, sinsp_error, sinsp_status, sinsp_str,
};
use crate::inspector::chosen::OpenDump;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::EventContext;
use sinsp_core::capture::{self, Compression, Snapshot, Writer};
use sinsp_core::inspector::Mode;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A capture file that is written. Owned; ended with `sinsp_dump_close` or `sinsp_dump_free`.
pub struct sinsp_dump {
    writer: RefCell<Option<(Writer<File>, OpenDump)>>,
}

/// Starts a capture in the file that `target` opens, with its name in errors, and with what the inspector knows: the lists, and events for
/// its users and groups. All of it is in the file afterwards. A closed inspector is refused before the file is opened, which would empty it.
fn start(
    inspector: &sinsp_inspector,
    target: impl FnOnce() -> Result<(File, String), Failure>,
    compress: bool,
) -> Result<sinsp_dump, Failure> {
    let mut known = Snapshot::default();
    let core = inspector.core()?;
    if core.mode() == Mode::Closed {
        return Err(Failure::illegal("a capture cannot be written for an inspector that is not open"));
    }
    core.state().report_to(&mut known);
    let accounts = core.account_events();
    drop(core);
    let of_plugins = inspector.state_of_plugins()?;
    let open = inspector.begin_dump()?;
    let (file, name) = target()?;
    let mut writer = Writer::to_file(file, name, if compress { Compression::Gzip } else { Compression::None })?;
    writer.section()?;
    writer.snapshot(&known)?;
    accounts.iter().chain(&of_plugins).try_for_each(|event| writer.event(&event.event()))?;
    writer.flush()?;
    Ok(sinsp_dump { writer: RefCell::new(Some((writer, open))) })
}

/// Creates or empties a file (`-`: the standard output), and writes the state of the inspector to it. Null with an error.
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
        // SAFETY: by `# Safety`, `inspector` is null or live, `path` is readable.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        start(inspector, || Ok(capture::create(Path::new(OsStr::from_bytes(path)))?), compress)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
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
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if fd < 0 {
            return Err(Failure::illegal(format!("a capture cannot be written to {fd}, which is no file descriptor")));
        }
        let name = format!("the capture on the file descriptor {fd}");
        // SAFETY: by `# Safety`, the library may own the descriptor, which is not negative.
        let file = File::from(unsafe { OwnedFd::from_raw_fd(fd) });
        start(inspector, || Ok((file, name)), compress)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_handle(error, body) }
}

/// Calls `act` with the writer; an error if the file was closed.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
unsafe fn with_writer(
    dump: *const sinsp_dump,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut Writer<File>) -> Result<sinsp_status, Failure>,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `dump` is null or live.
        let dump = unsafe { borrow(dump, "dump")? };
        match dump.writer.borrow_mut().as_mut() {
            Some((writer, _)) => act(writer),
            None => Err(Failure::illegal("the dump was closed")),
        }
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Writes an event of `inspector`, or one that a program made, for which `inspector` may be null. Returns `SINSP_FILTERED_EVENT`, and writes
/// nothing, if the event was rejected and is not to be written (`sinsp_event_dump_flags`).
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
    // SAFETY: this `# Safety` includes that of `with_writer`; `inspector` is null or live, `event` null or readable with what it points to.
    unsafe {
        with_writer(dump, error, |writer| {
            let event = borrow(event, "event")?;
            if inspector.is_null() && event.of == 0 {
                writer.event(&sinsp_core::Event::new(event.wire()?, event.cpu, event.dump_flags)?)?;
                return Ok(sinsp_status::SINSP_SUCCESS);
            }
            let inspector = borrow(inspector, "inspector")?;
            let rejected = event.rejected;
            inspector.identity().with_event(inspector, event, |event| {
                let Some(flags) = inspector.core()?.dump_flags(event, rejected) else {
                    return Ok(sinsp_status::SINSP_FILTERED_EVENT);
                };
                let (enter, flags) = (&event.notes.enter, flags | event.event.flags());
                let cpu = event.event.cpu();
                if !enter.is_empty() {
                    writer.event(&sinsp_core::Event::new(enter, cpu, flags)?)?;
                }
                writer.event(&sinsp_core::Event::new(event.event.bytes(), cpu, flags)?)?;
                Ok(sinsp_status::SINSP_SUCCESS)
            })
        })
    }
}

/// Writes everything that is buffered to the file.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_flush(dump: *const sinsp_dump, error: *mut *mut sinsp_error) -> sinsp_status {
    // SAFETY: this `# Safety` includes that of `with_writer`.
    unsafe { with_writer(dump, error, |writer| Ok(writer.flush().map(|()| sinsp_status::SINSP_SUCCESS)?)) }
}

/// The length of the capture in the file, in bytes, without what is buffered; 0 for null and after it was closed.
///
/// # Safety
/// `dump` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_written_bytes(dump: *const sinsp_dump) -> u64 {
    // SAFETY: by `# Safety`, `dump` is null or live.
    let dump = unsafe { dump.as_ref() };
    guard_plain(0, || dump.map_or(0, |d| d.writer.borrow().as_ref().map_or(0, |(writer, _)| writer.file_offset())))
}

/// Writes everything that is buffered and closes the file. The dump is still to be freed.
///
/// # Safety
/// `dump` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_close(dump: *const sinsp_dump, error: *mut *mut sinsp_error) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `dump` is null or live.
        let dump = unsafe { borrow(dump, "dump")? };
        if let Some((writer, _open)) = dump.writer.borrow_mut().take() {
            writer.finish()?;
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard(error, |status| status, body) }
}

/// Ends a dump, and its file if that was not closed; null is ignored.
///
/// # Safety
/// `dump` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_dump_free(dump: *mut sinsp_dump) {
    // SAFETY: by `# Safety`, `dump` is null or owned, and this call is the one that frees it.
    unsafe { release(dump) }
}

/// Sets `*flags` to the flags (`SCAP_DF_*`) with which `sinsp_dump_event` writes the event of an inspector to a capture. Returns whether it
/// writes the event: not if the event was rejected, unless it changes the state and `SINSP_OPTION_FAT_CAPTURES` is set, or is internal. False also
/// if the arguments are not valid.
///
/// # Safety
/// `inspector` must be null or live, `event` null or readable with what it points to, `flags` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_event_dump_flags(
    inspector: *const sinsp_inspector,
    event: *const sinsp_event,
    flags: *mut u32,
) -> bool {
    let found = guard_plain(None, || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `event` null or readable with what it points to.
        unsafe {
            let (inspector, event) = (inspector.as_ref()?, event.as_ref()?);
            let rejected = event.rejected;
            let of = |event: &EventContext<'_>| Ok(inspector.core()?.dump_flags(event, rejected));
            inspector.identity().with_event(inspector, event, of).ok().flatten()
        }
    });
    // SAFETY: by `# Safety`, `flags` is null or writable.
    if let Some(flags) = unsafe { flags.as_mut() } {
        *flags = found.unwrap_or(0);
    }
    found.is_some()
}
