//! The inspector's libscap platform: the machine's data for `scap_platform_api.h`, and scans into the inspector's state.

use crate::ffi::{Failure, borrow, entries, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::inspector::handle::sinsp_inspector;
use scap::platform::state::{Keeper, scap_platform};
use scap::types::scap_machine_info::_scap_machine_info;
use sinsp_core::error::ScapError;
use sinsp_core::inspector::Mode;
use sinsp_core::state::State;
use sinsp_core::state::{FdInfo, Interface, InterfaceAddress, MachineInfo, SystemSink, ThreadInfo};
use std::net::Ipv4Addr;

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

/// An address of a network interface: 4 bytes in network order, or 16 if it is `v6`; the other bytes are not read.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_interface {
    /// The name of the interface.
    pub name: sinsp_str,
    /// Whether it is an address of IPv6.
    pub v6: bool,
    /// The address.
    pub addr: [u8; 16],
    /// The mask of its network.
    pub netmask: [u8; 16],
    /// The broadcast address.
    pub broadcast: [u8; 16],
}

impl sinsp_interface {
    /// # Safety
    /// The name must be readable.
    unsafe fn to_core(self) -> Interface {
        let v4 = |b: [u8; 16]| Ipv4Addr::new(b[0], b[1], b[2], b[3]);
        let address = if self.v6 {
            InterfaceAddress::V6 {
                addr: self.addr.into(),
                netmask: self.netmask.into(),
                broadcast: self.broadcast.into(),
            }
        } else {
            InterfaceAddress::V4 { addr: v4(self.addr), netmask: v4(self.netmask), broadcast: v4(self.broadcast) }
        };
        // SAFETY: by `# Safety`.
        Interface { name: unsafe { self.name.bytes() }.to_vec(), address, link_speed: 0 }
    }
}

/// Replaces the addresses of the machine by `count` others: unknown ends of connections, and the fields that say whether an address is the
/// machine's, use these from now on, until another capture is opened or they are read again.
///
/// # Safety
/// `inspector` must be null or live, `interfaces` null or `count` entries with readable names, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_interfaces(
    inspector: *mut sinsp_inspector,
    interfaces: *const sinsp_interface,
    count: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: by `# Safety`, `interfaces` is null or has `count` entries with readable names.
    let list = unsafe { entries(interfaces, count).iter().map(|i| i.to_core()).collect() };
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        inspector.core_mut()?.state_mut().interfaces.clone_from(&list);
        inspector.platform.change(|platform| platform.set_interfaces(list))?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Replaces the description of the machine that events come from, until another capture is opened. An error for null.
///
/// # Safety
/// `inspector` must be null or live, `machine` null or readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_machine(
    inspector: *mut sinsp_inspector,
    machine: *const _scap_machine_info,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, both are null or live.
        let (inspector, machine) = unsafe { (borrow(inspector, "inspector")?, borrow(machine, "machine")?) };
        let machine = MachineInfo::from(machine);
        inspector.core_mut()?.state_mut().machine.clone_from(&machine);
        inspector.about.set_machine(&machine);
        inspector.platform.change(|platform| platform.set_machine(&machine))?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}
