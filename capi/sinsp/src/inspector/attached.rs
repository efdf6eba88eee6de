//! The platform of libscap's that an inspector owns.

use capi_common::Lent;
use scap::platform::state::{Keeper, scap_platform};
use sinsp_core::error::ScapError;
use sinsp_core::inspector::{Inspector, Mode};
use sinsp_core::state::State;
use sinsp_core::state::{SystemSink, UserList};
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

    /// The platform of what is open; `keeper` keeps its threads and fds, from the first call on.
    pub(crate) fn of(&self, keeper: impl Keeper + 'static, core: &Inspector) -> Result<*mut scap_platform, ScapError> {
        let lent = self.platform.get_or_init(|| Lent::new(scap_platform::kept_by(Box::new(keeper)))).as_ptr();
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
