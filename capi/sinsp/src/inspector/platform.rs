//! The inspector's system as a platform of libscap's: what `scap_platform_api.h` tells of the machine, and scans into the inspector's state.

use crate::ffi::{Failure, guard_plain};
use crate::inspector::handle::sinsp_inspector;
use scap::platform::state::{Keeper, scap_platform};
use sinsp_core::error::ScapError;
use sinsp_core::inspector::Mode;
use sinsp_core::state::State;
use sinsp_core::state::{FdInfo, SystemSink, ThreadInfo};

/// The state of the inspector with this address, which owns the platform and so lives longer.
struct StateOf(usize);

impl Keeper for StateOf {
    fn keep(
        &self,
        all: bool,
        tell: &mut dyn FnMut(&mut dyn SystemSink) -> Result<(), ScapError>,
    ) -> Result<(), ScapError> {
        // SAFETY: see the type.
        let inspector = unsafe { &*sinsp_inspector::at(self.0) };
        let mut core = inspector.core_mut().map_err(|failure: Failure| ScapError::Invalid(failure.into_message()))?;
        let keeps_known = core.mode() == Mode::NoDriver;
        let state = core.state_mut();
        if all {
            state.begin_scan();
        }
        let told = tell(&mut Threads { state, keeps_known });
        if all {
            state.end_scan();
        }
        told
    }
}

/// Takes threads and files into a state.
struct Threads<'a> {
    state: &'a mut State,
    /// Whether a thread that is known already stays, unless another one has its number now.
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

/// The system of what is open, for the functions of `scap_platform_api.h`: its scans change what the inspector knows, and fail while it is at
/// work. Null if nothing is open. It belongs to the inspector and lives as long as that; from the inspector's close or next open on it knows
/// nothing, until it is asked for anew.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_platform(inspector: *const sinsp_inspector) -> *mut scap_platform {
    let null = std::ptr::null_mut();
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null };
    guard_plain(null, || match inspector.core() {
        Ok(core) if core.mode() != Mode::Closed => {
            inspector.platform.of(StateOf(inspector.address()), &core).unwrap_or(null)
        }
        _ => null,
    })
}
