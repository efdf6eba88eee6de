//! Capture files behind the C vtable.

use super::{Handle, Opener};
use crate::engine::savefile_public::scap_savefile_engine_params;
use crate::platform::state::scap_platform;
use crate::types::engine_handle::scap_engine_handle;
use crate::types::scap_const::*;
use crate::types::scap_int::scap;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_vtable::{scap_savefile_vtable, scap_vtable};
use capi_common::bytes;
use scap_sys::engine::{Engine, Status, savefile::SavefileEngine};
use scap_sys::{Error, NoSink, Result, SystemSink};
use std::ffi::{CStr, OsStr};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

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
        // SAFETY: the parameters are those of this engine, or null.
        let Some(params) = (unsafe { args.engine_params.cast::<scap_savefile_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening a capture: null engine parameters".into()));
        };
        let start = params.start_offset;
        if params.fd < 0 {
            return Err(Error::Invalid(format!("opening a capture: there is no file descriptor {}", params.fd)));
        }
        // SAFETY: the engine is given the descriptor, and has it whatever goes wrong; no descriptor is 0, which means the name.
        let fd = (params.fd != 0).then(|| unsafe { OwnedFd::from_raw_fd(params.fd) });
        // SAFETY: null or a string of the program's, and a platform that outlives the capture.
        let engine = unsafe {
            tell(params.platform, |sink| match (fd, bytes(params.fname)) {
                (Some(fd), _) => SavefileEngine::from_fd(fd, start, sink),
                (None, Some(name)) => SavefileEngine::open_at(OsStr::from_bytes(name), start, sink),
                (None, None) => Err(Error::Invalid("opening a capture: null file name".into())),
            })
        };
        Ok(File { engine: engine?, platform: params.platform })
    }
}

/// A capture file, and who is told of its system.
pub(crate) struct File {
    engine: SavefileEngine,
    /// Null or a platform of the program's, which outlives the capture.
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

/// Runs `body` with the platform as its sink, or with none.
///
/// # Safety
/// `platform` is null or a platform.
unsafe fn tell<T>(platform: *mut scap_platform, body: impl FnOnce(&mut dyn SystemSink) -> Result<T>) -> Result<T> {
    // SAFETY: as the caller promises.
    match unsafe { platform.as_ref() } {
        Some(platform) => {
            let mut answer = None;
            platform.platform()?.told(|sink| body(sink).map(|value| answer = Some(value)))?;
            answer.ok_or_else(|| Error::Invalid("the capture was not opened".into()))
        }
        None => body(&mut NoSink),
    }
}

type H = Handle<File>;

unsafe extern "C" fn ftell(engine: scap_engine_handle) -> u64 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { H::of(engine) };
    handle.map_or(0, |h| h.ask(0, |e| e.engine.offset()))
}

unsafe extern "C" fn fseek(engine: scap_engine_handle, offset: u64) {
    // SAFETY: the vtable's own handle.
    if let Some(handle) = unsafe { H::of(engine) } {
        handle.run(|e| e.engine.seek(offset).map(|()| SCAP_SUCCESS));
    }
}

unsafe extern "C" fn restart(handle: *mut scap) -> i32 {
    // SAFETY: scap_restart_capture hands in the capture that the engine was opened in.
    let handle = unsafe { handle.as_ref().and_then(|h| H::of(h.m_engine.get())) };
    handle.map_or(SCAP_FAILURE, |h| h.run(|e| restart_file(e).map(|()| SCAP_SUCCESS)))
}

/// A new section describes another system: the platform forgets the one before.
fn restart_file(file: &mut File) -> Result<()> {
    let File { engine, platform } = file;
    // SAFETY: null or a platform, which outlives the capture.
    unsafe {
        if let Some(platform) = platform.as_ref() {
            platform.platform()?.close();
        }
        tell(*platform, |sink| engine.restart(sink))
    }
}

unsafe extern "C" fn file_offset(engine: scap_engine_handle) -> i64 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { H::of(engine) };
    handle.map_or(-1, |h| h.ask(-1, |e| e.engine.file_offset() as i64))
}
