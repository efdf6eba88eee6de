//! Writing capture files.

use crate::capture::event::event;
use crate::platform::state::scap_platform;
use crate::savefile::dumper::{Target, scap_dumper};
use crate::types::ints::compression_mode;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_savefile_types::compression_mode as Mode;
use crate::types::scap_vtable::scap_evt;
use capi_common::{bytes, free, guard, write_error};
use scap_sys::capture::{Compression, Snapshot};
use scap_sys::{Error, Event, Result};
use std::ffi::{OsStr, c_char, c_int};
use std::fs::File;
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::ptr::null_mut;

/// A capture that is being written. Made by one of the `open` functions, owned by the caller, ended by `scap_dump_close`.
pub type scap_dumper_t = scap_dumper;

fn compression(mode: compression_mode) -> Result<Compression> {
    const NONE: u32 = Mode::SCAP_COMPRESSION_NONE as u32;
    const GZIP: u32 = Mode::SCAP_COMPRESSION_GZIP as u32;
    match mode {
        NONE => Ok(Compression::None),
        GZIP => Ok(Compression::Gzip),
        other => Err(Error::Invalid(format!("writing a capture: there is no compression {other}"))),
    }
}

/// Opens a capture on what `target` makes, and writes what the platform knows.
///
/// # Safety
/// `platform` is null or a platform; `lasterr` is null or has `SCAP_LASTERR_SIZE` bytes.
unsafe fn open(
    platform: *mut scap_platform,
    compress: Result<Compression>,
    with_processes: bool,
    lasterr: *mut c_char,
    target: impl FnOnce() -> Result<Target>,
) -> *mut scap_dumper_t {
    let fail = |text: &str| {
        // SAFETY: the caller's buffer, if any.
        unsafe { write_error(lasterr, text) };
        null_mut()
    };
    guard(fail, || {
        // SAFETY: as the caller promises.
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

/// Runs `body` on a capture that is being written, and answers its code; what went wrong is `scap_dump_getlasterr`.
///
/// # Safety
/// `d` is null or a capture that is being written, which nobody else uses during the call.
pub(crate) unsafe fn run(d: *mut scap_dumper_t, body: impl FnOnce(&mut scap_dumper) -> Result<()>) -> i32 {
    // SAFETY: as the caller promises.
    let Some(dumper) = (unsafe { d.as_mut() }) else { return SCAP_FAILURE };
    match guard(|message| Err(Error::Invalid(message.to_string())), || body(&mut *dumper)) {
        Ok(()) => SCAP_SUCCESS,
        Err(e) => {
            dumper.error.set(e);
            SCAP_FAILURE
        }
    }
}

/// Starts a capture in the file `fname` (`-`: the standard output), with what the platform knows of the system: the machine, its interfaces and users, and
/// the processes, if the platform keeps them. Null on an error, whose text goes to `lasterr` (`SCAP_LASTERR_SIZE` bytes, or
/// null).
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
    // SAFETY: as the caller promises.
    unsafe {
        open(platform, compression(compress), true, lasterr, || {
            let name = bytes(fname).ok_or_else(|| Error::Invalid("writing a capture: null file name".into()))?;
            if name == b"-" {
                let output = std::io::stdout().as_fd().try_clone_to_owned();
                return Ok(Target::File(File::from(output.map_err(|e| Error::io("writing to the output", e))?)));
            }
            let path = std::path::Path::new(OsStr::from_bytes(name));
            let cannot = |e| Error::io(format_args!("cannot create {}", path.display()), e);
            Ok(Target::File(File::create(path).map_err(cannot)?))
        })
    }
}

/// The same on a file descriptor, which is the library's to close from then on, also on an error; without the processes if `skip_proc_scan`.
///
/// # Safety
/// The pointers are null or valid; `fd` is open, and nobody else closes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_open_fd(
    platform: *mut scap_platform,
    fd: c_int,
    compress: compression_mode,
    skip_proc_scan: bool,
    lasterr: *mut c_char,
) -> *mut scap_dumper_t {
    // SAFETY: as the caller promises.
    unsafe {
        let file = (fd >= 0).then(|| File::from(OwnedFd::from_raw_fd(fd)));
        open(platform, compression(compress), !skip_proc_scan, lasterr, || {
            let none = || Error::Invalid(format!("writing a capture: {fd} is no file descriptor"));
            Ok(Target::File(file.ok_or_else(none)?))
        })
    }
}

/// The same in `targetbufsize` bytes of memory at `targetbuf`. A capture that does not fit is an error.
///
/// # Safety
/// The pointers are null or valid; the memory is not used by others before `scap_dump_close`, but for what lies before
/// `scap_get_memorydumper_curpos`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_memory_dump_open(
    platform: *mut scap_platform,
    targetbuf: *mut u8,
    targetbufsize: u64,
    lasterr: *mut c_char,
) -> *mut scap_dumper_t {
    // SAFETY: as the caller promises.
    unsafe {
        open(platform, Ok(Compression::None), true, lasterr, || {
            let size = usize::try_from(targetbufsize).ok().filter(|_| !targetbuf.is_null());
            let size = size.ok_or_else(|| Error::Invalid("writing a capture: null memory".into()))?;
            Ok(Target::Memory { at: targetbuf, left: size })
        })
    }
}

/// Where the next byte goes in memory, after everything was written there; null for a file, and on an error.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_get_memorydumper_curpos(d: *mut scap_dumper_t) -> *mut u8 {
    let mut at = null_mut();
    // SAFETY: as the caller promises.
    unsafe {
        run(d, |d| {
            d.writer.flush()?;
            at = d.position();
            Ok(())
        })
    };
    at
}

/// Ends a capture: what is left to be written is written.
///
/// # Safety
/// `d` is null or a capture that is being written, and is not used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_close(d: *mut scap_dumper_t) {
    // SAFETY: as the caller promises.
    unsafe { free(d) }
}

/// How large the file is so far, in bytes as they lie on the disk; -1 on an error.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_get_offset(d: *mut scap_dumper_t) -> i64 {
    // SAFETY: as the caller promises.
    unsafe { d.as_ref() }.map_or(-1, |d| d.writer.file_offset() as i64)
}

/// How much was written, in uncompressed bytes; -1 on an error.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_ftell(d: *mut scap_dumper_t) -> i64 {
    // SAFETY: as the caller promises.
    unsafe { d.as_ref() }.map_or(-1, |d| d.writer.offset() as i64)
}

/// Has everything reach the file, so that a reader finds it there.
///
/// # Safety
/// `d` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_flush(d: *mut scap_dumper_t) {
    // SAFETY: as the caller promises.
    unsafe { run(d, |d| d.writer.flush()) };
}

/// Writes an event with the device that it came from and its `scap_dump_flags`.
///
/// # Safety
/// `d` is null or a capture that is being written; `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump(d: *mut scap_dumper_t, e: *mut scap_evt, cpuid: u16, flags: u32) -> i32 {
    // SAFETY: as the caller promises.
    unsafe {
        run(d, |d| match event(e) {
            Some(event) => d.writer.event(&Event::new(event.bytes(), cpuid, flags)?),
            None => Err(Error::Invalid("scap_dump: no event, or one that does not hold together".into())),
        })
    }
}

/// The text of the last error; lives as long as the capture.
///
/// # Safety
/// `handle` is null or a capture that is being written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_dump_getlasterr(handle: *mut scap_dumper_t) -> *const c_char {
    // SAFETY: as the caller promises.
    match unsafe { handle.as_ref() } {
        Some(d) => d.error.as_ptr(),
        None => c"null scap dumper".as_ptr(),
    }
}
