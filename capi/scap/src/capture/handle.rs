//! The handle of a capture: its error text, and the calls of its engine's functions.
//!
//! The functions call the engine through its vtable, which may be a program's own.

use crate::types::engine::{scap, scap_engine_handle, scap_savefile_vtable, scap_t, scap_vtable};
use crate::types::enums::scap_setting;
use crate::types::scap_const::*;
use capi_common::{bytes, copy_error};
use std::ffi::c_ulong;
use std::fmt::Display;

impl scap {
    /// Keeps an error's text and returns its code.
    #[cold]
    #[inline(never)]
    pub(super) fn fail(&self, code: i32, text: impl Display) -> i32 {
        let mut lasterr = [0; SCAP_LASTERR_SIZE];
        copy_error(&mut lasterr, text);
        self.m_lasterr.set(lasterr);
        code
    }

    /// The engine's vtable; `None` if no engine is open.
    pub(super) fn vtable(&self) -> Option<&'static scap_vtable> {
        // SAFETY: `scap_init` requires a vtable that lives as long as the capture.
        unsafe { self.m_vtable.get().as_ref() }
    }

    pub(super) fn name(&self) -> String {
        // SAFETY: the name is null or a string that lives as long as the vtable (`scap_init`).
        let name = self.vtable().and_then(|v| unsafe { bytes(v.name) });
        String::from_utf8_lossy(name.unwrap_or(b"without a name")).into_owned()
    }

    #[cold]
    pub(super) fn not_supported(&self, what: &str) -> i32 {
        let text = match self.vtable() {
            Some(_) => format!("{what} is not supported by the engine {}", self.name()),
            None => format!("{what}: the capture is not open"),
        };
        self.fail(SCAP_NOT_SUPPORTED, text)
    }

    /// Calls a function of the engine that takes the engine alone.
    pub(super) fn call(
        &self,
        what: &str,
        function: impl Fn(&scap_vtable) -> Option<unsafe extern "C" fn(scap_engine_handle) -> i32>,
    ) -> i32 {
        match self.vtable().and_then(function) {
            // SAFETY: the object came from `alloc_handle` of this vtable.
            Some(f) => unsafe { f(self.m_engine.get()) },
            None => self.not_supported(what),
        }
    }

    pub(super) fn configure(&self, what: &str, setting: scap_setting, arg1: c_ulong, arg2: c_ulong) -> i32 {
        match self.vtable().and_then(|v| v.configure) {
            // SAFETY: the object came from `alloc_handle` of this vtable.
            Some(f) => unsafe { f(self.m_engine.get(), setting as u32, arg1, arg2) },
            None => self.not_supported(what),
        }
    }

    pub(super) fn savefile(&self) -> Option<&'static scap_savefile_vtable> {
        // SAFETY: null or as long-lived as the vtable (`scap_init`).
        self.vtable().and_then(|v| unsafe { v.savefile_ops.as_ref() })
    }
}

/// The capture behind a handle from C.
///
/// # Safety
/// `handle` is null or a valid capture of `scap_alloc` or `scap_open`, and no other thread uses it during the call.
pub(super) unsafe fn capture<'a>(handle: *mut scap_t) -> Option<&'a scap> {
    // SAFETY: null or valid (# Safety), and all members are cells, so that engines may write to them meanwhile.
    unsafe { handle.as_ref() }
}
