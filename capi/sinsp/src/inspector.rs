//! The inspector: opening an engine, going from event to event, and what is known of the system.

use crate::codes;
use crate::event::sinsp_event;
use crate::ffi::{
    Failure, SINSP_ABI_VERSION, borrow, guard, guard_handle, guard_plain, guard_status, release, sinsp_error,
    sinsp_status, sinsp_str,
};

use crate::program::sinsp_program;
use crate::table::Exposed;
use crate::thread::{sinsp_thread, sinsp_thread_visitor};
use driver::{SCS, Sc};
use scap_sys::engine::bpf::{BpfEngine, BpfOptions};
use scap_sys::engine::savefile::SavefileEngine;
use scap_sys::engine::{Engine, Setting};
use scap_sys::linux::ScanOptions;
use sinsp_core::EventContext;
use sinsp_core::context::BufferFormat;
use sinsp_core::filter::Factory;
use sinsp_core::inspector::{EventFilter, Inspector, Next};
use std::cell::{OnceCell, Ref, RefCell, RefMut};
use std::ffi::{OsStr, c_void};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Counters of a capture; `capi/headers` finds them where they are defined.
pub use scap_sys::engine::Stats as sinsp_stats;

/// An engine, the state that its events build up, and the current event. Owned; ended with `sinsp_inspector_free`.
pub struct sinsp_inspector {
    core: RefCell<Inspector>,
    /// Makes its filters and formatters, which so share what they extract.
    pub(crate) factory: Factory,
    /// How live engines are to capture, from the first that is opened.
    settings: RefCell<Vec<Setting>>,
    /// Its threads as a table, once that was asked for.
    pub(crate) threads: OnceCell<Rc<Exposed>>,
    identity: Identity,
}

/// Which inspector a program, a formatter or a check belongs to. It may outlive its inspector, and knows when that is gone.
#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<AtomicPtr<sinsp_inspector>>);

impl Identity {
    /// The inspector's address, to note in what is handed out; 0 if it is gone.
    pub fn address(&self) -> usize {
        self.0.load(Ordering::Relaxed).expose_provenance()
    }

    /// The error of anything but this very inspector.
    pub fn check(&self, inspector: *const sinsp_inspector) -> Result<(), Failure> {
        match self.0.load(Ordering::Relaxed).cast_const() {
            own if own.is_null() => Err(Failure::illegal("the inspector that this was made for is gone")),
            own if own != inspector => {
                Err(Failure::illegal("this was made for another inspector than that of the event"))
            }
            _ => Ok(()),
        }
    }

    /// Hands an event to `read`. `inspector` is the event's, null for one that belongs to none: any inspector but this one is an
    /// error, as is one that is gone.
    ///
    /// # Safety
    /// `inspector` must be null or live; `event` as for [`sinsp_event::with`].
    #[inline]
    pub unsafe fn with_event<R>(
        &self,
        inspector: *const sinsp_inspector,
        event: &sinsp_event,
        read: impl FnOnce(&EventContext<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let own = self.0.load(Ordering::Relaxed).cast_const();
        self.check(if inspector.is_null() { own } else { inspector })?;
        // SAFETY: an inspector takes its address out of its identity when it goes.
        let core = unsafe { (*own).core()? };
        // SAFETY: the caller vouches for the event.
        unsafe { event.with(&core, read) }
    }
}

impl Drop for sinsp_inspector {
    fn drop(&mut self) {
        self.identity.0.store(std::ptr::null_mut(), Ordering::Relaxed);
    }
}

impl sinsp_inspector {
    /// The inspector with this [`sinsp_inspector::address`]; null for 0.
    pub(crate) fn at(address: usize) -> *const sinsp_inspector {
        std::ptr::with_exposed_provenance(address)
    }

    /// The core, to read it; an error while it is moved.
    pub(crate) fn core(&self) -> Result<Ref<'_, Inspector>, Failure> {
        self.core.try_borrow().map_err(|_| Failure::illegal("the inspector is in use"))
    }

