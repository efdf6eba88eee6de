//! The interface of engines, the sources of events.

pub mod bpf;
mod kept;
pub mod kmod;
mod merge;
pub mod nodriver;
mod queue;
mod rings;
pub mod savefile;
mod stats;

use crate::{Error, Event, HEADER_LEN, Result, SystemSink};
use driver::Sc;
use std::fmt;
use std::sync::Arc;

pub use kept::Kept;
pub use stats::{CpuCounts, ProgramRuns, ScDrops, Stats};

/// The result of [`Engine::bytes`] without an event: a header of an event without parameters.
pub static NO_EVENT: [u8; HEADER_LEN] = {
    let mut header = [0; HEADER_LEN];
    let len = (HEADER_LEN as u32).to_ne_bytes();
    (header[16], header[17], header[18], header[19]) = (len[0], len[1], len[2], len[3]);
    header
};

/// The result of [`Engine::next`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// An event; [`CurrentEvent::event`] returns it.
    Event,
    /// An event that is not shown, such as an old enter event that is merged into its exit event; try again.
    Filtered,
    /// No event within the engine's timeout; try again.
    Timeout,
    /// The end of the input.
    Eof,
    /// The start of a new section: the earlier state is invalid. [`Engine::restart`] reads the new one.
    Restart,
}

/// Settings of a live engine that can change during the capture (`scap_setting` in C).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The most bytes of an I/O buffer in an event.
    Snaplen(u32),
    /// Dropping mode: the most important system calls are kept, the least important ones dropped, and the others reported only
    /// in the first 1/n of every second, with n a power of two up to 128; `None` disables it.
    Dropping(Option<u32>),
    /// Drops the events of failed system calls.
    DropFailed(bool),
    /// Uses a larger snaplen for well-known protocols, and for the ports of the next two settings.
    DynamicSnaplen(bool),
    /// The first and last port whose traffic has a snaplen of at least 16000 bytes.
    FullCapturePorts(u16, u16),
    /// The remote port of statsd, whose traffic has a snaplen of at least 2000 bytes; 0 for none.
    StatsdPort(u16),
}

/// How far an engine has read a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Where the next block begins, in uncompressed bytes.
    pub offset: u64,
    /// The part of the file that was read, from 0 to 1; `None` where the file's length is not known.
    pub part: Option<f64>,
}

/// The most parts of a second in dropping mode.
const SAMPLING_MAX: u32 = 128;

/// The largest snaplen (`RW_MAX_SNAPLEN` in C): an event has at most 64 KiB.
const SNAPLEN_MAX: u32 = u16::MAX as u32;

impl Setting {
    /// Checks that the value is one that a driver takes.
    fn check(&self) -> Result<()> {
        match *self {
            Setting::Snaplen(n) if n > SNAPLEN_MAX => {
                Err(Error::Invalid(format!("a snaplen of {n} bytes is more than {SNAPLEN_MAX}")))
            }
            Setting::Dropping(Some(ratio)) if !(ratio.is_power_of_two() && ratio <= SAMPLING_MAX) => {
                Err(Error::Invalid(format!("a sampling ratio of {ratio} is no power of two from 1 to {SAMPLING_MAX}")))
            }
            _ => Ok(()),
        }
    }
}

/// What is set, without its value.
impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Setting::Snaplen(_) => "setting the snaplen",
            Setting::Dropping(_) => "the dropping mode",
            Setting::DropFailed(_) => "leaving out failed system calls",
            Setting::DynamicSnaplen(_) => "a dynamic snaplen",
            Setting::FullCapturePorts(..) => "setting the full capture port range",
            Setting::StatsdPort(_) => "setting the statsd port",
        })
    }
}

/// The counters of an engine, readable by any thread, even after the engine is closed.
pub trait ReadStats: Send + Sync {
    /// The present counters.
    fn read_stats(&self) -> Result<Stats>;

    /// The present counters of each possible CPU; none if the engine does not count by CPU.
    fn read_cpus(&self) -> Result<Vec<CpuCounts>> {
        Ok(Vec::new())
    }

    /// The drops so far of each system call and tracepoint that has any, the most first; `None` if the engine does not count them by call. Their sum
    /// is that of [`Stats::n_drops_buffer`] and [`Stats::n_drops_scratch_map`] at the same time.
    fn read_drops(&self) -> Result<Option<Vec<ScDrops>>> {
        Ok(None)
    }

    /// Run count and run time of each program of the engine in the kernel; none if it has none.
    fn read_programs(&self) -> Result<Vec<ProgramRuns>> {
        Ok(Vec::new())
    }

    /// Whether the engine captures with a driver.
    fn has_driver(&self) -> bool {
        false
    }

    /// Whether that is the kernel module, whose counters differ from the BPF probe's.
    fn is_module(&self) -> bool {
        false
    }
}

