//! The engines of this library behind the functions of a C vtable.
//!
//! An `Opener` says how one engine is opened; everything else is the same for all and is written once, here.

pub(crate) mod fetch;
pub mod kmod;
pub mod metrics;
pub mod modern_bpf;
pub(crate) mod nodriver;
pub mod noop;
pub mod plugin_events;
pub mod savefile;
pub mod scap_engine_util;
pub mod scap_engines;
pub mod source_plugin;
pub mod test_events;
pub mod test_input;

use crate::types::engine::{scap, scap_engine_handle, scap_evt, scap_savefile_vtable, scap_t, scap_vtable};
use crate::types::enums::{scap_ppm_sc_mask_op, scap_setting};
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_stats;
use crate::types::scap_const::*;
use crate::types::scap_open::scap_open_args;
use capi_common::{free, guard, write_error};
use driver::Sc;
use scap_sys::engine::{Engine, Setting, Status};
use scap_sys::{Error, Result};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_ulong, c_void};
use std::ptr::null;

/// An engine: its name, its type, and how it is opened.
pub(crate) trait Opener {
    /// The type of the engine.
    type Engine: Engine;
    /// Its name in C.
    const NAME: &'static CStr;

    /// Opens the engine.
    ///
    /// # Safety
    /// `args` is what C passed to `scap_open` for this engine: its `engine_params` are null or those of this engine.
    unsafe fn open(args: &scap_open_args) -> Result<Self::Engine>;

    /// Adds the engine's metrics of the `METRICS_V2_*` kinds in `flags`.
    fn metrics(engine: &mut Self::Engine, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        let _ = (engine, flags, metrics);
        Ok(())
    }
}

/// What `alloc_handle` returns to C.
pub(crate) struct Handle<E> {
    /// The error buffer of the capture.
    error: *mut c_char,
    /// `None` before the engine is opened and after it is closed. Borrowed while the engine works; a callback of the program that
    /// then uses the engine gets an error.
    engine: RefCell<Option<E>>,
    /// What `get_stats_v2` returned last.
    metrics: RefCell<Vec<metrics_v2>>,
}

impl<E: Engine> Handle<E> {
    /// The handle behind a pointer from C; `None` for null.
    ///
    /// # Safety
    /// `engine` has null or a handle of the same vtable's `alloc_handle`, not yet freed, that no other thread uses during the call.
    pub unsafe fn of<'a>(engine: scap_engine_handle) -> Option<&'a Handle<E>> {
        // SAFETY: null or a valid handle of this type (# Safety).
        unsafe { engine.m_handle.cast::<Handle<E>>().as_ref() }
    }

    /// Writes an error's text to the buffer of the capture and returns its code.
    #[cold]
    #[inline(never)]
    pub fn fail(&self, error: Error) -> i32 {
        // SAFETY: the buffer is in the capture, and `scap_deinit` frees this handle before the capture is freed.
        unsafe { write_error(self.error, &error) };
        code(&error)
    }

    #[cold]
    fn refuse(&self, why: &str) -> i32 {
        self.fail(Error::Invalid(why.into()))
    }

    /// Runs `body` on the open engine.
    pub fn run(&self, body: impl FnOnce(&mut E) -> Result<i32>) -> i32 {
        guard(
            |message| self.refuse(message),
            || match self.engine.try_borrow_mut().as_deref_mut() {
                Ok(Some(engine)) => body(engine).unwrap_or_else(|e| self.fail(e)),
                Ok(None) => self.refuse("the engine is not open"),
                Err(_) => self.refuse("the engine is in use: it called the function that calls it"),
            },
        )
    }

    /// What `body` reads from the engine; `otherwise` if it is not open or in use.
    pub fn read<T>(&self, otherwise: T, body: impl FnOnce(&E) -> T) -> T {
        match self.engine.try_borrow().as_deref() {
            Ok(Some(engine)) => guard(|_| otherwise, || body(engine)),
            _ => otherwise,
        }
    }
}

/// The `SCAP_*` code of an error.
pub(crate) fn code(error: &Error) -> i32 {
    match error {
        Error::NotSupported(_) => SCAP_NOT_SUPPORTED,
        _ => SCAP_FAILURE,
    }
}