    /// The core, to change it; an error from within one of its callbacks.
    pub(crate) fn core_mut(&self) -> Result<RefMut<'_, Inspector>, Failure> {
        let busy = |_| {
            Failure::new(sinsp_status::SINSP_FAILURE, "the inspector is in use: it called the function that calls it")
        };
        self.core.try_borrow_mut().map_err(busy)
    }

    /// Who it is, for what belongs to it.
    pub(crate) fn identity(&self) -> &Identity {
        self.identity.0.store((&raw const *self).cast_mut(), Ordering::Relaxed);
        &self.identity
    }

    /// Notes how live engines are to capture, and tells the one that is open.
    fn set(&self, setting: Setting) -> Result<(), Failure> {
        let mut core = self.core_mut()?;
        if let Some(engine) = core.engine() {
            engine.set(setting)?;
        }
        let mut settings = self.settings.borrow_mut();
        settings.retain(|known| std::mem::discriminant(known) != std::mem::discriminant(&setting));
        settings.push(setting);
        Ok(())
    }

    /// A number for the core to keep in what is handed out; [`sinsp_inspector::at`] leads back.
    fn address(&self) -> usize {
        (&raw const *self).expose_provenance()
    }
}

/// How `sinsp_inspector_open_modern_bpf` captures.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct sinsp_modern_bpf_params {
    /// The size of each ring buffer, in bytes; 0 for the default.
    pub buffer_bytes: u64,
    /// How many CPUs share a ring buffer; 0: all of them one.
    pub cpus_per_buffer: u16,
    /// Whether CPUs that are not online get no ring buffer.
    pub online_only: bool,
    /// Whether the system is scanned through /proc alone, not through BPF iterators.
    pub no_iterators: bool,
    /// The system calls to capture, a byte a code; null for all.
    pub scs: *const u8,
    /// How many bytes `scs` has.
    pub scs_len: usize,
}

/// Makes an inspector, which is not open yet. `abi_version` is the `SINSP_ABI_VERSION` that the caller was compiled with; another
/// major number is an error.
///
/// # Safety
/// `error` must be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_new(abi_version: u32, error: *mut *mut sinsp_error) -> *mut sinsp_inspector {
    let body = || {
        if abi_version >> 16 != SINSP_ABI_VERSION >> 16 || abi_version > SINSP_ABI_VERSION {
            return Err(Failure::new(
                sinsp_status::SINSP_NOT_SUPPORTED,
                format!(
                    "the program was compiled for version {}.{} of the library's ABI, which has version {}.{}",
                    abi_version >> 16,
                    abi_version & 0xffff,
                    SINSP_ABI_VERSION >> 16,
                    SINSP_ABI_VERSION & 0xffff
                ),
            ));
        }
        Ok(sinsp_inspector {
            core: RefCell::new(Inspector::new()),
            factory: Factory::new(),
            settings: RefCell::default(),
            threads: OnceCell::new(),
            identity: Identity::default(),
        })
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_handle(error, body) }
}

/// Ends an inspector with all that was borrowed from it; null is ignored. Programs and formatters may outlive it.
///
/// # Safety
/// `inspector` must be null or owned and not ended yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_free(inspector: *mut sinsp_inspector) {
    // SAFETY: passed on.
    unsafe { release(inspector) }
}

/// Opens a capture file by its path, or by the file descriptor `fd`, which the library then closes, if that is not 0.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_savefile(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    fd: i32,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, path) = unsafe { (borrow(inspector, "inspector")?, path.bytes()) };
        if fd != 0 {
            // SAFETY: the caller gives the descriptor away.
            let fd = unsafe { OwnedFd::from_raw_fd(fd) };
            inspector.core_mut()?.open_capture(|sink| SavefileEngine::from_fd(fd, 0, sink))?;
            return Ok(sinsp_status::SINSP_SUCCESS);
        }
        if path.is_empty() {
            return Err(Failure::illegal("When you use the 'savefile' engine you need to provide a path to the file."));
        }
        inspector.core_mut()?.open_savefile(Path::new(OsStr::from_bytes(path)))?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Captures the running kernel with the BPF probe. No event comes before `sinsp_inspector_start`.
