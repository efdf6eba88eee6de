//! The inspector's libscap platform: the machine's data for `scap_platform_api.h`, and scans into the inspector's state.

use crate::ffi::{Failure, guard_plain};
use crate::inspector::handle::sinsp_inspector;
use scap::platform::state::{Keeper, scap_platform};
use sinsp_core::error::ScapError;
use sinsp_core::inspector::Mode;
use sinsp_core::state::State;
use sinsp_core::state::{FdInfo, SystemSink, ThreadInfo};

/// The address of the inspector, which owns the platform and so outlives it.
struct StateOf(usize);

impl Keeper for StateOf {
    fn keep(
        &self,
        all: bool,
        scan: &mut dyn FnMut(&mut dyn SystemSink) -> Result<(), ScapError>,
    ) -> Result<(), ScapError> {
        // SAFETY: the inspector owns the platform and this keeper, so it is live here.
        let inspector = unsafe { &*sinsp_inspector::at(self.0) };
        let mut core = inspector.core_mut().map_err(|failure: Failure| ScapError::Invalid(failure.into_message()))?;
        let keeps_known = core.mode() == Mode::NoDriver;
        let state = core.state_mut();
        if all {
            state.begin_scan();
        }
        let scanned = scan(&mut Threads { state, keeps_known });
        if all {
            state.end_scan();
        }
        scanned
    }
}

/// Adds threads and files to a state.
struct Threads<'a> {
    state: &'a mut State,
    /// Whether a known thread is kept, unless the new one with its tid started later.
    keeps_known: bool,
}

impl SystemSink for Threads<'_> {
    fn thread(&mut self, thread: ThreadInfo) {
        let known = self.state.threads.get(thread.tid).filter(|_| self.keeps_known);
        if known.is_none_or(|known| thread.clone_ts > known.clone_ts.get()) {
            self.state.thread(thread);
        }
    }

    fn fd(&mut self, pid: i64, fd: FdInfo) {
        self.state.fd(pid, fd);
    }

    fn progress(&mut self, message: &str) {
        self.state.progress(message);
    }
}

/// The platform of the open capture, for the functions of `scap_platform_api.h`; null if nothing is open. Its scans change the inspector's
/// state, and fail while the inspector is in use. The inspector owns it. After a close or another open it is empty until this is
/// called again.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_platform(inspector: *const sinsp_inspector) -> *mut scap_platform {
    let null = std::ptr::null_mut();
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null };
    guard_plain(null, || match inspector.core() {
        Ok(core) if core.mode() != Mode::Closed => {
            inspector.platform.of(StateOf(inspector.address()), &core).unwrap_or(null)
        }
        _ => null,
    })
}
