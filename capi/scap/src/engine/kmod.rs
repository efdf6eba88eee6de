//! The engine that captures the running kernel by the kernel module, behind its C vtable.

use super::{Handle, NO_FILE, Opener};
use crate::types::engine::{scap_engine_handle, scap_vtable};
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap_const::{SCAP_FAILURE, SCAP_SUCCESS};
use crate::types::scap_linux_platform::scap_linux_vtable;
use crate::types::scap_open::scap_open_args;
use scap_sys::engine::kmod::{KmodEngine, KmodOptions};
use scap_sys::linux::Names;
use scap_sys::{Error, Result};
use std::ffi::{CStr, c_long, c_ulong};

/// The parameters of the engine.
#[repr(C)]
pub struct scap_kmod_engine_params {
    /// The size of each CPU's ring, in bytes: a power of 2, more than two pages.
    pub buffer_bytes_dim: c_ulong,
}

/// Its functions for threads and files that exist already: none. A Linux platform that is opened with this engine reads /proc.
#[unsafe(no_mangle)]
pub static scap_kmod_linux_vtable: scap_linux_vtable = scap_linux_vtable::NONE;

pub(crate) struct Kmod;

pub(crate) const VTABLE: scap_vtable = scap_vtable {
    get_n_devs: Some(devices),
    get_n_tracepoint_hit: Some(tracepoint_hits),
    get_api_version: Some(api_version),
    get_schema_version: Some(schema_version),
    ..super::vtable::<Kmod>(NO_FILE)
};

impl Opener for Kmod {
    type Engine = KmodEngine;
    const NAME: &'static CStr = c"kmod";

    unsafe fn open(args: &scap_open_args) -> Result<KmodEngine> {
        // SAFETY: the parameters are null or those of this engine (# Safety of `Opener::open`).
        let Some(params) = (unsafe { args.engine_params.cast::<scap_kmod_engine_params>().as_ref() }) else {
            return Err(Error::Invalid("opening the engine kmod: engine_params is null".into()));
        };
        let selected = driver::SCS.iter().zip(&args.ppm_sc_of_interest.ppm_sc).filter(|(_, set)| **set);
        let options = KmodOptions {
            buffer_bytes: usize::try_from(params.buffer_bytes_dim).unwrap_or(usize::MAX),
            interesting: Some(selected.map(|(sc, _)| sc.sc).collect()),
        };
        KmodEngine::open(&options, &Names::default())
    }

    fn metrics(engine: &mut KmodEngine, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        super::metrics::of_driver(engine.counts(), flags, metrics)
    }
}

/// What `body` reads from the engine behind a handle; 0 if it is not open.
///
/// # Safety
/// `engine` has what `alloc_handle` of this vtable returned, and no other thread uses it (scap.h).
unsafe fn read(engine: scap_engine_handle, body: impl FnOnce(&KmodEngine) -> u64) -> u64 {
    // SAFETY: this `# Safety` is that of `Handle::of`.
    unsafe { Handle::<KmodEngine>::of(engine) }.map_or(0, |handle| handle.read(0, body))
}

unsafe extern "C" fn devices(engine: scap_engine_handle) -> u32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    unsafe { read(engine, |engine| engine.rings() as u64) as u32 }
}

unsafe extern "C" fn api_version(engine: scap_engine_handle) -> u64 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    unsafe { read(engine, KmodEngine::api_version) }
}

unsafe extern "C" fn schema_version(engine: scap_engine_handle) -> u64 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    unsafe { read(engine, KmodEngine::schema_version) }
}

unsafe extern "C" fn tracepoint_hits(engine: scap_engine_handle, ret: *mut c_long) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<KmodEngine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        for (cpu, hits) in engine.tracepoint_hits()?.into_iter().enumerate() {
            // SAFETY: `ret` has an entry for each possible CPU (`scap_get_n_tracepoint_hit`), as many as there are hits.
            unsafe { ret.add(cpu).write(hits as c_long) };
        }
        Ok(SCAP_SUCCESS)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::open::{scap_close, scap_open};
    use crate::engine::scap_engines::scap_kmod_engine;
    use capi_common::ErrorText;

    #[test]
    fn without_the_module_the_error_says_so() {
        let mut params = scap_kmod_engine_params { buffer_bytes_dim: 1 << 20 };
        let mut error = ErrorText::new();
        let (out, mut rc) = (error.0.as_mut_ptr(), SCAP_SUCCESS);
        // SAFETY: open arguments may be zeros; everything lives to the end of the test.
        unsafe {
            let mut args = std::mem::MaybeUninit::<scap_open_args>::zeroed().assume_init();
            let capture = scap_open(&mut args, &scap_kmod_engine, out, &mut rc);
            assert!(capture.is_null() && rc == SCAP_FAILURE);
            let why = String::from_utf8_lossy(capi_common::bytes(out).unwrap()).into_owned();
            assert_eq!(why, "opening the engine kmod: engine_params is null");
            args.engine_params = (&raw mut params).cast();
            let capture = scap_open(&mut args, &scap_kmod_engine, out, &mut rc);
            if !capture.is_null() {
                return scap_close(capture);
            }
            let why = String::from_utf8_lossy(capi_common::bytes(out).unwrap()).into_owned();
            assert_eq!(rc, SCAP_FAILURE);
            assert!(why.starts_with("opening the device /"), "{why}");
        }
    }
}
