//! Programs of the tracepoints of system calls where the kernel may preempt them: it does not call such a program again on a CPU
//! where it was interrupted. A second program, called next, then steps in (`driver/bpf/preemption.h`).

use super::enter;
use super::libbpf::{Link, Object};
use super::options::DISPATCHER;
use crate::Result;

/// What steps in for a program, if there is something.
fn second(program: &str) -> Option<&'static str> {
    [DISPATCHER, enter::DISPATCHER].iter().position(|first| *first == program).map(|i| PROGRAMS[i])
}

/// The programs that step in.
pub(super) const PROGRAMS: [&str; 2] = ["sys_exit_2nd", "sys_enter_2nd"];

/// A program that is attached, with the one that steps in for it.
pub(super) struct Attached {
    // In this order: without the first one, the second would step in every time.
    _second: Option<Link>,
    _first: Link,
}

impl Attached {
    /// Attaches a program, and behind it the one that steps in for it, where it can be preempted.
    pub fn new(object: &Object, program: &str, preemptible: bool) -> Result<Attached> {
        let first = object.attach(program)?;
        let second = second(program).filter(|_| preemptible).map(|name| object.attach(name)).transpose()?;
        Ok(Attached { _second: second, _first: first })
    }
}