///
/// # Safety
/// `inspector` must be null or live, `params` null (for the defaults) or readable with its array, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_modern_bpf(
    inspector: *mut sinsp_inspector,
    params: *const sinsp_modern_bpf_params,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, params) = unsafe { (borrow(inspector, "inspector")?, params.as_ref()) };
        let mut options = BpfOptions::default();
        if let Some(params) = params {
            options.cpus_per_buffer = params.cpus_per_buffer;
            options.online_cpus_only = params.online_only;
            if params.buffer_bytes != 0 {
                let too_big = |_| Failure::illegal(format!("a ring buffer of {} bytes", params.buffer_bytes));
                options.buffer_bytes = usize::try_from(params.buffer_bytes).map_err(too_big)?;
            }
            if !params.scs.is_null() {
                // SAFETY: the caller vouches for the array.
                let scs = unsafe { codes::read(params.scs, params.scs_len) };
                options.interesting = Some(scs.iter().map(Sc).collect());
            }
        }
        let mut core = inspector.core_mut()?;
        core.close();
        let without_users = core.state().without_users;
        let iterators = params.is_none_or(|p| !p.no_iterators);
        core.set_scan_options(ScanOptions { without_users, iterators, ..ScanOptions::default() });
        let mut engine = BpfEngine::open(&options)?;
        for setting in inspector.settings.borrow().iter() {
            engine.set(*setting)?;
        }
        core.open_live(Box::new(engine))?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Reads what the running system looks like, without events: `sinsp_inspector_next` answers `SINSP_TIMEOUT`. Without `full_scan` what
/// takes long is left out.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_open_nodriver(
    inspector: *mut sinsp_inspector,
    full_scan: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |core: &mut Inspector| {
        let without_users = core.state().without_users;
        core.set_scan_options(ScanOptions { minimal: !full_scan, without_users, ..ScanOptions::default() });
        core.open_nodriver()
    };
    // SAFETY: passed on.
    unsafe { on_core(inspector, error, act) }
}

/// The body of the functions that only move an inspector.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
unsafe fn on_core(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
    act: impl FnOnce(&mut Inspector) -> sinsp_core::Result<()>,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        act(&mut *inspector.core_mut()?)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Lets events through.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_start(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, error, Inspector::start) }
}

/// Holds events back.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stop(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: passed on.
    unsafe { on_core(inspector, error, Inspector::stop) }
}

/// Ends the capture. What is known of the system stays until the inspector is opened again.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_close(
    inspector: *mut sinsp_inspector,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let act = |core: &mut Inspector| {
        core.close();
        Ok(())
    };
    // SAFETY: passed on.
    unsafe { on_core(inspector, error, act) }
}

/// Goes to the next event and describes it in `*event`. Answers `SINSP_SUCCESS`, `SINSP_TIMEOUT`, `SINSP_FILTERED_EVENT` (there was
/// one, which is not for the caller), `SINSP_EOF`, or a failure with an error.
///
/// # Safety
/// `inspector` must be null or live, `event` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_next(
    inspector: *mut sinsp_inspector,
    event: *mut sinsp_event,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, out) = unsafe { (borrow(inspector, "inspector")?, event.as_mut()) };
        let out = out.ok_or_else(|| Failure::illegal("null event"))?;
        let mut core = inspector.core_mut()?;
        let status = match core.next()? {
            Next::Event => sinsp_status::SINSP_SUCCESS,
            Next::Filtered => sinsp_status::SINSP_FILTERED_EVENT,
            Next::Timeout => sinsp_status::SINSP_TIMEOUT,
            Next::Eof => sinsp_status::SINSP_EOF,
        };
        if status == sinsp_status::SINSP_SUCCESS
            && let Some(current) = &core.current()
        {
            out.describe(current, inspector.address());
        }
        Ok(status)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The counters of the capture so far.