/// The vtable of an engine.
pub(crate) const fn vtable<O: Opener>(savefile_ops: *const scap_savefile_vtable) -> scap_vtable {
    scap_vtable {
        name: O::NAME.as_ptr(),
        savefile_ops,
        alloc_handle: Some(alloc_handle::<O>),
        init: Some(init::<O>),
        get_flags: None,
        free_handle: Some(free_handle::<O>),
        close: Some(close::<O>),
        next: Some(next::<O>),
        start_capture: Some(start_capture::<O>),
        stop_capture: Some(stop_capture::<O>),
        configure: Some(configure::<O>),
        get_stats: Some(get_stats::<O>),
        get_stats_v2: Some(get_stats_v2::<O>),
        get_n_tracepoint_hit: None,
        get_n_devs: None,
        get_max_buf_used: None,
        get_api_version: None,
        get_schema_version: None,
    }
}

unsafe extern "C" fn alloc_handle<O: Opener>(_main: *mut scap_t, error: *mut c_char) -> *mut c_void {
    Box::into_raw(Box::new(Handle::<O::Engine> { error, engine: RefCell::default(), metrics: RefCell::default() }))
        .cast()
}

unsafe extern "C" fn free_handle<O: Opener>(engine: scap_engine_handle) {
    // SAFETY: `scap_deinit` passes what `alloc_handle` of this vtable returned, and forgets it.
    unsafe { free(engine.m_handle.cast::<Handle<O::Engine>>()) }
}

unsafe extern "C" fn init<O: Opener>(main: *mut scap, args: *mut scap_open_args) -> i32 {
    // SAFETY: `scap_init` passes the capture whose object this vtable made, and arguments that are null or valid.
    let (handle, args) = unsafe {
        let Some(handle) = main.as_ref().and_then(|m| Handle::<O::Engine>::of(m.m_engine.get())) else {
            return SCAP_FAILURE;
        };
        (handle, args.as_ref())
    };
    guard(
        |message| handle.refuse(message),
        || {
            let Some(args) = args else { return handle.refuse("scap_init: null open arguments") };
            // SAFETY: the caller of `scap_init` passes this vtable with the parameters of this engine.
            match unsafe { O::open(args) } {
                Ok(engine) => {
                    *handle.engine.borrow_mut() = Some(engine);
                    SCAP_SUCCESS
                }
                Err(e) => handle.fail(e),
            }
        },
    )
}

unsafe extern "C" fn close<O: Opener>(engine: scap_engine_handle) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    match unsafe { Handle::<O::Engine>::of(engine) } {
        Some(handle) => guard(
            |_| SCAP_FAILURE,
            || {
                *handle.engine.borrow_mut() = None;
                SCAP_SUCCESS
            },
        ),
        None => SCAP_SUCCESS,
    }
}

unsafe extern "C" fn next<O: Opener>(
    engine: scap_engine_handle,
    pevent: *mut *mut scap_evt,
    pdevid: *mut u16,
    pflags: *mut u32,
) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        Ok(match engine.next()? {
            Status::Event => {
                let (cpu, flags) = engine.origin();
                // SAFETY: `scap_next` has checked that the outputs are not null; they are valid for the call.
                unsafe {
                    *pevent = engine.bytes().as_ptr() as *mut scap_evt;
                    *pdevid = cpu;
                    *pflags = flags;
                }
                SCAP_SUCCESS
            }
            Status::Filtered => SCAP_FILTERED_EVENT,
            Status::Timeout => SCAP_TIMEOUT,
            Status::Eof => SCAP_EOF,
            Status::Restart => SCAP_UNEXPECTED_BLOCK,
        })
    })
}

unsafe extern "C" fn start_capture<O: Opener>(engine: scap_engine_handle) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| engine.start().map(|()| SCAP_SUCCESS))
}

unsafe extern "C" fn stop_capture<O: Opener>(engine: scap_engine_handle) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    match unsafe { Handle::<O::Engine>::of(engine) } {
        // Closing a capture stops it first, even if it was never open; the error of the opening must stay.
        Some(handle) if handle.read(false, |_| true) => handle.run(|engine| engine.stop().map(|()| SCAP_SUCCESS)),
        _ => SCAP_SUCCESS,
    }
}

