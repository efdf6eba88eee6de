//! The engines of this library behind the functions of a C vtable.
//!
//! An [`Opener`] says how one engine is opened; everything else is the same for all and is written once, here.

pub(crate) mod fetch;
pub(crate) mod kmod;
pub mod kmod_public;
pub(crate) mod metrics;
pub(crate) mod modern_bpf;
pub mod modern_bpf_public;
pub(crate) mod nodriver;
pub mod noop;
pub(crate) mod savefile;
pub mod savefile_public;
pub mod scap_engine_util;
pub mod scap_engines;
pub(crate) mod source_plugin;
pub mod source_plugin_public;
pub(crate) mod test_input;
pub mod test_input_public;

use crate::types::engine_handle::scap_engine_handle;
use crate::types::metrics_v2::metrics_v2;
use crate::types::scap::scap_stats;
use crate::types::scap_const::*;
use crate::types::scap_int::scap;
use crate::types::scap_open::scap_open_args;
use crate::types::scap_settings::{scap_ppm_sc_mask_op, scap_setting};
use crate::types::scap_vtable::{scap_evt, scap_savefile_vtable, scap_t, scap_vtable};
use capi_common::{free, guard, write_error};
use driver::Sc;
use scap_sys::engine::{Engine, Setting, Status};
use scap_sys::{Error, Result};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_ulong, c_void};
use std::ptr::null;

/// One engine: its name, its type, and how it is opened.
pub(crate) trait Opener {
    /// The engine proper.
    type Engine: Engine;
    /// Its name in C.
    const NAME: &'static CStr;

    /// Opens the engine.
    ///
    /// # Safety
    /// `args` is what C gave to `scap_open` for this engine.
    unsafe fn open(args: &scap_open_args) -> Result<Self::Engine>;

    /// Adds the engine's metrics of the `METRICS_V2_*` kinds in `flags`.
    fn metrics(engine: &mut Self::Engine, flags: u32, metrics: &mut Vec<metrics_v2>) -> Result<()> {
        let _ = (engine, flags, metrics);
        Ok(())
    }
}

/// What `alloc_handle` gives to C.
pub(crate) struct Handle<E> {
    /// Where error texts go: the buffer of the capture.
    error: *mut c_char,
    /// `None` before the engine is opened and after it is closed. In use while the engine works, which a callback of the program
    /// may find it doing.
    engine: RefCell<Option<E>>,
    /// What `get_stats_v2` answered last.
    metrics: RefCell<Vec<metrics_v2>>,
}

impl<E: Engine> Handle<E> {
    /// The handle behind what C hands in.
    ///
    /// # Safety
    /// `engine` holds what `alloc_handle` of the same vtable gave, and no other thread of the program uses it during the call.
    pub unsafe fn of<'a>(engine: scap_engine_handle) -> Option<&'a Handle<E>> {
        // SAFETY: as the caller promises.
        unsafe { engine.m_handle.cast::<Handle<E>>().as_ref() }
    }

    /// Leaves an error's text with the capture, and answers its code.
    #[cold]
    #[inline(never)]
    pub fn fail(&self, error: Error) -> i32 {
        // SAFETY: the capture outlives its engine's handle.
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

    /// What `body` finds out about the engine; `otherwise` if it is not open, or in use.
    pub fn ask<T>(&self, otherwise: T, body: impl FnOnce(&E) -> T) -> T {
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
    // SAFETY: it came from alloc_handle of the same vtable, and is not used again.
    unsafe { free(engine.m_handle.cast::<Handle<O::Engine>>()) }
}

unsafe extern "C" fn init<O: Opener>(main: *mut scap, args: *mut scap_open_args) -> i32 {
    // SAFETY: scap_init hands in the capture that the handle was made for, and the caller's arguments.
    let (handle, args) = unsafe {
        let Some(handle) = main.as_ref().and_then(|m| Handle::<O::Engine>::of(m.m_engine.get())) else {
            return SCAP_FAILURE;
        };
        (handle, args.as_ref())
    };
    guard(
        |message| handle.refuse(message),
        || {
            let Some(args) = args else { return handle.refuse("null open arguments") };
            // SAFETY: the arguments are for this engine.
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
    // SAFETY: the vtable's own handle.
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
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        Ok(match engine.next()? {
            Status::Event => {
                let (cpu, flags) = engine.origin();
                // SAFETY: scap_next has checked that the outputs are there.
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
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| engine.start().map(|()| SCAP_SUCCESS))
}

unsafe extern "C" fn stop_capture<O: Opener>(engine: scap_engine_handle) -> i32 {
    // SAFETY: the vtable's own handle.
    match unsafe { Handle::<O::Engine>::of(engine) } {
        // Closing a capture stops it first, whether or not it was ever open; that must not cover the error of the opening.
        Some(handle) if handle.ask(false, |_| true) => handle.run(|engine| engine.stop().map(|()| SCAP_SUCCESS)),
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
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        // 16-bit ports and 32-bit lengths come as longs; what does not fit is no port and no length.
        let port = |arg: c_ulong| u16::try_from(arg).map_err(|_| Error::Invalid(format!("there is no port {arg}")));
        let small = |arg: c_ulong| u32::try_from(arg).map_err(|_| Error::Invalid(format!("{arg} is too large")));
        let known =
            scap_setting::of(setting).ok_or_else(|| Error::Invalid(format!("there is no setting {setting}")))?;
        let setting = match known {
            // Outside the dropping mode every engine is already, also those that do not have it.
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
                        other => return Err(Error::Invalid(format!("there is no operation {other} on system calls"))),
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
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return null() };
    let mut metrics = handle.metrics.take();
    metrics.clear();
    let code = handle.run(|engine| {
        O::metrics(engine, flags, &mut metrics)?;
        Ok(SCAP_SUCCESS)
    });
    // SAFETY: scap_get_stats_v2 has checked that the outputs are there.
    unsafe {
        *nstats = metrics.len() as u32;
        *rc = code;
    }
    // No metrics are an answer, too: only a failure is null.
    let first = if code == SCAP_SUCCESS { metrics.as_ptr() } else { null() };
    handle.metrics.replace(metrics);
    first
}

unsafe extern "C" fn get_stats<O: Opener>(engine: scap_engine_handle, stats: *mut scap_stats) -> i32 {
    // SAFETY: the vtable's own handle.
    let Some(handle) = (unsafe { Handle::<O::Engine>::of(engine) }) else { return SCAP_FAILURE };
    handle.run(|engine| {
        let counted = engine.stats()?;
        // SAFETY: scap_get_stats has checked that the output is there.
        unsafe { *stats = counted };
        Ok(SCAP_SUCCESS)
    })
}

/// No functions of a file.
pub(crate) const NO_FILE: *const scap_savefile_vtable = null();
