//! Capture files behind the C vtable.

use super::{Handle, Opener};
use crate::engine_handle::scap_engine_handle;
use crate::savefile_public::scap_savefile_engine_params;
use crate::scap_const::*;
use crate::scap_int::scap;
use crate::scap_open::scap_open_args;
use crate::scap_vtable::{scap_savefile_vtable, scap_vtable};
use capi_common::{bytes, guard};
use scap_sys::engine::{Engine, savefile::SavefileEngine};
use scap_sys::{Error, NoSink, Result};
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
    type Engine = SavefileEngine;
    const NAME: &'static CStr = c"savefile";

    unsafe fn open(args: &scap_open_args) -> Result<SavefileEngine> {
        // SAFETY: the parameters are those of this engine, or null.
        let Some(params) = (unsafe { args.engine_params.cast::<scap_savefile_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening a capture: null engine parameters".into()));
        };
        if params.fd != 0 {
            // SAFETY: the engine is given the descriptor.
            let fd = unsafe { OwnedFd::from_raw_fd(params.fd) };
            return SavefileEngine::from_fd(fd, params.start_offset, &mut NoSink);
        }
        // SAFETY: null or a string.
        match unsafe { bytes(params.fname) } {
            Some(name) => SavefileEngine::open_at(OsStr::from_bytes(name), params.start_offset, &mut NoSink),
            None => Err(Error::Invalid("opening a capture: null file name".into())),
        }
    }
}

type H = Handle<SavefileEngine>;

unsafe extern "C" fn ftell(engine: scap_engine_handle) -> u64 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { H::of(engine) };
    handle.and_then(|h| h.engine.as_ref()).map_or(0, |e| guard(|_| 0, || e.offset()))
}

unsafe extern "C" fn fseek(engine: scap_engine_handle, offset: u64) {
    // SAFETY: the vtable's own handle.
    if let Some(handle) = unsafe { H::of(engine) } {
        handle.run(|e| e.seek(offset).map(|()| SCAP_SUCCESS));
    }
}

unsafe extern "C" fn restart(handle: *mut scap) -> i32 {
    // SAFETY: scap_restart_capture hands in the capture that the engine was opened in.
    let handle = unsafe { handle.as_ref().and_then(|h| H::of(h.m_engine)) };
    handle.map_or(SCAP_FAILURE, |h| h.run(|e| e.restart(&mut NoSink).map(|()| SCAP_SUCCESS)))
}

unsafe extern "C" fn file_offset(engine: scap_engine_handle) -> i64 {
    // SAFETY: the vtable's own handle.
    let handle = unsafe { H::of(engine) };
    handle.and_then(|h| h.engine.as_ref()).map_or(-1, |e| guard(|_| -1, || e.file_offset() as i64))
}
