//! Sets of event and system-call codes. A set is an array of bytes, one a code: 1 for in, 0 for out.

use crate::ffi::{Failure, entries, guard_plain, guard_status, sinsp_error, sinsp_status, sinsp_str, texts};
use driver::{EventType, SCS, Sc};
use sinsp_core::codes::{self, CodeSet, ScGroup};

/// Groups of system calls, by their use.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum sinsp_sc_group {
    /// Every call that has a name.
    SINSP_SC_ALL = 0,
    /// The calls that the state of threads and fds needs.
    SINSP_SC_STATE = 1,
    /// The calls that matter for security, with those of `SINSP_SC_STATE`.
    SINSP_SC_SIMPLE = 2,
    /// Reading and writing.
    SINSP_SC_IO = 3,
    /// Other use of fds.
    SINSP_SC_IO_OTHER = 4,
    /// Files.
    SINSP_SC_FILE = 5,
    /// The network.
    SINSP_SC_NET = 6,
    /// Processes.
    SINSP_SC_PROC = 7,
    /// Memory, signals and other things of the system.
    SINSP_SC_SYS = 8,
}

const GROUPS: [ScGroup; 9] = [
    ScGroup::All,
    ScGroup::State,
    ScGroup::Simple,
    ScGroup::Io,
    ScGroup::IoOther,
    ScGroup::File,
    ScGroup::Net,
    ScGroup::Process,
    ScGroup::System,
];

/// Writes a set to C's array, if that is not null.
///
/// # Safety
/// `out` must be null or point to `len` writable bytes.
pub(crate) unsafe fn fill(set: &CodeSet, out: *mut u8, len: usize) {
    if !out.is_null() {
        // SAFETY: not null, and by `# Safety` writable for `len` bytes.
        let out = unsafe { std::slice::from_raw_parts_mut(out, len) };
        for (code, slot) in out.iter_mut().enumerate() {
            *slot = u16::try_from(code).is_ok_and(|code| set.contains(code)) as u8;
        }
    }
}

/// Reads a set that C made.
///
/// # Safety
/// `set` must be null or point to `len` bytes.
pub(crate) unsafe fn read(set: *const u8, len: usize) -> CodeSet {
    // SAFETY: by `# Safety`, `set` is null or readable for `len` bytes.
    let set = unsafe { entries(set, len) };
    set.iter().zip(0..=u16::MAX).filter(|(bit, _)| **bit != 0).map(|(_, code)| code).collect()
}

/// Reads the system calls that a live capture is to report; `None`, which is all, if there is no set.
///
/// # Safety
/// `set` must be null or point to `len` bytes.
pub(crate) unsafe fn read_scs(set: *const u8, len: usize) -> Option<Vec<Sc>> {
    // SAFETY: by `# Safety`, `set` has `len` bytes.
    (!set.is_null()).then(|| unsafe { read(set, len) }.iter().map(Sc).collect())
}

/// The size of each ring of a live capture, in bytes; `None`, which is the default, for 0.
pub(crate) fn ring_bytes(bytes: u64) -> Result<Option<usize>, Failure> {
    let too_big = |_| Failure::illegal(format!("a ring buffer of {bytes} bytes is larger than the address space"));
    Ok((bytes != 0).then_some(usize::try_from(bytes).map_err(too_big)?))
}

/// The system calls of a group (`sinsp_sc_group`).
///
/// # Safety
/// `out` must be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_sc_group_set(
    group: u32,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    let body = move || {
        let unknown = || Failure::illegal(format!("there is no group of system calls with the number {group}"));
        let group = *GROUPS.get(group as usize).ok_or_else(unknown)?;
        // SAFETY: by `# Safety`, `out` is null or writable for `len` bytes.
        unsafe { fill(&codes::sc_group(group), out, len) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// # Safety
/// `out` must be null or point to `len` writable bytes, `error` be null or writable.
unsafe fn return_set(
    (out, len): (*mut u8, usize),
    error: *mut *mut sinsp_error,
    make: impl FnOnce() -> CodeSet,
) -> sinsp_status {
    let body = move || {
        // SAFETY: by `# Safety`, `out` is null or writable for `len` bytes.
        unsafe { fill(&make(), out, len) };
        Ok(sinsp_status::SINSP_SUCCESS)
    };
    // SAFETY: by `# Safety`, `error` is null or writable.
    unsafe { guard_status(error, body) }
}

/// The system calls that are needed for the state that the events of `set` refer to, with those of `set`.
///
/// # Safety
/// `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_sc_repair_state(
    set: *const u8,
    set_len: usize,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes those of `return_set` and of the function that reads the argument.
    unsafe { return_set((out, len), error, || codes::repair_state(&read(set, set_len))) }
}

/// The events that the system calls of `set` can make.
///
/// # Safety
/// `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_events_of_scs(
    set: *const u8,
    set_len: usize,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes those of `return_set` and of the function that reads the argument.
    unsafe { return_set((out, len), error, || codes::events_of_scs(&read(set, set_len))) }
}

/// The system calls that can make one of the events of `set`.
///
/// # Safety
/// `set` must be null or point to `set_len` bytes, `out` be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_scs_of_events(
    set: *const u8,
    set_len: usize,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes those of `return_set` and of the function that reads the argument.
    unsafe { return_set((out, len), error, || codes::scs_of_events(&read(set, set_len))) }
}

/// The events called `names`.
///
/// # Safety
/// `names` must be null or point to `count` readable texts, `out` be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_events_by_names(
    names: *const sinsp_str,
    count: usize,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes those of `return_set` and of the function that reads the argument.
    unsafe { return_set((out, len), error, || codes::events_by_names(texts(names, count))) }
}

/// The system calls whose events are called `names`.
///
/// # Safety
/// `names` must be null or point to `count` readable texts, `out` be null or point to `len` writable bytes, `error` be null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_scs_by_event_names(
    names: *const sinsp_str,
    count: usize,
    out: *mut u8,
    len: usize,
    error: *mut *mut sinsp_error,
) -> sinsp_status {
    // SAFETY: this `# Safety` includes those of `return_set` and of the function that reads the argument.
    unsafe { return_set((out, len), error, || codes::scs_by_event_names(texts(names, count))) }
}

/// The name of a system call or tracepoint, valid forever; empty if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_sc_name(sc: u16) -> sinsp_str {
    let name = guard_plain(None, || Sc(sc).info().and_then(|info| info.name));
    name.map_or(sinsp_str::EMPTY, |name| sinsp_str::of(name.as_bytes()))
}

/// The code of the system call called `name`; 0 if there is none.
///
/// # Safety
/// `name` must be readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sinsp_sc_by_name(name: sinsp_str) -> u16 {
    // SAFETY: by `# Safety`, `name` is readable.
    let name = unsafe { name.bytes() };
    guard_plain(None, || codes::sc_by_name(name)).map_or(0, |sc| sc.0)
}

/// One more than the highest code of a system call.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_sc_count() -> u32 {
    SCS.len() as u32
}

/// The name of an event, valid forever; empty for an unknown code.
#[unsafe(no_mangle)]
pub extern "C" fn sinsp_event_name(code: u16) -> sinsp_str {
    guard_plain(None, || EventType(code).info()).map_or(sinsp_str::EMPTY, |info| sinsp_str::of(info.name.as_bytes()))
}
