//! The inspector's system as a platform of libscap's: what `scap_platform_api.h` tells of the machine, and scans into the inspector's state.

use crate::ffi::{Failure, guard_plain};
use crate::inspector::handle::sinsp_inspector;
use capi_common::Lent;
use scap::platform::state::{Keeper, scap_platform};
use scap_sys::{Error, FdInfo, Result, SystemSink, ThreadInfo, UserList};
use sinsp_core::inspector::{Inspector, Mode};
use sinsp_core::state::State;
use std::cell::{Cell, OnceCell};

/// The platform of an inspector. It is made when it is first asked for, and lives as long as the inspector.
#[derive(Default)]
pub(crate) struct Attached {
    platform: OnceCell<Lent<scap_platform>>,
    /// Whether the platform knows what is open now.
    current: Cell<bool>,
}

impl Attached {
    /// What is open changes: what the platform tells holds no longer.
    pub(crate) fn detach(&self) {
        self.current.set(false);
        if let Some(platform) = self.platform.get() {
            // SAFETY: it lives as long as `self`, and is only ever shared. A platform in use belongs to a call further out, which was refused.
            let _ = unsafe { &*platform.as_ptr() }.detach();
        }
    }

    /// The platform of what is open.
    fn of(&self, inspector: &sinsp_inspector, core: &Inspector) -> Result<*mut scap_platform> {
        let keeper = || Lent::new(scap_platform::kept_by(Box::new(StateOf(inspector.address()))));
        let lent = self.platform.get_or_init(keeper).as_ptr();
        if !self.current.get() {
            // SAFETY: as above.
            let platform = unsafe { &*lent };
            let running = matches!(core.mode(), Mode::Live | Mode::NoDriver).then(|| core.scan_options());
            platform.attach(running, |sink| tell(core.state(), sink))?;
            if core.mode() == Mode::Live {
                platform.lend_engine(core.scan_options().iterators);
            }
            self.current.set(true);
        }
        Ok(lent)
    }
}

/// Tells of what is not a thread or a file.
fn tell(state: &State, sink: &mut dyn SystemSink) {
    sink.machine(&state.machine);
    sink.interfaces(state.interfaces.clone());
    let mut list =
        UserList { users: state.users.users().cloned().collect(), groups: state.users.groups().cloned().collect() };
    list.users.sort_by_key(|user| user.uid);
    list.groups.sort_by_key(|group| group.gid);
    sink.users(list);
}

/// The state of the inspector with this address, which owns the platform and so lives longer.
struct StateOf(usize);

impl Keeper for StateOf {
    fn keep(&self, all: bool, tell: &mut dyn FnMut(&mut dyn SystemSink) -> Result<()>) -> Result<()> {
        // SAFETY: see the type.
        let inspector = unsafe { &*sinsp_inspector::at(self.0) };
        let mut core = inspector.core_mut().map_err(|failure: Failure| Error::Invalid(failure.into_message()))?;
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
        Ok(core) if core.mode() != Mode::Closed => inspector.platform.of(inspector, &core).unwrap_or(null),
        _ => null,
    })
}
