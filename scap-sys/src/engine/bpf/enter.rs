//! The enter events of some system calls: one program is called when any call begins, as long as one of these is captured, and
//! hands on to the program of the call.

use driver::{ENTER_PROGRAMS, Sc, TRACEPOINT_PROGRAMS};

use super::libbpf::{self, Object};
use crate::{Error, Result};

/// The program that is called at every entry to a system call.
pub(super) const DISPATCHER: &str = "sys_enter";

/// Tells the dispatcher which program makes the enter event of which system call; the object is loaded.
pub(super) fn fill(object: &Object) -> Result<()> {
    let table = object.map_fd("enter_progs")?;
    for (_, number, program) in ENTER_PROGRAMS {
        libbpf::set_fd(table, *number as u32, object.program_fd(program)?)
            .map_err(|e| Error::io(format!("giving the system call {number} the BPF program {program}"), e))?;
    }
    Ok(())
}

/// Whatever is attached besides the dispatcher of exits, by each system call or tracepoint that needs it.
pub(super) fn programs() -> Vec<(Sc, &'static str)> {
    ENTER_PROGRAMS.iter().map(|(sc, ..)| (*sc, DISPATCHER)).chain(TRACEPOINT_PROGRAMS.iter().copied()).collect()
}
