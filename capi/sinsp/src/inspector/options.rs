//! The options of an inspector.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::filter::program::sinsp_program;
use crate::inspector::handle::{on_core, sinsp_inspector};
use driver::{SCS, Sc};
use sinsp_core::context::{BufferFormat, OutputTime};
use sinsp_core::inspector::Inspector;
use sinsp_core::inspector::{ScanOptions, Setting};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::Duration;

/// The options of `sinsp_inspector_set_option`.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_option {
    /// Whether the users and groups of the machine are read (0 or 1); takes effect at the next open.
    SINSP_OPTION_IMPORT_USERS = 0,
    /// Whether ports are shown by their names in /etc/services (0 or 1): in names of sockets that are made from now on, and in texts of events.
    SINSP_OPTION_RESOLVE_NAMES = 1,
    /// How data buffers are shown: `sinsp_evt::param_fmt`.
    SINSP_OPTION_BUFFER_FORMAT = 2,
    /// How many bytes of text of a data buffer are shown at most; 0: all.
    SINSP_OPTION_BUFFER_TEXT = 3,
    /// Whether a live capture shows the events of its own process (0 or 1).
    SINSP_OPTION_OWN_EVENTS = 4,
    /// The snaplen: how many bytes of a data buffer are captured at most.
    SINSP_OPTION_SNAPLEN = 5,
    /// Whether calls that fail are not captured (0 or 1).
    SINSP_OPTION_DROP_FAILED = 6,
    /// Whether the snaplen depends on ports and on the content of a data buffer (0 or 1).
    SINSP_OPTION_DYNAMIC_SNAPLEN = 7,
    /// A range of ports whose traffic has a snaplen of 16000 bytes, if the snaplen is dynamic: the first port times 65536, plus the last.
    SINSP_OPTION_FULL_CAPTURE_PORTS = 8,
    /// The port of statsd, whose traffic has a snaplen of 2000 bytes, if the snaplen is dynamic; 0 for none.
    SINSP_OPTION_STATSD_PORT = 9,
    /// Dropping mode with this sampling ratio: events are captured during 1/ratio of each second; 0 turns it off.
    SINSP_OPTION_DROPPING = 10,
    /// Whether threads are removed from the table when they have exited (0 or 1).
    SINSP_OPTION_PURGE = 11,
    /// The time between two searches for exited threads in a live capture, in nanoseconds.
    SINSP_OPTION_PURGE_INTERVAL = 12,
    /// A search checks threads without an event or access for longer than this, in nanoseconds.
    SINSP_OPTION_THREAD_TIMEOUT = 13,
    /// Whether failed and pending connections are distinguished from established ones (0 or 1).
    SINSP_OPTION_TRACK_CONNECTIONS = 14,
    /// The time of the last event, in nanoseconds since the epoch, as if one had happened then.
    SINSP_OPTION_LAST_EVENT_TIME = 15,
    /// The time of the last search for exited threads, in nanoseconds since the epoch.
    SINSP_OPTION_LAST_PURGE = 16,
    /// Whether `next` also returns those internal events (category EC_INTERNAL) that the filter excludes, or that a capture has for the state
    /// only (0 or 1).
    SINSP_OPTION_INTERNAL_EVENTS = 17,
    /// The time limit of a scan of the running system, in milliseconds; 0 for none. Takes effect at the next open.
    SINSP_OPTION_SCAN_TIMEOUT = 18,
    /// After how many milliseconds each a scan of the running system logs how far it is; 0: it does not. Takes effect at the next open.
    SINSP_OPTION_SCAN_LOG_INTERVAL = 19,
    /// How the field `evt.outputtime` shows times: one of the characters `h` (the local time of day, the default), `a` (since the epoch), `r` (since
    /// the first event), `d` (0) and `D` (since the previous event).
    SINSP_OPTION_OUTPUT_TIME = 20,
    /// Whether captures that are written also get the events that the filter rejected and that change the state, marked as such (0 or 1).
    SINSP_OPTION_FAT_CAPTURES = 21,
    /// Whether environments of more than 4096 bytes are read from the running system (0 or 1); for scans, from the next open on.
    SINSP_OPTION_LARGE_ENVIRONMENTS = 22,
}

