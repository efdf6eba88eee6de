//! Single operations of the engine, for programs that attach the probe's programs themselves (libpman's API).

use driver::{SCS, Sc};

use super::engine::BpfEngine;
use super::options::DISPATCHER;
use super::preemption::Attached;
use super::shared::SYSCALL_MAX;
use super::{enter, load};
use crate::engine::rings::Poll;
use crate::engine::{CurrentEvent, Engine, Kept};
use crate::{Error, Event, Result};

impl BpfEngine {
    /// Attaches a program unless it is attached: [`BpfEngine::DISPATCHER`], a tracepoint by name, or `sys_enter_` and the
    /// name of a system call for the dispatcher of enter events.
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

    /// Detaches what [`BpfEngine::attach`] attached under this name.
    pub fn detach(&mut self, name: &str) {
        if name == DISPATCHER {
            self.dispatcher = None;
        }
        for program in self.called(name) {
            self.attached.remove(&program);
        }
    }

    /// The programs that [`BpfEngine::attach`] attaches under this name, except the exit dispatcher.
    fn called(&self, name: &str) -> Vec<(Sc, &'static str)> {
        let entry = name.strip_prefix("sys_enter_");
        let is_meant = |&&(sc, program): &&(Sc, &str)| match entry {
            Some(call) => sc.info().is_some_and(|i| i.name == Some(call)) && program == enter::DISPATCHER,
            None => program == name,
        };
        self.programs.iter().filter(is_meant).copied().collect()
    }

    /// The name of the program at `sys_exit`.
    pub const DISPATCHER: &str = DISPATCHER;

    /// Captures exactly the system calls and tracepoints for which `selected` returns `true`.
    pub fn select(&mut self, selected: impl Fn(Sc) -> bool) -> Result<()> {
        for row in &SCS {
            self.selected.set(row.sc, selected(row.sc))?;
        }
        self.start()
    }

    /// Enables or disables the events of the system call with the native number `number`. Attaches no program.
    pub fn mark(&mut self, number: usize, interesting: bool) -> Result<()> {
        if number >= SYSCALL_MAX {
            return Err(Error::Invalid(format!("there is no system call with the number {number}")));
        }
        self.interesting.store(number, if interesting { Kept::ALL.bits() } else { 0 });
        Ok(())
    }

    /// The next event and the index of its ring buffer, if there is one now; does not wait. The event is valid until the
    /// next call.
    pub fn take(&mut self) -> Option<(Event<'_>, usize)> {
        match self.poll() {
            Poll::Event => self.reader.ring().map(|ring| (self.event(), ring)),
            Poll::Settling(_) | Poll::CaughtUp | Poll::Empty => None,
        }
    }

    /// Sets the boot time, in nanoseconds since the Unix epoch. The probe adds it to the time of every event.
    pub fn set_boot_time(&mut self, ns: u64) {
        self.boot_time = ns;
        self.settings.update(|s| s.boot_time_ns = ns);
    }

    /// Sets the ratio of dropping mode: events pass in one of `ratio` parts of every second. Does not enable or disable the
    /// mode.
    pub fn set_sampling_ratio(&mut self, ratio: u32) {
        self.settings.update(|s| s.sampling_ratio = ratio.max(1));
    }

    /// Enables or disables dropping mode; keeps its ratio.
    pub fn set_dropping_mode(&mut self, on: bool) {
        self.settings.update(|s| s.dropping_mode = on.into());
    }

    /// Sets the pid of the process that reads the events.
    pub fn set_reader(&mut self, pid: u32) {
        self.settings.update(|s| s.scap_tgid = pid);
    }

    /// As [`Loader::fill_exit_programs`](super::Loader::fill_exit_programs), for an open engine.
    pub fn fill_exit_programs(&self) -> Result<()> {
        load::fill_exit_programs(&self.object)
    }
}