/// A source of events.
///
/// An unsupported operation fails with [`Error::NotSupported`], which names the engine.
pub trait Engine {
    /// Its name in `scap_open`: `modern_bpf`, `savefile`, `nodriver`, …
    fn name(&self) -> &'static str;

    /// Fetches the next event. After an error that ended the input, the next call returns the same error or
    /// [`Status::Eof`].
    fn next(&mut self) -> Result<Status>;

    /// Goes to the next event if that is at hand, in a buffer for example; `false`, and no change, where [`Engine::next`] has to be called. An
    /// engine that has it can be read at a lower cost, since the result is in a register.
    fn next_ready(&mut self) -> bool {
        false
    }

    /// The bytes of the event of the last [`Status::Event`]. They must pass the check of [`Event::new`] and have the
    /// event's exact length.
    fn bytes(&self) -> &[u8];

    /// The CPU of that event and its flags in the capture file (`SCAP_DF_*`, 0 if live).
    fn origin(&self) -> (u16, u32) {
        (0, 0)
    }

    /// Passes the system description of the new section to `sink`, after [`Status::Restart`].
    fn restart(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        let _ = sink;
        Ok(())
    }

    /// Enables event capture.
    fn start(&mut self) -> Result<()> {
        Ok(())
    }

    /// Disables event capture.
    fn stop(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether [`Engine::next`] calls functions of the program, which may then use the inspector.
    fn calls_out(&self) -> bool {
        false
    }

    /// Goes to the next event of an engine that [calls out](Engine::calls_out), if it needs no call for it and the event is well formed; returns its
    /// bytes. `None`, and no change, where [`Engine::next`] has to be called. Such an event has the CPU and the flags 0.
    fn next_at_hand(&mut self) -> Option<&[u8]> {
        None
    }

    /// The version of the event table of the driver that makes the events: major, minor, patch. `None` where no driver does.
    fn schema_version(&self) -> Option<[u32; 3]> {
        None
    }

    /// Whether the engine captures the running system.
    fn is_live(&self) -> bool {
        false
    }

    /// The present counters.
    fn stats(&mut self) -> Result<Stats> {
        Ok(Stats::default())
    }

    /// A reader of the counters for other threads; `None` if the engine has no counters.
    fn stats_reader(&self) -> Option<Arc<dyn ReadStats>> {
        None
    }

    /// How far it has read its input; `None` where that is no file.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// Goes on reading at an offset that [`Progress::offset`] gave.
    fn seek(&mut self, offset: u64) -> Result<()> {
        let _ = offset;
        Err(Error::NotSupported(format!("seeking on the engine {}", self.name())))
    }

    /// The BPF engine, if it is that one, which counts more than others do.
    fn as_bpf(&mut self) -> Option<&mut bpf::BpfEngine> {
        None
    }

    /// The engine of the kernel module, if it is that one.
    fn as_kmod(&mut self) -> Option<&mut kmod::KmodEngine> {
        None
    }

    /// Enables or disables the events of one system call.
    fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        let _ = (sc, interesting);
        Err(Error::NotSupported(format!("selecting system calls by the engine {}", self.name())))
    }

    /// Sets which calls are reported by their result, by the code of the system call; all of those that `kept` does not have. System calls that are
    /// not selected stay off.
    fn keep(&mut self, kept: &[Kept]) -> Result<()> {
        let _ = kept;
        Err(Error::NotSupported(format!("leaving out system calls by their result by the engine {}", self.name())))
    }

    /// Gives a CPU a ring buffer of `bytes` bytes, a power of two and a multiple of the page size, during a capture; nothing changes where it has one of
    /// that size or more. No event is lost or out of order by it, the current event stays valid, and after an error the CPU has the ring that it had.
    ///
    /// The thread that calls [`Engine::next`] calls this. It waits until the programs that are running in the kernel have ended, tens of milliseconds,
    /// in which the rings are not read. The old ring is read to its end and then freed. A CPU that shared it with others leaves it to them, and its
    /// events then have its own number.
    fn grow_buffer(&mut self, cpu: u32, bytes: usize) -> Result<()> {
        let _ = (cpu, bytes);
        Err(Error::NotSupported(format!("a larger buffer for one CPU by the engine {}", self.name())))
    }

    /// Changes a setting.
    fn set(&mut self, setting: Setting) -> Result<()> {
        Err(Error::NotSupported(format!("{setting} by the engine {}", self.name())))
    }
}

/// The current event of an engine.
pub trait CurrentEvent {
    /// The event of the last [`Status::Event`].
    fn event(&self) -> Event<'_>;
}

/// Builds the event in the caller from values in registers. Returned through memory, it would be copied right after it was
/// written, which stalls the processor.
impl<E: Engine + ?Sized> CurrentEvent for E {
    #[inline]
    fn event(&self) -> Event<'_> {
        let (cpu, flags) = self.origin();
        Event::checked(self.bytes(), cpu, flags)
    }
}
