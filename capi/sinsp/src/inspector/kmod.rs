//! Capturing by the kernel module, as C says it.

use crate::event::codes;
use crate::ffi::{Failure, borrow, guard_status, sinsp_error, sinsp_status};
use crate::inspector::gate::Call;
use crate::inspector::handle::sinsp_inspector;
use sinsp_core::inspector::{KmodOptions, ScanOptions};

/// How `sinsp_inspector_open_kmod` captures; all of it zero is the defaults.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_kmod_params {
    /// The size of each CPU's ring, in bytes; 0 for the default.
    pub buffer_bytes: u64,
    /// The system calls to capture: byte `i` is 1 to capture the code `i`, else 0; null for all.
    pub scs: *const u8,
    /// How many bytes `scs` has.
    pub scs_len: usize,
}

impl sinsp_kmod_params {
    /// The same for the engine.
    ///
    /// # Safety
    /// `scs` must be null or have so many bytes.
    unsafe fn options(&self) -> Result<KmodOptions, Failure> {
        let mut options = KmodOptions::default();
        if let Some(bytes) = codes::ring_bytes(self.buffer_bytes)? {
            options.buffer_bytes = bytes;
        }
        // SAFETY: by `# Safety`, the array is as long as is passed.
        options.interesting = unsafe { codes::read_scs(self.scs, self.scs_len) };
        Ok(options)
    }
}

/// Opens a live capture with the kernel module, which must be loaded. There are no events before `sinsp_inspector_start`. The calling thread is the
/// module's consumer: it can have one such capture open at a time.
///
/// # Safety
/// `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_kmod(
    inspector: *mut sinsp_inspector,
    params: *const sinsp_kmod_params,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live, `params` is null or readable.
        let (inspector, params) = unsafe { (borrow(inspector, "inspector")?, params.as_ref()) };
        // SAFETY: by `# Safety`, `params` is readable with its array `scs` of `scs_len` bytes.
        let options = unsafe { params.map_or_else(|| Ok(KmodOptions::default()), |params| params.options())? };
        let _call = inspector.begin(Call::Open)?;
        let mut core = inspector.core_mut()?;
        let without_users = core.state().without_users;
        let known = core.scan_options().clone();
        // A host with the module may have no BPF.
        core.set_scan_options(ScanOptions { without_users, iterators: false, minimal: false, ..known });
        core.open_kmod(&options)?;
        drop(core);
        inspector.opened()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driver::Sc;

    #[test]
    fn zeros_are_the_defaults() {
        let zeros = sinsp_kmod_params { buffer_bytes: 0, scs: std::ptr::null(), scs_len: 0 };
        // SAFETY: there is no array.
        let options = |params: sinsp_kmod_params| unsafe { params.options() }.expect("they make sense");
        assert_eq!(format!("{:?}", options(zeros)), format!("{:?}", KmodOptions::default()));
        assert_eq!(options(sinsp_kmod_params { buffer_bytes: 1 << 20, ..zeros }).buffer_bytes, 1 << 20);
        let codes = [0u8, 1, 1];
        let chosen = sinsp_kmod_params { scs: codes.as_ptr(), scs_len: codes.len(), ..zeros };
        assert_eq!(options(chosen).interesting, Some(vec![Sc(1), Sc(2)]));
    }
}