///
/// # Safety
/// `inspector` must be null or live, `stats` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_stats(
    inspector: *mut sinsp_inspector,
    stats: *mut sinsp_stats,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, out) = unsafe { (borrow(inspector, "inspector")?, stats.as_mut()) };
        let out = out.ok_or_else(|| Failure::illegal("null counters"))?;
        *out = inspector.core_mut()?.stats()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// The name of the engine that is open, as `scap_open` knows it, valid forever; empty if none is.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_engine(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core_mut() {
        Ok(mut core) => core.engine().map_or(sinsp_str::EMPTY, |engine| sinsp_str::of(engine.name().as_bytes())),
        Err(_) => sinsp_str::EMPTY,
    })
}

/// Lets only the events through for which `program` holds; null lets all through. The program is not used up: it may be freed at
/// any time, the inspector keeps what it needs. A program of another inspector is an error.
///
/// # Safety
/// `inspector` and `program` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_filter(
    inspector: *mut sinsp_inspector,
    program: *const sinsp_program,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for both.
        let (inspector, program) = unsafe { (borrow(inspector, "inspector")?, program.as_ref()) };
        let filter = program.map(|program| {
            let kept = program.keep(inspector)?;
            let passes: EventFilter = Box::new(move |event| kept.passes(event));
            Ok::<_, Failure>(passes)
        });
        let filter = filter.transpose()?;
        inspector.core_mut()?.set_filter(filter);
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// Lets the events of one system call through, or not, while the inspector is open.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_interesting(
    inspector: *mut sinsp_inspector,
    sc: u16,
    interesting: bool,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if usize::from(sc) >= SCS.len() {
            return Err(Failure::illegal(format!("inexistent ppm_sc code: {sc}")));
        }
        inspector.core_mut()?.set_interesting(Sc(sc), interesting)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// What `sinsp_inspector_set_option` changes.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_option {
    /// Whether the users and groups of the machine are taken in (0 or 1); takes effect at the next open.
    SINSP_OPTION_IMPORT_USERS = 0,
    /// Whether addresses and ports are shown by name (0 or 1).
    SINSP_OPTION_RESOLVE_NAMES = 1,
    /// How data buffers are shown: `sinsp_evt::param_fmt`.
    SINSP_OPTION_BUFFER_FORMAT = 2,
    /// How many bytes of text to show of a data buffer at most; 0: all.
    SINSP_OPTION_BUFFER_TEXT = 3,
    /// Whether a live capture shows the events of its own process (0 or 1).
    SINSP_OPTION_OWN_EVENTS = 4,
    /// How many bytes of a data buffer are captured.
    SINSP_OPTION_SNAPLEN = 5,
    /// Whether calls that fail are not captured (0 or 1).
    SINSP_OPTION_DROP_FAILED = 6,
    /// Whether the snaplen depends on what a data buffer looks like (0 or 1).
    SINSP_OPTION_DYNAMIC_SNAPLEN = 7,
    /// The ports whose traffic is captured whole: the first times 65536, plus the last.
    SINSP_OPTION_FULL_CAPTURE_PORTS = 8,
    /// The port of statsd, whose traffic is captured whole.
    SINSP_OPTION_STATSD_PORT = 9,
    /// Dropping mode: one part of so many of every second is captured; 0 turns it off.
    SINSP_OPTION_DROPPING = 10,
}

fn narrow<T: TryFrom<u64>>(value: u64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::illegal(format!("the value {value} is too big")))
}

