//! The engine in single movements, for programs that attach the probe's programs themselves (libpman's API).

use driver::{SCS, Sc, TRACEPOINT_PROGRAMS};

use super::{BpfEngine, DISPATCHER, Poll, SYSCALL_MAX, load};
use crate::engine::{CurrentEvent, Engine};
use crate::{Error, Event, Result};

impl BpfEngine {
    /// Attaches one of the programs that the kernel calls, unless it is attached already: [`BpfEngine::DISPATCHER`], or the
    /// name of a tracepoint.
    pub fn attach(&mut self, program: &str) -> Result<()> {
        if program == DISPATCHER {
            if self.dispatcher.is_none() {
                self.dispatcher = Some(self.object.attach(DISPATCHER)?);
            }
            return Ok(());
        }
        let Some((_, program)) = TRACEPOINT_PROGRAMS.iter().find(|(_, p)| *p == program) else {
            return Err(Error::NotSupported(format!(
                "the tracepoint {program}, of which the BPF probe makes no events,"
            )));
        };
        if !self.tracepoints.contains_key(program) {
            self.tracepoints.insert(program, self.object.attach(program)?);
        }
        Ok(())
    }

    /// Detaches one of these programs, if it is attached.
    pub fn detach(&mut self, program: &str) {
        if program == DISPATCHER {
            self.dispatcher = None;
        } else {
            self.tracepoints.remove(program);
        }
    }

    /// The program that is called at every exit from a system call.
    pub const DISPATCHER: &str = DISPATCHER;

    /// Captures the system calls and tracepoints for which `selected` says so, and no others.
    pub fn select(&mut self, selected: impl Fn(Sc) -> bool) -> Result<()> {
        for sc in &SCS {
            self.selected[sc.sc.0 as usize] = selected(sc.sc);
        }
        self.start()
    }

    /// Lets the events of the system call with the native number `number` through, or not. It attaches nothing.
    pub fn mark(&mut self, number: usize, interesting: bool) -> Result<()> {
        if number >= SYSCALL_MAX {
            return Err(Error::Invalid(format!("there is no system call with the number {number}")));
        }
        self.interesting.store(number, interesting.into());
        Ok(())
    }

    /// The next event with the number of its ring, if there is one now; does not wait. The event lives until the next call.
    pub fn take(&mut self) -> Option<(Event<'_>, usize)> {
        match self.poll() {
            Poll::Event => self.current.map(|(_, ring)| (self.event(), ring)),
            Poll::Settling(_) | Poll::Empty => None,
        }
    }

    /// Changes when the machine was booted, in nanoseconds since the epoch, which is part of every event's time.
    pub fn set_boot_time(&mut self, ns: u64) {
        self.boot_time = ns;
        self.settings.update(|s| s.boot_time_ns = ns);
    }

    /// In which part of this many of every second events are taken in dropping mode; does not turn that on or off.
    pub fn set_sampling_ratio(&mut self, ratio: u32) {
        self.settings.update(|s| s.sampling_ratio = ratio.max(1));
    }

    /// Turns the dropping mode on or off; does not change its ratio.
    pub fn set_dropping_mode(&mut self, on: bool) {
        self.settings.update(|s| s.dropping_mode = on.into());
    }

    /// Says which process reads the events.
    pub fn set_reader(&mut self, pid: u32) {
        self.settings.update(|s| s.scap_tgid = pid);
    }

    /// Tells the dispatcher anew which program makes the events of which system call.
    pub fn fill_exit_programs(&self) -> Result<()> {
        load::fill_exit_programs(&self.object)
    }
}
