//! The functions of a program's own engine for a Linux platform.

use crate::engine::kmod::scap_kmod_linux_vtable;
use crate::engine::modern_bpf::scap_modern_bpf_linux_vtable;
use crate::types::engine::scap_engine_handle;
use crate::types::ppm::ppm_proclist_info;
use crate::types::scap_linux_platform::scap_linux_vtable;
use std::ptr::{null, null_mut};

/// The functions of an engine, and its object.
#[derive(Clone, Copy)]
pub(crate) struct Hooks {
    pub(super) engine: scap_engine_handle,
    pub(super) vtable: *const scap_linux_vtable,
}

impl Hooks {
    /// No functions.
    pub const NONE: Hooks = Hooks { engine: scap_engine_handle { m_handle: null_mut() }, vtable: null() };

    /// What a `scap_linux_platform` has. The functions of this library's engines count as none, because the platform reads the same
    /// data by itself.
    pub fn new(engine: scap_engine_handle, vtable: *const scap_linux_vtable) -> Hooks {
        let ours: [*const scap_linux_vtable; 2] = [&scap_modern_bpf_linux_vtable, &scap_kmod_linux_vtable];
        Hooks { engine, vtable: if ours.contains(&vtable) { null() } else { vtable } }
    }
}

/// The CPU times that an engine returned, in memory that the engine allocated.
pub(crate) struct ThreadList(pub(super) *mut ppm_proclist_info);

impl ThreadList {
    pub const NONE: ThreadList = ThreadList(null_mut());
}

impl Drop for ThreadList {
    fn drop(&mut self) {
        // SAFETY: null, or from the C library's malloc, as `scap_alloc_proclist_info` makes it for `get_threadlist`; freed once.
        unsafe { libc::free(self.0.cast()) };
    }
}