/// Changes an option (`sinsp_option`). Those that say how to capture hold for the engine that is open, and for those that are opened
/// later; an engine that cannot do it answers so.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_option(
    inspector: *mut sinsp_inspector,
    option: u32,
    value: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    use sinsp_option as Option;
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        match option {
            o if o == Option::SINSP_OPTION_IMPORT_USERS as u32 => {
                inspector.core_mut()?.state_mut().without_users = value == 0;
            }
            o if o == Option::SINSP_OPTION_RESOLVE_NAMES as u32 => {
                if value != 0 {
                    return Err(Failure::not_supported("showing addresses and ports by name"));
                }
            }
            o if o == Option::SINSP_OPTION_BUFFER_FORMAT as u32 => {
                let unknown = || Failure::illegal(format!("unknown format {value} of data buffers"));
                let format = BUFFER_FORMATS.iter().find(|(number, _)| *number == value).ok_or_else(unknown)?.1;
                inspector.core_mut()?.view_mut().buffers = format;
            }
            o if o == Option::SINSP_OPTION_BUFFER_TEXT as u32 => {
                inspector.core_mut()?.view_mut().max_buffer_text = value as usize;
            }
            o if o == Option::SINSP_OPTION_OWN_EVENTS as u32 => inspector.core_mut()?.set_debug(value != 0),
            o if o == Option::SINSP_OPTION_SNAPLEN as u32 => inspector.set(Setting::Snaplen(narrow(value)?))?,
            o if o == Option::SINSP_OPTION_DROP_FAILED as u32 => inspector.set(Setting::DropFailed(value != 0))?,
            o if o == Option::SINSP_OPTION_DYNAMIC_SNAPLEN as u32 => {
                inspector.set(Setting::DynamicSnaplen(value != 0))?;
            }
            o if o == Option::SINSP_OPTION_FULL_CAPTURE_PORTS as u32 => {
                inspector.set(Setting::FullCapturePorts(narrow(value >> 16)?, value as u16))?;
            }
            o if o == Option::SINSP_OPTION_STATSD_PORT as u32 => inspector.set(Setting::StatsdPort(narrow(value)?))?,
            o if o == Option::SINSP_OPTION_DROPPING as u32 => {
                let ratio = narrow(value)?;
                inspector.set(Setting::Dropping((ratio != 0).then_some(ratio)))?;
            }
            unknown => return Err(Failure::illegal(format!("unknown option {unknown}"))),
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

/// `sinsp_evt::param_fmt`; the JSON forms of a format show data as the plain one does.
const BUFFER_FORMATS: [(u64, BufferFormat); 12] = [
    (1, BufferFormat::Dots),
    (1 << 1, BufferFormat::Dots),
    (1 << 2, BufferFormat::Simple),
    (1 << 3, BufferFormat::Hex),
    (1 << 4, BufferFormat::HexAscii),
    (1 << 5, BufferFormat::Lines),
    (1 << 6, BufferFormat::LinesCompact),
    (1 << 7, BufferFormat::Base64),
    (1 << 8, BufferFormat::Lines),
    (1 << 9, BufferFormat::Hex),
    (1 << 10, BufferFormat::HexAscii),
    (1 << 11, BufferFormat::Base64),
];

/// The thread `tid`; null if it is not known. Borrowed until the next event.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread(inspector: *const sinsp_inspector, tid: i64) -> *mut sinsp_thread {
    let null = std::ptr::null_mut();
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return null };
    guard_plain(null, || match inspector.core() {
        Ok(core) => core.state().threads.get(tid).map_or(null, |t| sinsp_thread::hand_out(t, inspector.address())),
        Err(_) => null,
    })
}

/// How many threads are known.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_thread_count(inspector: *const sinsp_inspector) -> usize {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return 0 };
    guard_plain(0, || inspector.core().map_or(0, |core| core.state().threads.len()))
}

/// Calls `visit` for each thread, in no order; answers whether no call ended it.
///
/// # Safety
/// `inspector` must be null or live; `visit` must be callable with `context` and must not throw; `error` must be null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_each_thread(
    inspector: *const sinsp_inspector,
    visit: sinsp_thread_visitor,
    context: *mut c_void,
    error: *mut *mut sinsp_error,
) -> bool {
    let body = || {
        // SAFETY: the caller vouches for it.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        let visit = visit.ok_or_else(|| Failure::illegal("null callback"))?;
        let core = inspector.core()?;
        for thread in core.state().threads.iter() {
            let thread = sinsp_thread::hand_out(thread, inspector.address());
            // SAFETY: C's own function and context; the pointer is good for the call.
            if !unsafe { visit(context, thread) } {
                return Ok(false);
            }
        }
        Ok(true)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard(error, |_| false, body) }
}
