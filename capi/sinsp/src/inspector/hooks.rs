//! The callbacks of an inspector: an observer and an event processor, as tables of C functions.
//!
//! A table begins with its size and is copied. Its functions run on the thread that calls `sinsp_inspector_next` or `_open_*`, within that
//! call. They may read the inspector, run filters and formatters, and change its tables; `next`, `open` and `close` return an error there.
//! They must not throw. A return value other than 0 finishes the event, and the call fails with an error.

use crate::event::data::sinsp_event;
use crate::ffi::{Failure, sinsp_status, sinsp_str};
use sinsp_core::inspector::{Inspector, Notice, Outcome};
use std::ffi::c_void;

/// What a notice is about.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_notice_kind {
    /// A call on a known fd failed. Called before the event is parsed.
    SINSP_NOTICE_ERROR = 0,
    /// The fd `fd` of the thread `tid` is closed, also by the end of its process; it can still be read. `removes`: the next event removes it
    /// from the table.
    SINSP_NOTICE_ERASE_FD = 1,
    /// A file was opened by the path `data`, or was tried to be, as `flags` (`PPM_O_*`) say.
    SINSP_NOTICE_FILE_OPEN = 2,
    /// A socket was connected: `data` is its address or its tuple as the event has it.
    SINSP_NOTICE_CONNECT = 3,
    /// A connection came in as `fd`: `data` is its tuple as the event has it.
    SINSP_NOTICE_ACCEPT = 4,
    /// A socket got an address of its own.
    SINSP_NOTICE_BIND = 5,
    /// `number` bytes came in through `fd`: `data` is what of them was captured.
    SINSP_NOTICE_READ = 6,
    /// `number` bytes went out through `fd`: `data` is what of them was captured.
    SINSP_NOTICE_WRITE = 7,
    /// `number` bytes of the file `fd` were sent.
    SINSP_NOTICE_SENDFILE = 8,
    /// A socket was shut down.
    SINSP_NOTICE_SHUTDOWN = 9,
    /// A socket turned out to be connected, or not.
    SINSP_NOTICE_SOCKET_STATUS = 10,
    /// The thread runs another program.
    SINSP_NOTICE_EXEC = 11,
    /// The thread `tid` was created; `number` is the tid of an older thread that it replaced, -1 if there was none.
    SINSP_NOTICE_CLONE = 12,
}

/// Something that happened with an event. Valid while the observer's function runs. What its kind does not name is 0.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_notice {
    /// The size of this struct.
    pub size: usize,
    /// What it is about (`sinsp_notice_kind`); an observer ignores unknown kinds.
    pub kind: u32,
    /// Flags.
    pub flags: u32,
    /// A thread.
    pub tid: i64,
    /// A file of that thread; of the event's thread if `tid` is not named.
    pub fd: i64,
    /// A number.
    pub number: i64,
    /// Bytes.
    pub data: sinsp_str,
    /// Whether a file leaves the table.
    pub removes: bool,
}

impl sinsp_notice {
    pub(super) fn of(core: &Inspector, notice: Notice) -> sinsp_notice {
        use sinsp_notice_kind as Kind;
        // A notice of a transfer has the return value of the call and the number of the file.
        let transfer = |n: &mut sinsp_notice| {
            if let Some(current) = core.current() {
                n.number = current.return_value().unwrap_or(0);
                n.fd = current.notes.fd_num;
            }
        };
        let mut n = sinsp_notice {
            size: size_of::<sinsp_notice>(),
            kind: 0,
            flags: 0,
            tid: 0,
            fd: 0,
            number: 0,
            data: sinsp_str::EMPTY,
            removes: false,
        };
        let kind = match notice {
            Notice::Error => Kind::SINSP_NOTICE_ERROR,
            Notice::EraseFd { tid, fd, removes } => {
                (n.tid, n.fd, n.removes) = (tid, fd, removes);
                Kind::SINSP_NOTICE_ERASE_FD
            }
            Notice::FileOpen { flags } => {
                n.flags = flags;
                n.data = sinsp_str::of(core.notice_path());
                Kind::SINSP_NOTICE_FILE_OPEN
            }
            Notice::Connect { address } => {
                n.data = sinsp_str::of(core.notice_data(address));
                Kind::SINSP_NOTICE_CONNECT
            }
            Notice::Accept { fd, address } => {
                n.fd = fd;
                n.data = sinsp_str::of(core.notice_data(address));
                Kind::SINSP_NOTICE_ACCEPT
            }
            Notice::Bind => Kind::SINSP_NOTICE_BIND,
            Notice::Read { data } => {
                n.data = sinsp_str::of(core.notice_data(data));
                transfer(&mut n);
                Kind::SINSP_NOTICE_READ
            }
            Notice::Write { data } => {
                n.data = sinsp_str::of(core.notice_data(data));
                transfer(&mut n);
                Kind::SINSP_NOTICE_WRITE
            }
            Notice::SendFile { from, len } => {
                (n.fd, n.number) = (from, len.into());
                Kind::SINSP_NOTICE_SENDFILE
            }
            Notice::Shutdown => Kind::SINSP_NOTICE_SHUTDOWN,
            Notice::SocketStatus => Kind::SINSP_NOTICE_SOCKET_STATUS,
            Notice::Exec => Kind::SINSP_NOTICE_EXEC,
            Notice::Clone { child, collision } => {
                (n.tid, n.number) = (child, collision);
                Kind::SINSP_NOTICE_CLONE
            }
        };
        n.kind = kind as u32;
        n
    }
}

