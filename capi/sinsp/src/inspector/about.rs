//! What stays the same from an open to the close, for any thread to read.

use crate::ffi::Failure;
use capi_common::Lent;
use parking_lot::Mutex;
use scap::engine::modern_bpf::{API_VERSION, SCHEMA_VERSION};
use scap::types::scap_machine_info::{_scap_agent_info, _scap_machine_info};
use scap::types::to_c;
use sinsp_core::inspector::{Inspector, Mode};
use sinsp_core::state::MachineInfo;

/// What is known of the open capture; nothing while none is open.
#[derive(Default)]
pub(crate) struct About(Mutex<Option<Known>>);

pub(crate) struct Known {
    /// The engine's name.
    pub(crate) engine: Option<&'static str>,
    /// The versions of the driver's interface and of its events, if a driver captures.
    pub(crate) driver: Option<[u64; 2]>,
    /// The machine; `None` as long as the capture did not describe it.
    pub(crate) machine: Option<Lent<_scap_machine_info>>,
    /// This process, if it inspects this machine.
    pub(crate) agent: Option<Lent<_scap_agent_info>>,
}

impl Known {
    fn of(core: &mut Inspector) -> Result<Known, Failure> {
        let (machine, agent) = (machine(core), core.agent()?);
        let mut engine = core.engine();
        Ok(Known {
            driver: engine.as_mut().and_then(|engine| match engine.as_kmod() {
                Some(kmod) => Some([kmod.api_version(), kmod.schema_version()]),
                None => engine.as_bpf().map(|_| [API_VERSION, SCHEMA_VERSION]),
            }),
            engine: engine.map(|engine| engine.name()),
            machine,
            agent: agent.map(|agent| Lent::new(to_c::agent(&agent))),
        })
    }
}

/// The machine of the open capture; `None` as long as the capture did not describe it.
fn machine(core: &Inspector) -> Option<Lent<_scap_machine_info>> {
    let machine = &core.state().machine;
    (machine.num_cpus != u32::MAX).then(|| Lent::new(to_c::machine(machine)))
}

impl About {
    /// Reads what is known; `None` if nothing is.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Known) -> R) -> Option<R> {
        self.0.lock().as_ref().map(read)
    }

    /// Forgets the capture, before another one is opened or this one closed.
    pub(crate) fn clear(&self) {
        *self.0.lock() = None;
    }

    /// Replaces the machine of the open capture.
    pub(crate) fn set_machine(&self, machine: &MachineInfo) {
        if let Some(known) = &mut *self.0.lock() {
            known.machine = Some(Lent::new(to_c::machine(machine)));
        }
    }

    /// Keeps what is known of the open capture. What was returned already stays valid.
    pub(crate) fn publish(&self, core: &mut Inspector) -> Result<(), Failure> {
        if core.mode() == Mode::Closed {
            return Ok(());
        }
        match &mut *self.0.lock() {
            Some(known) if known.machine.is_none() => known.machine = machine(core),
            Some(_) => {}
            unknown => *unknown = Some(Known::of(core)?),
        }
        Ok(())
    }
}
