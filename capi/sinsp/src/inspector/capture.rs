//! What C asks about the open capture: the engine's name, the driver's versions, the machine and the program that captures. Any operating-system
//! thread may ask, also while another one is in `sinsp_inspector_next`.

use crate::ffi::{Failure, guard_plain, sinsp_str};
use crate::inspector::about::Known;
use crate::inspector::handle::sinsp_inspector;
use capi_common::Lent;
use scap::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};

impl sinsp_inspector {
    /// Keeps what is known of the capture that was opened.
    pub(crate) fn publish(&self) -> Result<(), Failure> {
        self.about.publish(&mut *self.core_mut()?)
    }

    /// Reads what is known of the open capture. `None` if nothing is open, or another thread is just opening it.
    fn about<R>(&self, read: impl Fn(&Known) -> Option<R>) -> Option<R> {
        if let Some(found) = self.about.read(&read) {
            return found;
        }
        // A function that an open calls.
        self.publish().ok()?;
        self.about.read(read)?
    }
}

/// Reads what is known of an inspector's capture.
///
/// # Safety
/// `inspector` must be null or live.
unsafe fn about<R>(inspector: *const sinsp_inspector, read: impl Fn(&Known) -> Option<R>) -> Option<R> {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let inspector = unsafe { inspector.as_ref() }?;
    guard_plain(None, || inspector.about(read))
}

/// The name of the open engine, as `scap_open` names it, valid forever; empty if none is open. Any thread may call this.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_engine(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: this `# Safety` is that of `about`.
    unsafe { about(inspector, |known| known.engine) }
        .map_or(sinsp_str::EMPTY, |engine| sinsp_str::of(engine.as_bytes()))
}

/// The version of the driver's interface, or of its events if `schema`; 0 if the inspector captures with no driver. Any thread may call this.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_driver_version(inspector: *mut sinsp_inspector, schema: bool) -> u64 {
    // SAFETY: this `# Safety` is that of `about`.
    let driver = unsafe { about(inspector, |known| known.driver) };
    driver.map_or(0, |versions| versions[usize::from(schema)])
}

/// The machine that the events come from, valid until the inspector is closed or opened, or the machine replaced; null if nothing is
/// open, or the capture does not have it. Any thread may call this.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_machine(inspector: *const sinsp_inspector) -> *const _scap_machine_info {
    // SAFETY: this `# Safety` is that of `about`.
    unsafe { about(inspector, |known| known.machine.as_ref().map(Lent::as_ptr)) }
        .map_or(std::ptr::null(), <*mut _>::cast_const)
}

/// The program that captures, valid until the inspector is closed or opened; null if it is not this process. Any thread may call this.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_agent(inspector: *const sinsp_inspector) -> *const _scap_agent_info {
    // SAFETY: this `# Safety` is that of `about`.
    unsafe { about(inspector, |known| known.agent.as_ref().map(Lent::as_ptr)) }
        .map_or(std::ptr::null(), <*mut _>::cast_const)
}
