//! Enter events: one dispatcher program runs at every system call entry while at least one enter event is captured, and
//! tail-calls the program of the call.

use driver::{ENTER_PROGRAMS, Sc, TRACEPOINT_PROGRAMS};

use super::libbpf::{self, Object};
use crate::{Error, Result};

/// The program at `sys_enter`.
pub(super) const DISPATCHER: &str = "sys_enter";

/// Fills the table of the dispatcher with the program of each system call; the object must be loaded.
pub(super) fn fill(object: &Object) -> Result<()> {
    let table = object.map_fd("enter_progs")?;
    for (_, number, program) in ENTER_PROGRAMS {
        libbpf::set_fd(table, *number as u32, object.program_fd(program)?)
            .map_err(|e| Error::io(format!("giving the system call {number} the BPF program {program}"), e))?;
    }
    Ok(())
}

/// The programs besides the exit dispatcher, each with a system call or tracepoint that needs it.
pub(super) fn programs() -> Vec<(Sc, &'static str)> {
    ENTER_PROGRAMS.iter().map(|(sc, ..)| (*sc, DISPATCHER)).chain(TRACEPOINT_PROGRAMS.iter().copied()).collect()
}
