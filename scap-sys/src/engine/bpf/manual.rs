//! The engine in single movements, for programs that attach the probe's programs themselves (libpman's API).

use driver::{SCS, Sc};

use super::engine::{BpfEngine, Poll};
use super::options::DISPATCHER;
use super::preemption::Attached;
use super::shared::SYSCALL_MAX;
use super::{enter, load};
use crate::engine::{CurrentEvent, Engine};
use crate::{Error, Event, Result};

impl BpfEngine {
    /// Attaches what the kernel calls, unless it is attached already: [`BpfEngine::DISPATCHER`], the name of a tracepoint, or
    /// `sys_enter_` with the name of a system call for what makes its enter event.
    pub fn attach(&mut self, name: &str) -> Result<()> {
        if name == DISPATCHER {
            if self.dispatcher.is_none() {
                self.dispatcher = Some(Attached::new(&self.object, DISPATCHER, self.preemptible)?);
            }
            return Ok(());
        }
        let programs = self.called(name);
        if programs.is_empty() {
            return Err(Error::NotSupported(format!("the tracepoint {name}, of which the BPF probe makes no events,")));
        }
        programs.into_iter().try_for_each(|(sc, program)| self.attach_for(sc, program))
    }

    /// Detaches it, if it is attached.
    pub fn detach(&mut self, name: &str) {
        if name == DISPATCHER {
            self.dispatcher = None;
        }
        for program in self.called(name) {
            self.attached.remove(&program);
        }
    }

    /// The programs that [`BpfEngine::attach`] means.
    fn called(&self, name: &str) -> Vec<(Sc, &'static str)> {
        let entry = name.strip_prefix("sys_enter_");
        let is_meant = |&&(sc, program): &&(Sc, &str)| match entry {
            Some(call) => sc.info().is_some_and(|i| i.name == Some(call)) && program == enter::DISPATCHER,
            None => program == name,
        };
        self.programs.iter().filter(is_meant).copied().collect()
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
