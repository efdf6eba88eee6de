//! Writing capture files.

use crate::capture::event::event;
use crate::platform::state::scap_platform;
use crate::savefile::dumper::{Target, scap_dumper};
use crate::types::engine::scap_evt;
use crate::types::enums::compression_mode as Mode;
use crate::types::ints::compression_mode;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use capi_common::{bytes, free, guard, write_error};
use scap_sys::capture::{self, Compression, Snapshot};
use scap_sys::{Error, Event, Result};
use std::ffi::{OsStr, c_char, c_int};
use std::fs::File;
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::null_mut;

/// A capture that is being written. One of the `open` functions makes it; the caller owns it and ends it with `scap_dump_close`.
pub type scap_dumper_t = scap_dumper;

fn compression(mode: compression_mode) -> Result<Compression> {
    const NONE: u32 = Mode::SCAP_COMPRESSION_NONE as u32;
    const GZIP: u32 = Mode::SCAP_COMPRESSION_GZIP as u32;
    match mode {
        NONE => Ok(Compression::None),
        GZIP => Ok(Compression::Gzip),
        other => Err(Error::Invalid(format!("writing a capture: there is no compression_mode {other}"))),
    }
}

/// Opens a capture on the target that `target` makes, and writes the data of the platform.
///
/// # Safety
/// `platform` is null or a valid platform; `lasterr` is null or has `SCAP_LASTERR_SIZE` bytes.
unsafe fn open(
    platform: *mut scap_platform,
    compress: Result<Compression>,
    with_processes: bool,
    lasterr: *mut c_char,
    target: impl FnOnce() -> Result<Target>,
) -> *mut scap_dumper_t {
    let fail = |text: &str| {
        // SAFETY: null or SCAP_LASTERR_SIZE bytes (# Safety).
        unsafe { write_error(lasterr, text) };
        null_mut()
    };
    guard(fail, || {
        // SAFETY: null or a valid platform that this thread alone uses (# Safety).
        let known = match unsafe { platform.as_ref() }.map(scap_platform::platform).transpose() {
            Ok(platform) => platform.map(|p| match with_processes {
                true => p.known.clone(),
                false => Snapshot { threads: Vec::new(), fds: Vec::new(), ..p.known.clone() },
            }),
            Err(e) => return fail(&e.to_string()),
        };
        let opened = compress.and_then(|c| scap_dumper::new(target()?, c, &known.unwrap_or_default()));
        match opened {
            Ok(dumper) => Box::into_raw(Box::new(dumper)),
            Err(e) => fail(&e.to_string()),
        }
    })
}

/// Runs `body` on a capture that is being written, and returns its code; the text of an error is in `scap_dump_getlasterr`.
///
/// # Safety
/// `d` is null or a capture that is being written, which nothing else uses during the call.
pub(crate) unsafe fn run(d: *mut scap_dumper_t, body: impl FnOnce(&mut scap_dumper) -> Result<()>) -> i32 {
    // SAFETY: null or valid, and in no other use (# Safety).
    let Some(dumper) = (unsafe { d.as_mut() }) else { return SCAP_FAILURE };
    match guard(|message| Err(Error::Invalid(message.to_string())), || body(&mut *dumper)) {
        Ok(()) => SCAP_SUCCESS,
        Err(e) => {
            dumper.error.set(e);
            SCAP_FAILURE
        }
    }
}

/// Starts a capture in the file `fname` (`-`: standard output) with the data of the platform: the machine, its interfaces and
/// users, and its threads and fds, if the platform keeps them. Returns null on an error, whose text goes to `lasterr`
/// (`SCAP_LASTERR_SIZE` bytes, or null).
///
/// # Safety
/// The pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_open(
    platform: *mut scap_platform,
    fname: *const c_char,
    compress: compression_mode,
    lasterr: *mut c_char,
) -> *mut scap_dumper_t {
    // SAFETY: the capture is null or valid and used by this thread alone, the event null or complete (# Safety).
    unsafe {
        open(platform, compression(compress), true, lasterr, || {
            let name = bytes(fname).ok_or_else(|| Error::Invalid("scap_dump_open: the file name is null".into()))?;
            let (file, name) = capture::create(Path::new(OsStr::from_bytes(name)))?;
            Ok(Target::File(file, name))
        })
    }
}

