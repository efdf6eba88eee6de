//! The options of an inspector.

use crate::ffi::{Failure, borrow, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str};
use crate::filter::program::sinsp_program;
use crate::inspector::handle::{on_core, sinsp_inspector};
use driver::{SCS, Sc};
use sinsp_core::context::BufferFormat;
use sinsp_core::inspector::Inspector;
use sinsp_core::inspector::{ScanOptions, Setting};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

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
    /// Whether threads leave the table when they exit or are gone (0 or 1).
    SINSP_OPTION_PURGE = 11,
    /// How often an inspector of a running system looks for threads that are gone, in nanoseconds.
    SINSP_OPTION_PURGE_INTERVAL = 12,
    /// For how long a thread must have been quiet to be looked at then, in nanoseconds.
    SINSP_OPTION_THREAD_TIMEOUT = 13,
    /// Whether failed and pending connections are told apart from established ones (0 or 1).
    SINSP_OPTION_TRACK_CONNECTIONS = 14,
    /// The time of the last event, in nanoseconds since the epoch, as if one had happened then.
    SINSP_OPTION_LAST_EVENT_TIME = 15,
    /// When it was last looked for threads that are gone, in nanoseconds since the epoch.
    SINSP_OPTION_LAST_PURGE = 16,
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
    let body = move || {
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
            unknown => return Err(Failure::illegal(format!("unknown option {unknown}"))),
        }
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: the caller vouches for `error`.
    unsafe { guard_status(error, body) }
}

fn narrow<T: TryFrom<u64>>(value: u64) -> Result<T, Failure> {
    T::try_from(value).map_err(|_| Failure::illegal(format!("the value {value} is too big")))
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
    let body = move || {
        // SAFETY: the caller vouches for both.
        let (inspector, program) = unsafe { (borrow(inspector, "inspector")?, program.as_ref()) };
        let filter = program.map(|program| program.keep(inspector)).transpose()?;
        // The last one may be running: it ends with its last use.
        let _core = inspector.core_mut()?;
        let last = inspector.filter.replace(filter);
        drop(last);
        inspector.find_wants();
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
    let body = move || {
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

/// Says where the root directory of the host is mounted: users and groups are looked for there from now on, and the running system from the
/// next open on. At first it is what the environment variable HOST_ROOT says.
///
/// # Safety
/// `inspector` must be null or live, `path` readable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_set_host_root(
    inspector: *mut sinsp_inspector,
    path: sinsp_str,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: the caller vouches for it.
    let host_root = PathBuf::from(OsStr::from_bytes(unsafe { path.bytes() }));
    let act = |core: &mut Inspector| {
        let known = core.scan_options().clone();
        core.set_scan_options(ScanOptions { host_root, ..known });
        Ok(())
    };
    // SAFETY: passed on.
    unsafe { on_core(inspector, None, error, act) }
}

/// Where the root directory of the host is mounted, until it is set anew; empty where that is the program's.
///
/// # Safety
/// `inspector` must be null or live.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_inspector_host_root(inspector: *const sinsp_inspector) -> sinsp_str {
    // SAFETY: the caller vouches for it.
    let Some(inspector) = (unsafe { inspector.as_ref() }) else { return sinsp_str::EMPTY };
    guard_plain(sinsp_str::EMPTY, || match inspector.core() {
        Ok(core) => sinsp_str::of(core.scan_options().host_root.as_os_str().as_bytes()),
        Err(_) => sinsp_str::EMPTY,
    })
}