unsafe extern "C" fn configure<O: Opener>(
    engine: scap_engine_handle,
    setting: u32,
    arg1: c_ulong,
    arg2: c_ulong,
) -> i32 {
    use scap_setting::*;
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        // 16-bit ports and 32-bit lengths come as longs; larger numbers are refused.
        let port = |arg: c_ulong| {
            u16::try_from(arg).map_err(|_| Error::Invalid(format!("scap_setting {setting}: there is no port {arg}")))
        };
        let small = |arg: c_ulong| {
            u32::try_from(arg).map_err(|_| Error::Invalid(format!("scap_setting {setting}: {arg} is too large")))
        };
        let known =
            scap_setting::of(setting).ok_or_else(|| Error::Invalid(format!("there is no scap_setting {setting}")))?;
        let setting = match known {
            // Turning the dropping mode off succeeds for engines without a dropping mode too.
            SCAP_SAMPLING_RATIO if arg2 == 0 => match engine.set(Setting::Dropping(None)) {
                Err(Error::NotSupported(_)) => return Ok(SCAP_SUCCESS),
                other => return other.map(|()| SCAP_SUCCESS),
            },
            SCAP_PPM_SC_MASK => {
                let sc = Sc(u16::try_from(arg2).unwrap_or(u16::MAX));
                const SET: c_ulong = scap_ppm_sc_mask_op::SCAP_PPM_SC_MASK_SET as c_ulong;
                const UNSET: c_ulong = scap_ppm_sc_mask_op::SCAP_PPM_SC_MASK_UNSET as c_ulong;
                engine.set_interesting(
                    sc,
                    match arg1 {
                        SET => true,
                        UNSET => false,
                        other => {
                            return Err(Error::Invalid(format!(
                                "SCAP_PPM_SC_MASK: there is no operation {other} on system calls"
                            )));
                        }
                    },
                )?;
                return Ok(SCAP_SUCCESS);
            }
            SCAP_SAMPLING_RATIO => Setting::Dropping(Some(small(arg1)?)),
            SCAP_SNAPLEN => Setting::Snaplen(small(arg1)?),
            SCAP_DYNAMIC_SNAPLEN => Setting::DynamicSnaplen(arg1 != 0),
            SCAP_FULLCAPTURE_PORT_RANGE => Setting::FullCapturePorts(port(arg1)?, port(arg2)?),
            SCAP_STATSD_PORT => Setting::StatsdPort(port(arg1)?),
            SCAP_DROP_FAILED => Setting::DropFailed(arg1 != 0),
        };
        engine.set(setting).map(|()| SCAP_SUCCESS)
    })
}

unsafe extern "C" fn get_stats_v2<O: Opener>(
    engine: scap_engine_handle,
    flags: u32,
    nstats: *mut u32,
    rc: *mut i32,
) -> *const metrics_v2 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return null() };
    let mut metrics = handle.metrics.take();
    metrics.clear();
    let code = handle.run(|engine| {
        O::metrics(engine, flags, &mut metrics)?;
        Ok(SCAP_SUCCESS)
    });
    // SAFETY: `scap_get_stats_v2` has checked that the outputs are not null; they are valid for the call.
    unsafe {
        *nstats = metrics.len() as u32;
        *rc = code;
    }
    // Only a failure returns null; no metrics are a success.
    let first = if code == SCAP_SUCCESS { metrics.as_ptr() } else { null() };
    handle.metrics.replace(metrics);
    first
}

unsafe extern "C" fn get_stats<O: Opener>(engine: scap_engine_handle, stats: *mut scap_stats) -> i32 {
    // SAFETY: `capture/` passes what `alloc_handle` of this vtable returned, on one thread at a time (scap.h).
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        let counted = engine.stats()?;
        // SAFETY: `scap_get_stats` has checked that the output is not null; it is valid for the call.
        unsafe { *stats = counted };
        Ok(SCAP_SUCCESS)
    })
}

/// The `savefile_ops` of engines that do not read files.
pub(crate) const NO_FILE: *const scap_savefile_vtable = null();