/// The same on a descriptor, which the library owns and closes, also on an error; `skip_proc_scan` omits threads and fds.
///
/// # Safety
/// The pointers are null or valid; `fd` is open, and nothing else closes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_open_fd(
    platform: *mut scap_platform,
    fd: c_int,
    compress: compression_mode,
    skip_proc_scan: bool,
    lasterr: *mut c_char,
) -> *mut scap_dumper_t {
    // SAFETY: the capture is null or valid and used by this thread alone, the event null or complete (# Safety).
    unsafe {
        let file = (fd >= 0).then(|| File::from(OwnedFd::from_raw_fd(fd)));
        open(platform, compression(compress), !skip_proc_scan, lasterr, || {
            let none = || Error::Invalid(format!("scap_dump_open_fd: {fd} is no file descriptor"));
            Ok(Target::File(file.ok_or_else(none)?, format!("the capture on the file descriptor {fd}")))
        })
    }
}

/// The same, uncompressed, in `targetbufsize` bytes of memory at `targetbuf`. Writing more is an error.
///
/// # Safety
/// The pointers are null or valid; until `scap_dump_close` others may use the memory only before `scap_get_memorydumper_curpos`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_memory_dump_open(
    platform: *mut scap_platform,
    targetbuf: *mut u8,
    targetbufsize: u64,
    lasterr: *mut c_char,
) -> *mut scap_dumper_t {
    // SAFETY: the capture is null or valid and used by this thread alone, the event null or complete (# Safety).
    unsafe {
        open(platform, Ok(Compression::None), true, lasterr, || {
            let size = usize::try_from(targetbufsize).ok().filter(|_| !targetbuf.is_null());
            let size = size.ok_or_else(|| Error::Invalid("scap_memory_dump_open: the memory is null".into()))?;
            Ok(Target::Memory { at: targetbuf, left: size })
        })
    }
}

/// Where the next byte goes in memory, also if the last event did not fit; null for a file.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_memorydumper_curpos(d: *mut scap_dumper_t) -> *mut u8 {
    // SAFETY: by `# Safety`, `d` is null or a capture that is being written.
    unsafe { d.as_ref() }.map_or(null_mut(), scap_dumper::position)
}

/// Writes what is buffered and frees the capture. It reports no error: `scap_dump_flush` before does.
///
/// # Safety
/// `d` is null or a capture that is being written, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_close(d: *mut scap_dumper_t) {
    // SAFETY: null or from the box of an `open` function, and not used afterwards (# Safety).
    unsafe { free(d) }
}

/// How far into the file the capture goes so far, in bytes as they lie on the disk, without what is still gathered; -1 for null.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_get_offset(d: *mut scap_dumper_t) -> i64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { d.as_ref() }.map_or(-1, |d| d.writer.file_offset() as i64)
}

/// How much was written, in uncompressed bytes, with what is still gathered; -1 for null.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_ftell(d: *mut scap_dumper_t) -> i64 {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { d.as_ref() }.map_or(-1, |d| d.writer.offset() as i64)
}

/// Has everything reach the file, so that a reader finds it there. That it does not, `scap_dump_getlasterr` says, and the next `scap_dump`.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_flush(d: *mut scap_dumper_t) {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    unsafe { run(d, |d| d.writer.flush()) };
}

/// Writes an event with the device that it came from and its `scap_dump_flags`.
///
/// # Safety
/// `d` is null or a capture that is being written; `e` is null or a complete event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump(d: *mut scap_dumper_t, e: *mut scap_evt, cpuid: u16, flags: u32) -> i32 {
    // SAFETY: the capture is null or valid and used by this thread alone, the event null or complete (# Safety).
    unsafe {
        run(d, |d| match event(e) {
            Some(event) => d.writer.event(&Event::new(event.bytes(), cpuid, flags)?),
            None => Err(Error::Invalid("scap_dump: the event is null, or its lengths do not fit together".into())),
        })
    }
}

/// Returns the text of the last error; the buffer lives as long as the capture.
///
/// # Safety
/// `handle` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_getlasterr(handle: *mut scap_dumper_t) -> *const c_char {
    // SAFETY: null or a valid capture that this thread alone uses (# Safety).
    match unsafe { handle.as_ref() } {
        Some(d) => d.error.as_ptr(),
        None => c"null scap dumper".as_ptr(),
    }
}
