//! Where events come from. An engine delivers one event after the other; which engine it is, the layers above need not know.

pub mod bpf;
pub mod nodriver;
pub mod savefile;
mod stats;

use crate::{Event, HEADER_LEN, Result, SystemSink};
use driver::Sc;
use std::fmt;
use std::sync::Arc;

pub use stats::Stats;

/// What [`Engine::bytes`] shows where there is no event: a header with nothing in it.
pub static NO_EVENT: [u8; HEADER_LEN] = {
    let mut header = [0; HEADER_LEN];
    header[16] = HEADER_LEN as u8;
    header
};

/// What a call of [`Engine::next`] brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// An event, which [`CurrentEvent::event`] shows.
    Event,
    /// An event that is not shown, such as an old enter event whose parameters its exit event will carry; try again.
    Filtered,
    /// Nothing within the engine's time-out; try again.
    Timeout,
    /// The input is at its end.
    Eof,
    /// A new section starts: what was known of the system no longer holds. [`Engine::restart`] reads what holds from here.
    Restart,
}

/// What can be set on a live engine while it captures (`scap_setting` in C).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// How many bytes of a buffer an event carries at most.
    Snaplen(u32),
    /// Dropping mode: leaves out what matters least, and lets only one part of this many of every second through; `None`
    /// turns it off.
    Dropping(Option<u32>),
    /// Leaves out system calls that fail.
    DropFailed(bool),
    /// Lets the snaplen depend on what a buffer looks like.
    DynamicSnaplen(bool),
    /// Keeps the traffic of ports from the first to the second whole.
    FullCapturePorts(u16, u16),
    /// The port of statsd, whose traffic is kept whole.
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

/// The counters of an engine, for any thread, while the engine lives and after.
pub trait ReadStats: Send + Sync {
    /// The counters so far.
    fn read_stats(&self) -> Result<Stats>;
}

/// A source of events.
///
/// What an engine cannot do, it refuses with [`Error::NotSupported`](crate::Error::NotSupported), which names the engine.
pub trait Engine {
    /// Its name, as `scap_open` knows it: `modern_bpf`, `savefile`, `nodriver`, …
    fn name(&self) -> &'static str;

    /// Goes to the next event. After an error that ends the input the next call answers the same error, or [`Status::Eof`].
    fn next(&mut self) -> Result<Status>;

    /// The bytes of the event that the last [`Status::Event`] announced: one that [`Event::new`] takes, and all of it.
    fn bytes(&self) -> &[u8];

    /// The CPU of that event, and its flags in a capture file (`SCAP_DF_*`), 0 live.
    fn origin(&self) -> (u16, u32) {
        (0, 0)
    }

    /// Tells `sink` what the new section says of the system, after [`Status::Restart`].
    fn restart(&mut self, sink: &mut dyn SystemSink) -> Result<()> {
        let _ = sink;
        Ok(())
    }

    /// Lets events through.
    fn start(&mut self) -> Result<()> {
        Ok(())
    }

    /// Holds events back.
    fn stop(&mut self) -> Result<()> {
        Ok(())
    }

    /// Whether [`Engine::next`] calls functions of the program, which may want to look at who asks.
    fn calls_out(&self) -> bool {
        false
    }

    /// Whether it captures the running system.
    fn is_live(&self) -> bool {
        false
    }

    /// The counters so far.
    fn stats(&mut self) -> Result<Stats> {
        Ok(Stats::default())
    }

    /// The same for other threads, while this one goes on; `None` if it has none.
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
        Err(crate::Error::NotSupported(format!("seeking on the engine {}", self.name())))
    }

    /// The BPF engine, if it is that one, which counts more than others do.
    fn as_bpf(&mut self) -> Option<&mut bpf::BpfEngine> {
        None
    }

    /// Lets the events of one system call through, or not.
    fn set_interesting(&mut self, sc: Sc, interesting: bool) -> Result<()> {
        let _ = (sc, interesting);
        Err(crate::Error::NotSupported(format!("selecting system calls by the engine {}", self.name())))
    }

    /// Changes how it captures.
    fn set(&mut self, setting: Setting) -> Result<()> {
        Err(crate::Error::NotSupported(format!("{setting} by the engine {}", self.name())))
    }
}

/// The event that an engine is at, of whatever kind the engine is.
pub trait CurrentEvent {
    /// The event that the last [`Status::Event`] announced.
    fn event(&self) -> Event<'_>;
}

/// The parts of an event come in registers, and it is made where it is used: one that came in memory would be copied before it was
/// written out, which the processor has to wait for.
impl<E: Engine + ?Sized> CurrentEvent for E {
    #[inline]
    fn event(&self) -> Event<'_> {
        let (cpu, flags) = self.origin();
        Event::checked(self.bytes(), cpu, flags)
    }
}