/// Sets an option (`sinsp_option`). Options of the capture apply to the open engine and to engines that are opened later; an error if the
/// engine does not support them.
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
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        match option {
            o if o == Option::SINSP_OPTION_IMPORT_USERS as u32 => {
                inspector.core_mut()?.state_mut().without_users = value == 0;
            }
            o if o == Option::SINSP_OPTION_RESOLVE_NAMES as u32 => {
                inspector.core_mut()?.set_port_names(value != 0);
            }
            o if o == Option::SINSP_OPTION_BUFFER_FORMAT as u32 => {
                let unknown = || {
                    Failure::illegal(format!(
                        "SINSP_OPTION_BUFFER_FORMAT: there is no buffer format with the number {value}"
                    ))
                };
                inspector.core_mut()?.view_mut().display.buffers = buffer_format(value).ok_or_else(unknown)?;
            }
            o if o == Option::SINSP_OPTION_BUFFER_TEXT as u32 => {
                inspector.core_mut()?.view_mut().display.max_buffer_text = value as usize;
            }
            o if o == Option::SINSP_OPTION_OWN_EVENTS as u32 => inspector.core_mut()?.set_debug(value != 0),
            o if o == Option::SINSP_OPTION_SNAPLEN as u32 => {
                inspector.core_mut()?.set(Setting::Snaplen(narrow(value)?))?
            }
            o if o == Option::SINSP_OPTION_DROP_FAILED as u32 => {
                inspector.core_mut()?.set(Setting::DropFailed(value != 0))?
            }
            o if o == Option::SINSP_OPTION_DYNAMIC_SNAPLEN as u32 => {
                inspector.core_mut()?.set(Setting::DynamicSnaplen(value != 0))?;
            }
            o if o == Option::SINSP_OPTION_FULL_CAPTURE_PORTS as u32 => {
                inspector.core_mut()?.set(Setting::FullCapturePorts(narrow(value >> 16)?, value as u16))?;
            }
            o if o == Option::SINSP_OPTION_STATSD_PORT as u32 => {
                inspector.core_mut()?.set(Setting::StatsdPort(narrow(value)?))?
            }
            o if o == Option::SINSP_OPTION_DROPPING as u32 => {
                let ratio = narrow(value)?;
                inspector.core_mut()?.set(Setting::Dropping((ratio != 0).then_some(ratio)))?;
            }
            o if o == Option::SINSP_OPTION_PURGE as u32 => inspector.set_purge(|purge| purge.enabled = value != 0)?,
            o if o == Option::SINSP_OPTION_PURGE_INTERVAL as u32 => {
                inspector.set_purge(|purge| purge.interval = value)?
            }
            o if o == Option::SINSP_OPTION_THREAD_TIMEOUT as u32 => {
                inspector.set_purge(|purge| purge.timeout = value)?
            }
            o if o == Option::SINSP_OPTION_TRACK_CONNECTIONS as u32 => {
                inspector.core_mut()?.set_connection_tracking(value != 0);
            }
            o if o == Option::SINSP_OPTION_LAST_EVENT_TIME as u32 => inspector.core_mut()?.set_last_event_ts(value),
            o if o == Option::SINSP_OPTION_LAST_PURGE as u32 => inspector.core_mut()?.set_last_purge(value),
            o if o == Option::SINSP_OPTION_INTERNAL_EVENTS as u32 => {
                inspector.core_mut()?.set_internal_events(value != 0);
            }
            o if o == Option::SINSP_OPTION_SCAN_TIMEOUT as u32 => {
                inspector.set_scan(|scan| scan.timeout = Some(Duration::from_millis(value)))?;
            }
            o if o == Option::SINSP_OPTION_SCAN_LOG_INTERVAL as u32 => {
                inspector.set_scan(|scan| scan.log_interval = Some(Duration::from_millis(value)))?;
            }
            o if o == Option::SINSP_OPTION_OUTPUT_TIME as u32 => {
                let unknown = || {
                    Failure::illegal(format!(
                        "SINSP_OPTION_OUTPUT_TIME: there is no form of times with the number {value}"
                    ))
                };
                let form = OUTPUT_TIMES.iter().find(|(form, _)| u64::from(*form) == value).ok_or_else(unknown)?.1;
                inspector.core_mut()?.view_mut().output_time = form;
            }
            o if o == Option::SINSP_OPTION_FAT_CAPTURES as u32 => inspector.core_mut()?.set_fat_captures(value != 0),
            o if o == Option::SINSP_OPTION_LARGE_ENVIRONMENTS as u32 => {
                inspector.core_mut()?.set_large_environments(value != 0);
            }
            unknown => {
                return Err(Failure::illegal(format!(
                    "sinsp_inspector_set_option: there is no option with the number {unknown}"
                )));
            }
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

fn narrow<T: TryFrom<u64>>(value: u64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| {
        Failure::illegal(format!("sinsp_inspector_set_option: the value {value} is too big for its option"))
    })
}

