//! The engine that reads capture files, behind its C vtable.

use super::{Handle, Opener};
use crate::platform::state::scap_platform;
use crate::types::engine::{scap, scap_engine_handle, scap_savefile_vtable, scap_vtable};
use crate::types::scap_const::*;
use crate::types::scap_open::scap_open_args;
use capi_common::bytes;
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{Engine, Status};
use scap_sys::{Error, NoSink, Result, SystemSink};
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

/// The parameters of a capture file.
#[repr(C)]
pub struct scap_savefile_engine_params {
    /// If not 0, the file is read from this descriptor, which the engine then owns and closes, and `fname` is ignored.
    pub fd: c_int,
    /// The file's name.
    pub fname: *const c_char,
    /// Where in the file the capture starts, in uncompressed bytes.
    pub start_offset: u64,
    /// Ignored: the engine chooses the size of its read buffer.
    pub fbuffer_size: u32,
    /// Takes the threads, fds, users and interfaces of the capture; may be null, else it outlives the capture.
    pub platform: *mut scap_platform,
}

pub(crate) struct Savefile;

pub(crate) const VTABLE: scap_vtable = super::vtable::<Savefile>(&raw const FILE);

static FILE: scap_savefile_vtable = scap_savefile_vtable {
    ftell_capture: Some(ftell),
    fseek_capture: Some(fseek),
    restart_capture: Some(restart),
    get_readfile_offset: Some(file_offset),
};

impl Opener for Savefile {
    type Engine = File;
    const NAME: &'static CStr = c"savefile";

    unsafe fn open(args: &scap_open_args) -> Result<File> {
        // SAFETY: the parameters are null or those of this engine (# Safety of `Opener::open`).
        let Some(params) = (unsafe { args.engine_params.cast::<scap_savefile_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening the engine savefile: engine_params is null".into()));
        };
        let start = params.start_offset;
        if params.fd < 0 {
            return Err(Error::Invalid(format!("opening the engine savefile: {} is no file descriptor", params.fd)));
        }
        // SAFETY: `scap_savefile_engine_params` makes the engine own the descriptor, also if opening fails; 0 stands for the name.
        let fd = (params.fd != 0).then(|| unsafe { OwnedFd::from_raw_fd(params.fd) });
        // SAFETY: the name is null or a string, and the platform is null or outlives the capture (`scap_savefile_engine_params`).
        let engine = unsafe {
            with_sink(params.platform, |sink| match (fd, bytes(params.fname)) {
                (Some(fd), _) => SavefileEngine::from_fd(fd, start, sink),
                (None, Some(name)) => SavefileEngine::open_at(OsStr::from_bytes(name), start, sink),
                (None, None) => Err(Error::Invalid("opening the engine savefile: fname is null".into())),
            })
        };
        Ok(File { engine: engine?, platform: params.platform })
    }
}

/// A capture file, and the platform that takes its system.
pub(crate) struct File {
    engine: SavefileEngine,
    /// Null or a platform of the program's, which outlives the capture (`scap_savefile_engine_params`).
    platform: *mut scap_platform,
}

impl Engine for File {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    #[inline]
    fn next(&mut self) -> Result<Status> {
        self.engine.next()
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        self.engine.bytes()
    }

    #[inline]
    fn origin(&self) -> (u16, u32) {
        self.engine.origin()
    }
}

/// Runs `body` with the platform as its sink, or without a sink if it is null.
///
/// # Safety
/// `platform` is null or a valid platform.
unsafe fn with_sink<T>(platform: *mut scap_platform, body: impl FnOnce(&mut dyn SystemSink) -> Result<T>) -> Result<T> {
    // SAFETY: null or valid (# Safety).
    match unsafe { platform.as_ref() } {
        Some(platform) => {
            let mut answer = None;
            platform.platform()?.refresh_with(|sink| body(sink).map(|value| answer = Some(value)))?;
            answer.ok_or_else(|| Error::Invalid("opening the engine savefile: its platform did not let it".into()))
        }
        None => body(&mut NoSink),
    }
}

type H = Handle<File>;

unsafe extern "C" fn ftell(engine: scap_engine_handle) -> u64 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let handle = unsafe { H::of(engine) };
    handle.map_or(0, |h| h.read(0, |e| e.engine.offset()))
}

unsafe extern "C" fn fseek(engine: scap_engine_handle, offset: u64) {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    if let Some(handle) = unsafe { H::of(engine) } {
        handle.run(|e| e.engine.seek(offset).map(|()| SCAP_SUCCESS));
    }
}

unsafe extern "C" fn restart(handle: *mut scap) -> i32 {
    // SAFETY: `scap_restart_capture` passes the valid capture that this engine was opened in.
    let handle = unsafe { handle.as_ref().and_then(|h| H::of(h.m_engine.get())) };
    handle.map_or(SCAP_FAILURE, |h| h.run(|e| restart_file(e).map(|()| SCAP_SUCCESS)))
}

/// A new section describes another system, so the platform is cleared first.
fn restart_file(file: &mut File) -> Result<()> {
    let File { engine, platform } = file;
    // SAFETY: null or a platform that outlives the capture (`File::platform`).
    unsafe {
        if let Some(platform) = platform.as_ref() {
            platform.platform()?.close();
        }
        with_sink(*platform, |sink| engine.restart(sink))
    }
}

unsafe extern "C" fn file_offset(engine: scap_engine_handle) -> i64 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let handle = unsafe { H::of(engine) };
    handle.map_or(-1, |h| h.read(-1, |e| e.engine.file_offset() as i64))
}
