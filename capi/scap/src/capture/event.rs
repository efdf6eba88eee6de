//! Reading an event from C. An event that a capture gave is whole; one that a program made need not be, so nothing is read
//! beyond the length that it states.

use crate::types::ppm::{g_event_info, ppm_event_category, ppm_event_code, ppm_event_info};
use crate::types::scap::scap_sized_buffer;
use crate::types::scap_vtable::scap_evt;
use capi_common::guard;
use driver::{Category, EVENTS, EventType};
use scap_sys::Event;

/// A copy of an event's header.
///
/// # Safety
/// `e` is null or an event.
unsafe fn header(e: *const scap_evt) -> Option<scap_evt> {
    // SAFETY: as the caller promises; a header is packed, so that any address will do.
    (!e.is_null()).then(|| unsafe { e.read_unaligned() })
}

/// The event behind a pointer from C, if it holds together.
///
/// # Safety
/// `e` is null or points to as many bytes as the event's length says, which stay unchanged for `'a`.
pub(crate) unsafe fn event<'a>(e: *const scap_evt) -> Option<Event<'a>> {
    // SAFETY: as the caller promises.
    let bytes = unsafe { std::slice::from_raw_parts(e.cast::<u8>(), header(e)?.len as usize) };
    Event::new(bytes, 0, 0).ok()
}

/// The length of an event, in bytes.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_getlen(e: *mut scap_evt) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { header(e) }.map_or(0, |h| h.len)
}

/// The code of an event.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_type(e: *mut scap_evt) -> u16 {
    // SAFETY: as the caller promises.
    unsafe { header(e) }.map_or(0, |h| h.r#type)
}

/// When an event happened: nanoseconds since the epoch.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_ts(e: *mut scap_evt) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { header(e) }.map_or(0, |h| h.ts)
}

/// The thread that made an event.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_tid(e: *mut scap_evt) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { header(e) }.map_or(0, |h| h.tid)
}

/// How many parameters an event carries.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_get_nparams(e: *mut scap_evt) -> u32 {
    // SAFETY: as the caller promises.
    unsafe { header(e) }.map_or(0, |h| h.nparams)
}

/// The row of the event table for an event; null for a code that this version does not know.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_getinfo(e: *const scap_evt) -> *const ppm_event_info {
    // SAFETY: as the caller promises; the table is never written.
    let row = unsafe { header(e).and_then(|h| g_event_info.get(h.r#type as usize)) };
    row.map_or(std::ptr::null(), |row| row)
}

/// 1 if the lengths of an event's parameters take 32 bits each, else 0.
///
/// # Safety
/// `e` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_has_large_payload(e: *const scap_evt) -> u32 {
    // SAFETY: as the caller promises.
    let info = unsafe { header(e) }.and_then(|h| EventType(h.r#type).info());
    info.is_some_and(|i| i.flags.has(driver::EventFlags::LARGE_PAYLOAD)).into()
}

/// Writes where the parameters of an event are to `params`, which has room for `PPM_MAX_EVENT_PARAMS`. Answers how many there
/// are that the event table knows; 0 for an event that does not hold together.
///
/// # Safety
/// `e` is null or an event; `params` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn scap_event_decode_params(e: *const scap_evt, params: *mut scap_sized_buffer) -> u32 {
    if params.is_null() {
        return 0;
    }
    guard(
        |_| 0,
        || {
            // SAFETY: as the caller promises.
            let Some(event) = (unsafe { event(e) }) else { return 0 };
            let Some(info) = event.info() else { return 0 };
            let mut n = 0;
            for (i, value) in event.params().take(info.params.len()).enumerate() {
                // SAFETY: no event has more parameters than there is room for.
                unsafe { params.add(i).write(scap_sized_buffer { buf: value.as_ptr() as *mut _, size: value.len() }) };
                n += 1;
            }
            n
        },
    )
}

/// The event table, by code: `PPM_EVENT_MAX` rows.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_event_info_table() -> *const ppm_event_info {
    (&raw const g_event_info).cast()
}

fn category(ev: ppm_event_code) -> ppm_event_category {
    EVENTS.get(ev as usize).map_or(Category::UNKNOWN.0, |e| e.category.0)
}

/// What an event is about: its `EC_*` bits without those that say what it comes from. `EC_UNKNOWN` for an unknown code.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_syscall_category_from_event(ev: ppm_event_code) -> ppm_event_category {
    category(ev) & (Category::SYSCALL.0 - 1)
}

/// What an event comes from: `EC_SYSCALL`, `EC_TRACEPOINT`, `EC_PLUGIN`, `EC_METAEVENT` or `EC_ITER`. `EC_UNKNOWN` for an
/// unknown code.
#[unsafe(no_mangle)]
pub extern "C" fn scap_get_event_category_from_event(ev: ppm_event_code) -> ppm_event_category {
    category(ev) & !(Category::SYSCALL.0 - 1)
}
