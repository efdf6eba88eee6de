//! Programs of the tracepoints of system calls where the kernel may preempt them: it does not call such a program again on a CPU
//! where it was interrupted. A second program, called next, then steps in (`driver/bpf/preemption.h`).

use super::enter;
use super::libbpf::{Link, Object};
use super::options::DISPATCHER;
use crate::Result;

/// The second program for `program`, if there is one.
fn second(program: &str) -> Option<&'static str> {
    [DISPATCHER, enter::DISPATCHER].iter().position(|first| *first == program).map(|i| PROGRAMS[i])
}

/// The programs that step in.
pub(super) const PROGRAMS: [&str; 2] = ["sys_exit_2nd", "sys_enter_2nd"];

/// An attached program, with its second program.
pub(super) struct Attached {
    // Fields drop in this order: without the first program, the second would handle every call.
    _second: Option<Link>,
    _first: Link,
}

impl Attached {
    /// Attaches a program, and after it the second one if the kernel can preempt it.
    pub fn new(object: &Object, program: &str, preemptible: bool) -> Result<Attached> {
        let first = object.attach(program)?;
        let second = second(program).filter(|_| preemptible).map(|name| object.attach(name)).transpose()?;
        Ok(Attached { _second: second, _first: first })
    }
}
