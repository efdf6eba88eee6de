//! Where the enter events of some system calls are taken.
//!
//! Best is at the kernel's own function of the call: then other calls pay nothing. But there the kernel may be preempted, and two
//! programs would write to the same CPU's memory in turns: at a tracepoint it is not. So kernels that are built to preempt
//! themselves, and those that do not let programs be called at functions, or do not know the functions' arguments, have the
//! tracepoint of all calls.

use std::collections::BTreeSet;

use driver::{ENTER_PROGRAMS, EnterProgram, Sc, TRACEPOINT_PROGRAMS};

use super::EntryPoint;
use super::libbpf::{self, KernelTypes, Object};
use crate::{Error, Result};

/// The program that is called at every entry to a system call, if need be.
const DISPATCHER: &str = "sys_enter";

/// The choice for the running kernel.
pub(super) struct Entries {
    /// The programs to attach, each with a system call that needs it.
    attached: Vec<(Sc, &'static str)>,
    /// Whether the dispatcher is one of them.
    dispatched: bool,
}

impl Entries {
    /// Chooses, unless the choice is made, and prepares the object, which is not loaded yet.
    pub fn choose(object: &mut Object, point: Option<EntryPoint>) -> Result<Entries> {
        let functions = match point {
            Some(EntryPoint::Tracepoint) => None,
            None if preempts_itself(rustix::system::uname().version().to_bytes()) => None,
            None => functions()?,
            Some(EntryPoint::Functions) => Some(functions()?.ok_or_else(|| {
                Error::NotSupported("calling BPF programs at the kernel's functions of system calls".into())
            })?),
        };
        let mut entries = Entries { attached: Vec::new(), dispatched: functions.is_none() };
        for program in ENTER_PROGRAMS {
            let function = functions.as_ref().and_then(|f| f.iter().find(|(p, _)| *p == program.name));
            if let Some((name, function)) = function {
                object.call_before(name, function)?;
                entries.attached.push((program.sc, name));
            } else if entries.dispatched && is_main(program) {
                entries.attached.push((program.sc, DISPATCHER));
            } else {
                object.leave_out(program.name)?;
            }
        }
        if !entries.dispatched {
            object.leave_out(DISPATCHER)?;
        }
        Ok(entries)
    }

    /// Tells the dispatcher which program makes the enter event of which system call, if there is one; the object is loaded.
    pub fn fill(&self, object: &Object) -> Result<()> {
        if !self.dispatched {
            return Ok(());
        }
        let table = object.map_fd("enter_progs")?;
        for p in ENTER_PROGRAMS.iter().filter(|p| is_main(p)) {
            libbpf::set_fd(table, p.number as u32, object.program_fd(p.name)?)
                .map_err(|e| Error::io(format!("giving the system call {} the BPF program {}", p.number, p.name), e))?;
        }
        Ok(())
    }

    /// Whatever is attached besides the dispatcher of exits, by each system call or tracepoint that needs it.
    pub fn programs(&self) -> Vec<(Sc, &'static str)> {
        self.attached.iter().chain(TRACEPOINT_PROGRAMS).copied().collect()
    }
}

/// Whether a kernel may interrupt itself for another thread, by what uname(2) says of its build (`PREEMPT`, `PREEMPT_DYNAMIC`, ...).
fn preempts_itself(version: &[u8]) -> bool {
    version.split(|&b| b == b' ').any(|word| word.starts_with(b"PREEMPT"))
}

/// Whether the program makes enter events, or calls those that do.
pub(super) fn is_of_entries(program: &str) -> bool {
    program == DISPATCHER || ENTER_PROGRAMS.iter().any(|p| p.name == program)
}

/// Whether the program is the one that can serve all callers of its system call.
fn is_main(program: &EnterProgram) -> bool {
    ENTER_PROGRAMS.iter().find(|p| p.sc == program.sc).is_some_and(|p| p.name == program.name)
}

/// The function for each program that has one here; `None` if a call would be missed, or the kernel does not play along.
fn functions() -> Result<Option<Vec<(&'static str, &'static str)>>> {
    if ENTER_PROGRAMS.iter().any(|p| p.functions.is_empty()) {
        return Ok(None);
    }
    let types = KernelTypes::read()?;
    let (mut found, mut tried) = (Vec::new(), BTreeSet::new());
    for program in ENTER_PROGRAMS {
        let function = program.functions.iter().find_map(|f| Some((*f, types.function(f)?)));
        match function {
            Some((name, number)) => {
                // All calls' functions are alike; those of 32-bit callers may not be.
                if tried.insert(is_main(program)) && !libbpf::can_call_before(number) {
                    return Ok(None);
                }
                found.push((program.name, name));
            }
            None if is_main(program) => return Ok(None),
            None => {}
        }
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_that_preempt_themselves() {
        assert!(preempts_itself(b"#1 SMP PREEMPT_DYNAMIC Debian 6.1.90-1"));
        assert!(preempts_itself(b"#1 SMP PREEMPT Tue May 7"));
        assert!(!preempts_itself(b"#1 SMP Tue May 7 10:00:00 UTC 2024"));
    }

    #[test]
    fn every_call_has_one_main_program() {
        let mut mains: Vec<_> = ENTER_PROGRAMS.iter().filter(|p| is_main(p)).map(|p| p.sc).collect();
        let mut all: Vec<_> = ENTER_PROGRAMS.iter().map(|p| p.sc).collect();
        all.dedup();
        mains.dedup();
        assert_eq!(mains, all);
        assert!(all.iter().all(|sc| sc.native().is_some()));
    }
}