/// The forms of `SINSP_OPTION_OUTPUT_TIME`.
const OUTPUT_TIMES: [(u8, OutputTime); 5] = [
    (b'h', OutputTime::TimeOfDay),
    (b'a', OutputTime::Epoch),
    (b'r', OutputTime::SinceFirst),
    (b'd', OutputTime::SinceEnter),
    (b'D', OutputTime::SincePrevious),
];

/// The format of buffers with the number of `sinsp_evt::param_fmt`.
pub(crate) fn buffer_format(number: u64) -> Option<BufferFormat> {
    BUFFER_FORMATS.iter().find(|(known, _)| *known == number).map(|(_, format)| *format)
}

/// `sinsp_evt::param_fmt`; the JSON forms of a format show data as the plain one does.
const BUFFER_FORMATS: [(u64, BufferFormat); 12] = [
    (1, BufferFormat::Dots),
    (1 << 1, BufferFormat::Json),
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

/// Sets the filter: `sinsp_inspector_next` returns the events for which `program` holds; null removes the filter. The program may be freed
/// afterwards. A program of another inspector is an error.
///
/// # Safety
/// `inspector` and `program` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_filter(
    inspector: *mut sinsp_inspector,
    program: *const sinsp_program,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` and `program` are null or live.
        let (inspector, program) = unsafe { (borrow(inspector, "inspector")?, program.as_ref()) };
        let filter = program.map(|program| program.keep(inspector)).transpose()?;
        // The old filter may be running on this thread: its `Rc` frees it after its last use.
        let core = inspector.core_mut()?;
        let last = inspector.filter.replace(filter);
        drop(last);
        inspector.find_wants();
        drop(core);
        inspector.reselect()?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Starts or stops capturing one system call (a `PPM_SC_*` code) while the inspector is open.
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
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        if usize::from(sc) >= SCS.len() {
            return Err(Failure::illegal(format!("inexistent ppm_sc code: {sc}")));
        }
        inspector.core_mut()?.set_interesting(Sc(sc), interesting)?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Gives a CPU a ring buffer of `bytes` bytes, a power of two and a multiple of the page size, at most 1 GiB, while the inspector is open with the modern
/// BPF engine. Nothing changes where it has one of that size or more. The events in the rings keep their order and are not lost; after an error the CPU
/// has the ring that it had. To be called by the thread that calls `sinsp_inspector_next`: the rings are not read in the time that it takes, tens of
/// milliseconds, and 200 for 128 MiB, which the kernel clears.
///
/// # Safety
/// `inspector` must be null or live, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_grow_buffer(
    inspector: *mut sinsp_inspector,
    cpu: u32,
    bytes: u64,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `inspector` is null or live.
        let inspector = unsafe { borrow(inspector, "inspector")? };
        inspector.core_mut()?.grow_buffer(cpu, usize::try_from(bytes).unwrap_or(usize::MAX))?;
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// Sets where the root directory of the host is mounted: for users and groups from now on, for scans from the next open on. The default is
/// the environment variable HOST_ROOT.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_host_root(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: by `# Safety`, `path` is readable.
    let host_root = PathBuf::from(OsStr::from_bytes(unsafe { path.bytes() }));
    let act = |core: &mut Inspector| {
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { host_root, ..known });
        Ok(())
    };
    // SAFETY: this `# Safety` includes that of `on_core`.
    unsafe { on_core(inspector, None, error, act) }
}

/// Where the root directory of the host is mounted; empty if it is the program's root. Valid until it is set again.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_host_root(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: by `# Safety`, `inspector` is null or live.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core() {
        Ok(core) => sinsp_str::of(core.scan_options().host_root.as_os_str().as_bytes()),
        Err(_) => sinsp_str::EMPTY,
    })
}