/// Called with a notice about `event`, which is null if there is none; both are valid for the call. Returns 0, else the call fails.
pub type sinsp_observe_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, event: *mut sinsp_event, notice: *const sinsp_notice) -> i32>;

/// An observer.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_observer_functions {
    /// The size of this struct.
    pub size: usize,
    /// Passed to every function.
    pub context: *mut c_void,
    /// Called for each notice.
    pub observe: sinsp_observe_fn,
}

/// What an event processor is called for.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_outcome {
    /// Nothing happened within the time-out.
    SINSP_OUTCOME_TIMEOUT = 0,
    /// The input is at its end.
    SINSP_OUTCOME_EOF = 1,
    /// An event.
    SINSP_OUTCOME_EVENT = 2,
    /// An event that is not shown.
    SINSP_OUTCOME_FILTERED = 3,
}

/// Called with an event before `next` returns it; `event` is null for another outcome. Returns 0, else the call fails.
pub type sinsp_process_fn =
    Option<unsafe extern "C" fn(context: *mut c_void, event: *mut sinsp_event, outcome: u32) -> i32>;

/// Called at the start of a capture. Returns 0, else the call fails.
pub type sinsp_start_fn = Option<unsafe extern "C" fn(context: *mut c_void) -> i32>;

/// An event processor.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_event_processor_functions {
    /// The size of this struct.
    pub size: usize,
    /// Passed to every function.
    pub context: *mut c_void,
    /// Called for each event.
    pub process: sinsp_process_fn,
    /// Called when an inspector was opened, before its first event. May be null.
    pub start: sinsp_start_fn,
}

/// The callbacks of an inspector.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hooks {
    pub observer: Option<sinsp_observer_functions>,
    pub processor: Option<sinsp_event_processor_functions>,
}

impl Hooks {
    /// Calls the observer, if there is one, with the notice that `read` returns.
    pub fn observe(
        &self,
        read: impl FnOnce() -> Result<sinsp_notice, Failure>,
        event: *mut sinsp_event,
    ) -> Result<(), Failure> {
        let Some(sinsp_observer_functions { context, observe: Some(observe), .. }) = self.observer else {
            return Ok(());
        };
        let notice = read()?;
        // SAFETY: the observer's contract: `observe` may be called with `context` until replaced. The pointers are valid for the call.
        callback_result(unsafe { observe(context, event, &notice) }, "observer")
    }

    /// Calls the event processor at the start of a capture.
    pub fn start(&self) -> Result<(), Failure> {
        let Some(sinsp_event_processor_functions { context, start: Some(start), .. }) = self.processor else {
            return Ok(());
        };
        // SAFETY: the event processor's contract: `start` may be called with `context` until replaced.
        callback_result(unsafe { start(context) }, "event processor")
    }

    /// Calls the event processor.
    pub fn process(&self, outcome: Outcome, event: *mut sinsp_event) -> Result<(), Failure> {
        let Some(sinsp_event_processor_functions { context, process: Some(process), .. }) = self.processor else {
            return Ok(());
        };
        let (outcome, event) = match outcome {
            Outcome::Event => (sinsp_outcome::SINSP_OUTCOME_EVENT, event),
            Outcome::Filtered => (sinsp_outcome::SINSP_OUTCOME_FILTERED, std::ptr::null_mut()),
            Outcome::Timeout => (sinsp_outcome::SINSP_OUTCOME_TIMEOUT, std::ptr::null_mut()),
            Outcome::Eof => (sinsp_outcome::SINSP_OUTCOME_EOF, std::ptr::null_mut()),
        };
        // SAFETY: the event processor's contract: `process` may be called with `context` until replaced. `event` is valid for the call.
        callback_result(unsafe { process(context, event, outcome as u32) }, "event processor")
    }
}

fn callback_result(code: i32, who: &str) -> Result<(), Failure> {
    match code {
        0 => Ok(()),
        code => Err(Failure::new(sinsp_status::SINSP_FAILURE, format!("the {who} of the program failed ({code})"))),
    }
}
