//! The ioctls of the module: selecting events, settings, versions.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use driver::{ENTER_PROGRAMS, SCS};

use crate::engine::Setting;
use crate::engine::kept::{Kept, Selected};
use crate::{Error, Result};

/// The numbers of the ioctls (`PPM_IOCTL_*` in C).
pub(super) mod number {
    pub const DROPPING_OFF: u32 = 2;
    pub const DROPPING_ON: u32 = 3;
    pub const SNAPLEN: u32 = 4;
    pub const DYNAMIC_SNAPLEN_OFF: u32 = 8;
    pub const DYNAMIC_SNAPLEN_ON: u32 = 9;
    pub const HITS: u32 = 20;
    pub const FULLCAPTURE_PORTS: u32 = 22;
    pub const STATSD_PORT: u32 = 23;
    pub const API: u32 = 24;
    pub const SCHEMA: u32 = 25;
    pub const CALL_ON: u32 = 29;
    pub const CALL_OFF: u32 = 30;
    pub const TRACEPOINT_ON: u32 = 31;
    pub const TRACEPOINT_OFF: u32 = 32;
    pub const DROP_FAILED_ON: u32 = 33;
    pub const DROP_FAILED_OFF: u32 = 34;
    /// An extension: the system call in the lower 16 bits, and above them which of its results are reported.
    pub const CALL_RESULTS: u32 = 64;
}

/// Greater than every number of a system call that the module takes.
const SYSCALL_MAX: usize = 512;

/// What takes ioctls: a device of the module.
pub(super) trait Device {
    /// Runs the ioctl with a number, or an address, as its argument.
    fn call(&self, number: u32, arg: usize) -> io::Result<()>;
}

