//! Reads events for C. Events of a capture are complete; those that a program made may not be, so nothing is read beyond the length that
//! the header states.

use crate::types::engine::scap_evt;
use crate::types::ppm::{g_event_info, ppm_event_category, ppm_event_code, ppm_event_info};
use crate::types::scap::scap_sized_buffer;
use capi_common::guard;
use driver::{Category, EVENTS, EventType};
use scap_sys::Event;

/// A copy of an event's header; `None` for null.
///
/// # Safety
/// `e` is null or points to an event.
unsafe fn header(e: *const scap_evt) -> Option<scap_evt> {
    // SAFETY: not null, so it points to a header (# Safety), which is packed and needs no alignment.
    (!e.is_null()).then(|| unsafe { e.read_unaligned() })
}

/// The event behind a pointer from C; `None` if it is null or malformed.
///
/// # Safety
/// `e` is null or points to as many bytes as the event's length says, which stay unchanged for `'a`.
pub(crate) unsafe fn event<'a>(e: *const scap_evt) -> Option<Event<'a>> {
    // SAFETY: it points to `len` bytes, unchanged for `'a` (# Safety).
    let bytes = unsafe { std::slice::from_raw_parts(e.cast::<u8>(), header(e)?.len as usize) };
    Event::new(bytes, 0, 0).ok()
}

/// Returns the length of an event in bytes; 0 for null.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_getlen(e: *mut scap_evt) -> u32 {
    // SAFETY: null or an event for this call (# Safety).
    unsafe { header(e) }.map_or(0, |h| h.len)
}

/// Returns the code of an event; 0 for null.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_type(e: *mut scap_evt) -> u16 {
    // SAFETY: null or an event for this call (# Safety).
    unsafe { header(e) }.map_or(0, |h| h.r#type)
}

/// Returns the time of an event: nanoseconds since the epoch; 0 for null.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_ts(e: *mut scap_evt) -> u64 {
    // SAFETY: null or an event for this call (# Safety).
    unsafe { header(e) }.map_or(0, |h| h.ts)
}

/// Returns the tid of the thread that produced an event; 0 for null.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_tid(e: *mut scap_evt) -> u64 {
    // SAFETY: null or an event for this call (# Safety).
    unsafe { header(e) }.map_or(0, |h| h.tid)
}

/// Returns how many parameters an event has; 0 for null.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_nparams(e: *mut scap_evt) -> u32 {
    // SAFETY: null or an event for this call (# Safety).
    unsafe { header(e) }.map_or(0, |h| h.nparams)
}

/// Returns an event's row of the event table, which is static; null for an unknown code.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_getinfo(e: *const scap_evt) -> *const ppm_event_info {
    // SAFETY: null or an event for this call (# Safety); the table is constant and has PPM_EVENT_MAX rows.
    let row = unsafe { header(e).and_then(|h| g_event_info.get(h.r#type as usize)) };
    row.map_or(std::ptr::null(), |row| row)
}

/// Returns 1 if the lengths of an event's parameters take 32 bits each, else 0.
///
/// # Safety
/// `e` is null or points to an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_has_large_payload(e: *const scap_evt) -> u32 {
    // SAFETY: null or an event for this call (# Safety).
    let info = unsafe { header(e) }.and_then(|h| EventType(h.r#type).info());
    info.is_some_and(|i| i.flags.has(driver::EventFlags::LARGE_PAYLOAD)).into()
}

/// Writes the address and size of each parameter of an event to `params`, which has room for `PPM_MAX_EVENT_PARAMS`. Returns how
/// many were written: those that the event table has; 0 for a malformed event. The addresses point into the event.
///
/// # Safety
/// `e` is null or a complete event; `params` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_decode_params(e: *const scap_evt, params: *mut scap_sized_buffer) -> u32 {
    if params.is_null() {
        return 0;
    }
    guard(
        |_| 0,
        || {
            // SAFETY: null or a complete event for this call (# Safety).
            let Some(event) = (unsafe { event(e) }) else { return 0 };
            let Some(info) = event.info() else { return 0 };
            let mut n = 0;
            for (i, value) in event.params().take(info.params.len()).enumerate() {
                // SAFETY: `params` has PPM_MAX_EVENT_PARAMS entries (# Safety), the most that a row of the table has.
                unsafe { params.add(i).write(scap_sized_buffer { buf: value.as_ptr() as *mut _, size: value.len() }) };
                n += 1;
            }
            n
        },
    )
}

/// Returns the event table, by code: `PPM_EVENT_MAX` rows, static.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_event_info_table() -> *const ppm_event_info {
    (&raw const g_event_info).cast()
}

fn category(ev: ppm_event_code) -> ppm_event_category {
    EVENTS.get(ev as usize).map_or(Category::UNKNOWN.0, |e| e.category.0)
}

/// Returns the category of an event: its `EC_*` bits without those of its source. `EC_UNKNOWN` for an unknown code.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_syscall_category_from_event(ev: ppm_event_code) -> ppm_event_category {
    category(ev) & (Category::SYSCALL.0 - 1)
}

/// Returns the source of an event: `EC_SYSCALL`, `EC_TRACEPOINT`, `EC_PLUGIN`, `EC_METAEVENT` or `EC_ITER`. `EC_UNKNOWN` for an
/// unknown code.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_event_category_from_event(ev: ppm_event_code) -> ppm_event_category {
    category(ev) & !(Category::SYSCALL.0 - 1)
}
