//! The libscap platform that an inspector owns.

use capi_common::Lent;
use scap::platform::state::{Keeper, scap_platform};
use sinsp_core::error::ScapError;
use sinsp_core::inspector::{Inspector, Mode};
use sinsp_core::state::State;
use sinsp_core::state::{SystemSink, UserList};
use std::cell::{Cell, OnceCell};

/// The platform of an inspector, created on first use; it lives as long as the inspector.
#[derive(Default)]
pub(crate) struct Attached {
    platform: OnceCell<Lent<scap_platform>>,
    /// Whether the platform has the data of the current capture.
    current: Cell<bool>,
}

impl Attached {
    /// Drops the data of the current capture, before another one is opened or this one closed.
    pub(crate) fn detach(&self) {
        self.current.set(false);
        if let Some(platform) = self.platform.get() {
            // SAFETY: `self` owns the platform, and Rust and C use it through shared references only. `detach` fails while it is in use: then
            // a caller on this thread is in the platform, and that call fails by itself.
            let _ = unsafe { &*platform.as_ptr() }.detach();
        }
    }

    /// Changes the platform, if it has the data of the current capture.
    pub(crate) fn change(&self, change: impl FnOnce(&scap_platform) -> Result<(), ScapError>) -> Result<(), ScapError> {
        match self.platform.get().filter(|_| self.current.get()) {
            // SAFETY: `self` owns the platform, and it is used through shared references only.
            Some(platform) => change(unsafe { &*platform.as_ptr() }),
            None => Ok(()),
        }
    }

    /// The platform with the data of the current capture. The first call's `keeper` stores the threads and fds of all its scans.
    pub(crate) fn of(&self, keeper: impl Keeper + 'static, core: &Inspector) -> Result<*mut scap_platform, ScapError> {
        let lent = self.platform.get_or_init(|| Lent::new(scap_platform::kept_by(Box::new(keeper)))).as_ptr();
        if !self.current.get() {
            // SAFETY: `self` owns the platform, and it is used through shared references only.
            let platform = unsafe { &*lent };
            let running = matches!(core.mode(), Mode::Live | Mode::NoDriver).then(|| core.scan_options());
            platform.attach(running, |sink| describe(core.state(), sink))?;
            if core.mode() == Mode::Live {
                platform.lend_engine(core.scan_options().iterators);
            }
            self.current.set(true);
        }
        Ok(lent)
    }
}

/// Passes the machine, the interfaces, users and groups to `sink`.
fn describe(state: &State, sink: &mut dyn SystemSink) {
    sink.machine(&state.machine);
    sink.interfaces(state.interfaces.clone());
    let mut list =
        UserList { users: state.users.users().cloned().collect(), groups: state.users.groups().cloned().collect() };
    list.users.sort_by_key(|user| user.uid);
    list.groups.sort_by_key(|group| group.gid);
    sink.users(list);
}