impl Device for File {
    fn call(&self, number: u32, arg: usize) -> io::Result<()> {
        // `_IO('s', number)`
        let request = libc::c_ulong::from(u32::from(b's') << 8 | number);
        // SAFETY: the argument is a number, or the address of a value as long as the ioctl writes, which lives during the call
        // (`read_number`, `KmodEngine::tracepoint_hits`).
        match unsafe { libc::ioctl(self.as_raw_fd(), request as _, arg) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

/// Reads a number that an ioctl writes, such as a version.
pub(super) fn read_number(device: &impl Device, number: u32) -> io::Result<u64> {
    let mut value = 0u64;
    device.call(number, (&raw mut value).expose_provenance())?;
    // SAFETY: it is a local variable; the kernel may have written it.
    Ok(unsafe { std::ptr::read_volatile(&raw const value) })
}

/// The tracepoints of the module, by number, and the system calls and tracepoints of events that need each. The exit and enter of system calls
/// (1 and 0) are needed by calls without a row.
const TRACEPOINTS: [(usize, &str, &[&str]); 7] = [
    (2, "sched_process_exit", &["sched_process_exit"]),
    (3, "sched_switch", &["sched_switch"]),
    (4, "page_fault_user", &["page_fault_user"]),
    (5, "page_fault_kernel", &["page_fault_kernel"]),
    (6, "signal_deliver", &["signal_deliver"]),
    (7, "sched_process_fork", &["fork", "vfork", "clone", "clone3"]),
    (8, "sched_process_exec", &["execve", "execveat"]),
];
const SYS_ENTER: usize = 0;
const SYS_EXIT: usize = 1;
const TRACEPOINT_COUNT: usize = 9;

/// What the module is to report: of each system call, by native number, the bits of [`Kept`], and each tracepoint.
#[derive(Clone, PartialEq)]
pub(super) struct Selection {
    calls: [u8; SYSCALL_MAX],
    tracepoints: [bool; TRACEPOINT_COUNT],
}

impl Selection {
    /// Nothing, as after the devices were opened.
    pub const NONE: Selection = Selection { calls: [0; SYSCALL_MAX], tracepoints: [false; TRACEPOINT_COUNT] };

    /// What the selected system calls and tracepoints need.
    pub fn of(selected: &Selected) -> Selection {
        let mut selection = Selection::NONE;
        for row in SCS.iter().filter(|row| selected.of(row.sc) != Kept::NONE) {
            if let Some(call) = row.sc.native().and_then(|nr| selection.calls.get_mut(nr as usize)) {
                *call = selected.of(row.sc).bits();
                selection.tracepoints[SYS_EXIT] = true;
            }
            for (code, _, needed_by) in TRACEPOINTS {
                if row.name.is_some_and(|name| needed_by.contains(&name)) {
                    selection.tracepoints[code] = true;
                }
            }
            selection.tracepoints[SYS_ENTER] |= ENTER_PROGRAMS.iter().any(|(sc, ..)| *sc == row.sc);
        }
        selection
    }

    /// Changes what the module reports from this selection to another. After an error, this is what was reached.
    pub fn change_to(&mut self, wanted: &Selection, device: &impl Device) -> Result<()> {
        // Calls first: while their tracepoint is off, no event is made of a selection that is half done.
        change(&mut self.calls, &wanted.calls, |nr, bits| {
            let (number, arg) = match bits {
                0 => (number::CALL_OFF, nr),
                all if all == Kept::ALL.bits() => (number::CALL_ON, nr),
                some => (number::CALL_RESULTS, usize::from(some) << 16 | nr),
            };
            let what = if number == number::CALL_RESULTS { "choice of results of the " } else { "" };
            device.call(number, arg).map_err(|e| failed(bits != 0, format_args!("{what}system call {nr}"), e))
        })?;
        change(&mut self.tracepoints, &wanted.tracepoints, |code, on| {
            let number = if on { number::TRACEPOINT_ON } else { number::TRACEPOINT_OFF };
            device.call(number, code).map_err(|e| failed(on, format_args!("tracepoint {}", tracepoint_name(code)), e))
        })
    }
}

fn change<T: Copy + PartialEq>(have: &mut [T], wanted: &[T], set: impl Fn(usize, T) -> Result<()>) -> Result<()> {
    for (i, (have, wanted)) in have.iter_mut().zip(wanted).enumerate() {
        if have != wanted {
            set(i, *wanted)?;
            *have = *wanted;
        }
    }
    Ok(())
}

fn tracepoint_name(code: usize) -> &'static str {
    match code {
        SYS_ENTER => "sys_enter",
        SYS_EXIT => "sys_exit",
        _ => TRACEPOINTS.iter().find(|t| t.0 == code).map_or("unknown", |t| t.1),
    }
}

fn failed(on: bool, what: std::fmt::Arguments<'_>, error: io::Error) -> Error {
    Error::io(format_args!("{} the {what} in the kernel module", if on { "enabling" } else { "disabling" }), error)
}

/// Changes a setting of the module.
pub(super) fn set(device: &impl Device, setting: Setting) -> Result<()> {
    use number::*;
    let (number, arg) = match setting {
        Setting::Snaplen(n) => (SNAPLEN, n as usize),
        Setting::Dropping(None) => (DROPPING_OFF, 0),
        Setting::Dropping(Some(ratio)) => (DROPPING_ON, ratio as usize),
        Setting::DropFailed(on) => (if on { DROP_FAILED_ON } else { DROP_FAILED_OFF }, 0),
        Setting::DynamicSnaplen(on) => (if on { DYNAMIC_SNAPLEN_ON } else { DYNAMIC_SNAPLEN_OFF }, 0),
        Setting::FullCapturePorts(start, end) => (FULLCAPTURE_PORTS, usize::from(end) << 16 | usize::from(start)),
        Setting::StatsdPort(port) => (STATSD_PORT, port.into()),
    };
    device.call(number, arg).map_err(|e| Error::io(format_args!("{setting} in the kernel module"), e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use driver::Sc;
    use std::cell::RefCell;

    /// A device that keeps the ioctls, and fails those with a number.
    #[derive(Default)]
    struct Fake {
        calls: RefCell<Vec<(u32, usize)>>,
        fails: Option<u32>,
    }

    impl Device for Fake {
        fn call(&self, number: u32, arg: usize) -> io::Result<()> {
            if self.fails == Some(number) {
                return Err(io::Error::from_raw_os_error(libc::EINVAL));
            }
            self.calls.borrow_mut().push((number, arg));
            Ok(())
        }
    }

    fn selection(names: &[&str]) -> Selection {
        Selection::of(&Selected::new(Some(&codes(names))).unwrap())
    }

    fn codes(names: &[&str]) -> Vec<Sc> {
        SCS.iter().filter(|row| row.name.is_some_and(|n| names.contains(&n))).map(|row| row.sc).collect()
    }

    fn native(name: &str) -> usize {
        SCS.iter().find(|row| row.name == Some(name)).and_then(|row| row.sc.native()).unwrap() as usize
    }

    #[test]
    fn only_differences_are_told_and_calls_come_before_tracepoints() {
        let (device, mut now) = (Fake::default(), Selection::NONE);
        now.change_to(&selection(&["read", "execve", "sched_switch"]), &device).unwrap();
        let mut calls = [native("read"), native("execve")];
        calls.sort_unstable();
        let expected = [(29, calls[0]), (29, calls[1]), (31, 1), (31, 3), (31, 8)];
        assert_eq!(device.calls.take(), expected);
        now.change_to(&selection(&["read", "openat"]), &device).unwrap();
        let mut calls = [(30, native("execve")), (29, native("openat"))];
        calls.sort_unstable_by_key(|c| c.1);
        assert_eq!(device.calls.take(), [&calls[..], &[(31, 0), (32, 3), (32, 8)]].concat());
        now.change_to(&Selection::NONE, &device).unwrap();
        assert_eq!(device.calls.take().len(), 4);
        assert!(now == Selection::NONE);
    }

    #[test]
    fn results_that_are_left_out_are_one_ioctl() {
        let mut selected = Selected::new(Some(&codes(&["read"]))).unwrap();
        let (mut device, mut now) = (Fake::default(), Selection::NONE);
        let mut kept = vec![Kept::ALL; SCS.len()];
        kept[Sc::READ.0 as usize] = Kept { succeeded: false, failed: true };
        selected.keep(&kept);
        now.change_to(&Selection::of(&selected), &device).unwrap();
        assert_eq!(device.calls.take(), [(64, 2 << 16 | native("read")), (31, 1)]);
        selected.keep(&[]);
        now.change_to(&Selection::of(&selected), &device).unwrap();
        assert_eq!(device.calls.take(), [(29, native("read"))]);
        selected.keep(&kept);
        device.fails = Some(64);
        let error = now.change_to(&Selection::of(&selected), &device).unwrap_err().to_string();
        let call = native("read");
        let what = format!("enabling the choice of results of the system call {call} in the kernel module");
        assert_eq!(error, format!("{what}: Invalid argument"));
    }

    #[test]
    fn an_error_names_what_was_selected_and_keeps_what_was_reached() {
        let (mut device, mut now) = (Fake { fails: Some(31), ..Fake::default() }, Selection::NONE);
        let wanted = selection(&["read"]);
        let error = now.change_to(&wanted, &device).unwrap_err();
        assert_eq!(error.to_string(), "enabling the tracepoint sys_exit in the kernel module: Invalid argument");
        device.fails = None;
        device.calls.take();
        now.change_to(&wanted, &device).unwrap();
        assert_eq!(device.calls.take(), [(31, 1)], "the call is selected already");
    }

    #[test]
    fn a_setting_is_one_ioctl() {
        let device = Fake::default();
        for setting in [
            Setting::Snaplen(100),
            Setting::Dropping(Some(8)),
            Setting::Dropping(None),
            Setting::DropFailed(true),
            Setting::DynamicSnaplen(false),
            Setting::FullCapturePorts(1, 2),
            Setting::StatsdPort(8125),
        ] {
            set(&device, setting).unwrap();
        }
        let expected = [(4, 100), (3, 8), (2, 0), (33, 0), (8, 0), (22, 2 << 16 | 1), (23, 8125)];
        assert_eq!(device.calls.take(), expected);
        let fails = Fake { fails: Some(4), ..Fake::default() };
        let error = set(&fails, Setting::Snaplen(1)).unwrap_err();
        assert_eq!(error.to_string(), "setting the snaplen in the kernel module: Invalid argument");
    }
}
